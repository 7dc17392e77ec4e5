"""What can go wrong with a batch beside the feed itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pilah_data.errors import InputError, PilahError
from pilah_data.feeds import FeedError


class WriteError(FeedError):
    """The output, or the work folder beside it, cannot be written."""


class WorkFolderError(InputError):
    """A work folder is not for this run: of other inputs, model or options, damaged, or in use."""


class UnfinishedError(WorkFolderError):
    """An unfinished run is in the way: it must be gone on with or started over, and that is for its owner to say."""


class RecordError(InputError):
    """An output is there, but not as the one that a finished run of this input, model and options would write."""


class WorkerError(PilahError):
    """A worker process cannot start, or dies again and again."""


@contextlib.contextmanager
def writing(path: Path, option: str = "-o") -> Iterator[None]:
    """Turn the system's refusal to write into a WriteError that names the file, and the option that chose its place."""
    try:
        yield
    except OSError as error:
        raise WriteError(
            f"cannot write {path} ({error.strerror or error}); make room, or choose another place with {option}"
        ) from error
