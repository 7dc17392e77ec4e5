"""The fields of a case as a form asks for them: with hints, choices, what is wrong, and what somebody else stored meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pilah_api.papers.matter import shown
from pilah_api.services.cases_clock import Almanac
from pilah_api.services.cases_fields import Field, Kind, Section, of_section
from pilah_api.services.cases_values import FieldFault, Value
from pilah_api.web.texts import Texts
from pilah_data.taxonomy import FORMS

_FEW = 3
"""Choices up to so many stand beside one another; more of them fold into a list."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field as a form asks for it: its value so far, what it may hold, and what is wrong with it or stored instead."""

    name: str
    label: str
    hint: str
    kind: str
    value: Value
    options: tuple[tuple[str, str], ...]
    few: bool
    longest: int
    wrong: str = ""
    stored: str = ""


def blanks(
    section: Section,
    typed: Mapping[str, Value],
    almanac: Almanac,
    texts: Texts,
    *,
    faults: Sequence[FieldFault] = (),
    stored: Mapping[str, Value] | None = None,
) -> list[Blank]:
    """Return the form of a section with what was typed so far; `stored` is what somebody else put there meanwhile."""
    wrong = {fault.field: texts(f"kasus.wrong.{fault.wrong}") for fault in faults}
    return [
        blank(
            one,
            typed.get(one.name, ""),
            almanac,
            texts,
            wrong.get(one.name, ""),
            _other(one, typed, stored, almanac, texts),
        )
        for one in of_section(section)
    ]


def blank(one: Field, value: Value, almanac: Almanac, texts: Texts, wrong: str = "", stored: str = "") -> Blank:
    """Return one field as a form asks for it."""
    options = _options(one, almanac, texts)
    hint = f"kasus.hint.{one.name}"
    return Blank(
        one.name,
        texts(f"kasus.field.{one.name}"),
        texts(hint) if texts.has(hint) else "",
        one.kind.value,
        value,
        options,
        len(options) <= _FEW,
        one.longest,
        wrong,
        stored,
    )


def _other(
    one: Field, typed: Mapping[str, Value], stored: Mapping[str, Value] | None, almanac: Almanac, texts: Texts
) -> str:
    if stored is None or (stored.get(one.name) or "") == (typed.get(one.name) or ""):
        return ""
    return shown(one, stored, almanac, texts) or texts("kasus.empty_value")


def _options(one: Field, almanac: Almanac, texts: Texts) -> tuple[tuple[str, str], ...]:
    if one.kind is Kind.ELECTION:
        return tuple((election.id, election.name) for election in almanac.stages.elections)
    if one.kind is Kind.CHOICES:
        named = ((code, FORMS[code]) for code in one.options)
        return tuple((code, f"{code} {texts.of(form.name.replace('_', ' '), form.title_en)}") for code, form in named)
    return tuple((option, texts(f"kasus.option.{option}")) for option in one.options)
