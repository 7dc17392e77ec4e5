"""Working days by a list of holidays that is data: which days count, and when a period of days ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pilah_data.tables import Table, open_toml

HOLIDAYS_FILE = "holidays.toml"
"""Name of the list, here and in a data folder that replaces it."""
WIB = dt.timezone(dt.timedelta(hours=7), "WIB")
"""Western Indonesia, where the receiving agencies and most offices sit: its midnights part the days of deadlines and weeks."""
_OURS = Path(__file__).with_name(HOLIDAYS_FILE)
_DAY = dt.timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Holidays by date, and the years for which they are known; as of the date on which the list was drawn up."""

    as_of: dt.date
    holidays: Mapping[dt.date, str]
    years: frozenset[int]

    def is_working(self, day: dt.date) -> bool:
        """Return whether a day is a working day: Monday to Friday, and no holiday."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def knows(self, start: dt.date, end: dt.date) -> bool:
        """Return whether the holidays of every year between two days are listed."""
        return all(year in self.years for year in range(min(start, end).year, max(start, end).year + 1))

    def end_of(self, start: dt.date, working_days: int) -> dt.date:
        """Return the last day of a period of working days, of which the first is the first one after `start`."""
        day = start
        for _ in range(working_days):
            day += _DAY
            while not self.is_working(day):
                day += _DAY
        return day

    def working_days(self, start: dt.date, end: dt.date) -> int:
        """Return how many working days there are after `start` up to and with `end`; negative if `end` lies before."""
        if end < start:
            return -self.working_days(end, start)
        return sum(self.is_working(start + n * _DAY) for n in range(1, (end - start).days + 1))


def read_calendar(path: Path | None = None) -> Calendar:
    """Read a list of holidays, or the one that comes with Pilah. Raises InputError or DataError naming table and field."""
    return _read(path) if path is not None else _shipped()


@cache
def _shipped() -> Calendar:
    return _read(_OURS)


def _read(path: Path) -> Calendar:
    top = open_toml(path)
    as_of = top.date("as_of")
    years: set[int] = set()
    holidays: dict[dt.date, str] = {}
    for table in top.tables("year"):
        year = table.number("year", 1945)
        if year in years:
            raise table.bad("year", f"{year} stands there twice")
        years.add(year)
        for day in table.tables("day"):
            on = _day_of(day, year)
            if on in holidays:
                raise day.bad("on", f"{on} stands there twice")
            holidays[on] = day.text("name")
            day.close()
        table.close()
    top.close()
    return Calendar(as_of, holidays, frozenset(years))


def _day_of(table: Table, year: int) -> dt.date:
    on = table.date("on")
    if on.year != year:
        raise table.bad("on", f"{on} is not in {year}")
    return on
