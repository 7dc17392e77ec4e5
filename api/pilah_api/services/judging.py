"""The queue before the model: concurrent requests share batches, take turns, and are refused at once when the wait is too long.

All of it runs in the event loop; models judge beside it, in processes or threads.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence

from pilah_api.services.judging_batches import BatchJudging
from pilah_api.services.lag import Lag
from pilah_api.services.loading import attach_judge, close_judge, end_judge
from pilah_api.services.pace import BATCH, HEAVY, Pace
from pilah_api.services.places import Batch, Place, Watcher
from pilah_api.services.tickets import BusyError, Gone, Patience, Ticket
from pilah_api.services.turns import Piece, Turns, Waiting
from pilah_model.judge import Judge
from pilah_model.judgement import Judgement, Post

_MOST_CHARACTERS = 32 * 1024 * 1024
"""What may wait in memory, whatever the wait: four of the largest requests."""
_LEAST = 4
"""Posts of a batch, if so many wait, however slow the model is: a post by itself takes as long as two."""


class JudgingQueue:
    """Judges the posts of concurrent requests at a few places; a judgement does not depend on who shares a batch."""

    def __init__(self, workers: int, watcher: Watcher, *, ahead: int = 0):
        """Open places, as many as models may work at once, in the running event loop.

        Each place may get so many batches ahead, to begin with one as soon as it is done with another.
        """
        self.loop = asyncio.get_running_loop()
        self._watcher = watcher
        self._pace = Pace()
        self._turns = Turns(self._pace)
        self._tickets: dict[Waiting, Ticket] = {}
        self._places = [Place(number) for number in range(workers)]
        self._depth = 1 + ahead
        self._judging = BatchJudging(workers, self._pace, watcher, self._settle)
        self._batches: set[asyncio.Task[None]] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._lag = Lag(self.loop)
        self._called = self._closing = False

    @property
    def posts(self) -> int:
        """Return how many posts wait."""
        return self._turns.posts

    def expected_wait(self, *, heavy: bool = False) -> float:
        """Return in how many seconds the first posts of a new request would be begun with."""
        now = time.monotonic()
        soonest = min(place.left(now) for place in self._places)
        occupied = sum(place.heavy for place in self._places)
        if heavy:
            wait = soonest if occupied == self._most_heavy else 0.0
            wait += self._turns.seconds_of_turns(heavy=True) / self._most_heavy
        else:
            wait = soonest + self._turns.seconds_of_turns(heavy=False) / max(1, len(self._places) - occupied)
        return wait * self._pace.stretch

    def require_room(self, patience: float, *, heavy: bool = False) -> None:
        """Raise BusyError if a new request would wait for more than so many seconds, the event loop's own lag included.

        That was in its way before it came here, and will be again before its answer goes out; but where nothing waits or is
        being judged, what the loop was once late with is over.
        """
        wait = self.expected_wait(heavy=heavy)
        self._lag.look()
        lag = 2 * self._lag.seconds if self._batches or len(self._turns) else 0.0
        if wait + lag > patience or self._turns.characters > _MOST_CHARACTERS:
            raise BusyError(
                "The model has more to do than it can finish soon. Nothing of the request was judged; send it again later.",
                max(1, math.ceil(wait - patience)),
            )

    async def judge(
        self,
        posts: Sequence[Post],
        judge: Judge,
        *,
        explain: bool,
        patience: Patience,
        gone: Gone | None = None,
        counted: bool = True,
    ) -> list[Judgement]:
        """Judge posts, in their order. Raises BusyError at once, TimedOutError, CallerGoneError, or what the model raises."""
        if not posts:
            return []
        self.require_room(patience.wait, heavy=self._pace.seconds(posts[0], explain=explain) > HEAVY)
        if self._closing:
            raise BusyError("The server is stopping; send the request again in a moment.", 5)
        waiting = Waiting(posts, judge, explain, time.monotonic(), counted, answers=[None] * len(posts))
        self._tickets[waiting] = ticket = Ticket.opened(waiting, patience, gone)
        try:
            self._turns.add(waiting)
            self._call()
            return await ticket.future
        finally:
            ticket.close()
            del self._tickets[waiting]
            if waiting.done < len(posts):
                self._turns.drop(waiting)

    async def close(self, seconds: float) -> None:
        """Take nothing new, and let what waits be finished for at most so many seconds."""
        self._closing = True
        until = self.loop.time() + seconds
        while (self._batches or len(self._turns)) and (left := until - self.loop.time()) > 0:
            self._dispatch()
            await asyncio.wait(self._batches or [asyncio.create_task(asyncio.sleep(0))], timeout=left)
        self._judging.close()
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    def adopt(self, judge: Judge) -> Judge:
        """Have the event loop watch the processes of another model, and return it; for any other thread, which waits for that."""
        try:
            asyncio.run_coroutine_threadsafe(attach_judge(judge), self.loop).result()
        except BaseException:
            close_judge(judge)
            raise
        return judge

    def retire(self, judge: Judge | None, seconds: float) -> None:
        """End the processes of an exchanged model once requests that began with it have had their time; for any thread."""

        async def end() -> None:
            try:
                await asyncio.sleep(seconds)
            finally:
                await end_judge(judge)

        def begin() -> None:
            task = self.loop.create_task(end())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

        self.loop.call_soon_threadsafe(begin)

    @property
    def _most_heavy(self) -> int:
        """Return how many places may have heavy posts at once: one stays for the others, if there are several."""
        return max(1, len(self._places) - 1)

    def _call(self) -> None:
        """Have batches made once the loop has read what came together."""
        if not self._called:
            self._called = True
            self.loop.call_soon(self._dispatch)

    def _dispatch(self) -> None:
        """Give places that have room their share of what waits, those with least in hand first."""
        self._called = False
        while len(self._turns):
            # Nothing goes behind a heavy batch: it would wait for long while other places are soon done.
            free = [place for place in self._places if len(place.batches) < self._depth and not place.heavy]
            if not free:
                return
            place = min(free, key=lambda one: len(one.batches))
            pieces = self._take(len(free))
            if not pieces:
                return  # what waits is heavy, and has its share of places
            now = time.monotonic()
            seconds = sum(
                self._pace.seconds(post, explain=piece.waiting.explain) for piece in pieces for post in piece.posts
            )
            batch = Batch(max(now, place.until), seconds)
            place.batches.append(batch)
            for piece in pieces:
                if piece.start == 0:
                    self._watcher.waited(now - piece.waiting.arrived)
            task = self.loop.create_task(self._judge_batch(place, batch, pieces))
            self._batches.add(task)
            task.add_done_callback(self._batches.discard)

    def _take(self, free: int) -> list[Piece]:
        """Take posts for a place; of little that waits, only the share of one of those that have room."""
        heavy = sum(place.heavy for place in self._places) < self._most_heavy
        share = self._turns.seconds_of_turns(heavy=False) / free
        least = min(_LEAST, max(2, self._turns.posts // free))
        return self._turns.take(min(BATCH, share), least=least, heavy=heavy)

    async def _judge_batch(self, place: Place, batch: Batch, pieces: list[Piece]) -> None:
        try:
            await self._judging.judge(place, pieces)
        finally:
            place.batches.remove(batch)
            self._dispatch()

    def _settle(self, waiting: Waiting) -> None:
        """Hand over what is finished, unless nobody waits for it any more."""
        ticket = self._tickets.get(waiting)
        if ticket is not None:
            ticket.settle(waiting.error)
