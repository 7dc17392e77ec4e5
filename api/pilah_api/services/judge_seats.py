"""The seat of one judge process: when it dies another one is started, after a rest if those before it did not live."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from pilah_api.services.judge_link import JudgeLink
from pilah_data.traces import places
from pilah_model.artefacts import ArtefactError

_FIRST_REST, _LONGEST_REST = 0.1, 30.0
"""Seconds before another process is started in place of one that would not start or died soon; doubled each time."""
_LIVED = 30.0
"""Seconds after which a process did not die of its start, even if it was never asked."""

log = logging.getLogger("pilah.judges")


class Seat:
    """A process, and how its predecessors did; used from the event loop once that has its socket."""

    def __init__(self, command: Sequence[str], spawn: Callable[[Seat], JudgeLink], changed: Callable[[], None]):
        """Take the command of the process, what starts one and waits for it in a thread, and what is told once one sits here again."""
        self.link: JudgeLink | None = None
        self.closed = False
        self._command, self._spawn, self._changed = command, spawn, changed
        self._rest = 0.0
        self._over = asyncio.Event()
        self._replacing: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> bool:
        """Return whether a process sits here."""
        return self.link is not None and not self.link.dead

    def open(self) -> JudgeLink:
        """Start a process, which then loads its model; for any thread. Raises ArtefactError where none can be started."""
        return JudgeLink(self._command, self._ended)

    def stop(self) -> None:
        """Start no other process from now on."""
        self.closed = True
        self._over.set()

    async def clear(self) -> None:
        """Wait until nothing is being started here, and have the event loop let go of a dead process."""
        if self._replacing:
            await asyncio.wait(self._replacing)
        if self.link is not None:
            await self.link.detach()

    def _ended(self, dead: JudgeLink) -> None:
        """Begin to replace a process that died."""
        if dead is self.link and not self.closed:
            task = asyncio.get_running_loop().create_task(self._replace(dead))
            self._replacing.add(task)
            task.add_done_callback(self._replacing.discard)

    async def _replace(self, dead: JudgeLink) -> None:
        try:
            code = await _bury(dead)
            if not self.closed:
                log.warning("a judge process ended with exit code %s; another one takes its place", code)
            if dead.answered or time.monotonic() - dead.since > _LIVED:
                self._rest = 0.0
            else:
                self._rest_longer()
            while not self.closed and not await self._renew():
                self._rest_longer()
        finally:
            self._changed()

    def _rest_longer(self) -> None:
        self._rest = min(max(2 * self._rest, _FIRST_REST), _LONGEST_REST)

    async def _pause(self, seconds: float) -> None:
        """Wait for so long, unless there is nothing to wait for any more."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    async def _renew(self) -> bool:
        """Start another process after a rest; return whether one sits here, or none is needed any more."""
        if self._rest:
            await self._pause(self._rest)
        return self.closed or await self._try()

    async def _try(self) -> bool:
        link = None
        try:
            link = await asyncio.to_thread(self._spawn, self)
            self.link = link  # first, or nobody would see it die while the loop takes it over
            await link.attach()
        except Exception as error:  # noqa: BLE001 - whatever it is, the seat must not stay empty for good
            if not self.closed:
                _tell("a judge process does not start", error)
            if link is not None:
                await _bury(link)
            return False
        if self.closed:
            await _bury(link)
        return True


async def _bury(link: JudgeLink) -> int | None:
    """End a process, and return its exit code, if it can be known."""
    try:
        link.kill()
        return await asyncio.to_thread(link.bury)
    except Exception as error:  # noqa: BLE001 - another one is needed all the same
        _tell("a judge process cannot be ended", error)
        return None


def _tell(event: str, error: Exception) -> None:
    if isinstance(error, ArtefactError):  # its words are about the model
        log.error("%s: %s", event, error)
    else:
        log.error(event, extra={"error": type(error).__qualname__, "where": places(error.__traceback__)})
