"""What is typed into a case's fields, read and checked; and a case's values by name, wherever each is kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pilah_api.services.cases_fields import BY_NAME, FIELDS, ZONES, Field, Group, Kind
from pilah_api.store.case_records import Columns, Contents, KeptCase
from pilah_data.errors import PilahError
from pilah_data.privacy import is_nik, is_nip

Value = str | tuple[str, ...]
"""A value by name: text, a date as YYYY-MM-DD, an hour as HH:MM, or several chosen codes; an empty one is not filled."""


class Wrong(StrEnum):
    """What is wrong with a field; the value is part of the key of its sentence."""

    UNKNOWN_FIELD = "unknown_field"
    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    NOT_A_DATE = "not_a_date"
    IN_FUTURE = "in_future"
    IN_PAST = "in_past"
    NOT_A_MOMENT = "not_a_moment"
    NOT_OFFERED = "not_offered"
    NOT_A_NIP = "not_a_nip"
    NOT_A_NIK = "not_a_nik"
    NOT_A_LINK = "not_a_link"
    NOT_A_NUMBER = "not_a_number"
    MISSING = "missing"


SENTENCES = {
    Wrong.UNKNOWN_FIELD: "no such field; correct its name",
    Wrong.NOT_TEXT: "must be a string; `forms` is a list of strings",
    Wrong.TOO_LONG: "the text is too long; shorten it",
    Wrong.UNREADABLE: "holds characters that cannot be kept; remove control characters",
    Wrong.NOT_A_DATE: "must be a date as YYYY-MM-DD",
    Wrong.IN_FUTURE: "the date lies in the future; correct it",
    Wrong.IN_PAST: "the date must lie ahead; correct it",
    Wrong.NOT_A_MOMENT: "must be an hour as HH:MM, from 00:00 to 23:59",
    Wrong.NOT_OFFERED: "is none of the values this field may have; see /docs",
    Wrong.NOT_A_NIP: "a NIP has 18 digits: birth date, month of appointment, sex, serial; compare it with the source",
    Wrong.NOT_A_NIK: "a NIK has 16 digits: region, birth date, serial; compare it with the source",
    Wrong.NOT_A_LINK: "must be an address that begins with https:// or http://",
    Wrong.NOT_A_NUMBER: "must be the number of a case, as K-20261126-0A1B2C",
    Wrong.MISSING: "must be filled first",
}
"""What each means, for the API."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong field: its name, and what is wrong with it."""

    field: str
    wrong: Wrong


class InvalidFieldsError(PilahError):
    """One or more fields cannot be kept as typed."""

    def __init__(self, faults: Sequence[FieldFault]):
        super().__init__(f"{len(faults)} field(s) of the case are wrong: {', '.join(f.field for f in faults)}")
        self.faults = tuple(faults)


_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"K-[0-9]{8}-[0-9A-F]{6}")
_MOMENT = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def read_values(given: Mapping[str, object], today: dt.date, elections: Sequence[str]) -> dict[str, Value]:
    """Return what was given, cleaned. Raises InvalidFieldsError naming every wrong field; `today` is the officer's."""
    faults, found = [], {}
    for name, raw in given.items():
        field = BY_NAME.get(name)
        if field is None:
            faults.append(FieldFault(name[:60], Wrong.UNKNOWN_FIELD))
            continue
        value = _cleaned(field, raw)
        wrong = value if isinstance(value, Wrong) else _wrong(field, value, today, elections)
        if wrong is not None:
            faults.append(FieldFault(name, wrong))
        elif not isinstance(value, Wrong):
            found[name] = value
    if faults:
        raise InvalidFieldsError(faults)
    return found


def _cleaned(field: Field, raw: object) -> Value | Wrong:
    if field.kind is Kind.CHOICES:
        return _chosen(field, raw)
    if raw is None:
        return ""
    if not isinstance(raw, str):
        return Wrong.NOT_TEXT
    if field.kind is Kind.TEXT:
        # Verbatim: only what browsers do to line ends is undone.
        return raw.replace("\r\n", "\n") if raw.strip() else ""
    line = " ".join(raw.split())
    return re.sub(r"[ .-]", "", line) if field.kind in (Kind.NIP, Kind.NIK) else line


def _chosen(field: Field, raw: object) -> Value | Wrong:
    if not isinstance(raw, list | tuple) or not all(isinstance(item, str) for item in raw):
        return Wrong.NOT_TEXT
    chosen = {str(item) for item in raw if item}
    if not chosen <= set(field.options):
        return Wrong.NOT_OFFERED
    return tuple(option for option in field.options if option in chosen)


def _wrong(field: Field, value: Value, today: dt.date, elections: Sequence[str]) -> Wrong | None:
    if not value or not isinstance(value, str):
        return None
    if len(value) > field.longest or _UNREADABLE.search(value):
        return Wrong.TOO_LONG if len(value) > field.longest else Wrong.UNREADABLE
    if field.kind is Kind.DATE:
        return _wrong_date(field, value, today)
    offered = {Kind.ELECTION: elections, Kind.CHOICE: field.options}.get(field.kind)
    if offered is not None:
        return None if value in offered else Wrong.NOT_OFFERED
    check = _CHECKS.get(field.kind)
    return check[1] if check is not None and not check[0](value) else None


def _wrong_date(field: Field, value: str, today: dt.date) -> Wrong | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return Wrong.NOT_A_DATE
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        return Wrong.NOT_A_DATE
    if field.ahead:
        return Wrong.IN_PAST if day <= today else None
    return Wrong.IN_FUTURE if day > today else None


def is_link(value: str) -> bool:
    """Return whether a text is an address that begins with https:// or http://."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)


_CHECKS: dict[Kind, tuple[Callable[[str], object], Wrong]] = {
    Kind.MOMENT: (_MOMENT.fullmatch, Wrong.NOT_A_MOMENT),
    Kind.NIP: (is_nip, Wrong.NOT_A_NIP),
    Kind.NIK: (is_nik, Wrong.NOT_A_NIK),
    Kind.CASE: (_NUMBER.fullmatch, Wrong.NOT_A_NUMBER),
    Kind.LINK: (is_link, Wrong.NOT_A_LINK),
}


# --- a case's values by name ------------------------------------------------------------------------------------------


def values_of(case: KeptCase) -> dict[str, Value]:
    """Return the filled fields of a case by name; of a sealed case those that name nobody."""
    found: dict[str, Value] = {}
    for field in FIELDS:
        value = _stored(case, field)
        if value:
            found[field.name] = value
    return found


def _stored(case: KeptCase, field: Field) -> Value:
    if field.group is not Group.COLUMN:
        value = getattr(case.contents, field.group.value).get(field.name, "")
        return tuple(value) if isinstance(value, list) else str(value)
    column = getattr(case, field.name)
    if isinstance(column, dt.datetime):
        return column.astimezone(zone_of(case)).date().isoformat()
    return column.isoformat() if isinstance(column, dt.date) else column or ""


def zone_of(case: KeptCase) -> dt.timezone:
    """Return the zone of a case, western Indonesia's until it is filled."""
    return indonesian(str(case.contents.facts.get("zone", "")))


def indonesian(zone: str) -> dt.timezone:
    """Return the time zone of a code, that of western Indonesia for any other text."""
    name = zone if zone in ZONES else "WIB"
    return dt.timezone(dt.timedelta(hours=ZONES[name]), name)


def kept_as(values: Mapping[str, Value], stage: str | None) -> tuple[Columns, Contents]:
    """Return where the store keeps each value."""
    groups: dict[str, dict[str, Any]] = {group.value: {} for group in Group if group is not Group.COLUMN}
    for field in FIELDS:
        value = values.get(field.name)
        if value and field.group is not Group.COLUMN:
            groups[field.group.value][field.name] = list(value) if isinstance(value, tuple) else value
    zone = indonesian(str(values.get("zone", "")))
    until = _day(values, "retain_until")
    columns = Columns(
        unit=str(values.get("unit", "")),
        stage=stage,
        happened_on=_day(values, "happened_on"),
        known_on=_day(values, "known_on"),
        retain_until=dt.datetime.combine(until, dt.time(), zone) if until else None,
    )
    return columns, Contents(**groups)


def _day(values: Mapping[str, Value], name: str) -> dt.date | None:
    value = values.get(name)
    return dt.date.fromisoformat(str(value)) if value else None
