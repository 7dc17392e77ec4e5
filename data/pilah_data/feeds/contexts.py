"""Gives the rows of a feed their context: the post that each one answers, from the column that was named for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from pilah_data.blank import is_blank
from pilah_data.feeds.columns import find_column
from pilah_data.feeds.rows import Feed, FeedRow, RowProblem

OPTION = "--context-column"


def with_context(feed: Feed, column: str | None, file: str) -> Feed:
    """Return the feed with the context of its rows; raises ColumnError when the named column is not there."""
    if column is None:
        return feed
    find_column(column, (), feed.columns, file, OPTION)
    return dataclasses.replace(feed, rows=_rows(feed.rows, column))


def _rows(rows: Iterator[FeedRow | RowProblem], column: str) -> Iterator[FeedRow | RowProblem]:
    for row in rows:
        if isinstance(row, RowProblem):
            yield row
            continue
        value = row.fields.get(column)
        if value is not None and not isinstance(value, str):
            yield RowProblem(row.number, f"field {column!r}, the context, is not a text", column, row.place)
        else:
            # A blank context is none, at every door.
            yield row if value is None or is_blank(value) else dataclasses.replace(row, context=value)
