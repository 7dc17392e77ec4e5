"""From labels to what the losses compare with: soft label targets, form targets with a mask, directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pilah_data.records import Example
from pilah_data.taxonomy import DIRECTIONS_IN_ORDER, PREDICTED, PREDICTED_FORMS, Label


@dataclass(frozen=True)
class Targets:
    """Targets by post: labels (n, 3) distributions, forms (n, 10) with form_mask (n,), directions (n,) with -1 for none."""

    labels: npt.NDArray[np.float32]
    forms: npt.NDArray[np.float32]
    form_mask: npt.NDArray[np.float32]
    directions: npt.NDArray[np.int64]


def make_targets(examples: Sequence[Example], ambiguous: tuple[float, float, float], smoothing: float = 0.0) -> Targets:
    """Return targets; `ambiguous` is the distribution of `perlu_konteks`, forms count where they were judged."""
    n = len(examples)
    labels = np.zeros((n, len(PREDICTED)), dtype=np.float32)
    forms = np.zeros((n, len(PREDICTED_FORMS)), dtype=np.float32)
    form_mask = np.zeros(n, dtype=np.float32)
    directions = np.full(n, -1, dtype=np.int64)
    for i, example in enumerate(examples):
        if example.label is Label.PERLU_KONTEKS:
            labels[i] = ambiguous
        else:
            labels[i] = smoothing / len(PREDICTED)
            labels[i, PREDICTED.index(example.label)] += 1.0 - smoothing
        # Lawful posts have no form; for ambiguous ones the form is open, so it is not learnt.
        form_mask[i] = float(example.label is not Label.PERLU_KONTEKS)
        for code in example.forms:
            forms[i, PREDICTED_FORMS.index(code)] = 1.0
        if example.label is Label.PARTISAN and example.direction is not None:
            directions[i] = DIRECTIONS_IN_ORDER.index(example.direction)
    return Targets(labels, forms, form_mask, directions)
