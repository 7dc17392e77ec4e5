"""The review queue in the store: which posts wait for which review, who has one now, and how each ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from pilah_api.access import NotFoundError
from pilah_api.store.posts import PostState
from pilah_api.store.queue_tables import QueueRow, SketchRow
from pilah_api.store.work_tables import PostRow, ReviewRow
from pilah_data.taxonomy import Decision, Label

LAPSED = "kedaluwarsa"
"""The outcome of a post whose time was over before anybody decided."""
_MOST_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in the queue: the review that is due, or the outcome; `kept` says whether its text is still there."""

    id: str
    queue: Decision
    known_on: dt.date
    round: int | None
    holder: str | None
    outcome: str | None
    basis: str | None
    forms: tuple[str, ...]
    model_sha256: str
    entered_at: dt.datetime
    closed_at: dt.datetime | None
    erase_at: dt.datetime | None
    kept: bool


class Queue:
    """The queue within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def add(
        self,
        post_id: str,
        queue: Decision,
        priority: int,
        known_on: dt.date,
        model_sha256: str,
        bands: Iterable[int],
    ) -> None:
        """Put a stored post into the queue for its first review; the smallest `priority` comes first."""
        self._session.add(
            QueueRow(
                id=post_id,
                post_id=post_id,
                queue=queue.value,
                priority=priority,
                known_on=known_on,
                round=1,
                forms=[],
                model_sha256=model_sha256,
                entered_at=self._now,
            )
        )
        self._session.add_all(SketchRow(post_id=post_id, band=band) for band in sorted(set(bands)))
        self._session.flush()

    def get(self, post_id: str) -> Entry:
        """Return an entry. Raises NotFoundError."""
        return entry_of(self._row(select(QueueRow).where(QueueRow.id == post_id), post_id))

    def lock(self, post_id: str) -> Entry:
        """Return an entry and keep others from changing it until the unit ends. Raises NotFoundError."""
        query = select(QueueRow).where(QueueRow.id == post_id).with_for_update()
        return entry_of(self._row(query.execution_options(populate_existing=True), post_id))

    def first_free(self, rounds: Iterable[int], queue: Decision, person_id: str) -> Entry | None:
        """Return the most urgent entry that nobody holds and this person may take, held until the unit ends; or None."""
        for number in rounds:
            row = self._session.scalars(
                select(QueueRow)
                .where(QueueRow.round == number, QueueRow.queue == queue.value, *_open_to(person_id, self._now))
                .order_by(QueueRow.priority, QueueRow.known_on, QueueRow.id)
                .limit(1)
                .with_for_update(skip_locked=True, of=QueueRow)
            ).first()
            if row is not None:
                return entry_of(row)
        return None

    def open_to(self, rounds: Sequence[int], person_id: str, limit: int) -> list[Entry]:
        """Return free entries that a person may take, those known longest first: an order that tells nothing of a judgement."""
        query = (
            select(QueueRow)
            # As a sum, the round picks no index: the order comes from the one of open entries, and nothing is sorted.
            .where(QueueRow.round.is_not(None), (QueueRow.round + 0).in_(rounds), *_open_to(person_id, self._now))
            .order_by(QueueRow.known_on, QueueRow.id)
            .limit(limit)
        )
        return [entry_of(row) for row in self._session.scalars(query)]

    def may_take(self, post_id: str, rounds: Sequence[int], person_id: str) -> bool:
        """Return whether an entry is free and open to a person."""
        query = select(QueueRow.id).where(
            QueueRow.id == post_id, QueueRow.round.in_(rounds), *_open_to(person_id, self._now)
        )
        return self._session.scalar(query) is not None

    def held_by(self, person_id: str) -> list[Entry]:
        """Return what a person holds; a lease that ended counts while nobody else took the post."""
        query = (
            select(QueueRow)
            .join(ReviewRow, ReviewRow.id == QueueRow.holder)
            .where(ReviewRow.person_id == person_id, ReviewRow.state == "leased", QueueRow.post_id.is_not(None))
            .order_by(ReviewRow.id)
        )
        return [entry_of(row) for row in self._session.scalars(query)]

    def hold(self, post_id: str, review_id: str | None) -> None:
        """Say which review has a post now, or that none has."""
        self._change(post_id, holder=review_id)

    def move(self, post_id: str, round_: int) -> None:
        """Open an entry for a review, whether it was open or closed."""
        self._change(
            post_id, round=round_, holder=None, outcome=None, basis=None, forms=[], closed_at=None, erase_at=None
        )

    def close(
        self, post_id: str, outcome: Label, basis: str, forms: Sequence[str], erase_at: dt.datetime | None
    ) -> None:
        """Write down how a post ended; at `erase_at` its text may no longer be kept."""
        self._change(
            post_id,
            round=None,
            holder=None,
            outcome=outcome.value,
            basis=basis,
            forms=list(forms),
            closed_at=self._now,
            erase_at=erase_at,
        )
        state = {Label.PARTISAN: PostState.TINJAU, Label.PERLU_KONTEKS: PostState.BUTUH_KONTEKS}.get(outcome)
        if state is not None:
            self._session.execute(update(PostRow).where(PostRow.id == post_id).values(state=state.value))

    def sharing_bands(self, post_id: str, rounds: Sequence[int], person_id: str) -> list[tuple[str, str]]:
        """Return id and text of free posts open to a person that share a band of a post's sketch."""
        bands = select(SketchRow.band).where(SketchRow.post_id == post_id)
        shared = select(SketchRow.post_id).where(SketchRow.band.in_(bands), SketchRow.post_id != post_id)
        query = (
            select(PostRow.id, PostRow.text)
            .join(QueueRow, QueueRow.post_id == PostRow.id)
            .where(PostRow.id.in_(shared), QueueRow.round.in_(rounds), *_open_to(person_id, self._now))
            .order_by(PostRow.id)
            .limit(_MOST_CANDIDATES)
        )
        return [(found, text) for found, text in self._session.execute(query)]

    def has_due(self) -> bool:
        """Return whether a text's time is over."""
        return self._session.scalar(select(QueueRow.id).where(QueueRow.erase_at <= self._now).limit(1)) is not None

    def _row(self, query: Select[QueueRow], post_id: str) -> QueueRow:
        row = self._session.scalars(query).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no post with the id {post_id[:40]!r} in the queue")
        return row

    def _change(self, post_id: str, **values: object) -> None:
        self._session.execute(update(QueueRow).where(QueueRow.id == post_id).values(**values))


def entry_of(row: QueueRow) -> Entry:
    """Return a row as what comes out of the store."""
    return Entry(
        id=row.id,
        queue=Decision(row.queue),
        known_on=row.known_on,
        round=row.round,
        holder=row.holder,
        outcome=row.outcome,
        basis=row.basis,
        forms=tuple(row.forms),
        model_sha256=row.model_sha256,
        entered_at=row.entered_at,
        closed_at=row.closed_at,
        erase_at=row.erase_at,
        kept=row.post_id is not None,
    )


def _open_to(person_id: str, now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes an open entry free, and one that a person has had no part in."""
    held, own, undone = aliased(ReviewRow), aliased(ReviewRow), aliased(ReviewRow)
    taken_back = exists().where(undone.reverses == own.id)
    involved = exists().where(
        own.post_id == QueueRow.id,
        own.person_id == person_id,
        or_(own.conflict_of_interest, and_(own.state == "decided", ~taken_back)),
    )
    busy = exists().where(held.id == QueueRow.holder, held.lease_until > now, held.person_id != person_id)
    return QueueRow.post_id.is_not(None), ~busy, ~involved
