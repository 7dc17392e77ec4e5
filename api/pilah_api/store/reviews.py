"""Reviews in the store: who holds a post until when with which draft, what was decided, and what was taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from pilah_api.access import NotFoundError
from pilah_api.store.columns import new_id
from pilah_api.store.work_tables import ReviewRow
from pilah_data.taxonomy import Label


class ReviewState(StrEnum):
    """What a row of the reviews stands for."""

    LEASED = "leased"
    """A post that was taken and not decided: the row is the lease and the draft, whether or not the lease still runs."""
    DECIDED = "decided"
    REVERSED = "reversed"
    """A decision that its maker took back; the row names it, and the decision stays as it was."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a review says; while it is a draft, parts may be missing."""

    label: Label | None = None
    forms: tuple[str, ...] = ()
    template: str | None = None
    reason: str = ""
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One row of the reviews; `taken_back` says that a later row reverses it."""

    id: str
    post_id: str
    person_id: str
    round: int
    state: ReviewState
    lease_until: dt.datetime | None
    content: Content
    conflict: bool
    relation: str | None
    reverses: str | None
    decided_at: dt.datetime | None
    taken_back: bool = False


class Reviews:
    """Reviews within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime, touched: set[str]):
        """Take the session, the moment, and the set for ids of posts whose course changes in this unit."""
        self._session, self._now, self._touched = session, now, touched

    def begin(self, post_id: str, person_id: str, round_: int, lasts: dt.timedelta, draft: Content) -> Review:
        """Store that a person has a post for a while."""
        return self._add(post_id, person_id, round_, ReviewState.LEASED, draft, lease_until=self._now + lasts)

    def get(self, review_id: str) -> Review:
        """Return a review. Raises NotFoundError."""
        row = self._session.get(ReviewRow, review_id, populate_existing=True)
        if row is None:
            raise NotFoundError(f"there is no review with the id {review_id[:40]!r}; its post may have been deleted")
        undone = self._session.scalar(select(ReviewRow.id).where(ReviewRow.reverses == review_id).limit(1))
        return _review(row, taken_back=undone is not None)

    def of_post(self, post_id: str) -> list[Review]:
        """Return all reviews of a post, in the order in which they began."""
        rows = self._session.scalars(select(ReviewRow).where(ReviewRow.post_id == post_id).order_by(ReviewRow.id)).all()
        undone = {row.reverses for row in rows}
        return [_review(row, taken_back=row.id in undone) for row in rows]

    def decisions(self, post_id: str) -> list[Review]:
        """Return the decisions on a post that stand, by round."""
        found = [one for one in self.of_post(post_id) if one.state is ReviewState.DECIDED and not one.taken_back]
        return sorted(found, key=lambda one: one.round)

    def lately_decided(self, person_id: str, limit: int) -> list[Review]:
        """Return a person's latest decisions that stand, newest first."""
        undone = aliased(ReviewRow)
        query = (
            select(ReviewRow)
            .where(ReviewRow.person_id == person_id, ReviewRow.state == ReviewState.DECIDED)
            .where(~select(undone.id).where(undone.reverses == ReviewRow.id).exists())
            .order_by(ReviewRow.decided_at.desc(), ReviewRow.id.desc())
            .limit(limit)
        )
        return [_review(row) for row in self._session.scalars(query)]

    def renew(self, review_id: str, lasts: dt.timedelta) -> dt.datetime:
        """Prolong a lease; the caller has made sure that the post is still held by it."""
        until = self._now + lasts
        self._change(review_id, lease_until=until)
        return until

    def end(self, review_id: str, relation: str | None = None) -> None:
        """End a lease now; with a relation, its person never gets the post again."""
        self._change(review_id, lease_until=self._now, conflict_of_interest=relation is not None, relation=relation)

    def keep_draft(self, review_id: str, draft: Content) -> None:
        """Store what was filled in so far."""
        self._change(review_id, **_columns(draft))

    def decide(self, review: Review, content: Content, undo_until: dt.datetime) -> None:
        """Store a decision, which its maker may take back until a moment."""
        self._touched.add(review.post_id)
        self._change(
            review.id,
            **_columns(content),
            state=ReviewState.DECIDED.value,
            decided_at=self._now,
            lease_until=undo_until,
        )

    def add_decided(
        self, post_id: str, person_id: str, round_: int, content: Content, undo_until: dt.datetime
    ) -> Review:
        """Store a decision on a post that was not taken before: one of a group."""
        return self._add(
            post_id,
            person_id,
            round_,
            ReviewState.DECIDED,
            content,
            lease_until=undo_until,
            decided_at=self._now,
        )

    def reverse(self, review: Review) -> Review:
        """Store that a decision was taken back; the decision itself stays."""
        return self._add(
            review.post_id,
            review.person_id,
            review.round,
            ReviewState.REVERSED,
            Content(),
            reverses=review.id,
            decided_at=self._now,
        )

    def _add(
        self,
        post_id: str,
        person_id: str,
        round_: int,
        state: ReviewState,
        content: Content,
        *,
        lease_until: dt.datetime | None = None,
        decided_at: dt.datetime | None = None,
        reverses: str | None = None,
    ) -> Review:
        self._touched.add(post_id)
        turns = select(func.coalesce(func.max(ReviewRow.turn), 0)).where(
            ReviewRow.post_id == post_id, ReviewRow.person_id == person_id
        )
        row = ReviewRow(
            id=new_id(self._now),
            post_id=post_id,
            person_id=person_id,
            round=round_,
            turn=(self._session.scalar(turns) or 0) + 1,
            state=state.value,
            lease_until=lease_until,
            conflict_of_interest=False,
            reverses=reverses,
            decided_at=decided_at,
            **_columns(content),
        )
        self._session.add(row)
        self._session.flush()
        return _review(row)

    def _change(self, review_id: str, **values: object) -> None:
        self._session.execute(update(ReviewRow).where(ReviewRow.id == review_id).values(**values))


def later_than(reviews: Sequence[Review], review: Review) -> bool:
    """Return whether another person began a later round on the same post."""
    return any(one.round > review.round and one.person_id != review.person_id for one in reviews)


def _columns(content: Content) -> dict[str, object]:
    return {
        "label": content.label.value if content.label else None,
        "forms": list(content.forms),
        "template": content.template,
        "reason": content.reason or None,
        "reference": content.reference,
    }


def _review(row: ReviewRow, *, taken_back: bool = False) -> Review:
    return Review(
        id=row.id,
        post_id=row.post_id,
        person_id=row.person_id,
        round=row.round,
        state=ReviewState(row.state),
        lease_until=row.lease_until,
        content=Content(
            label=Label(row.label) if row.label else None,
            forms=tuple(row.forms),
            template=row.template,
            reason=row.reason or "",
            reference=row.reference,
        ),
        conflict=row.conflict_of_interest,
        relation=row.relation,
        reverses=row.reverses,
        decided_at=row.decided_at,
        taken_back=taken_back,
    )
