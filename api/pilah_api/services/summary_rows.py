"""The office's figures as plain JSON values, and as the rows of one delimited table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict

from pilah_api.services.anonymity import Table
from pilah_api.services.summary import Summary
from pilah_model.batch.cells import LEAST
from pilah_model.batch.columns import guarded

COLUMNS = ("table", "row", "column", "value", "low", "high")
TOTAL = "total"
Row = tuple[str, str, str, int | float | None, float | None, float | None]


def as_json(summary: Summary) -> dict[str, object]:
    """Return the figures as `GET /v1/stats` gives them."""
    return {
        "as_of": summary.as_of.isoformat(),
        "least": LEAST,
        "posts_by_week": _table(summary.weeks),
        "posts_by_outcome": _table(summary.outcomes),
        "forms": [asdict(form) for form in summary.forms],
        "cases_by_unit": _table(summary.units),
        "cases_by_state": dict(summary.states),
        "agreement": asdict(summary.agreement) if summary.agreement else None,
        "precision": [
            asdict(one) | {"low": round(one.low, 4), "high": round(one.high, 4)} for one in summary.precision
        ],
    }


def as_csv(summary: Summary) -> str:
    """Return all figures as one table of COLUMNS; a hidden count is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(summary):
        # The name of a unit was typed by somebody; no spreadsheet may take it for a formula.
        writer.writerow(["" if cell is None else guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue()


def rows(summary: Summary) -> Iterator[Row]:
    """Yield every figure once, with its place."""
    tables = (
        ("posts_by_week", summary.weeks),
        ("posts_by_outcome", summary.outcomes),
        ("cases_by_unit", summary.units),
    )
    for name, table in tables:
        if table is not None:
            yield from _cells(name, table)
    for form in summary.forms:
        yield "forms", form.code, "seen", form.seen, None, None
        yield "forms", form.code, "confirmed", form.confirmed, None, None
    for state, number in summary.states.items():
        yield "cases_by_state", state, "cases", number, None, None
    if (agreement := summary.agreement) is not None:
        yield "agreement", "reviewers", "pairs", agreement.pairs, None, None
        yield "agreement", "reviewers", "agreed", agreement.agreed, None, None
        for kind in ("kappa", "kappa_partisan"):
            if (figure := getattr(agreement, kind)) is not None:
                yield "agreement", "reviewers", kind, figure.value, figure.low, figure.high
    for one in summary.precision:
        yield "precision", one.model, "checked", one.checked, None, None
        yield "precision", one.model, "confirmed", one.confirmed, None, None
        share = None if one.confirmed is None else round(one.confirmed / one.checked, 4)
        yield "precision", one.model, "share", share, round(one.low, 4), round(one.high, 4)


def _cells(name: str, table: Table) -> Iterator[Row]:
    for row, cells, total in zip(table.rows, table.cells, table.row_totals, strict=True):
        for column, number in zip(table.columns, cells, strict=True):
            yield name, row, column, number, None, None
        yield name, row, TOTAL, total, None, None
    for column, total in zip(table.columns, table.column_totals, strict=True):
        yield name, TOTAL, column, total, None, None


def _table(table: Table | None) -> dict[str, object] | None:
    return None if table is None else {name: [*value] for name, value in asdict(table).items()}
