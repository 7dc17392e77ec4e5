"""Connects to the database: how SQLite must be opened to be safe, and how PostgreSQL is reached."""

from __future__ import annotations

import importlib.util
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from pilah_data.errors import MissingExtraError, PilahError

DATABASE_FILE = "pilah.db"
BUSY_MILLISECONDS = 15_000
BRIEF_MILLISECONDS = 250
"""How long a unit waits that may as well be left out."""
_OLDEST_SQLITE = (3, 35)
"""The first with RETURNING."""
_WRITES, _BRIEF = "pilah_writes", "pilah_brief"


class StoreError(PilahError):
    """The database cannot be used; the message says why and what to do."""


class StoreUnavailableError(StoreError):
    """The database does not answer now; the request may be sent again later."""


def database_url(home: Path, given: str | None) -> URL:
    """Return the address of the database: the one given, or a file in the data folder. Raises StoreError."""
    if not given:
        return URL.create("sqlite", database=str(home / DATABASE_FILE))
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        # The library's own message would quote a part of the password.
        raise StoreError("PILAH_DATABASE is not a URL; give postgresql://user:password@host/database") from None
    if url.get_backend_name() != "postgresql":
        raise StoreError("PILAH_DATABASE must begin with postgresql://; leave it unset for the embedded database")
    if "@" in (url.host or "") or "@" in str(url.query.get("host", "")):
        raise StoreError("PILAH_DATABASE has an @ within its password or host; write it there as %40")
    return url.set(drivername="postgresql+psycopg")


def make_engine(url: URL) -> Engine:
    """Make the engine; nothing is opened yet.

    Raises MissingExtraError if the PostgreSQL driver is not installed, and StoreError if SQLite is too old.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if importlib.util.find_spec("psycopg") is None:
        raise MissingExtraError("postgres", "psycopg")
    # A server that was restarted must not cost a request: connections are tried before they are used.
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        connect_args={"connect_timeout": 10},
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_BRIEF):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BRIEF_MILLISECONDS}")

    return engine


def for_reading(engine: Engine) -> Engine:
    """Return the engine for units that only look: one consistent picture, which no writer holds up."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return engine


def for_writing(engine: Engine) -> Engine:
    """Return the engine for units that change something."""
    # SQLite: the write lock is taken at the start, since a reader that turns writer is refused when another came between.
    return engine.execution_options(**{_WRITES: True})


def for_noting(engine: Engine) -> Engine:
    """Return the engine for units that note something in passing: they wait for a moment only."""
    return engine.execution_options(**{_WRITES: True, _BRIEF: True})


def sqlite_version() -> str:
    """Return the version of the embedded database. Raises StoreError for one that lacks what the store needs."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old, Pilah needs {'.'.join(map(str, _OLDEST_SQLITE))} or newer; "
            "use a Python built with one, or set PILAH_DATABASE"
        )
    return sqlite3.sqlite_version


def shown(url: URL) -> str:
    """Return the address without its password."""
    return url.render_as_string(hide_password=True)


def _sqlite(url: URL) -> Engine:
    sqlite_version()
    engine = create_engine(url, hide_parameters=True)
    path = Path(str(url.database))

    @event.listens_for(engine, "do_connect")
    def _private(*_: object) -> None:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver would begin transactions where it sees fit
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",  # what was acknowledged survives a power cut
            "foreign_keys = ON",
            "recursive_triggers = ON",  # else REPLACE would delete audit records without asking their trigger
            "secure_delete = ON",  # what was purged is overwritten
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options: dict[str, Any] = dict(connection.get_execution_options())
        wait = BRIEF_MILLISECONDS if options.get(_BRIEF) else BUSY_MILLISECONDS
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}").close()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")

    return engine
