"""Copies of the embedded database: taken while it is in use, checked before one is trusted, put in place whole."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from sqlalchemy import Engine, inspect

from pilah_api.store.engine import StoreError, StoreUnavailableError
from pilah_api.store.migrate import HEAD, current_version

_ALL_PAGES = -1


def snapshot(engine: Engine, target: Path) -> None:
    """Write a consistent copy of the embedded database while others write to it. Raises StoreError for PostgreSQL."""
    if engine.dialect.name != "sqlite":
        raise StoreError(
            "a PostgreSQL database is backed up by its own tool: pg_dump --format=custom --file=pilah.dump DATABASE, "
            "and restored by: pg_restore --clean --if-exists --dbname=DATABASE pilah.dump; keep data.key and evidence/ too"
        )
    source = engine.raw_connection()
    try:
        driver = source.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise StoreError("the driver of the embedded database is not the one of Python; install Pilah anew")
        with contextlib.closing(sqlite3.connect(target)) as copy:
            # In one step: one of several begins anew whenever another connection writes, and would never end.
            driver.backup(copy, pages=_ALL_PAGES)
            # The copy travels as one file.
            copy.execute("PRAGMA journal_mode = DELETE").close()
    finally:
        source.close()


def check_copy(path: Path) -> str:
    """Return the version of a copied database. Raises StoreError if it is damaged or not one of Pilah's."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            state = copy.execute("PRAGMA integrity_check").fetchone()[0]
            version = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path.name} is not a database of Pilah ({error}); take another backup") from None
    if state != "ok" or version is None:
        raise StoreError(f"{path.name} is damaged ({state}); take another backup")
    return str(version[0])


def deeds_after(path: Path, seq: int, hash_: str, kinds: tuple[str, ...]) -> dict[str, list[str]] | None:
    """Return what the audit of a copied database holds after a record: actions by object, of the given kinds of objects.

    None if the copy cannot be read, or is no continuation of that record.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            if copy.execute("SELECT 1 FROM audit WHERE seq = ? AND hash = ?", (seq, hash_)).fetchone() is None:
                return None
            rows = copy.execute("SELECT object, action FROM audit WHERE seq > ? ORDER BY seq", (seq,)).fetchall()
    except sqlite3.DatabaseError:
        return None
    deeds: dict[str, list[str]] = {}
    for object_, action in rows:
        if object_.startswith(kinds) and not action.startswith("session."):
            known = deeds.setdefault(object_, [])
            if action not in known:
                known.append(action)
    return deeds


def must_be_idle(path: Path) -> None:
    """Raise StoreUnavailableError if another process has the embedded database open."""
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            # Leaving the write-ahead log needs the file alone, so it fails while anybody else has it open.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError:
            raise StoreUnavailableError(f"{path} is in use; stop the server and its workers, then restore") from None


def describe_database(engine: Engine) -> list[str]:
    """Say what state a database is in, without changing it."""
    with engine.connect() as connection:
        version = current_version(connection)
        lines = [f"version {version or 'none'} ({'current' if version == HEAD else f'this Pilah needs {HEAD}'})"]
        if engine.dialect.name == "sqlite":
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            state = connection.exec_driver_sql("PRAGMA quick_check").scalar()
            lines.append(f"journal {mode}, check {state}")
        lines.append(f"{len(inspect(connection).get_table_names())} tables")
    return lines
