"""What every feed reader yields: rows, problems, and what is known of the feed as a whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pilah_data.blank import is_blank
from pilah_data.feeds.columns import (
    ID_COLUMNS,
    TEXT_COLUMNS,
    FeedError,
    NoPostsError,
    cut,
    find_column,
    has_text_column,
    text_column,
)

__all__ = [
    "ID_COLUMNS",
    "TEXT_COLUMNS",
    "Dialect",
    "Feed",
    "FeedError",
    "FeedRow",
    "NoPostsError",
    "Notes",
    "Numeral",
    "RowProblem",
    "as_cell",
    "blank_text",
    "find_column",
    "has_text_column",
    "make_row",
    "text_column",
    "undecoded",
]


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One post of a feed: its 1-based row number, all its fields as they were, in their order, its text and its id.

    `place` is the member of an archive or folder that it comes from, empty for a single file; `context` the post that
    this one answers, where its column was named.
    """

    number: int
    fields: Mapping[str, object]
    text: str
    id: str
    place: str = ""
    context: str | None = None

    def cell(self, column: str) -> str:
        """Return a field as the text of a table cell; empty if it is missing or null."""
        return as_cell(self.fields.get(column))


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be judged, and why; the rows around it go on.

    `field` is the column at fault where it is one, `place` the member of an archive or folder; number 0 is all of it.
    """

    number: int
    reason: str
    field: str = ""
    place: str = ""


class Numeral(str):
    """The text of a cell that a spreadsheet held as a number, so that it can be written as a number again."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited feed was written, so that its output can be written alike; the encoding is Python's name of it."""

    delimiter: str
    encoding: str


class Notes:
    """What a person should know of how a feed was read: said once, or counted while its rows stream."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self._texts: Counter[str] = Counter()
        self._said: list[str] = []
        self._counts: Counter[str] = Counter()

    def say(self, sentence: str) -> None:
        """Add a sentence."""
        self._said.append(sentence)

    def count(self, what: str, times: int = 1) -> None:
        """Count something that was left out; `what` names it in the plural."""
        self._counts[what] += times

    def found_text(self, column: str) -> None:
        """Say which column was found to hold the text."""
        self._texts[column] += 1

    def add(self, inner: Notes, place: str) -> None:
        """Take over what there is to say of a file of an archive or folder."""
        self._texts.update(inner._texts)
        for line in inner._others():
            self.say(f"{place}: {line}")

    def lines(self) -> list[str]:
        """Return all that there is to say; complete when the rows have been read."""
        files = self._texts.total()
        found = [
            f"the text is read from column {cut(column)!r}{f' ({times:,} of {files:,} files)' if files > 1 else ''}"
            for column, times in self._texts.items()
        ]
        return [*found, *self._others()]

    def _others(self) -> list[str]:
        return [*self._said, *(f"{times:,} {what} left out" for what, times in self._counts.items())]


@dataclass(frozen=True, slots=True)
class Feed:
    """An opened feed: its columns in order, its rows as they stream in, and whether rows may have fields beside the columns.

    `dialect` is known for delimited text only; `notes` are complete when the rows have been read. `origins` says for the
    columns of an archive or folder which of its files is the first that has one. `text_column` is the column of the text,
    where it was chosen among those of the file, and None where the files of an archive have different ones.
    """

    columns: tuple[str, ...]
    rows: Iterator[FeedRow | RowProblem]
    ragged: bool = False
    dialect: Dialect | None = None
    notes: Notes = field(default_factory=Notes)
    origins: Mapping[str, str] = field(default_factory=dict)
    text_column: str | None = None


def make_row(number: int, fields: Mapping[str, object], text_field: str, id_field: str | None) -> FeedRow | RowProblem:
    """Return a row, or its problem when the text is blank."""
    text = as_cell(fields.get(text_field))
    if is_blank(text):
        return blank_text(number, text_field)
    own = as_cell(fields.get(id_field)) if id_field is not None else ""
    return FeedRow(number, fields, text, own or str(number))


def blank_text(number: int, text_field: str) -> RowProblem:
    """Return the problem of a row whose text is blank."""
    return RowProblem(number, f"column {text_field!r} is blank or holds only invisible characters", text_field)


def as_cell(value: object) -> str:
    """Return a value as the text of a table cell: texts as they are, null as nothing, all else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def undecoded(text: str) -> bool:
    """Return whether a text, decoded with surrogates for bytes that are not text, holds such a byte."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
