"""Programs' keys in the store."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pilah_api.access import Key, NotFoundError, Scope
from pilah_api.store.access_tables import ApiKeyRow
from pilah_api.store.columns import new_id


class Keys:
    """Programs' keys within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def add(
        self, name: str, hint: str, token_hash: str, scopes: frozenset[Scope], created_by: str, lasts: dt.timedelta
    ) -> Key:
        """Store a new key by its hash."""
        row = ApiKeyRow(
            id=new_id(self._now),
            name=name,
            hint=hint,
            token_hash=token_hash,
            scopes=sorted(scopes),
            created_by=created_by,
            created_at=self._now,
            expires_at=self._now + lasts,
            revoked_at=None,
            used_at=None,
        )
        self._session.add(row)
        self._session.flush()
        return _key(row)

    def find_valid(self, token_hash: str) -> Key | None:
        """Return the key with this hash if it is neither expired nor revoked."""
        row = self._session.scalars(
            select(ApiKeyRow).where(
                ApiKeyRow.token_hash == token_hash, ApiKeyRow.expires_at > self._now, ApiKeyRow.revoked_at.is_(None)
            )
        ).one_or_none()
        return _key(row) if row else None

    def page(self, after: str | None, limit: int) -> list[Key]:
        """Return at most `limit` keys in the order of their creation, after the given id."""
        query = select(ApiKeyRow).order_by(ApiKeyRow.id).limit(limit)
        if after is not None:
            query = query.where(ApiKeyRow.id > after)
        return [_key(row) for row in self._session.scalars(query)]

    def revoke(self, key_id: str) -> tuple[Key, bool]:
        """End a key; return it and whether it was still open. Raises NotFoundError."""
        row = self._session.scalars(select(ApiKeyRow).where(ApiKeyRow.id == key_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no key with the id {key_id[:40]!r}")
        was_open = row.revoked_at is None
        if was_open:
            row.revoked_at = self._now
        self._session.flush()
        return _key(row), was_open

    def note_used(self, key_id: str) -> None:
        """Remember that a key was used now."""
        self._session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(used_at=self._now))


def _key(row: ApiKeyRow) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        hint=row.hint,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
