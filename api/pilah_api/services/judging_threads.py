"""Threads in which models of the server's own process judge; what they find is handed to the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable

from pilah_model.judgement import Judgement

Work = Callable[[], list[Judgement]]


class JudgingThreads:
    """Some threads that take work in its order; they start with the first of it."""

    def __init__(self, count: int):
        """Remember how many there may be."""
        self._count = count
        self._threads: list[threading.Thread] = []
        self._work: queue.SimpleQueue[tuple[Work, asyncio.Future[list[Judgement]]] | None] = queue.SimpleQueue()

    async def run(self, work: Work) -> list[Judgement]:
        """Do work in a thread, and return or raise what comes of it."""
        if not self._threads:
            # Daemons: a post that takes minutes must not keep a server from stopping.
            self._threads = [
                threading.Thread(target=self._run, name="pilah-judging", daemon=True) for _ in range(self._count)
            ]
            for thread in self._threads:
                thread.start()
        found: asyncio.Future[list[Judgement]] = asyncio.get_running_loop().create_future()
        self._work.put((work, found))
        return await found

    def close(self) -> None:
        """Let the threads end once they have nothing in hand."""
        for _ in self._threads:
            self._work.put(None)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            work, found = item
            try:
                judgements = work()
            except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
                _tell(found, error)
            else:
                _tell(found, judgements)


def _tell(found: asyncio.Future[list[Judgement]], outcome: list[Judgement] | Exception) -> None:
    def settle() -> None:
        if found.done():
            return
        if isinstance(outcome, Exception):
            found.set_exception(outcome)
        else:
            found.set_result(outcome)

    # A loop that was closed meanwhile has nobody left who waits.
    with contextlib.suppress(RuntimeError):
        found.get_loop().call_soon_threadsafe(settle)
