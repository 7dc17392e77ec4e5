"""The model as the doors get it: behind the queue, so that every door takes its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pilah_api.services.judging import JudgingQueue
from pilah_api.services.tickets import Gone, Patience
from pilah_model.decision import DecisionPolicy
from pilah_model.judge import Judge
from pilah_model.judgement import Judgement, ModelInfo, Post


@dataclass(frozen=True, slots=True)
class QueuedJudge:
    """A `Judge` whose posts wait for their turn, with the patience of one door; `judge` decides when it comes."""

    queue: JudgingQueue
    judge: Judge
    patience: Patience

    @property
    def info(self) -> ModelInfo:
        """Which model judges."""
        return self.judge.info

    @property
    def card(self) -> Mapping[str, object]:
        """What the model is for, its limits and figures."""
        return self.judge.card

    @property
    def warnings(self) -> Sequence[str]:
        """What an operator should know of how the model was opened."""
        return self.judge.warnings

    @property
    def policy(self) -> DecisionPolicy:
        """The decision rule by which it judges."""
        return self.judge.policy

    def with_policy(self, policy: DecisionPolicy) -> QueuedJudge:
        """Return the same model under another decision rule."""
        return replace(self, judge=self.judge.with_policy(policy))

    def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
        """Judge posts from a thread, which waits; raises BusyError, TimedOutError, or what the model raises."""
        # Pages explain the posts that they show; what they ask without explanation is variants of these.
        waiting = self.queue.judge(posts, self.judge, explain=explain, patience=self.patience, counted=explain)
        return asyncio.run_coroutine_threadsafe(waiting, self.queue.loop).result()

    async def classify_soon(
        self, posts: Sequence[Post], *, explain: bool = False, gone: Gone | None = None
    ) -> list[Judgement]:
        """Judge posts from the event loop; raises CallerGoneError, too, once `gone` returns."""
        return await self.queue.judge(posts, self.judge, explain=explain, patience=self.patience, gone=gone)
