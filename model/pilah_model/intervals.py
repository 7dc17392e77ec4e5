"""Figures and rates with their 95 % intervals, as every report of the model states them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SMALL = 30
"""A group of fewer posts is named as small wherever a figure of it is shown: its interval says little."""
_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return the figure as text."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def as_json(self) -> list[float | None]:
        """Return value, lower and upper end; None for what could not be measured."""
        return [number(self.value), number(self.low), number(self.high)]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many checks passed, with the 95 % Wilson interval of the rate."""

    passed: int
    checks: int

    @property
    def value(self) -> float:
        """Return the share, not a number without checks."""
        return self.passed / self.checks if self.checks else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Return the Wilson score interval (Wilson 1927)."""
        if self.checks == 0:
            return 0.0, 1.0
        z, n, p = 1.96, self.checks, self.passed / self.checks
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        """Return the rate as text."""
        low, high = self.interval
        return f"{self.passed}/{self.checks} = {self.passed / max(1, self.checks):.1%} [{low:.1%}, {high:.1%}]"

    def as_json(self) -> list[float | None]:
        """Return passed, checks, and the ends of the interval."""
        low, high = self.interval
        return [self.passed, self.checks, number(low), number(high)]


def rate(hits: npt.NDArray[np.bool_]) -> Rate:
    """Return how many of some yes-or-no answers are yes."""
    return Rate(int(hits.sum()), len(hits))


def mean(values: Sequence[float] | npt.NDArray[np.float64], seed: int = 0) -> Figure:
    """Return the mean of independent values with its percentile bootstrap interval; not a number without any."""
    array = np.asarray(values, dtype=np.float64)
    if len(array) == 0:
        return Figure(float("nan"), float("nan"), float("nan"))
    drawn = array[np.random.default_rng(seed).integers(0, len(array), (_ROUNDS, len(array)))].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(float(array.mean()), float(low), float(high))


def number(value: float) -> float | None:
    """Return a number to four digits as JSON has it: None where it is not one."""
    return None if math.isnan(value) else round(value, 4)
