"""Dates as exports write them, as days of Western Indonesia; where 01/02/2024 may be either, the other dates of its column decide."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

Order = Literal["dmy", "mdy", "both"]
"""How a column writes day and month: day first, month first, or now this and now that."""
Written = tuple[int, int, int]
"""The first and the second number of a date whose year stands last, and the year."""

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian Time: in it the days of moments are counted whose zone is known; elections go by the local day."""
_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)
# Hours east of Greenwich.
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "WIB": 7, "WITA": 8, "WIT": 9}
_CLOCK = (
    r"(?:[T,\s]{1,3}(?:(?:pukul|jam|at)\s)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.]\d{2}(?:[.,]\d{1,9})?)?"
    r"\s?(?P<half>[AP]M)?\s?(?:(?:UTC|GMT)?(?P<sign>[+-])(?P<east>\d{2}):?(?P<past>\d{2})?|(?P<zone>Z|UTC|GMT|WIB|WITA|WIT))?"
    r"(?![A-Z\d]))?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})([/.-])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)" + _CLOCK, re.ASCII | re.IGNORECASE
)
# A year of two digits behind dots would be a time: 10.30.15.
_YEAR_LAST = re.compile(r"(\d{1,2})(?:([/.-])(\d{1,2})\2(\d{4})|([/-])(\d{1,2})\5(\d{2}))(?!\d)", re.ASCII)
_WEEKDAY = r"(?:[a-z'’]{2,12}\.?,?\s)?"
_NAMED = tuple(
    re.compile(_WEEKDAY + order + _CLOCK, re.ASCII | re.IGNORECASE)
    for order in (
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ ./-](?P<month>[a-z]{3,9})\.?[ ./,-]{1,2}(?P<year>\d{4}|\d{2})(?![:.]?\d)",
        r"(?P<month>[a-z]{3,9})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<year>\d{4})(?!\d)",
    )
)
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan januari january",
            "feb peb februari pebruari february",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu agt ags aug agustus august",
            "sep sept september",
            "okt oct oktober october",
            "nov nop november nopember",
            "des dec desember december",
        ),
        start=1,
    )
    for name in names.split()
}
_SECONDS = re.compile(r"(\d{10})(\d{3})?(?:\.\d*)?", re.ASCII)
_TWITTER = "%a %b %d %H:%M:%S %z %Y"


def day_of(text: str) -> date | None:
    """Return the day of a date that says it by itself: year first, a named month, X's own, seconds since 1970; else None.

    It is the day in WIB where the zone of the time is written or known, and the day that is written elsewhere.
    """
    text = text.strip()
    return _within(_year_first(text) or _since_1970(text) or _named(text) or _of_x(text))


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
    return _in_wib(_made(int(found["year"]), int(found["month"]), int(found["day"])), found) if found else None


def _named(text: str) -> date | None:
    for pattern in _NAMED:
        if (found := pattern.match(text)) is not None and (month := _MONTHS.get(found["month"].lower())) is not None:
            year = found["year"] if len(found["year"]) > 2 else f"20{found['year']}"
            return _in_wib(_made(int(year), month, int(found["day"])), found)
    return None


def _in_wib(day: date | None, found: re.Match[str]) -> date | None:
    """Return the day in WIB of a day and the clock that was found behind it."""
    if day is None or found["hour"] is None or (found["sign"] is None and found["zone"] is None):
        return day
    hour, minute = int(found["hour"]), int(found["minute"])
    if found["half"] is not None:
        hour = hour % 12 + (12 if found["half"].upper() == "PM" else 0)
    if hour > 23 or minute > 59:
        return day
    if found["zone"] is not None:
        east = timedelta(hours=_ZONES[found["zone"].upper()])
    else:
        east = timedelta(hours=int(found["east"]), minutes=int(found["past"] or 0)) * (
            1 if found["sign"] == "+" else -1
        )
    return (datetime.combine(day, time(hour, minute), UTC) - east).astimezone(WIB).date()


def _since_1970(text: str) -> date | None:
    found = _SECONDS.fullmatch(text)
    return datetime.fromtimestamp(int(found[1]), WIB).date() if found else None


def _of_x(text: str) -> date | None:
    try:
        return datetime.strptime(text, _TWITTER).astimezone(WIB).date()
    except (ValueError, OverflowError):
        return None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return _within(date(year, month, day))
    except ValueError:
        return None


def _within(day: date | None) -> date | None:
    return day if day is not None and _FIRST <= day < _LAST else None
