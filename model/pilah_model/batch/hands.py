"""Who judges the texts of shards: a hand takes one list of texts at a time; several hands work side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Protocol

from pilah_model.batch.verdicts import as_line
from pilah_model.judgement import Judgement, ModelInfo, Post

Contexts = Sequence[str | None]
"""The posts that the texts of a list answer, as many as there are texts; None where there is none."""


class Classifies(Protocol):
    """As much of a judge (`pilah_model.judge`) as a hand needs."""

    @property
    def info(self) -> ModelInfo:
        """Which model judges."""

    def classify(self, posts: Sequence[Post], *, explain: bool = False) -> list[Judgement]:
        """Judge posts, in their order."""


class Hand(Protocol):
    """Judges one list of texts at a time, in a thread of its own."""

    def judge(self, texts: Sequence[str], *, explain: bool, contexts: Contexts | None = None) -> list[str]:
        """Return one line of `verdicts` for each text; the same texts and contexts always give the same lines."""


class Crew(Protocol):
    """The hands of a run; other machines can be hands, too, as long as they judge the same lists of texts."""

    def start(self) -> ModelInfo:
        """Get ready; say which model judges."""

    @property
    def hands(self) -> Sequence[Hand]:
        """The hands, at least one."""

    def close(self) -> None:
        """Stop, whatever the hands are doing."""


class InProcess:
    """One hand within this process; a judge that leaves Python while it computes lets reading and writing go on."""

    def __init__(self, judge: Classifies):
        """Wrap a judge."""
        self._judge = judge
        self.hands: Sequence[Hand] = (self,)

    def start(self) -> ModelInfo:
        """Say which model judges."""
        return self._judge.info

    def judge(self, texts: Sequence[str], *, explain: bool, contexts: Contexts | None = None) -> list[str]:
        """Return one line for each text."""
        posts = [Post(text, context=context) for text, context in zip(texts, contexts or repeat(None), strict=False)]
        return [as_line(j) for j in self._judge.classify(posts, explain=explain)]

    def close(self) -> None:
        """There is nothing to stop."""
