"""Thresholds and the review band: from calibrated probabilities to a proposal; no torch, no ONNX."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from pilah_data.errors import InputError
from pilah_data.taxonomy import (
    DIRECTIONS_IN_ORDER,
    PARTISAN_OUTPUT,
    PREDICTED,
    PREDICTED_FORMS,
    Decision,
    Direction,
    Label,
)
from pilah_model.judgement import FormScore
from pilah_model.scoring import Floats

HIGHEST_PASS = round(1 / len(PREDICTED), 4)
"""The highest `lolos_below`: under it a post whose most probable label is partisan never passes."""
LOWEST_REVIEW = 0.5
"""The lowest `tinjau_from`: from it on a post with another most probable label is never sent to review."""


@dataclass(frozen=True, slots=True)
class DecisionPolicy:
    """Thresholds on the calibrated partisan probability, chosen by risk control on calibration data.

    Below `lolos_below` a post passes; from `tinjau_from` on it goes to review; between them the model abstains.
    `promise` states the error that the calibration data bound, in words.
    """

    lolos_below: float
    tinjau_from: float
    form_from: float = 0.5
    promise: str = ""

    def __post_init__(self) -> None:
        """Refuse thresholds that are not ordered probabilities."""
        if not 0.0 < self.lolos_below <= self.tinjau_from <= 1.0:
            raise InputError(
                f"thresholds must satisfy 0 < lolos_below ({self.lolos_below}) <= tinjau_from ({self.tinjau_from}) <= 1"
            )

    def decide(self, probabilities: Floats) -> Decision:
        """Return the decision for one row of label probabilities."""
        return self.decide_share(float(probabilities[PARTISAN_OUTPUT]))

    def decide_share(self, partisan: float) -> Decision:
        """Return the decision for a calibrated partisan probability."""
        if partisan < self.lolos_below:
            return Decision.LOLOS
        return Decision.TINJAU if partisan >= self.tinjau_from else Decision.BUTUH_KONTEKS

    @property
    def thresholds(self) -> dict[str, float]:
        """Return the two thresholds by name, as every judgement records them."""
        return {"lolos_below": self.lolos_below, "tinjau_from": self.tinjau_from}

    def label(self, probabilities: Floats) -> Label:
        """Return the most probable label."""
        return PREDICTED[int(np.argmax(probabilities))]

    def forms(self, probabilities: Floats) -> tuple[FormScore, ...]:
        """Return the forms at or above the form threshold, most probable first; the best one when none reaches it."""
        order = np.argsort(-probabilities, kind="stable")
        chosen = [i for i in order if probabilities[i] >= self.form_from] or [order[0]]
        return tuple(FormScore(PREDICTED_FORMS[i], float(probabilities[i])) for i in chosen)

    def direction(self, probabilities: Floats) -> Direction:
        """Return the most probable direction."""
        return DIRECTIONS_IN_ORDER[int(np.argmax(probabilities))]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return asdict(self)
