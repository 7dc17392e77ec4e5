"""Finds what identifies a person in a text (NIK, NIP, phone, e-mail, handle) and masks it.

NIK: 16 digits, region (6) + birth date DDMMYY (women: day + 40) + serial (4); UU 23/2006 art. 13 and its practice.
NIP: 18 digits, birth date YYYYMMDD + appointment YYYYMM + sex (1 or 2) + serial (3); Perka BKN 22/2007.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Identifier(StrEnum):
    """Kinds of identifying strings; the value is the placeholder that replaces them."""

    URL = "HTTPURL"
    EMAIL = "@EMAIL"
    HANDLE = "@USER"
    NIP = "@NIP"
    NIK = "@NIK"
    NPWP = "@NPWP"
    PHONE = "@TELEPON"


@dataclass(frozen=True, slots=True)
class Finding:
    """One identifying string: its kind and its half-open character span."""

    kind: Identifier
    start: int
    end: int


# One alternation, longest and most specific first: a mail address holds a handle, a link may hold anything.
# Of digits, an unbroken number wins over one written in groups, so that a number beside it is not taken for a part of it.
# Of a date (08-12-2024), office hours (08.00-12.00 13.00-15.00), a count after a number (08 1.234.567) or a polling station's
# counts (TPS 08 120 95 210), the first digits only look like those of a telephone.
_PHONE = r"""(?=[+(06])(?:
    (?<![\w.,/-])(?!08(?:-(?:0?[1-9]|1[0-2])-|\.(?:0?[1-9]|1[0-2])\.)(?:19|20)?\d\d(?!\d|[.-]\d)
                   |08\.[0-5]\d(?:[ -](?:[01]?\d|2[0-4])\.[0-5]\d(?!\d)|[ ](?:[+]?62|0)8\d)
                   |08[ ]\d{1,3}(?:\.\d{3})+(?!\d)
                   |(?:(?<=tps[ ])|(?<=rt[ ])|(?<=rw[ ]))08[ ])
    (?:(?:\+62[ .-]?[2-9]|\b628|\b08)(?:[ .-]?\d){7,11} | \b0[2-79]\d{1,2}-\d{6,8}(?!/))(?!\w)
  | \(0[2-9]\d{1,2}\)[ .-]?\d{3,4}[ .-]?\d{3,4}(?!\w))"""

_PATTERN = re.compile(
    rf"""
    (?P<URL>   (?:https?://|(?<![aeiouw])www\.(?=\w))\S*[^\s.,;:!?)"'…] | \bhttpurl\b
               | \b(?:t\.co|bit\.ly|youtu\.be|chat\.whatsapp\.com|wa\.me|instagram\.com
               |facebook\.com|tiktok\.com|youtube\.com|linktr\.ee|s\.id)/\S*[^\s.,;:!?)"'…] )
  | (?P<EMAIL> (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.[a-z]{{2,24}}\b )
  | (?P<HANDLE>(?<![\w@])@[\w.]*\w )
  | (?P<NPWP>  (?<!\w)\d{{2}}\.\d{{3}}\.\d{{3}}\.\d-\d{{3}}\.\d{{3}}(?!\w) )
  | (?P<PHONE> {_PHONE} )
  | (?P<DIGITS>(?<!\w)(?:\d{{18}}|\d{{16}}|(?!\d+[ .-](?:\d{{16}}|(?:0|62)8\d{{7}}))\d(?:[ .-]?\d){{15,17}})(?!\w) )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_PHONE_ALONE = re.compile(_PHONE, re.VERBOSE | re.IGNORECASE)

# Spares the long alternation the texts in which it can find nothing.
_HINT = re.compile(r"[@/]|www|httpurl|\d[ .-]?\d[ .-]?\d[ .-]?\d[ .-]?\d", re.IGNORECASE)

# A date within a number written in groups: two dates side by side have as many digits as a NIK.
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}([./-])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d([./-])\d{1,2}\2\d{1,2})(?!\d)")

_YOUNGEST = 15
_LATEST = 2100

# A telephone that begins inside a rejected run of digits ends within so many characters after it.
_REACH = 32

# A placeholder looks like a handle and must not be taken for one when a masked text is masked again.
_MASKED = re.compile(rf"(?:{'|'.join(kind.value for kind in Identifier if kind.value.startswith('@'))})\b")


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _digits_kind(raw: str) -> Identifier | None:
    digits = re.sub(r"\D", "", raw)
    if is_nip(digits):
        return Identifier.NIP
    if is_nik(digits) and not _DATE.search(raw):
        return Identifier.NIK
    return None


def is_nip(digits: str) -> bool:
    """Return whether a text is 18 digits that are built as a NIP is."""
    if not re.fullmatch(r"[0-9]{18}", digits):
        return False
    born, appointed = int(digits[:4]), int(digits[8:12])
    if digits[:2] not in ("19", "20") or not _is_date(born, int(digits[4:6]), int(digits[6:8])):
        return False
    # Nobody is appointed as a child: a date followed by office hours or by a second date is no NIP.
    return born + _YOUNGEST <= appointed < _LATEST and (1 <= int(digits[12:14]) <= 12 or digits[12:14] == "21")


def is_nik(digits: str) -> bool:
    """Return whether a text is 16 digits that are built as a NIK is."""
    if not re.fullmatch(r"[0-9]{16}", digits):
        return False
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    # Women have 40 added to the day; the century is not written, so 2000 (a leap year) stands for both.
    return digits[0] != "0" and _is_date(2000 + year % 100 if year % 4 else 2000, month, day - 40 if day > 40 else day)


def find_identifiers(text: str) -> Iterator[Finding]:
    """Yield identifying strings from left to right, without overlap."""
    match = _PATTERN.search(text) if _HINT.search(text) else None
    while match is not None:
        start, end = match.span()
        kind = _digits_kind(match.group()) if match.lastgroup == "DIGITS" else Identifier[str(match.lastgroup)]
        if kind is None:
            # A number before a telephone (a date, an hour) must not hide it.
            phone = _PHONE_ALONE.search(text, start, end + _REACH)
            if phone is not None and phone.start() < end:
                kind = Identifier.PHONE
                start, end = phone.span()
        if kind is not None:
            yield Finding(kind, start, end)
        match = _PATTERN.search(text, end)


def mask(text: str) -> str:
    """Replace every identifying string by its placeholder; masking a masked text changes nothing."""
    pieces: list[str] = []
    at = 0
    for found in find_identifiers(text):
        if _MASKED.match(text, found.start):
            continue
        pieces += (text[at : found.start], found.kind.value)
        at = found.end
    pieces.append(text[at:])
    return "".join(pieces)
