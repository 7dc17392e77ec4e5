"""What became of a post, worked out of its judgement and its reviews, and written as the text that posts are counted by."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Subquery, Text, case, cast, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from pilah_api.store.posts import came_with_its_post
from pilah_api.store.work_tables import JudgementRow, PostRow, ReviewRow
from pilah_api.verdicts import verdict
from pilah_data.calendar import WIB
from pilah_data.taxonomy import Label

_ID = 32
_DAY = len("2026-11-23")
_ROUNDS = (1, 2, 3)
_WEST = WIB.utcoffset(None)
"""Weeks begin at midnight in the west of Indonesia."""


@dataclass(frozen=True, slots=True)
class Course:
    """What became of posts alike: the model's decision, name and version, and each round's label.

    A round that did not come about is empty. `seen` are the model's forms, `confirmed` those that people gave with the outcome;
    both are codes joined by commas.
    """

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


def write(week: dt.date, course: Course) -> str:
    """Return the week (its Monday) in which a post came in, and its course, as one text."""
    return f"{week.isoformat()} {json.dumps(astuple(course), separators=(',', ':'))}"


def read(counts: Iterable[tuple[str, int]]) -> tuple[Counter[tuple[dt.date, str]], Counter[Course]]:
    """Return how many posts came in by week and decision, and how many took which course, of counts by the texts of `write`."""
    # Weeks times courses are many texts; each week and each course is read once only.
    found: dict[str, Course] = {}
    by_day: dict[tuple[str, str], int] = {}
    by_text: dict[str, int] = {}
    for both, number in counts:
        day, text = both[:_DAY], both[_DAY + 1 :]
        course = found.get(text)
        if course is None:
            course = found[text] = Course(*json.loads(text))
        came = day, course.decision
        by_day[came] = by_day.get(came, 0) + number
        by_text[text] = by_text.get(text, 0) + number
    weeks = {(dt.date.fromisoformat(day), decision): number for (day, decision), number in by_day.items()}
    return Counter(weeks), Counter({found[text]: number for text, number in by_text.items()})


def work_out(session: Session, *conditions: ColumnElement[bool]) -> Iterator[tuple[str, dt.date, Course]]:
    """Yield id, week (its Monday) and course of every post that meets the conditions, as judgements and reviews stand now."""
    for row in session.execute(_query(session, *conditions)):
        post_id, week, decision, name, version, seen, *rounds = list(row)
        monday = week if isinstance(week, dt.date) else dt.date.fromisoformat(str(week))
        yield post_id, monday, _course(decision, f"{name} {version}", seen, rounds)


def _query(session: Session, *conditions: ColumnElement[bool]) -> Select[Any]:
    rounds = _standing(*conditions)
    return (
        select(
            PostRow.id,
            _week(session),
            JudgementRow.decision,
            JudgementRow.model_name,
            JudgementRow.model_version,
            _codes(session, JudgementRow.forms),
            *(rounds.c[f"round_{number}"] for number in _ROUNDS),
        )
        .select_from(PostRow)
        .join(JudgementRow, JudgementRow.post_id == PostRow.id)
        .outerjoin(rounds, rounds.c.post_id == PostRow.id)
        .where(came_with_its_post(), *conditions)
    )


def _week(session: Session) -> ColumnElement[dt.date]:
    if session.get_bind().dialect.name == "sqlite":
        # Six days back, then on to the next Monday, unless it is one.
        hours = f"+{_WEST.seconds // 3600} hours"
        return func.date(PostRow.created_at, hours, "-6 days", "weekday 1")
    return cast(func.date_trunc("week", func.timezone("UTC", PostRow.created_at) + literal(_WEST)), Date)


def _standing(*conditions: ColumnElement[bool]) -> Subquery:
    """Return, by post that meets the conditions, what each round decided last (label and forms as one text), less what was taken back."""
    undone = aliased(ReviewRow)
    decision = ReviewRow.id + ReviewRow.label + " " + cast(ReviewRow.forms, Text)

    def last(number: int) -> ColumnElement[str]:
        latest = func.max(case((ReviewRow.round == number, decision)))
        return func.substr(latest, _ID + 1).label(f"round_{number}")

    return (
        select(ReviewRow.post_id, *(last(number) for number in _ROUNDS))
        # As a sum, the state picks no index: nearly all reviews are decided.
        .where(ReviewRow.state + "" == "decided", ReviewRow.label.is_not(None))
        .where(~exists().where(undone.reverses == ReviewRow.id))
        # Reviews of the few posts that are asked for are found by their posts, not among all.
        .where(ReviewRow.post_id.in_(select(PostRow.id).where(*conditions)))
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


def _course(decision: str, model: str, seen: str | None, rounds: Iterable[str | None]) -> Course:
    decided = [_round(text) for text in rounds]
    first, second, third = (label for label, _ in decided)
    outcome = _outcome(first, second, third)
    confirmed = {code for label, codes in decided if label == outcome for code in codes}
    return Course(
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


@functools.cache
def _outcome(first: str, second: str, third: str) -> str:
    labels = [Label(label) for label in (first, second, third) if label]
    return verdict(labels).outcome or "" if first else ""


def _joined(codes: Iterable[str]) -> str:
    return ",".join(sorted(set(codes)))
