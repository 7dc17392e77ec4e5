"""What papers say about a case, in words: labels and values in Indonesian, days and hours as an office writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pilah_api.services.cases import Seen, number_of
from pilah_api.services.cases_clock import Almanac
from pilah_api.services.cases_fields import BY_NAME, Field, Kind, Section, of_section
from pilah_api.services.cases_values import Value, zone_of
from pilah_api.web.texts import Language, Texts
from pilah_data.taxonomy import FORMS

WORDS = Texts(Language.ID)
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Matter:
    """A case as papers need it: what it holds, and the lists by which its day is read."""

    seen: Seen
    almanac: Almanac

    @property
    def number(self) -> str:
        """Return the number of the case."""
        return number_of(self.seen.case)

    @property
    def status(self) -> str:
        """Return which version of the case a paper shows, and since when it stands."""
        case = self.seen.case
        return f"versi {case.version}, {moment(case.changed_at, zone_of(case))}"

    def value(self, name: str) -> str:
        """Return a field's value in words; an empty text if it is not filled."""
        return shown(BY_NAME[name], self.seen.values, self.almanac)

    @property
    def all_text(self) -> str:
        """Return every text of the case, one after another."""
        return " ".join(value for value in self.seen.values.values() if isinstance(value, str))

    def rows(self, section: Section, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
        """Return names and values of a section."""
        return [
            (WORDS(f"kasus.field.{field.name}"), self.value(field.name))
            for field in of_section(section)
            if field.name not in without
        ]

    def stage_rows(self) -> list[tuple[str, str]]:
        """Return the stages of the day and what may be relevant, with the remark that it is no ruling."""
        rows = []
        for found in self.almanac.stage_of(self.seen.values):
            name = f"{found.election.name}: " if found.election else ""
            law = f"; {found.election.law}" if found.election and found.rule.period.side else ""
            rows.append((f"{name}{found.rule.title}", f"{found.rule.basis}{law}. {found.rule.note}"))
        references = self.almanac.references(self.seen.values)
        return rows + [(f"{one.form} {form_name(one.form)}", one.basis) for one in references]


def shown(field: Field, values: Mapping[str, Value], almanac: Almanac, words: Texts = WORDS) -> str:
    """Return a value in the words of a language; a value that is not filled is an empty text."""
    value = values.get(field.name, "")
    if not value:
        return ""
    if not isinstance(value, str):
        return "\n".join(f"{code} {form_name(code)}" for code in value)
    if field.kind is Kind.CHOICE:
        return words(f"kasus.option.{value}")
    if field.kind is Kind.ELECTION:
        return next((one.name for one in almanac.stages.elections if one.id == value), value)
    if field.kind is Kind.DATE and words.language is Language.ID:
        return date(dt.date.fromisoformat(value))
    return value.replace(":", ".") if field.kind is Kind.MOMENT and words.language is Language.ID else value


def form_name(code: str) -> str:
    """Return the name of a form of partisanship as people read it."""
    return FORMS[code].name.replace("_", " ") if code in FORMS else code


def date(day: dt.date) -> str:
    """Write a date as in 26 November 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def weekday(day: dt.date) -> str:
    """Return the name of a day."""
    return _DAYS[day.weekday()]


def moment(at: dt.datetime, zone: dt.timezone) -> str:
    """Write a moment in a zone, with its name."""
    local = at.astimezone(zone)
    return f"{date(local.date())} {local:%H.%M} {local.tzname()}"


def size(count: int) -> str:
    """Write a number of bytes."""
    if count < 1024 * 1024:
        return f"{WORDS.decimal(count / 1024, 1)} KiB"
    return f"{WORDS.decimal(count / 1024 / 1024, 1)} MiB"
