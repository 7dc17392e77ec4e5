"""What the page *Ringkasan* shows of the figures, in words of one language; no figure is decided here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from markupsafe import Markup

from pilah_api.services.anonymity import OTHER, Table
from pilah_api.services.summary import OPEN, Agreement, Precision, Summary
from pilah_api.web.blocks import Block, Grid
from pilah_api.web.charts import Series, Span, bars, columns, spans
from pilah_api.web.texts import Texts
from pilah_api.web.wording import TEXTS
from pilah_data.calendar import WIB
from pilah_data.taxonomy import DECISIONS, FORMS, LABELS, Decision, Label

MOST_UNITS = 12
"""Units in the chart; the table has them all."""
_COLOURS = {Decision.TINJAU.value: "var(--review)", Decision.BUTUH_KONTEKS.value: "var(--context)"}
Name = Callable[[str], str]


def moment(as_of: dt.datetime) -> str:
    """Write a moment as officers in the west of Indonesia read it."""
    return f"{as_of.astimezone(WIB):%d-%m-%Y %H.%M}"


def key_figures(summary: Summary, texts: Texts) -> list[tuple[str, str]]:
    """Return the figures at the head of the page, each with its name."""
    few = texts("summary.few")
    outcomes = summary.outcomes
    found = [
        (texts("summary.posts"), texts.whole(outcomes.total) if outcomes else few),
        (texts("summary.decided"), _decided(outcomes, texts)),
        (texts("summary.cases"), texts.whole(summary.units.total) if summary.units else few),
    ]
    if summary.precision:
        most = max(summary.precision, key=lambda one: one.checked)
        found.append((texts("summary.precision"), _range(most.low, most.high)))
    return found


def blocks(summary: Summary, texts: Texts) -> list[Block]:
    """Return the parts of the page in their order."""
    return [
        _weeks(summary.weeks, texts),
        _precision(summary.precision, texts),
        _outcomes(summary.outcomes, texts),
        _agreement(summary.agreement, texts),
        _forms(summary, texts),
        _states(summary, texts),
        _units(summary.units, texts),
    ]


def _decided(outcomes: Table | None, texts: Texts) -> str:
    if outcomes is None:
        return texts("summary.few")
    if OTHER in outcomes.columns and OPEN not in outcomes.columns:
        return texts("summary.hidden")
    undecided = outcomes.column_totals[outcomes.columns.index(OPEN)] if OPEN in outcomes.columns else 0
    return texts.whole(outcomes.total - undecided) if outcomes.total > undecided else texts.whole(0)


def _weeks(table: Table | None, texts: Texts) -> Block:
    title, note = texts("summary.weeks"), texts("summary.weeks_note")
    if table is None:
        return Block("pekan", title)
    name = _decision_namer(texts)
    series = [
        Series(name(column), _COLOURS.get(column, "var(--edge)"), [row[place] for row in table.cells])
        for place, column in enumerate(table.columns)
    ]
    names = [f"{dt.date.fromisoformat(row.partition('/')[0]):%d/%m}" for row in table.rows]
    chart = columns(title, names, series, table.row_totals, texts.whole, texts("summary.hidden"))
    return Block("pekan", title, (note,), chart, _grid(title, texts("summary.week"), table, _stretch, name, texts))


def _stretch(row: str) -> str:
    return " – ".join(f"{dt.date.fromisoformat(day):%d-%m-%Y}" for day in row.split("/"))


def _outcomes(table: Table | None, texts: Texts) -> Block:
    title = texts("summary.outcomes")
    if table is None:
        return Block("keputusan", title)

    def outcome(column: str) -> str:
        if column == OPEN:
            return texts("summary.open")
        return texts("summary.other") if column == OTHER else texts.of(*_titles(Label(column)))

    grid = _grid(title, texts("summary.proposal"), table, _decision_namer(texts), outcome, texts)
    return Block("keputusan", title, (), None, grid, open=True)


def _precision(found: Sequence[Precision], texts: Texts) -> Block:
    title = texts("summary.precision_title")
    if not found:
        return Block("ketepatan", title)
    names = [texts("summary.other") if one.model == OTHER else one.model for one in found]
    shares = [None if one.confirmed is None else one.confirmed / one.checked for one in found]
    rows = [
        Span(name, share, one.low, one.high, _range(one.low, one.high))
        for name, share, one in zip(names, shares, found, strict=True)
    ]
    sentences = [f"{name}: {_precision_say(one, texts)}" for name, one in zip(names, found, strict=True)]
    return Block(
        "ketepatan",
        title,
        (*sentences, texts("summary.interval")),
        spans(title, rows, [f"{n * 25}%" for n in range(5)]),
    )


def _precision_say(one: Precision, texts: Texts) -> str:
    if one.confirmed is None:
        return texts("summary.precision_hidden", checked=texts.whole(one.checked))
    return texts("summary.precision_say", checked=texts.whole(one.checked), confirmed=texts.whole(one.confirmed))


def _agreement(found: Agreement | None, texts: Texts) -> Block:
    title = texts("summary.agreement")
    if found is None:
        return Block("kesepakatan", title)
    agreed = texts("summary.hidden") if found.agreed is None else texts.whole(found.agreed)
    said = texts("summary.agreed", pairs=texts.whole(found.pairs), agreed=agreed)
    figures = ((texts("summary.kappa"), found.kappa), (texts("summary.kappa_partisan"), found.kappa_partisan))
    rows = [
        Span(
            name,
            figure.value,
            figure.low,
            figure.high,
            f"{texts.decimal(figure.value)} ({texts.decimal(figure.low)}–{texts.decimal(figure.high)})",
        )
        for name, figure in figures
        if figure is not None
    ]
    ticks = [texts.decimal(n / 4) for n in range(5)]
    if not rows:
        return Block("kesepakatan", title, (said, texts("summary.kappa_few")), Markup(""))
    return Block("kesepakatan", title, (said, texts("summary.kappa_note")), spans(title, rows, ticks))


def _forms(summary: Summary, texts: Texts) -> Block:
    title, hidden = texts("summary.forms"), texts("summary.hidden")
    # What never occurred is left out; B11 is recorded by people alone.
    found = [form for form in summary.forms if form.seen != 0 or form.confirmed != 0]
    if not any((form.seen or 0) + (form.confirmed or 0) for form in found):
        return Block("bentuk", title)
    names = [
        f"{form.code} {texts.of(FORMS[form.code].name.replace('_', ' '), FORMS[form.code].title_en)}" for form in found
    ]
    series = [
        Series(texts("summary.seen"), "var(--accent)", [form.seen for form in found]),
        Series(texts("summary.confirmed"), "var(--pass)", [form.confirmed for form in found]),
    ]
    rows = [
        (name, tuple(None if n is None else texts.whole(n) for n in (form.seen, form.confirmed)))
        for name, form in zip(names, found, strict=True)
    ]
    grid = Grid(title, texts("summary.form"), tuple(one.name for one in series), tuple(rows))
    return Block("bentuk", title, (texts("summary.forms_note"),), bars(title, names, series, texts.whole, hidden), grid)


def _states(summary: Summary, texts: Texts) -> Block:
    title = texts("summary.states")
    if not summary.states:
        return Block("status", title)
    ordered = sorted(summary.states.items(), key=lambda pair: (pair[0] == OTHER, -pair[1], pair[0]))
    names = [
        texts(key) if (key := f"kasus.state.{state}") in TEXTS else _other(state.replace("_", " "), texts)
        for state, _ in ordered
    ]
    series = [Series("", "var(--accent)", [number for _, number in ordered])]
    rows = tuple((name, (texts.whole(number),)) for name, (_, number) in zip(names, ordered, strict=True))
    grid = Grid(title, texts("summary.state"), (texts("summary.cases"),), rows)
    return Block("status", title, (), bars(title, names, series, texts.whole, ""), grid)


def _units(table: Table | None, texts: Texts) -> Block:
    title = texts("summary.units")
    if table is None:
        return Block("unit", title)

    def stage(column: str) -> str:
        return texts(key) if (key := f"summary.stage.{column}") in TEXTS else _other(column, texts)

    def unit(row: str) -> str:
        return _other(row, texts)

    largest = sorted(zip(table.rows, table.row_totals, strict=True), key=lambda pair: -pair[1])[:MOST_UNITS]
    series = [Series("", "var(--accent)", [total for _, total in largest])]
    chart = bars(title, [unit(row)[:60] for row, _ in largest], series, texts.whole, "")
    note = texts("summary.units_note", n=texts.whole(MOST_UNITS)) if len(table.rows) > MOST_UNITS else ""
    grid = _grid(title, texts("summary.unit"), table, unit, stage, texts)
    return Block("unit", title, (note,) if note else (), chart, grid)


def _grid(caption: str, corner: str, table: Table, row_name: Name, column_name: Name, texts: Texts) -> Grid:
    def cell(number: int | None) -> str | None:
        return None if number is None else texts.whole(number)

    rows = [
        (_other(row, texts) if row == OTHER else row_name(row), (*map(cell, cells), cell(total)))
        for row, cells, total in zip(table.rows, table.cells, table.row_totals, strict=True)
    ]
    rows.append((texts("summary.total"), (*map(cell, table.column_totals), cell(table.total))))
    return Grid(caption, corner, (*map(column_name, table.columns), texts("summary.total")), tuple(rows))


def _decision_namer(texts: Texts) -> Name:
    def name(code: str) -> str:
        if code not in tuple(Decision):
            return _other(code, texts)
        words = DECISIONS[Decision(code)]
        return texts.of(words.title, words.title_en)

    return name


def _titles(label: Label) -> tuple[str, str]:
    return LABELS[label].title, LABELS[label].title_en


def _other(name: str, texts: Texts) -> str:
    return texts("summary.other") if name == OTHER else name


def _range(low: float, high: float) -> str:
    """Write an interval in whole per cents, rounded outwards."""
    return f"{int(low * 100)}–{min(100, -int(-high * 100 // 1))}%"
