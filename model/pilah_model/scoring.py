"""The `Scorer` protocol: from texts to a matrix of raw scores, in three seams, pre / core / post.

`pre` reads texts (normalise, tokenise), `core` computes (the only slow part), `post` brings the rows back to one per text.
Encoder, baseline and test stub obey the same contract test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pilah_data.taxonomy import DIRECTIONS_IN_ORDER, PARTISAN_OUTPUT, PREDICTED, PREDICTED_FORMS

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """What `pre` makes of texts: rows to compute, the text each row belongs to, and what was cut."""

    rows: Sequence[Sequence[int]] | Sequence[str]
    owner: npt.NDArray[np.int64]
    tokens: npt.NDArray[np.int64]
    truncated: npt.NDArray[np.bool_]

    @property
    def texts(self) -> int:
        """Return the number of texts."""
        return len(self.tokens)


@dataclass(frozen=True, slots=True)
class Scores:
    """Logits by row: labels (n, 3), forms (n, 10), directions (n, 3)."""

    labels: Floats
    forms: Floats
    directions: Floats

    @classmethod
    def empty(cls, rows: int) -> Scores:
        """Return room for `rows` rows."""
        sizes = (len(PREDICTED), len(PREDICTED_FORMS), len(DIRECTIONS_IN_ORDER))
        return cls(*(np.zeros((rows, size), dtype=np.float32) for size in sizes))

    def take(self, rows: npt.NDArray[np.int64]) -> Scores:
        """Return the chosen rows."""
        return Scores(self.labels[rows], self.forms[rows], self.directions[rows])

    def put(self, rows: npt.NDArray[np.int64], part: Scores) -> None:
        """Write a part into the given rows."""
        self.labels[rows], self.forms[rows], self.directions[rows] = part.labels, part.forms, part.directions


class Scorer(Protocol):
    """Turns texts into raw scores; knows nothing of thresholds, calibration or evidence."""

    @property
    def engine(self) -> str:
        """Name the engine, as records keep it."""

    def pre(self, texts: Sequence[str]) -> Encoded:
        """Normalise and tokenise texts; a text may become several rows."""

    def core(self, encoded: Encoded) -> Scores:
        """Compute one row of scores for every encoded row."""

    def post(self, encoded: Encoded, scores: Scores) -> Scores:
        """Bring the rows back to one per text, in the order of the texts."""


def score(scorer: Scorer, texts: Sequence[str]) -> tuple[Scores, Encoded]:
    """Run the three seams over texts; the scores have one row per text."""
    encoded = scorer.pre(texts)
    return scorer.post(encoded, scorer.core(encoded)), encoded


def strongest_rows(encoded: Encoded, scores: Scores) -> Scores:
    """Reduce several rows of a text to the one that looks most partisan: a long post is read whole, not averaged away."""
    if len(encoded.owner) == encoded.texts:
        return scores
    rest = np.delete(scores.labels, PARTISAN_OUTPUT, axis=1)
    lean = scores.labels[:, PARTISAN_OUTPUT] - np.logaddexp.reduce(rest, axis=1)
    order = np.lexsort((-lean, encoded.owner))
    first = order[np.unique(encoded.owner[order], return_index=True)[1]]
    return scores.take(first.astype(np.int64))
