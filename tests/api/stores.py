"""Stores for tests: on SQLite and on PostgreSQL, with a clock that the test moves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pilah_api.access import Person, Role
from pilah_api.services.people import add_person
from pilah_api.services.sessions import Opened, sign_in_by_link
from pilah_api.store.audit import Origin
from pilah_api.store.courses import work_out, write
from pilah_api.store.opening import open_store
from pilah_api.store.posts import PostState, StoredPost, stored_post
from pilah_api.store.units import Store
from pilah_api.store.work_tables import PostRow

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


def stored(store: Store, state: PostState) -> list[StoredPost]:
    """Return the posts of a state, oldest first."""
    query = select(PostRow).where(PostRow.state == state).order_by(PostRow.id)
    with Session(store.engine) as session:
        return [stored_post(row) for row in session.scalars(query)]


def miscounted(store: Store) -> dict[str, str]:
    """Return posts whose written course is not what judgement and reviews say, which no work of any test may leave behind."""
    with Session(store.engine) as session:
        written = dict(session.execute(select(PostRow.id, PostRow.course).where(PostRow.course.is_not(None))).all())
        found = work_out(session, PostRow.course.is_not(None))
        return {post_id: text for post_id, week, course in found if (text := write(week, course)) != written[post_id]}
