"""Batches on their way through a model: what comes of them, and whose fault it is if nothing does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from pilah_api.services.judge_link import JudgeDiedError
from pilah_api.services.judges import ProcessJudge
from pilah_api.services.judging_threads import JudgingThreads
from pilah_api.services.pace import Pace
from pilah_api.services.places import Place, Watcher
from pilah_api.services.turns import Piece, Waiting
from pilah_model.judgement import Judgement

LIVES = 3
"""How many judge processes one request may cost: the first in company, then its posts go alone, to one with nothing else in hand."""


class BatchJudging:
    """Has batches judged, and the posts of each request by themselves where they fail together; used from one event loop."""

    def __init__(self, workers: int, pace: Pace, watcher: Watcher, settle: Callable[[Waiting], None]):
        """Take how many models of this process may work at once, who learns of what they do, and what is told of a finished request."""
        self._pace, self._watcher, self._settle = pace, watcher, settle
        self._threads = JudgingThreads(workers)
        self._one_at_a_time = asyncio.Lock()

    def close(self) -> None:
        """Let threads end once they have nothing in hand."""
        self._threads.close()

    async def judge(self, place: Place, left: list[Piece]) -> None:
        """Judge posts at a place, and settle the requests that are finished or failed by it."""
        while left:
            pieces = [piece for piece in left if piece.goes_with(left[0])]
            left = [piece for piece in left if not piece.goes_with(pieces[0])]
            try:
                judgements, seconds, asked = await self._ask(place.number, pieces)
            except JudgeDiedError as error:
                # At once, so that those whose fault it was not go before the second try of the one whose it was.
                await asyncio.gather(*(self._judge_alone(piece, error) for piece in pieces))
            except Exception as error:  # noqa: BLE001 - whose post it was shows when each is judged by itself
                for piece in pieces:
                    await self._judge_again(place, piece, error)
            else:
                now = time.monotonic()
                self._pace.note_passed(seconds, now - max(asked, place.answered))
                place.answered = now
                self._take_in(pieces, judgements, seconds)

    async def _judge_alone(self, piece: Piece, error: Exception) -> None:
        """Judge a request's posts in a process with nothing else in hand, again if it dies of them; fail the request in the end."""
        for _ in range(LIVES - 1):
            async with self._one_at_a_time:
                if piece.waiting.dropped or piece.waiting.error is not None:
                    break
                try:
                    judgements, seconds, _ = await self._ask(None, [piece])
                except JudgeDiedError as died:
                    error = died
                except Exception as failed:  # noqa: BLE001 - it belongs to the request, which raises it
                    error = failed
                    break
                else:
                    self._take_in([piece], judgements, seconds)
                    return
        self._fail(piece, error)

    async def _judge_again(self, place: Place, piece: Piece, error: Exception) -> None:
        """Judge a request's posts by themselves after a batch that failed, or fail the request."""
        if piece.waiting.dropped:
            self._fail(piece, error)
            return
        try:
            judgements, seconds, _ = await self._ask(place.number, [piece])
        except JudgeDiedError as died:  # whoever came next in that process may be guilty
            await self._judge_alone(piece, died)
        except Exception as failed:  # noqa: BLE001 - it belongs to the request, which raises it
            self._fail(piece, failed)
        else:
            self._take_in([piece], judgements, seconds)

    async def _ask(self, place: int | None, pieces: Sequence[Piece]) -> tuple[list[Judgement], float, float]:
        """Return judgements of posts that go together, how many seconds they took, and when the model was asked."""
        posts = [post for piece in pieces for post in piece.posts]
        judge, explain = pieces[0].waiting.judge, pieces[0].waiting.explain
        if isinstance(judge, ProcessJudge):
            return await judge.classify_at(place, posts, explain=explain)
        began = time.monotonic()
        judgements = await self._threads.run(lambda: judge.classify(posts, explain=explain))
        return judgements, time.monotonic() - began, began

    def _take_in(self, pieces: Sequence[Piece], judgements: Sequence[Judgement], seconds: float) -> None:
        """Hand judgements to the requests, and learn from how long they took."""
        posts = [post for piece in pieces for post in piece.posts]
        self._pace.learn(posts, seconds, explain=pieces[0].waiting.explain)
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

    def _fail(self, piece: Piece, error: Exception) -> None:
        piece.waiting.error = error
        self._settle(piece.waiting)
