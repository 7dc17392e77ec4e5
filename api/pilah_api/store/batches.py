"""Batches in the store as their owners see them: made, watched, cancelled, sent to the review queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from pilah_api.access import NotFoundError
from pilah_api.store.columns import new_id
from pilah_api.store.shards import OPEN_STATES, PLAN, Step, hold_unfinished, new_shard
from pilah_api.store.work_tables import BatchRow, ShardRow

_RECENT = dt.timedelta(minutes=1)
"""The rate of a batch is that of its last minute, so that it follows a machine that becomes busy or idle."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is; rows of unfinished shards do not count, and `rate` is in rows a second of the last minute.

    `rows_total` is 0 and `planned` false until the feed has been read through.
    """

    id: str
    owner: str
    state: str
    name: str
    rows_total: int
    rows_done: int
    rows_failed: int
    created_at: dt.datetime
    finished_at: dt.datetime | None
    started_at: dt.datetime | None
    expires_at: dt.datetime
    planned: bool
    rate: float | None
    error: str | None
    model: str
    fingerprint: str
    sent: int | None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Return whether there is still something to be done."""
        return self.state in OPEN_STATES

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest will take at the present rate; None if that cannot be told."""
        if not self.is_open or not self.planned or not self.rate:
            return None
        return (self.rows_total - self.rows_done) / self.rate


class Batches:
    """Batches within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def add(
        self,
        owner: str,
        name: str,
        options: Mapping[str, object],
        fingerprint: str,
        lasts: dt.timedelta,
        *,
        batch_id: str | None = None,
        model: str = "",
    ) -> str:
        """Store a batch, whose feed a worker reads first, and return its id."""
        batch = BatchRow(
            id=batch_id or new_id(self._now),
            owner=owner,
            state="waiting",
            name=name,
            options=dict(options),
            fingerprint=fingerprint,
            model=model,
            rows_total=None,
            created_at=self._now,
            expires_at=self._now + lasts,
        )
        self._session.add(batch)
        self._session.flush()
        self._session.add(new_shard(batch.id, PLAN, Step.PLAN, self._now))
        self._session.flush()
        return batch.id

    def progress(self, batch_id: str) -> Progress:
        """Return how far a batch is. Raises NotFoundError."""
        batch = self._session.get(BatchRow, batch_id)
        if batch is None:
            raise NotFoundError(f"there is no batch with the id {batch_id[:40]!r}")
        return self._progress(batch, self._done([batch.id]))

    def page(self, owner: str | None, before: str | None, limit: int) -> list[Progress]:
        """Return at most `limit` batches, newest first, older than the id `before`; of one owner if it is named."""
        query = select(BatchRow).order_by(BatchRow.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(BatchRow.owner == owner)
        if before is not None:
            query = query.where(BatchRow.id < before)
        batches = self._session.scalars(query).all()
        done = self._done([batch.id for batch in batches])
        return [self._progress(batch, done) for batch in batches]

    def count_open(self, owner: str) -> int:
        """Return how many batches of an owner are not finished."""
        query = select(func.count()).select_from(BatchRow)
        return self._session.scalar(query.where(BatchRow.owner == owner, BatchRow.state.in_(OPEN_STATES))) or 0

    def cancel(self, batch_id: str) -> bool:
        """Cancel a batch that is not finished; its workers stop at their next renewal. Raises NotFoundError."""
        hold_unfinished(self._session, ShardRow.batch_id == batch_id)
        # The batch is held, so that a worker that finishes it at this moment comes before or after, not in between.
        state = self._session.scalar(select(BatchRow.state).where(BatchRow.id == batch_id).with_for_update())
        if state is None:
            raise NotFoundError(f"there is no batch with the id {batch_id[:40]!r}")
        if state not in OPEN_STATES:
            return False
        self._session.execute(
            update(BatchRow)
            .where(BatchRow.id == batch_id)
            .values(state="cancelled", finished_at=self._now)
            .execution_options(synchronize_session="fetch")
        )
        self._session.execute(
            update(ShardRow)
            .where(ShardRow.batch_id == batch_id, ShardRow.state != "done")
            .values(state="failed", lease=None, lease_until=None, error="cancelled", finished_at=self._now)
        )
        return True

    def hold_sending(self, batch_id: str) -> int | None:
        """Keep others from sending a batch to the queue until this unit ends; return how many posts were sent, None for never."""
        row = self._session.execute(
            select(BatchRow.sent).where(BatchRow.id == batch_id).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no batch with the id {batch_id[:40]!r}")
        sent: int | None = row[0]
        return sent

    def note_sent(self, batch_id: str, sent: int) -> None:
        """Note how many posts of a batch are in the queue by now."""
        self._session.execute(
            update(BatchRow)
            .where(BatchRow.id == batch_id)
            .values(sent=sent)
            .execution_options(synchronize_session="fetch")
        )

    def _done(self, batch_ids: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """Return, by batch, how many rows were judged, could not be judged, and were done within the last minute."""
        recent = case((ShardRow.finished_at > self._now - _RECENT, ShardRow.rows), else_=0)
        query = (
            select(ShardRow.batch_id, func.sum(ShardRow.rows), func.sum(ShardRow.rows_failed), func.sum(recent))
            .where(ShardRow.batch_id.in_(batch_ids), ShardRow.state == "done", ShardRow.step == Step.JUDGE)
            .group_by(ShardRow.batch_id)
        )
        return {batch: (int(rows), int(bad), int(new)) for batch, rows, bad, new in self._session.execute(query)}

    def _progress(self, batch: BatchRow, counted: Mapping[str, tuple[int, int, int]]) -> Progress:
        done, failed, lately = counted.get(batch.id, (0, 0, 0))
        return Progress(
            id=batch.id,
            owner=batch.owner,
            state=batch.state,
            name=batch.name,
            rows_total=batch.rows_total or 0,
            rows_done=done,
            rows_failed=failed,
            created_at=batch.created_at,
            finished_at=batch.finished_at,
            started_at=batch.started_at,
            expires_at=batch.expires_at,
            planned=batch.rows_total is not None,
            rate=self._rate(batch, done, lately),
            error=batch.error,
            model=batch.model,
            fingerprint=batch.fingerprint,
            sent=batch.sent,
            options=dict(batch.options),
        )

    def _rate(self, batch: BatchRow, done: int, lately: int) -> float | None:
        """Return rows a second: of the last minute while work goes on, of all the time once it is over."""
        if batch.started_at is None or not done:
            return None
        if batch.finished_at is not None:
            return done / max((batch.finished_at - batch.started_at).total_seconds(), 0.001)
        return lately / max((self._now - max(batch.started_at, self._now - _RECENT)).total_seconds(), 1.0)
