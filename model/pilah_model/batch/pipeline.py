"""Reading, judging and writing at the same time, with a bounded number of shards under way.

One thread reads and cuts, one thread for each hand has shards judged and kept, the calling thread gets them back in order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from pilah_model.batch.folder import WorkFolder
from pilah_model.batch.hands import Hand
from pilah_model.batch.shards import Shard

_TICK = 0.5
"""Seconds after which a waiting thread looks up, so that Ctrl-C works on every system."""


@dataclass(slots=True)
class Judged:
    """A shard with its judgements, and whether they come from an earlier run."""

    shard: Shard
    lines: list[str]
    kept: bool


class Pipeline:
    """Has shards judged by hands; a context, so that no thread outlives it."""

    def __init__(self, shards: Iterator[Shard], folder: WorkFolder, hands: Sequence[Hand], *, explain: bool):
        """Get ready; nothing is read before `judged` is asked for."""
        self._shards, self._folder, self._hands, self._explain = shards, folder, hands, explain
        # One shard in each hand, one waiting for it, and room for those that wait for an earlier one to be written.
        self._room = threading.Semaphore(3 * len(hands) + 1)
        self._tasks: SimpleQueue[Shard | None] = SimpleQueue()
        self._results: SimpleQueue[Judged | BaseException | int] = SimpleQueue()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._guard, args=(self._read,), daemon=True)]
        self._threads += [threading.Thread(target=self._guard, args=(self._work, hand), daemon=True) for hand in hands]

    def __enter__(self) -> Pipeline:
        """Start the threads."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the threads; whoever stops early closes the hands first, so that none is waited for in vain."""
        self._stop.set()
        self._room.release()
        for _hand in self._hands:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(timeout=10)

    def judged(self) -> Iterator[Judged]:
        """Yield all shards in their order; raises whatever a thread was stopped by."""
        waiting: dict[int, Judged] = {}
        number, total = 0, None
        while number != total:
            try:
                found = self._results.get(timeout=_TICK)
            except Empty:
                continue
            if isinstance(found, BaseException):
                raise found
            if isinstance(found, int):
                total = found
                continue
            waiting[found.shard.number] = found
            while (turn := waiting.pop(number, None)) is not None:
                yield turn
                number += 1
                self._room.release()

    def _guard(self, step: Callable[..., None], *arguments: object) -> None:
        try:
            step(*arguments)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the shards are taken
            self._results.put(error)

    def _read(self) -> None:
        total = 0
        while True:
            self._room.acquire()
            if self._stop.is_set() or (shard := next(self._shards, None)) is None:
                break
            total += 1
            if not shard.texts:
                self._results.put(Judged(shard, [], kept=False))
            elif (lines := self._folder.load(shard)) is not None:
                self._results.put(Judged(shard, lines, kept=True))
            else:
                self._tasks.put(shard)
        self._results.put(total)

    def _work(self, hand: Hand) -> None:
        while (shard := self._tasks.get()) is not None and not self._stop.is_set():
            # Most feeds have no contexts, and most hands need not hear of it.
            contexts = {"contexts": shard.contexts} if any(shard.contexts) else {}
            lines = hand.judge(shard.texts, explain=self._explain, **contexts)
            self._folder.save(shard, lines)
            self._results.put(Judged(shard, lines, kept=False))
