"""Posts of cases in the store: which may become one, which became one, and what a model said about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from pilah_api.access import ConflictError, NotFoundError
from pilah_api.store.posts import PostState, StoredPost, came_with_its_post, stored_post
from pilah_api.store.queue_tables import QueueRow
from pilah_api.store.work_tables import JudgementRow, PostRow
from pilah_data.taxonomy import Label


@dataclass(frozen=True, slots=True)
class KeptJudgement:
    """What a model said about the post of a case, for the copy that the person concerned gets."""

    decision: str
    confidence: float
    forms: tuple[str, ...]
    thresholds: Mapping[str, float]
    model: str
    version: str
    sha256: str
    engine: str
    made_at: dt.datetime


class CasePosts:
    """Posts of cases within one unit of work."""

    def __init__(self, session: Session):
        self._session = session

    def ready(self, limit: int) -> list[StoredPost]:
        """Return posts that reviewers found partisan and that are in no case, known longest first."""
        # As a sum, the state picks no index in SQLite: the order comes from the one of outcomes, and nothing is sorted.
        is_embedded = self._session.get_bind().dialect.name == "sqlite"
        state = PostRow.state + "" if is_embedded else PostRow.state
        query = (
            select(PostRow)
            .join(QueueRow, QueueRow.post_id == PostRow.id)
            .where(QueueRow.outcome == Label.PARTISAN, state == PostState.TINJAU.value)
            .order_by(QueueRow.known_on, QueueRow.id)
            .limit(limit)
        )
        return [stored_post(row) for row in self._session.scalars(query)]

    def take(self, post_id: str, case_id: str) -> None:
        """Make a stored post part of a case. Raises NotFoundError, and ConflictError if it is part of one already."""
        row = self._session.scalars(select(PostRow).where(PostRow.id == post_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no post with the id {post_id[:40]!r}; it may have been deleted on time")
        if row.case_id is not None:
            raise ConflictError("the post is part of a case already; open that one")
        row.state, row.case_id = PostState.KASUS.value, case_id
        self._session.flush()

    def judgement(self, case_id: str) -> KeptJudgement | None:
        """Return what a model said about the post of a case when it came in, or None where a person alone brought it."""
        row = self._session.scalars(
            select(JudgementRow)
            .join(PostRow, PostRow.id == JudgementRow.post_id)
            .where(PostRow.case_id == case_id, came_with_its_post())
        ).first()
        return _judged(row) if row is not None else None


def _judged(row: JudgementRow) -> KeptJudgement:
    return KeptJudgement(
        row.decision,
        row.confidence,
        tuple(str(form["code"]) for form in row.forms),
        dict(row.thresholds),
        row.model_name,
        row.model_version,
        row.model_sha256,
        row.engine,
        row.created_at,
    )
