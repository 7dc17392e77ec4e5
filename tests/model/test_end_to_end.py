"""From an encoder to judgements, in small: train, export, load, classify."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from pilah_data.corpora import to_example
from pilah_data.errors import DataError, InputError
from pilah_data.records import AuthoredPost
from pilah_data.taxonomy import PREDICTED, TAXONOMY_VERSION, Decision
from pilah_model.artefacts import ArtefactError, ArtefactFiles, read_manifest, write_manifest
from pilah_model.calibration import Calibration
from pilah_model.classifier import Classifier
from pilah_model.decision import DecisionPolicy
from pilah_model.explanation import without
from pilah_model.judgement import Post
from pilah_model.material import Material
from pilah_model.release import one_of_each_group, release
from pilah_model.training.run import load_trained


def test_judgement_of_every_post_in_order(tiny_classifier: Classifier) -> None:
    posts = [Post("apel pagi di lapas", "a"), Post("gas coblos nomor 2", "b"), Post("x" * 300_000, "c")]
    judged = tiny_classifier.classify(posts, explain=True)
    assert [j.id for j in judged] == ["a", "b", "c"]
    for j in judged:
        assert sum(j.probabilities.values()) == pytest.approx(1.0, abs=1e-5)
        assert j.confidence == max(j.probabilities.values())
        assert j.model.taxonomy == TAXONOMY_VERSION
        json.dumps(j.as_json())
    assert [j.truncated for j in judged] == [False, False, True]


def test_order_and_company_do_not_change_a_judgement(tiny_classifier: Classifier) -> None:
    texts = ["coblos nomor 2 ya", "harga beras naik terus", "lanjutkan pak", "selamat pagi"]
    together = {j.id: j.probabilities for j in tiny_classifier.classify([Post(t, t) for t in texts])}
    backwards = {j.id: j.probabilities for j in tiny_classifier.classify([Post(t, t) for t in reversed(texts)])}
    for text in texts:
        (alone,) = tiny_classifier.classify([Post(text)])
        for label in PREDICTED:
            # int8 activations are scaled per batch, so company may move the last digits, never more.
            assert together[text][label] == pytest.approx(alone.probabilities[label], abs=0.02)
            assert backwards[text][label] == pytest.approx(alone.probabilities[label], abs=0.02)


@pytest.fixture
def eager(tiny_classifier: Classifier) -> Classifier:
    """The tiny model, sharpened and with thresholds that send everything to review, so that every branch runs."""
    return dataclasses.replace(tiny_classifier, policy=DecisionPolicy(1e-9, 1e-9), calibration=Calibration(labels=0.05))


def test_evidence_lies_in_the_original_text_and_carries_the_score(eager: Classifier) -> None:
    texts = [
        "Ayo   semua 👍 coblos\tnomor 2️⃣ ya gaesss #GasPol",
        "Jangan pilih Santoso lagi, lima tahun nol besar!",
        "Kampanye akbar besok",
    ]
    judged = eager.classify([Post(text) for text in texts], explain=True)
    assert any(j.evidence for j in judged)
    for text, j in zip(texts, judged, strict=True):
        assert j.decision is Decision.TINJAU
        assert j.forms
        assert j.direction is not None
        assert j.evidence is not None
        for e in j.evidence:
            assert text[e.start : e.end] == e.text
            rest = without(text, [(e.start, e.end)])
            assert eager.partisan([rest])[0] < eager.partisan([text])[0] + 0.01


def test_a_passed_post_carries_neither_forms_nor_direction_nor_evidence(tiny_classifier: Classifier) -> None:
    calm = dataclasses.replace(tiny_classifier, policy=DecisionPolicy(0.9999, 0.9999))
    (judged,) = calm.classify([Post("Gas coblos nomor 2")], explain=True)
    assert (judged.decision, judged.forms, judged.direction, judged.evidence) == (Decision.LOLOS, (), None, ())


def test_an_abstention_alleges_nothing_but_shows_the_words(tiny_classifier: Classifier) -> None:
    unsure = dataclasses.replace(
        tiny_classifier, policy=DecisionPolicy(1e-9, 1.0), calibration=Calibration(labels=0.05)
    )
    for judged in unsure.classify(
        [Post("Gas coblos nomor 2"), Post("Jangan pilih Santoso lagi, ganti!")], explain=True
    ):
        assert judged.decision is Decision.BUTUH_KONTEKS
        assert (judged.forms, judged.direction) == ((), None)
        assert judged.as_json()["references"] == []
        assert judged.evidence is not None


def test_evidence_is_given_only_when_asked_for(eager: Classifier) -> None:
    (judged,) = eager.classify([Post("Gas coblos nomor 2")])
    assert judged.evidence is None


def test_nothing_in_nothing_out(tiny_classifier: Classifier) -> None:
    assert tiny_classifier.classify([]) == []


@pytest.mark.parametrize("engine", ["fp32", "int8"])
def test_both_engines_load(tiny_artefact: Path, engine: str) -> None:
    classifier = Classifier.load(tiny_artefact, engine=engine)  # type: ignore[arg-type]
    assert classifier.info.engine == f"onnxruntime-{engine}"
    assert len(classifier.classify([Post("halo")])) == 1


def test_auto_takes_the_fast_engine_only_on_proven_parity(tiny_artefact: Path, tmp_path: Path) -> None:
    for holds, expected in ((True, "int8"), (False, "fp32")):
        copy = _copy(tiny_artefact, tmp_path / expected)
        card = json.loads((copy / "card.json").read_text())
        card["parity"]["holds"] = holds
        (copy / "card.json").write_text(json.dumps(card))
        write_manifest(copy, name="x", version="0")
        assert Classifier.load(copy).info.engine == f"onnxruntime-{expected}"


def test_every_damaged_file_is_named(tiny_artefact: Path, tmp_path: Path) -> None:
    files = ArtefactFiles(tiny_artefact)
    for name in (*files.contents, *(name for name in files.additions if files.path(name).is_file())):
        copy = _copy(tiny_artefact, tmp_path / name)
        raw = bytearray((copy / name).read_bytes())
        raw[len(raw) // 2] ^= 1
        (copy / name).write_bytes(bytes(raw))
        with pytest.raises(ArtefactError, match=name):
            Classifier.load(copy)
        (copy / name).unlink()
        with pytest.raises(ArtefactError, match=name):
            Classifier.load(copy)


def test_foreign_taxonomy_or_normaliser_is_refused(tiny_artefact: Path, tmp_path: Path) -> None:
    for field in ("taxonomy", "normaliser"):
        copy = _copy(tiny_artefact, tmp_path / field)
        manifest = json.loads((copy / "manifest.json").read_text())
        manifest[field] = "99"
        (copy / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(ArtefactError, match=rf"{field} 99, .*; train the model again"):
            read_manifest(copy)


@pytest.mark.parametrize(
    "change",
    [
        {"files": []},
        {"files": {"model.onnx": 1}},
        {"files": None},
        {"name": 1},
        {"version": None},
        {"taxonomy": ["1"]},
        {"normaliser": {}},
    ],
)
def test_a_manifest_of_wrong_types_is_damaged(tiny_artefact: Path, tmp_path: Path, change: dict[str, object]) -> None:
    body = json.loads((tiny_artefact / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**body, **change}))
    with pytest.raises(ArtefactError, match=r"manifest\.json is damaged \(.* must be .*\); restore"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "1", "{}", '{"name": "x", "version": "0"}'])
def test_a_manifest_that_is_none_is_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ArtefactError, match=r"manifest\.json is damaged"):
        read_manifest(tmp_path)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"manifest\.json is missing"):
        Classifier.load(tmp_path)


def test_graphs_carry_no_path_of_the_machine_that_made_them(tiny_artefact: Path, root: Path) -> None:
    files = ArtefactFiles(tiny_artefact)
    for name in files.contents:
        raw = files.path(name).read_bytes()
        assert str(root).encode() not in raw
        assert b"site-packages" not in raw


def test_engine_parity_is_reported(tiny_artefact: Path) -> None:
    card = json.loads((tiny_artefact / "card.json").read_text())
    assert card["export"]["holds"] is True
    assert card["export"]["max_gap"] < 1e-4
    assert np.isfinite(card["parity"]["gap_99"])


def _copy(source: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def test_a_failed_release_leaves_the_former_artefact(tiny_trained: Path, tiny_artefact: Path, tmp_path: Path) -> None:
    copy = _copy(tiny_artefact, tmp_path / "artefact")
    with pytest.raises(InputError, match="no validation posts"):
        release(tiny_trained, Material([], []), copy, name="x", version="1", log=lambda _: None)
    assert Classifier.load(copy).info.version == "0"


def test_a_release_refuses_a_folder_of_something_else(tiny_trained: Path, few: Material, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(InputError, match="no artefact"):
        release(tiny_trained, few, tmp_path, name="x", version="1", log=lambda _: None)
    with pytest.raises(InputError, match="trained folder"):
        release(tiny_trained, few, tiny_trained, name="x", version="1", log=lambda _: None)
    assert (tmp_path / "thesis.txt").exists()


def test_one_of_each_group_calibrates(authored: list[AuthoredPost]) -> None:
    examples = [to_example(post) for post in authored]
    kept = one_of_each_group(examples)
    groups = [e.group for e in kept if e.group]
    assert len(groups) == len(set(groups)) == len({e.group for e in examples if e.group})
    assert sum(e.group is None for e in kept) == sum(e.group is None for e in examples)


def test_a_network_trained_for_another_taxonomy_is_refused(tiny_trained: Path, tmp_path: Path) -> None:
    copy = _copy(tiny_trained, tmp_path / "trained")
    record = json.loads((copy / "training.json").read_text())
    record["taxonomy"] = "0.1"
    (copy / "training.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match=r"taxonomy 0\.1.*train again"):
        load_trained(copy)
