"""Says where an error happened without saying what it said: its message may quote a post."""

from __future__ import annotations

import traceback
from types import TracebackType

_MOST_PLACES = 8


def places(trace: TracebackType | None) -> list[str]:
    """Return the innermost places of a traceback as file:line."""
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(trace)][-_MOST_PLACES:]
