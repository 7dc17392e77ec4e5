"""Counts over posts, reviews and cases: nothing per person, and the counts of deleted posts live on as tallies."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Subquery, Text, case, cast, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from pilah_api.store.columns import upsert
from pilah_api.store.tally_tables import TallyRow
from pilah_api.store.work_tables import CaseRow, JudgementRow, PostRow, ReviewRow
from pilah_api.verdicts import verdict
from pilah_data.taxonomy import Label

_ID = 32
_ROUNDS = (1, 2, 3)
_WEST = dt.timedelta(hours=7)
"""Weeks begin at midnight in the west of Indonesia (WIB), where most offices are."""


@dataclass(frozen=True, slots=True)
class Course:
    """What became of posts alike: the Monday of the week they came in, the model's decision, name and version, and each round's label.

    A round that did not come about is empty. `seen` are the model's forms, `confirmed` those that people gave with the outcome;
    both are codes joined by commas.
    """

    week: dt.date
    decision: str
    model: str
    seen: str
    first: str
    second: str
    third: str
    confirmed: str

    @property
    def outcome(self) -> str:
        """Return the label that people gave in the end; empty while that is open."""
        return _outcome(self.first, self.second, self.third)


class Statistics:
    """Counts within one unit of work."""

    def __init__(self, session: Session, now: dt.datetime):
        self._session, self._now = session, now

    def courses(self) -> Counter[Course]:
        """Return how many posts took which course, those deleted since included."""
        counted = self._living()
        for row in self._session.scalars(select(TallyRow)):
            counted[_course_of(row)] += row.posts
        return counted

    def cases(self) -> Counter[tuple[str, str, str]]:
        """Return how many cases there are by unit, stage of the election (empty if unknown) and state."""
        stage = func.coalesce(CaseRow.stage, "")
        query = select(CaseRow.unit, stage, CaseRow.state, func.count()).group_by(CaseRow.unit, stage, CaseRow.state)
        return Counter({(unit, stage_, state): n for unit, stage_, state, n in self._session.execute(query)})

    def keep(self, *conditions: ColumnElement[bool]) -> None:
        """Add the posts that meet the conditions to the tallies; the caller deletes them in the same unit of work."""
        for course, posts in self._living(*conditions).items():
            insert = upsert(self._session, TallyRow).values(**_columns(course), posts=posts)
            self._session.execute(
                insert.on_conflict_do_update(
                    index_elements=list(TallyRow.__mapper__.primary_key),
                    set_={"posts": TallyRow.posts + posts},
                )
            )

    def _living(self, *conditions: ColumnElement[bool]) -> Counter[Course]:
        counted: Counter[Course] = Counter()
        for row in self._session.execute(self._query(*conditions)):
            week, decision, name, version, seen, *rounds, posts = list(row)
            counted[_course(week, decision, f"{name} {version}", seen, rounds)] += posts
        return counted

    def _query(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        rounds = _standing()
        key = (
            self._week(),
            JudgementRow.decision,
            JudgementRow.model_name,
            JudgementRow.model_version,
            _codes(self._session, JudgementRow.forms),
            *(rounds.c[f"round_{number}"] for number in _ROUNDS),
        )
        newer = aliased(JudgementRow)
        return (
            select(*key, func.count())
            .select_from(PostRow)
            .join(JudgementRow, JudgementRow.post_id == PostRow.id)
            .outerjoin(rounds, rounds.c.post_id == PostRow.id)
            # What people saw is the latest judgement; ids sort by time.
            .where(~exists().where(newer.post_id == PostRow.id, newer.id > JudgementRow.id), *conditions)
            .group_by(*key)
        )

    def _week(self) -> ColumnElement[dt.date]:
        if self._session.get_bind().dialect.name == "sqlite":
            # Six days back, then on to the next Monday, unless it is one.
            hours = f"+{_WEST.seconds // 3600} hours"
            return func.date(PostRow.created_at, hours, "-6 days", "weekday 1")
        return cast(func.date_trunc("week", func.timezone("UTC", PostRow.created_at) + literal(_WEST)), Date)


def _standing() -> Subquery:
    """Return, by post, what each round decided last: label and forms as one text; decisions taken back do not count."""
    undone = aliased(ReviewRow)
    decision = ReviewRow.id + ReviewRow.label + " " + cast(ReviewRow.forms, Text)

    def last(number: int) -> ColumnElement[str]:
        latest = func.max(case((ReviewRow.round == number, decision)))
        return func.substr(latest, _ID + 1).label(f"round_{number}")

    return (
        select(ReviewRow.post_id, *(last(number) for number in _ROUNDS))
        .where(ReviewRow.state == "decided", ReviewRow.label.is_not(None))
        .where(ReviewRow.id.not_in(select(undone.reverses).where(undone.reverses.is_not(None))))
        .group_by(ReviewRow.post_id)
        .subquery()
    )


def _codes(session: Session, forms: object) -> ColumnElement[str]:
    """Return the codes of a judgement's forms as JSON text, without their probabilities."""
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(forms).table_valued("value")
        return (
            select(func.json_group_array(func.json_extract(each.c.value, "$.code"))).select_from(each).scalar_subquery()
        )
    each = func.json_array_elements(forms).table_valued("value")
    codes = select(func.json_agg(each.c.value.op("->>")("code"))).select_from(each).scalar_subquery()
    return cast(codes, Text)


def _course(week: object, decision: str, model: str, seen: str | None, rounds: Iterable[str | None]) -> Course:
    decided = [_round(text) for text in rounds]
    first, second, third = (label for label, _ in decided)
    outcome = _outcome(first, second, third)
    confirmed = {code for label, codes in decided if label == outcome for code in codes}
    return Course(
        week if isinstance(week, dt.date) else dt.date.fromisoformat(str(week)),
        decision,
        model,
        _joined(json.loads(seen or "[]") or ()),
        first,
        second,
        third,
        _joined(confirmed) if outcome == Label.PARTISAN else "",
    )


def _round(decided: str | None) -> tuple[str, list[str]]:
    label, _, forms = (decided or "").partition(" ")
    return label, json.loads(forms or "[]")


def _outcome(first: str, second: str, third: str) -> str:
    labels = [Label(label) for label in (first, second, third) if label]
    return verdict(labels).outcome or "" if first else ""


def _joined(codes: Iterable[str]) -> str:
    return ",".join(sorted(set(codes)))


def _columns(course: Course) -> dict[str, object]:
    return dict(zip(Course.__dataclass_fields__, astuple(course), strict=True))


def _course_of(row: TallyRow) -> Course:
    return Course(row.week, row.decision, row.model, row.seen, row.first, row.second, row.third, row.confirmed)
