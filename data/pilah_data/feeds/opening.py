"""Chooses the reader of a feed by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pilah_data.feeds.decoding import open_text
from pilah_data.feeds.delimited import read_delimited
from pilah_data.feeds.jsonlines import read_json_lines
from pilah_data.feeds.rows import Feed, FeedError

FORMATS = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""Formats by file suffix."""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How to read a feed; None means that the reader finds out."""

    text_column: str | None = None
    id_column: str | None = None
    encoding: str | None = None
    format: str | None = None


def format_of(path: Path, named: str | None) -> str:
    """Return the format of a file; raises FeedError listing the known ones."""
    known = sorted(set(FORMATS.values()))
    if named is not None:
        if named not in known:
            raise FeedError(f"unknown format {named!r}; known are {', '.join(known)} (option --format)")
        return named
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise FeedError(
            f"{path}: the ending {path.suffix or '(none)'!r} is unknown; known are {', '.join(FORMATS)}, or use --format"
        ) from None


def open_feed(path: Path, options: FeedOptions) -> tuple[Feed, TextIO]:
    """Open a feed and return it with the stream to close afterwards; raises FeedError."""
    kind = format_of(path, options.format)
    stream = open_text(path, options.encoding)
    try:
        if kind == "jsonl":
            feed = read_json_lines(stream, str(path), text=options.text_column, identity=options.id_column)
        else:
            delimiter = "\t" if kind == "tsv" else None
            feed = read_delimited(
                stream, str(path), delimiter=delimiter, text=options.text_column, identity=options.id_column
            )
    except UnicodeDecodeError as error:
        stream.close()
        raise FeedError(f"{path} is not {error.encoding} throughout; name its encoding with --encoding") from error
    except BaseException:
        stream.close()
        raise
    return feed, stream
