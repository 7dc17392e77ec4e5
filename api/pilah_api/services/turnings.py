"""Searches, for judged posts that did not pass, the words without which the proposal would be a milder one; bounded in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from pilah_api.services.classification import Judged
from pilah_api.services.tickets import BusyError
from pilah_data.taxonomy import Decision, Label
from pilah_model.judge import Judge
from pilah_model.judgement import Post
from pilah_model.turning import Reading, Turning, find_turning

SECONDS = 3.0
"""How long all posts of one request may take together; what is not finished by then is said to be unfinished."""


def find_turnings(
    judge: Judge, judged: Sequence[Judged], *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
) -> list[Turning | None]:
    """Return what would change each proposal, in the order of the posts; None for a post that passed."""
    end = clock() + seconds

    def read(texts: Sequence[str]) -> list[Reading]:
        return [(j.decision, j.probabilities[Label.PARTISAN]) for j in judge.classify([Post(text) for text in texts])]

    return [_turning(item, read, lambda: clock() < end) for item in judged]


def _turning(
    item: Judged, read: Callable[[Sequence[str]], list[Reading]], in_time: Callable[[], bool]
) -> Turning | None:
    judgement = item.judgement
    if judgement.decision is Decision.LOLOS:
        return None
    try:
        return find_turning(item.text, judgement.decision, judgement.evidence or (), read, in_time)
    except BusyError:
        # What was judged must not be lost because there is no time for more.
        return Turning(complete=False)
