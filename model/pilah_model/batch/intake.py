"""What is refused of a feed before and while it is judged: columns and fields that an earlier scoring added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pilah_data.feeds import Feed, FeedError, FeedRow, RowProblem
from pilah_model.batch.columns import PREFIX


def refuse_scored(feed: Feed, name: str) -> None:
    """Refuse a feed with a column that scoring adds; `name` is what messages call it. Raises FeedError."""
    if (taken := _taken(feed.columns)) is None:
        return
    origin = feed.origins.get(taken)
    raise FeedError(
        f"{name}{f': {origin}' if origin else ''} has a column {taken!r}; names in {PREFIX} are for "
        "what scoring adds, so it looks scored. Remove or rename "
        + ("the column, or take the file out of the input" if origin else "it, or score the original")
    )


def unscored(rows: Iterator[FeedRow | RowProblem]) -> Iterator[FeedRow | RowProblem]:
    """Pass rows on; those of JSON lines with a field that scoring adds become problems."""
    for row in rows:
        taken = _taken(tuple(row.fields)) if isinstance(row, FeedRow) else None
        if taken is None:
            yield row
        else:
            reason = f"field {taken!r} looks like one that scoring added; remove or rename it"
            yield RowProblem(row.number, reason, taken, row.place)


def _taken(names: Sequence[str]) -> str | None:
    return next((name for name in names if name.startswith(PREFIX)), None)
