"""`pilah user`, `key`, `audit`, `db`, `purge`, `backup`, `restore` and the doctor's lines on the store."""

from __future__ import annotations

import json
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_api import cli, doctor
from pilah_api.access import Role, Scope
from pilah_api.services.backup import BackupError, Keys, back_up, restore
from pilah_api.services.keys import make_key, revoke_key
from pilah_api.services.people import change_person
from pilah_api.services.retries import Answer, Retry, once
from pilah_api.services.sessions import meet
from pilah_api.settings import Settings
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from tests.api.stand_in import StandIn
from tests.api.stores import TEST, Place, enter, person

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PILAH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call


def with_store(home: Path) -> Store:
    return open_store(home, None, None)


def test_a_link_to_an_ipv6_address_can_be_opened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAH_HOST", "::1")
    _, out, _ = run("user", "add", "sari", "--name", "Sari", "--role", "petugas")
    assert out.startswith("http://[::1]:8000/masuk/tautan?kode=")


def test_people_by_command(run: Run, home: Path) -> None:
    code, out, err = run("user", "add", "sari", "--name", "Sari Dewi", "--role", "petugas", "--role", "penelaah")
    assert code == 0
    assert out.startswith("http://127.0.0.1:8000/masuk/tautan?kode=")
    assert "24 hours" in err
    assert run("user", "list")[1].startswith("sari\tpenelaah,petugas\tactive\tnever\tSari Dewi")
    assert run("user", "link", "sari")[1] != out
    assert run("user", "disable", "sari")[0] == 0
    assert "closed" in run("user", "list")[1]
    assert run("user", "link", "sari")[0] == 2
    assert run("user", "enable", "sari")[0] == 0
    assert run("user", "release", "sari")[0] == 2
    assert run("user", "erase", "sari")[0] == 0
    assert "Sari" not in run("user", "list")[1]
    code, _, err = run("user", "disable", "tidakada")
    assert (code, "pilah user list" in err) == (2, True)
    assert run("user", "add", "x1", "--name", "X", "--role", "raja")[0] == 2


def test_keys_by_command(run: Run) -> None:
    code, out, err = run("key", "create", "portal", "--scope", "judge", "--days", "30")
    assert code == 0
    secret = out.strip()
    key_id = err.split()[1]
    listed = run("key", "list")[1]
    assert secret not in listed
    assert listed.startswith(f"{key_id}\t{secret[:10]}…\tjudge\tuntil ")
    assert run("key", "revoke", key_id)[0] == 0
    assert "revoked" in run("key", "list")[1]
    assert run("key", "revoke", "x")[0] == 2
    assert run("key", "create", "portal", "--scope", "judge", "--days", "9999")[0] == 2


def test_the_audit_by_command(run: Run, home: Path, tmp_path: Path) -> None:
    run("user", "add", "sari", "--name", "Sari", "--role", "petugas")
    code, out, _ = run("audit", "verify")
    assert code == 0
    assert out.startswith("3 records, intact")
    anchor = out.split("anchor ")[1].split()[0]
    assert run("audit", "verify", "--anchor", anchor)[0] == 0
    assert run("audit", "export", "--out", str(tmp_path / "audit.jsonl"))[0] == 0
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert run("audit", "export", "--out", str(tmp_path / "audit.jsonl"))[0] == 2, "nothing is overwritten"
    assert len(run("audit", "export")[1].splitlines()) > len(lines)
    with sqlite3.connect(home / "pilah.db") as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("UPDATE audit SET actor = 'person:x' WHERE seq = 2")
    raw.close()
    code, out, _ = run("audit", "verify")
    assert code == 1
    assert "record 2: the record was altered" in out
    assert "audit_no_update" in out


def test_upkeep_by_command(run: Run) -> None:
    assert "has version" in run("db", "upgrade")[1]
    assert run("purge")[1].startswith("posts.butuh_konteks 0, ")
    assert run("db", "renew-keys")[1].startswith("0 fields")
    assert run("db", "recount")[:2] == (0, "0 post(s) were counted wrongly or not yet; all are right now\n")


def test_the_doctor_looks_without_making_anything(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "load_judge", lambda _: StandIn())
    code, out, _ = run("doctor")
    assert code == 0
    assert "no database in" in out
    assert not home.exists()
    run("user", "add", "sari", "--name", "Sari", "--role", "petugas")
    out = run("doctor")[1]
    assert "audit intact, 3 records" in out
    assert "journal wal, check ok" in out
    assert f"SQLite {sqlite3.sqlite_version}" in out
    (home / "data.key").chmod(0o644)
    code, out, _ = run("doctor")
    assert (code, "chmod 600" in out) == (3, True)
    (home / "data.key").rename(tmp_path / "data.key")
    code, out, _ = run("doctor")
    assert (code, "data.key is missing" in out) == (3, True)


def test_a_backup_is_whole_while_others_write_and_comes_back(run: Run, home: Path, tmp_path: Path) -> None:
    store = with_store(home)
    with store.writing(TEST) as unit:
        unit.set_fact("padding", "x" * 4_000_000)  # more pages than any one step of a copy would take
    (home / "evidence").mkdir()
    (home / "evidence" / ("a" * 64)).write_bytes(b"png" * 1000)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            person(store, Role.PETUGAS, login=f"orang{number}")

    writer = threading.Thread(target=write)
    writer.start()
    archive = tmp_path / "cadangan.zip"
    assert run("backup", str(archive))[0] == 0
    stop.set()
    writer.join()
    store.close()
    assert archive.stat().st_mode & 0o077 == 0
    assert run("backup", str(archive))[0] == 2, "nothing is overwritten"
    for path in (home / "evidence").iterdir():
        path.unlink()
    run("user", "add", "nanti", "--name", "Nanti", "--role", "petugas")
    assert run("restore", str(archive))[0] == 2
    code, _, err = run("restore", str(archive), "--replace")
    assert code == 0, err
    assert "nanti" not in run("user", "list")[1]
    assert (home / "evidence" / ("a" * 64)).read_bytes() == b"png" * 1000
    assert len(list(home.glob("pilah.db.before-*"))) == 1
    assert run("audit", "verify")[0] == 0
    assert '"backup.restored"' in run("audit", "export")[1]


def test_a_backup_comes_back_on_a_new_machine_with_its_keys_only(home: Path, tmp_path: Path) -> None:
    store = with_store(home)
    person(store)
    archive = tmp_path / "cadangan.zip"
    back_up(store, home, archive, TEST)
    store.close()
    new = tmp_path / "new"
    with pytest.raises(Exception, match=r"data\.key"):
        restore(new, archive, Keys(None), replace=False, origin=TEST)
    assert not (new / "pilah.db").exists()
    key = (home / "data.key").read_text().strip()
    restore(new, archive, Keys(key), replace=False, origin=TEST)
    restored = open_store(new, None, key)
    with restored.reading() as unit:
        assert unit.people.find("sari") is not None
    restored.close()


def test_a_restore_brings_no_ended_access_back_unsaid(run: Run, home: Path, tmp_path: Path) -> None:
    store = with_store(home)
    opened = enter(store, Role.PENELAAH, login="budi")
    sari = person(store)
    with store.writing(TEST) as unit:
        key, _ = make_key(unit, "portal", frozenset({Scope.JUDGE}), 9, "console")
        once(unit, Retry("person:1", "POST /v1/things", "k", "h"), lambda: Answer({"id": 1}, {"id": 1}))
    back_up(store, home, tmp_path / "a.zip", TEST)
    with store.writing(TEST) as unit:
        revoke_key(unit, key.id)
        change_person(unit, sari.id, active=False)
    store.close()
    code, out, _ = run("restore", str(tmp_path / "a.zip"), "--replace")
    assert code == 0
    assert "2 key(s), account(s), case(s)" in out
    assert f"key:{key.id}\tkey.revoked" in out
    assert f"person:{sari.id}\tperson.changed" in out
    assert opened.person.id not in out
    store = with_store(home)
    assert opened.token is not None
    assert meet(store, opened.token) is None
    with store.reading() as unit:
        (record,) = unit.audit.page(None, 1)
        assert json.loads(record.detail)["ended"] == {"sessions": 1, "links": 1, "retries": 1}
    store.close()


def test_a_restore_says_when_it_cannot_compare(run: Run, home: Path, tmp_path: Path) -> None:
    store = with_store(home)
    back_up(store, home, tmp_path / "a.zip", TEST)
    store.close()
    (home / "pilah.db").unlink()
    assert "are back: end them again" in run("restore", str(tmp_path / "a.zip"))[1]
    (home / "pilah.db").unlink()
    with_store(home).close()
    assert "by hand" in run("restore", str(tmp_path / "a.zip"), "--replace")[1]


def test_a_purge_says_what_it_left(run: Run, home: Path) -> None:
    run("db", "upgrade")
    (home / "pilah.db.before-x").write_text("")
    code, _, err = run("purge")
    assert (code, "pilah.db.before-x may know them" in err) == (0, True)


def test_a_database_in_use_is_not_replaced(home: Path, tmp_path: Path) -> None:
    store = with_store(home)
    archive = tmp_path / "cadangan.zip"
    back_up(store, home, archive, TEST)
    with store.reading() as unit:
        unit.fact("version")
        with pytest.raises(Exception, match="in use"):
            restore(home, archive, Keys(None), replace=True, origin=TEST)
    store.close()
    restore(home, archive, Keys(None), replace=True, origin=TEST)


def spoiled(archive: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(archive) as source:
        files = {name: source.read(name) for name in source.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return target


def _manifest(files: dict[str, bytes], name: str, **facts: object) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["files"][name] = {"bytes": 1, "sha256": "0" * 64, **facts}
    files["manifest.json"] = json.dumps(manifest).encode()


SPOILINGS: dict[str, Callable[[dict[str, bytes]], None]] = {
    "database altered": lambda files: files.update({"pilah.db": files["pilah.db"][:-1] + b"x"}),
    "path out of the folder": lambda files: _manifest(files, "../../evil"),
    "absolute path": lambda files: _manifest(files, "/etc/passwd"),
    "manifest lost": lambda files: files.__delitem__("manifest.json"),
    "manifest broken": lambda files: files.update({"manifest.json": b"{"}),
    "format of the future": lambda files: files.update({"manifest.json": b'{"format": 9, "files": {}}'}),
    "file lost": lambda files: _manifest(files, "evidence/" + "b" * 64),
    "more than announced": lambda files: _manifest(files, "pilah.db", bytes=10),
}


@pytest.mark.parametrize("name", SPOILINGS)
def test_a_spoiled_archive_changes_nothing(home: Path, tmp_path: Path, name: str) -> None:
    store = with_store(home)
    person(store)
    back_up(store, home, tmp_path / "whole.zip", TEST)
    store.close()
    before = sorted(path.name for path in home.iterdir() if "-" not in path.name)
    archive = spoiled(tmp_path / "whole.zip", tmp_path / "spoiled.zip", SPOILINGS[name])
    with pytest.raises(BackupError):
        restore(home, archive, Keys(None), replace=True, origin=TEST)
    assert sorted(path.name for path in home.iterdir() if "-" not in path.name) == before
    with pytest.raises(BackupError):
        restore(home, tmp_path / "none.zip", Keys(None), replace=True, origin=TEST)


def test_postgresql_is_backed_up_by_its_own_tool(place: Place, tmp_path: Path) -> None:
    store = place.open()
    if place.url is None:
        assert back_up(store, place.home, tmp_path / "a.zip", TEST) == 1
    else:
        with pytest.raises(Exception, match="pg_dump --format=custom"):
            back_up(store, place.home, tmp_path / "a.zip", TEST)
        assert not (tmp_path / "a.zip").exists()
    store.close()


def test_settings_name_the_store(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAH_DATABASE", "postgresql://pilah:geheim@127.0.0.1:1/x")
    code, out, err = run("user", "list")
    assert code == 2
    assert "127.0.0.1" in err
    assert "geheim" not in out + err
    assert Settings.from_environment({"PILAH_DATABASE": "postgresql://u:geheim@h/d"}).database is not None
