"""How late an event loop is: how long what is ready waits until the loop comes to it, while many requests are in its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

_WEIGHT = 0.2
_MOST_AT_ONCE, _MOMENT = 4, 0.05
"""One look counts for at most so many times the average and seconds more: a single stop says little of what comes."""
_HALF = 1.0
"""Seconds without a look after which half of it is forgotten."""


class Lag:
    """A moving average, of looks that cost next to nothing; used from the event loop alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float] = time.monotonic):
        """Begin without any."""
        self._loop, self._clock = loop, clock
        self._seconds, self._since = 0.0, clock()
        self._seen_at = self._since
        self._looking = False

    @property
    def seconds(self) -> float:
        """Return how late the loop is: less and less while nobody looks."""
        now = self._since if self._looking else self._clock()
        return float(self._seconds * 0.5 ** ((now - self._seen_at) / _HALF))

    def look(self) -> None:
        """Measure how long the loop takes for what is ready now, unless that is being measured."""
        if not self._looking:
            self._looking, self._since = True, self._clock()
            self._loop.call_soon(self._seen)

    def _seen(self) -> None:
        average, now = self.seconds, self._clock()
        self._looking = False
        found = min(now - self._since, _MOST_AT_ONCE * average + _MOMENT)
        self._seconds, self._seen_at = average + _WEIGHT * (found - average), now
