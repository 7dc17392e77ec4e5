"""The self-check at start: an engine that says something else on this processor is not used unasked."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest

from pilah_data.errors import DataError
from pilah_model.artefacts import ArtefactFiles, write_manifest
from pilah_model.classifier import Classifier
from pilah_model.self_check import CheckSample


@pytest.fixture
def proven(tiny_artefact: Path, tmp_path: Path) -> Path:
    """A copy of the tiny artefact whose parity report allows int8."""
    copy = tmp_path / "proven"
    shutil.copytree(tiny_artefact, copy)
    card = json.loads((copy / "card.json").read_text())
    card["parity"]["holds"] = True
    (copy / "card.json").write_text(json.dumps(card))
    write_manifest(copy, name="pilah-tiny", version="0")
    return copy


def spoil(artefact: Path) -> None:
    """Make the sample say that fp32 was sure of the opposite."""
    path = ArtefactFiles(artefact).path("sample.json")
    body = json.loads(path.read_text())
    body["labels"] = [[1.0 - row[0], *row[1:]] for row in body["labels"]]
    path.write_text(json.dumps(body))
    write_manifest(artefact, name="pilah-tiny", version="0")


def test_an_export_carries_short_invented_sentences_and_what_fp32_said(tiny_artefact: Path, proven: Path) -> None:
    sample = CheckSample.read(tiny_artefact / "sample.json")
    assert 0 < len(sample.texts) <= 12
    fp32 = Classifier.load(proven, engine="fp32", threads=1)
    assert sample.gap(fp32.scorer, fp32.calibration) < 1e-4


def test_an_engine_that_agrees_is_used_in_silence(proven: Path, caplog: pytest.LogCaptureFixture) -> None:
    classifier = Classifier.load(proven, threads=1)
    assert (classifier.info.engine, classifier.warnings, caplog.text) == ("onnxruntime-int8", (), "")


def test_an_engine_that_disagrees_gives_way_to_fp32_aloud(proven: Path, caplog: pytest.LogCaptureFixture) -> None:
    spoil(proven)
    with caplog.at_level(logging.WARNING, logger="pilah"):
        classifier = Classifier.load(proven, threads=1)
    assert classifier.info.engine == "onnxruntime-fp32"
    (warning,) = classifier.warnings
    assert warning.endswith("fp32 judges instead")
    assert warning in caplog.text


def test_an_engine_asked_for_by_name_is_kept_with_a_warning(proven: Path) -> None:
    spoil(proven)
    classifier = Classifier.load(proven, engine="int8", threads=1)
    assert classifier.info.engine == "onnxruntime-int8"
    assert len(classifier.warnings) == 1
    assert Classifier.load(proven, engine="fp32").warnings == ()


def test_an_artefact_without_a_sample_is_not_checked(proven: Path) -> None:
    (proven / "sample.json").unlink()
    write_manifest(proven, name="pilah-tiny", version="0")
    assert Classifier.load(proven).warnings == ()


@pytest.mark.parametrize("content", ["", "[]", '{"texts": ["a"], "labels": []}', '{"texts": ["a"], "labels": [[1.0]]}'])
def test_a_damaged_sample_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "sample.json").write_text(content)
    with pytest.raises(DataError, match=r"sample\.json.*export the model again"):
        CheckSample.read(tmp_path / "sample.json")
