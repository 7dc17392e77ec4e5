"""The stage engine: which stage a day falls into, by which election, and which rules a stage points to."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pilah_data import stages
from pilah_data.errors import DataError
from pilah_data.stages import Period, RuleKind, read_stages
from pilah_data.taxonomy import FORMS, Stage

SHIPPED = Path(stages.__file__).with_name(stages.ELECTIONS_FILE)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "election", "period"),
    [
        ("2024-09-21", "pilkada-2024", Period.T1),
        ("2024-09-22", "pilkada-2024", Period.T2),
        ("2024-11-23", "pilkada-2024", Period.T2),
        ("2024-11-24", "pilkada-2024", Period.T3),
        ("2024-11-27", "pilkada-2024", Period.T4),
        ("2024-12-17", "pilkada-2024", Period.T5),
        ("2025-02-21", "pilkada-2024", Period.T0),
        ("2024-02-11", "pemilu-2024", Period.T3),
        ("2024-02-14", "pemilu-2024", Period.T4),
    ],
)
def test_the_stage_of_a_day(on: str, election: str, period: Period) -> None:
    (found,) = read_stages().on(day(on), election)
    assert found.rule.period is period
    assert found.election is not None
    assert found.election.id == election


def test_a_day_may_fall_into_the_stages_of_two_elections() -> None:
    found = read_stages().on(day("2024-10-03"))
    assert [(one.election.id if one.election else "", one.rule.period) for one in found] == [
        ("pemilu-2024", Period.T5),
        ("pilkada-2024", Period.T2),
    ]


def test_outside_of_all_stages_there_is_one_answer() -> None:
    (found,) = read_stages().on(day("2026-11-26"))
    assert (found.election, found.rule.period) == (None, Period.T0)


def test_ethics_before_determination_and_discipline_after() -> None:
    rules = read_stages().rules
    assert set(rules) == set(Period)
    assert rules[Period.T1].kind is RuleKind.KODE_ETIK
    assert {rules[period].kind for period in (Period.T2, Period.T3, Period.T4, Period.T5)} == {RuleKind.DISIPLIN}
    assert "PP 42/2004" in rules[Period.T1].basis
    assert "PP 94/2021" in rules[Period.T2].basis


def test_every_stage_but_none_points_to_a_column_of_the_forms() -> None:
    assert Period.T0.side is None
    assert Period.T1.side is Stage.SEBELUM_PENETAPAN
    assert all(Period(f"T{n}").side is Stage.SESUDAH_PENETAPAN for n in range(2, 6))
    assert all(form.basis[stage] for form in FORMS.values() for stage in Stage)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("until = 2024-11-23", "until = 2024-09-01", "ends before it begins"),
        ("from = 2024-11-24", "from = 2024-11-23", "before the one above"),
        ('stage = "T3", from = 2024-11-24', 'stage = "T9", from = 2024-11-24', "is not one of"),
        ('stage = "T3", from = 2024-11-24', 'stage = "T0", from = 2024-11-24', "leave it out"),
        ('id = "pilkada-2024"', 'id = "pemilu-2024"', "same id"),
        ('kind = "umum"', 'kind = "lain"', "is not one of"),
        ('stage = "T5"\ntitle', 'stage = "T4"\ntitle', "twice"),
    ],
)
def test_a_wrong_list_names_what_is_wrong(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "elections.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_stages(path)


def test_a_list_of_ones_own_replaces_ours(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8").replace("pilkada-2024", "pilkada-2031").replace("2024-10-03", "")
    path = tmp_path / "elections.toml"
    path.write_text(text, encoding="utf-8")
    assert [one.id for one in read_stages(path).elections] == ["pemilu-2024", "pilkada-2031"]
