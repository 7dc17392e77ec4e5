"""JSON-lines feeds: one JSON object a line (jsonlines.org)."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from operator import itemgetter
from typing import TextIO

from pilah_data.feeds.columns import LOOSE, SURE, text_rank
from pilah_data.feeds.decoding import text_of
from pilah_data.feeds.json_text import DECODER, TOO_DEEP, is_too_deep
from pilah_data.feeds.rows import (
    ID_COLUMNS,
    Feed,
    FeedError,
    FeedRow,
    RowProblem,
    find_column,
    make_row,
    text_column,
    undecoded,
)
from pilah_data.feeds.sources import FeedOptions, Reader, Sample, Source

# Lines in which an object with a text is looked for: some tools write a line about the export first.
_LOOK = 100
_NONE = LOOSE + 1


def read_json_lines(stream: TextIO, file: str, *, text: str | None, identity: str | None) -> Feed:
    """Open a JSON-lines feed; the columns are those of the object with the surest name of a text among the first lines.

    Raises FeedError when no line holds an object, or for a missing column.
    """
    numbered = enumerate(stream, start=1)
    head: list[tuple[int, str]] = []
    seen: list[tuple[int, tuple[str, ...]]] = []
    for number, line in numbered:
        head.append((number, line))
        if isinstance(parsed := _parse(line), dict):
            rank = text_rank(text, tuple(parsed))
            seen.append((_NONE if rank is None else rank, tuple(parsed)))
        if seen and (seen[-1][0] == SURE or number >= _LOOK):
            break
    if not seen:
        raise FeedError(f'{file} holds no JSON object; each line must be one, such as {{"text": "…"}}')
    rank, columns = min(seen, key=itemgetter(0))
    if rank == _NONE:
        columns = tuple(dict.fromkeys(column for _, one in seen for column in one))
    text_field = text_column(text, columns, file)
    id_field = find_column(identity, ID_COLUMNS, columns, file, "--id-column")
    return Feed(columns, _rows(itertools.chain(head, numbered), text_field, id_field, file), ragged=True)


def _parse(line: str) -> dict[str, object] | str:
    """Return the object of a line, or what is wrong with the line; never what the line says."""
    if not line.isascii() and undecoded(line):
        return "holds bytes that are no text in the encoding of the file; name it with --encoding"
    try:
        value = DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        return f"not valid JSON ({TOO_DEEP if isinstance(error, RecursionError) else error})"
    if is_too_deep(value, line):
        return f"not valid JSON ({TOO_DEEP})"
    return value if isinstance(value, dict) else "not a JSON object"


def _rows(
    lines: Iterator[tuple[int, str]], text_field: str, id_field: str | None, file: str
) -> Iterator[FeedRow | RowProblem]:
    try:
        for number, line in lines:
            if not line.strip():
                continue
            parsed = _parse(line)
            if isinstance(parsed, str):
                yield RowProblem(number, parsed)
            elif not isinstance(parsed.get(text_field), str):
                yield RowProblem(number, f"field {text_field!r} is missing or not a text", text_field)
            else:
                yield make_row(number, parsed, text_field, id_field)
    except UnicodeDecodeError as error:
        raise FeedError(f"{file}: byte {error.start} is not {error.encoding}; name it with --encoding") from error


def _claims(sample: Sample) -> bool:
    if sample.suffix in (".jsonl", ".ndjson"):
        return True
    if not sample.text.startswith("{"):
        return False
    # Lines of JSON under another name, such as the .json of some tools: the first line is an object, the second begins one.
    first, _, rest = sample.text.partition("\n")
    return rest.lstrip().startswith("{") and isinstance(_parse(first), dict)


def _read(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    stream = stack.enter_context(text_of(source.open(), source.name, options.encoding))
    return read_json_lines(stream, source.name, text=options.text_column, identity=options.id_column)


READER = Reader("jsonl", _claims, _read)
