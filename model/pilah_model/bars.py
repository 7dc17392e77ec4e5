"""What a figure must reach before a model may ship: one line per demand, met or not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pilah_model.intervals import Figure

PARITY_GAP, PARITY_SHARE, PARITY_CHANGES = 0.02, 0.99, 0.005
"""What int8 must keep to be the default: how far a probability may lie from that of fp32 for this share of the posts, and the
share of labels, and of decisions, that may change."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured value and the limit that it must not exceed (`at_most`) or not fall below."""

    name: str
    value: float
    limit: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Say whether the demand is met; what could not be measured is not."""
        if math.isnan(self.value):
            return False
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def __str__(self) -> str:
        """Return the line as text."""
        sign = "≤" if self.at_most else "≥"
        return f"{'met' if self.holds else 'NOT met'}: {self.name} {self.value:.4f} ({sign} {self.limit:g})"

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        value = None if math.isnan(self.value) else round(self.value, 4)
        return {"name": self.name, "value": value, "limit": self.limit, "at_most": self.at_most, "holds": self.holds}


def failed(bars: Iterable[Bar]) -> list[Bar]:
    """Return the demands that are not met."""
    return [bar for bar in bars if not bar.holds]


_OPEN_TEST: Mapping[str, tuple[str, float, bool]] = {
    "partisan_f1": ("F1 of partisan", 0.85, False),
    "partisan_pr_auc": ("area under precision-recall, partisan", 0.92, False),
    "macro_f1": ("macro-F1, three labels", 0.82, False),
    "tinjau_of_neutral": ("neutral political posts marked tinjau", 0.02, True),
    "not_tinjau_of_ambiguous": ("ambiguous posts not marked tinjau", 0.85, False),
    "ece": ("expected calibration error", 0.03, True),
    "coverage_at_95": ("coverage at 95 % selective accuracy", 0.70, False),
    "forms_macro_f1": ("macro-F1 of the forms", 0.60, False),
}


def open_test_bars(figures: Mapping[str, Figure]) -> list[Bar]:
    """Return what a model must show on the public test posts, as far as it was measured."""
    return [
        Bar(name, figures[key].value, limit, at_most)
        for key, (name, limit, at_most) in _OPEN_TEST.items()
        if key in figures
    ]
