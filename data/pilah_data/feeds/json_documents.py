"""JSON feeds (RFC 8259): a list of objects, or an object with such lists in it, as Apify and most tools export them."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pilah_data.feeds.columns import cut, listed, text_names, text_rank
from pilah_data.feeds.json_posts import open_json, wrong
from pilah_data.feeds.json_text import JsonText
from pilah_data.feeds.rows import (
    ID_COLUMNS,
    Feed,
    FeedError,
    FeedRow,
    NoPostsError,
    Notes,
    RowProblem,
    find_column,
    make_row,
    text_column,
)
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

_DEEPEST = 4
_TALK, _PEOPLE = ("messages",), ("participants",)
# Objects of a list among which the one with the surest name of a text is looked for.
_LOOK = 100


def _claims(sample: Sample) -> bool:
    return sample.text.startswith(("[", "{")) or sample.suffix == ".json"


@dataclass(frozen=True, slots=True)
class _List:
    """A list of objects: where it lies, how long it is, every key in its first objects, and those of the surest object."""

    path: tuple[str, ...]
    length: int
    keys: frozenset[str]
    columns: tuple[str, ...]
    rank: int | None

    @property
    def name(self) -> str:
        return repr(".".join(self.path))


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    with contextlib.ExitStack() as first:
        text = open_json(source, options, first)
        if not text.peek():
            raise FeedError(f"{source.name} is empty; it needs a list of objects with a text each")
        lists: list[_List] = []
        try:
            _search(text, options.text_column, (), lists)
        except FeedError:
            # A fault behind posts costs what lies behind it, and is said where the rows come to it.
            if all(one.rank is None for one in lists) or any(one.path[-1:] == _TALK for one in lists):
                raise
    lists = _without_talk(lists, source.name)
    best = _best(lists, source.name)
    text_field = text_column(options.text_column, best.columns, source.name)
    taken = [one for one in lists if text_field in one.keys]
    columns = tuple(dict.fromkeys(itertools.chain(best.columns, *(one.columns for one in taken))))
    id_field = find_column(options.id_column, ID_COLUMNS, columns, source.name, "--id-column")
    text = open_json(source, options, stack)
    feed = Feed(columns, _rows(text, frozenset(one.path for one in taken), text_field, id_field), ragged=True)
    _say(feed.notes, lists, taken)
    return feed


def _without_talk(lists: list[_List], name: str) -> list[_List]:
    """Return the lists without conversations, which name their participants; raises NoPostsError where no other has a text."""
    talks = {one.path[:-1] for one in lists if one.path[-1:] == _PEOPLE}
    kept = [one for one in lists if one.path[:-1] not in talks or one.path[-1:] not in (_TALK, _PEOPLE)]
    if any(one.rank is not None for one in lists) and all(one.rank is None for one in kept):
        raise NoPostsError(f"{name} holds messages of a conversation; they are not read")
    return kept


def _best(lists: Sequence[_List], name: str) -> _List:
    """Return the list with the surest name of a text, of such the longest; raises NoPostsError where there is none."""
    with_text = [(one.rank, -one.length, place, one) for place, one in enumerate(lists) if one.rank is not None]
    if not with_text:
        seen = tuple(dict.fromkeys(column for one in lists for column in one.columns))
        raise NoPostsError(
            f"{name} holds no list of objects with a text; the columns seen are {listed(seen)}. "
            "Name the one of the text with --text-column"
        )
    return min(with_text)[-1]


def _say(notes: Notes, lists: Sequence[_List], taken: Sequence[_List]) -> None:
    """Say which lists of an object are read, and which others hold something that is called like a text."""
    if len(taken) > 1:
        notes.say(
            f"the posts are read from the lists {', '.join(one.name for one in taken)}, and numbered through them"
        )
    elif taken[0].path:
        notes.say(f"the posts are read from the list {taken[0].name}")
    for one in lists:
        if one not in taken and (names := text_names(sorted(one.keys))):
            notes.say(f"the list {one.name} has a column {cut(names[0])!r} and is not read ({one.length:,} entries)")


def _search(text: JsonText, wanted: str | None, path: tuple[str, ...], lists: list[_List]) -> None:
    if text.peek() == "[":
        _look_at(text, wanted, path, lists)
    elif text.peek() != "{" or len(path) >= _DEEPEST:
        text.skip()
    else:
        for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
            if (key,) == _PEOPLE:
                lists.append(_List((*path, key), 0, frozenset(), (), None))
            _search(text, wanted, (*path, key), lists)


def _look_at(text: JsonText, wanted: str | None, path: tuple[str, ...], lists: list[_List]) -> None:
    """Look at the first objects of a list; one that is the whole document is left where they end."""
    length, seen = 0, list[dict[str, object]]()
    try:
        for length in text.items():
            if length <= _LOOK:
                value = text.value()
                if isinstance(value, dict):
                    seen.append(value)
            elif not path:
                break
    finally:
        # What lies before a fault is a list, too.
        lists.append(_list_of(seen, wanted, path, length))


def _list_of(seen: Sequence[dict[str, object]], wanted: str | None, path: tuple[str, ...], length: int) -> _List:
    keys = dict.fromkeys(key for one in seen for key in one)
    ranks = [text_rank(wanted, tuple(one)) for one in seen]
    rank = min((one for one in ranks if one is not None), default=None)
    columns = tuple(keys) if rank is None else tuple(seen[ranks.index(rank)])
    return _List(path, length, frozenset(keys), columns, rank)


def _rows(
    text: JsonText, paths: frozenset[tuple[str, ...]], text_field: str, id_field: str | None
) -> Iterator[FeedRow | RowProblem]:
    for number, value in enumerate(_values(text, paths, ()), start=1):
        if not isinstance(value, dict):
            yield RowProblem(number, wrong(value))
        elif not isinstance(value.get(text_field), str):
            yield RowProblem(number, f"field {text_field!r} is missing or not a text", text_field)
        else:
            yield make_row(number, value, text_field, id_field)
    text.finish()


def _values(text: JsonText, paths: frozenset[tuple[str, ...]], path: tuple[str, ...]) -> Iterator[object]:
    """Yield what stands in the lists at some paths, in the order of the document."""
    if path in paths and text.peek() == "[":
        for _ in text.items():
            yield text.value()
    elif text.peek() == "{" and any(one[: len(path)] == path for one in paths):
        for key in text.keys():  # noqa: SIM118 - a cursor, not a dictionary
            yield from _values(text, paths, (*path, key))


READER = Reader("json", _claims, _read)
