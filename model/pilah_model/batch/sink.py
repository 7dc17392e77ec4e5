"""Where writers write to: an unfinished file, or a stream to somebody who waits for it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol


class Sink(Protocol):
    """What takes the output; `pilah_model.batch.part.Part` is one that becomes a file."""

    @property
    def path(self) -> Path:
        """What messages call it."""

    @property
    def raw(self) -> BinaryIO:
        """Takes bytes."""

    def write(self, text: str) -> object:
        """Take a text, as UTF-8."""
