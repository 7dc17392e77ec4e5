"""The store itself, and the unit of work: all that one request changes becomes true together, or not at all."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from pilah_api.keyring import Keyring
from pilah_api.store.access_tables import MetaRow
from pilah_api.store.audit import Audit, Origin
from pilah_api.store.batches import Batches
from pilah_api.store.case_posts import CasePosts
from pilah_api.store.cases import Cases
from pilah_api.store.columns import utc_now
from pilah_api.store.dossiers import Dossiers
from pilah_api.store.engine import StoreUnavailableError, for_noting, for_reading, for_writing, shown
from pilah_api.store.evidence import EvidenceList
from pilah_api.store.feedback import Feedback
from pilah_api.store.keys import Keys
from pilah_api.store.people import People
from pilah_api.store.policies import Policies
from pilah_api.store.posts import Posts
from pilah_api.store.queue import Queue
from pilah_api.store.queue_lists import QueueLists
from pilah_api.store.retention import Retention
from pilah_api.store.retries import Retries
from pilah_api.store.reviews import Reviews
from pilah_api.store.sessions import Sessions
from pilah_api.store.shards import Shards
from pilah_api.store.statistics import Statistics
from pilah_api.store.workers import Workers
from pilah_data.errors import InputError

KEY_CHECK = "key_check"
"""Name of the fact that proves which data key a database was made with."""

log = logging.getLogger("pilah.store")

Clock = Callable[[], dt.datetime]
_Value = TypeVar("_Value")


class Unit:
    """One unit of work: the parts of the store, at one moment, in one transaction."""

    def __init__(self, session: Session, keyring: Keyring, now: dt.datetime, origin: Origin | None):
        touched: set[str] = set()
        self.now = now
        self.audit = Audit(session, keyring, now, origin)
        self.people = People(session, keyring, now)
        self.sessions = Sessions(session, now)
        self.keys = Keys(session, now)
        self.retries = Retries(session, now)
        self.posts = Posts(session, keyring, now, touched)
        self.batches = Batches(session, now)
        self.shards = Shards(session, now)
        self.workers = Workers(session, now)
        self.queue = Queue(session, now)
        self.queue_lists = QueueLists(session, now)
        self.reviews = Reviews(session, now, touched)
        self.cases = Cases(session, keyring, now)
        self.case_posts = CasePosts(session)
        self.evidence = EvidenceList(session, keyring, now)
        self.policies = Policies(session, now)
        self.feedback = Feedback(session)
        self.retention = Retention(session, keyring, now)
        self.statistics = Statistics(session, now)
        self.dossiers = Dossiers(session, keyring)
        self._session, self._keyring, self._touched = session, keyring, touched

    def settle(self) -> None:
        """Write down what became of the posts that this unit brought in or decided on."""
        if self._touched:
            self.statistics.settle(self._touched)
            self._touched.clear()

    def fact(self, name: str) -> str | None:
        """Return a fact about the database itself, or None."""
        return self._session.scalar(select(MetaRow.value).where(MetaRow.name == name))

    def set_fact(self, name: str, value: str) -> None:
        """Store a fact about the database itself."""
        self._session.merge(MetaRow(name=name, value=value))

    def renew_key_check(self) -> None:
        """Encrypt the proof of the data key with the newest one."""
        proof = self.fact(KEY_CHECK)
        if proof is not None:
            self.set_fact(KEY_CHECK, self._keyring.renew(proof))


class Store:
    """An open database with its keys; safe to share between threads."""

    def __init__(self, engine: Engine, keyring: Keyring, clock: Clock = utc_now):
        self._engine, self._keyring, self._clock = engine, keyring, clock
        self._readers, self._writers, self._noters = for_reading(engine), for_writing(engine), for_noting(engine)

    @property
    def kind(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def address(self) -> str:
        """Return where the database is, without a password."""
        return shown(self._engine.url)

    @property
    def engine(self) -> Engine:
        """Return the engine, for backups."""
        return self._engine

    def now(self) -> dt.datetime:
        """Return the present moment."""
        return self._clock()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Open a unit that only looks, at one consistent picture. Raises StoreUnavailableError."""
        with self._unit(self._readers, None) as (_, unit):
            yield unit

    @contextmanager
    def writing(self, origin: Origin | None = None) -> Iterator[Unit]:
        """Open a unit that changes something; it counts once this block is left.

        Raises StoreUnavailableError, and InputError for a value that the database cannot hold.
        """
        with self._unit(self._writers, origin) as (session, unit):
            yield unit
            unit.settle()
            session.commit()

    def note(self, work: Callable[[Unit], _Value]) -> _Value | None:
        """Do what a request can go on without; None if the database is busy for longer than a moment or not there."""
        try:
            with self._unit(self._noters, None) as (session, unit):
                done = work(unit)
                unit.settle()
                session.commit()
                return done
        except StoreUnavailableError:
            return None

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _unit(self, engine: Engine, origin: Origin | None) -> Iterator[tuple[Session, Unit]]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session, Unit(session, self._keyring, self._clock(), origin)
        except PoolTimeoutError:
            log.warning("store unavailable: all connections are taken")
            raise StoreUnavailableError("all connections to the database are taken; try again later") from None
        except (OperationalError, InterfaceError) as error:
            raise _unavailable(error) from None
        except (DataError, UnicodeEncodeError):
            # Names no value: it may be part of a post.
            raise InputError(
                "a value cannot be stored: it is too long, or holds a NUL or half a character; send well-formed text"
            ) from None
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _unavailable(error) from None
            raise


def _unavailable(error: DBAPIError) -> StoreUnavailableError:
    # The driver's own words only: SQLAlchemy's message would quote the statement and its values.
    lines = str(error.orig).strip().splitlines()
    why = lines[0] if lines else type(error.orig).__name__
    log.warning("store unavailable: %s", why)
    return StoreUnavailableError(f"the database does not answer ({why})")
