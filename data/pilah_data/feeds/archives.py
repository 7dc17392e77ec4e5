"""Zip archives and folders: every file in them that is a feed, in the order of their names, as one feed.

A file that cannot be read is a problem of its own and the others go on; what is no feed is counted. An archive within an
archive is not opened. The rows carry the column `source_file`, which no file may have of its own.
"""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from pilah_data.feeds.packages import check_members
from pilah_data.feeds.rows import Feed, FeedError, FeedRow, NoPostsError, Notes, RowProblem
from pilah_data.feeds.sources import ArchiveMember, DiskFile, FeedOptions, Reader, Sample, Source

FILE_COLUMN = "source_file"
"""The column that says from which file of an archive or folder a row comes."""
Open = Callable[[Source, FeedOptions, contextlib.ExitStack], Feed]
ENDINGS = (
    ".csv",
    ".tsv",
    ".tab",
    ".txt",
    ".json",
    ".js",
    ".jsonl",
    ".ndjson",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".ods",
    ".parquet",
    ".zip",
)
"""The endings of names, in small letters, behind which a feed may be; what is called otherwise is read only if it is named."""


def is_archive(sample: Sample) -> bool:
    """Return whether a sample is a zip archive; spreadsheets, which are ones too, must have been told apart."""
    return sample.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def read_archive(source: Source, options: FeedOptions, stack: contextlib.ExitStack, open_member: Open) -> Feed:
    """Open a zip archive; raises FeedError where it is damaged, encrypted, made to do harm, or holds no feed."""
    try:
        archive = stack.enter_context(zipfile.ZipFile(stack.enter_context(source.open())))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FeedError(f"{source.name} is a damaged archive ({error}); fetch it again") from error
    # Not `is_dir`, which stumbles over a member without a name.
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    check_members(infos, source.name)
    infos.sort(key=lambda info: info.filename)
    members = [ArchiveMember(archive, info, source.name) for info in infos]
    return _joined(members, source.name, options, open_member)


def read_folder(folder: Path, options: FeedOptions, open_member: Open) -> Feed:
    """Open all feeds of a folder and of those below it; links to other places are not followed."""
    members = [
        DiskFile(path, path.relative_to(folder).as_posix(), found=True)
        for path in sorted(_walk(folder), key=lambda path: path.relative_to(folder).parts)
    ]
    return _joined(members, str(folder), options, open_member)


def read_files(paths: Sequence[Path], options: FeedOptions, open_member: Open) -> Feed:
    """Open several files and folders, in their order, as one feed; raises FeedError where a file that was named is no feed."""
    members: list[Source] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(_walk(path), key=lambda inner: inner.relative_to(path).parts)
            members += [DiskFile(inner, inner.as_posix(), found=True) for inner in inside]
        else:
            members.append(DiskFile(path, path.as_posix()))
    named = frozenset(path.as_posix() for path in paths)
    return _joined(members, f"{paths[0]} and {len(paths) - 1} more", options, open_member, named)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of those below it, and the links, which are not followed."""
    for place, folders, names in os.walk(folder):
        yield from (path for path in (Path(place, name) for name in folders) if path.is_symlink())
        yield from (path for path in (Path(place, name) for name in names) if path.is_symlink() or path.is_file())


def _joined(
    members: Sequence[Source],
    name: str,
    options: FeedOptions,
    open_member: Open,
    named: frozenset[str] = frozenset(),
) -> Feed:
    """Look into every member for its columns, then read one after the other; what was `named` must be a feed."""
    notes, problems, feeds = Notes(), list[RowProblem](), list[Source]()
    columns = {FILE_COLUMN: ""}
    for member in members:
        if member.place not in named and isinstance(member, DiskFile) and member.path.is_symlink():
            notes.count("links to other places")
            continue
        if member.place not in named and not _may_be_feed(member):
            notes.count(f"files of another kind ({member.suffix or 'without an ending'})")
            continue
        try:
            with contextlib.ExitStack() as stack:
                feed = open_member(member, options, stack)
            _refuse_taken(feed, member)
            for column in feed.columns:
                inner = feed.origins.get(column)
                columns.setdefault(column, f"{member.place}/{inner}" if inner else member.place)
            feeds.append(member)
        except FeedError as error:
            if member.place in named:
                raise
            if isinstance(error, NoPostsError):
                notes.count("files without posts")
                continue
            problems.append(RowProblem(0, str(error), place=member.place))
    if not feeds:
        why = f": {problems[0].reason}" if problems else f"; known are {', '.join(ENDINGS)}"
        raise FeedError(f"{name} holds no feed that can be read{why}")
    rows = _rows(feeds, problems, options, open_member, notes)
    return Feed(tuple(columns), rows, ragged=True, notes=notes, origins=columns)


def _refuse_taken(feed: Feed, member: Source) -> None:
    """Refuse a file with a column that is called like ours; an archive in a folder has ours already."""
    if FILE_COLUMN in feed.columns and not feed.origins:
        raise FeedError(
            f"{member.name} has a column {FILE_COLUMN!r}, where the name of each file is written; "
            "rename it, or score the file alone"
        )


def _may_be_feed(member: Source) -> bool:
    parts = PurePosixPath(member.place).parts
    return member.suffix in ENDINGS and not any(part.startswith((".", "__MACOSX", "~$")) for part in parts)


def _rows(
    feeds: Sequence[Source], problems: list[RowProblem], options: FeedOptions, open_member: Open, notes: Notes
) -> Iterator[FeedRow | RowProblem]:
    yield from problems
    for member in feeds:
        with contextlib.ExitStack() as stack:
            said = Notes()
            try:
                feed = open_member(member, options, stack)
                said = feed.notes
                yield from _placed(feed.rows, member.place)
            except FeedError as error:
                yield RowProblem(0, str(error), place=member.place)
            for line in said.lines():
                notes.say(f"{member.place}: {line}")


def _placed(rows: Iterator[FeedRow | RowProblem], place: str) -> Iterator[FeedRow | RowProblem]:
    for row in rows:
        inner = f"{place}/{row.place}" if row.place else place
        if isinstance(row, RowProblem):
            yield RowProblem(row.number, row.reason, row.field, inner)
            continue
        # Objects of JSON lines may have fields that the first of them lacked.
        if FILE_COLUMN in row.fields and not row.place:
            reason = (
                f"field {FILE_COLUMN!r} is where the name of the file is written; rename it, or score the file alone"
            )
            yield RowProblem(row.number, reason, FILE_COLUMN, inner)
            continue
        # A number tells rows of one file apart, not those of several.
        fields = {**row.fields, FILE_COLUMN: inner} if row.place else {FILE_COLUMN: inner, **row.fields}
        identity = f"{place}#{row.number}" if row.id == str(row.number) else row.id
        yield FeedRow(row.number, fields, row.text, identity, inner, row.context)


def archive_reader(open_member: Open) -> Reader:
    """Return the reader of zip archives whose members `open_member` opens."""
    return Reader("zip", is_archive, lambda source, options, stack: read_archive(source, options, stack, open_member))
