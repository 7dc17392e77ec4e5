"""Judge processes beside a server: each holds the model and judges with its share of the cores, which the server's own then need not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pilah_api.services.judge_link import Answer, JudgeDiedError, JudgeLink
from pilah_api.services.judge_seats import Seat
from pilah_api.services.tickets import BusyError
from pilah_model.artefacts import ArtefactError
from pilah_model.decision import DecisionPolicy
from pilah_model.judgement import Judgement, ModelInfo, Post
from pilah_model.judgement_rows import of_row

_LONGEST = 30.0
CHANGED = "the files of the model changed while it was in use; put it in use anew, or start the server again"


class Judges:
    """The processes of one model; one that dies is replaced, and whoever asked it is told."""

    def __init__(self, commands: Sequence[Sequence[str]], longest: float = _LONGEST):
        """Take the commands that start the processes, one of each; one that does not answer for `longest` seconds is taken for hung."""
        self._back = asyncio.Event()
        self._seats = [Seat(command, self._spawn, self._back.set) for command in commands]
        self._longest = longest
        self._info: ModelInfo | None = None
        self._starting: set[JudgeLink] = set()
        self._reserved: JudgeLink | None = None
        self._closed, self._lock = False, threading.Lock()

    def start(self) -> ProcessJudge:
        """Start all processes, and return the judge behind them. Raises ArtefactError for a model that cannot be loaded."""
        try:
            for seat in self._seats:
                seat.link = seat.open()
            said, *_ = [self._greeting(link) for link in self._processes]
        except BaseException:
            self.close()
            raise
        policy = DecisionPolicy(**said["policy"])
        return ProcessJudge(self, ModelInfo(**said["model"]), said["card"], tuple(said["warnings"]), policy)

    @property
    def size(self) -> int:
        """Return how many processes there should be."""
        return len(self._seats)

    @property
    def alive(self) -> int:
        """Return how many processes judge."""
        return sum(seat.alive for seat in self._seats)

    @property
    def _processes(self) -> list[JudgeLink]:
        return [seat.link for seat in self._seats if seat.link is not None]

    async def attach(self) -> None:
        """Give all processes to the running event loop, which from then on sees at once if one dies; before that none is asked."""
        for link in self._processes:
            await link.attach()

    async def ask(self, place: int, question: dict[str, object]) -> Answer:
        """Ask the process of a place, or another one while that is dead; called from the event loop.

        Raises JudgeDiedError if it dies of it or before it has answered, JudgeFailedError, BusyError once the model is exchanged.
        """
        while (link := self._pick(place)) is None:
            await self._wait()
        return await self._answer(link, question)

    async def ask_alone(self, question: dict[str, object]) -> Answer:
        """Ask a process that has nothing else in hand and gets nothing else meanwhile; one such question at a time.

        So if it dies, it is of this question. Raises as `ask` does.
        """
        try:
            return await self._answer(await self._reserve(), question)
        finally:
            self._reserved = None
            self._back.set()

    def close(self) -> None:
        """Kill all processes for good; they hold nothing that must be saved. Where an event loop has them, use `end`."""
        with self._lock:
            self._closed = True
            for seat in self._seats:
                seat.closed = True
            processes = self._processes
            starting = list(self._starting)
        for one in (*processes, *starting):
            one.kill()
        for one in processes:
            one.bury()

    async def end(self) -> None:
        """Close from the event loop that has the processes, and wait until it has let go of them."""
        for seat in self._seats:
            seat.stop()
        await asyncio.to_thread(self.close)
        self._back.set()
        await asyncio.gather(*(seat.clear() for seat in self._seats), return_exceptions=True)

    def _pick(self, place: int) -> JudgeLink | None:
        """Return the process of a place, else any that may be asked."""
        own = self._seats[place % self.size].link
        if own is not None and own.ready and own is not self._reserved:
            return own
        free = [link for link in self._processes if link.ready and link is not self._reserved]
        return free[place % len(free)] if free else None

    async def _reserve(self) -> JudgeLink:
        """Keep a process from getting questions, and return it once it has none in hand."""
        while True:
            while not (ready := [link for link in self._processes if link.ready]):
                await self._wait()
            self._reserved = link = min(ready, key=lambda one: one.asked)
            await link.idle()
            if link.ready:
                return link

    async def _answer(self, link: JudgeLink, question: dict[str, object]) -> Answer:
        try:
            async with asyncio.timeout(self._longest):
                return await link.ask(question)
        except TimeoutError:
            link.kill()
            raise JudgeDiedError("a judge process did not answer") from None

    async def _wait(self) -> None:
        """Wait until another process may be asked. Raises BusyError where none ever will."""
        if self._closed:
            raise BusyError("The model was exchanged for another; send the request again.", 1)
        self._back.clear()
        await self._back.wait()

    def _spawn(self, seat: Seat) -> JudgeLink:
        """Start a process and wait until it has loaded the model; runs in a thread. Raises ArtefactError."""
        with self._lock:
            if self._closed:
                raise ArtefactError("the model is no longer in use")
            link = seat.open()
            self._starting.add(link)
        try:
            self._greeting(link)
        except BaseException:
            link.bury()
            raise
        finally:
            self._starting.discard(link)
        return link

    def _greeting(self, link: JudgeLink) -> dict[str, Any]:
        """Return what a process says of its model. Raises ArtefactError, too, if it is another one than before."""
        said = link.greeting()
        info = ModelInfo(**said["model"])
        if self._info not in (None, info):
            raise ArtefactError(CHANGED)
        self._info = info
        return said


def living(judge: object) -> int | None:
    """Return how many processes of a judge live; None for one that judges in the server's own process."""
    return judge.judges.alive if isinstance(judge, ProcessJudge) else None


@dataclass(frozen=True, slots=True)
class ProcessJudge:
    """A `Judge` whose model lives in other processes; only the queue before it asks them."""

    judges: Judges
    info: ModelInfo
    card: Mapping[str, object]
    opened_with: tuple[str, ...]
    policy: DecisionPolicy

    @property
    def warnings(self) -> Sequence[str]:
        """What an operator should know of how the model was opened, and of processes that are missing."""
        alive, size = self.judges.alive, self.judges.size
        missing = f"{size - alive} of {size} judge processes are being replaced; the log says why they ended"
        return (*self.opened_with, missing) if alive < size else self.opened_with

    def with_policy(self, policy: DecisionPolicy) -> ProcessJudge:
        """Return the same model under another decision rule."""
        return replace(self, policy=policy)

    def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
        """Refuse: posts come to the processes through the queue, which no door may pass by."""
        raise NotImplementedError("a model in processes of its own is asked through the queue before it")

    async def classify_at(
        self, place: int | None, posts: Sequence[Post], *, explain: bool
    ) -> tuple[list[Judgement], float, float]:
        """Judge posts in the process of a place, or without a place in one that has nothing else in hand; in their order.

        Return, too, how many seconds that took it, and when it was asked, by the monotonic clock. Raises as `Judges.ask` does.
        """
        policy, thresholds = self.policy, self.policy.thresholds
        question: dict[str, object] = {
            "texts": [post.text for post in posts],
            "explain": explain,
            "policy": [policy.lolos_below, policy.tinjau_from, policy.form_from],
        }
        if any(post.context is not None for post in posts):
            question["contexts"] = [post.context for post in posts]
        judges = self.judges
        answer = await (judges.ask_alone(question) if place is None else judges.ask(place, question))
        judgements = [
            of_row(row, self.info, id=post.id, tokens=tokens, thresholds=thresholds)
            for post, (row, tokens) in zip(posts, answer["judged"], strict=True)
        ]
        return judgements, answer["seconds"], answer["asked"]
