"""Reads an upload with the feed readers, within the limits of a server, and words their errors for whoever uploaded it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pilah_api.jobs.terms import BatchOptions
from pilah_api.limits import Bounds
from pilah_data.errors import InputError, PilahError
from pilah_data.feeds import Feed, FeedRow, RowProblem, open_feed
from pilah_model.batch.intake import refuse_scored, unscored

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")


class TooMuchError(InputError):
    """An upload holds more than the server reads."""


@contextmanager
def reading(path: Path, options: BatchOptions, bounds: Bounds) -> Iterator[tuple[Feed, Iterator[FeedRow | RowProblem]]]:
    """Open an upload; yields the feed and its rows, of which those that scoring must not touch are problems.

    Raises FeedError for what cannot be read, TooMuchError for what is beyond the bounds.
    """
    _check_unpacked(path, bounds.bytes)
    feed, stream = open_feed(path, options.feed)
    with stream:
        refuse_scored(feed, str(path))
        yield feed, _bounded(unscored(feed.rows), path, bounds)


def explained(error: PilahError, path: Path | None, name: str) -> str:
    """Return what an error says, with the name of the upload in place of its path, and options as the interface calls them."""
    return without_dashes(str(error) if path is None else str(error).replace(str(path), name))


def without_dashes(said: str) -> str:
    """Return a sentence with options as the interface calls them: `text_column`, not as a command line does."""
    return _OPTION.sub(lambda found: found[1].replace("-", "_"), said)


def _bounded(rows: Iterator[FeedRow | RowProblem], path: Path, bounds: Bounds) -> Iterator[FeedRow | RowProblem]:
    size = 0
    for number, row in enumerate(rows, start=1):
        if number > bounds.rows:
            raise TooMuchError(
                f"there are more than {bounds.rows:,} rows (PILAH_MAX_BATCH_ROWS); send them in several files"
            )
        if isinstance(row, RowProblem):
            # Where uploads lie is nobody's business; a file of an archive is named behind the path of the archive.
            yield replace(row, reason=without_dashes(row.reason.replace(f"{path}: ", "")))
            continue
        # A few bytes of Parquet can stand for any number of long texts.
        sizes = {"text": len(row.text), "context": len(row.context or "")}
        size += sum(sizes.values())
        if size > bounds.bytes:
            raise _unpacks_to_more(bounds.bytes)
        long = next((name for name, length in sizes.items() if length > bounds.characters), None)
        if long is not None:
            reason = f"the {long} has {sizes[long]:,} characters, at most {bounds.characters:,} are judged; split it"
            yield RowProblem(row.number, reason, "", row.place)
        else:
            yield row


def _check_unpacked(path: Path, most: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # no archive, or one of which its reader says what is wrong
    if size > most:
        raise _unpacks_to_more(most)


def _unpacks_to_more(most: int) -> TooMuchError:
    return TooMuchError(f"the file unpacks to more than {most:,} bytes; send the part that is needed")
