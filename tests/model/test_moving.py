"""Moved thresholds: what they may be, and which promises outlast them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from pilah_data.errors import DataError, InputError
from pilah_data.taxonomy import Decision
from pilah_model.artefacts import shipped_artefact
from pilah_model.classifier import Classifier
from pilah_model.decision import DecisionPolicy
from pilah_model.judgement import Post
from pilah_model.moving import NOT_GUARANTEED, PledgeKind, basis, move, pledges
from pilah_model.profile import SCORE_BINS, Profile
from pilah_model.thresholds import Promise, choose_policy


@pytest.fixture(scope="module")
def chosen() -> DecisionPolicy:
    """A policy chosen by risk control, whose promise is in the very words of the program."""
    generator = np.random.default_rng(0)
    gold = np.asarray([2] * 600 + [0] * 500 + [1] * 500 + [-1] * 300)
    low, high = generator.beta(1, 12, 1000), generator.beta(12, 1, 600)
    partisan = np.concatenate([high, low, generator.beta(4, 4, 300)])
    return choose_policy(partisan, gold, Promise())


def holding(artefact: DecisionPolicy, policy: DecisionPolicy) -> dict[PledgeKind, bool]:
    return {pledge.kind: pledge.holds for pledge in pledges(artefact, policy)}


def test_the_programs_own_promise_is_read_whole(chosen: DecisionPolicy) -> None:
    assert holding(chosen, chosen) == dict.fromkeys(PledgeKind, True)
    assert {pledge.kind: pledge.limit for pledge in pledges(chosen, chosen)} == {
        PledgeKind.PARTISAN_PASSED: "5.0%",
        PledgeKind.LAWFUL_REVIEWED: "2.0%",
        PledgeKind.AMBIGUOUS_REVIEWED: "15.0%",
    }
    found = basis(chosen.promise)
    assert found is not None
    assert (found.confidence, found.posts, found.partisan) == ("95%", "1900", "32%")


@pytest.mark.parametrize(
    ("lower", "higher", "passed", "reviewed"),
    [(0.0, 0.05, True, True), (-0.05, 0.0, False, True), (0.0, -0.05, True, False), (-0.05, -0.05, False, False)],
)
def test_which_promises_outlast_a_move(
    chosen: DecisionPolicy, lower: float, higher: float, passed: bool, reviewed: bool
) -> None:
    moved = move(chosen, chosen.lolos_below + lower, chosen.tinjau_from + higher)
    assert holding(chosen, moved) == {
        PledgeKind.PARTISAN_PASSED: passed,
        PledgeKind.LAWFUL_REVIEWED: reviewed,
        PledgeKind.AMBIGUOUS_REVIEWED: reviewed,
    }
    assert (NOT_GUARANTEED in moved.promise.lower()) is not (passed and reviewed)
    assert ("Still guaranteed" in moved.promise) is (passed or reviewed)
    assert moved.form_from == chosen.form_from


def test_moving_back_is_the_artefacts_own_policy_with_its_whole_promise(chosen: DecisionPolicy) -> None:
    assert move(chosen, chosen.lolos_below, chosen.tinjau_from) == chosen


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 0.8), (-0.1, 0.8), (0.34, 0.8), (0.3, 0.49), (0.3, 1.0), (float("nan"), 0.8), (0.3, 2.0)]
)
def test_thresholds_under_which_label_and_decision_could_contradict_are_refused(
    chosen: DecisionPolicy, low: float, high: float
) -> None:
    with pytest.raises(InputError, match="lolos_below must lie"):
        move(chosen, low, high)


def test_a_promise_in_other_words_is_kept_and_called_not_guaranteed() -> None:
    artefact = DecisionPolicy(0.3, 0.7, promise="seven in ten, by experience")
    assert pledges(artefact, artefact) == []
    assert basis(artefact.promise) is None
    assert "not guaranteed: seven in ten, by experience" in move(artefact, 0.2, 0.7).promise


def test_counts_below_a_threshold() -> None:
    profile = Profile(100, (40, 0, 20, 0, 0, 0, 0, 0, 0, 40), {d.value: 0 for d in Decision}, 1, 1, 0, 0, 0)
    assert [profile.below(t) for t in (0.0, 0.1, 0.2, 0.25, 0.3, 0.9, 0.95, 1.0)] == [0, 40, 40, 50, 60, 60, 80, 100]


def test_the_counts_of_an_artefact(tmp_path: Path) -> None:
    assert Profile.of_artefact(tmp_path) is None
    shipped = Profile.of_artefact(shipped_artefact())
    assert shipped is not None
    assert sum(shipped.scores) == shipped.posts == sum(shipped.decisions.values())
    assert len(shipped.scores) == SCORE_BINS
    (tmp_path / "reference.json").write_text(json.dumps({"profile": {"posts": 3}}), encoding="utf-8")
    with pytest.raises(DataError, match="reference"):
        Profile.of_artefact(tmp_path)


def test_the_same_model_under_other_thresholds() -> None:
    own = Classifier.load(shipped_artefact(), threads=1)
    posts = [Post("Ayo coblos nomor dua, menangkan Bu Ratna!"), Post("Apel pagi berjalan lancar")]
    before = own.classify(posts)
    strict = own.with_policy(dataclasses.replace(own.policy, lolos_below=0.0001, tinjau_from=0.9999))
    after = strict.classify(posts)
    assert [j.decision for j in after] == [Decision.BUTUH_KONTEKS] * 2
    assert [j.probabilities for j in after] == [j.probabilities for j in before]
    assert after[0].thresholds == {"lolos_below": 0.0001, "tinjau_from": 0.9999}
    assert own.classify(posts) == before
