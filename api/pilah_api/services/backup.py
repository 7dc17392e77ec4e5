"""Backups: one archive of the embedded database and the evidence, made while the server runs, and put back whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pilah_api.keyring import DATA_KEY_FILE
from pilah_api.services.keeping import EVIDENCE_FOLDER, SET_ASIDE
from pilah_api.store.audit import Origin
from pilah_api.store.copies import check_copy, deeds_after, must_be_idle, snapshot
from pilah_api.store.engine import DATABASE_FILE
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from pilah_api.versions import pilah_version
from pilah_data.errors import InputError
from pilah_model.artefacts import file_sha256

_MANIFEST = "manifest.json"
_FORMAT = 1
_MEMBER = re.compile(rf"{re.escape(DATABASE_FILE)}|{EVIDENCE_FOLDER}/[0-9a-f]{{64}}")
_CHUNK = 1 << 20
_COMPARED = ("key:", "person:", "case:")
"""Objects whose end a restored database does not know of."""


class BackupError(InputError):
    """An archive cannot be made or put back; the message says why."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The data keys of the settings; None takes the file in the data folder. They are never part of an archive."""

    data_keys: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """Which database was put aside, if any, and what it knows that the restored one does not.

    `undone` holds actions by key, person or case; it is None where that cannot be told.
    """

    aside: Path | None
    undone: dict[str, list[str]] | None


def back_up(store: Store, home: Path, archive: Path, origin: Origin) -> int:
    """Write an archive and return how many files it holds; it appears only when it is complete.

    Raises StoreError for PostgreSQL and BackupError if the archive is there already.
    """
    if archive.exists():
        raise BackupError(f"{archive} exists; name another file")
    with store.writing(origin) as unit:
        unit.audit.append("backup.made", "store")
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE_FILE
        snapshot(store.engine, copy)
        # Files of evidence never change, so those that are there now hold all that the copy knows of.
        evidence = sorted(path for path in (home / EVIDENCE_FOLDER).glob("*") if path.is_file())
        files = {DATABASE_FILE: copy} | {f"{EVIDENCE_FOLDER}/{path.name}": path for path in evidence}
        partial = Path(folder) / "archive"
        _write(partial, files)
        partial.replace(archive)
    return len(files)


def restore(home: Path, archive: Path, keys: Keys, *, replace: bool, origin: Origin) -> Restored:
    """Put an archive in place after everything in it was checked; a database that is there is kept beside it.

    Sessions, links and answers to retries end, for some of them had ended since the archive was made.

    Raises BackupError, StoreError or KeyringError, before anything is changed.
    """
    database, aside = home / DATABASE_FILE, None
    if database.exists() and not replace:
        raise BackupError(f"{database} exists; give --replace to put it aside")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
        staged = Path(folder)
        _unpack(archive, staged)
        check_copy(staged / DATABASE_FILE)
        _check_readable(home, staged, keys)
        if database.exists():
            must_be_idle(database)
            aside = home / f"{SET_ASIDE}{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
            database.rename(aside)
        for leftover in ("-wal", "-shm"):
            Path(f"{database}{leftover}").unlink(missing_ok=True)
        (home / EVIDENCE_FOLDER).mkdir(mode=0o700, exist_ok=True)
        for path in (staged / EVIDENCE_FOLDER).glob("*"):
            path.replace(home / EVIDENCE_FOLDER / path.name)
        (staged / DATABASE_FILE).replace(database)
    store = open_store(home, None, keys.data_keys)
    try:
        with store.writing(origin) as unit:
            head = unit.audit.head()
            ended = unit.retention.end_access()
            unit.audit.append("backup.restored", "store", {"anchor": head.anchor, "ended": ended})
    finally:
        store.close()
    return Restored(aside, deeds_after(aside, head.seq, head.hash, _COMPARED) if aside else None)


def _check_readable(home: Path, staged: Path, keys: Keys) -> None:
    """Open the copy with the keys at hand, and check its audit, before it takes the place of anything."""
    key_file = home / DATA_KEY_FILE
    if keys.data_keys is None and key_file.exists():
        shutil.copy2(key_file, staged / key_file.name)
    store = open_store(staged, None, keys.data_keys)
    try:
        with store.reading() as unit:
            findings = unit.audit.verify()
    finally:
        store.close()
    if findings:
        raise BackupError(f"the audit in the archive is not whole ({findings[0].what}); take another backup")


def _write(target: Path, files: Mapping[str, Path]) -> None:
    manifest = {
        "format": _FORMAT,
        "pilah": pilah_version(),
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "files": {name: {"bytes": path.stat().st_size, "sha256": file_sha256(path)} for name, path in files.items()},
    }
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=2))
        for name, path in files.items():
            archive.write(path, name)
        archive.close()
        raw.flush()
        os.fsync(raw.fileno())


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            files = _read_manifest(archive)
            (folder / EVIDENCE_FOLDER).mkdir()
            for name, facts in files.items():
                with archive.open(name) as source, (folder / name).open("wb") as target:
                    _copy_checked(source, target, name, facts)
    except FileNotFoundError:
        raise BackupError(f"{path} does not exist; name an archive that pilah backup wrote") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise BackupError(f"{path} is not a whole archive of pilah backup ({error}); take another one") from None


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, dict[str, object]]:
    manifest = json.loads(archive.read(_MANIFEST))
    if manifest["format"] != _FORMAT:
        raise BackupError(f"the archive has format {manifest['format']!r}, this Pilah reads {_FORMAT}")
    files: dict[str, dict[str, object]] = manifest["files"]
    strange = [name for name in files if not _MEMBER.fullmatch(name)]
    if strange or DATABASE_FILE not in files:
        raise BackupError("the archive lists files that no backup holds, or no database; take another one")
    return files


def _copy_checked(source: IO[bytes], target: IO[bytes], name: str, facts: Mapping[str, object]) -> None:
    digest, size, announced = hashlib.sha256(), 0, int(str(facts["bytes"]))
    # No more than was announced is unpacked, whatever the archive holds.
    while chunk := source.read(min(_CHUNK, announced - size + 1)):
        size += len(chunk)
        if size > announced:
            break
        digest.update(chunk)
        target.write(chunk)
    if size != announced or digest.hexdigest() != facts["sha256"]:
        raise BackupError(f"{name} in the archive is damaged: its hash is not the one noted; take another archive")
