"""How late an event loop is: how long what is ready waits until the loop comes to it, while many requests are in its way."""

from __future__ import annotations

import asyncio
import time

_WEIGHT = 0.2


class Lag:
    """A moving average, of looks that cost next to nothing; used from the event loop alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        """Begin without any."""
        self.seconds = 0.0
        self._loop = loop
        self._looking = False

    def look(self) -> None:
        """Measure how long the loop takes for what is ready now, unless that is being measured."""
        if not self._looking:
            self._looking = True
            self._loop.call_soon(self._seen, time.monotonic())

    def _seen(self, since: float) -> None:
        self._looking = False
        self.seconds += _WEIGHT * (time.monotonic() - since - self.seconds)
