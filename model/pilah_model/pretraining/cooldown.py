"""When the rate of a run falls, and how a cool-down that was cut off goes on."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

from pilah_model.pretraining.config import Budget


@dataclass(frozen=True)
class Cooldown:
    """A cool-down under way: the budget that it was begun with, which share of that is used, and the step that it began after."""

    began_after: int
    used: float
    minutes: float
    cooldown_minutes: float
    max_steps: int | None

    def of(self, budget: Budget) -> Budget:
        """Return the budget of another call with the lengths of this cool-down."""
        return dataclasses.replace(
            budget, minutes=self.minutes, cooldown_minutes=self.cooldown_minutes, max_steps=self.max_steps
        )

    @property
    def done(self) -> float:
        """The share of the cool-down that is behind."""
        return min(1.0, 1.0 - (1.0 - self.used) * self.minutes / self.cooldown_minutes)

    def __str__(self) -> str:
        """Say how far it is."""
        left = (1.0 - self.done) * self.cooldown_minutes
        return f"{self.done:.0%} of {self.cooldown_minutes:g} min done, {left:.1f} min left"


class Clock:
    """How much of its budget a call has used, beginning with `steps` steps, or within a cool-down that was cut off."""

    def __init__(self, budget: Budget, steps: int, cooldown: Cooldown | None):
        """Start the clock; a cool-down goes on with its own lengths, whatever those of this call are."""
        self.budget = cooldown.of(budget) if cooldown else budget
        self._before, self._first = cooldown.used if cooldown else 0.0, steps
        self._began = time.monotonic()

    def seconds(self) -> float:
        """Return the seconds of this call."""
        return time.monotonic() - self._began

    def used(self, steps: int) -> float:
        """Return the share of the budget that is used when the run has made so many steps; 1 and more is all."""
        return self._before + self.budget.used(self.seconds(), steps - self._first)

    def rate(self, used: float) -> float:
        """Return the share of the learning rate: 1, and falling to 0 in the cool-down."""
        start = self.budget.cool_from
        return 1.0 - max(0.0, (used - start) / max(1e-9, 1.0 - start))

    def cooldown(self, began_after: int, used: float) -> Cooldown:
        """Return where the cool-down stands, for a checkpoint."""
        budget = self.budget
        return Cooldown(began_after, used, budget.minutes, budget.cooldown_minutes, budget.max_steps)
