"""CSV and TSV feeds (RFC 4180 and the dialects that spreadsheets write)."""

from __future__ import annotations

import csv
import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from pilah_data.feeds.rows import ID_COLUMNS, Feed, FeedError, FeedRow, RowProblem, find_column, make_row, text_column

# A whole book in one cell is odd but legal; the reader must not stop at 128 KiB.
_FIELD_LIMIT = min(sys.maxsize, 2**31 - 1)
# A column name may hold line ends (spreadsheets allow it), but not a page of them.
_HEADER_LINES = 20
# The line by which Excel is told the delimiter; it shows the line after it as row 1, and so do we.
_SEP_LINE = re.compile(r'"?sep=([^\w"\r\n\x00])"?[\r\n]*', re.IGNORECASE)


def read_delimited(stream: TextIO, file: str, *, delimiter: str | None, text: str | None, identity: str | None) -> Feed:
    """Open a delimited feed; a line `sep=` decides on the delimiter, else the one given, else the header.

    Raises FeedError for an empty file, repeated column names, an open quote in the header, or a missing column.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    first, blank, said = _header_line(stream)
    if not first:
        raise FeedError(f"{file} is empty; it needs a header line with the names of its columns")
    rows = _Rows(
        itertools.chain([first], stream),
        said or delimiter or max(",;\t|", key=first.count),
        line=blank + (said is not None),
    )
    cells = next(rows)
    if rows.open_quote() or rows.line - blank > _HEADER_LINES:
        raise FeedError(f"{file}: a quote in the header is not closed; its first line is no list of column names")
    header = _named(cells)
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise FeedError(f"{file}: column {twice!r} occurs twice in the header; rename one")
    text_field = text_column(text, header, file)
    id_field = find_column(identity, ID_COLUMNS, header, file, "--id-column")
    return Feed(tuple(header), _posts(rows, blank + 1, header, len(cells), text_field, id_field, file))


def _header_line(stream: TextIO) -> tuple[str, int, str | None]:
    """Return the first line that says something, the number of blank ones before it, and the delimiter that is said."""
    blank, said = 0, None
    while line := stream.readline():
        if not line.strip():
            blank += 1
        elif said is None and (found := _SEP_LINE.fullmatch(line)):
            said = found[1]
        else:
            break
    return line, blank, said


def _named(header: list[str]) -> list[str]:
    """Return the header without the nameless columns that spreadsheets leave behind; a single one may be meant."""
    named = len(header)
    while named and not header[named - 1].strip():
        named -= 1
    return header[:named] if len(header) - named > 1 else header


class _Rows:
    """The rows of a delimited stream, the number of lines read, and whether a quote let the last row run too far."""

    def __init__(self, lines: Iterable[str], delimiter: str, *, line: int):
        self.line = line
        self._delimiter, self._taken, self._ended = delimiter, list[str](), False
        self._rows = csv.reader(self._taking(lines), delimiter=delimiter, strict=False)

    def __iter__(self) -> _Rows:
        return self

    def __next__(self) -> list[str]:
        self._taken.clear()
        return next(self._rows)

    def open_quote(self) -> str | None:
        """Return which lines the last row took because a quote is not closed where its cell ends, or None."""
        # Only a quote makes the reader go on to another line or ask for one behind the end.
        if len(self._taken) < 2 and not self._ended:
            return None
        try:
            for _ in csv.reader(self._taken, delimiter=self._delimiter, strict=True):
                pass
        except csv.Error:
            first = self.line - len(self._taken) + 1
            lines = f"lines {first} to {self.line}" if first < self.line else f"line {first}"
            return lines + (", the end of the file," if self._ended else "")
        return None

    def _taking(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self.line += 1
            self._taken.append(line)
            yield line
        self._ended = True


def _posts(
    rows: _Rows, number: int, header: list[str], width: int, text_field: str, id_field: str | None, file: str
) -> Iterator[FeedRow | RowProblem]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield RowProblem(number, f"not a valid row ({error})")
            continue
        except UnicodeDecodeError as error:
            raise FeedError(
                f"{file}, after row {number}: byte {error.start} is not {error.encoding}; name it with --encoding"
            ) from error
        number += 1
        if not row:
            continue  # a blank line is no row in RFC 4180 readers
        if fault := _fault(rows, row, len(header), width):
            yield RowProblem(number, fault)
            continue
        yield make_row(number, dict(zip(header, row, strict=False)), text_field, id_field)


def _fault(rows: _Rows, row: list[str], named: int, width: int) -> str | None:
    if lines := rows.open_quote():
        return (
            f"a quote that opens in this row is not closed where its cell ends: {lines} were read as one row, "
            "and none of it is judged; close the quote, or double it inside a text"
        )
    if not named <= len(row) <= width:
        return f"{len(row)} cells where the header has {width}"
    if any(cell.strip() for cell in row[named:]):
        return "a cell stands under a column without a name; name the column in the header, or empty the cell"
    return None
