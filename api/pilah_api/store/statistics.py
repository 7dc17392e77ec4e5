"""Counts over posts, reviews and cases: nothing per person, and the counts of deleted posts live on as tallies.

Every post carries its course as a text, which the unit of work that changes it writes; counting is one look into an index. A post
whose course is not written down (one that an older Pilah left, or that was put in by other means) is worked out on the spot.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from pilah_api.store.columns import upsert
from pilah_api.store.courses import Course, read, work_out, write
from pilah_api.store.tally_tables import TallyRow
from pilah_api.store.work_tables import CaseRow, PostRow

_AT_ONCE = 500
_COURSE = tuple(getattr(TallyRow, name) for name in Course.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Posted:
    """How many posts came in by week (its Monday) and decision, and how many took which course."""

    weeks: Counter[tuple[dt.date, str]]
    courses: Counter[Course]


class Statistics:
    """Counts within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def posts(self) -> Posted:
        """Return how many posts came in and what became of them, those deleted since included."""
        written = select(PostRow.course, func.count()).where(PostRow.course.is_not(None)).group_by(PostRow.course)
        weeks, courses = read((text or "", number) for text, number in self._session.connection().execute(written))
        for _, week, course in work_out(self._session, PostRow.course.is_(None)):
            weeks[week, course.decision] += 1
            courses[course] += 1
        total = func.sum(TallyRow.posts)
        for week, decision, number in self._session.execute(
            select(TallyRow.week, TallyRow.decision, total).group_by(TallyRow.week, TallyRow.decision)
        ):
            weeks[week, decision] += int(number)
        for *values, number in self._session.execute(select(*_COURSE, total).group_by(*_COURSE)):
            courses[Course(*values)] += int(number)
        return Posted(weeks, courses)

    def cases(self) -> Counter[tuple[str, str]]:
        """Return how many cases there are by unit and stage of the election (empty if unknown)."""
        query = select(CaseRow.unit, CaseRow.stage, func.count()).group_by(CaseRow.unit, CaseRow.stage)
        return Counter({(unit, stage or ""): n for unit, stage, n in self._session.execute(query)})

    def settle(self, post_ids: Iterable[str], *, waiting: bool = True) -> int:
        """Write down the courses of posts as they stand now; return how many were written otherwise, or not at all, before.

        Without `waiting`, posts that another unit is changing at this moment are left to it.
        """
        self._session.flush()
        ordered, changed = sorted(post_ids), 0
        for start in range(0, len(ordered), _AT_ONCE):
            # Held before they are read: who decides meanwhile writes a course after this one.
            query = select(PostRow.id, PostRow.course).where(PostRow.id.in_(ordered[start : start + _AT_ONCE]))
            held = query.order_by(PostRow.id).with_for_update(key_share=True, skip_locked=not waiting)
            before = dict(self._session.execute(held).all())
            now = {
                post_id: write(week, course)
                for post_id, week, course in work_out(self._session, PostRow.id.in_([*before]))
            }
            rows = [{"id": post_id, "course": text} for post_id, text in now.items() if before.get(post_id) != text]
            if rows:
                self._session.execute(update(PostRow), rows)
            changed += len(rows)
        return changed

    def recount(self) -> int:
        """Write down the courses of all posts anew; return how many were written otherwise, or not at all, before."""
        # It holds many posts, so it waits for nobody: whoever has one of them now writes its course anyway.
        return self.settle(self._session.scalars(select(PostRow.id)).all(), waiting=False)

    def keep(self, *conditions: ColumnElement[bool]) -> None:
        """Add the posts that meet the conditions to the tallies; the caller deletes them in the same unit of work."""
        counted = Counter((week, course) for _, week, course in work_out(self._session, *conditions))
        for (week, course), posts in counted.items():
            insert = upsert(self._session, TallyRow).values(week=week, **asdict(course), posts=posts)
            self._session.execute(
                insert.on_conflict_do_update(
                    index_elements=list(TallyRow.__mapper__.primary_key),
                    set_={"posts": TallyRow.posts + posts},
                )
            )
