"""CSV and TSV feeds (RFC 4180 and the dialects that spreadsheets write)."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import TextIO

from pilah_data.feeds.rows import ID_COLUMNS, Feed, FeedError, FeedRow, RowProblem, find_column, make_row, text_column

# A whole book in one cell is odd but legal; the reader must not stop at 128 KiB.
_FIELD_LIMIT = min(sys.maxsize, 2**31 - 1)


def read_delimited(stream: TextIO, file: str, *, delimiter: str | None, text: str | None, identity: str | None) -> Feed:
    """Open a delimited feed; the delimiter is sniffed from the header unless given.

    Raises FeedError for an empty file, repeated column names, or a missing column.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    first = stream.readline()
    if not first.strip():
        raise FeedError(f"{file} is empty; it needs a header line with the names of its columns")
    delimiter = delimiter or max(",;\t|", key=first.count)
    header = next(csv.reader([first], delimiter=delimiter))
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise FeedError(f"{file}: column {twice!r} occurs twice in the header; rename one")
    text_field = text_column(text, header, file)
    id_field = find_column(identity, ID_COLUMNS, header, file, "--id-column")
    rows = csv.reader(stream, delimiter=delimiter, strict=False)
    return Feed(tuple(header), _rows(rows, header, text_field, id_field, file))


def _rows(
    rows: Iterator[list[str]], header: list[str], text_field: str, id_field: str | None, file: str
) -> Iterator[FeedRow | RowProblem]:
    number = 1
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
        if len(row) != len(header):
            yield RowProblem(number, f"{len(row)} cells where the header has {len(header)}")
            continue
        yield make_row(number, dict(zip(header, row, strict=True)), text_field, id_field)
