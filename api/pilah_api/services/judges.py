"""Judge processes beside a server: each holds the model and judges with one thread, so that the server's own process need not."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pilah_api.services.judge_pipes import Answer, JudgeDiedError, JudgePipes
from pilah_api.services.tickets import BusyError
from pilah_model.artefacts import ArtefactError
from pilah_model.decision import DecisionPolicy
from pilah_model.judgement import Judgement, ModelInfo, Post
from pilah_model.judgement_rows import of_row

_FIRST_REST, _LONGEST_REST = 0.1, 30.0
"""Seconds before another process is started in place of one that would not start."""
_LONGEST = 120.0
"""Seconds after which a process that does not answer is taken for hung: the longest request takes a tenth of that."""
CHANGED = "the files of the model changed while it was in use; put it in use anew, or start the server again"

log = logging.getLogger("pilah.judges")


class Judges:
    """The processes of one model; one that dies is replaced, and what it had in hand is asked again of another."""

    def __init__(self, commands: Sequence[Sequence[str]]):
        """Take the commands that start the processes, one of each."""
        self._commands = commands
        self._pipes: list[JudgePipes | None] = [None] * len(commands)
        self._info: ModelInfo | None = None
        self._replacing: set[asyncio.Task[None]] = set()
        self._starting: set[JudgePipes] = set()
        self._back, self._over = asyncio.Event(), asyncio.Event()
        self._closed, self._lock = False, threading.Lock()

    def start(self) -> ProcessJudge:
        """Start all processes, and return the judge behind them. Raises ArtefactError for a model that cannot be loaded."""
        try:
            self._pipes = [JudgePipes(command, self._ended) for command in self._commands]
            said, *_ = [self._greeting(pipes) for pipes in self._pipes if pipes is not None]
        except BaseException:
            self.close()
            raise
        policy = DecisionPolicy(**said["policy"])
        return ProcessJudge(self, ModelInfo(**said["model"]), said["card"], tuple(said["warnings"]), policy)

    @property
    def size(self) -> int:
        """Return how many processes there should be."""
        return len(self._pipes)

    @property
    def alive(self) -> int:
        """Return how many processes judge."""
        return sum(pipes is not None and not pipes.dead for pipes in self._pipes)

    async def attach(self) -> None:
        """Give the pipes of all processes to the running event loop, which from then on sees at once if one dies."""
        for pipes in self._pipes:
            if pipes is not None:
                await pipes.attach()

    async def ask(self, place: int, question: dict[str, object]) -> Answer:
        """Ask the process of a place, or another one while that is dead; called from the event loop.

        Raises JudgeDiedError if it dies of it or before it has answered, BusyError if no process comes back.
        """
        while (pipes := self._pick(place)) is None:
            if self._closed:
                raise BusyError("The model was exchanged for another; send the request again.", 1)
            await self._wait()
        try:
            async with asyncio.timeout(_LONGEST):
                return await pipes.ask(question)
        except TimeoutError:
            pipes.kill()
            raise JudgeDiedError from None

    def close(self) -> None:
        """Kill all processes for good; they hold nothing that must be saved. Where an event loop has them, use `end`."""
        with self._lock:
            self._closed = True
            pipes = [one for one in self._pipes if one is not None]
            starting = list(self._starting)
        for one in (*pipes, *starting):
            one.kill()
        for one in pipes:
            one.bury()

    async def end(self) -> None:
        """Close from the event loop that has the pipes, and wait until it has let go of them."""
        self._over.set()
        await asyncio.to_thread(self.close)
        self._back.set()
        await asyncio.gather(*self._replacing)
        for pipes in self._pipes:
            if pipes is not None:
                await pipes.detach()

    def _pick(self, place: int) -> JudgePipes | None:
        """Return the process of a place, else any living one."""
        own = self._pipes[place % self.size]
        if own is not None and not own.dead:
            return own
        living = [pipes for pipes in self._pipes if pipes is not None and not pipes.dead]
        return living[place % len(living)] if living else None

    def _ended(self, pipes: JudgePipes) -> None:
        """Begin to replace a process that died."""
        if not self._closed and pipes in self._pipes:
            task = asyncio.get_running_loop().create_task(self._replace(self._pipes.index(pipes), pipes))
            self._replacing.add(task)
            task.add_done_callback(self._replacing.discard)

    async def _wait(self) -> None:
        self._back.clear()
        await self._back.wait()

    async def _replace(self, at: int, dead: JudgePipes) -> None:
        code = await asyncio.to_thread(dead.bury)
        log.warning("a judge process ended with exit code %s; another one takes its place", code)
        rest = _FIRST_REST
        while not self._over.is_set():
            try:
                pipes = await asyncio.to_thread(self._spawn, self._commands[at])
            except ArtefactError as error:
                log.error("a judge process does not start: %s", error)  # noqa: TRY400 - where it happened says nothing
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), rest)
                rest = min(2 * rest, _LONGEST_REST)
                continue
            self._pipes[at] = pipes
            if self._over.is_set():
                await asyncio.to_thread(pipes.bury)
            else:
                await pipes.attach()
            break
        self._back.set()

    def _spawn(self, command: Sequence[str]) -> JudgePipes:
        """Start a process and wait until it has loaded the model; runs in a thread. Raises ArtefactError."""
        with self._lock:
            if self._closed:
                raise ArtefactError("the model is no longer in use")
            pipes = JudgePipes(command, self._ended)
            self._starting.add(pipes)
        try:
            self._greeting(pipes)
        except BaseException:
            pipes.bury()
            raise
        finally:
            self._starting.discard(pipes)
        return pipes

    def _greeting(self, pipes: JudgePipes) -> dict[str, Any]:
        """Return what a process says of its model. Raises ArtefactError, too, if it is another one than before."""
        said = pipes.greeting()
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

    async def classify_at(self, place: int, posts: Sequence[Post], *, explain: bool) -> tuple[list[Judgement], float]:
        """Judge posts in the process of a place, in their order; return, too, how many seconds that took it.

        Raises as `Judges.ask` does, and JudgeFailedError.
        """
        policy, thresholds = self.policy, self.policy.thresholds
        question: dict[str, object] = {
            "texts": [post.text for post in posts],
            "explain": explain,
            "policy": [policy.lolos_below, policy.tinjau_from, policy.form_from],
        }
        if any(post.context is not None for post in posts):
            question["contexts"] = [post.context for post in posts]
        answer = await self.judges.ask(place, question)
        judgements = [
            of_row(row, self.info, id=post.id, tokens=tokens, thresholds=thresholds)
            for post, (row, tokens) in zip(posts, answer["judged"], strict=True)
        ]
        return judgements, answer["seconds"]
