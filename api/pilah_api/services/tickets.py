"""A request that waits for its judgements: how long it has patience, and the three ways in which it may end without them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

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
    _timers: list[asyncio.TimerHandle] = field(default_factory=list)
    _watch: asyncio.Task[None] | None = None

    @classmethod
    def opened(cls, waiting: Waiting, patience: Patience, gone: Gone | None) -> Ticket:
        """Open a ticket in the running loop; its time runs from now."""
        loop = asyncio.get_running_loop()
        ticket = cls(waiting, loop, loop.create_future())
        ticket._timers.append(loop.call_later(patience.whole, ticket._expire, patience.whole))
        if gone is not None:
            # Most requests are answered before this is due, and it then costs nothing.
            ticket._timers.append(loop.call_later(_WATCH_AFTER, ticket._start_watch, gone))
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
        for timer in self._timers:
            timer.cancel()
        if self._watch is not None:
            self._watch.cancel()

    def _expire(self, seconds: float) -> None:
        message = f"The posts were not judged within {seconds:g} seconds (PILAH_REQUEST_SECONDS). Send fewer at once, or try later."
        self.settle(TimedOutError(message, max(1, math.ceil(seconds / 10))))

    def _start_watch(self, gone: Gone) -> None:
        async def watch() -> None:
            await gone()
            self.settle(CallerGoneError("whoever sent the request has hung up"))

        if not self.future.done():
            self._watch = self.loop.create_task(watch())
