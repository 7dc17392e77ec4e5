"""Small counts in tables that are passed on: what fewer than five posts share is not shown, and cannot be worked out."""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 5
"""Counts below this could lead to a person and are not shown."""


def shown(counts: Sequence[int]) -> list[int | None]:
    """Return counts for showing beside their total: None for those from 1 to 4, and for one more if only one is hidden.

    With a single cell hidden, total minus the others would give it away (secondary suppression; Hundepool et al. 2012).
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < LEAST}
    if len(hidden) == 1:
        rest = [place for place, count in enumerate(counts) if count >= LEAST]
        hidden |= {min(rest, key=lambda place: counts[place])} if rest else set()
    return [None if place in hidden else count for place, count in enumerate(counts)]
