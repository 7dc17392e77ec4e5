"""What the readers of JSON exports share: opening one, and rows of what their lists hold."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from pilah_data.feeds.decoding import text_of
from pilah_data.feeds.json_text import UNDECODED, JsonText
from pilah_data.feeds.rows import Feed, FeedRow, Notes, RowProblem, find_column, make_row, text_column
from pilah_data.feeds.sources import FeedOptions, Source

Made = tuple[int, Mapping[str, object] | str | None]
"""The number of an entry, and its fields, what is wrong with it, or None where it is no post and already counted."""

WITHOUT_TEXT = "entries without text (photos, shares, links)"
"""What an export counts that has pictures and links among its posts."""
_LAST = 1 << 37
_DIGITS = len(str(_LAST))


def open_json(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> JsonText:
    """Return a cursor in the JSON of a source."""
    return JsonText(stack.enter_context(text_of(source.open(), source.name, options.encoding)), source.name)


def elements(
    text: JsonText, notes: Notes, make: Callable[[dict[str, object]], Mapping[str, object] | None]
) -> Iterator[Made]:
    """Make fields of the objects of the list at the cursor; an object of which nothing is made counts as without text."""
    for number in text.items():
        value = text.value()
        if isinstance(value, dict):
            fields = make(value)
            if fields is None:
                notes.count(WITHOUT_TEXT)
            yield number, fields
        else:
            yield number, wrong(value)


def wrong(value: object) -> str:
    """Return what is wrong with an entry that is no object; never what it says."""
    if value is UNDECODED:
        return "holds bytes that are no text in the encoding of the file; name it with --encoding"
    return "not a JSON object"


def feed_of(columns: tuple[str, ...], made: Iterator[Made], notes: Notes, source: Source, options: FeedOptions) -> Feed:
    """Return the feed of an export whose rows all have the same columns.

    Raises FeedError for a column that was named and is not there.
    """
    text_field = text_column(options.text_column, columns, source.name)
    id_field = find_column(options.id_column, ("id",), columns, source.name, "--id-column")
    return Feed(columns, _rows(made, text_field, id_field, notes), notes=notes)


def _rows(made: Iterator[Made], text_field: str, id_field: str | None, notes: Notes) -> Iterator[FeedRow | RowProblem]:
    for number, fields in made:
        if isinstance(fields, str):
            yield RowProblem(number, fields)
        elif fields is not None:
            row = make_row(number, fields, text_field, id_field)
            if isinstance(row, FeedRow):
                yield row
            else:
                notes.count(WITHOUT_TEXT)


def numbered(made: Iterator[Made]) -> Iterator[Made]:
    """Number through what several lists of one file hold."""
    for number, (_, fields) in enumerate(made, start=1):
        yield number, fields


def text_at(value: object, *path: str | int) -> str:
    """Return the text at a path of keys and positions in nested values; empty where there is none."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and len(value) > step:
            value = value[step]
        else:
            return ""
    return value if isinstance(value, str) else ""


def moment(seconds: object) -> str:
    """Return Unix seconds as ISO 8601 in UTC; what is no such number as it is."""
    # Longer than any moment, and at some length more digits than Python takes.
    if isinstance(seconds, str) and seconds.isdecimal() and len(seconds) <= _DIGITS:
        seconds = int(seconds)
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < _LAST:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    return "" if seconds is None else str(seconds)
