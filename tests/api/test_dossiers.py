"""What a person concerned may see and have erased: all of it, whatever table it lies in, and nothing about others."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pilah_api import cli
from pilah_api.access import Caller, NotFoundError, Person
from pilah_api.services.cases import look
from pilah_api.services.cases import open_case as open_from
from pilah_api.services.cases_evidence import add_evidence
from pilah_api.services.cases_moves import move_case
from pilah_api.services.cases_states import State
from pilah_api.services.dossiers import DATA_FILE, NOTE_FILE, export_case
from pilah_api.store import work_tables as tables
from pilah_api.store.columns import new_id
from pilah_api.store.opening import open_store
from pilah_api.store.tables import METADATA
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from tests.api.casework import INTAKE, NIK, almanac, crew, png, upload
from tests.api.stores import TEST, Place
from tests.api.test_keeping import MINUTE, PARTISAN, judged

BUDI, TONO = "Budi Terlapor", "Tono Kedua Terlapor"
OTHERS = ("Wati Pelapor", "Kenanga", "wati@example.org", "Joko Saksi")
"""The reporter and the witness of every case."""
People = dict[str, Person]


def open_case(place: Place, store: Store, people: People, name: str = BUDI) -> str:
    """A case with a post of a batch, its judgement, a review, a step, and one piece of evidence."""
    officer = people["petugas"]
    with store.writing(TEST) as unit:
        batch = unit.batches.add("console", "unggahan.csv", {}, "f" * 64, MINUTE)
        post = unit.posts.add_judged(PARTISAN, judged(PARTISAN), f"person:{officer.id}", batch_id=batch)
        assert post is not None
        unit._session.add(_review(post.id, officer.id, place))
    with store.writing(TEST) as unit:
        case_id = open_from(unit, officer, {**INTAKE, "party_name": name}, almanac(), post_id=post.id)
    add_evidence(store, place.home, officer, case_id, upload(photo(name), "tangkapan layar.png"), TEST)
    with store.writing(TEST) as unit:
        version = look(unit, Caller(person=officer), case_id).case.version
        move_case(unit, officer, case_id, version, State.TRIASE, f"Lengkap, kata {name}.", almanac())
    return case_id


def photo(name: str) -> bytes:
    """A picture of its own for each person concerned."""
    return png(width=len(name))


def _review(post_id: str, person_id: str, place: Place) -> tables.ReviewRow:
    return tables.ReviewRow(
        id=new_id(place.clock.now),
        post_id=post_id,
        person_id=person_id,
        round=1,
        turn=1,
        state="decided",
        label="partisan",
        forms=["B02"],
        reason="ajakan jelas",
        conflict_of_interest=False,
        decided_at=place.clock.now,
    )


def read(archive: Path) -> dict[str, Any]:
    with zipfile.ZipFile(archive) as content:
        data: dict[str, Any] = json.loads(content.read(DATA_FILE))
        return data


def tables_of_cases() -> set[str]:
    """Every table that refers to a case, directly or through a post, however many there will be."""
    found, before = {"cases"}, set[str]()
    while found != before:
        before = set(found)
        found |= {
            table.name
            for table in METADATA.tables.values()
            if any(key.column.table.name in before for key in table.foreign_keys)
        }
    return found - {"cases"}


def test_an_export_holds_everything_of_one_case_and_nothing_of_another(
    place: Place, store: Store, tmp_path: Path
) -> None:
    people = crew(store)
    case_id = open_case(place, store, people)
    open_case(place, store, people, TONO)
    archive = tmp_path / "salinan.zip"
    exported = export_case(store, place.home, case_id, archive, TEST)
    data = read(archive)
    assert exported.missing == ()
    kinds = ("case", "posts", "judgements", "reviews", "evidence", "case_members", "case_steps", "files")
    assert {name: exported.counts[name] for name in kinds} == dict.fromkeys(kinds, 1)
    # A post that is no longer in the queue has no row there.
    missing = tables_of_cases() - set(data)
    assert missing <= {"queue", "sketches"}, "a table that refers to a case is not part of the export"
    assert data["case"]["identity"]["party_name"] == BUDI
    assert data["case"]["content"]["text"] == INTAKE["text"]
    assert data["evidence"][0]["name"] == "tangkapan layar.png"
    assert data["reviews"][0]["reason"] == "ajakan jelas"
    assert data["case_steps"][0]["reason"] == f"Lengkap, kata {BUDI}."
    assert data["judgements"][0]["model_version"] == "0.0.1"
    assert {"case.opened", "case.exported"} <= {record["action"] for record in data["audit"]}
    assert "Tono" not in json.dumps(data)
    with zipfile.ZipFile(archive) as content:
        (file,) = [name for name in content.namelist() if name.startswith("evidence/")]
        assert content.read(file) == photo(BUDI)
        assert "pelapor tidak disertakan" in content.read(NOTE_FILE).decode()
    assert archive.stat().st_mode & 0o077 == 0


def test_a_post_that_waits_in_the_queue_is_exported_with_its_place_there(
    place: Place, store: Store, tmp_path: Path
) -> None:
    case_id = open_case(place, store, crew(store))
    with store.writing(TEST) as unit:
        post_id = unit.dossiers.read(case_id).parts["posts"][0]["id"]
        unit.queue.add(post_id, judged(PARTISAN).decision, 1, place.clock.now.date(), "a" * 64, [1, 2])
    export_case(store, place.home, case_id, tmp_path / "a.zip", TEST)
    assert tables_of_cases() <= set(read(tmp_path / "a.zip"))


def test_staff_are_named_by_role_and_reporters_and_witnesses_not_at_all(
    place: Place, store: Store, tmp_path: Path
) -> None:
    people = crew(store)
    case_id = open_case(place, store, people)
    export_case(store, place.home, case_id, tmp_path / "a.zip", TEST)
    data = read(tmp_path / "a.zip")
    assert data["case"]["opened_by"] == data["reviews"][0]["person_id"] == ["petugas"]
    assert data["posts"][0]["brought_by"] == "person"
    assert {record["by"] for record in data["audit"]} <= {"person", "console", "system"}
    text = json.dumps(data, ensure_ascii=False)
    assert not [someone.id for someone in people.values() if f'"{someone.id}"' in text]
    assert not [word for word in OTHERS if word in text]
    assert "left out" in data["case"]["reporter"]
    assert "left out" in data["evidence"][0]["captured_by"]


def test_a_file_that_is_gone_or_altered_is_named(place: Place, store: Store, tmp_path: Path) -> None:
    people = crew(store)
    cases = [open_case(place, store, people), open_case(place, store, people, TONO)]
    files = {path.read_bytes(): path for path in (place.home / "evidence").iterdir()}
    files[photo(BUDI)].unlink()
    files[photo(TONO)].chmod(0o600)
    files[photo(TONO)].write_bytes(b"lain")
    for case_id, words in zip(cases, ("cannot be read", "was altered"), strict=True):
        archive = tmp_path / f"{case_id}.zip"
        (sentence,) = export_case(store, place.home, case_id, archive, TEST).missing
        assert words in sentence
        assert read(archive)["missing_files"] == [sentence]


def test_an_unknown_case_leaves_no_trace_and_an_archive_is_not_replaced(
    place: Place, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError):
        export_case(store, place.home, "x", tmp_path / "a.zip", TEST)
    (tmp_path / "b.zip").write_bytes(b"lain")
    with pytest.raises(InputError, match="exists"):
        export_case(store, place.home, "x", tmp_path / "b.zip", TEST)
    with store.reading() as unit:
        assert [record.action for record in unit.audit.walk()] == ["store.created"]
    assert not (tmp_path / "a.zip").exists()


def test_case_export_and_erase_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "home", None)
    monkeypatch.setenv("PILAH_HOME", str(place.home))
    store = place.open()
    case_id = open_case(place, store, crew(store))
    store.close()
    archive = tmp_path / "salinan.zip"
    assert cli.run(["case", "export", case_id, str(archive)]) == 0
    assert "posts 1" in capsys.readouterr().out
    assert cli.run(["case", "erase", case_id, "--reason", "bukan pelanggaran"]) == 0
    out, err = capsys.readouterr()
    assert "backups made before still hold it" in out
    assert "still holds the uploaded feed" in err
    store = open_store(place.home, None, None)
    export_case(store, place.home, case_id, tmp_path / "sesudah.zip", TEST)
    after = read(tmp_path / "sesudah.zip")
    # Who took which step when stays; whatever was said of the person concerned is gone from every table.
    assert tables_of_cases() & set(after) <= {"case_members", "case_steps"}
    assert not {"identity", "reporter", "content"} & {name for name, value in after["case"].items() if value}
    assert not any(step["reason"] for step in after["case_steps"])
    text = json.dumps(after, ensure_ascii=False)
    assert not [word for word in (BUDI, NIK, *OTHERS, str(INTAKE["text"]), PARTISAN) if word in text]
    assert [record["action"] for record in after["audit"]][-2:] == ["erasure", "case.exported"]
    assert list((place.home / "evidence").iterdir()) == []
    store.close()
    assert cli.run(["case", "erase", case_id, "--reason", "lagi"]) == 2
    assert cli.run(["case", "export", "x", str(tmp_path / "c.zip")]) == 2


def test_an_incomplete_export_has_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "home", None)
    monkeypatch.setenv("PILAH_HOME", str(place.home))
    store = place.open()
    case_id = open_case(place, store, crew(store))
    store.close()
    next((place.home / "evidence").iterdir()).unlink()
    assert cli.run(["case", "export", case_id, str(tmp_path / "a.zip")]) == 1
    assert "bring it back from a backup" in capsys.readouterr().err
