"""Calibration, thresholds and decisions, on numbers whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from pilah_data.errors import InputError
from pilah_data.taxonomy import PREDICTED_FORMS, Decision, Label
from pilah_model.calibration import (
    Calibration,
    expected_calibration_error,
    fit_binary_temperature,
    fit_temperature,
    sigmoid,
    softmax,
)
from pilah_model.decision import DecisionPolicy
from pilah_model.scoring import Scores
from pilah_model.thresholds import Promise, choose_policy, upper_bound


def test_softmax_sums_to_one_for_huge_logits() -> None:
    p = softmax(np.asarray([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32))
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(p[1], 1 / 3, atol=1e-6)


def test_temperature_undoes_a_known_scaling() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 3)).astype(np.float32)
    drawn = (softmax(logits).cumsum(axis=1) < rng.random((len(logits), 1))).sum(axis=1).clip(max=2)
    targets = np.eye(3, dtype=np.float32)[drawn]
    assert fit_temperature(logits * 3, targets) == pytest.approx(3.0, rel=0.08)
    p = softmax(logits)
    assert expected_calibration_error(p.max(1).astype(np.float64), p.argmax(1) == drawn) < 0.02
    sharp = softmax(logits * 3)
    assert expected_calibration_error(sharp.max(1).astype(np.float64), sharp.argmax(1) == drawn) > 0.1


def test_binary_temperature_undoes_a_known_scaling() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 2)).astype(np.float32)
    targets = (rng.random(logits.shape) < sigmoid(logits)).astype(np.float32)
    assert fit_binary_temperature(logits * 2, targets) == pytest.approx(2.0, rel=0.08)


def test_calibration_keeps_the_order_of_labels() -> None:
    scores = Scores.empty(1)
    scores.labels[0] = [0.1, 2.0, -1.0]
    assert Calibration(labels=5.0)(scores).labels[0].argmax() == 1


@pytest.mark.parametrize(
    ("partisan", "decision"),
    [
        (0.0, Decision.LOLOS),
        (0.099, Decision.LOLOS),
        (0.1, Decision.BUTUH_KONTEKS),
        (0.79, Decision.BUTUH_KONTEKS),
        (0.8, Decision.TINJAU),
    ],
)
def test_decision_by_band(partisan: float, decision: Decision) -> None:
    rest = (1 - partisan) / 2
    assert DecisionPolicy(0.1, 0.8).decide(np.asarray([rest, rest, partisan])) is decision


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.5), (0.6, 0.5), (0.5, 1.1), (-1.0, 0.5)])
def test_senseless_thresholds_are_refused(low: float, high: float) -> None:
    with pytest.raises(InputError, match="thresholds must satisfy"):
        DecisionPolicy(low, high)


def test_forms_above_the_threshold_or_the_best_one() -> None:
    policy = DecisionPolicy(0.1, 0.8, form_from=0.5)
    p = np.zeros(len(PREDICTED_FORMS), dtype=np.float32)
    p[1], p[4] = 0.9, 0.6
    assert [f.code for f in policy.forms(p)] == ["B02", "B05"]
    p[:] = 0.1
    p[8] = 0.2
    assert [f.code for f in policy.forms(p)] == ["B09"]


def test_label_is_the_most_probable() -> None:
    assert DecisionPolicy(0.1, 0.8).label(np.asarray([0.2, 0.5, 0.3])) is Label.POLITIK_NETRAL


def test_upper_bound_matches_published_values() -> None:
    # Clopper-Pearson, no error in 300 trials: 1 - 0.05 ** (1 / 300); the rule of three.
    assert upper_bound(0, 300, 0.95) == pytest.approx(1 - 0.05 ** (1 / 300))
    assert upper_bound(5, 100, 0.95) == pytest.approx(0.1023, abs=5e-4)
    assert upper_bound(0, 0, 0.95) == upper_bound(3, 3, 0.95) == 1.0


def test_thresholds_keep_their_promise_on_fresh_posts() -> None:
    rng = np.random.default_rng(2)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        gold = rng.choice([-1, 0, 1, 2], n, p=[0.1, 0.2, 0.4, 0.3])
        mean = np.select([gold == 2, gold == -1], [2.0, 0.0], -2.5)
        return sigmoid(rng.normal(mean, 1.2).astype(np.float32)).astype(np.float64), gold

    promise = Promise(0.02, 0.02, 0.15)
    policy = choose_policy(*draw(4000), promise)
    score, gold = draw(40_000)
    passed = score < policy.lolos_below
    assert (gold[passed] == 2).mean() <= promise.partisan_among_lolos
    lawful = (gold == 0) | (gold == 1)
    assert (score[lawful] >= policy.tinjau_from).mean() <= promise.lawful_sent_to_tinjau
    assert (score[gold == -1] >= policy.tinjau_from).mean() <= promise.ambiguous_sent_to_tinjau
    # And they are not kept by refusing everything.
    assert passed.mean() > 0.3
    assert (score[gold == 2] >= policy.tinjau_from).mean() > 0.3


def test_a_wrong_label_among_the_lowest_scores_does_not_stop_a_release() -> None:
    gold = np.ones(2400, dtype=np.int64)
    gold[[3, -200, -100]] = [2, -1, -1]
    policy = choose_policy(np.linspace(0.001, 0.6, 2400), gold, Promise(0.02, 0.9, 0.999))
    assert policy.lolos_below > 0.1


def test_the_most_probable_label_and_the_decision_never_contradict() -> None:
    rng = np.random.default_rng(3)
    gold = rng.choice([-1, 1, 2], 3000)
    p = np.where(gold == 2, 0.97, np.where(gold == 1, 0.05, 0.3)) + rng.normal(0, 0.01, 3000)
    policy = choose_policy(np.clip(p, 0, 1), gold, Promise())
    assert policy.lolos_below <= 1 / 3
    assert policy.tinjau_from >= 0.5


def test_a_promise_that_cannot_be_kept_is_not_stated() -> None:
    gold = np.asarray([1] * 1000 + [2] * 1000)
    spread = np.linspace(0.001, 0.2, 900)
    with pytest.raises(InputError, match="out of review"):
        choose_policy(np.concatenate([spread, np.full(100, 0.999), np.full(1000, 0.98)]), gold, Promise())
    clean = np.concatenate([spread, np.full(100, 0.01), np.full(1000, 0.98)])
    assert "ambiguous" not in choose_policy(clean, gold, Promise()).promise


def test_too_few_posts_promise_nothing() -> None:
    with pytest.raises(InputError, match="calibrate on more posts"):
        choose_policy(np.full(20, 0.001), np.ones(20, dtype=np.int64), Promise())
