"""Moved thresholds in the store, and the stored judgements that show what a move would change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pilah_api.store.columns import new_id
from pilah_api.store.policy_tables import PolicyRow
from pilah_api.store.work_tables import JudgementRow


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """One move of the thresholds of a model; both are None for the return to the artefact's own."""

    id: str
    model_sha256: str
    model_version: str
    lolos_below: float | None
    tinjau_from: float | None
    reason: str
    set_by: str
    created_at: dt.datetime


class Policies:
    """Moves of thresholds within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def latest(self, model_sha256: str) -> StoredPolicy | None:
        """Return the last move for a model, or None if its thresholds were never moved."""
        found = self.page(None, 1, model_sha256)
        return found[0] if found else None

    def page(self, before: str | None, limit: int, model_sha256: str | None = None) -> list[StoredPolicy]:
        """Return at most `limit` moves, newest first, older than the given id; of one model if it is named."""
        query = select(PolicyRow).order_by(PolicyRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(PolicyRow.id < before)
        if model_sha256 is not None:
            query = query.where(PolicyRow.model_sha256 == model_sha256)
        return [_policy(row) for row in self._session.scalars(query)]

    def add(
        self,
        model: tuple[str, str],
        thresholds: tuple[float, float] | None,
        reason: str,
        set_by: str,
    ) -> StoredPolicy:
        """Store a move for a model (hash and version); without thresholds it is the return to the artefact's own."""
        last = self.latest(model[0])
        fresh = new_id(self._now)
        row = PolicyRow(
            # The order of ids is the order of moves, also of two within one millisecond.
            id=f"{int(last.id, 16) + 1:032x}" if last is not None and last.id >= fresh else fresh,
            model_sha256=model[0],
            model_version=model[1],
            lolos_below=thresholds[0] if thresholds else None,
            tinjau_from=thresholds[1] if thresholds else None,
            reason=reason,
            set_by=set_by,
            created_at=self._now,
        )
        self._session.add(row)
        self._session.flush()
        return _policy(row)

    def decided(self, model_sha256: str, lolos_below: float, tinjau_from: float) -> list[tuple[str, int, int, int]]:
        """Return, by decision of a model's judgements, how many there are, below the lower threshold, and from the upper one on.

        A post is judged once, when it comes in, so that these are numbers of posts.
        """
        below = func.sum(case((JudgementRow.partisan < lolos_below, 1), else_=0))
        above = func.sum(case((JudgementRow.partisan >= tinjau_from, 1), else_=0))
        query = (
            select(JudgementRow.decision, func.count(), below, above)
            .where(JudgementRow.model_sha256 == model_sha256)
            .group_by(JudgementRow.decision)
        )
        return [(decision, int(n), int(low), int(high)) for decision, n, low, high in self._session.execute(query)]

    def judged_by_others(self, model_sha256: str) -> int:
        """Return how many stored judgements are another model's."""
        query = select(func.count()).select_from(JudgementRow).where(JudgementRow.model_sha256 != model_sha256)
        return self._session.scalar(query) or 0


def _policy(row: PolicyRow) -> StoredPolicy:
    return StoredPolicy(
        row.id,
        row.model_sha256,
        row.model_version,
        row.lolos_below,
        row.tinjau_from,
        row.reason,
        row.set_by,
        row.created_at,
    )
