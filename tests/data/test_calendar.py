"""Working days: what the list of holidays says, how a period ends, and what a list must not hold."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pilah_data.calendar import Calendar, read_calendar
from pilah_data.errors import DataError, InputError

MONDAY = dt.date(2026, 11, 23)
HEAD = "as_of = 2026-01-01\n"


def small(*days: dt.date) -> Calendar:
    return Calendar(MONDAY, dict.fromkeys(days, "libur"), frozenset({2026}))


def test_weekends_and_holidays_are_no_working_days() -> None:
    shipped = read_calendar()
    assert shipped.is_working(MONDAY)
    assert not shipped.is_working(dt.date(2026, 11, 28))
    assert not shipped.is_working(dt.date(2026, 12, 25))
    assert not shipped.is_working(dt.date(2024, 11, 27))


def test_a_period_begins_the_day_after_and_ends_on_a_working_day() -> None:
    assert small().end_of(MONDAY, 7) == dt.date(2026, 12, 2)
    assert small(dt.date(2026, 11, 24)).end_of(MONDAY, 1) == dt.date(2026, 11, 25)
    assert small().end_of(dt.date(2026, 11, 28), 1) == dt.date(2026, 11, 30)
    assert small().end_of(MONDAY, 0) == MONDAY


@pytest.mark.parametrize("days", range(1, 15))
def test_counting_agrees_with_the_end_of_a_period(days: int) -> None:
    calendar = small(dt.date(2026, 11, 26), dt.date(2026, 12, 1))
    end = calendar.end_of(MONDAY, days)
    assert calendar.working_days(MONDAY, end) == days
    assert calendar.working_days(end, MONDAY) == -days


def test_years_without_a_list_are_not_known() -> None:
    assert small().knows(MONDAY, dt.date(2026, 12, 31))
    assert not small().knows(MONDAY, dt.date(2027, 1, 1))
    assert not small().knows(dt.date(2027, 1, 1), MONDAY)


def test_every_listed_day_lies_in_its_year_and_years_follow_one_another() -> None:
    shipped = read_calendar()
    assert sorted(shipped.years) == list(range(min(shipped.years), max(shipped.years) + 1))
    assert {day.year for day in shipped.holidays} == shipped.years


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[year]]\nyear = 2026\nday = [{ on = 2025-12-25, name = "x" }]', "is not in 2026"),
        ('[[year]]\nyear = 2026\nday = [{ on = "25 Desember", name = "x" }]', "not a date"),
        ("[[year]]\nyear = 2026\nday = []\n[[year]]\nyear = 2026\nday = []", "twice"),
        (
            '[[year]]\nyear = 2026\nday = [{ on = 2026-12-25, name = "x" }, { on = 2026-12-25, name = "y" }]',
            "twice",
        ),
        ("[[year]]\nyear = 2026\nday = []\nextra = 1", "unknown field"),
    ],
)
def test_a_wrong_list_names_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_calendar(path)


def test_a_missing_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_calendar(tmp_path / "none.toml")
