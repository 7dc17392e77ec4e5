from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pilah_data.errors import InputError
from pilah_data.working_days import FILE, Calendar, indonesian_calendar, read_calendar

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
    calendar = indonesian_calendar()
    assert calendar.deadline(known) == last
    assert calendar.days_left(known, last) == 0
    assert calendar.days_left(known, last + dt.timedelta(days=1)) == -1
    assert calendar.days_left(known, known) == 7


def test_days_left_do_not_change_over_a_holiday() -> None:
    calendar = indonesian_calendar()
    known = DAY(2024, 4, 4)
    assert {calendar.days_left(known, DAY(2024, 4, day)) for day in range(5, 16)} == {6}


def test_what_is_urgent_is_told_by_the_day_it_became_known() -> None:
    calendar, today = indonesian_calendar(), DAY(2026, 11, 26)
    border = calendar.known_since(today, 2)
    assert calendar.days_left(border, today) > 2
    assert calendar.days_left(border - dt.timedelta(days=1), today) == 2


def test_every_year_has_its_fixed_holidays_and_the_file_waits_for_the_agency() -> None:
    calendar = indonesian_calendar()
    for year in range(2024, 2028):
        for month, day in ((1, 1), (5, 1), (6, 1), (8, 17), (12, 25)):
            assert not calendar.is_working(DAY(year, month, day))
    assert not calendar.is_working(DAY(2024, 11, 27))
    assert not calendar.checked
    assert "TO BE CHECKED" in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("content", "where"), [("[2026.x]\n2026-13-01 = 'a'", "2026-13-01"), ("= 3", "not TOML")])
def test_a_wrong_file_is_told(tmp_path: Path, content: str, where: str) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=where):
        read_calendar(path)


def test_an_empty_calendar_knows_weekends() -> None:
    assert [Calendar({}, checked=True).is_working(DAY(2026, 11, day)) for day in (27, 28, 29, 30)] == [
        True,
        False,
        False,
        True,
    ]
