"""Shards in the store: the queue of work, in which a lease and not a lock says who works on what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from pilah_api.store.columns import new_id
from pilah_api.store.work_tables import BatchRow, ShardRow

OPEN_STATES = ("waiting", "running")
"""States of a batch in which something is still to be done."""
MOST_ATTEMPTS = 5
"""A shard that brought down as many workers is set aside, so that it cannot bring down all."""
PLAN = -1
"""The number of the shard that reads the feed: before all others."""


class Step(StrEnum):
    """What is to be done with a shard; the results are put together once all of the batch's rows are judged."""

    PLAN = "plan"
    JUDGE = "judge"
    ASSEMBLE = "assemble"


@dataclass(frozen=True, slots=True)
class Lease:
    """A shard that a worker holds until `until`; `token` proves it."""

    shard_id: str
    batch_id: str
    number: int
    step: Step
    token: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What planning found: a run of rows, how many of them cannot be judged, and whether any text is left to judge."""

    rows: int
    failed: int
    open: bool


class Shards:
    """The queue within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def is_idle(self, model: str = "") -> bool:
        """Return whether no worker of a model has anything to do; a look that takes no lock."""
        query = select(ShardRow.id).join(BatchRow, BatchRow.id == ShardRow.batch_id).where(*self._open(model))
        return self._session.scalars(query.limit(1)).first() is None

    def claim(self, lasts: dt.timedelta, model: str = "", without: Collection[str] = ()) -> Lease | None:
        """Take a shard that waits or whose lease expired, of the batch that has got least so far; None if there is no work.

        `model` is the worker's, and batches of another are left alone; `without` names batches that it cannot reach.
        """
        shard = self._session.scalars(
            select(ShardRow)
            .join(BatchRow, BatchRow.id == ShardRow.batch_id)
            .where(*self._open(model), BatchRow.id.not_in(tuple(without)))
            # By number first, so that a small batch need not wait for a large one.
            .order_by(ShardRow.number, BatchRow.created_at, ShardRow.batch_id)
            .limit(1)
            .with_for_update(skip_locked=True, of=ShardRow)
        ).first()
        if shard is None:
            return None
        shard.state, shard.attempts, shard.lease = "leased", shard.attempts + 1, new_id(self._now)
        shard.lease_until = self._now + lasts
        self._session.execute(
            update(BatchRow)
            .where(BatchRow.id == shard.batch_id)
            .values(state="running", started_at=func.coalesce(BatchRow.started_at, self._now))
        )
        self._session.flush()
        return Lease(shard.id, shard.batch_id, shard.number, Step(shard.step), shard.lease, shard.lease_until)

    def renew(self, lease: Lease, lasts: dt.timedelta) -> bool:
        """Prolong a lease; False if another worker took the shard or the batch was cancelled: stop working."""
        return self._change(lease, lease_until=self._now + lasts)

    def give_back(self, lease: Lease, *, counts: bool = False) -> bool:
        """Let another worker have a shard; that it was begun counts as an attempt only where it failed."""
        attempts = ShardRow.attempts if counts else ShardRow.attempts - 1
        return self._change(lease, state="waiting", lease=None, lease_until=None, attempts=attempts)

    def finish(self, lease: Lease) -> bool:
        """Mark a shard as done; False if the lease is no longer this worker's, whose result then must be dropped."""
        if not self._change(lease, **_over("done", self._now)):
            return False
        self._close_if_complete(lease.batch_id)
        return True

    def plan(self, lease: Lease, parts: Sequence[Part]) -> bool:
        """Mark the reading of a feed as done, and add what it found as shards, with the one that puts the results together.

        False if the lease is no longer this worker's.
        """
        if not self._change(lease, **_over("done", self._now)):
            return False
        for number, part in enumerate(parts):
            shard = new_shard(lease.batch_id, number, Step.JUDGE, self._now, part.rows, part.failed)
            if not part.open:
                shard.state, shard.finished_at = "done", self._now
            self._session.add(shard)
        self._session.add(new_shard(lease.batch_id, len(parts), Step.ASSEMBLE, self._now))
        total = sum(part.rows for part in parts)
        self._session.execute(update(BatchRow).where(BatchRow.id == lease.batch_id).values(rows_total=total))
        self._session.flush()
        return True

    def fail(self, lease: Lease, why: str) -> bool:
        """Fail a shard and with it its batch, for a reason that another attempt would not change."""
        if not self._change(lease, **_over("failed", self._now), error=why):
            return False
        self._end(lease.batch_id, "failed", why)
        return True

    def set_aside_broken(self) -> int:
        """Fail the shards that used up their attempts, and their batches; return how many shards there were."""
        broken = self._session.scalars(
            select(ShardRow)
            .where(ShardRow.attempts >= MOST_ATTEMPTS, self._free())
            .order_by(ShardRow.batch_id, ShardRow.id)
            .with_for_update(skip_locked=True)
        ).all()
        for shard in broken:
            shard.state, shard.error, shard.finished_at = "failed", "its workers stopped again and again", self._now
            what = (
                f"part {shard.number} could not be judged"
                if shard.step == Step.JUDGE
                else f"the step {shard.step} failed"
            )
            self._end(shard.batch_id, "failed", f"{what} in {MOST_ATTEMPTS} attempts")
        self._session.flush()
        return len(broken)

    def fail_strangers(self, models: Collection[str], older_than: dt.timedelta, why: str) -> int:
        """Fail the unfinished batches, made some time ago, of models that no worker has any more; return how many there were."""
        gone = self._session.scalars(
            select(BatchRow.id)
            .where(
                BatchRow.state.in_(OPEN_STATES),
                BatchRow.model != "",
                BatchRow.model.not_in(tuple(models)),
                BatchRow.created_at < self._now - older_than,
            )
            # One that somebody changes at this moment is looked at again soon.
            .with_for_update(skip_locked=True)
        ).all()
        for batch in gone:
            self._end(batch, "failed", why)
        return len(gone)

    def _open(self, model: str) -> tuple[ColumnElement[bool], ...]:
        other = aliased(ShardRow)
        judged = ~exists().where(other.batch_id == ShardRow.batch_id, other.step == Step.JUDGE, other.state != "done")
        return (
            BatchRow.state.in_(OPEN_STATES),
            BatchRow.model == model,
            ShardRow.attempts < MOST_ATTEMPTS,
            self._free(),
            or_(ShardRow.step != Step.ASSEMBLE, judged),
        )

    def _free(self) -> ColumnElement[bool]:
        expired = and_(ShardRow.state == "leased", ShardRow.lease_until < self._now)
        return or_(ShardRow.state == "waiting", expired)

    def _change(self, lease: Lease, /, **values: object) -> bool:
        """Change a shard that a lease still holds; False if it does not any more."""
        row = self._session.execute(
            update(ShardRow)
            .where(ShardRow.id == lease.shard_id, ShardRow.lease == lease.token, ShardRow.state == "leased")
            .values(**values)
            .returning(ShardRow.id)
        ).first()
        return row is not None

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


def hold_unfinished(session: Session, *conditions: ColumnElement[bool]) -> None:
    """Keep others from changing the unfinished shards of batches, before the batches themselves: the order of every worker."""
    query = select(ShardRow.id).where(*conditions, ShardRow.state != "done").order_by(ShardRow.id).with_for_update()
    # The one that reads the feed first: as long as it is held, no others are added.
    session.execute(query.where(ShardRow.number == PLAN)).all()
    session.execute(query).all()


def new_shard(batch_id: str, number: int, step: Step, now: dt.datetime, rows: int = 0, failed: int = 0) -> ShardRow:
    """Return a shard that waits."""
    return ShardRow(
        id=new_id(now),
        batch_id=batch_id,
        number=number,
        step=step.value,
        state="waiting",
        rows=rows,
        rows_failed=failed,
        attempts=0,
    )


def _over(state: str, now: dt.datetime) -> dict[str, object]:
    return {"state": state, "lease": None, "lease_until": None, "finished_at": now}
