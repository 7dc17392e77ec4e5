"""Model versions in the data folder: kept whole, put in use after they were loaded, and the way back."""

from __future__ import annotations

import dataclasses
import errno
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilah_api.access import ConflictError
from pilah_api.cli import run
from pilah_api.services import model_use
from pilah_api.services.loading import load_judge, model_folder
from pilah_api.services.model_use import roll_back, use_model
from pilah_api.services.shelf import SHIPPED, Choice, Shelf, ShelfError
from pilah_api.settings import Settings
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_model import promotion
from pilah_model.artefacts import ArtefactError, read_manifest, shipped_artefact
from pilah_model.promotion import Gate
from tests.api.artefacts import gate_report, version
from tests.api.stores import TEST, Place


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return version(tmp_path_factory.mktemp("artefacts") / "newer", "9.9.9")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", threads=1)


@pytest.fixture
def shelf(settings: Settings) -> Shelf:
    return Shelf(settings.home)


@pytest.fixture
def kept(settings: Settings) -> Iterator[Store]:
    store = Place(settings.home, None).open()
    yield store
    store.close()


def test_without_a_choice_the_shipped_model_is_in_use(settings: Settings, shelf: Shelf) -> None:
    assert shelf.choice() == Choice(SHIPPED, None)
    assert model_folder(settings) == shipped_artefact()
    assert [one.id for one in shelf.kept()] == [SHIPPED]
    assert not shelf.root.exists(), "looking makes nothing"


def test_a_note_that_cannot_be_written_leaves_nothing_behind(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("pilah_api.services.shelf.os.fsync", full)
    with pytest.raises(OSError, match="full"):
        shelf.note(Choice(SHIPPED, None))
    assert list(shelf.root.iterdir()) == []


def test_a_model_is_kept_whole_and_once(shelf: Shelf, newer: Path, tmp_path: Path) -> None:
    report = gate_report(tmp_path / "gate.json", newer)
    kept = shelf.add(newer, report)
    assert kept.id == f"pilah-mini-9.9.9-{read_manifest(newer).sha256[:12]}"
    assert (kept.version, kept.fault) == ("9.9.9", None)
    assert kept.gate is not None
    assert shelf.add(newer) == kept
    assert [one.id for one in shelf.kept()] == [SHIPPED, kept.id]
    assert sorted(path.name for path in shelf.root.iterdir()) == [kept.id, f"{kept.id}.gate.json"]


def test_a_gate_report_must_be_this_models_and_say_that_it_passed(shelf: Shelf, newer: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the gate report of this model"):
        shelf.add(newer, gate_report(tmp_path / "other.json", shipped_artefact()))
    with pytest.raises(InputError, match="did not pass"):
        shelf.add(newer, gate_report(tmp_path / "refused.json", newer, passed=False))
    with pytest.raises(InputError, match="not the gate report"):
        shelf.add(newer, tmp_path / "missing.json")
    assert not shelf.root.exists()


def test_a_damaged_artefact_is_not_kept(shelf: Shelf, tmp_path: Path) -> None:
    folder = version(tmp_path / "broken", "1.2.3")
    (folder / "policy.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"policy\.json is damaged"):
        shelf.add(folder)
    with pytest.raises(ArtefactError):
        shelf.add(tmp_path)


@pytest.mark.parametrize("model_id", ["../evidence", "a/b", "", ".", "..", "nowhere", "x" * 200])
def test_an_id_never_leads_out_of_the_folder(shelf: Shelf, model_id: str) -> None:
    with pytest.raises(InputError):
        shelf.folder(model_id)


def test_to_a_new_model_and_back(kept: Store, settings: Settings, shelf: Shelf, newer: Path) -> None:
    model_id = shelf.add(newer).id
    judge = use_model(kept, settings, model_id, "lulus gerbang", TEST, seen=SHIPPED)
    assert judge.info.version == "9.9.9"
    assert shelf.choice() == Choice(model_id, SHIPPED)
    assert load_judge(settings).info.version == "9.9.9"
    back = roll_back(kept, settings, "lebih banyak keliru", TEST, seen=model_id)
    assert back.info.sha256 == read_manifest(shipped_artefact()).sha256
    assert shelf.choice() == Choice(SHIPPED, model_id)
    with kept.reading() as unit:
        records = unit.audit.page(None, 2)
        assert unit.audit.verify() == []
    assert [record.action for record in records] == ["model.changed"] * 2
    detail = json.loads(records[0].detail)
    assert (detail["old"]["version"], detail["new"]["id"]) == ("9.9.9", SHIPPED)
    assert detail["reason"] == "lebih banyak keliru"


def test_nothing_changes_unless_the_model_can_be_loaded(
    kept: Store, settings: Settings, shelf: Shelf, newer: Path
) -> None:
    model_id = shelf.add(newer).id
    (shelf.root / model_id / "model.onnx").write_bytes(b"no graph")
    with kept.reading() as unit:
        head = unit.audit.head()
    with pytest.raises(ArtefactError):
        use_model(kept, settings, model_id, "coba", TEST, seen=SHIPPED)
    with pytest.raises(InputError, match="reason"):
        use_model(kept, settings, SHIPPED, " ", TEST, seen=SHIPPED)
    with pytest.raises(InputError, match="is kept here"):
        use_model(kept, settings, "nowhere", "coba", TEST, seen=SHIPPED)
    assert shelf.choice() == Choice()
    assert {one.id: bool(one.fault) for one in shelf.kept()} == {SHIPPED: False, model_id: True}
    with kept.reading() as unit:
        assert unit.audit.head() == head


def test_a_change_in_another_window_is_noticed(kept: Store, settings: Settings, shelf: Shelf, newer: Path) -> None:
    model_id = shelf.add(newer).id
    use_model(kept, settings, model_id, "satu", TEST, seen=SHIPPED)
    with pytest.raises(ConflictError, match="meanwhile"):
        use_model(kept, settings, SHIPPED, "dua", TEST, seen=SHIPPED)
    with pytest.raises(ConflictError, match="in use already"):
        use_model(kept, settings, model_id, "tiga", TEST, seen=model_id)
    assert shelf.choice().current == model_id


def test_of_switches_at_once_one_wins(
    kept: Store, settings: Settings, shelf: Shelf, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_id = shelf.add(newer).id
    judge = load_judge(settings)
    monkeypatch.setattr(model_use, "load_folder", lambda *_: judge)
    outcomes: list[str] = []

    def switch() -> None:
        try:
            use_model(kept, settings, model_id, "serentak", TEST, seen=SHIPPED)
            outcomes.append("switched")
        except ConflictError:
            outcomes.append("refused")

    threads = [threading.Thread(target=switch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "switched"]
    assert shelf.choice() == Choice(model_id, SHIPPED)


def test_a_setting_goes_before_every_choice(kept: Store, settings: Settings, shelf: Shelf, newer: Path) -> None:
    fixed = dataclasses.replace(settings, model=newer)
    assert model_folder(fixed) == newer
    with pytest.raises(ConflictError, match="names the model"):
        use_model(kept, fixed, shelf.add(newer).id, "coba", TEST, seen=SHIPPED)


def test_without_a_model_before_there_is_no_way_back(kept: Store, settings: Settings) -> None:
    with pytest.raises(ConflictError, match="no model was in use before"):
        roll_back(kept, settings, "coba", TEST, seen=SHIPPED)


@pytest.mark.parametrize("note", ["", "{", "[]", '{"current": "../x", "previous": null}', '{"current": "a"}'])
def test_a_damaged_note_is_said_and_can_be_mended(kept: Store, settings: Settings, shelf: Shelf, note: str) -> None:
    shelf.root.mkdir(parents=True)
    (shelf.root / "in-use.json").write_text(note, encoding="utf-8")
    with pytest.raises(ShelfError, match="pilah model use shipped"):
        load_judge(settings)
    use_model(kept, settings, SHIPPED, "catatan rusak", TEST, seen=shelf.present().current)
    assert shelf.choice() == Choice(SHIPPED, None)


def test_a_chosen_model_that_was_lost_or_damaged_says_how_to_go_back(
    settings: Settings, shelf: Shelf, newer: Path
) -> None:
    kept = shelf.add(newer)
    shelf.choose(kept.id)
    (kept.folder / "policy.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtefactError, match="pilah model rollback"):
        load_judge(settings)


def test_the_commands(
    settings: Settings, newer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PILAH_HOME", str(settings.home))
    report = gate_report(tmp_path / "gate.json", newer)
    assert run(["model", "use", str(newer), "--report", str(report), "--reason", "lulus gerbang"]) == 0
    assert "9.9.9" in capsys.readouterr().out
    assert run(["model", "list"]) == 0
    shipped, added = capsys.readouterr().out.splitlines()
    assert shipped.split("\t")[:2] == [SHIPPED, "before it"]
    assert added.split("\t")[1] == "in use"
    assert "gate passed 2026-11-26" in added
    assert run(["model", "rollback", "--reason", "kembali"]) == 0
    assert "start the server anew" in capsys.readouterr().out
    assert Shelf(settings.home).choice().current == SHIPPED
    assert run(["model", "use", "nowhere", "--reason", "coba"]) == 2
    assert run(["model", "use", SHIPPED, "--report", str(report), "--reason", "coba"]) == 2
    assert "pilah model list" in capsys.readouterr().err
    out = tmp_path / "feedback.jsonl"
    assert run(["feedback", "export", str(out), "--reason", "melatih"]) == 0
    assert out.read_text(encoding="utf-8") == ""
    assert "0 posts written" in capsys.readouterr().out


def test_a_candidate_that_passes_the_gate_is_put_in_use_beside_the_shipped_model(
    settings: Settings, newer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compared: list[Path] = []

    def examine(candidate: Path, shipped: Path, *_: object) -> Gate:
        compared.append(shipped)
        return Gate(
            [], {"when": "2026-11-26", "candidate": {"sha256": read_manifest(candidate).sha256}, "passed": True}
        )

    monkeypatch.setenv("PILAH_HOME", str(settings.home))
    monkeypatch.setattr(promotion, "examine_candidate", examine)
    before = read_manifest(shipped_artefact())
    command = ["promote", "--candidate", str(newer), "--report", str(tmp_path / "report.json"), "--use"]
    assert run(command) == 0
    shelf = Shelf(settings.home)
    choice = shelf.choice()
    assert (shelf.look(choice.current).version, choice.previous) == ("9.9.9", SHIPPED)
    assert shelf.look(choice.current).gate is not None
    assert (compared, read_manifest(shipped_artefact())) == ([shipped_artefact()], before)
    assert run([*command, "--shipped", str(newer)]) == 2
    assert "overwrites none" in capsys.readouterr().err
