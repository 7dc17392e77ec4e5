"""Turns raw scores into calibrated probabilities: one temperature per head (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from pilah_model.scoring import Floats, Scores


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Calibrated probabilities by text: labels (n, 3) and directions (n, 3) sum to 1 by row, forms (n, 10) stand alone."""

    labels: Floats
    forms: Floats
    directions: Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperatures above 0, fitted on validation posts; 1 leaves a head as it is."""

    labels: float = 1.0
    forms: float = 1.0
    directions: float = 1.0

    def __call__(self, scores: Scores) -> Probabilities:
        """Calibrate raw scores."""
        return Probabilities(
            softmax(scores.labels / self.labels),
            sigmoid(scores.forms / self.forms),
            softmax(scores.directions / self.directions),
        )

    def as_json(self) -> dict[str, float]:
        """Return plain JSON values."""
        return asdict(self)


def softmax(logits: Floats) -> Floats:
    """Return row-wise softmax."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def sigmoid(logits: Floats) -> Floats:
    """Return the logistic function of each element."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0))), dtype=np.float32)


def fit_temperature(logits: Floats, targets: npt.NDArray[np.float32]) -> float:
    """Return the temperature in [0.2, 10] with the least cross-entropy against target distributions, shape (n, classes); 1 without any."""
    if len(logits) == 0:
        return 1.0
    grid = np.geomspace(0.2, 10.0, 241)
    losses = []
    for temperature in grid:
        log_p = np.log(np.clip(softmax(logits / np.float32(temperature)), 1e-9, 1.0))
        losses.append(float(-(targets * log_p).sum(axis=1).mean()))
    return float(grid[int(np.argmin(losses))])


def fit_binary_temperature(logits: Floats, targets: npt.NDArray[np.float32]) -> float:
    """Return the temperature in [0.2, 10] with the least binary cross-entropy, for independent outputs; 1 without any."""
    if len(logits) == 0:
        return 1.0
    grid = np.geomspace(0.2, 10.0, 241)
    losses = []
    for temperature in grid:
        p = np.clip(sigmoid(logits / np.float32(temperature)), 1e-7, 1 - 1e-7)
        losses.append(float(-(targets * np.log(p) + (1 - targets) * np.log(1 - p)).mean()))
    return float(grid[int(np.argmin(losses))])


def expected_calibration_error(
    confidence: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_], bins: int = 15
) -> float:
    """Return the mean gap between confidence and accuracy over equal-width bins (Naeini et al. 2015)."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for b in range(bins):
        chosen = index == b
        if chosen.any():
            gap += chosen.mean() * abs(confidence[chosen].mean() - correct[chosen].mean())
    return float(gap)
