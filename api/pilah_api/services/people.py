"""People: who gets an account, with which roles, and how an account ends."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import dataclass

from pilah_api.access import ConflictError, Person, Role
from pilah_api.services.sessions import digest
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store, Unit
from pilah_data.errors import InputError

LINK_LASTS = dt.timedelta(hours=24)
FIRST_LOGIN = "admin"
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Invited:
    """A person and the token of the one-time link that lets them in, shown once."""

    person: Person
    token: str
    expires_at: dt.datetime


def add_person(unit: Unit, login: str, name: str, roles: frozenset[Role]) -> Invited:
    """Make an account and its one-time link. Raises InputError or ConflictError."""
    person = unit.people.add(checked_login(login), checked_name(name), roles)
    unit.audit.append("person.added", f"person:{person.id}", {"roles": sorted(roles)})
    return invite(unit, person.id)


def invite(unit: Unit, person_id: str) -> Invited:
    """Make a new one-time link for a person, in place of an earlier one. Raises NotFoundError or ConflictError."""
    person = unit.people.get(person_id)
    if not person.active:
        raise ConflictError("the account is closed; open it again before making a link")
    token = secrets.token_urlsafe(32)
    expires_at = unit.people.add_link(person.id, digest(token), LINK_LASTS)
    unit.audit.append("person.link_made", f"person:{person.id}")
    return Invited(person, token, expires_at)


def change_person(
    unit: Unit,
    person_id: str,
    *,
    name: str | None = None,
    roles: frozenset[Role] | None = None,
    active: bool | None = None,
) -> Person:
    """Change an account; less power or a closed account ends its sessions at once.

    Raises NotFoundError, InputError, and ConflictError where no administrator would be left.
    """
    before = _not_erased(unit.people.get(person_id))
    if active is False or (roles is not None and Role.ADMIN not in roles):
        _keep_an_administrator(unit, before)
    checked = None if name is None else checked_name(name)
    after = unit.people.change(person_id, name=checked, roles=roles, active=active)
    if not after.active:
        unit.people.drop_links(person_id)
    if not after.active or before.roles - after.roles:
        unit.sessions.close_all(person_id)
    unit.audit.append("person.changed", f"person:{person_id}", _difference(before, after))
    return after


def erase_person(unit: Unit, person_id: str) -> None:
    """Take away login, name and password; the id stays in reviews and audit. Raises NotFoundError or ConflictError."""
    before = _not_erased(unit.people.get(person_id))
    _keep_an_administrator(unit, before)
    unit.people.erase(person_id)
    unit.sessions.close_all(person_id)
    unit.audit.append("erasure", f"person:{person_id}", {"took": ["login", "name", "password"]})


def first_link(store: Store) -> str | None:
    """Return the token of a link for the first administrator, or None if one can sign in by password already."""
    with store.writing(Origin("system")) as unit:
        administrators = unit.people.lock_administrators()
        if any(person.has_password for person in administrators):
            return None
        if administrators:
            return invite(unit, administrators[0].id).token
        return add_person(unit, _free_login(unit), "Administrator", frozenset({Role.ADMIN})).token


def _free_login(unit: Unit) -> str:
    taken = unit.people.find(FIRST_LOGIN)
    return f"{FIRST_LOGIN}-{secrets.token_hex(3)}" if taken else FIRST_LOGIN


def _keep_an_administrator(unit: Unit, person: Person) -> None:
    administrators = unit.people.lock_administrators()
    if [one.id for one in administrators] == [person.id]:
        raise ConflictError("this is the last administrator; give another person the role admin first")


def _not_erased(person: Person) -> Person:
    if not person.name:
        raise ConflictError("the account was erased; make a new one")
    return person


def checked_login(login: str) -> str:
    """Return a login that may be given to somebody. Raises InputError."""
    # A letter comes first, so that nobody's NIP or NIK becomes a login.
    if not _LOGIN.fullmatch(login):
        raise InputError(
            "a login has 2 to 32 small letters, digits, dots, hyphens or underscores and begins with a letter; "
            "do not use a NIP or NIK"
        )
    return login


def checked_name(name: str) -> str:
    """Return a name without needless spaces. Raises InputError."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > _LONGEST_NAME or not cleaned.isprintable():
        raise InputError(f"a name has 1 to {_LONGEST_NAME} printable characters")
    return cleaned


def _difference(before: Person, after: Person) -> dict[str, object]:
    changed: dict[str, object] = {}
    if before.roles != after.roles:
        changed["roles"] = {"old": sorted(before.roles), "new": sorted(after.roles)}
    if before.active != after.active:
        changed["active"] = {"old": before.active, "new": after.active}
    if before.name != after.name:
        changed["name"] = "changed"  # the audit holds no names
    return changed
