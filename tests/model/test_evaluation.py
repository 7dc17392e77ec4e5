"""Figures against values worked out by hand or by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from pilah_data.taxonomy import PREDICTED_FORMS
from pilah_model.decision import DecisionPolicy
from pilah_model.evaluation import METRICS, Sample, difference, draws, measure, policy_metrics, selective_coverage


def drawn(n: int = 400, seed: int = 0) -> Sample:
    rng = np.random.default_rng(seed)
    gold = rng.integers(-1, 3, n)
    p = rng.dirichlet([1, 1, 1], n)
    p[np.arange(n), gold.clip(0)] += 0.7
    p /= p.sum(1, keepdims=True)
    forms_gold = rng.random((n, len(PREDICTED_FORMS))) < 0.3
    return Sample(gold, p, forms_gold, np.clip(forms_gold * 0.5 + rng.random(forms_gold.shape) * 0.5, 0, 1))


def test_figures_agree_with_scikit_learn() -> None:
    s = drawn()
    clear = s.gold >= 0
    best = s.probabilities[clear].argmax(1)
    assert METRICS["macro_f1"](s) == pytest.approx(f1_score(s.gold[clear], best, average="macro"))
    assert METRICS["partisan_f1"](s) == pytest.approx(f1_score(s.gold[clear] == 2, best == 2))
    assert METRICS["partisan_pr_auc"](s) == pytest.approx(
        average_precision_score(s.gold[clear] == 2, s.probabilities[clear, 2])
    )
    partisan = s.gold == 2
    expected = f1_score(s.forms_gold[partisan], s.forms[partisan] >= 0.5, average="macro")
    assert METRICS["forms_macro_f1"](s) == pytest.approx(expected)


def test_coverage_stops_where_accuracy_falls() -> None:
    # Nineteen right answers, the least confident one wrong, then more wrong ones.
    confidence = np.linspace(0.99, 0.6, 30)
    p = np.stack([confidence, 1 - confidence, np.zeros(30)], axis=1)
    gold = np.asarray([0] * 19 + [1] * 11)
    empty = np.zeros((30, len(PREDICTED_FORMS)))
    assert selective_coverage(Sample(gold, p, empty.astype(bool), empty)) == pytest.approx(20 / 30)


def test_policy_figures_count_by_group() -> None:
    gold = np.asarray([2, 2, 1, 1, -1, -1, 0])
    partisan = np.asarray([0.95, 0.02, 0.91, 0.1, 0.5, 0.99, 0.01])
    p = np.stack([(1 - partisan) / 2, (1 - partisan) / 2, partisan], axis=1)
    empty = np.zeros((7, len(PREDICTED_FORMS)))
    s = Sample(gold, p, empty.astype(bool), empty)
    figures = {name: figure(s) for name, figure in policy_metrics(DecisionPolicy(0.05, 0.9)).items()}
    assert figures == {
        "partisan_of_lolos": 0.5,
        "tinjau_of_lawful": pytest.approx(1 / 3),
        "tinjau_of_partisan": 0.5,
        "lolos_of_partisan": 0.5,
        "tinjau_of_neutral": 0.5,
        "not_tinjau_of_ambiguous": 0.5,
    }


def test_a_figure_of_an_empty_group_is_no_number() -> None:
    empty = np.zeros((1, len(PREDICTED_FORMS)))
    s = Sample(np.asarray([1]), np.asarray([[0.1, 0.8, 0.1]]), empty.astype(bool), empty)
    assert np.isnan(policy_metrics(DecisionPolicy(0.05, 0.9))["tinjau_of_partisan"](s))


def test_intervals_hold_the_value_and_narrow_with_more_posts() -> None:
    few, many = (
        measure(drawn(n), {"f": METRICS["macro_f1"]}, draws([str(i) for i in range(n)], 200, 0))["f"]
        for n in (100, 3000)
    )
    for figure in (few, many):
        assert figure.low <= figure.value <= figure.high
    assert many.high - many.low < few.high - few.low


def test_posts_of_a_group_are_drawn_together() -> None:
    groups = [str(i // 4) for i in range(400)]
    for rows in draws(groups, 20, 0):
        counts = np.bincount(rows, minlength=400).reshape(-1, 4)
        assert (counts == counts[:, :1]).all()
    by_post = measure(drawn(), {"f": METRICS["macro_f1"]}, draws([str(i) for i in range(400)], 300, 0))["f"]
    alike = drawn(100).at(np.repeat(np.arange(100), 4))
    by_group = measure(alike, {"f": METRICS["macro_f1"]}, draws(groups, 300, 0))["f"]
    assert by_group.high - by_group.low > by_post.high - by_post.low


def test_the_difference_is_paired() -> None:
    one = drawn()
    figure = difference(one, one, {"f": METRICS["macro_f1"]}, draws([str(i) for i in range(400)], 50, 0))["f"]
    assert (figure.value, figure.low, figure.high) == (0.0, 0.0, 0.0)
