"""Writes judged rows as CSV, TSV, JSON lines, XLSX or Parquet, and the list of rows that could not be judged."""

from __future__ import annotations

import codecs
import csv
import json
import re
from pathlib import Path
from typing import Protocol

from pilah_data.feeds import Feed, FeedRow, RowProblem
from pilah_data.feeds.rows import Numeral
from pilah_model.batch.columns import COLUMNS, EXTRA, NUMBERS, cells, extra_of, guarded, guarded_row, printable, values
from pilah_model.batch.errors import writing
from pilah_model.batch.parquet_output import ParquetRows
from pilah_model.batch.part import Part
from pilah_model.batch.places import OUTPUTS
from pilah_model.batch.sink import Sink
from pilah_model.batch.xlsx import CELL_LIMIT, Sheet
from pilah_model.judgement import Judgement

# What JSON may hold but UTF-8 cannot, and what some readers take for the end of a line.
_ESCAPED = re.compile(r"[\ud800-\udfff\x85\u2028\u2029]")
# A file in one of these was made by a spreadsheet on Windows, which reads UTF-8 only behind a mark.
_MARKED = ("utf-8-sig", "utf-16", "cp1252")


class Writer(Protocol):
    """Writes judged rows in one format."""

    def write(self, row: FeedRow, judgement: Judgement) -> RowProblem | None:
        """Write one row, its own fields and what scoring adds; or return why the format cannot hold it."""

    def finish(self) -> None:
        """Write what belongs behind the last row."""

    def abandon(self) -> None:
        """Let go of an output that will not be finished."""


def open_writer(target: Path, out: Sink, feed: Feed, *, raw: bool) -> Writer:
    """Return the writer for the target's ending; `raw` leaves out the guard against formulas.

    Raises MissingExtraError for Parquet without pyarrow.
    """
    kind = OUTPUTS[target.suffix.lower()]
    if kind == "jsonl":
        return _JsonLines(out)
    if kind == "parquet":
        return ParquetRows(out, feed)
    table = _Table(feed)
    # Every text in a workbook is marked as one; no program takes it for a formula.
    return _Workbook(out, table) if kind == "xlsx" else _Delimited(out, table, feed, kind, raw=raw)


class Problems:
    """The list of rows that cannot be judged; it takes its place only when there is something to say."""

    def __init__(self, part: Part):
        """Begin the list in an unfinished file."""
        self._part, self._csv, self._any = part, csv.writer(part), False
        self._csv.writerow(("row", "field", "reason", "place"))

    def write(self, problem: RowProblem) -> None:
        """Add a row to the list; the field is empty when it is the row as a whole, the place when there is one file."""
        self._any = True
        words = (problem.field, problem.reason, problem.place)
        self._csv.writerow((problem.number, *(guarded(printable(word)) for word in words)))

    def finish(self, place: Path) -> None:
        """Put the list in its place, or remove the list of an earlier run."""
        if self._any:
            self._part.finish(place)
            return
        with writing(place):
            place.unlink(missing_ok=True)


class _Table:
    """The cells of a table, as text."""

    def __init__(self, feed: Feed):
        self._columns, self._known, self._ragged = feed.columns, frozenset(feed.columns), feed.ragged

    def header(self) -> list[str]:
        return self._printable((*self._columns, *COLUMNS, *((EXTRA,) if self._ragged else ())))

    def row(self, row: FeedRow, judgement: Judgement) -> list[str]:
        own = (row.cell(column) for column in self._columns)
        return self._printable((*own, *cells(judgement), *((extra_of(row, self._known),) if self._ragged else ())))

    def _printable(self, row: tuple[str, ...]) -> list[str]:
        return [printable(cell) for cell in row]


class _Delimited:
    def __init__(self, out: Sink, table: _Table, feed: Feed, kind: str, *, raw: bool):
        dialect = feed.dialect
        # Who sent semicolons, as spreadsheets do where the comma is decimal, gets semicolons back.
        own = dialect.delimiter if dialect is not None and dialect.delimiter != "\t" else ","
        if dialect is not None and dialect.encoding.startswith(_MARKED):
            out.write(codecs.BOM_UTF8.decode())
        # Python 3.11 quotes a lone \r only if it is part of the line terminator.
        self._own, self._raw, self._table = "\t" if kind == "tsv" else own, raw, table
        self._csv = csv.writer(out, delimiter=self._own, lineterminator="\r\n")
        self._put(table.header())

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        self._put(self._table.row(row, judgement))

    def _put(self, row: list[str]) -> None:
        self._csv.writerow(row if self._raw else guarded_row(row, self._own))

    def finish(self) -> None:
        pass

    def abandon(self) -> None:
        pass


class _Workbook:
    def __init__(self, out: Sink, table: _Table):
        self._sheet, self._table, self._path = Sheet(out.raw), table, out.path
        header = table.header()
        self._numbers = frozenset(place for place, name in enumerate(header) if name in NUMBERS)
        self._header = header
        with writing(self._path):
            self._sheet.row(header)

    def write(self, row: FeedRow, judgement: Judgement) -> RowProblem | None:
        made = self._table.row(row, judgement)
        for name, cell in zip(self._header, made, strict=True):
            if len(cell) > CELL_LIMIT:
                reason = f"{len(cell):,} characters, and a cell of .xlsx holds {CELL_LIMIT:,}; write .csv or .jsonl"
                return RowProblem(row.number, reason, name, row.place)
        with writing(self._path):
            self._sheet.row(made, self._numbers | _numerals(made))
        return None

    def finish(self) -> None:
        with writing(self._path):
            self._sheet.finish()

    def abandon(self) -> None:
        self._sheet.abandon()


def _numerals(cells: list[str]) -> set[int]:
    """Return the places of the cells that were numbers in the spreadsheet they come from."""
    return {at for at, cell in enumerate(cells) if isinstance(cell, Numeral)}


class _JsonLines:
    def __init__(self, out: Sink):
        self._out = out

    def write(self, row: FeedRow, judgement: Judgement) -> None:
        added = dict(zip(COLUMNS, values(judgement), strict=True))
        line = json.dumps({**row.fields, **added}, ensure_ascii=False)
        self._out.write(_ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", line) + "\n")

    def finish(self) -> None:
        pass

    def abandon(self) -> None:
        pass
