"""Remembered answers to creating requests in the store."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pilah_api.store.access_tables import IdempotencyRow
from pilah_api.store.columns import new_id, upsert


class Retries:
    """Answers to creating requests within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def reserve(self, owner: str, route: str, key: str, fingerprint: str, lasts: dt.timedelta) -> bool:
        """Take a retry key for a new request; False if it was taken within `lasts`. Waits for a unit that holds it."""
        self._session.execute(
            delete(IdempotencyRow).where(
                IdempotencyRow.owner == owner,
                IdempotencyRow.route == route,
                IdempotencyRow.key == key,
                IdempotencyRow.created_at < self._now - lasts,
            )
        )
        values = {
            "id": new_id(self._now),
            "owner": owner,
            "route": route,
            "key": key,
            "fingerprint": fingerprint,
            "answer": None,
            "created_at": self._now,
        }
        done = self._session.execute(
            upsert(self._session, IdempotencyRow).values(values).on_conflict_do_nothing().returning(IdempotencyRow.id)
        )
        return done.first() is not None

    def recall(self, owner: str, route: str, key: str) -> tuple[str, dict[str, Any] | None]:
        """Return the fingerprint and the answer that a taken retry key belongs to."""
        row = self._session.scalars(_retry(owner, route, key)).one()
        return row.fingerprint, row.answer

    def remember(self, owner: str, route: str, key: str, answer: dict[str, Any]) -> None:
        """Keep the answer to the request that holds a retry key."""
        self._session.scalars(_retry(owner, route, key)).one().answer = answer


def _retry(owner: str, route: str, key: str) -> Any:
    return select(IdempotencyRow).where(
        IdempotencyRow.owner == owner, IdempotencyRow.route == route, IdempotencyRow.key == key
    )
