"""The clock of a finding: within how many working days it must be raised after it became known.

A finding is fixed within seven days of its discovery, a report made within seven working days after it became known (UU 7/2017 art. 454,
Perbawaslu 7/2022 art. 8); this clock counts working days of `pilah_data.calendar`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pilah_data.calendar import Calendar

CLOCK_DAYS = 7
"""Days, and working days, within which a finding must be raised."""
_AHEAD = 400


@dataclass(frozen=True, slots=True)
class FindingClock:
    """Counts the working days that are left to raise a finding."""

    calendar: Calendar

    def deadline(self, known_on: dt.date) -> dt.date:
        """Return the last day of the clock: the seventh working day after the day on which something became known."""
        return self.calendar.end_of(known_on, CLOCK_DAYS)

    def days_left(self, known_on: dt.date, today: dt.date) -> int:
        """Return how many working days are left after today: 0 on the last day, -1 once the time is over."""
        last = self.deadline(known_on)
        return -1 if today > last else self.calendar.working_days(today, last)

    def known_since(self, today: dt.date, left: int) -> dt.date:
        """Return the first day from which on something known leaves more than `left` working days today."""
        day = today
        while self.days_left(day, today) > left and (today - day).days < _AHEAD:
            day -= dt.timedelta(days=1)
        return day + dt.timedelta(days=1)
