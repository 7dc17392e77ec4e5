"""What can be counted of many posts without keeping any: scores, decisions, unknown words and unknown hashtags."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pilah_data.errors import DataError
from pilah_data.normalise import normalise_text
from pilah_data.taxonomy import PARTISAN_OUTPUT, Decision
from pilah_model.artefacts import ArtefactFiles
from pilah_model.decision import DecisionPolicy
from pilah_model.scoring import Encoded, Floats
from pilah_model.tokens import special_id

SCORE_BINS = 10
"""Equal bins of p(partisan), from 0 to 1."""
_HASHTAG = re.compile(r"#\w+")
_SPECIAL = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts over posts: by score bin, by decision, of words, word pieces, unknown pieces, hashtags and unknown hashtags."""

    posts: int
    scores: tuple[int, ...]
    decisions: dict[str, int]
    words: int
    pieces: int
    unknown_pieces: int
    hashtags: int
    unknown_hashtags: int

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        labels: Floats,
        encoded: Encoded,
        policy: DecisionPolicy,
        unknown: int,
        known: Collection[str],
    ) -> Profile:
        """Count posts: their calibrated label probabilities (n, 3), their token rows, the id of the unknown token, and known hashtags."""
        bins = np.minimum((labels[:, PARTISAN_OUTPUT] * SCORE_BINS).astype(int), SCORE_BINS - 1)
        decisions = Counter(policy.decide(row).value for row in labels)
        tags = [tag for text in texts for tag in hashtags(text)]
        rows = [np.asarray(row, dtype=np.int64) for row in encoded.rows]
        return cls(
            posts=len(texts),
            scores=tuple(int(n) for n in np.bincount(bins, minlength=SCORE_BINS)),
            decisions={decision.value: decisions[decision.value] for decision in Decision},
            words=sum(len(normalise_text(text).split()) for text in texts),
            # [CLS] and [SEP] of each row are no words; overlapping windows of long posts count twice.
            pieces=sum(len(row) - _SPECIAL for row in rows),
            unknown_pieces=sum(_count(row, unknown) for row in rows),
            hashtags=len(tags),
            unknown_hashtags=sum(tag not in known for tag in tags),
        )

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Profile:
        """Read counts back; raises KeyError, TypeError or ValueError for anything else."""
        counts = {name: int(body[name]) for name in cls.__slots__ if name not in ("scores", "decisions")}
        decisions = {decision.value: int(body["decisions"][decision.value]) for decision in Decision}
        scores = tuple(map(int, body["scores"]))
        if len(scores) != SCORE_BINS:
            raise ValueError(f"{len(scores)} score bins instead of {SCORE_BINS}")
        return cls(scores=scores, decisions=decisions, **counts)

    @classmethod
    def of_artefact(cls, folder: Path) -> Profile | None:
        """Read what an artefact counted of its calibration posts; None for one without, DataError for damaged counts."""
        path = ArtefactFiles(folder).path(ArtefactFiles(folder).reference)
        if not path.is_file():
            return None
        try:
            return cls.from_json(json.loads(path.read_text(encoding="utf-8"))["profile"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"no reference ({error}); export the model again", file=str(path)) from error

    def below(self, threshold: float) -> float:
        """Estimate how many posts score under a threshold in [0, 1]: exact at the edges of bins, evenly spread within one."""
        place = threshold * SCORE_BINS
        whole = min(int(place), SCORE_BINS - 1)
        return sum(self.scores[:whole]) + (place - whole) * self.scores[whole]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return asdict(self)

    @property
    def unknown_rate(self) -> float:
        """Return the share of pieces that the vocabulary does not know."""
        return self.unknown_pieces / max(1, self.pieces)

    @property
    def pieces_per_word(self) -> float:
        """Return into how many pieces a word falls; the more, the less the vocabulary knows of it."""
        return self.pieces / max(1, self.words)

    @property
    def unknown_hashtag_rate(self) -> float:
        """Return the share of hashtags that no training post has."""
        return self.unknown_hashtags / max(1, self.hashtags)


def hashtags(text: str) -> list[str]:
    """Return the hashtags of a text, each as 8 hex digits of a hash of its letters in small: enough to know it again."""
    return [hashlib.blake2b(tag.lower().encode(), digest_size=4).hexdigest() for tag in _HASHTAG.findall(text)]


def known_hashtags(texts: Iterable[str]) -> list[str]:
    """Return the distinct hashtags of texts, hashed and sorted."""
    return sorted({tag for text in texts for tag in hashtags(text)})


def unknown_id(tokenizer: Path) -> int:
    """Return the id of the unknown token of a tokenizer file that is known to be whole; raises DataError when it has none."""
    return special_id(Tokenizer.from_file(str(tokenizer)), "[UNK]")


def _count(row: npt.NDArray[np.int64], value: int) -> int:
    return int((row == value).sum())
