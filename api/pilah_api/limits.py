"""How much one request or upload may hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Most posts in one request or paste, and most characters in one text."""

    posts: int = 256
    characters: int = 100_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of an upload a server reads: bytes once unpacked, rows, and characters of one text."""

    bytes: int
    rows: int
    characters: int
