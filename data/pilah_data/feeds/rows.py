"""What every feed reader yields, and how it finds the column that holds the text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pilah_data.blank import is_blank
from pilah_data.errors import InputError

TEXT_COLUMNS = (
    "text",
    "teks",
    "full_text",
    "tweet",
    "content",
    "isi",
    "caption",
    "comment",
    "komentar",
    "comment_text",
    "message",
    "pesan",
    "post",
    "postingan",
    "body",
    "description",
    "status",
    "rawcontent",
    "textdisplay",
    "snippet",
)
"""Names under which exports keep the text, in order of preference; compared without case, spaces and underscores."""
ID_COLUMNS = ("id", "id_str", "tweet_id", "post_id", "comment_id", "url", "link")


class FeedError(InputError):
    """A feed cannot be read as a whole: missing, unreadable, unknown encoding, or without the named column."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One post of a feed: its 1-based row number, all its fields as they were, in their order, its text and its id."""

    number: int
    fields: Mapping[str, object]
    text: str
    id: str

    def cell(self, column: str) -> str:
        """Return a field as the text of a table cell; empty if it is missing or null."""
        return _as_cell(self.fields.get(column))


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be judged, and why; the rows around it go on."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Feed:
    """An opened feed: its columns in order, its rows as they stream in, and whether rows may have fields beside the columns."""

    columns: tuple[str, ...]
    rows: Iterator[FeedRow | RowProblem]
    ragged: bool = False


def find_column(
    wanted: str | None, candidates: Sequence[str], columns: Sequence[str], file: str, option: str
) -> str | None:
    """Return the wanted column, or the first candidate among the columns, or None.

    Raises FeedError when a wanted column is missing, naming those there are.
    """
    if wanted is not None:
        if wanted in columns:
            return wanted
        raise FeedError(
            f"{file}: there is no column {wanted!r}; its columns are {', '.join(columns) or 'none'} (option {option})"
        )
    plain = {_plain(column): column for column in reversed(columns)}
    return next((plain[_plain(name)] for name in candidates if _plain(name) in plain), None)


def text_column(wanted: str | None, columns: Sequence[str], file: str) -> str:
    """Return the column that holds the text; raises FeedError naming the columns when it cannot be told."""
    found = find_column(wanted, TEXT_COLUMNS, columns, file, "--text-column")
    if found is None:
        raise FeedError(
            f"{file}: no column looks like the text of a post; its columns are {', '.join(columns) or 'none'}. "
            "Name one with --text-column"
        )
    return found


def make_row(number: int, fields: Mapping[str, object], text_field: str, id_field: str | None) -> FeedRow | RowProblem:
    """Return a row, or its problem when the text is blank."""
    text = _as_cell(fields.get(text_field))
    if is_blank(text):
        return RowProblem(number, f"column {text_field!r} is blank or holds only invisible characters")
    own = _as_cell(fields.get(id_field)) if id_field is not None else ""
    return FeedRow(number, fields, text, own or str(number))


def _as_cell(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "")
