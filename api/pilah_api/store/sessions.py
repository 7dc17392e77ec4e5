"""Sessions and lock-outs in the store: hashes of cookies, and counts of failed sign-ins."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from pilah_api.store.access_tables import LockoutRow, SessionRow
from pilah_api.store.columns import new_id, upsert


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it is stored; `by_previous` says that it was found by the cookie before the present one."""

    id: str
    person_id: str
    by_link: bool
    confirmed: bool
    by_previous: bool
    rotated_at: dt.datetime
    seen_at: dt.datetime
    expires_at: dt.datetime


FORGET_AFTER = dt.timedelta(days=1)
"""Failed sign-ins count together for this long after the first of them; then the count begins anew."""


class Sessions:
    """Sessions within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def open(self, person_id: str, token_hash: str, expires_at: dt.datetime, *, by_link: bool) -> StoredSession:
        """Store a new session."""
        row = SessionRow(
            id=new_id(self._now),
            person_id=person_id,
            token_hash=token_hash,
            previous_hash=None,
            by_link=by_link,
            confirmed=False,
            created_at=self._now,
            rotated_at=self._now,
            seen_at=self._now,
            expires_at=expires_at,
        )
        self._session.add(row)
        self._session.flush()
        return _stored(row, token_hash)

    def find(self, token_hash: str) -> StoredSession | None:
        """Return the session of a present or last cookie, or None."""
        row = self._session.scalars(
            select(SessionRow).where(or_(SessionRow.token_hash == token_hash, SessionRow.previous_hash == token_hash))
        ).one_or_none()
        return _stored(row, token_hash) if row else None

    def rotate(self, old_hash: str, new_hash: str, seen: dt.datetime) -> bool:
        """Replace a cookie that was last replaced at `seen`; False if another request was first."""
        changed = self._session.execute(
            update(SessionRow)
            .where(or_(SessionRow.token_hash == old_hash, SessionRow.previous_hash == old_hash))
            .where(or_(SessionRow.token_hash == old_hash, SessionRow.confirmed.is_(False)))
            .where(SessionRow.rotated_at == seen)
            .values(
                token_hash=new_hash,
                previous_hash=old_hash,
                confirmed=False,
                rotated_at=self._now,
                seen_at=self._now,
            )
            .returning(SessionRow.id)
        )
        return changed.first() is not None

    def note_seen(self, session_id: str, token_hash: str) -> None:
        """Remember that a cookie came back now, if it still is the present one of its session."""
        self._session.execute(
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.token_hash == token_hash)
            .values(seen_at=self._now, confirmed=True)
        )

    def begin_anew(self, session_id: str, token_hash: str) -> StoredSession | None:
        """Go on with a session under a new cookie alone, as if it began with a password; None if it has ended."""
        row = self._session.scalars(
            update(SessionRow)
            .where(SessionRow.id == session_id)
            .values(
                token_hash=token_hash,
                previous_hash=None,
                by_link=False,
                confirmed=False,
                rotated_at=self._now,
                seen_at=self._now,
            )
            .returning(SessionRow)
        ).one_or_none()
        return _stored(row, token_hash) if row else None

    def close(self, session_id: str) -> None:
        """End a session."""
        self._session.execute(delete(SessionRow).where(SessionRow.id == session_id))

    def close_all(self, person_id: str, *, but: str | None = None) -> None:
        """End the sessions of a person, all or all but one."""
        self._session.execute(delete(SessionRow).where(SessionRow.person_id == person_id, SessionRow.id != (but or "")))

    # --- lock-outs ------------------------------------------------------------------------------------------------

    def failures(self, subject: str) -> tuple[int, dt.datetime]:
        """Return how often a subject failed and until when it is locked; its row is held until the unit ends."""
        # The row is made first: one that is not there cannot be held, and two first failures would collide.
        self._session.execute(
            upsert(self._session, LockoutRow)
            .values(subject=subject, failures=0, locked_until=self._now, first_at=self._now)
            # One that is there is touched, which holds it: else it could be forgiven between here and the look at it.
            .on_conflict_do_update(index_elements=["subject"], set_={"subject": subject})
        )
        row = self._session.scalars(select(LockoutRow).where(LockoutRow.subject == subject).with_for_update()).one()
        # What happened long ago says nothing about now.
        return (0 if row.first_at < self._now - FORGET_AFTER else row.failures), row.locked_until

    def note_failure(self, subject: str, failures: int, locked_until: dt.datetime) -> None:
        """Store the count of a subject and until when it is locked; the first failure begins the time they count for."""
        values: dict[str, object] = {"failures": failures, "locked_until": locked_until}
        if failures == 1:
            values["first_at"] = self._now
        self._session.execute(update(LockoutRow).where(LockoutRow.subject == subject).values(values))

    def take_back(self, subject: str) -> None:
        """Uncount the latest failure of a subject, which was none, and the lock that it brought."""
        self._session.execute(
            update(LockoutRow)
            .where(LockoutRow.subject == subject, LockoutRow.failures > 0)
            .values(failures=LockoutRow.failures - 1, locked_until=self._now)
        )

    def forgive(self, subject: str) -> None:
        """Forget the failures of a subject."""
        self._session.execute(delete(LockoutRow).where(LockoutRow.subject == subject))


def _stored(row: SessionRow, token_hash: str) -> StoredSession:
    return StoredSession(
        id=row.id,
        person_id=row.person_id,
        by_link=row.by_link,
        confirmed=row.confirmed,
        by_previous=row.token_hash != token_hash,
        rotated_at=row.rotated_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )
