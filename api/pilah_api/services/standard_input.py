"""Keeps what comes on standard input in a file of its own while it is judged: a feed is read more than once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from pilah_data.errors import InputError
from pilah_data.feeds import FeedError

STANDARD_INPUT = Path("-")
"""How a command line names it."""
SPOKEN = "standard input"


@contextmanager
def spooled(stream: BinaryIO) -> Iterator[Path]:
    """Read a stream to its end into a file that only its owner can read and that is removed afterwards.

    Raises InputError for a terminal, FeedError where the stream cannot be read or the file not be written.
    """
    if stream.isatty():
        raise InputError("standard input is a terminal; send a feed into it, as in: pilah score - -o OUTPUT < FEED")
    with ExitStack() as stack:
        try:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pilah-")), "input")
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file, 1 << 20)
        except OSError as error:
            raise FeedError(
                f"standard input cannot be kept in {tempfile.gettempdir()} ({error.strerror or error}); make room, or name "
                "another folder in the variable TMPDIR"
            ) from error
        yield path
