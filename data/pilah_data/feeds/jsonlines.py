"""JSON-lines feeds: one JSON object a line (jsonlines.org)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import TextIO

from pilah_data.feeds.rows import ID_COLUMNS, Feed, FeedError, FeedRow, RowProblem, find_column, make_row, text_column


def read_json_lines(stream: TextIO, file: str, *, text: str | None, identity: str | None) -> Feed:
    """Open a JSON-lines feed; the columns are those of the first readable object.

    Raises FeedError when no line holds an object, or for a missing column.
    """
    numbered = enumerate(stream, start=1)
    head: list[tuple[int, str]] = []
    first: dict[str, object] | None = None
    for number, line in numbered:
        head.append((number, line))
        parsed = _parse(line)
        if isinstance(parsed, dict):
            first = parsed
            break
    if first is None:
        raise FeedError(f'{file} holds no JSON object; each line must be one, such as {{"text": "…"}}')
    columns = tuple(first)
    text_field = text_column(text, columns, file)
    id_field = find_column(identity, ID_COLUMNS, columns, file, "--id-column")
    return Feed(columns, _rows(itertools.chain(head, numbered), text_field, id_field, file))


def _parse(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"not valid JSON ({error})"


def _rows(
    lines: Iterator[tuple[int, str]], text_field: str, id_field: str | None, file: str
) -> Iterator[FeedRow | RowProblem]:
    try:
        for number, line in lines:
            if not line.strip():
                continue
            parsed = _parse(line)
            if not isinstance(parsed, dict):
                yield RowProblem(number, parsed if isinstance(parsed, str) else "not a JSON object")
            elif not isinstance(parsed.get(text_field), str):
                yield RowProblem(number, f"field {text_field!r} is missing or not a text")
            else:
                yield make_row(number, {k: _as_cell(v) for k, v in parsed.items()}, text_field, id_field)
    except UnicodeDecodeError as error:
        raise FeedError(f"{file}: byte {error.start} is not {error.encoding}; name it with --encoding") from error


def _as_cell(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
