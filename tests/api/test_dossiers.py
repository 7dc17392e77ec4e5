"""What a person concerned may see and have erased: all of it, whatever table it lies in, and nothing about others."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pilah_api import cli
from pilah_api.access import NotFoundError, Role
from pilah_api.services.dossiers import DATA_FILE, NOTE_FILE, export_case
from pilah_api.store import work_tables as tables
from pilah_api.store.columns import new_id
from pilah_api.store.opening import open_store
from pilah_api.store.tables import METADATA
from pilah_api.store.units import Store
from pilah_data.errors import InputError
from pilah_model.artefacts import file_sha256
from tests.api.stores import TEST, Place, person
from tests.api.test_keeping import MINUTE, PARTISAN, judged

PHOTO = b"foto"


def open_case(place: Place, store: Store, *, login: str = "sari") -> str:
    """A case with a post of a batch, its judgement, a review, and one piece of evidence."""
    officer = person(store, Role.PENELAAH, login=login)
    now = place.clock.now
    case_id = new_id(now)
    folder = place.home / "evidence"
    folder.mkdir(exist_ok=True)
    (folder / "new").write_bytes(PHOTO + login.encode())
    sha256 = file_sha256(folder / "new")
    (folder / "new").rename(folder / sha256)
    with store.writing(TEST) as unit:
        sealed = unit._keyring.encrypt
        case = tables.CaseRow(
            id=case_id,
            state="triase",
            unit="Lapas X",
            identity_sealed=sealed(f"Budi, rekan {login}"),
            reporter_sealed=sealed("Pelapor Rahasia"),
            facts={"platform": "x"},
            opened_by=officer.id,
            created_at=now,
        )
        unit._session.add(case)
        unit._session.flush()
        batch = unit.batches.add("console", "unggahan.csv", [1], {}, "f" * 64, MINUTE)
        post = unit.posts.add_judged(PARTISAN, judged(PARTISAN), f"person:{officer.id}", batch_id=batch)
        assert post is not None
        unit._session.execute(sa.update(tables.PostRow).values(case_id=case_id).where(tables.PostRow.id == post.id))
        unit._session.add_all(
            [_review(post.id, officer.id, place), _evidence(case_id, sha256, officer.id, place, sealed)]
        )
        unit.audit.append("case.opened", f"case:{case_id}", {"unit": "Lapas X"}, actor=f"person:{officer.id}")
    return case_id


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


def _evidence(case_id: str, sha256: str, person_id: str, place: Place, sealed: Any) -> tables.EvidenceRow:
    return tables.EvidenceRow(
        id=new_id(place.clock.now),
        case_id=case_id,
        sha256=sha256,
        bytes=4,
        media_type="image/png",
        name_sealed=sealed("tangkapan budi.png"),
        checks={"url": True},
        added_by=person_id,
        added_at=place.clock.now,
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
    return found


def test_an_export_holds_everything_of_one_case_and_nothing_of_another(
    place: Place, store: Store, tmp_path: Path
) -> None:
    case_id = open_case(place, store)
    open_case(place, store, login="tono")
    archive = tmp_path / "salinan.zip"
    exported = export_case(store, place.home, case_id, archive, TEST)
    data = read(archive)
    assert exported.missing == ()
    assert exported.counts == {
        "case": 1, "posts": 1, "judgements": 1, "reviews": 1, "evidence": 1, "audit": 2, "files": 1,
    }  # fmt: skip
    assert tables_of_cases() - {"cases"} <= set(data), "a table that refers to a case is missing in the export"
    assert data["case"]["identity"] == "Budi, rekan sari"
    assert data["evidence"][0]["name"] == "tangkapan budi.png"
    assert data["reviews"][0]["reason"] == "ajakan jelas"
    assert data["judgements"][0]["model_version"] == "0.0.1"
    assert [record["action"] for record in data["audit"]] == ["case.opened", "case.exported"]
    with zipfile.ZipFile(archive) as content:
        (photo,) = [name for name in content.namelist() if name.startswith("evidence/")]
        assert content.read(photo) == PHOTO + b"sari"
        assert "pelapor tidak disertakan" in content.read(NOTE_FILE).decode()
    assert archive.stat().st_mode & 0o077 == 0


def test_staff_are_named_by_role_and_the_reporter_not_at_all(place: Place, store: Store, tmp_path: Path) -> None:
    case_id = open_case(place, store)
    export_case(store, place.home, case_id, tmp_path / "a.zip", TEST)
    data = read(tmp_path / "a.zip")
    assert data["case"]["opened_by"] == data["reviews"][0]["person_id"] == ["penelaah"]
    assert data["posts"][0]["brought_by"] == data["audit"][0]["by"] == "person"
    with store.reading() as unit:
        (officer,) = unit.people.page(None, 5)
    assert officer.id not in json.dumps(data)
    assert "Rahasia" not in json.dumps(data)
    assert "left out" in data["case"]["reporter"]


def test_a_file_that_is_gone_or_altered_is_named(place: Place, store: Store, tmp_path: Path) -> None:
    cases = [open_case(place, store), open_case(place, store, login="tono")]
    files = sorted((place.home / "evidence").iterdir(), key=lambda path: path.read_bytes())
    files[0].unlink()
    files[1].write_bytes(b"lain")
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
    case_id = open_case(place, store)
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
    assert set(after) == {"case", "audit", "missing_files"}, "an erasure leaves no row that refers to the case"
    assert (after["case"]["identity"], after["case"]["reporter"], after["case"]["facts"]) == (None, None, {})
    assert "Budi" not in json.dumps(after)
    assert after["audit"][-2]["action"] == "erasure"
    store.close()
    assert cli.run(["case", "erase", case_id, "--reason", "lagi"]) == 2
    assert cli.run(["case", "export", "x", str(tmp_path / "c.zip")]) == 2


def test_an_incomplete_export_has_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "home", None)
    monkeypatch.setenv("PILAH_HOME", str(place.home))
    store = place.open()
    case_id = open_case(place, store)
    store.close()
    next((place.home / "evidence").iterdir()).unlink()
    assert cli.run(["case", "export", case_id, str(tmp_path / "a.zip")]) == 1
    assert "bring it back from a backup" in capsys.readouterr().err
