from __future__ import annotations

import json
from pathlib import Path

import pytest

from pilah_api import cli, doctor
from pilah_api.settings import Settings, names, variable
from tests.api.stand_in import StandIn

KEY = "k" * 32


def test_every_setting_is_shown_with_its_source(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "load_judge", lambda _: StandIn())
    monkeypatch.setenv("PILAH_PORT", "9001")
    monkeypatch.setenv("PILAH_API_KEY", KEY)
    monkeypatch.setenv("PILAH_PROT", "1")
    assert cli.run(["doctor"]) == 0
    out = capsys.readouterr().out
    assert all(variable(name) in out for name in names())
    assert "PILAH_PORT=9001 (PILAH_PORT)" in out
    assert KEY not in out
    assert "PILAH_PROT is set, but no setting has that name" in out
    assert "Model name: pilah-uji" in out
    assert "onnxruntime" in out


def test_a_terminal_gets_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "load_judge", lambda _: StandIn())
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    doctor.show(doctor.examine(Settings(), {}), as_json=False)
    assert "PILAH_MAX_BODY_BYTES" in capsys.readouterr().out


def test_a_model_that_does_not_load_is_a_finding_with_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["doctor", "--json", "--model", str(tmp_path)]) == 3
    report = json.loads(capsys.readouterr().out)
    assert report["model"] is None
    assert str(tmp_path) in report["model_error"]
    assert {"variable", "value", "source", "help"} == set(report["settings"][0])


def test_what_the_model_warns_of_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "load_judge", lambda _: StandIn(warnings=("int8 differs on this processor",)))
    assert cli.run(["doctor"]) == 0
    assert "Model warning: int8 differs on this processor" in capsys.readouterr().out
