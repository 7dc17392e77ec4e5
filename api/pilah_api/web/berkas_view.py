"""What the page *Berkas* shows of batches and their results, in words of one language; no rule is decided here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from markupsafe import Markup

from pilah_api.jobs.results import BIT, Finding, Order, ResultRow, Results
from pilah_api.store.batches import Progress
from pilah_api.web.texts import Texts
from pilah_data.privacy import mask
from pilah_data.taxonomy import DECISIONS, FORMS, LABELS, PREDICTED, Decision, Label
from pilah_model.batch.report import sections

PER_PAGE = 50
_LONG = 400
_UNITS = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Bar:
    """How far a batch is, in numbers and words; `value` is None while its size is not known."""

    value: int | None
    total: int
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the result table."""

    number: str
    text: str
    more: str
    decision: str
    decision_title: str
    label: str
    forms: str
    confidence: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a filter."""

    value: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A page of the result table, what it was filtered by, and where its neighbours are."""

    lines: tuple[Line, ...]
    found: int
    page: int
    pages: int
    previous: str | None
    next: str | None
    filters: Mapping[str, tuple[Option, ...]]


def bar(batch: Progress, texts: Texts) -> Bar:
    """Return how far an unfinished batch is."""
    if not batch.planned:
        return Bar(None, 0, texts("files.reading") if batch.state == "running" else texts("files.waiting"))
    parts = [texts("files.so_far", done=texts.whole(batch.rows_done), total=texts.whole(batch.rows_total))]
    if batch.rate:
        parts.append(texts("files.rate", rate=texts.whole(round(batch.rate))))
    if batch.seconds_left:
        parts.append(texts("files.left", time=duration(batch.seconds_left, texts)))
    return Bar(batch.rows_done, max(batch.rows_total, 1), " · ".join(parts))


def duration(seconds: float, texts: Texts) -> str:
    """Return a length of time in its largest fitting unit, rounded up."""
    if seconds < 90:
        return texts("files.seconds", n=math.ceil(seconds))
    if seconds < 5400:
        return texts("files.minutes", n=math.ceil(seconds / 60))
    return texts("files.hours", n=texts.decimal(seconds / 3600, 1))


def size(count: int, texts: Texts) -> str:
    """Return a number of bytes in its largest fitting unit."""
    name, unit = next(((name, unit) for name, unit in _UNITS if count >= unit), ("B", 1))
    return f"{texts.whole(round(count / unit))} {name}"


def charts(results: Results, texts: Texts) -> list[Markup]:
    """Return the charts of a batch with their tables; who sees them sees the posts, so no count is hidden."""
    return [Markup(part) for part in sections(results.tally, texts.language.value, whole=True)]  # noqa: S704 - made and escaped there


def table(results: Results, query: Mapping[str, str], texts: Texts) -> Table:
    """Return the page of the result table that a query asks for; what it asks for in vain counts as nothing."""
    wanted = Finding(
        decision=_choice(Decision, query.get("usulan")),
        label=_choice(Label, query.get("penilaian")),
        form=query.get("bentuk") if query.get("bentuk") in BIT else None,
        order=_choice(Order, query.get("urut")) or Order.INPUT,
    )
    if wanted.label not in (None, *PREDICTED):
        wanted = Finding(wanted.decision, None, wanted.form, wanted.order)
    found = results.find(wanted)
    pages = max(1, math.ceil(len(found) / PER_PAGE))
    asked = query.get("hal", "")
    page = min(max(int(asked[:9]) if asked.isascii() and asked.isdecimal() else 1, 1), pages)
    places = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    lines = tuple(_line(row, texts) for row in results.rows(places))
    chosen = {
        "usulan": wanted.decision or "",
        "penilaian": wanted.label or "",
        "bentuk": wanted.form or "",
        "urut": wanted.order if wanted.order is not Order.INPUT else "",
    }
    return Table(
        lines,
        len(found),
        page,
        pages,
        _address(chosen, page - 1) if page > 1 else None,
        _address(chosen, page + 1) if page < pages else None,
        _filters(wanted, results, texts),
    )


def _filters(wanted: Finding, results: Results, texts: Texts) -> dict[str, tuple[Option, ...]]:
    forms = results.tally.forms
    any_ = texts("files.filter.any")
    return {
        "usulan": (
            Option("", any_, chosen=wanted.decision is None),
            *(Option(d, texts.of(DECISIONS[d].title, DECISIONS[d].title_en), wanted.decision is d) for d in Decision),
        ),
        "penilaian": (
            Option("", any_, chosen=wanted.label is None),
            *(Option(x, texts.of(LABELS[x].title, LABELS[x].title_en), wanted.label is x) for x in PREDICTED),
        ),
        "bentuk": (
            Option("", any_, chosen=wanted.form is None),
            *(Option(code, _form(code, texts), wanted.form == code) for code in FORMS if forms[code]),
        ),
        "urut": tuple(Option(order, texts(f"files.sort.{order}"), wanted.order is order) for order in Order),
    }


def _line(found: ResultRow, texts: Texts) -> Line:
    row, judgement = found.row, found.judgement
    text = mask(row.text).strip()
    decision, label = DECISIONS[judgement.decision], LABELS[judgement.label]
    return Line(
        number=texts.whole(row.number),
        text=text[:_LONG],
        more=text[_LONG:],
        decision=judgement.decision.value,
        decision_title=texts.of(decision.title, decision.title_en),
        label=texts.of(label.title, label.title_en),
        forms=", ".join(_form(form.code, texts) for form in judgement.forms),
        confidence=texts.percent(judgement.confidence),
        evidence=tuple(mask(span.text) for span in judgement.evidence or ()),
    )


def _form(code: str, texts: Texts) -> str:
    return f"{code} {texts.of(FORMS[code].name.replace('_', ' '), FORMS[code].title_en)}"


def _address(chosen: Mapping[str, str], page: int) -> str:
    return "?" + urlencode({**{name: value for name, value in chosen.items() if value}, "hal": page}) + "#baris"


def _choice(kind: type[_Choice], value: str | None) -> _Choice | None:
    return kind(value) if value in tuple(kind) else None
