"""The curves and tables behind the figures of one set of posts, as plain numbers that a report can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pilah_data.taxonomy import PARTISAN_OUTPUT, PREDICTED, PREDICTED_FORMS, Label
from pilah_model.decision import DecisionPolicy
from pilah_model.evaluation import Sample
from pilah_model.intervals import SMALL, number, rate

BINS = 15
PREVALENCES = (0.005, 0.02, 0.1)
"""Shares of partisan posts among all that an officer might bring in: far smaller than on a test set."""
_POINTS = 200
GOLD = (*(label.value for label in PREDICTED), Label.PERLU_KONTEKS.value)
"""The rows of the confusion matrix."""


def curves_of(s: Sample, policy: DecisionPolicy) -> dict[str, object]:
    """Return everything that is drawn of one set of posts."""
    return {
        "confusion": confusion(s),
        "precision_recall": precision_recall(s),
        "reliability": reliability(s),
        "risk_coverage": risk_coverage(s),
        "precision_at_prevalence": precision_at_prevalence(s, policy),
        "forms": form_rows(s),
    }


def confusion(s: Sample) -> list[list[int]]:
    """Return counts by gold label (rows, `perlu_konteks` last) and most probable label (columns)."""
    best = s.probabilities.argmax(1)
    rows = [s.gold == k for k in range(len(PREDICTED))] + [s.gold < 0]
    return [[int((row & (best == k)).sum()) for k in range(len(PREDICTED))] for row in rows]


def precision_recall(s: Sample) -> list[list[float]]:
    """Return points [recall, precision] of `partisan`, thinned out to some two hundred."""
    clear = s.gold >= 0
    gold, score = s.gold[clear] == PARTISAN_OUTPUT, s.probabilities[clear, PARTISAN_OUTPUT]
    if not gold.any():
        return []
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(gold[order])
    # Posts of one score can only be taken together.
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    points = np.stack([hits[last] / gold.sum(), hits[last] / (last + 1)], axis=1)
    return _thinned(points)


def reliability(s: Sample) -> list[dict[str, object]]:
    """Return, for each of 15 equal bins of the confidence that holds a post: posts, mean confidence, accuracy with its interval."""
    clear = s.gold >= 0
    best, confidence = s.probabilities[clear].argmax(1), s.probabilities[clear].max(1)
    right = best == s.gold[clear]
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows: list[dict[str, object]] = []
    for place in range(BINS):
        chosen = index == place
        if chosen.any():
            share = rate(right[chosen])
            rows.append(
                {
                    "from": round(place / BINS, 4),
                    "posts": share.checks,
                    "confidence": number(float(confidence[chosen].mean())),
                    "accuracy": number(share.value),
                    "interval": [number(end) for end in share.interval],
                }
            )
    return rows


def risk_coverage(s: Sample) -> list[list[float]]:
    """Return points [share of posts answered, share of wrong labels among them], most confident first."""
    clear = s.gold >= 0
    if not clear.any():
        return []
    confidence = s.probabilities[clear].max(1)
    wrong = (s.probabilities[clear].argmax(1) != s.gold[clear])[np.argsort(-confidence, kind="stable")]
    answered = np.arange(1, len(wrong) + 1)
    return _thinned(np.stack([answered / len(wrong), np.cumsum(wrong) / answered], axis=1))


def precision_at_prevalence(s: Sample, policy: DecisionPolicy) -> list[dict[str, object]]:
    """Return the precision of `tinjau` to expect where a smaller share of posts is partisan, with an interval.

    Recall and false-positive rate are those measured here, at the shipped threshold; the ends of the interval combine the ends of
    their Wilson intervals, so it is wider than 95 %. That both rates hold elsewhere is an assumption.
    """
    marked = s.probabilities[:, PARTISAN_OUTPUT].astype(np.float32) >= np.float32(policy.tinjau_from)
    recall = rate(marked[s.gold == PARTISAN_OUTPUT])
    false = rate(marked[(s.gold >= 0) & (s.gold != PARTISAN_OUTPUT)])
    rows: list[dict[str, object]] = []
    for share in PREVALENCES:
        value = _precision(recall.value, false.value, share)
        low = _precision(recall.interval[0], false.interval[1], share)
        high = _precision(recall.interval[1], false.interval[0], share)
        rows.append({"prevalence": share, "precision": number(value), "interval": [number(low), number(high)]})
    return rows


def form_rows(s: Sample) -> dict[str, dict[str, object]]:
    """Return precision, recall and F1 of each form on gold partisan posts, at probability 0.5, with the number of posts that have it."""
    partisan = s.gold == PARTISAN_OUTPUT
    gold, predicted = s.forms_gold[partisan], s.forms[partisan] >= 0.5
    return {code: _form(gold[:, k], predicted[:, k]) for k, code in enumerate(PREDICTED_FORMS)}


def _form(gold: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_]) -> dict[str, object]:
    precision, recall = rate(gold[predicted]), rate(predicted[gold])
    hits = float((gold & predicted).sum())
    f1 = 2 * hits / (gold.sum() + predicted.sum()) if gold.any() or predicted.any() else float("nan")
    return {
        "posts": int(gold.sum()),
        "small": int(gold.sum()) < SMALL,
        "precision": precision.as_json(),
        "recall": recall.as_json(),
        "f1": number(float(f1)),
    }


def _precision(recall: float, false: float, prevalence: float) -> float:
    found = recall * prevalence
    alarms = found + false * (1 - prevalence)
    return found / alarms if alarms > 0 else float("nan")


def _thinned(points: npt.NDArray[np.float64]) -> list[list[float]]:
    kept = np.unique(np.linspace(0, len(points) - 1, min(_POINTS, len(points))).round().astype(int))
    return [[round(float(a), 4), round(float(b), 4)] for a, b in points[kept]]


def points(rows: object) -> Sequence[tuple[float, float]]:
    """Return points read back from JSON as pairs."""
    return [(float(a), float(b)) for a, b in rows] if isinstance(rows, list) else []


def by_confidence(rows: Sequence[Mapping[str, object]]) -> Sequence[tuple[float, float]]:
    """Return the points (confidence, accuracy) of a reliability table."""
    return points([[row["confidence"], row["accuracy"]] for row in rows])
