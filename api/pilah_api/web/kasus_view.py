"""What the pages of a case show: sections in words, the course of the case, its time limit and the steps that are offered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pilah_api.access import CASE_OFFICERS, Person
from pilah_api.papers.matter import date, moment, shown, size
from pilah_api.services.cases import Seen, number_of, running_countdown
from pilah_api.services.cases_clock import Almanac, Countdown
from pilah_api.services.cases_evidence import CHECKS, Checked
from pilah_api.services.cases_fields import BY_NAME, Section, of_section
from pilah_api.services.cases_moves import Offer, offers
from pilah_api.services.cases_states import ERASABLE, EVIDENCE, EVIDENCE_STATES, State, writers
from pilah_api.services.cases_values import indonesian, zone_of
from pilah_api.store.case_records import Step
from pilah_api.store.evidence import Exhibit
from pilah_api.web.texts import Language, Texts

_COURSE = (
    State.MASUK,
    State.TRIASE,
    State.TELAAH_1,
    State.TELAAH_2,
    State.KLARIFIKASI,
    State.REKOMENDASI,
    State.HASIL,
    State.ARSIP,
)
_INTAKE = ("asal", "terlapor", "akun", "peristiwa", "kiriman", "dinas")


@dataclass(frozen=True, slots=True)
class Row:
    """A field as it is shown; `filled` is false for one that is empty or sealed, whose words then say so."""

    name: str
    label: str
    text: str
    filled: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as it is shown, and whether this person may write it now."""

    key: str
    title: str
    rows: tuple[Row, ...]
    editable: bool


@dataclass(frozen=True, slots=True)
class OfferView:
    """A step that is offered: its words, what must be filled before with the section of each, and whether it is barred."""

    target: str
    label: str
    missing: tuple[tuple[str, str], ...]
    barred: bool
    reason: bool


@dataclass(frozen=True, slots=True)
class ExhibitView:
    """A piece of evidence as it is shown."""

    id: str
    name: str
    sha256: str
    size: str
    captured: str
    received: str
    checks: tuple[tuple[str, bool], ...]
    is_picture: bool
    intact: bool | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its page shows it."""

    id: str
    number: str
    version: int
    state: str
    state_title: str
    unit: str
    unsealed: bool
    erased: bool
    course: tuple[tuple[str, str], ...]
    limit: tuple[tuple[str, str, bool], ...]
    uncertain: bool
    stages: tuple[tuple[str, str], ...]
    sections: tuple[SectionView, ...]
    offers: tuple[OfferView, ...]
    exhibits: tuple[ExhibitView, ...]
    steps: tuple[tuple[str, str, str, str], ...]
    closes: str
    may_add: bool
    may_export: bool
    may_erase: bool


def case_view(
    seen: Seen, person: Person, almanac: Almanac, texts: Texts, now: dt.datetime, checked: Sequence[Checked] = ()
) -> CaseView:
    """Put a case in words for one person."""
    case, zone = seen.case, zone_of(seen.case)
    today = now.astimezone(zone).date()
    count = running_countdown(case, almanac, today)
    intact = {one.exhibit.id: one.intact for one in checked}
    return CaseView(
        id=case.id,
        number=number_of(case),
        version=case.version,
        state=case.state,
        state_title=texts(f"kasus.state.{case.state}"),
        unit=case.unit,
        unsealed=seen.unsealed,
        erased=case.erased_at is not None,
        course=_course(seen.state, texts),
        limit=_limit(count, texts) if count else (),
        uncertain=bool(count and not count.certain),
        stages=_stages(seen, almanac),
        sections=_sections(seen, person, almanac, texts),
        offers=tuple(_offer(one, texts) for one in offers(seen, person)) if seen.unsealed else (),
        exhibits=tuple(_exhibit(one, texts, intact.get(one.id)) for one in seen.exhibits),
        steps=tuple(_step(step, zone, texts) for step in seen.steps),
        closes=date_words(case.retain_until.astimezone(zone).date(), texts)
        if case.retain_until and seen.state is State.DITUTUP
        else "",
        may_add=seen.state in EVIDENCE_STATES and bool(person.roles & CASE_OFFICERS),
        may_export=seen.unsealed and bool(person.roles & CASE_OFFICERS),
        may_erase=seen.unsealed and seen.state in ERASABLE,
    )


def missing_words(names: Sequence[str], texts: Texts) -> tuple[tuple[str, str], ...]:
    """Return what must be filled first in words, each with its section; evidence has its own place on the page."""
    return tuple(
        (texts(f"kasus.field.{name}"), "" if name == EVIDENCE else BY_NAME[name].section.value) for name in names
    )


def _sections(seen: Seen, person: Person, almanac: Almanac, texts: Texts) -> tuple[SectionView, ...]:
    """Return the sections; those of later states are left out as long as nothing stands there and nothing can be written."""
    found = [_section(section, seen, person, almanac, texts) for section in Section]
    return tuple(one for one in found if one.editable or one.key in _INTAKE or any(row.filled for row in one.rows))


def _section(section: Section, seen: Seen, person: Person, almanac: Almanac, texts: Texts) -> SectionView:
    rows = []
    for one in of_section(section):
        text = shown(one, seen.values, almanac, texts)
        if not text:
            hidden = one.group.sealed and not seen.unsealed
            text = texts("kasus.sealed_value") if hidden else texts("kasus.empty_value")
        rows.append(Row(one.name, texts(f"kasus.field.{one.name}"), text, bool(seen.values.get(one.name))))
    editable = seen.unsealed and bool(writers(section, seen.state) & person.roles)
    return SectionView(section.value, texts(f"kasus.section.{section.value}"), tuple(rows), editable)


def _offer(offer: Offer, texts: Texts) -> OfferView:
    move = offer.move
    return OfferView(
        move.target.value,
        texts(f"kasus.move.{move.source.value}.{move.target.value}"),
        missing_words(offer.missing, texts),
        offer.barred,
        move.reason,
    )


def _exhibit(one: Exhibit, texts: Texts, intact: bool | None) -> ExhibitView:
    zone = indonesian(one.zone or "")
    at = _moment(one.captured_at, zone, texts) if one.captured_at else "–"
    return ExhibitView(
        one.id,
        one.name or "",
        one.sha256,
        size(one.bytes),
        texts("kasus.captured", at=at, who=one.captured_by or "–"),
        texts("kasus.received", at=_moment(one.added_at, zone, texts)),
        tuple((texts(f"kasus.check.{name}"), bool(one.checks.get(name))) for name in CHECKS),
        one.media_type.startswith("image/"),
        intact,
    )


def _step(step: Step, zone: dt.timezone, texts: Texts) -> tuple[str, str, str, str]:
    source, target = (texts(f"kasus.state.{state}") for state in (step.source, step.target))
    words = texts("kasus.step", source=source, target=target)
    return _moment(step.taken_at, zone, texts), words, step.role, step.reason or ""


def _course(state: State, texts: Texts) -> tuple[tuple[str, str], ...]:
    """Return the states that a case passes through, each `done`, `here` or `ahead`; side roads are shown where they leave."""
    course = list(_COURSE)
    aside = {State.BUTUH_KONTEKS: State.TRIASE, State.KEBERATAN: State.HASIL}
    if state in aside:
        course.insert(course.index(aside[state]) + 1, state)
    if state not in course:
        return ((texts(f"kasus.state.{state.value}"), "here"),)
    at = course.index(state)
    marks = ["done" if n < at else "here" if n == at else "ahead" for n in range(len(course))]
    return tuple((texts(f"kasus.state.{one.value}"), mark) for one, mark in zip(course, marks, strict=True))


def _limit(count: Countdown, texts: Texts) -> tuple[tuple[str, str, bool], ...]:
    days = texts("kasus.due_days", date=date_words(count.due, texts))
    working = texts("kasus.due_working", date=date_words(count.working_due, texts))
    return (
        (days, left_words(count.left, texts, "kasus.left"), count.left < 0),
        (
            working,
            left_words(count.working_left, texts, "kasus.left_working", over=count.working_over),
            count.working_over,
        ),
    )


def left_words(left: int, texts: Texts, key: str, *, over: bool | None = None) -> str:
    """Say how much time is left."""
    if over if over is not None else left < 0:
        return texts("kasus.over")
    return texts(key, n=left) if left > 0 else texts("kasus.today")


def _stages(seen: Seen, almanac: Almanac) -> tuple[tuple[str, str], ...]:
    rows = []
    for found in almanac.stage_of(seen.values):
        name = f"{found.election.name}: " if found.election else ""
        rows.append((f"{name}{found.rule.title}", f"{found.rule.basis}. {found.rule.note}"))
    rows += [(one.form, one.basis) for one in almanac.references(seen.values)]
    return tuple(rows)


def date_words(day: dt.date, texts: Texts) -> str:
    """Write a day as the language does."""
    return date(day) if texts.language is Language.ID else day.isoformat()


def _moment(at: dt.datetime, zone: dt.timezone, texts: Texts) -> str:
    local = at.astimezone(zone)
    return moment(at, zone) if texts.language is Language.ID else f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
