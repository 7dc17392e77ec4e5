"""Comments and live chats of YouTube in Google Takeout: `comments.csv`, `live chats.csv`, under any file name.

The columns and the wrapping of the text in JSON (`{"takeoutSegments":[{"text":…}]}` before June 2024, then
`{"text":…},{"text":…}`) are described by https://github.com/purarue/google_takeout_parser (parse_csv.py). The file is
read as delimited text; here its texts are unwrapped.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

from pilah_data.feeds.rows import TEXT_COLUMNS, Feed, FeedRow, RowProblem, find_column, make_row

_TEXTS = frozenset({"comment text", "live chat text"})
_IDS = frozenset({"comment id", "live chat id"})


def is_takeout(columns: tuple[str, ...]) -> bool:
    """Return whether columns are those of a file of comments or live chats in Takeout."""
    plain = {column.lower() for column in columns}
    return bool(plain & _TEXTS) and bool(plain & _IDS) and "channel id" in plain


def unwrapped(feed: Feed, text_column: str | None, id_column: str | None) -> Feed:
    """Return the feed with the texts that were written, in place of the JSON around them; ids are Takeout's unless named."""
    text = next(column for column in feed.columns if column.lower() in _TEXTS)
    if find_column(text_column, TEXT_COLUMNS, feed.columns, "", "") != text:
        return feed
    identity = id_column or next(column for column in feed.columns if column.lower() in _IDS)
    return dataclasses.replace(feed, rows=_rows(feed.rows, text, identity))


def _rows(rows: Iterator[FeedRow | RowProblem], text: str, identity: str) -> Iterator[FeedRow | RowProblem]:
    for row in rows:
        if isinstance(row, FeedRow):
            said = _said(row.text) if row.text.startswith('{"') else row.text
            yield make_row(row.number, {**row.fields, text: said}, text, identity)
        else:
            yield row


def _said(wrapped: str) -> str:
    """Return the text in a cell of JSON; a cell that is none stays as it is."""
    try:
        parts = json.loads(f"[{wrapped}]")
    except (ValueError, RecursionError):
        return wrapped
    segments = [
        segment
        for part in parts
        if isinstance(part, dict)
        for segment in (part["takeoutSegments"] if isinstance(part.get("takeoutSegments"), list) else [part])
    ]
    texts = [segment.get("text") for segment in segments if isinstance(segment, dict)]
    if not texts or not all(isinstance(text, str) for text in texts):
        return wrapped
    return "".join(str(text) for text in texts)
