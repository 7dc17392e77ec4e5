"""The office's figures: what came in, what people said of it, how far they and the model agree; never about a person."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pilah_api.services.anonymity import OTHER, Table, fold, fold_weeks, tabulate
from pilah_api.store.courses import Course
from pilah_api.store.units import Store
from pilah_data.agreement import LEAST_SUPPORT, kappa
from pilah_data.taxonomy import FORMS, Decision, Label
from pilah_model.batch.cells import LEAST, shown
from pilah_model.intervals import SMALL, Figure, Rate

OPEN = "open"
"""Name of the column of posts on which people have not decided yet."""
UNKNOWN = "unknown"
"""Name of the stage of cases that have none."""
STAGES = ("T0", "T1", "T2", "T3", "T4", "T5")
_ROUNDS = 1000
_LABELS = (Label.PARTISAN, Label.PERLU_KONTEKS, Label.POLITIK_NETRAL, Label.BUKAN_POLITIK)
_DECISIONS = (Decision.TINJAU, Decision.BUTUH_KONTEKS)
_Name = TypeVar("_Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class FormCount:
    """How many posts the model saw a form in, and people confirmed; None is hidden."""

    code: str
    seen: int | None
    confirmed: int | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the first two reviewers of a post agree; None is hidden or says too little.

    `kappa` is over all labels, `kappa_partisan` over partisan or not (Cohen 1960).
    """

    pairs: int
    agreed: int | None
    kappa: Figure | None
    kappa_partisan: Figure | None


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the posts that a model marked `tinjau` and two people read, how many both called partisan.

    `confirmed` is None where it, or the rest, is from 1 to 4; the interval then covers all of these.
    """

    model: str
    checked: int
    confirmed: int | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures at one moment; a table is None while there is too little to show."""

    as_of: dt.datetime
    weeks: Table | None
    outcomes: Table | None
    forms: tuple[FormCount, ...]
    units: Table | None
    states: Mapping[str, int]
    agreement: Agreement | None
    precision: tuple[Precision, ...]


def summarise(store: Store) -> Summary:
    """Count everything in the store, deleted posts included."""
    with store.reading() as unit:
        now, posted, cases = unit.now, unit.statistics.posts(), unit.statistics.cases()
        states = unit.cases.counts()
    courses = posted.courses
    units = sorted({name for name, _ in cases})
    stages = (*STAGES, *sorted({stage for _, stage in cases} - {*STAGES, ""}), UNKNOWN)
    return Summary(
        as_of=now,
        weeks=_weeks(posted.weeks),
        outcomes=tabulate(_by(courses, lambda c: (c.decision, c.outcome or OPEN)), _DECISIONS, (*_LABELS, OPEN)),
        forms=_forms(courses),
        units=tabulate(_summed((u, stage or UNKNOWN, n) for (u, stage), n in cases.items()), units, stages),
        states=_lines(states),
        agreement=_agreement(courses),
        precision=_precision(courses),
    )


def _weeks(weeks: Counter[tuple[dt.date, str]]) -> Table | None:
    by_week = _single((week, n) for (week, _), n in weeks.items())
    stretches = {week: "/".join(day.isoformat() for day in days) for week, days in fold_weeks(by_week).items()}
    if not stretches:
        return None
    return tabulate(
        _summed((stretches[week], decision, n) for (week, decision), n in weeks.items()),
        sorted(set(stretches.values())),
        _DECISIONS,
    )


def _forms(courses: Counter[Course]) -> tuple[FormCount, ...]:
    seen = _single((code, n) for course, n in courses.items() for code in course.seen.split(",") if code)
    confirmed = _single((code, n) for course, n in courses.items() for code in course.confirmed.split(",") if code)
    columns = [shown([found.get(code, 0) for code in FORMS]) for found in (seen, confirmed)]
    return tuple(FormCount(*row) for row in zip(FORMS, *columns, strict=True))


def _agreement(courses: Counter[Course]) -> Agreement | None:
    pairs = _by(courses, lambda c: (c.first, c.second))
    pairs = {pair: n for pair, n in pairs.items() if all(pair)}
    total = sum(pairs.values())
    if total < LEAST:
        return None
    agreed = sum(n for (first, second), n in pairs.items() if first == second)
    partisan = _summed((str(a == Label.PARTISAN), str(b == Label.PARTISAN), n) for (a, b), n in pairs.items())
    return Agreement(total, shown([agreed, total - agreed])[0], _kappa(pairs), _kappa(partisan))


def _kappa(pairs: Mapping[tuple[str, str], int]) -> Figure | None:
    """Return kappa with its bootstrap interval to two digits; None where too few readings differ to speak of agreement."""
    readings = _single((label, n) for pair, n in pairs.items() for label in pair)
    total = sum(pairs.values())
    if total < SMALL or sum(readings.values()) - max(readings.values()) < LEAST_SUPPORT:
        return None
    # In one order, whatever order they were counted in: the draws of the bootstrap fall on pairs by their place.
    ordered = sorted(pairs)
    figures = kappa(ordered, _ROUNDS, times=[pairs[pair] for pair in ordered])
    return None if any(map(math.isnan, figures)) else Figure(*(round(figure, 2) for figure in figures))


def _precision(courses: Counter[Course]) -> tuple[Precision, ...]:
    read = {c: n for c, n in courses.items() if c.decision == Decision.TINJAU and c.first and c.second}
    lines = fold(_single((course.model, n) for course, n in read.items()))
    checked = _single((lines[course.model], n) for course, n in read.items()) if lines else {}
    confirmed = _single((lines[c.model], n) for c, n in read.items() if lines and c.first == c.second == Label.PARTISAN)
    ordered = sorted(checked, key=lambda model: (model == OTHER, model))
    return tuple(_rate(model, confirmed.get(model, 0), checked[model]) for model in ordered)


def _rate(model: str, hits: int, checked: int) -> Precision:
    if shown([hits, checked - hits])[0] is not None:
        return Precision(model, checked, hits, *Rate(hits, checked).interval)
    least, most = (1, LEAST - 1) if hits < LEAST else (checked - LEAST + 1, checked - 1)
    return Precision(model, checked, None, Rate(least, checked).interval[0], Rate(most, checked).interval[1])


def _lines(counts: Mapping[str, int]) -> dict[str, int]:
    lines = fold(counts)
    return _single((lines[name], n) for name, n in counts.items()) if lines else {}


def _by(courses: Counter[Course], pair: Callable[[Course], tuple[str, str]]) -> dict[tuple[str, str], int]:
    return _summed((*pair(course), n) for course, n in courses.items())


def _summed(rows: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    counted: Counter[tuple[str, str]] = Counter()
    for first, second, number in rows:
        counted[first, second] += number
    return dict(counted)


def _single(rows: Iterable[tuple[_Name, int]]) -> dict[_Name, int]:
    counted: Counter[_Name] = Counter()
    for name, number in rows:
        counted[name] += number
    return dict(counted)
