"""A file that gets its name only when it is whole and on the disk."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pilah_model.batch.errors import writing
from pilah_model.folders import sync_folder


class Part:
    """An unfinished file, put in its place by `finish`; without that, leaving the context removes what was written.

    Every method raises WriteError, naming the file, when the disk does not take it.
    """

    def __init__(self, path: Path, option: str = "-o"):
        """Open the unfinished file; its place must be on the same file system, and `option` is what chose it."""
        self.path, self._option, self._finished = path, option, False
        with writing(path, option):
            self.raw: BinaryIO = path.open("wb", 1 << 18)

    def write(self, text: str) -> None:
        """Write a text as UTF-8."""
        with writing(self.path, self._option):
            self.raw.write(text.encode("utf-8"))

    def finish(self, place: Path) -> None:
        """Put the file in its place, over what was there."""
        with writing(self.path, self._option):
            self.raw.flush()
            os.fsync(self.raw.fileno())
            self.raw.close()
        with writing(place, self._option):
            os.replace(self.path, place)  # noqa: PTH105 - atomic on the same file system
            sync_folder(place.parent)
        self._finished = True

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the file unless it is finished."""
        if not self._finished:
            with contextlib.suppress(OSError):  # a full disk complains again
                self.raw.close()
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
