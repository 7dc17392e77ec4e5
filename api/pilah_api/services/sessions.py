"""Signing in and out: passwords, one-time links, lock-outs, and cookies that change while they are used."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import Literal

from pilah_api.access import ANONYMOUS_ACTOR, ForbiddenError, Person, SignedIn
from pilah_api.services.passwords import check_password, check_strength, hash_password, is_weakly_hashed
from pilah_api.store.audit import Origin
from pilah_api.store.sessions import StoredSession
from pilah_api.store.units import Store, Unit
from pilah_data.errors import PilahError

LIFETIME = dt.timedelta(hours=12)
IDLE = dt.timedelta(hours=1)
ROTATE_AFTER = dt.timedelta(minutes=15)
GRACE = dt.timedelta(minutes=1)
"""How long the cookie before the present one is still taken: requests that were under way must not fail."""
FREE_FAILURES = 5
FREE_FAILURES_OF_ADDRESS = 50
FIRST_LOCK = dt.timedelta(seconds=30)
LONGEST_LOCK = dt.timedelta(hours=1)
LONGEST_LOCK_OF_ADDRESS = dt.timedelta(minutes=5)
"""Behind one address may sit a whole office, which a single guesser must not keep out for long."""
_SEEN_EVERY = dt.timedelta(minutes=1)


class SignInRefusedError(PilahError):
    """The login and password do not belong together, or the link is used up."""


class LockedOutError(PilahError):
    """Too many failed sign-ins; `wait` says for how long none is taken."""

    def __init__(self, wait: dt.timedelta):
        """Say how long to wait."""
        self.wait = wait
        super().__init__(f"too many failed sign-ins; wait {int(wait.total_seconds()) + 1} seconds and try again")


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened or met: who, which, and the new cookie's token if it must change."""

    person: Person
    session: SignedIn
    token: str | None


def sign_in(store: Store, login: str, password: str, address: str, request: str) -> Opened:
    """Open a session by password. Raises SignInRefusedError or LockedOutError, alike for known and unknown logins."""
    login = login.strip().lower()
    subjects = (_subject("login", login), _subject("address", address))
    _count_attempt(store, subjects, request)
    with store.reading() as unit:
        person = unit.people.find(login) if login.isascii() and login.isprintable() else None
        stored = unit.people.password_hash(person.id) if person and person.active else None
    # An unknown login costs the same time as a wrong password.
    if not check_password(stored, password) or person is None:
        # Whoever tried is not known; it may not have been the person.
        with store.writing(Origin(ANONYMOUS_ACTOR, request)) as unit:
            unit.audit.append("session.refused", f"person:{person.id}" if person else "")
        raise SignInRefusedError("the login and the password do not belong together; check both and try again")
    renewed = hash_password(password) if stored and is_weakly_hashed(stored) else None
    with store.writing(Origin(f"person:{person.id}", request)) as unit:
        # The account may have been closed, or the password changed, while it was checked.
        if unit.people.hold(person.id) != stored or not unit.people.get(person.id).active:
            raise SignInRefusedError("the password or the account was changed a moment ago; sign in again")
        # The address keeps its other failures: who has one account must not try others without end.
        unit.sessions.forgive(subjects[0])
        unit.sessions.take_back(subjects[1])
        if renewed:
            unit.people.set_password_hash(person.id, renewed)
        return open_session(unit, person, by="password")


def sign_in_by_link(store: Store, token: str, request: str) -> Opened:
    """Open a session by a one-time link, which is used up. Raises SignInRefusedError."""
    with store.writing(Origin(ANONYMOUS_ACTOR, request)) as unit:
        person = unit.people.take_link(digest(token))
        if person is not None:
            return open_session(unit, person, by="link")
    raise SignInRefusedError("the link was used or has expired; ask for a new one (pilah user link LOGIN)")


def open_session(unit: Unit, person: Person, *, by: Literal["password", "link", "oidc"]) -> Opened:
    """Open a session for somebody whose identity was proved in the given way."""
    token, by_link = secrets.token_urlsafe(32), by == "link"
    stored = unit.sessions.open(person.id, digest(token), unit.now + LIFETIME, by_link=by_link)
    unit.people.note_sign_in(person.id)
    unit.audit.append("session.opened", f"person:{person.id}", {"by": by}, actor=f"person:{person.id}")
    return Opened(person, SignedIn(stored.id, by_link, stored.expires_at), token)


def sign_out(store: Store, person: Person, session: SignedIn, request: str) -> None:
    """Close a session."""
    with store.writing(Origin(f"person:{person.id}", request)) as unit:
        unit.sessions.close(session.id)
        unit.audit.append("session.closed", f"person:{person.id}")


def set_password(
    store: Store, person: Person, session: SignedIn, *, current: str | None, new: str, request: str
) -> Opened:
    """Set one's own password, end one's other sessions, and return one's own with a new cookie.

    The current one is needed unless the session began with a one-time link. Raises ForbiddenError, LockedOutError, InputError.
    """
    check_strength(new, person.login)
    with store.reading() as unit:
        stored = unit.people.password_hash(person.id)
    if person.has_password and not session.by_link:
        subject = _subject("login", person.login)
        _count_attempt(store, (subject,), request)
        if not check_password(stored, current or ""):
            raise ForbiddenError(
                "the current password is wrong; correct it, or ask an administrator for a one-time link"
            )
    hashed, token = hash_password(new), secrets.token_urlsafe(32)
    with store.writing(Origin(f"person:{person.id}", request)) as unit:
        if unit.people.hold(person.id) != stored:
            raise ForbiddenError("the password was changed a moment ago; sign in again")
        # A copy of the old cookie, and what a one-time link allowed, end here too.
        renewed = unit.sessions.begin_anew(session.id, digest(token))
        if renewed is None:
            raise ForbiddenError("the session has ended; sign in again")
        unit.people.set_password_hash(person.id, hashed)
        unit.people.drop_links(person.id)
        unit.sessions.close_all(person.id, but=session.id)
        unit.sessions.forgive(_subject("login", person.login))
        unit.audit.append("person.password_set", f"person:{person.id}")
        return Opened(unit.people.get(person.id), SignedIn(renewed.id, renewed.by_link, renewed.expires_at), token)


def meet(store: Store, token: str) -> Opened | None:
    """Return who holds a cookie, with a new token if the cookie is due to change; None if it is not valid (any more)."""
    hashed = digest(token)
    with store.reading() as unit:
        stored = unit.sessions.find(hashed)
        person = unit.people.get(stored.person_id) if stored else None
        now = unit.now
    if stored is None or person is None or not person.active:
        return None
    if now >= stored.expires_at or now - stored.seen_at > IDLE:
        return None
    met = Opened(person, SignedIn(stored.id, stored.by_link, stored.expires_at), None)
    if stored.by_previous and now - stored.rotated_at <= GRACE:
        return met
    if stored.by_previous and stored.confirmed:
        _close_stolen(store, stored)
        return None
    # A cookie whose successor never came back was lost on the way, not stolen: it is replaced once more.
    if stored.by_previous or now - stored.rotated_at > ROTATE_AFTER:
        fresh = secrets.token_urlsafe(32)
        # Of requests at once one wins; the others go on with the old cookie, which is taken for a while yet.
        rotated = store.note(lambda unit: unit.sessions.rotate(hashed, digest(fresh), stored.rotated_at))
        return replace(met, token=fresh) if rotated else met
    if not stored.confirmed or now - stored.seen_at > _SEEN_EVERY:
        store.note(lambda unit: unit.sessions.note_seen(stored.id, hashed))
    return met


def digest(token: str) -> str:
    """Return the hash under which a random token is stored; 256 random bits need no slow one."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _close_stolen(store: Store, stored: StoredSession) -> None:
    with store.writing() as unit:
        unit.sessions.close(stored.id)
        unit.audit.append("session.reused_cookie", f"person:{stored.person_id}")


def _count_attempt(store: Store, subjects: tuple[str, ...], request: str) -> None:
    """Count an attempt before it is made, so that many at once cannot slip through; a login goes before an address.

    Raises LockedOutError, and then counts nothing: an attempt that is not made is no failure.
    """
    limits = ((FREE_FAILURES, LONGEST_LOCK), (FREE_FAILURES_OF_ADDRESS, LONGEST_LOCK_OF_ADDRESS))
    with store.writing(Origin(ANONYMOUS_ACTOR, request)) as unit:
        found = [unit.sessions.failures(subject) for subject in subjects]
        wait = max(until - unit.now for _, until in found)
        if wait > dt.timedelta():
            raise LockedOutError(wait)
        locks: dict[str, dt.timedelta] = {}
        for subject, (failures, _), (free, longest) in zip(subjects, found, limits, strict=False):
            locks[subject] = _lock(failures + 1 - free, longest)
            unit.sessions.note_failure(subject, failures + 1, unit.now + locks[subject])
        # Last, for it holds the end of the audit: held earlier, two units could wait for one another.
        for subject, lock in locks.items():
            if lock:
                unit.audit.append("session.locked", "", {"subject": subject[:12], "seconds": int(lock.total_seconds())})


def _lock(beyond: int, longest: dt.timedelta) -> dt.timedelta:
    """Return the lock after the n-th failure beyond the free ones: doubled each time, up to the longest."""
    return min(FIRST_LOCK * 2 ** min(beyond, 20), longest) if beyond >= 0 else dt.timedelta()


def _subject(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "replace")).hexdigest()
