"""Comments and live chats of YouTube in Google Takeout: `comments.csv`, `live chats.csv`, under any file name.

The columns and the wrapping of the text in JSON (`{"takeoutSegments":[{"text":…}]}` before June 2024, then
`{"text":…},{"text":…}`) are described by https://github.com/purarue/google_takeout_parser (parse_csv.py). The file is
read as the table it is, in whatever language its header; here the texts are unwrapped, told by what stands in the cells.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator

from pilah_data.blank import is_blank
from pilah_data.feeds.rows import Feed, FeedRow, RowProblem, blank_text

_WRAPPED = re.compile(r'\{\s*"(?:text|takeoutSegments)"\s*:')


def unwrapped(feed: Feed) -> Feed:
    """Return the feed with the texts that were written, in place of the JSON around them."""
    return dataclasses.replace(feed, rows=_rows(feed.rows, feed.text_column or ""))


def _rows(rows: Iterator[FeedRow | RowProblem], column: str) -> Iterator[FeedRow | RowProblem]:
    for row in rows:
        if isinstance(row, FeedRow) and row.text.startswith("{") and _WRAPPED.match(row.text):
            said = _said(row.text)
            if is_blank(said):
                yield blank_text(row.number, column)
            else:
                yield dataclasses.replace(row, text=said, fields={**row.fields, column: said})
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
