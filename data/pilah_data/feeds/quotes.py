r"""Rows of delimited text whatever its quotes are: those of RFC 4180, those behind a backslash, and those that mean nothing.

A row that breaks RFC 4180 is read with `\"` for a quote, as MySQL exports it, or else cell by cell as it stands, whichever is
as wide as the header; where neither is, the row is at fault. No other backslash means anything.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Container, Iterable, Iterator

from pilah_data.feeds.rows import undecoded

_ESCAPED = '\\"'
# An even number of backslashes in front of it are backslashes.
_ESCAPE = re.compile(r'(?<!\\)((?:\\\\)*)\\"')
# Lines that a row may go on for when its quotes stand behind backslashes; looking on costs the lines after it.
_LINES = 100


class Rows:
    """The rows of a delimited stream, the number of lines read, and what is wrong with the last row.

    `widths`, the numbers of cells that a row may have, is to be set when the header is known; None is any.
    """

    def __init__(self, lines: Iterable[str], delimiter: str, *, line: int):
        """Begin in front of the first of the lines; `line` is the number of those before it."""
        self.line = line
        self.undecoded = False
        self.fault: str | None = None
        self.widths: Container[int] | None = None
        self._lines, self._ahead = iter(lines), iter(list[str]())
        self._delimiter, self._taken, self._ended = delimiter, list[str](), False
        sign = re.escape(delimiter)
        self._cell = re.compile(rf'"((?:[^"]+|"")*+)" *(?=[{sign}]|\Z)|([^{sign}\r\n]*+)(?=[{sign}]|\Z)')
        self._begin()

    def __iter__(self) -> Rows:
        """Return itself."""
        return self

    def __next__(self) -> list[str]:
        """Return the next row; raises csv.Error for a cell that is too long."""
        self._taken.clear()
        self.undecoded, self.fault = False, None
        try:
            return next(self._rows)
        except csv.Error:
            return self._mended()

    def unescaped(self) -> list[str] | None:
        """Return the last row with quotes behind backslashes where that makes it as wide as it may be.

        RFC 4180 sees no fault in a cell that ends with a backslash, and cuts a text that has a quote there in two.
        """
        if not any(_ESCAPED in line for line in self._taken):
            return None
        try:
            rows = list(csv.reader(map(_doubled, self._taken), delimiter=self._delimiter, strict=True))
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 and self._fits(rows[0]) else None

    def _begin(self) -> None:
        self._source = self._taking()
        self._rows = csv.reader(self._source, delimiter=self._delimiter, strict=True)

    def _taking(self) -> Iterator[str]:
        for line in itertools.chain(self._ahead, self._lines):
            self.line += 1
            self._taken.append(line)
            if not line.isascii() and undecoded(line):
                self.undecoded = True
            yield line
        self._ended = True

    def _mended(self) -> list[str]:
        """Return a row that is no RFC 4180 as it was meant, or as far as a lenient reader takes it, with its fault."""
        if any(_ESCAPED in line for line in self._taken):
            row, used = self._again(escaped=True)
            if row is not None and self._fits(row):
                self._give_back(used)
                return row
        row, used = self._again(escaped=False)
        self._give_back(used)
        cells = self._as_they_stand("".join(self._taken).rstrip("\r\n"))
        if cells is not None and self._fits(cells):
            return cells
        self.fault = self._open_quote()
        return row or []

    def _again(self, *, escaped: bool) -> tuple[list[str] | None, int]:
        """Read the last row anew and return it with the number of its lines; None where backslashes do not explain its quotes."""
        more = itertools.islice(self._source, _LINES) if escaped else self._source
        lines = itertools.chain(list(self._taken), more)
        reader = csv.reader(map(_doubled, lines) if escaped else lines, delimiter=self._delimiter, strict=escaped)
        try:
            return next(reader), reader.line_num
        except csv.Error:
            if escaped:
                return None, 0
            raise

    def _give_back(self, used: int) -> None:
        """Put the lines that were taken beyond those used in front of those to come."""
        if unused := self._taken[used:]:
            del self._taken[used:]
            self.line -= len(unused)
            self._ahead, self._ended = iter([*unused, *self._ahead]), False
            self.undecoded = any(undecoded(line) for line in self._taken)
            self._begin()

    def _as_they_stand(self, text: str) -> list[str] | None:
        """Return the cells of a row, of which those keep their quotes that are not quoted as a whole; None where they mislead."""
        cells, at = list[str](), 0
        while found := self._cell.match(text, at):
            quoted, bare = found.groups()
            # A lone quote in front is that of a text with the delimiter in it.
            if quoted is None and bare.startswith('"') and bare.count('"') % 2:
                return None
            cells.append(bare if quoted is None else quoted.replace('""', '"'))
            if found.end() == len(text):
                return cells
            at = found.end() + 1
        return None

    def _fits(self, row: list[str]) -> bool:
        return self.widths is None or len(row) in self.widths

    def _open_quote(self) -> str:
        first = self.line - len(self._taken) + 1
        if first == self.line and not self._ended:
            return f"line {first} has a quote within a quoted text, and none of the row is judged; double it there"
        lines = f"lines {first} to {self.line}" if first < self.line else f"line {first}"
        return (
            f"a quote that opens in this row is not closed where its cell ends: {lines}"
            f"{', the end of the file,' if self._ended else ''} were read as one row, "
            "and none of it is judged; close the quote, or double it inside a text"
        )


def _doubled(line: str) -> str:
    return _ESCAPE.sub(r'\1""', line) if _ESCAPED in line else line
