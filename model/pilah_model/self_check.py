"""The start-up self-check: whether a graph says on this processor what the engine of record said of a few invented sentences.

int8 products round, and some saturate, differently on other processors; the parity report of the machine that exported a model is no
promise for this one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pilah_data.errors import DataError
from pilah_data.records import AuthoredPost
from pilah_data.taxonomy import PREDICTED
from pilah_model.calibration import Calibration
from pilah_model.scoring import Scorer, score

MOST_GAP = 0.05
"""The largest difference of a label's probability that is put down to rounding."""
_TEXTS = 12
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class CheckSample:
    """Sentences written for this project, and the calibrated label probabilities (n, 3) that fp32 gave them at export."""

    texts: tuple[str, ...]
    labels: tuple[tuple[float, ...], ...]

    @classmethod
    def made(cls, posts: Sequence[AuthoredPost], scorer: Scorer, calibration: Calibration) -> CheckSample:
        """Choose short validation posts, the same ones whatever their number, and score them with the engine of record."""
        short = [post for post in posts if post.split == "validation" and len(post.text) <= _LONGEST]
        chosen = sorted(short, key=lambda post: hashlib.sha256(post.id.encode()).digest())[:_TEXTS]
        texts = tuple(post.text for post in chosen)
        rows = calibration(score(scorer, texts)[0]).labels if texts else ()
        return cls(texts, tuple(tuple(round(float(p), 5) for p in row) for row in rows))

    @classmethod
    def read(cls, path: Path) -> CheckSample:
        """Read a sample; raises DataError when it is damaged."""
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            sample = cls(tuple(map(str, body["texts"])), tuple(tuple(map(float, row)) for row in body["labels"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"no sample to check an engine with ({error}); export the model again", file=str(path)
            ) from error
        if len(sample.texts) != len(sample.labels) or any(len(row) != len(PREDICTED) for row in sample.labels):
            raise DataError("texts and probabilities do not fit together; export the model again", file=str(path))
        return sample

    def write(self, path: Path) -> None:
        """Write the sample as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def gap(self, scorer: Scorer, calibration: Calibration) -> float:
        """Return the largest difference of a probability between this engine, here, and the recorded one; 0 without texts."""
        if not self.texts:
            return 0.0
        here = calibration(score(scorer, self.texts)[0]).labels
        return float(np.abs(here - np.asarray(self.labels, dtype=np.float32)).max())
