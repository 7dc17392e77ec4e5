"""The gate: what a candidate must not be worse in, and that a refusal leaves the shipped model as it was."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pilah_data.errors import InputError
from pilah_data.records import AuthoredPost
from pilah_model import promotion
from pilah_model.artefacts import ArtefactError, read_manifest, write_manifest
from pilah_model.bars import Bar, failed
from pilah_model.classifier import Classifier
from pilah_model.decision import DecisionPolicy
from pilah_model.fairness import Fairness, Swapped
from pilah_model.intervals import Figure, Rate
from pilah_model.material import Material
from pilah_model.promotion import RefusedError, install, promote

ZERO = Figure(0.0, 0.0, 0.0)
FAIR = Fairness({}, Swapped(40, 400, ZERO, ZERO, ZERO))
UNFAIR = Fairness({}, Swapped(40, 400, Figure(0.3, 0.2, 0.4), ZERO, ZERO))
Promote = Callable[[Path], promotion.Gate]


@pytest.fixture
def shipped(tiny_artefact: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_artefact, tmp_path / "models" / "pilah-tiny")


@pytest.fixture
def candidate(tiny_artefact: Path, tmp_path: Path) -> Path:
    copy = shutil.copytree(tiny_artefact, tmp_path / "candidate")
    write_manifest(copy, name="pilah-tiny", version="1")
    return copy


@pytest.fixture(scope="module")
def known_cases() -> dict[DecisionPolicy, dict[str, Rate]]:
    """Behaviour by policy, run once: the candidates of these tests differ in nothing else."""
    return {}


@pytest.fixture
def run(
    shipped: Path,
    few: Material,
    root: Path,
    tmp_path: Path,
    known_cases: dict[DecisionPolicy, dict[str, Rate]],
    monkeypatch: pytest.MonkeyPatch,
) -> Promote:
    """Promote a candidate; the tiny model is far from fair, so that part of the gate is given."""
    monkeypatch.setattr(promotion, "measure_fairness", lambda *_: FAIR)
    judge_cases = promotion._cases

    def cases_of(classifier: Classifier, folder: Path) -> dict[str, Rate]:
        if classifier.policy not in known_cases:
            known_cases[classifier.policy] = judge_cases(classifier, folder)
        return known_cases[classifier.policy]

    monkeypatch.setattr(promotion, "_cases", cases_of)

    def promote_it(folder: Path) -> promotion.Gate:
        return promote(folder, shipped, few, root / "tests" / "behaviour", tmp_path / "report.json", lambda _: None)

    return promote_it


def test_a_candidate_as_good_takes_the_place(run: Promote, candidate: Path, shipped: Path, tmp_path: Path) -> None:
    assert run(candidate).passed
    assert read_manifest(shipped).version == "1"
    assert [path.name for path in shipped.parent.iterdir()] == ["pilah-tiny"]
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (report["passed"], report["candidate"]["version"], report["shipped"]["version"]) == (True, "1", "0")
    assert report["ahead_by"]["macro_f1"][0] == 0.0


def test_an_unfair_candidate_is_refused_with_the_failed_lines(
    run: Promote, candidate: Path, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "measure_fairness", lambda *_: UNFAIR)
    with pytest.raises(
        RefusedError, match=r"refused.*NOT met: mean \|Δp\|, all name swaps 0\.3000 \(≤ 0\.02\)"
    ) as refused:
        run(candidate)
    assert [bar.name for bar in refused.value.bars] == ["mean |Δp|, all name swaps"]
    assert read_manifest(shipped).version == "0"
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["passed"] is False


def test_a_worse_candidate_is_refused(run: Promote, candidate: Path, shipped: Path) -> None:
    # So hot that every post is answered alike at the thresholds, and every passing case of support is lost.
    (candidate / "policy.json").write_text(json.dumps({"lolos_below": 1e-6, "tinjau_from": 1e-6}))
    write_manifest(candidate, name="pilah-tiny", version="1")
    with pytest.raises(RefusedError) as refused:
        run(candidate)
    names = {bar.name for bar in refused.value.bars}
    assert "neutral political posts marked tinjau" in names
    assert "behaviour cases met, negated support" in names
    assert read_manifest(shipped).version == "0"


def test_a_shipped_model_of_another_normaliser_is_replaced_on_the_bars_that_stand_alone(
    run: Promote, candidate: Path, shipped: Path, tmp_path: Path
) -> None:
    manifest = json.loads((shipped / "manifest.json").read_text())
    (shipped / "manifest.json").write_text(json.dumps({**manifest, "normaliser": "0"}))
    gate = run(candidate)
    assert [bar.name for bar in gate.bars if "against the shipped" in bar.name] == []
    assert read_manifest(shipped).version == "1"
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["shipped"] is None


def test_what_is_no_candidate_is_refused_first(run: Promote, candidate: Path, shipped: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is the shipped model itself"):
        run(shipped)
    (candidate / "policy.json").write_text("{}")
    with pytest.raises(ArtefactError, match=r"policy\.json is damaged"):
        run(candidate)
    with pytest.raises(ArtefactError, match="is missing"):
        run(tmp_path / "nowhere")
    assert read_manifest(shipped).version == "0"


def test_fairness_is_measured_on_validation_posts(few: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def measure(_: Classifier, posts: Sequence[AuthoredPost], *__: object) -> Fairness:
        seen.extend({post.split for post in posts})
        return FAIR

    monkeypatch.setattr(promotion, "measure_fairness", measure)
    promotion._fairness(None, few, lambda _: None)  # type: ignore[arg-type]  # the stand-in does not look at it
    assert seen == ["validation"]


def test_installing_clears_what_an_interrupted_one_left(candidate: Path, shipped: Path) -> None:
    (shipped.with_name("pilah-tiny.new")).mkdir()
    (shipped.with_name("pilah-tiny.old")).mkdir()
    install(candidate, shipped)
    assert read_manifest(shipped).version == "1"
    assert [path.name for path in shipped.parent.iterdir()] == ["pilah-tiny"]


def test_what_a_kill_left_as_the_only_artefact_stays_until_another_is_in_place(
    candidate: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shipped.with_name("pilah-tiny.old")
    shipped.rename(before)  # killed between the two renames

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(OSError, match="No space"):
            install(candidate, shipped)
    assert read_manifest(before).version == "0"
    install(candidate, shipped)
    assert read_manifest(shipped).version == "1"


def test_a_figure_that_could_not_be_measured_meets_no_bar() -> None:
    unknown = float("nan")
    assert not Bar("x", unknown, 0.0).holds
    assert len(failed([Bar("x", unknown, 1.0, at_most=True), Bar("y", 1.0, 1.0, at_most=True)])) == 1


def test_cases_of_what_must_never_happen_may_not_become_fewer() -> None:
    old = {"negated support": Rate(48, 48), "hard cases": Rate(100, 100)}
    new = {"negated support": Rate(47, 48), "hard cases": Rate(99, 100)}
    assert [bar.name for bar in failed(promotion._behaviour_bars(new, old))] == ["behaviour cases met, negated support"]
