"""Writes days and moments as a page shows them: in words of its language, on the clock of western Indonesia."""

from __future__ import annotations

import datetime as dt

from pilah_api.web.texts import Texts
from pilah_data.calendar import WIB

_MONTHS = (
    ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def day(value: dt.date, texts: Texts) -> str:
    """Write a day, such as 26 Nov 2026."""
    month = value.month - 1
    return f"{value.day} {texts.of(_MONTHS[0][month], _MONTHS[1][month])} {value.year}"


def clock(value: dt.datetime, texts: Texts) -> str:
    """Write the time of a moment, such as 10.42 WIB."""
    return value.astimezone(WIB).strftime(f"%H{texts.of('.', ':')}%M WIB")


def moment(value: dt.datetime, texts: Texts) -> str:
    """Write a moment, such as 26 Nov 2026, 10.42 WIB."""
    return f"{day(value.astimezone(WIB).date(), texts)}, {clock(value, texts)}"
