"""What the calendar says about a case: how much of the seven days is left, and which stage of an election its day falls into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pilah_api.services.cases_values import Value
from pilah_data.calendar import HOLIDAYS_FILE, Calendar, read_calendar
from pilah_data.stages import ELECTIONS_FILE, Found, Period, Stages, read_stages
from pilah_data.taxonomy import FORMS, REFERENCE_NOTE
from pilah_data.working_days import CLOCK_DAYS, FindingClock


@dataclass(frozen=True, slots=True)
class Countdown:
    """The last day of the period in days and in working days, and how much of each is left; below zero it is over.

    On the days off after its last working day, a period is over though no working day has passed: `working_over` says so.
    `certain` is false where the holidays of a year are not listed.
    """

    due: dt.date
    left: int
    working_due: dt.date
    working_left: int
    working_over: bool
    certain: bool

    @property
    def is_over(self) -> bool:
        """Return whether both periods have ended."""
        return self.left < 0 and self.working_over


@dataclass(frozen=True, slots=True)
class Reference:
    """A rule that may be relevant to a form of partisanship in a stage; never a ruling."""

    form: str
    basis: str
    note: str = REFERENCE_NOTE


@dataclass(frozen=True, slots=True)
class Almanac:
    """The two lists that depend on the place: holidays and elections."""

    calendar: Calendar
    stages: Stages

    def countdown(self, known_on: dt.date, today: dt.date) -> Countdown:
        """Return what is left of the seven days; the day on which something became known does not count."""
        due, working = known_on + dt.timedelta(days=CLOCK_DAYS), FindingClock(self.calendar).deadline(known_on)
        return Countdown(
            due,
            (due - today).days,
            working,
            self.calendar.working_days(today, working),
            today > working,
            self.calendar.knows(known_on, max(working, today)),
        )

    def stage_of(self, values: Mapping[str, Value]) -> list[Found]:
        """Return the stages that the day of a case falls into, by its election or by all; none while it has no day."""
        day = values.get("happened_on")
        if not day:
            return []
        election = values.get("election")
        return self.stages.on(dt.date.fromisoformat(str(day)), str(election) if election else None)

    def period_of(self, values: Mapping[str, Value]) -> Period | None:
        """Return the stage of a case; of several the one with the stricter rules, so that nothing is hidden."""
        return max((found.rule.period for found in self.stage_of(values)), default=None, key=_weight)

    def references(self, values: Mapping[str, Value]) -> list[Reference]:
        """Return what may be relevant to the forms that an officer chose, in the stage of the case."""
        period = self.period_of(values)
        if period is None or period.side is None:
            return []
        return [Reference(code, FORMS[code].basis[period.side]) for code in values.get("forms", ()) if code in FORMS]


def _weight(period: Period) -> tuple[int, str]:
    # Once candidates are determined, discipline comes before ethics.
    return (0 if period is Period.T0 else 1 if period is Period.T1 else 2, period.value)


def almanac_of(home: Path) -> Almanac:
    """Return the lists in the data folder, or those that come with Pilah where there are none. Raises DataError or InputError."""
    paths = (home / HOLIDAYS_FILE, home / ELECTIONS_FILE)
    # An edited file counts at once, an unchanged one is not read again.
    return _read(*((path, path.stat().st_mtime_ns) if path.is_file() else None for path in paths))


@lru_cache(maxsize=4)
def _read(holidays: tuple[Path, int] | None, elections: tuple[Path, int] | None) -> Almanac:
    return Almanac(read_calendar(holidays[0] if holidays else None), read_stages(elections[0] if elections else None))
