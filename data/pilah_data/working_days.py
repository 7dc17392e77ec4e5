"""Working days of the Indonesian state: no Saturdays and Sundays, no national holidays, no joint leave; the days are data.

A report or finding must be raised within seven days of becoming known (UU 7/2017 art. 454(6), Perbawaslu 7/2022 art. 8), counted here as
working days. The file beside this module holds the holidays and says whether an agency has checked them.
"""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pilah_data.errors import InputError

FILE = Path(__file__).with_name("holidays.toml")
CLOCK_DAYS = 7
"""Working days within which a finding must be raised."""
_SATURDAY = 5
_AHEAD = 400


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off beside weekends, by date, and whether an agency has checked them."""

    days_off: dict[dt.date, str]
    checked: bool

    def is_working(self, day: dt.date) -> bool:
        """Return whether the offices are open on a day."""
        return day.weekday() < _SATURDAY and day not in self.days_off

    def deadline(self, known_on: dt.date, days: int = CLOCK_DAYS) -> dt.date:
        """Return the last day of the clock: the n-th working day after the day on which something became known."""
        day = known_on
        for _ in range(days):
            day = self.next_working(day)
        return day

    def days_left(self, known_on: dt.date, today: dt.date) -> int:
        """Return how many working days are left after today: 0 on the last day, -1 once the time is over."""
        last = self.deadline(known_on)
        if today > last:
            return -1
        return sum(self.is_working(today + dt.timedelta(days=n)) for n in range(1, (last - today).days + 1))

    def known_since(self, today: dt.date, left: int) -> dt.date:
        """Return the first day from which on something known leaves more than `left` working days today."""
        day = today
        while self.days_left(day, today) > left and (today - day).days < _AHEAD:
            day -= dt.timedelta(days=1)
        return day + dt.timedelta(days=1)

    def next_working(self, day: dt.date) -> dt.date:
        """Return the next day after this one on which the offices are open."""
        following = day + dt.timedelta(days=1)
        while not self.is_working(following):
            following += dt.timedelta(days=1)
        return following


@functools.cache
def indonesian_calendar() -> Calendar:
    """Return the calendar of the file beside this module."""
    return read_calendar(FILE)


def read_calendar(path: Path) -> Calendar:
    """Read a calendar. Raises InputError for a file that is not one, naming the line's key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise InputError(f"{path.name} is not TOML ({error}); mend it there") from None
    days: dict[dt.date, str] = {}
    for year, kinds in content.items():
        if not isinstance(kinds, dict):
            continue
        for kind, lines in kinds.items():
            for key, name in lines.items():
                days[_date(key, path, f"{year}.{kind}")] = str(name)
    return Calendar(days, content.get("checked_by_agency") is True)


def _date(key: str, path: Path, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(key)
    except ValueError:
        raise InputError(f"{path.name}, [{where}]: {key!r} is not a date; write YYYY-MM-DD") from None
