"""Small counts in tables that are passed on: what fewer than five posts share is not shown, and cannot be worked out."""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 5
"""Counts below this could lead to a person and are not shown."""


def shown(counts: Sequence[int]) -> list[int | None]:
    """Return counts for showing beside their total: None for those from 1 to 4, and for more if that does not hide them.

    With a single cell hidden, total minus the others would give it away, and so it would with several that are few
    together (secondary suppression; Hundepool et al. 2012). A total below 5 must not be shown either.
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < LEAST}
    rest = [place for place, count in enumerate(counts) if count >= LEAST]
    if rest and (len(hidden) == 1 or 0 < sum(counts[place] for place in hidden) < LEAST):
        hidden.add(min(rest, key=lambda place: counts[place]))
    return [None if place in hidden else count for place, count in enumerate(counts)]
