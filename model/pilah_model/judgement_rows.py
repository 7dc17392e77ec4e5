"""A judgement as a list of plain JSON values, by which processes hand it on. Nothing is rounded: what arrives is what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilah_data.taxonomy import PREDICTED, Decision, Direction, Label
from pilah_model.judgement import Evidence, FormScore, Judgement, ModelInfo

# Calling an enumeration is slow beside all else that is done for a row.
_LABELS = {label.value: label for label in Label}
_DECISIONS = {decision.value: decision for decision in Decision}
_DIRECTIONS: dict[str | None, Direction | None] = {None: None, **{one.value: one for one in Direction}}


def as_row(judgement: Judgement) -> list[object]:
    """Return a judgement without what whoever asked knows: its id and model, and without tokens and thresholds."""
    j = judgement
    return [
        j.label.value,
        [j.probabilities[label] for label in PREDICTED],
        j.decision.value,
        [[f.code, f.probability] for f in j.forms],
        j.direction.value if j.direction else None,
        None if j.evidence is None else [[e.start, e.end, e.text, e.weight] for e in j.evidence],
        j.truncated,
    ]


def of_row(
    row: list[Any],
    model: ModelInfo,
    *,
    id: str | None = None,  # noqa: A002 - the field's own name
    tokens: int = 0,
    thresholds: Mapping[str, float] | None = None,
) -> Judgement:
    """Return the judgement of a row; raises ValueError, KeyError or TypeError for one that `as_row` did not make."""
    label, probabilities, decision, forms, direction, evidence, truncated = row
    return Judgement(
        id=id,
        label=_LABELS[label],
        probabilities=dict(zip(PREDICTED, probabilities, strict=True)),
        decision=_DECISIONS[decision],
        model=model,
        forms=tuple(FormScore(code, probability) for code, probability in forms),
        direction=_DIRECTIONS[direction],
        evidence=None if evidence is None else tuple(Evidence(*span) for span in evidence),
        truncated=truncated,
        tokens=tokens,
        thresholds={} if thresholds is None else dict(thresholds),
    )
