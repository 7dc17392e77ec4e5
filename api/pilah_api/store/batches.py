"""Batches and their shards in the store: the queue of work, in which a lease and not a lock says who works on what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from pilah_api.access import NotFoundError
from pilah_api.store.columns import new_id
from pilah_api.store.work_tables import BatchRow, ShardRow

MOST_ATTEMPTS = 5
"""A shard that brought down as many workers is set aside, so that it cannot bring down all."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is; rows of unfinished shards do not count."""

    id: str
    owner: str
    state: str
    name: str
    rows_total: int
    rows_done: int
    rows_failed: int
    created_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Lease:
    """A shard that a worker holds until `until`; `token` proves it."""

    shard_id: str
    batch_id: str
    number: int
    token: str
    until: dt.datetime


class Batches:
    """Batches and shards within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def add(
        self,
        owner: str,
        name: str,
        shard_rows: Sequence[int],
        options: Mapping[str, object],
        fingerprint: str,
        lasts: dt.timedelta,
    ) -> str:
        """Store a batch and its shards, given by their numbers of rows; return its id."""
        batch = BatchRow(
            id=new_id(self._now),
            owner=owner,
            state="waiting",
            name=name,
            options=dict(options),
            fingerprint=fingerprint,
            rows_total=sum(shard_rows),
            error=None,
            created_at=self._now,
            finished_at=None,
            expires_at=self._now + lasts,
        )
        self._session.add(batch)
        self._session.flush()
        for number, rows in enumerate(shard_rows):
            self._session.add(
                ShardRow(
                    id=new_id(self._now),
                    batch_id=batch.id,
                    number=number,
                    state="waiting",
                    rows=rows,
                    rows_failed=0,
                    attempts=0,
                )
            )
        self._session.flush()
        return batch.id

    def progress(self, batch_id: str) -> Progress:
        """Return how far a batch is. Raises NotFoundError."""
        batch = self._session.get(BatchRow, batch_id)
        if batch is None:
            raise NotFoundError(f"there is no batch with the id {batch_id[:40]!r}")
        done, failed = self._session.execute(
            select(func.coalesce(func.sum(ShardRow.rows), 0), func.coalesce(func.sum(ShardRow.rows_failed), 0)).where(
                ShardRow.batch_id == batch_id, ShardRow.state == "done"
            )
        ).one()
        return Progress(
            batch.id,
            batch.owner,
            batch.state,
            batch.name,
            batch.rows_total or 0,
            int(done),
            int(failed),
            batch.created_at,
            batch.finished_at,
        )

    def claim(self, lasts: dt.timedelta) -> Lease | None:
        """Take the oldest shard that waits or whose lease expired; None if there is no work."""
        shard = self._session.scalars(
            select(ShardRow)
            .join(BatchRow, BatchRow.id == ShardRow.batch_id)
            .where(BatchRow.state.in_(("waiting", "running")), ShardRow.attempts < MOST_ATTEMPTS, self._free())
            .order_by(BatchRow.created_at, ShardRow.batch_id, ShardRow.number)
            .limit(1)
            .with_for_update(skip_locked=True, of=ShardRow)
        ).first()
        if shard is None:
            return None
        shard.state, shard.attempts, shard.lease = "leased", shard.attempts + 1, new_id(self._now)
        shard.lease_until = self._now + lasts
        self._session.execute(
            update(BatchRow).where(BatchRow.id == shard.batch_id, BatchRow.state == "waiting").values(state="running")
        )
        self._session.flush()
        return Lease(shard.id, shard.batch_id, shard.number, shard.lease, shard.lease_until)

    def renew(self, lease: Lease, lasts: dt.timedelta) -> bool:
        """Prolong a lease; False if another worker took the shard or the batch was cancelled: stop working."""
        row = self._session.execute(
            update(ShardRow).where(*self._held(lease)).values(lease_until=self._now + lasts).returning(ShardRow.id)
        ).first()
        return row is not None

    def finish(self, lease: Lease, rows_failed: int) -> bool:
        """Mark a shard as done; False if the lease is no longer this worker's, whose result then must be dropped."""
        row = self._session.execute(
            update(ShardRow)
            .where(*self._held(lease))
            .values(state="done", rows_failed=rows_failed, lease=None, lease_until=None, finished_at=self._now)
            .returning(ShardRow.id)
        ).first()
        if row is None:
            return False
        self._close_if_complete(lease.batch_id)
        return True

    def set_aside_broken(self) -> int:
        """Fail the shards that used up their attempts, and their batches; return how many shards there were."""
        broken = self._session.scalars(
            select(ShardRow).where(ShardRow.attempts >= MOST_ATTEMPTS, self._free()).with_for_update(skip_locked=True)
        ).all()
        for shard in broken:
            shard.state, shard.error, shard.finished_at = "failed", "its workers stopped again and again", self._now
            self._end(shard.batch_id, "failed", f"part {shard.number} could not be judged in {MOST_ATTEMPTS} attempts")
        self._session.flush()
        return len(broken)

    def cancel(self, batch_id: str) -> bool:
        """Cancel a batch that is not finished; its workers stop at their next renewal. Raises NotFoundError."""
        if self.progress(batch_id).state not in ("waiting", "running"):
            return False
        self._end(batch_id, "cancelled", None)
        self._session.execute(
            update(ShardRow)
            .where(ShardRow.batch_id == batch_id, ShardRow.state != "done")
            .values(state="failed", lease=None, lease_until=None, error="cancelled", finished_at=self._now)
        )
        return True

    def _free(self) -> ColumnElement[bool]:
        expired = and_(ShardRow.state == "leased", ShardRow.lease_until < self._now)
        return or_(ShardRow.state == "waiting", expired)

    def _held(self, lease: Lease) -> tuple[ColumnElement[bool], ...]:
        return ShardRow.id == lease.shard_id, ShardRow.lease == lease.token, ShardRow.state == "leased"

    def _close_if_complete(self, batch_id: str) -> None:
        # The batch is held, so that of two workers that finish last, the second one sees both.
        self._session.scalars(select(BatchRow.id).where(BatchRow.id == batch_id).with_for_update()).one()
        open_ones = self._session.scalar(
            select(func.count()).select_from(ShardRow).where(ShardRow.batch_id == batch_id, ShardRow.state != "done")
        )
        if not open_ones:
            self._end(batch_id, "done", None)

    def _end(self, batch_id: str, state: str, error: str | None) -> None:
        self._session.execute(
            update(BatchRow)
            .where(BatchRow.id == batch_id)
            .values(state=state, error=error, finished_at=self._now)
            .execution_options(synchronize_session="fetch")
        )
