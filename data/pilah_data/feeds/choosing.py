"""Chooses the column of the text among those that are called like one, by what the first rows hold.

A name alone is often wrong: `comment` may be a number of comments, `post` an address, `status` a state. Nothing is looked
at where a name was given or the only one is sure.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pilah_data.blank import is_blank
from pilah_data.feeds.columns import LOOSE, SURE, ColumnError, cut, listed, sureness, text_names
from pilah_data.feeds.rows import Feed, FeedError, FeedRow, RowProblem
from pilah_data.feeds.sources import FeedOptions

Read = Callable[[FeedOptions, contextlib.ExitStack], Feed]

_LOOK = 100
"""Rows that are looked at."""
_MOST = 0.8
"""Share of values from which on they are what nearly all are."""
_NUMBER = re.compile(r"[\d\s.,:/%+-]*\d[\d\s.,:/%+-]*(?:[kmb]|rb|jt)?|[\w-]*\d[\w-]*", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)
# The lengths bound what a pattern may try.
_NO_TEXTS = (("numbers", _NUMBER, 40), ("links", _LINK, 2000))
# A state or a kind is one of few words; so many rows are needed to see it.
_ENOUGH, _FEW, _SHORT = 10, 5, 30
_REMARKS = frozenset({"status", "review", "keterangan"})
_ALIKE = 40
"""Characters in which a text and its cut or cleaned copy begin alike."""


def open_chosen(read: Read, options: FeedOptions, stack: contextlib.ExitStack, name: str) -> Feed:
    """Open a feed by `read` with the text in the column that was named, or in the one for which its first rows speak.

    Raises ColumnError where they speak for none, or for two alike.
    """
    if options.text_column is not None:
        return dataclasses.replace(read(options, stack), text_column=options.text_column)
    with contextlib.ExitStack() as opened:
        found, feed = _found(read(options, opened), read, options, name)
        # The rows that were made have the preferred column as their text.
        if found == text_names(feed.columns)[0]:
            stack.enter_context(opened.pop_all())
            return _told(feed, found)
    return _told(read(dataclasses.replace(options, text_column=found), stack), found)


def _told(feed: Feed, found: str) -> Feed:
    feed.notes.found_text(found)
    return dataclasses.replace(feed, text_column=found)


def _found(feed: Feed, read: Read, options: FeedOptions, name: str) -> tuple[str, Feed]:
    """Return the column for which the first rows speak, and the feed with all its rows still to come."""
    named = text_names(feed.columns)
    # What was named for another duty is not the text, unless nothing else is.
    names = [column for column in named if column not in (options.context_column, options.id_column)] or named
    if len(names) == 1 and sureness(names[0]) == SURE:
        return names[0], feed
    head, rows = _peeked(feed.rows)
    sample = _sample(head)
    for other in names[1:]:
        if sample is not None:
            break
        # The preferred column is empty; a row without a text shows nothing of the others.
        with contextlib.ExitStack() as aside:
            sample = _sample(_peeked(read(dataclasses.replace(options, text_column=other), aside).rows)[0])
    found = _chosen(names, sample, feed.columns, name) if sample else names[0]
    return found, dataclasses.replace(feed, rows=rows)


def _peeked(rows: Iterator[FeedRow | RowProblem]) -> tuple[list[FeedRow | RowProblem], Iterator[FeedRow | RowProblem]]:
    """Return the first rows, and all; a fault in the file comes where it would have come."""
    head: list[FeedRow | RowProblem] = []
    try:
        head += itertools.islice(rows, _LOOK)
    except FeedError as error:
        return head, itertools.chain(head, _failing(error))
    return head, itertools.chain(head, rows)


def _failing(error: FeedError) -> Iterator[FeedRow]:
    yield from ()
    raise error


def _sample(head: Sequence[FeedRow | RowProblem]) -> list[Mapping[str, object]] | None:
    """Return the fields of the rows that have a text; None where hardly one in ten has."""
    fields = [row.fields for row in head if isinstance(row, FeedRow)]
    return fields if 10 * len(fields) >= len(head) else None


def _chosen(names: Sequence[str], sample: Sequence[Mapping[str, object]], columns: Sequence[str], name: str) -> str:
    texts = {column: [_said(row, column) for row in sample] for column in columns}
    faults = {column: fault for column in names if (fault := _fault(texts[column]))}
    sound = [column for column in names if column not in faults]
    lively = [column for column in sound if not _is_list(texts[column])]
    pool = lively or [column for column in sound if sureness(column) != LOOSE]
    if not pool:
        seen = "; ".join(f"{cut(column)!r} holds {faults.get(column, 'a few short values')}" for column in names)
        raise ColumnError(
            f"{name}: no column seems to hold the text of a post ({seen}); its columns are {listed(columns)}. "
            "Name one with --text-column",
            columns,
        )
    best = pool[0]
    rivals = [column for column in pool[1:] if sureness(column) == sureness(best) and _is_rival(texts, column, best)]
    if best.strip().lower() in _REMARKS:
        rivals += [column for column in columns if column not in names and _is_longer(texts[column], texts[best])]
    if rivals:
        either = " or ".join(repr(cut(column)) for column in (best, *rivals))
        raise ColumnError(
            f"{name}: the text of a post may stand in column {either}. Name the one to judge with --text-column",
            columns,
        )
    return best


def _said(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    return value.strip() if isinstance(value, str) and not is_blank(value) else ""


def _fault(texts: Sequence[str]) -> str | None:
    """Return what a column holds that is no text, or None."""
    filled = [text for text in texts if text]
    if not filled:
        return "no text"
    for what, pattern, longest in _NO_TEXTS:
        if sum(len(text) <= longest and pattern.fullmatch(text) is not None for text in filled) >= _MOST * len(filled):
            return what
    return None


def _is_list(texts: Sequence[str]) -> bool:
    """Return whether the values are a few short ones again and again, as those of a state are."""
    filled = [text for text in texts if text]
    return len(filled) >= _ENOUGH and len(set(filled)) <= _FEW and max(map(len, filled)) <= _SHORT


def _is_rival(texts: Mapping[str, Sequence[str]], column: str, best: str) -> bool:
    """Return whether a column is as full as the best one, and says something else."""
    pairs = [(one, other) for one, other in zip(texts[column], texts[best], strict=True) if one and other]
    alike = sum(_begins_alike(one, other) for one, other in pairs)
    # Single words are a kind or a place rather than posts.
    words = sum(len(one.split()) == 1 for one, _ in pairs) >= _MOST * len(pairs)
    return 2 * len(pairs) >= sum(map(bool, texts[best])) and 2 * alike < len(pairs) and not words


def _begins_alike(one: str, other: str) -> bool:
    one, other = (text[:_ALIKE].rstrip("….").casefold() for text in (one, other))
    return one.startswith(other) or other.startswith(one)


def _is_longer(texts: Sequence[str], than: Sequence[str]) -> bool:
    """Return whether a column is sentences throughout, and longer than those of another."""
    filled = [text for text in texts if text]
    if _fault(texts) or 2 * len(filled) < sum(map(bool, than)):
        return False
    words = sum(text.count(" ") + 1 for text in filled)
    return words >= 4 * len(filled) and sum(map(len, texts)) > sum(map(len, than))
