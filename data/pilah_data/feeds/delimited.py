"""CSV and TSV feeds (RFC 4180 and the dialects that spreadsheets write); a table may begin below lines of metadata."""

from __future__ import annotations

import contextlib
import csv
import itertools
import re
import sys
from collections.abc import Iterator
from typing import TextIO

from pilah_data.feeds.columns import cut
from pilah_data.feeds.decoding import text_of
from pilah_data.feeds.header import LOOK, find_header, is_consistent, named
from pilah_data.feeds.quotes import Rows
from pilah_data.feeds.rows import (
    ID_COLUMNS,
    Dialect,
    Feed,
    FeedError,
    FeedRow,
    Notes,
    RowProblem,
    find_column,
    has_text_column,
    make_row,
    text_column,
    undecoded,
)
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

# A whole book in one cell is odd but legal; the reader must not stop at 128 KiB.
_FIELD_LIMIT = min(sys.maxsize, 2**31 - 1)
# A column name may hold line ends (spreadsheets allow it), but not a page of them.
_HEADER_LINES = 20
_DELIMITERS = ",;\t|"
# The line by which Excel is told the delimiter; it shows the line after it as row 1, and so do we.
_SEP_LINE = re.compile(r'"?sep=([^\w"\r\n\x00])"?[\r\n]*', re.IGNORECASE)
_TABS = (".tsv", ".tab")


def read_delimited(stream: TextIO, file: str, *, delimiter: str | None, text: str | None, identity: str | None) -> Feed:
    """Open a delimited feed; a line `sep=` decides on the delimiter, else the one given, else the header.

    Raises FeedError for an empty file, repeated column names, an open quote in the header, or a missing column.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    first, blank, said = _header_line(stream)
    if not first:
        raise FeedError(f"{file} is empty; it needs a header line with the names of its columns")
    lines, above, chosen = _below_metadata(first, stream, said or delimiter, text)
    rows = Rows(itertools.chain(lines, stream), chosen, line=blank + (said is not None) + above[0])
    start = rows.line
    cells = next(rows)
    if rows.fault or rows.line - start > _HEADER_LINES:
        raise FeedError(f"{file}: a quote in the header is not closed; its first line is no list of column names")
    if any(undecoded(cell) for cell in cells):
        raise FeedError(f"{file} is not {stream.encoding} throughout; name its encoding with --encoding")
    header = named(cells)
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise FeedError(f"{file}: column {cut(twice)!r} occurs twice in the header; rename one")
    text_field = text_column(text, header, file, table=True)
    id_field = find_column(identity, ID_COLUMNS, header, file, "--id-column")
    notes = Notes()
    if above[1]:
        notes.count("rows above the header", above[1])
    posts = _Posts(rows, blank + above[1] + 1, header, len(cells), file).rows(text_field, id_field)
    return Feed(tuple(header), posts, dialect=Dialect(chosen, stream.encoding or "utf-8"), notes=notes)


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


def _below_metadata(
    first: str, stream: TextIO, delimiter: str | None, text: str | None
) -> tuple[list[str], tuple[int, int], str]:
    """Return the lines from the header on that were read, how many lines and rows lie above it, and the delimiter."""
    likely = delimiter or max(_DELIMITERS, key=first.count)
    top = next(csv.reader([first], delimiter=likely), [])
    if has_text_column(text, top):
        return [first], (0, 0), likely
    lines = [first, *itertools.islice(stream, LOOK)]
    for sign in delimiter or sorted(_DELIMITERS, key=lambda sign: sign != likely):
        table, ends = _table(lines, sign)
        if (at := find_header(table, text)) or has_text_column(text, table[0] if table else ()):
            return lines[ends[at] :], (ends[at], at), sign
        # Of a table that the likely delimiter makes, another one makes scraps.
        if sign == likely and is_consistent(table):
            break
    return lines, (0, 0), likely


def _table(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows that a delimiter makes of lines, up to a fault, and how many lines lie above each of them and behind all."""
    reader = csv.reader(lines, delimiter=delimiter)
    table, ends = list[list[str]](), [0]
    with contextlib.suppress(csv.Error):
        for row in reader:
            table.append(row)
            ends.append(reader.line_num)
    return table, ends


class _Posts:
    """Makes posts of the rows below a header; `number` is that of the header."""

    def __init__(self, rows: Rows, number: int, header: list[str], width: int, file: str):
        self._rows, self._number, self._header, self._width, self._file = rows, number, header, width, file
        rows.widths = range(len(header), width + 1)

    def rows(self, text_field: str, id_field: str | None) -> Iterator[FeedRow | RowProblem]:
        header, number = self._header, self._number
        while True:
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                yield RowProblem(number, f"not a valid row ({error})")
                continue
            except UnicodeDecodeError as error:
                raise FeedError(
                    f"{self._file}, after row {number}: byte {error.start} is not {error.encoding}; "
                    "name it with --encoding"
                ) from error
            number += 1
            # A blank line is no row in RFC 4180 readers; spreadsheets write separators alone for empty rows.
            if not row or (len(row) > 1 and not any(row) and not self._rows.fault):
                continue
            fault = self._fault(row)
            if fault and not self._rows.fault and (meant := self._rows.unescaped()):
                row, fault = meant, self._fault(meant)
            if fault:
                yield RowProblem(number, fault)
                continue
            yield make_row(number, dict(zip(header, row, strict=False)), text_field, id_field)

    def _fault(self, row: list[str]) -> str | None:
        count = len(self._header)
        if self._rows.fault:
            return self._rows.fault
        if self._rows.undecoded:
            return f"line {self._rows.line} holds bytes that are no text in the encoding of the file; name it with --encoding"
        if not count <= len(row) <= self._width:
            return f"{len(row)} cells where the header has {self._width}"
        if len(row) > count and any(cell.strip() for cell in row[count:]):
            return "a cell stands under a column without a name; name the column in the header, or empty the cell"
        return None


def _claims(sample: Sample) -> bool:
    if not sample.text:
        return sample.suffix in (".csv", *_TABS)  # empty, or no text: opening it says so
    lines = sample.text.splitlines()[: LOOK + 1]
    return sample.suffix in (".csv", *_TABS) or any(
        has_text_column(None, next(csv.reader([line], delimiter=sign), [])) for line in lines for sign in _DELIMITERS
    )


def is_table(sample: Sample) -> bool:
    """Return whether a sample begins as a table of several columns, one called like a text, with rows as wide as its header."""
    lines = sample.text.splitlines(keepends=True)[: LOOK + 1]
    for sign in _DELIMITERS:
        table, _ = _table(lines, sign)
        at = find_header(table, None)
        if at < len(table) and has_text_column(None, table[at]) and is_consistent(table[at:]):
            return True
    return False


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    stream = stack.enter_context(text_of(source.open(), source.name, options.encoding))
    tabs = options.format == "tsv" or (options.format is None and source.suffix in _TABS)
    delimiter = "\t" if tabs else None
    feed = read_delimited(
        stream, source.name, delimiter=delimiter, text=options.text_column, identity=options.id_column
    )
    if options.encoding is None and feed.dialect is not None and feed.dialect.encoding == "cp1252":
        feed.notes.say(
            "the file is no UTF-8 and is read as Windows-1252; if letters look wrong, name it with --encoding"
        )
    return feed


READER = Reader("csv", _claims, _read)
TSV_READER = Reader("tsv", lambda _: False, _read)
