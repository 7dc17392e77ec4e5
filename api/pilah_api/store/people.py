"""People in the store: accounts with encrypted names, and one-time links; what comes out is plain and frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pilah_api.access import ConflictError, NotFoundError, Person, Role
from pilah_api.keyring import Keyring
from pilah_api.store.access_tables import IdentityRow, LinkRow, PersonRow
from pilah_api.store.columns import new_id


class People:
    """Accounts within one unit of work."""

    def __init__(self, session: Session, keyring: Keyring, now: dt.datetime):
        self._session, self._keyring, self._now = session, keyring, now

    def add(self, login: str, name: str, roles: frozenset[Role]) -> Person:
        """Store a new account without a password. Raises ConflictError if the login is taken."""
        row = PersonRow(
            id=new_id(self._now),
            login=login,
            name_sealed=self._keyring.encrypt(name),
            roles=sorted(roles),
            password_hash=None,
            active=True,
            created_at=self._now,
            signed_in_at=None,
        )
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError:
            raise ConflictError(f"the login {login!r} is taken; choose another") from None
        return self._person(row)

    def get(self, person_id: str) -> Person:
        """Return an account. Raises NotFoundError."""
        return self._person(self._row(person_id))

    def seek(self, person_id: str) -> Person | None:
        """Return an account, or None if there is none of this id."""
        row = self._session.get(PersonRow, person_id)
        return self._person(row) if row else None

    def find(self, login: str) -> Person | None:
        """Return the account of a login, or None."""
        row = self._session.scalars(select(PersonRow).where(PersonRow.login == login)).one_or_none()
        return self._person(row) if row else None

    def password_hash(self, person_id: str) -> str | None:
        """Return the stored hash of a password, or None while there is none. Raises NotFoundError."""
        return self._row(person_id).password_hash

    def hold(self, person_id: str) -> str | None:
        """Keep others from changing an account until the unit ends; return its present password's hash.

        Raises NotFoundError.
        """
        row = self._session.scalars(
            select(PersonRow)
            .where(PersonRow.id == person_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        return (row or self._row(person_id)).password_hash

    def page(self, after: str | None, limit: int) -> list[Person]:
        """Return at most `limit` accounts in the order of their creation, after the given id."""
        query = select(PersonRow).order_by(PersonRow.id).limit(limit)
        if after is not None:
            query = query.where(PersonRow.id > after)
        return [self._person(row) for row in self._session.scalars(query)]

    def change(
        self,
        person_id: str,
        *,
        name: str | None = None,
        roles: Iterable[Role] | None = None,
        active: bool | None = None,
    ) -> Person:
        """Change what is given. Raises NotFoundError."""
        row = self._row(person_id)
        if name is not None:
            row.name_sealed = self._keyring.encrypt(name)
        if roles is not None:
            row.roles = sorted(roles)
        if active is not None:
            row.active = active
        self._session.flush()
        return self._person(row)

    def set_password_hash(self, person_id: str, value: str) -> None:
        """Store the hash of a new password. Raises NotFoundError."""
        self._row(person_id).password_hash = value
        self._session.flush()

    def note_sign_in(self, person_id: str) -> None:
        """Remember when a person signed in last. Raises NotFoundError."""
        self._row(person_id).signed_in_at = self._now

    def erase(self, person_id: str) -> None:
        """Take away what names a person; the id stays, for reviews and the audit refer to it. Raises NotFoundError."""
        row = self._row(person_id)
        row.login, row.name_sealed, row.password_hash, row.active = f"erased-{row.id}", None, None, False
        self.drop_links(person_id)
        self.drop_identity(person_id)
        self._session.flush()

    def lock_administrators(self) -> list[Person]:
        """Return the active administrators, held until the unit ends, so that two changes cannot remove the last two."""
        rows = self._session.scalars(select(PersonRow).where(PersonRow.active).order_by(PersonRow.id).with_for_update())
        return [person for person in map(self._person, rows) if Role.ADMIN in person.roles]

    def of_identity(self, subject_hash: str) -> Person | None:
        """Return the account that a provider's subject is bound to, or None."""
        row = self._session.get(IdentityRow, subject_hash)
        return self.get(row.person_id) if row else None

    def has_identity(self, person_id: str) -> bool:
        """Return whether an account is bound to a provider's subject."""
        return self._session.scalar(select(IdentityRow.bound_at).where(IdentityRow.person_id == person_id)) is not None

    def bind_identity(self, person_id: str, subject_hash: str) -> None:
        """Let a provider's subject open an account. Raises ConflictError if either is bound already."""
        self._session.add(IdentityRow(subject_hash=subject_hash, person_id=person_id, bound_at=self._now))
        try:
            self._session.flush()
        except IntegrityError:
            raise ConflictError("the account was bound to another identity a moment ago; sign in again") from None

    def drop_identity(self, person_id: str) -> bool:
        """Take back which subject opens an account; return whether there was one."""
        gone = delete(IdentityRow).where(IdentityRow.person_id == person_id).returning(IdentityRow.subject_hash)
        return self._session.scalar(gone) is not None

    def add_link(self, person_id: str, token_hash: str, lasts: dt.timedelta) -> dt.datetime:
        """Store a one-time link, in place of any earlier one of this person; return when it expires."""
        self.drop_links(person_id)
        row = LinkRow(token_hash=token_hash, person_id=person_id, expires_at=self._now + lasts)
        self._session.add(row)
        self._session.flush()
        return row.expires_at

    def drop_links(self, person_id: str) -> None:
        """Remove the open links of a person."""
        self._session.execute(delete(LinkRow).where(LinkRow.person_id == person_id))

    def take_link(self, token_hash: str) -> Person | None:
        """Use up a link and return whose it was, or None if it is unknown, used, expired or its person inactive."""
        # One statement decides who was first, on both databases.
        person_id = self._session.scalar(
            delete(LinkRow)
            .where(LinkRow.token_hash == token_hash, LinkRow.expires_at > self._now)
            .returning(LinkRow.person_id)
        )
        if person_id is None:
            return None
        person = self.get(person_id)
        return person if person.active else None

    def _row(self, person_id: str) -> PersonRow:
        row = self._session.get(PersonRow, person_id)
        if row is None:
            raise NotFoundError(f"there is no person with the id {person_id[:40]!r}")
        return row

    def _person(self, row: PersonRow) -> Person:
        return Person(
            id=row.id,
            login=row.login,
            name=self._keyring.decrypt(row.name_sealed) if row.name_sealed else "",
            roles=frozenset(Role(role) for role in row.roles),
            active=row.active,
            has_password=row.password_hash is not None,
            created_at=row.created_at,
            signed_in_at=row.signed_in_at,
        )
