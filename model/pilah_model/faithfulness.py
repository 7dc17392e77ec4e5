"""Measures evidence spans: against those that people marked, and by what the score does without them and with them alone.

Comprehensiveness is p(partisan) of the text minus that of the text without its evidence (high is good), sufficiency the same minus that
of the evidence alone (low is good); both are compared with random spans of as many words (ERASER, DeYoung et al. 2020).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pilah_data.records import Example
from pilah_data.taxonomy import Decision, Label
from pilah_model.classifier import Classifier
from pilah_model.explanation import without
from pilah_model.intervals import Figure, mean
from pilah_model.judgement import Post

SAMPLE = 300
_RANDOM = 5
"""Random choices per post that its evidence is compared with."""
_WORD = re.compile(r"\S+")
Words = frozenset[int]


@dataclass(frozen=True)
class Faithfulness:
    """Figures over the posts of the sample that the model does not pass, for those carry evidence; `asked` counts the sample."""

    asked: int
    explained: int
    token_f1: Figure
    random_token_f1: Figure
    comprehensiveness: Figure
    sufficiency: Figure
    more_comprehensive: Figure
    more_sufficient: Figure
    share_of_words: Figure

    @property
    def faithful(self) -> bool:
        """Say whether evidence beats random spans in both respects, beyond chance."""
        return self.more_comprehensive.low > 0 and self.more_sufficient.low > 0

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        figures = {name: getattr(self, name).as_json() for name in _TITLES}
        return {"asked": self.asked, "explained": self.explained, "faithful": self.faithful, **figures}


_TITLES = {
    "token_f1": "token F1 against marked evidence",
    "random_token_f1": "token F1 of random spans",
    "comprehensiveness": "comprehensiveness",
    "more_comprehensive": "comprehensiveness ahead of random spans",
    "sufficiency": "sufficiency (low is good)",
    "more_sufficient": "sufficiency ahead of random spans",
    "share_of_words": "share of the words shown",
}


def measure_faithfulness(
    classifier: Classifier, examples: Sequence[Example], log: Callable[[str], None], size: int = SAMPLE
) -> Faithfulness:
    """Explain a fixed sample of the partisan posts with marked evidence; figures are not numbers where there is none."""
    sample = fixed_sample([e for e in examples if e.label is Label.PARTISAN and e.evidence], size)
    log(f"evidence: {len(sample)} posts, each beside {_RANDOM} random choices of as many words")
    judged = classifier.classify([Post(e.text) for e in sample], explain=True)
    rows = [
        _measured(classifier, example, [(e.start, e.end) for e in j.evidence])
        for example, j in zip(sample, judged, strict=True)
        if j.decision is not Decision.LOLOS and j.evidence
    ]
    columns = np.asarray(rows, dtype=np.float64).reshape(-1, 7).T
    return Faithfulness(len(sample), len(rows), *(mean(column) for column in columns))


def fixed_sample(examples: Sequence[Example], size: int) -> list[Example]:
    """Return at most `size` examples, chosen by the hash of their ids: the same ones however many others there are."""
    return sorted(examples, key=lambda e: hashlib.sha256(e.id.encode()).digest())[:size]


def as_text(found: Faithfulness) -> list[str]:
    """Return the figures as lines for a terminal."""
    lines = [f"evidence of {found.explained} posts ({found.asked} asked, the others pass; 95 % intervals)"]
    return lines + [f"  {title:42}{getattr(found, name)}" for name, title in _TITLES.items()]


def _measured(classifier: Classifier, example: Example, spans: Sequence[tuple[int, int]]) -> tuple[float, ...]:
    words = [match.span() for match in _WORD.finditer(example.text)]
    shown, marked = words_of(words, spans), words_of(words, example.evidence)
    rng = random.Random(example.id)
    others = [_random_words(words, spans, rng) for _ in range(_RANDOM)]
    whole, without_evidence, alone, *rest = _scores(classifier, example.text, words, [shown, *others])
    random_without, random_alone = np.mean(rest[0::2]), np.mean(rest[1::2])
    return (
        token_f1(shown, marked),
        float(np.mean([token_f1(other, marked) for other in others])),
        whole - without_evidence,
        whole - alone,
        float(random_without) - without_evidence,
        alone - float(random_alone),
        len(shown) / len(words),
    )


def _scores(
    classifier: Classifier, text: str, words: Sequence[tuple[int, int]], choices: Sequence[Words]
) -> npt.NDArray[np.float64]:
    """Return p(partisan) of the text, then of the text without and with alone each choice of words."""
    texts = [text]
    for chosen in choices:
        texts.append(without(text, [words[i] for i in chosen]))
        texts.append(" ".join(text[slice(*words[i])] for i in sorted(chosen)))
    return classifier.partisan(texts)


def words_of(words: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> Words:
    """Return the places of the words that the spans touch."""
    return frozenset(i for i, (s, e) in enumerate(words) if any(s < end and start < e for start, end in spans))


def token_f1(shown: Words, marked: Words) -> float:
    """Return the F1 of the words shown against the words marked."""
    return 2 * len(shown & marked) / (len(shown) + len(marked)) if shown or marked else 0.0


def _random_words(words: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]], rng: random.Random) -> Words:
    """Return random runs of words, as many and as long as the spans; where they overlap, further words make up the number."""
    lengths = [len(words_of(words, [span])) for span in spans]
    chosen: set[int] = set()
    for length in lengths:
        start = rng.randrange(len(words) - length + 1)
        chosen.update(range(start, start + length))
    left = [i for i in range(len(words)) if i not in chosen]
    missing = len(words_of(words, spans)) - len(chosen)
    return frozenset(chosen | set(rng.sample(left, missing))) if missing > 0 else frozenset(chosen)
