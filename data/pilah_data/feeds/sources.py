"""Where a feed's bytes come from: a file on disk or a member of an archive; and what a reader of them looks like."""

from __future__ import annotations

import contextlib
import functools
import io
import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol, cast

from pilah_data.feeds.decoding import decoded_head, no_file
from pilah_data.feeds.rows import Feed, FeedError

HEAD = 1 << 16
"""Bytes of a file that sniffing looks at."""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How to read a feed; None means that the reader finds out."""

    text_column: str | None = None
    id_column: str | None = None
    encoding: str | None = None
    format: str | None = None
    sheet: str | None = None
    context_column: str | None = None


class Source(Protocol):
    """A file that can be opened more than once; `name` is what messages call it, `place` where it lies in an archive."""

    @property
    def name(self) -> str:
        """What messages call the file."""

    @property
    def place(self) -> str:
        """Its path within an archive or folder; empty for a single file."""

    @property
    def suffix(self) -> str:
        """The ending of its name in small letters, with the dot."""

    @property
    def found(self) -> bool:
        """Whether it was found in an archive or a folder; otherwise a person named it, who knows what it is."""

    def open(self) -> io.BufferedReader:
        """Open it for reading bytes from its begin; raises FeedError."""

    def local(self, stack: contextlib.ExitStack) -> Path:
        """Return a place on disk where it can be read at random until the stack closes; raises FeedError."""


class DiskFile:
    """A file on disk."""

    def __init__(self, path: Path, place: str = "", name: str = "", *, found: bool = False):
        """Remember the path; nothing is opened."""
        self.found = found
        self.path, self.place, self.name, self.suffix = path, place, name or str(path), path.suffix.lower()

    def open(self) -> io.BufferedReader:
        """Open it; raises FeedError for what is missing, no file, or not readable."""
        try:
            if not self.path.is_file():
                raise no_file(self.path, self.name)
            return self.path.open("rb")
        except OSError as error:
            raise FeedError(f"{self.name} cannot be read ({error.strerror})") from error

    def local(self, stack: contextlib.ExitStack) -> Path:  # noqa: ARG002 - a member of an archive needs it
        """Return the path."""
        self.open().close()
        return self.path


class ArchiveMember:
    """A member of a zip archive; it is never written under its own name."""

    found = True

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str):
        """Remember the member of an archive that was checked; `name` is that of the archive."""
        self._archive, self._info = archive, info
        self.place, self.name = info.filename, f"{name}: {info.filename}"
        self.suffix = PurePosixPath(info.filename).suffix.lower()

    def open(self) -> io.BufferedReader:
        """Open the stream of its unpacked bytes; raises FeedError for what cannot be unpacked."""
        try:
            # Reading stops at the declared size, and a wrong checksum is an error at the end.
            return io.BufferedReader(cast("io.RawIOBase", self._archive.open(self._info)), 1 << 18)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
            raise FeedError(
                f"{self.name} cannot be unpacked ({error}); unpack the archive with another program"
            ) from error

    def local(self, stack: contextlib.ExitStack) -> Path:
        """Unpack it into a nameless place that the stack removes."""
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pilah-")))
        target = folder / f"member{self.suffix}"
        with self.open() as stream, target.open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
        return target


@dataclass(frozen=True)
class Sample:
    """What sniffing sees of a source: its first bytes, and their text where they are text."""

    suffix: str
    head: bytes
    source: Source

    @functools.cached_property
    def text(self) -> str:
        """The first bytes as text, without mark and leading white space; empty where they are no text."""
        return decoded_head(self.head).lstrip("\ufeff \t\r\n")

    @functools.cached_property
    def packed(self) -> frozenset[str]:
        """The names of the members where the source is a zip archive that can be read."""
        if not self.head.startswith(b"PK"):
            return frozenset()
        with damage(self.source.name), self.source.open() as stream:
            try:
                with zipfile.ZipFile(stream) as archive:
                    return frozenset(archive.namelist())
            except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
                return frozenset()


def sample_of(source: Source) -> Sample:
    """Read the begin of a source; raises FeedError."""
    with damage(source.name), source.open() as stream:
        return Sample(source.suffix, stream.read(HEAD), source)


@contextlib.contextmanager
def damage(name: str, reached: Callable[[], int] = int) -> Iterator[None]:
    """Turn what the disk or a damaged archive raises into a FeedError that names the file, and the row that was `reached`."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise FeedError(f"{name} is not {error.encoding} throughout; name its encoding with --encoding") from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise FeedError(f"{name} is damaged{_after(reached())} ({error}); fetch it again") from error
    except OSError as error:
        raise FeedError(f"{name} cannot be read{_after(reached())} ({error.strerror or error})") from error


def _after(row: int) -> str:
    return f" after row {row}" if row else ""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one format: its name for `--format`, whether it claims a sample, and how it opens a source.

    What `read` opens it leaves to the stack, which the caller closes.
    """

    name: str
    claims: Callable[[Sample], bool]
    read: Callable[[Source, FeedOptions, contextlib.ExitStack], Feed]
