"""Who asks: roles of people, scopes of programs, and the caller of one request; no storage and no web in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from pilah_data.errors import InputError, PilahError


class Role(StrEnum):
    """What a person is here for; a person may hold several, except an auditor."""

    PETUGAS = "petugas"
    PENELAAH = "penelaah"
    PENYELIA = "penyelia"
    AUDITOR = "auditor"
    ADMIN = "admin"


CASE_OFFICERS = frozenset({Role.PETUGAS, Role.PENYELIA})
"""Who opens cases, brings evidence to them and takes their papers along."""
OFFICERS = CASE_OFFICERS | {Role.PENELAAH}
"""Who judges posts and works on cases."""


class Scope(StrEnum):
    """What a program's key may do; no key manages people or keys."""

    JUDGE = "judge"
    BATCHES = "batches"
    REVIEWS = "reviews"
    CASES = "cases"
    STATS = "stats"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Person:
    """An account; `name` is empty once the person was erased."""

    id: str
    login: str
    name: str
    roles: frozenset[Role]
    active: bool
    has_password: bool
    created_at: dt.datetime
    signed_in_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Key:
    """A program's key without its secret, of which only a hash is kept."""

    id: str
    name: str
    hint: str
    scopes: frozenset[Scope]
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    used_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session: its id, whether it began with a one-time link, and when it ends at the latest."""

    id: str
    by_link: bool
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request: a person, a program, or nobody known."""

    person: Person | None = None
    session: SignedIn | None = None
    key: Key | None = None

    @property
    def known(self) -> bool:
        """Return whether credentials came with the request."""
        return self.person is not None or self.key is not None

    @property
    def actor(self) -> str:
        """Return how the audit names this caller: a reference, never a name."""
        if self.person is not None:
            return f"person:{self.person.id}"
        return f"key:{self.key.id}" if self.key is not None else ANONYMOUS_ACTOR


ANONYMOUS = Caller()
ANONYMOUS_ACTOR = "anonymous"
CONSOLE_ACTOR = "console"
"""The audit's name for whoever runs `pilah` on the machine itself."""


class NotFoundError(PilahError):
    """There is no such object, or none that the caller may see."""


class ConflictError(PilahError):
    """The request contradicts what is stored; the message says what stands in the way."""


class ForbiddenError(PilahError):
    """The caller is known, but may not do this."""


def parse_roles(texts: list[str]) -> frozenset[Role]:
    """Read roles by name. Raises InputError for an unknown one, for none, and for an auditor with another role."""
    unknown = sorted(set(texts) - set(Role))
    if unknown or not texts:
        message = f"unknown role {unknown[0]!r}; give" if unknown else "no role is given; give"
        raise InputError(f"{message} one or more of {', '.join(Role)}")
    roles = frozenset(Role(text) for text in texts)
    if Role.AUDITOR in roles and len(roles) > 1:
        raise InputError("an auditor watches the others and holds no other role; make a second account for that")
    return roles


def parse_scopes(texts: list[str]) -> frozenset[Scope]:
    """Read scopes by name. Raises InputError for an unknown one and for none."""
    unknown = sorted(set(texts) - set(Scope))
    if unknown or not texts:
        message = f"unknown scope {unknown[0]!r}; give" if unknown else "no scope is given; give"
        raise InputError(f"{message} one or more of {', '.join(Scope)}")
    return frozenset(Scope(text) for text in texts)
