"""Lists and counts of the review queue, for those who watch over it and for what is said beside a judgement."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from pilah_api.store.access_tables import PersonRow
from pilah_api.store.queue import Entry, entry_of
from pilah_api.store.queue_tables import QueueRow
from pilah_api.store.work_tables import ReviewRow
from pilah_data.taxonomy import Decision, Label


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry in a list; `held_by` is the login of who has it now."""

    entry: Entry
    held_by: str | None = None
    held_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many open posts there are of a queue and a round."""

    queue: Decision
    round: int
    number: int


class QueueLists:
    """Lists of the queue within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def page(self, which: str, after: tuple[dt.date, str] | None, limit: int) -> list[Listed]:
        """Return at most `limit` entries, known longest first, after a place; `which` is `terbuka`, `selesai` or an outcome."""
        holder = aliased(ReviewRow)
        query = (
            select(QueueRow, PersonRow.login, holder.lease_until)
            .outerjoin(holder, and_(holder.id == QueueRow.holder, holder.lease_until > self._now))
            .outerjoin(PersonRow, PersonRow.id == holder.person_id)
            .where(_is_of(which))
            .order_by(QueueRow.known_on, QueueRow.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(QueueRow.known_on, QueueRow.id) > after)
        return [Listed(entry_of(row), login, until) for row, login, until in self._session.execute(query)]

    def waiting(self) -> list[Waiting]:
        """Return how many posts are open, by queue and round."""
        found = self._session.execute(
            select(QueueRow.queue, QueueRow.round, func.count())
            .where(QueueRow.round.is_not(None))
            .group_by(QueueRow.queue, QueueRow.round)
        )
        return [Waiting(Decision(queue), number or 1, count) for queue, number, count in found]

    def count_known_before(self, day: dt.date) -> int:
        """Return how many open posts became known before a day."""
        query = select(func.count()).where(QueueRow.round.is_not(None), QueueRow.known_on < day)
        return self._session.scalar(query.select_from(QueueRow)) or 0

    def precision(self, model_sha256: str) -> tuple[int, int]:
        """Return how many posts that a model marked `tinjau` people called partisan, and on how many they decided."""
        counts = {
            str(outcome): int(count)
            for outcome, count in self._session.execute(
                select(QueueRow.outcome, func.count())
                .where(
                    QueueRow.model_sha256 == model_sha256,
                    QueueRow.queue == Decision.TINJAU.value,
                    QueueRow.outcome.in_([label.value for label in Label]),
                )
                .group_by(QueueRow.outcome)
            )
        }
        return counts.get(Label.PARTISAN.value, 0), sum(counts.values())


def _is_of(which: str) -> ColumnElement[bool]:
    match which:
        case "terbuka":
            return QueueRow.round.is_not(None)
        case "selesai":
            # As a sum, the round picks no index: the order comes from that of the days, and nothing is sorted.
            return (QueueRow.round + 0).is_(None)
        case "semua":
            return true()
        case _:
            return QueueRow.outcome == which
