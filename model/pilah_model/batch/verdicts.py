"""A judgement as one line of JSON: what a worker sends, what a shard on disk holds, what the output is written from.

Nothing is rounded, so that an output written from lines is the one that would have been written from judgements.
"""

from __future__ import annotations

import json

from pilah_data.taxonomy import PREDICTED, Decision, Direction, Label
from pilah_model.judgement import Evidence, FormScore, Judgement, ModelInfo

# Calling an enumeration is slow beside all else that is done for a row.
_LABELS = {label.value: label for label in Label}
_DECISIONS = {decision.value: decision for decision in Decision}
_DIRECTIONS: dict[str | None, Direction | None] = {None: None, **{one.value: one for one in Direction}}


def as_line(judgement: Judgement) -> str:
    """Return a judgement without its id and model as one line, without the line end."""
    j = judgement
    return json.dumps(
        [
            j.label.value,
            [j.probabilities[label] for label in PREDICTED],
            j.decision.value,
            [[f.code, f.probability] for f in j.forms],
            j.direction.value if j.direction else None,
            None if j.evidence is None else [[e.start, e.end, e.text, e.weight] for e in j.evidence],
            j.truncated,
        ],
        separators=(",", ":"),
    )


def of_line(line: str, model: ModelInfo) -> Judgement:
    """Return the judgement of a line; raises ValueError, KeyError or TypeError for one that `as_line` did not write."""
    label, probabilities, decision, forms, direction, evidence, truncated = json.loads(line)
    return Judgement(
        id=None,
        label=_LABELS[label],
        probabilities=dict(zip(PREDICTED, probabilities, strict=True)),
        decision=_DECISIONS[decision],
        model=model,
        forms=tuple(FormScore(code, probability) for code, probability in forms),
        direction=_DIRECTIONS[direction],
        evidence=None if evidence is None else tuple(Evidence(*span) for span in evidence),
        truncated=truncated,
    )
