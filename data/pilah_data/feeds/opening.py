"""Chooses the reader of a feed by what is in it, or by the format that was named."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from pilah_data.feeds import (
    archives,
    delimited,
    facebook,
    instagram,
    json_documents,
    jsonlines,
    parquet,
    telegram,
    tiktok,
    whatsapp,
    workbook,
    x_archive,
    youtube,
)
from pilah_data.feeds.columns import ChoiceError
from pilah_data.feeds.contexts import with_context
from pilah_data.feeds.decoding import known_encoding
from pilah_data.feeds.rows import Feed, FeedError, FeedRow, NoPostsError, RowProblem
from pilah_data.feeds.sources import DiskFile, FeedOptions, Reader, Sample, Source, damage, sample_of

__all__ = ["FORMATS", "INPUT_FORMATS", "FeedOptions", "open_feed"]

FORMATS = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""Formats by file suffix of what is written as it is read: text, a row at a time."""

# The particular before the general: every account export is JSON, every spreadsheet a zip archive, and the first line of
# a chat from an iPhone begins as a JSON list does.
_READERS = (
    parquet.READER,
    workbook.READER,
    x_archive.READER,
    whatsapp.READER,
    telegram.READER,
    facebook.READER,
    instagram.READER,
    tiktok.READER,
    jsonlines.READER,
    json_documents.READER,
    delimited.READER,
    delimited.TSV_READER,
)
# What is brought along with feeds, and what helps.
_STRANGERS = (
    (b"\x1f\x8b", "is packed with gzip; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it, or pack it as zip"),
    (b"Rar!", "is a RAR archive; unpack it, or pack it as zip"),
    (b"%PDF", "is a PDF; ask for the data as a table (CSV or XLSX)"),
    (b"SQLite format 3\x00", "is a database; export the table with the posts as CSV"),
)
_PAGES = ("<!doctype html", "<html", "<?xml", "<table")


def open_feed(source: Path | Sequence[Path], options: FeedOptions) -> tuple[Feed, contextlib.ExitStack]:
    """Open a file, zip archive or folder, or several as one, and return the feed and what to close; raises FeedError.

    An option with a value that cannot be meant is a ChoiceError.
    """
    check_options(options)
    paths = (source,) if isinstance(source, Path) else tuple(source)
    path = paths[0]
    with contextlib.ExitStack() as stack:
        if len(paths) > 1:
            feed = archives.read_files(paths, options, _open_inside_folder)
        elif path.is_dir():
            feed = archives.read_folder(path, options, _open_inside_folder)
        else:
            feed = _open(DiskFile(path), options, stack, (*_READERS, _ARCHIVES))
        return feed, stack.pop_all()


def check_options(options: FeedOptions) -> None:
    """Refuse a format or an encoding that no feed can have, before one of many files is blamed; raises ChoiceError."""
    if options.format is not None and options.format not in INPUT_FORMATS:
        known = ", ".join(INPUT_FORMATS)
        raise ChoiceError(f"unknown format {options.format!r}; known are {known} (option --format)")
    if options.encoding is not None:
        known_encoding(options.encoding)


def format_of(sample: Sample, named: str | None, readers: tuple[Reader, ...]) -> Reader:
    """Return the reader for a sample; raises FeedError listing the known formats."""
    if named is not None:
        found = next((reader for reader in readers if reader.name == named), None)
        if found is None:
            raise ChoiceError(f"{sample.source.name} cannot be read as {named!r} here (option --format)")
        return found
    # A table or lines of JSON by name are that whatever their first row says, unless they are no text at all.
    if sample.suffix in FORMATS and not sample.head.startswith((b"PK\x03\x04", b"PAR1", workbook.OLE)):
        readers = (jsonlines.READER, delimited.READER) if FORMATS[sample.suffix] == "jsonl" else (delimited.READER,)
    # What comes along in an archive is code and notes, too.
    if sample.source.found and sample.suffix == ".js" and not x_archive.READER.claims(sample):
        raise NoPostsError(
            f"{sample.source.name} is no file of an X archive; if it holds posts, name its format with --format"
        )
    for reader in readers:
        if reader.claims(sample):
            break
    else:
        raise _stranger(sample)
    if (
        sample.source.found
        and sample.suffix == ".txt"
        and reader is delimited.READER
        and not delimited.is_table(sample)
    ):
        raise NoPostsError(f"{sample.source.name} is no table of two columns or more; if it holds posts, name it alone")
    return reader


def _stranger(sample: Sample) -> FeedError:
    name = sample.source.name
    for mark, advice in _STRANGERS:
        if sample.head.startswith(mark):
            return FeedError(f"{name} {advice}")
    if sample.text[:200].lower().startswith(_PAGES):
        return FeedError(f"{name} is a web page or XML; ask for the export as JSON or CSV instead")
    if not sample.head:
        return FeedError(f"{name} is empty; export it again")
    kinds = ", ".join(INPUT_FORMATS)
    if sample.suffix in (".txt", ".md", ""):
        return NoPostsError(f"{name} is no export that is known; known are {kinds}. Name its format with --format")
    return FeedError(f"{name} is no export that is known; known are {kinds}. Name its format with --format")


def _open(source: Source, options: FeedOptions, stack: contextlib.ExitStack, readers: tuple[Reader, ...]) -> Feed:
    reader = format_of(sample_of(source), options.format, readers)
    # Among several files there may be workbooks beside others; a single file must be one.
    if options.sheet is not None and not source.place and reader.name not in (workbook.READER.name, _ARCHIVES.name):
        raise ChoiceError(f"{source.name} is no workbook and has no sheets; leave out --sheet")
    with damage(source.name):
        feed = reader.read(source, options, stack)
    feed = dataclasses.replace(feed, rows=_told(feed.rows, source.name))
    if youtube.is_takeout(feed.columns):
        feed = youtube.unwrapped(feed, options.text_column, options.id_column)
    # The rows of an archive have theirs from the member that they come from.
    return feed if reader.name == _ARCHIVES.name else with_context(feed, options.context_column, source.name)


def _open_inside_archive(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    """Open a member; an archive within an archive is refused, since it can hold itself."""
    if options.format == _ARCHIVES.name:
        options = dataclasses.replace(options, format=None)
    sample = sample_of(source)
    if archives.is_archive(sample) and not workbook.READER.claims(sample):
        raise FeedError(f"{source.name} is an archive within an archive; unpack it first")
    return _open(source, options, stack, _READERS)


_ARCHIVES = archives.archive_reader(_open_inside_archive)


def _open_inside_folder(source: Source, options: FeedOptions, stack: contextlib.ExitStack) -> Feed:
    return _open(source, options, stack, (*_READERS, _ARCHIVES))


INPUT_FORMATS = tuple(reader.name for reader in (*_READERS, _ARCHIVES))
"""The names that `--format` takes."""


def _told(rows: Iterator[FeedRow | RowProblem], name: str) -> Iterator[FeedRow | RowProblem]:
    number = 0
    with damage(name, lambda: number):
        for row in rows:
            number = row.number
            yield row
