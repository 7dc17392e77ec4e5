"""What reviewers decided, read post by post for the export that a model may learn from; nothing here is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from pilah_api.store.queue import LAPSED
from pilah_api.store.queue_tables import QueueRow
from pilah_api.store.work_tables import PostRow

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Decided:
    """A stored post, masked, what its reviews came to, and whether it belongs to a case."""

    text: str
    outcome: str
    forms: tuple[str, ...]
    in_case: bool


class Feedback:
    """Reviewed posts within one unit of work."""

    def __init__(self, session: Session):
        self._session = session

    def decided(self) -> Iterator[Decided]:
        """Yield every post that is still kept and whose reviews came to an outcome, in the order of arrival, some at a time."""
        last = ""
        while True:
            query = (
                select(PostRow, QueueRow)
                .join(QueueRow, QueueRow.post_id == PostRow.id)
                .where(PostRow.id > last, QueueRow.outcome.is_not(None), QueueRow.outcome != LAPSED)
                .order_by(PostRow.id)
                .limit(_AT_ONCE)
            )
            found = self._session.execute(query).all()
            if not found:
                return
            for post, entry in found:
                in_case = post.case_id is not None or post.state == "kasus"
                yield Decided(post.text, str(entry.outcome), tuple(entry.forms), in_case)
            last = found[-1][0].id
            self._session.expunge_all()

    def counts(self) -> tuple[dict[str, int], int]:
        """Return how many decided posts are kept outside of cases, by outcome, and how many in cases."""
        kept = select(QueueRow.outcome, func.count()).where(
            QueueRow.post_id.is_not(None), QueueRow.outcome.is_not(None), QueueRow.outcome != LAPSED
        )
        labels = Counter(dict(self._session.execute(kept.group_by(QueueRow.outcome)).all()))
        # Two looks into two indexes; as one condition it would be a look at every post.
        in_case = union(
            select(PostRow.id).where(PostRow.case_id > ""), select(PostRow.id).where(PostRow.state == "kasus")
        )
        of_cases = kept.join(PostRow, PostRow.id == QueueRow.post_id).where(PostRow.id.in_(in_case))
        taken = Counter(dict(self._session.execute(of_cases.group_by(QueueRow.outcome)).all()))
        return {str(outcome): number for outcome, number in (labels - taken).items()}, taken.total()

    def open(self) -> int:
        """Return how many posts are still under review."""
        query = select(func.count()).select_from(QueueRow).where(QueueRow.outcome.is_(None))
        return self._session.scalar(query) or 0
