"""A request that waits for its judgements: how long it has patience, and the three ways in which it may end without them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pilah_api.services.turns import Waiting
from pilah_data.errors import PilahError
from pilah_model.judgement import Judgement

_WATCH_AFTER = 0.1
"""Seconds after which it is worth watching whether the caller is still there."""

Gone = Callable[[], Awaitable[None]]
"""Returns once the caller has hung up."""


class BusyError(PilahError):
    """The model has so much to do that a request would wait too long; `retry_after` is in whole seconds."""

    def __init__(self, message: str, retry_after: int):
        """Keep the seconds beside the sentence."""
        super().__init__(message)
        self.retry_after = retry_after


class TimedOutError(BusyError):
    """A request was not judged within the time that the settings allow."""


class CallerGoneError(PilahError):
    """Whoever sent a request has hung up, so nobody waits for its judgements."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request may be expected to wait before it is refused, and how long it may take in all, in seconds."""

    wait: float
    whole: float


@dataclass(eq=False, slots=True)
class Ticket:
    """What the event loop holds of a waiting request: the future that gets its judgements, and what may end it before."""

    waiting: Waiting
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[list[Judgement]]
    whole: float
    gone: Gone | None
    _timer: asyncio.TimerHandle | None = None
    _watch: asyncio.Task[None] | None = None

    @classmethod
    def opened(cls, waiting: Waiting, patience: Patience, gone: Gone | None) -> Ticket:
        """Open a ticket in the running loop; its time runs from now."""
        loop = asyncio.get_running_loop()
        ticket = cls(waiting, loop, loop.create_future(), patience.whole, gone)
        # Most requests are answered before this is due: one timer is all that they cost.
        ticket._timer = loop.call_later(min(_WATCH_AFTER, patience.whole), ticket._look_after)
        return ticket

    def settle(self, error: Exception | None) -> None:
        """Hand over the answers, or an error, unless that was done before."""
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result([answer for answer in self.waiting.answers if answer is not None])

    def close(self) -> None:
        """Stop its time and its watch."""
        if self._timer is not None:
            self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _look_after(self) -> None:
        """Begin to watch a request that takes longer than most, and let its time run out."""
        self._timer = self.loop.call_later(max(0.0, self.whole - _WATCH_AFTER), self._expire)
        if self.gone is not None:
            self._start_watch(self.gone)

    def _expire(self) -> None:
        message = f"The posts were not judged within {self.whole:g} seconds (PILAH_REQUEST_SECONDS). Send fewer at once, or try later."
        self.settle(TimedOutError(message, max(1, math.ceil(self.whole / 10))))

    def _start_watch(self, gone: Gone) -> None:
        async def watch() -> None:
            await gone()
            self.settle(CallerGoneError("whoever sent the request has hung up"))

        if not self.future.done():
            self._watch = self.loop.create_task(watch())
