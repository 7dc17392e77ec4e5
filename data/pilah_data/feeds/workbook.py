"""Spreadsheets: XLSX (ECMA-376), XLS (MS-XLS) and ODS (OASIS OpenDocument), read by python-calamine.

A sheet lies in memory while it is read (about 350 bytes a row of three cells), as calamine does it; larger ones are
refused with the advice to save them as CSV.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

import python_calamine

from pilah_data.feeds.cells import Shown, letters
from pilah_data.feeds.columns import ChoiceError, cut, listed
from pilah_data.feeds.header import LOOK, find_header, named
from pilah_data.feeds.packages import CELLS, check_spreadsheet
from pilah_data.feeds.rows import (
    ID_COLUMNS,
    Feed,
    FeedError,
    FeedRow,
    Notes,
    RowProblem,
    find_column,
    has_text_column,
    make_row,
    text_column,
)
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
# Where the span of a sheet is not known beforehand, a process of its own tries it first: calamine ends the process that
# asks for more memory than there is. What it refuses in an orderly way is left to be said here.
_TRIAL = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
except (ImportError, ValueError, OSError):
    pass  # the system knows no limits, or has a lower one already
import python_calamine
try:
    book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height * sheet.width > int(sys.argv[2]):
            sys.exit(3)
except python_calamine.CalamineError:
    pass
"""
_PATIENCE = 300
# The file holds what a formula came to, if the program that wrote it has worked it out.
_FORMULA = (
    "; where a program shows a text there, it is a formula whose result the file does not hold: open the file there and "
    "save it again"
)
_REMEDY = "open it in an office program and save it again, or as CSV"


def _claims(sample: Sample) -> bool:
    if sample.head.startswith(OLE):
        return True
    names = sample.packed
    return "xl/workbook.xml" in names or ("content.xml" in names and _ODS.encode() in sample.head[:256])


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    path = source.local(stack)
    _check(path, source.name)
    with _understood(source.name):
        book = python_calamine.CalamineWorkbook.from_path(path)
    stack.callback(book.close)
    notes = Notes()
    return _feed(_sheet(book, options, source.name, notes), source.name, options, notes)


def _check(path: Path, name: str) -> None:
    """Refuse what would bring the program down with it: a sheet is held as a rectangle, however few of its cells are filled."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.bin" in {member.lower() for member in archive.namelist()}:
                raise FeedError(f"{name} is a binary workbook (XLSB); save it as XLSX or CSV")
            if check_spreadsheet(archive, name):
                return
    try:
        done = subprocess.run(  # noqa: S603 - our own code, and a path that is no option
            # -P: a module of the same name in the current folder must not run in place of calamine.
            [sys.executable, "-P", "-c", _TRIAL, str(path.resolve()), str(CELLS)],
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FeedError(f"{name} takes longer than {_PATIENCE} s to open; save it as CSV") from error
    if done.returncode:
        raise FeedError(
            f"{name} spans more cells than fit, or is damaged; delete what stands far outside the table, or save it as CSV"
        )


@contextlib.contextmanager
def _understood(name: str) -> Iterator[None]:
    """Turn what calamine raises into a FeedError; a fault that its own code does not foresee is a panic."""
    try:
        yield
    except python_calamine.PasswordError as error:
        raise FeedError(
            f"{name} is encrypted; remove its password in an office program (save as, without password)"
        ) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FeedError(f"{name} is no spreadsheet that can be read ({_short(error)}); {_REMEDY}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise FeedError(f"{name} is damaged; {_REMEDY}") from error


def _short(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:120]


_Cells = list[str]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that is read: its name, its rows from the first filled one on, the number of that row, its first column."""

    name: str
    rows: Iterator[_Cells]
    row: int
    column: int


def _sheet(book: python_calamine.CalamineWorkbook, options: FeedOptions, name: str, notes: Notes) -> _Sheet:
    """Return the sheet that was named or is the first with a text."""
    names = book.sheet_names
    if options.sheet is not None and options.sheet not in names:
        raise ChoiceError(
            f"{name}: there is no sheet {options.sheet!r}; its sheets are {', '.join(names)} (option --sheet)"
        )
    seen: list[str] = []
    for title in [options.sheet] if options.sheet is not None else names:
        with _understood(name):
            sheet = book.get_sheet_by_name(title)
        if sheet.start is None:
            continue
        # calamine yields the empty rows above the first filled one, too.
        raw = map(Shown(notes), islice(sheet.iter_rows(), sheet.start[0], None))
        head = list(islice(raw, LOOK))
        header = head[find_header(head, options.text_column)]
        if options.sheet is not None or has_text_column(options.text_column, header):
            others = [other for other in names if other != title]
            if others:
                notes.say(f"sheet {title!r} is read; the others are {', '.join(others)} (option --sheet)")
            return _Sheet(title, chain(head, raw), sheet.start[0] + 1, sheet.start[1])
        seen.extend(cell for cell in header if cell)
    if not seen:
        raise FeedError(f"{name} is empty; it needs a sheet with a header row and the texts below it")
    text_column(options.text_column, tuple(dict.fromkeys(seen)), name, table=True)
    raise FeedError(f"{name}: no sheet can be read; {_REMEDY}")


def _feed(sheet: _Sheet, name: str, options: FeedOptions, notes: Notes) -> Feed:
    head = list(islice(sheet.rows, LOOK))
    above = find_header(head, options.text_column)
    if above:
        notes.count("rows above the header", above)
    width = len(head[above])
    header = _lettered(named(head[above]), sheet.column, notes)
    where = f"{name}, sheet {sheet.name!r}"
    if len(set(header)) != len(header):
        twice = next(column for column in header if header.count(column) > 1)
        raise FeedError(f"{where}: column {cut(twice)!r} occurs twice in the header; rename one")
    text_field = text_column(options.text_column, header, where, table=True)
    id_field = find_column(options.id_column, ID_COLUMNS, header, where, "--id-column")
    body = chain(head[above + 1 :], sheet.rows)
    posts = _posts(body, sheet.row + above + 1, header, text_field, id_field)
    if width > len(header):
        notes.say(f"{width - len(header)} columns without a name are not read")
    return Feed(tuple(header), posts, notes=notes)


def _lettered(header: _Cells, first: int, notes: Notes) -> _Cells:
    """Return the header with the letters of the program for names where it has none, as below cells that were merged."""
    given: list[str] = []
    lettered = list(header)
    for at, column in enumerate(header):
        if not column.strip():
            letter = letters(first + at)
            while letter in lettered:
                letter += "_"
            lettered[at] = letter
            given.append(letter)
    if given:
        notes.say(f"columns without a name are called by their letters: {listed(given)}")
    return lettered


def _posts(
    rows: Iterator[_Cells], number: int, header: list[str], text_field: str, id_field: str | None
) -> Iterator[FeedRow | RowProblem]:
    for at, cells in enumerate(rows, start=number):
        # Spreadsheets have rows that hold nothing but a format.
        if any(cells):
            fields = dict(zip(header, cells, strict=False))
            row = make_row(at, fields, text_field, id_field)
            yield (
                row
                if isinstance(row, FeedRow) or fields.get(text_field)
                else replace(row, reason=row.reason + _FORMULA)
            )


READER = Reader("spreadsheet", _claims, _read)
