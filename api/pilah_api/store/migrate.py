"""Brings a database to the version that this code needs: under a lock, all in one transaction with its record."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from pilah_api.store.engine import StoreError, for_writing

HEAD = "0011"
"""The version that this code needs; known here so that a database that has it costs no look at the migrations."""

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_402_511
"""An arbitrary number that all Pilah servers of one PostgreSQL agree on."""


def current_version(connection: Connection) -> str | None:
    """Return the version of a database, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def upgrade(engine: Engine) -> bool:
    """Migrate if need be and return whether it was; servers that start together wait for one another.

    Raises StoreError for a database that a newer Pilah made.
    """
    with engine.connect() as connection:
        if current_version(connection) == HEAD:
            return False
    with for_writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        found = current_version(connection)
        if found == HEAD:
            return False
        _check_known(found)
        _run(connection, HEAD)
        return True


def _check_known(found: str | None) -> None:
    known = {path.stem[1:5] for path in (_SCRIPTS / "versions").glob("v*.py")}
    if found is not None and found not in known:
        raise StoreError(
            f"the database has version {found}, this Pilah knows versions up to {HEAD}: it was used with a newer Pilah; "
            "install that one, or restore a backup"
        )


def _run(connection: Connection, target: str) -> None:
    # Imported on use: a database that is up to date needs none of it.
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    # Alembic's own recipe for running without its environment file, which would be code that runs on import.
    with EnvironmentContext(config, scripts, fn=lambda found, _: scripts._upgrade_revs(target, found)) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
