"""Stores for tests: on SQLite and on PostgreSQL, with a clock that the test moves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from pilah_api.access import Caller, Person, Role
from pilah_api.services.people import add_person
from pilah_api.services.sessions import Opened, sign_in_by_link
from pilah_api.store.audit import Origin
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store

START = dt.datetime(2026, 11, 26, 8, 0, tzinfo=dt.UTC)
TEST = Origin("console", "test")


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: dt.datetime = field(default=START)

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **amount: float) -> None:
        self.now += dt.timedelta(**amount)


@dataclass
class Place:
    """Where a store lies, so that a test can open it again or reach around it."""

    home: Path
    url: str | None
    clock: Clock = field(default_factory=Clock)

    def open(self) -> Store:
        return open_store(self.home, self.url, None, self.clock)


def person(store: Store, *roles: Role, login: str = "sari") -> Person:
    """Make an account with the given roles."""
    with store.writing(TEST) as unit:
        return add_person(unit, login, login.title(), frozenset(roles or {Role.PETUGAS})).person


def enter(store: Store, *roles: Role, login: str = "sari") -> Opened:
    """Make an account and sign it in by its one-time link."""
    with store.writing(TEST) as unit:
        token = add_person(unit, login, login.title(), frozenset(roles or {Role.PETUGAS})).token
    return sign_in_by_link(store, token, "test")


def as_caller(opened: Opened) -> Caller:
    """Return who a session belongs to as the gate would."""
    return Caller(person=opened.person, session=opened.session)
