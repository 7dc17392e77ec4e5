"""Reads tab-separated tables with a fixed header: what is not UTF-8 or has the wrong columns becomes a DataError with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pilah_data.errors import DataError, InputError


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table by column, which remembers its file and 1-based line."""

    values: dict[str, str]
    file: str
    line: int

    def __getitem__(self, field: str) -> str:
        """Return the cell of a column."""
        return self.values[field]

    def bad(self, field: str, expected: str) -> DataError:
        """Return the error to raise for a cell that is not what was expected."""
        return DataError(f"{self[field]!r} is not {expected}", file=self.file, line=self.line, field=field)

    def one_of(self, field: str, allowed: Collection[str], expected: str) -> str:
        """Return the cell if it is among the allowed ones."""
        if self[field] not in allowed:
            raise self.bad(field, expected)
        return self[field]


def read_table(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a file whose first line is `columns`; raises DataError naming file and line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"annotation file {path} cannot be read ({error.strerror})") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(f"not UTF-8 ({error.reason}); save it as UTF-8", file=str(path), line=line) from error
    rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(next(rows, [])) != tuple(columns):
        raise DataError(f"header must be {' '.join(columns)}", file=str(path), line=1)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            raise DataError(f"{len(row)} columns instead of {len(columns)}", file=str(path), line=number)
        yield Row(dict(zip(columns, row, strict=True)), str(path), number)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows under a header; a cell may hold neither a tab nor a line end."""
    lines = [columns, *rows]
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
