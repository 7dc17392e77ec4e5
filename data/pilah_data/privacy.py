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
_PATTERN = re.compile(
    r"""
    (?P<URL>   (?:https?://|www\.)\S*[^\s.,;:!?)"'…] | \bhttpurl\b | \b(?:t\.co|bit\.ly|youtu\.be|chat\.whatsapp\.com|wa\.me|instagram\.com
               |facebook\.com|tiktok\.com|youtube\.com|linktr\.ee|s\.id)/\S*[^\s.,;:!?)"'…] )
  | (?P<EMAIL> (?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[a-z]{2,24}\b )
  | (?P<HANDLE>(?<![\w@])@[\w.]{0,62}\w )
  | (?P<DIGITS>(?<!\w)\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}(?!\w) | (?<![\w.,/-])(?:\+62[ .-]?|\b62|\b0)8(?:[ .-]?\d){7,11}(?!\w)
               | (?<!\w)(?:\d{18}|\d{16}|(?!\d+[ .-](?:\d{16}|(?:0|62)8\d{7}))\d(?:[ .-]?\d){15,17})(?!\w) )
    """,
    re.VERBOSE | re.IGNORECASE,
)


# Spares the long alternation the texts in which it can find nothing.
_HINT = re.compile(r"[@/]|www|httpurl|\d[ .-]?\d[ .-]?\d[ .-]?\d[ .-]?\d", re.IGNORECASE)

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
    if raw.count(".") == 4 and len(digits) == 15:
        return Identifier.NPWP
    if raw.startswith("+") or (digits.startswith(("08", "628")) and len(digits) <= 15):
        return Identifier.PHONE
    if len(digits) == 18 and _is_nip(digits):
        return Identifier.NIP
    if len(digits) == 16 and _is_nik(digits):
        return Identifier.NIK
    return None


def _is_nip(digits: str) -> bool:
    born = _is_date(int(digits[:4]) or 1, int(digits[4:6]), int(digits[6:8])) and digits[:2] in ("19", "20")
    return (born and 1 <= int(digits[12:14]) <= 12) or (born and digits[12:14] == "21")


def _is_nik(digits: str) -> bool:
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    # Women have 40 added to the day; the century is not written, so 2000 (a leap year) stands for both.
    return digits[0] != "0" and _is_date(2000 + year % 100 if year % 4 else 2000, month, day - 40 if day > 40 else day)


def find_identifiers(text: str) -> Iterator[Finding]:
    """Yield identifying strings from left to right, without overlap."""
    for match in _PATTERN.finditer(text) if _HINT.search(text) else ():
        kind = _digits_kind(match.group()) if match.lastgroup == "DIGITS" else Identifier[str(match.lastgroup)]
        if kind is not None:
            yield Finding(kind, match.start(), match.end())


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
