"""The queue before the model: concurrent requests share batches, take turns, and are refused at once when the wait is too long.

All of it runs in the event loop; models judge beside it, in processes or threads.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence

from pilah_api.services.classification import Judge
from pilah_api.services.judge_pipes import JudgeDiedError
from pilah_api.services.judges import ProcessJudge
from pilah_api.services.judging_threads import JudgingThreads
from pilah_api.services.lag import Lag
from pilah_api.services.loading import end_judge
from pilah_api.services.pace import BATCH, HEAVY, Pace
from pilah_api.services.places import Batch, Place, Watcher
from pilah_api.services.tickets import BusyError, Gone, Patience, Ticket
from pilah_api.services.turns import Piece, Turns, Waiting
from pilah_model.judgement import Judgement, Post

_MOST_CHARACTERS = 32 * 1024 * 1024
"""What may wait in memory, whatever the wait: four of the largest requests."""
_LEAST = 4
"""Posts of a batch, if so many wait, however slow the model is: a post by itself takes as long as two."""
LIVES = 3
"""How many judge processes one request may cost: of the first, others may have been guilty; then its posts go alone."""


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
        self._threads = JudgingThreads(workers)
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
        soonest = max(0.0, min(place.until for place in self._places) - time.monotonic())
        occupied = sum(place.heavy for place in self._places)
        if heavy:
            wait = soonest if occupied == self._most_heavy else 0.0
            wait += self._turns.seconds_of_turns(heavy=True) / self._most_heavy
        else:
            wait = soonest + self._turns.seconds_of_turns(heavy=False) / max(1, len(self._places) - occupied)
        return wait * self._pace.stretch

    def require_room(self, patience: float, *, heavy: bool = False) -> None:
        """Raise BusyError if a new request would wait for more than so many seconds, the event loop's own lag included.

        That was in its way before it came here, and will be again before its answer goes out.
        """
        wait = self.expected_wait(heavy=heavy)
        self._lag.look()
        if wait + 2 * self._lag.seconds > patience or self._turns.characters > _MOST_CHARACTERS:
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
        self._threads.close()
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    def retire(self, judge: Judge, seconds: float) -> None:
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

    # --- one batch ----------------------------------------------------------------------------------------------------

    async def _judge_batch(self, place: Place, batch: Batch, left: list[Piece]) -> None:
        try:
            while left:
                pieces = [piece for piece in left if piece.goes_with(left[0])]
                left = [piece for piece in left if not piece.goes_with(pieces[0])]
                try:
                    await self._judge_pieces(place, pieces)
                except JudgeDiedError as error:
                    for piece in pieces:
                        await self._judge_alone(place, piece, error, LIVES - 1)
                except Exception as error:  # noqa: BLE001 - whose post it was shows when each is judged by itself
                    for piece in pieces:
                        await self._judge_alone(place, piece, error, 1)
        finally:
            place.batches.remove(batch)
            self._dispatch()

    async def _judge_alone(self, place: Place, piece: Piece, error: Exception, lives: int) -> None:
        """Judge a request's posts by themselves, again where a process dies of them; fail the request in the end."""
        for _ in range(0 if piece.waiting.dropped else lives):
            try:
                await self._judge_pieces(place, [piece])
            except JudgeDiedError as died:
                error = died
            except Exception as failed:  # noqa: BLE001 - it belongs to the request, which raises it
                error = failed
                break
            else:
                return
        piece.waiting.error = error
        self._settle(piece.waiting)

    async def _judge_pieces(self, place: Place, pieces: list[Piece]) -> None:
        posts = [post for piece in pieces for post in piece.posts]
        judge, explain = pieces[0].waiting.judge, pieces[0].waiting.explain
        began = time.monotonic()
        if isinstance(judge, ProcessJudge):
            judgements, seconds = await judge.classify_at(place.number, posts, explain=explain)
        else:
            judgements = await self._threads.run(lambda: judge.classify(posts, explain=explain))
            seconds = time.monotonic() - began
        now = time.monotonic()
        self._pace.note_passed(seconds, now - max(began, place.answered))
        place.answered = now
        self._pace.learn(posts, seconds, explain=explain)
        self._watcher.batch(len(posts), seconds)
        at = 0
        for piece in pieces:
            waiting, size = piece.waiting, piece.stop - piece.start
            answers = judgements[at : at + size]
            at += size
            waiting.answers[piece.start : piece.stop] = answers
            waiting.done += size
            if waiting.counted:
                self._watcher.judged(answers)
            if waiting.finished:
                self._settle(waiting)

    def _settle(self, waiting: Waiting) -> None:
        """Hand over what is finished, unless nobody waits for it any more."""
        ticket = self._tickets.get(waiting)
        if ticket is not None:
            ticket.settle(waiting.error)
