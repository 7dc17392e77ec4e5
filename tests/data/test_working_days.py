from __future__ import annotations

import datetime as dt

import pytest

from pilah_data.calendar import read_calendar
from pilah_data.working_days import FindingClock

DAY = dt.date


@pytest.mark.parametrize(
    ("known", "last"),
    [
        (DAY(2024, 2, 5), DAY(2024, 2, 19)),  # Isra Mikraj, joint leave, a weekend and polling day on the way
        (DAY(2024, 4, 5), DAY(2024, 4, 24)),  # Idulfitri
        (DAY(2026, 11, 26), DAY(2026, 12, 7)),
        (DAY(2026, 11, 28), DAY(2026, 12, 8)),  # known on a Saturday
    ],
)
def test_the_clock_runs_on_working_days(known: DAY, last: DAY) -> None:
    calendar = FindingClock(read_calendar())
    assert calendar.deadline(known) == last
    assert calendar.days_left(known, last) == 0
    assert calendar.days_left(known, last + dt.timedelta(days=1)) == -1
    assert calendar.days_left(known, known) == 7


def test_days_left_do_not_change_over_a_holiday() -> None:
    calendar = FindingClock(read_calendar())
    known = DAY(2024, 4, 4)
    assert {calendar.days_left(known, DAY(2024, 4, day)) for day in range(5, 16)} == {6}


def test_what_is_urgent_is_told_by_the_day_it_became_known() -> None:
    calendar, today = FindingClock(read_calendar()), DAY(2026, 11, 26)
    border = calendar.known_since(today, 2)
    assert calendar.days_left(border, today) > 2
    assert calendar.days_left(border - dt.timedelta(days=1), today) == 2
