"""Measures a scorer on labelled posts: figures with 95 % bootstrap intervals, several scorers side by side.

Three-label figures leave gold `perlu_konteks` out; that group is measured by how often the policy abstains or passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pilah_data.records import Example
from pilah_data.taxonomy import PARTISAN_OUTPUT, PREDICTED, PREDICTED_FORMS, Decision, Label
from pilah_model.calibration import Probabilities, expected_calibration_error
from pilah_model.decision import DecisionPolicy
from pilah_model.intervals import Figure

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_NEUTRAL = PREDICTED.index(Label.POLITIK_NETRAL)


@dataclass(frozen=True)
class Sample:
    """Gold classes (-1 for `perlu_konteks`) and predicted probabilities of the same posts."""

    gold: Ints
    probabilities: Floats
    forms_gold: npt.NDArray[np.bool_]
    forms: Floats

    def at(self, rows: Ints) -> Sample:
        """Return the chosen posts."""
        return Sample(self.gold[rows], self.probabilities[rows], self.forms_gold[rows], self.forms[rows])


def sample(examples: Sequence[Example], probabilities: Probabilities) -> Sample:
    """Bring gold labels and predictions together."""
    gold = np.asarray(
        [-1 if e.label is Label.PERLU_KONTEKS else PREDICTED.index(e.label) for e in examples], dtype=np.int64
    )
    forms = np.asarray([[code in e.forms for code in PREDICTED_FORMS] for e in examples], dtype=np.bool_).reshape(
        -1, len(PREDICTED_FORMS)
    )
    return Sample(gold, probabilities.labels.astype(np.float64), forms, probabilities.forms.astype(np.float64))


def f1(gold: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_]) -> float:
    """Return the F1 of a binary prediction, 0 where nothing was gold or predicted."""
    hits = float((gold & predicted).sum())
    return 2 * hits / max(1.0, float(gold.sum() + predicted.sum()))


def macro_f1(s: Sample) -> float:
    """Return the mean F1 over the three labels."""
    clear = s.gold >= 0
    best = s.probabilities.argmax(1)
    return float(np.mean([f1(s.gold[clear] == k, best[clear] == k) for k in range(len(PREDICTED))]))


def partisan_f1(s: Sample) -> float:
    """Return the F1 of `partisan` as the most probable label."""
    clear = s.gold >= 0
    return f1(s.gold[clear] == PARTISAN_OUTPUT, s.probabilities[clear].argmax(1) == PARTISAN_OUTPUT)


def average_precision(s: Sample) -> float:
    """Return the area under the precision-recall curve of `partisan` (average precision)."""
    clear = s.gold >= 0
    gold, score = s.gold[clear] == PARTISAN_OUTPUT, s.probabilities[clear, PARTISAN_OUTPUT]
    order = np.argsort(-score, kind="stable")
    hits = gold[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean()) if hits.any() else 0.0


def calibration_error(s: Sample) -> float:
    """Return the expected calibration error of the most probable label, 15 bins."""
    clear = s.gold >= 0
    best = s.probabilities[clear].argmax(1)
    return expected_calibration_error(s.probabilities[clear].max(1), best == s.gold[clear])


def forms_macro_f1(s: Sample) -> float:
    """Return the mean F1 over the forms that occur, on gold partisan posts, at probability 0.5."""
    partisan = s.gold == PARTISAN_OUTPUT
    gold, predicted = s.forms_gold[partisan], s.forms[partisan] >= 0.5
    present = [k for k in range(len(PREDICTED_FORMS)) if gold[:, k].any()]
    return float(np.mean([f1(gold[:, k], predicted[:, k]) for k in present])) if present else 0.0


def selective_coverage(s: Sample, precision: float = 0.95) -> float:
    """Return the largest share of posts that can be answered, most confident first, with the given accuracy (Geifman and El-Yaniv 2017)."""
    clear = s.gold >= 0
    confidence = s.probabilities[clear].max(1)
    right = (s.probabilities[clear].argmax(1) == s.gold[clear])[np.argsort(-confidence, kind="stable")]
    accuracy = np.cumsum(right) / np.arange(1, len(right) + 1)
    good = np.flatnonzero(accuracy >= precision)
    return float((good[-1] + 1) / len(right)) if len(good) else 0.0


METRICS: Mapping[str, Callable[[Sample], float]] = {
    "macro_f1": macro_f1,
    "partisan_f1": partisan_f1,
    "partisan_pr_auc": average_precision,
    "ece": calibration_error,
    "coverage_at_95": selective_coverage,
    "forms_macro_f1": forms_macro_f1,
}


TITLES: Mapping[str, str] = {
    "macro_f1": "Macro-F1, three labels",
    "partisan_f1": "F1 of `partisan`",
    "partisan_pr_auc": "Area under the precision-recall curve, `partisan`",
    "ece": "Expected calibration error, 15 bins",
    "coverage_at_95": "Coverage at 95 % selective accuracy",
    "forms_macro_f1": "Macro-F1 of the forms, on partisan posts",
    "partisan_of_lolos": "Partisan posts among those marked `lolos`",
    "tinjau_of_lawful": "Lawful posts marked `tinjau`",
    "tinjau_of_partisan": "Partisan posts marked `tinjau`",
    "lolos_of_partisan": "Partisan posts marked `lolos`",
    "tinjau_of_neutral": "Neutral political posts marked `tinjau`",
    "not_tinjau_of_ambiguous": "Ambiguous posts not marked `tinjau`",
}
"""The figures in words, in the order in which reports show them."""


def policy_metrics(policy: DecisionPolicy) -> Mapping[str, Callable[[Sample], float]]:
    """Return the figures that depend on the thresholds."""

    def rate(of: Callable[[Sample], npt.NDArray[np.bool_]], what: set[Decision]) -> Callable[[Sample], float]:
        def figure(s: Sample) -> float:
            chosen = of(s)
            decisions = [policy.decide(row) for row in s.probabilities[chosen].astype(np.float32)]
            return float(np.mean([d in what for d in decisions])) if decisions else float("nan")

        return figure

    def partisan_of_lolos(s: Sample) -> float:
        passed = s.probabilities[:, PARTISAN_OUTPUT].astype(np.float32) < policy.lolos_below
        return float((s.gold[passed] == PARTISAN_OUTPUT).mean()) if passed.any() else float("nan")

    return {
        "partisan_of_lolos": partisan_of_lolos,
        "tinjau_of_lawful": rate(lambda s: (s.gold >= 0) & (s.gold != PARTISAN_OUTPUT), {Decision.TINJAU}),
        "tinjau_of_partisan": rate(lambda s: s.gold == PARTISAN_OUTPUT, {Decision.TINJAU}),
        "lolos_of_partisan": rate(lambda s: s.gold == PARTISAN_OUTPUT, {Decision.LOLOS}),
        "tinjau_of_neutral": rate(lambda s: s.gold == _NEUTRAL, {Decision.TINJAU}),
        "not_tinjau_of_ambiguous": rate(lambda s: s.gold < 0, {Decision.LOLOS, Decision.BUTUH_KONTEKS}),
    }


def draws(groups: Sequence[str], rounds: int, seed: int) -> list[Ints]:
    """Return bootstrap samples as row indices; posts of one group are drawn together, for they are not independent."""
    rng = np.random.default_rng(seed)
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    clusters = [np.asarray(rows, dtype=np.int64) for rows in members.values()]
    return [np.concatenate([clusters[i] for i in rng.integers(0, len(clusters), len(clusters))]) for _ in range(rounds)]


def measure(s: Sample, metrics: Mapping[str, Callable[[Sample], float]], samples: Sequence[Ints]) -> dict[str, Figure]:
    """Return each figure with its percentile bootstrap interval over the given samples."""
    return {name: _figure(metric(s), [metric(s.at(rows)) for rows in samples]) for name, metric in metrics.items()}


def difference(
    one: Sample, other: Sample, metrics: Mapping[str, Callable[[Sample], float]], samples: Sequence[Ints]
) -> dict[str, Figure]:
    """Return how far the first is ahead of the second on the same posts, with its paired bootstrap interval."""
    return {
        name: _figure(metric(one) - metric(other), [metric(one.at(rows)) - metric(other.at(rows)) for rows in samples])
        for name, metric in metrics.items()
    }


def _figure(value: float, drawn: Sequence[float]) -> Figure:
    known = [v for v in drawn if not np.isnan(v)]
    low, high = np.percentile(known, [2.5, 97.5]) if known else (float("nan"), float("nan"))
    return Figure(value, float(low), float(high))
