"""Opens the store: connect, migrate, find the keys, and make sure that they are the ones the data was encrypted with."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pilah_api.keyring import Keyring, load_data_keys
from pilah_api.store.access_tables import MetaRow
from pilah_api.store.audit import Origin
from pilah_api.store.columns import utc_now
from pilah_api.store.copies import describe_database
from pilah_api.store.engine import StoreError, StoreUnavailableError, database_url, make_engine, shown
from pilah_api.store.migrate import HEAD, upgrade
from pilah_api.store.units import KEY_CHECK, Clock, Store

_PROOF = "pilah"
_VERSION = "version"


def open_store(home: Path, database: str | None, data_keys: str | None, clock: Clock = utc_now) -> Store:
    """Open the store of a data folder or database URL, ready for use; a new one is made if there is none.

    Raises StoreError or KeyringError, saying what stands in the way.
    """
    url = database_url(home, database)
    engine = make_engine(url)
    try:
        upgrade(engine)
        keyring = load_data_keys(home, data_keys, may_make=not _was_used(engine))
        store = Store(engine, keyring, clock)
        _check_keys(store, keyring)
    except (SQLAlchemyError, OSError) as error:
        engine.dispose()
        raise _refused(error, shown(url)) from None
    except BaseException:
        engine.dispose()
        raise
    return store


def describe_store(home: Path, database: str | None, keyring: Keyring) -> list[str]:
    """Say where the database is and in what state, audit included, without changing it. Raises StoreError."""
    url = database_url(home, database)
    engine = make_engine(url)
    try:
        lines = [shown(url), *describe_database(engine)]
        store = Store(engine, keyring)
        with store.reading() as unit:
            keyring.decrypt(unit.fact(KEY_CHECK) or "")
            findings = unit.audit.verify()
            head = unit.audit.head()
            kept = ", ".join(f"{name} {count}" for name, count in unit.retention.counts().items())
    except (SQLAlchemyError, OSError) as error:
        raise _refused(error, shown(url)) from None
    finally:
        engine.dispose()
    audit = (
        f"audit NOT intact: {findings[0].what}; see pilah audit verify"
        if findings
        else f"audit intact, {head.seq} records"
    )
    return [*lines, audit, kept]


def _refused(error: SQLAlchemyError | OSError, where: str) -> StoreError:
    why = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
    message = f"the database {where} cannot be opened ({why[0] if why else type(error).__name__}); "
    hint = "check that its server runs and that PILAH_DATABASE is right, or that PILAH_HOME can be written"
    return StoreUnavailableError(message + hint)


def _was_used(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.scalar(MetaRow.__table__.select().where(MetaRow.name == KEY_CHECK)) is not None


def _check_keys(store: Store, keyring: Keyring) -> None:
    with store.reading() as unit:
        proof, version = unit.fact(KEY_CHECK), unit.fact(_VERSION)
    if proof is not None:
        keyring.decrypt(proof)
    if version == HEAD:
        return
    with store.writing(Origin("system")) as unit:
        # Of servers that start together, one writes this and the others find it.
        unit.audit.hold()
        proof = unit.fact(KEY_CHECK)
        if unit.fact(_VERSION) == HEAD:
            keyring.decrypt(proof or "")
            return
        if proof is None:
            unit.set_fact(KEY_CHECK, keyring.encrypt(_PROOF))
        unit.set_fact(_VERSION, HEAD)
        unit.statistics.recount()
        unit.audit.append("store.upgraded" if proof else "store.created", "store", {"version": HEAD})
