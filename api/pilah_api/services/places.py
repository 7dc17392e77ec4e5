"""Places at which models work, what each has in hand, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pilah_api.services.pace import HEAVY
from pilah_model.judgement import Judgement

_LATE = 1.0
"""Seconds by which a place may be late before it is taken to be as late again: what hangs is not free soon."""


class Watcher(Protocol):
    """Is told what the queue does."""

    def waited(self, seconds: float) -> None:
        """A request's first posts were taken after so long."""

    def batch(self, posts: int, seconds: float) -> None:
        """So many posts were judged at once, which took the model so long."""

    def judged(self, judgements: Sequence[Judgement]) -> None:
        """Posts that count were judged."""


@dataclass(eq=False, slots=True)
class Batch:
    """Posts that a place has in hand: since when it is, or will be, busy with them, and for how long, as expected."""

    since: float
    seconds: float

    @property
    def until(self) -> float:
        """Return when it is expected to be done."""
        return self.since + self.seconds


@dataclass(eq=False, slots=True)
class Place:
    """Where one model works; what it gets while it works it begins with at once afterwards."""

    number: int
    batches: list[Batch] = field(default_factory=list)
    answered: float = 0.0
    """When its last answer came."""

    @property
    def heavy(self) -> bool:
        """Return whether it is kept so long that what waits for it would suffer."""
        return any(batch.seconds > HEAVY for batch in self.batches)

    @property
    def until(self) -> float:
        """Return when it is expected to be done with all that it has."""
        return max((batch.until for batch in self.batches), default=0.0)

    def left(self, now: float) -> float:
        """Return in how many seconds it is expected to be done with all that it has."""
        left = self.until - now
        if left >= 0:
            return left
        return -left if self.batches and left < -_LATE else 0.0
