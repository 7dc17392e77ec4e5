"""JSON feeds (RFC 8259): a list of objects, or an object with such a list in it, as Apify and most tools export them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pilah_data.feeds.columns import listed
from pilah_data.feeds.json_posts import open_json, wrong
from pilah_data.feeds.json_text import JsonText
from pilah_data.feeds.rows import (
    ID_COLUMNS,
    Feed,
    FeedError,
    FeedRow,
    NoPostsError,
    RowProblem,
    find_column,
    has_text_column,
    make_row,
    text_column,
)
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

_DEEPEST = 4
# Objects of a list among which the first with a text is looked for.
_LOOK = 100


def _claims(sample: Sample) -> bool:
    return sample.text.startswith(("[", "{")) or sample.suffix == ".json"


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    with contextlib.ExitStack() as first:
        text = open_json(source, options, first)
        if not text.peek():
            raise FeedError(f"{source.name} is empty; it needs a list of objects with a text each")
        path, columns = _find(text, options, source.name)
    if path[-1:] in (("messages",), ("participants",)) and "participants" in _beside(path, source, options):
        raise NoPostsError(f"{source.name} holds messages of a conversation; they are not read")
    text_field = text_column(options.text_column, columns, source.name)
    id_field = find_column(options.id_column, ID_COLUMNS, columns, source.name, "--id-column")
    text = open_json(source, options, stack)
    feed = Feed(columns, _all(text, path, text_field, id_field), ragged=True)
    if path:
        feed.notes.say(f"the posts are read from the list {'.'.join(path)!r}")
    return feed


def _find(text: JsonText, options: FeedOptions, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the path of the first list whose first object has a text, and the columns of that object."""
    seen: list[str] = []
    found = _search(text, options.text_column, (), seen)
    if found is None:
        raise NoPostsError(
            f"{name} holds no list of objects with a text; the columns seen are {listed(tuple(dict.fromkeys(seen)))}. "
            "Name the one of the text with --text-column"
        )
    return found


def _beside(path: tuple[str, ...], source: Source, options: FeedOptions) -> frozenset[str]:
    """Return the keys of the object in which the list at a path lies."""
    with contextlib.ExitStack() as stack:
        return frozenset(_keys(open_json(source, options, stack), path[:-1]))


def _keys(text: JsonText, path: tuple[str, ...]) -> Iterator[str]:
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if not path:
            yield key
        elif key == path[0] and text.peek() == "{":
            yield from _keys(text, path[1:])


def _search(
    text: JsonText, wanted: str | None, path: tuple[str, ...], seen: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    if text.peek() == "[":
        for number in text.items():
            value = text.value() if number <= _LOOK else None
            if isinstance(value, dict):
                if has_text_column(wanted, tuple(value)):
                    return path, tuple(value)
                seen.extend(value)
        return None
    if text.peek() != "{" or len(path) >= _DEEPEST:
        text.skip()
        return None
    for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
        if found := _search(text, wanted, (*path, key), seen):
            return found
    return None


def _all(
    text: JsonText, path: tuple[str, ...], text_field: str, id_field: str | None
) -> Iterator[FeedRow | RowProblem]:
    yield from _rows(text, path, text_field, id_field)
    text.finish()


def _rows(
    text: JsonText, path: tuple[str, ...], text_field: str, id_field: str | None
) -> Iterator[FeedRow | RowProblem]:
    if path:
        for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
            if key == path[0]:
                yield from _rows(text, path[1:], text_field, id_field)
        return
    yield from _listed(text, text_field, id_field)


def _listed(text: JsonText, text_field: str, id_field: str | None) -> Iterator[FeedRow | RowProblem]:
    for number in text.items():
        value = text.value()
        if not isinstance(value, dict):
            yield RowProblem(number, wrong(value))
        elif not isinstance(value.get(text_field), str):
            yield RowProblem(number, f"field {text_field!r} is missing or not a text", text_field)
        else:
            yield make_row(number, value, text_field, id_field)


READER = Reader("json", _claims, _read)
