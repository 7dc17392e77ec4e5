"""How much of the seven working days is left of a post: by the calendar of this place, on the day it is now in western Indonesia."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pilah_data.calendar import WIB, Calendar
from pilah_data.working_days import FindingClock


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The clock of findings at one moment, by the same calendar as the cases that come of them."""

    calendar: Calendar
    now: dt.datetime

    def due_on(self, known_on: dt.date) -> dt.date:
        """Return the last day of the clock."""
        return FindingClock(self.calendar).deadline(known_on)

    def days_left(self, known_on: dt.date) -> int:
        """Return how many working days are left after today: 0 on the last day, -1 once the time is over."""
        return FindingClock(self.calendar).days_left(known_on, self._today)

    def known_since(self, left: int) -> dt.date:
        """Return the first day from which on something known leaves more than `left` working days."""
        return FindingClock(self.calendar).known_since(self._today, left)

    @property
    def _today(self) -> dt.date:
        return self.now.astimezone(WIB).date()
