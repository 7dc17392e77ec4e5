"""The queue before the model: concurrent requests share batches, take turns, and are refused at once when the wait is too long."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pilah_api.services.classification import Judge
from pilah_api.services.pace import BATCH, HEAVY, Pace
from pilah_api.services.tickets import BusyError, Gone, Patience, Ticket
from pilah_api.services.turns import Piece, Turns, Waiting
from pilah_model.judgement import Judgement, Post

_MOST_CHARACTERS = 32 * 1024 * 1024
"""What may wait in memory, whatever the wait: four of the largest requests."""
_LEAST = 4
"""Posts of a batch, if so many wait, however slow the model is: a post by itself takes as long as two."""


class Watcher(Protocol):
    """Is told what the queue does; called from worker threads."""

    def waited(self, seconds: float) -> None:
        """A request's first posts were taken after so long."""

    def batch(self, posts: int, seconds: float) -> None:
        """So many posts were judged at once, which took the model so long."""

    def judged(self, judgements: Sequence[Judgement]) -> None:
        """Posts that count were judged."""


@dataclass(eq=False, slots=True)
class _Worker:
    """Since when a worker is busy, and how long it is expected to be; 0 while it is idle."""

    since: float = 0.0
    seconds: float = 0.0

    @property
    def heavy(self) -> bool:
        return self.seconds > HEAVY

    def remaining(self, now: float) -> float:
        return max(0.0, self.since + self.seconds - now) if self.seconds else 0.0


class JudgingQueue:
    """Judges the posts of concurrent requests by a few worker threads; a judgement does not depend on who shares a batch."""

    def __init__(self, workers: int, watcher: Watcher):
        """Start the workers, in the running event loop. Each runs the model on its own, so the model should use few threads."""
        self.loop = asyncio.get_running_loop()
        self._watcher = watcher
        self._pace = Pace()
        self._turns = Turns(self._pace)
        self._tickets: dict[Waiting, Ticket] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._workers = [_Worker() for _ in range(workers)]
        # Daemons: a post that takes minutes must not keep a server from stopping.
        self._threads = [
            threading.Thread(target=self._work, args=(worker,), name="pilah-judging", daemon=True)
            for worker in self._workers
        ]
        for thread in self._threads:
            thread.start()

    @property
    def posts(self) -> int:
        """Return how many posts wait."""
        return self._turns.posts

    def expected_wait(self, *, heavy: bool = False) -> float:
        """Return in how many seconds the first posts of a new request would be taken."""
        now = time.monotonic()
        soonest = min(worker.remaining(now) for worker in self._workers)
        occupied = sum(worker.heavy for worker in self._workers)
        if heavy:
            return (soonest if occupied == self._most_heavy else 0.0) + (
                self._turns.seconds_of_turns(heavy=True) / self._most_heavy
            )
        return soonest + self._turns.seconds_of_turns(heavy=False) / max(1, len(self._workers) - occupied)

    def require_room(self, patience: float, *, heavy: bool = False) -> None:
        """Raise BusyError if a new request would wait for more than so many seconds."""
        wait = self.expected_wait(heavy=heavy)
        if wait > patience or self._turns.characters > _MOST_CHARACTERS:
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
        waiting = Waiting(posts, judge, explain, time.monotonic(), counted, answers=[None] * len(posts))
        ticket = Ticket.opened(waiting, patience, gone)
        try:
            with self._changed:
                if self._closing:
                    raise BusyError("The server is stopping; send the request again in a moment.", 5)
                self._tickets[waiting] = ticket
                self._turns.add(waiting)
                self._changed.notify()
            return await ticket.future
        finally:
            ticket.close()
            if self._tickets.pop(waiting, None) is not None and waiting.done < len(posts):
                with self._changed:
                    self._turns.drop(waiting)

    async def close(self, seconds: float) -> None:
        """Take nothing new, let the workers finish what waits for at most so many seconds, and end them."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            await asyncio.to_thread(thread.join, max(0.0, until - time.monotonic()))

    # --- in the worker threads ------------------------------------------------------------------------------------

    @property
    def _most_heavy(self) -> int:
        """Return how many workers may have heavy posts at once: one stays for the others, if there are several."""
        return max(1, len(self._workers) - 1)

    def _work(self, worker: _Worker) -> None:
        while True:
            with self._changed:
                worker.seconds = 0.0
                while not (batch := self._take(worker)):
                    if self._closing and not len(self._turns):
                        return
                    self._changed.wait()
                if len(self._turns):
                    self._changed.notify()
            self._judge_batch([piece for piece in batch if not piece.waiting.dropped])

    def _take(self, worker: _Worker) -> list[Piece]:
        """Take a batch for a worker; of little that waits, only this worker's share."""
        heavy = sum(other.heavy for other in self._workers) < self._most_heavy
        share = self._turns.seconds_of_turns(heavy=False) / len(self._workers)
        least = min(_LEAST, max(2, self._turns.posts // len(self._workers)))
        batch = self._turns.take(min(BATCH, share), least=least, heavy=heavy)
        worker.since = time.monotonic()
        worker.seconds = sum(
            self._pace.seconds(post, explain=piece.waiting.explain) for piece in batch for post in piece.posts
        )
        for piece in batch:
            if piece.start == 0:
                self._watcher.waited(worker.since - piece.waiting.arrived)
        return batch

    def _judge_batch(self, batch: list[Piece]) -> None:
        found = {piece.waiting for piece in batch}
        while batch:
            pieces = [piece for piece in batch if piece.goes_with(batch[0])]
            batch = [piece for piece in batch if not piece.goes_with(pieces[0])]
            try:
                self._judge_pieces(pieces)
            except Exception:  # noqa: BLE001 - whose post it was shows when each is judged by itself
                for piece in pieces:
                    self._judge_alone(piece)
        self._settle(found)

    def _judge_alone(self, piece: Piece) -> None:
        try:
            self._judge_pieces([piece])
        except Exception as error:  # noqa: BLE001 - it belongs to the request, which raises it
            piece.waiting.error = error

    def _judge_pieces(self, pieces: list[Piece]) -> None:
        posts = [post for piece in pieces for post in piece.posts]
        judge, explain = pieces[0].waiting.judge, pieces[0].waiting.explain
        began = time.monotonic()
        judgements = judge.classify(posts, explain=explain)
        seconds = time.monotonic() - began
        self._pace.learn(posts, seconds, explain=explain)
        self._watcher.batch(len(posts), seconds)
        found = iter(judgements)
        for piece in pieces:
            answers = [next(found) for _ in piece.posts]
            piece.waiting.answers[piece.start : piece.stop] = answers
            if piece.waiting.counted:
                self._watcher.judged(answers)
            with self._changed:
                piece.waiting.done += len(piece.posts)

    def _settle(self, found: set[Waiting]) -> None:
        """Wake the event loop once for all requests that a batch finished."""
        tickets = [ticket for waiting in found if waiting.finished and (ticket := self._tickets.get(waiting))]
        if tickets:
            # A loop that was closed meanwhile has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(_settle_all, tickets)


def _settle_all(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        ticket.settle(ticket.waiting.error)
