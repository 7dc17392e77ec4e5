"""Deletes in the store what has had its time, and takes away what names a person concerned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from pilah_api.access import ConflictError, NotFoundError
from pilah_api.keyring import Keyring
from pilah_api.store.access_tables import IdempotencyRow, LinkRow, LockoutRow, SessionRow
from pilah_api.store.case_tables import CaseStepRow
from pilah_api.store.columns import Base
from pilah_api.store.posts import PostState
from pilah_api.store.queue import LAPSED
from pilah_api.store.queue_tables import QueueRow
from pilah_api.store.shards import hold_unfinished
from pilah_api.store.statistics import Statistics
from pilah_api.store.tables import SEALED
from pilah_api.store.work_tables import BatchRow, CaseRow, EvidenceRow, PostRow, ShardRow

_AT_ONCE = 500
"""Posts that are deleted by one statement."""
_Conditions = tuple[ColumnElement[bool], ...]

ERASED = "dihapus"
"""State of a case whose content is gone."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure took away: how many posts, and the hashes of evidence files whose content may go."""

    posts: int
    evidence: tuple[str, ...]


class Retention:
    """Deletion within one unit of work."""

    def __init__(self, session: Session, keyring: Keyring, now: dt.datetime):
        self._session, self._keyring, self._now = session, keyring, now

    def drop_posts(self, state: PostState, age: dt.timedelta) -> int:
        """Delete posts of a state that are older than `age`, with their judgements and reviews; they stay counted.

        The time of a post that people sent back for context begins with their decision; those in review lapse. A post that
        somebody works on at this moment is left for the next time.
        """
        dropped = 0
        while held := self._hold_posts(*self._old_posts(state, age)):
            dropped += self._delete_posts(PostRow.id.in_(held))
        self._session.execute(
            update(QueueRow)
            .where(QueueRow.post_id.is_(None), QueueRow.round.is_not(None))
            .values(round=None, holder=None, outcome=LAPSED, closed_at=self._now)
        )
        return dropped

    def drop_decided(self, limit: int = 100) -> list[tuple[str, str]]:
        """Delete posts whose decision can no longer be taken back and lets nothing be kept; return id and outcome of each."""
        due = (
            select(QueueRow)
            .where(QueueRow.erase_at <= self._now)
            .order_by(QueueRow.erase_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = self._session.scalars(due).all()
        found = [(row.id, str(row.outcome)) for row in rows]
        for row in rows:
            row.erase_at = None
        self._session.flush()
        self._delete_posts(PostRow.id.in_([post_id for post_id, _ in found]))
        self._session.expire_all()
        return found

    def drop_batches(self) -> list[str]:
        """Delete expired batches that are not running; return their ids, whose files may go."""
        expired = select(BatchRow.id).where(*self._expired_batches())
        hold_unfinished(self._session, ShardRow.batch_id.in_(expired))
        gone = self._session.scalars(delete(BatchRow).where(*self._expired_batches()).returning(BatchRow.id))
        return sorted(gone)

    def drop_spent_access(self, retries_last: dt.timedelta, failures_last: dt.timedelta) -> dict[str, int]:
        """Delete ended sessions, expired links, old answers to retries and forgotten failures; return how many of each."""
        spent = self._spent_access(retries_last, failures_last)
        return {name: self._delete(table, *conditions) for name, (table, conditions) in spent.items()}

    def due(
        self, posts_last: Mapping[PostState, dt.timedelta], retries_last: dt.timedelta, failures_last: dt.timedelta
    ) -> dict[str, int]:
        """Return how many things have had their time, by kind; nothing is deleted."""
        # Decided posts go first.
        settled = QueueRow.erase_at <= self._now
        kept = PostRow.id.not_in(select(QueueRow.post_id).where(settled, QueueRow.post_id.is_not(None)))
        counts = {
            f"posts.{state}": self._count(PostRow, kept, *self._old_posts(state, age))
            for state, age in posts_last.items()
        }
        counts["posts.selesai"] = self._count(QueueRow, settled)
        counts |= {"batches": self._count(BatchRow, *self._expired_batches()), "cases": len(self.due_cases())}
        spent = self._spent_access(retries_last, failures_last)
        return counts | {name: self._count(table, *conditions) for name, (table, conditions) in spent.items()}

    def batch_ids(self) -> set[str]:
        """Return the ids of all batches, whose folders must stay."""
        return set(self._session.scalars(select(BatchRow.id)))

    def evidence_hashes(self) -> set[str] | None:
        """Return the hashes of all evidence, whose files must stay; None in a database that never had a case."""
        if self._session.scalar(select(CaseRow.id).limit(1)) is None:
            return None
        return set(self._session.scalars(select(EvidenceRow.sha256)))

    def end_access(self) -> dict[str, int]:
        """End all sessions, links and answers to retries; return how many of each there were."""
        tables = (("sessions", SessionRow), ("links", LinkRow), ("retries", IdempotencyRow))
        return {name: self._delete(table) for name, table in tables}

    def due_cases(self, *, hold: bool = False) -> list[str]:
        """Return the ids of cases whose time by the archive schedule is over; to `hold` them keeps others from changing them."""
        query = select(CaseRow.id).where(CaseRow.retain_until < self._now, CaseRow.erased_at.is_(None))
        query = query.order_by(CaseRow.id)
        return list(self._session.scalars(query.with_for_update() if hold else query))

    def erase_case(self, case_id: str) -> Erased:
        """Take away who is concerned, the reporter, facts, posts and evidence of a case; its id, unit and dates stay.

        Raises NotFoundError, and ConflictError for a case that was erased before.
        """
        case = self._session.scalars(select(CaseRow).where(CaseRow.id == case_id).with_for_update()).one_or_none()
        if case is None:
            raise NotFoundError(f"there is no case with the id {case_id[:40]!r}")
        if case.erased_at is not None:
            raise ConflictError(f"the case {case_id} was erased on {case.erased_at:%Y-%m-%d} already")
        of_case = select(PostRow.id).where(PostRow.case_id == case_id)
        self._session.execute(
            select(QueueRow.id).where(QueueRow.post_id.in_(of_case)).order_by(QueueRow.id).with_for_update()
        ).all()
        posts = self._delete_posts(PostRow.case_id == case_id)
        hashes = self._session.scalars(
            delete(EvidenceRow).where(EvidenceRow.case_id == case_id).returning(EvidenceRow.sha256)
        ).all()
        case.identity_sealed, case.reporter_sealed, case.content_sealed, case.facts = None, None, None, {}
        case.erased_at, case.changed_at, case.state = self._now, self._now, ERASED
        case.version += 1
        # Who took which step when stays, as in the audit; what was said of the person concerned goes.
        self._session.execute(update(CaseStepRow).where(CaseStepRow.case_id == case_id).values(reason_sealed=None))
        self._session.flush()
        # A file that another case holds too must stay.
        shared = set(self._session.scalars(select(EvidenceRow.sha256).where(EvidenceRow.sha256.in_(hashes))))
        return Erased(posts, tuple(sorted(set(hashes) - shared)))

    def renew_sealed(self) -> int:
        """Encrypt every identity field with the newest key; return how many fields there were."""
        count = 0
        for column in SEALED:
            table = column.class_
            for row in self._session.scalars(select(table).where(column.is_not(None)).with_for_update()).all():
                setattr(row, column.key, self._keyring.renew(getattr(row, column.key)))
                count += 1
            self._session.flush()
        return count

    def counts(self) -> dict[str, int]:
        """Return how many posts, cases and pieces of evidence are kept."""
        return {
            name: self._count(table)
            for name, table in (("posts", PostRow), ("cases", CaseRow), ("evidence", EvidenceRow))
        }

    def _hold_posts(self, *conditions: ColumnElement[bool]) -> list[str]:
        """Keep others from changing some posts that nobody else holds; return their ids.

        Their entries in the queue come first, as for whoever decides: each of two that held one and waited for the other would
        wait for ever.
        """
        queued = select(QueueRow.post_id).where(QueueRow.post_id.in_(select(PostRow.id).where(*conditions)))
        entered = self._session.scalars(queued.limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
        free = or_(PostRow.id.in_(entered), ~exists().where(QueueRow.post_id == PostRow.id))
        posts = select(PostRow.id).where(*conditions, free).limit(_AT_ONCE)
        return list(self._session.scalars(posts.with_for_update(skip_locked=True)))

    def _delete_posts(self, *conditions: Any) -> int:
        # Held before they are counted: two purges at once must not count the same posts.
        self._session.execute(select(PostRow.id).where(*conditions).with_for_update()).all()
        # Reviews and judgements go with a post, so its counts must be taken before.
        Statistics(self._session, self._now).keep(*conditions)
        return self._delete(PostRow, *conditions)

    def _old_posts(self, state: PostState, age: dt.timedelta) -> _Conditions:
        closed = select(QueueRow.closed_at).where(QueueRow.id == PostRow.id).scalar_subquery()
        latest = self._now - age
        # No decision comes before its post: what came in since cannot be due, and an index knows that.
        return PostRow.state == state, PostRow.created_at < latest, func.coalesce(closed, PostRow.created_at) < latest

    def _expired_batches(self) -> _Conditions:
        return BatchRow.expires_at < self._now, BatchRow.state != "running"

    def _spent_access(
        self, retries_last: dt.timedelta, failures_last: dt.timedelta
    ) -> dict[str, tuple[type[Base], _Conditions]]:
        forgotten = LockoutRow.locked_until < self._now, LockoutRow.first_at < self._now - failures_last
        return {
            "sessions": (SessionRow, (SessionRow.expires_at < self._now,)),
            "links": (LinkRow, (LinkRow.expires_at < self._now,)),
            "retries": (IdempotencyRow, (IdempotencyRow.created_at < self._now - retries_last,)),
            "lockouts": (LockoutRow, forgotten),
        }

    def _count(self, table: type[Base], *conditions: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    def _delete(self, table: Any, *conditions: Any) -> int:
        key = next(iter(table.__mapper__.primary_key))
        return len(self._session.scalars(delete(table).where(*conditions).returning(key)).all())
