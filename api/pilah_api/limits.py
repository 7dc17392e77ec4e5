"""How much one request may hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Most posts in one request or paste, and most characters in one text."""

    posts: int = 256
    characters: int = 100_000
