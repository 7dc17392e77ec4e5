"""Dates as exports write them; where 01/02/2024 may be either, the other dates of its column decide."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal

Order = Literal["dmy", "mdy", "both"]
"""How a column writes day and month: day first, month first, or now this and now that."""
Written = tuple[int, int, int]
"""The first and the second number of a date whose year stands last, and the year."""

_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)
_YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?!\d)", re.ASCII)
# A year of two digits behind dots would be a time: 10.30.15.
_YEAR_LAST = re.compile(r"(\d{1,2})(?:([/.-])(\d{1,2})\2(\d{4})|([/-])(\d{1,2})\5(\d{2}))(?!\d)", re.ASCII)
_SECONDS = re.compile(r"(\d{10})(\d{3})?(?:\.\d*)?", re.ASCII)
_TWITTER = "%a %b %d %H:%M:%S %z %Y"


def day_of(text: str) -> date | None:
    """Return the day of a date that says it by itself: ISO 8601, year first, X's own, seconds since 1970; else None."""
    text = text.strip()
    return _within(_year_first(text) or _since_1970(text) or _of_x(text))


def written_of(text: str) -> Written | None:
    """Return the numbers of a date whose year stands last, if they are one at all in either order."""
    if (found := _YEAR_LAST.match(text.strip())) is None:
        return None
    second, year = found[3] or found[6], found[4] or f"20{found[7]}"
    written = int(found[1]), int(second), int(year)
    return written if as_day(written, "dmy") or as_day(written, "mdy") else None


def as_day(written: Written, order: Order) -> date | None:
    """Return the day that the numbers mean in an order; None where they mean none, or may mean two."""
    first, second, year = written
    if order == "both":
        day, other = _made(year, second, first), _made(year, first, second)
        return day or other if day is None or other is None or day == other else None
    return _made(year, second, first) if order == "dmy" else _made(year, first, second)


def _year_first(text: str) -> date | None:
    found = _YEAR_FIRST.match(text)
    return _made(int(found[1]), int(found[3]), int(found[4])) if found else None


def _since_1970(text: str) -> date | None:
    found = _SECONDS.fullmatch(text)
    return datetime.fromtimestamp(int(found[1]), UTC).date() if found else None


def _of_x(text: str) -> date | None:
    try:
        return datetime.strptime(text, _TWITTER).date()
    except ValueError:
        return None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return _within(date(year, month, day))
    except ValueError:
        return None


def _within(day: date | None) -> date | None:
    return day if day is not None and _FIRST <= day < _LAST else None
