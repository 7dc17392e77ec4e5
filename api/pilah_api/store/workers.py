"""Workers in the store: who is alive, and with which model."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pilah_api.store.columns import upsert
from pilah_api.store.work_tables import WorkerRow

DEAD_AFTER = dt.timedelta(seconds=60)
"""A worker says every few seconds that it lives; one that has been silent for so long does not."""
_FORGOTTEN_AFTER = dt.timedelta(days=1)


class Workers:
    """Workers within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def beat(self, worker_id: str, name: str, model: str) -> None:
        """Say that a worker lives; long dead ones are forgotten."""
        row = {"id": worker_id, "name": name[:100], "model": model, "started_at": self._now, "seen_at": self._now}
        insertion = upsert(self._session, WorkerRow).values(**row)
        self._session.execute(insertion.on_conflict_do_update(index_elements=["id"], set_={"seen_at": self._now}))
        self._session.execute(delete(WorkerRow).where(WorkerRow.seen_at < self._now - _FORGOTTEN_AFTER))

    def leave(self, worker_id: str) -> None:
        """Take a worker that stops in good order off the list."""
        self._session.execute(delete(WorkerRow).where(WorkerRow.id == worker_id))

    def alive(self) -> int:
        """Return how many workers live."""
        query = select(func.count()).select_from(WorkerRow)
        return self._session.scalar(query.where(WorkerRow.seen_at > self._now - DEAD_AFTER)) or 0

    def models(self, within: dt.timedelta) -> set[str]:
        """Return the models of the workers that were seen within some time."""
        query = select(WorkerRow.model).where(WorkerRow.seen_at > self._now - within)
        return set(self._session.scalars(query))
