"""Coefficients against published examples, and the files of repeated readings; every fault is named by file, line and field."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pilah_data.agreement import LEAST_SUPPORT, Estimate, alpha, as_text, figure, kappa, measure, read_many
from pilah_data.annotation import write_annotations
from pilah_data.corrections import COLUMNS
from pilah_data.errors import DataError
from pilah_data.records import Reading
from pilah_data.taxonomy import Label
from pilah_data.tsv import write_table

MANY = ("id", "reader", "label", "forms")
SECOND = ("id", "label", "forms", "direction", "subtype")

# Krippendorff (2011), example C: four observers, twelve units, some values missing.
FOUR_OBSERVERS = ["111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11", "3"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with four readings, two of them read again: one alike, one not."""
    labels = dict(zip("abcd", (Label.PARTISAN, Label.POLITIK_NETRAL, Label.PARTISAN, Label.BUKAN_POLITIK), strict=True))
    readings = [
        Reading(key, label, ("B01",) if label is Label.PARTISAN else (), None, None, None, "train", "uji", "round1")
        for key, label in labels.items()
    ]
    write_annotations(tmp_path / "labels_1.tsv", readings)
    rows = [("a", "partisan", "B01", "dukung", "-"), ("b", "perlu_konteks", "-", "-", "-")]
    write_table(tmp_path / "second_readings.tsv", SECOND, rows)
    return tmp_path


def test_alpha_of_the_published_example() -> None:
    assert alpha([list(unit) for unit in FOUR_OBSERVERS])[0] == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_two_observers_and_two_values() -> None:
    # Krippendorff (2011), example A.
    first, second = "0100000010", "1110010000"
    assert alpha(list(zip(first, second, strict=True)))[0] == pytest.approx(0.095, abs=5e-4)


def test_kappa_of_a_hand_counted_table() -> None:
    # Twenty agree on yes, fifteen on no, fifteen do not agree: 0.7 observed, 0.5 by chance.
    pairs = [("ya", "ya")] * 20 + [("ya", "tidak")] * 5 + [("tidak", "ya")] * 10 + [("tidak", "tidak")] * 15
    assert kappa(pairs)[0] == pytest.approx(0.4)


@pytest.mark.parametrize("coefficient", [alpha, kappa])
def test_full_agreement_is_one_and_no_variation_is_nothing(coefficient: object) -> None:
    assert callable(coefficient)
    assert coefficient([("x", "x"), ("y", "y")])[0] == pytest.approx(1)
    assert math.isnan(coefficient([("x", "x"), ("x", "x")])[0])


def test_a_post_read_once_says_nothing_about_agreement() -> None:
    assert alpha([["x", "x"], ["y", "y"], ["z"]]) == alpha([["x", "x"], ["y", "y"]])
    assert math.isnan(alpha([["x"], ["y"]])[0])


def test_the_interval_holds_the_value_and_repeats_with_the_seed() -> None:
    units = [["x", "x"], ["y", "y"], ["x", "y"], ["y", "y"]] * 10
    value, low, high = alpha(units, rounds=200, seed=3)
    assert low < value < high
    assert alpha(units, rounds=200, seed=3) == (value, low, high) != alpha(units, rounds=200, seed=4)


def test_second_readings_are_held_against_the_first(folder: Path) -> None:
    (measured,) = measure(folder, rounds=10)
    assert (measured.name, measured.posts, measured.judgements) == ("second_readings.tsv", 2, 4)
    by_name = {estimate.name: estimate for estimate in measured.estimates}
    assert by_name["kappa, partisan or not"].value == pytest.approx(1)
    assert by_name["kappa, label"].value == pytest.approx(1 / 3)
    assert by_name["alpha, B01"].support == 2
    assert "second_readings.tsv: 2 posts, 4 judgements" in as_text([measured])


def test_a_corrected_reading_counts_as_it_was_first_made(folder: Path) -> None:
    rows = [("a", "perlu_konteks", "-", "partisan", "B01", "second_reading", "objeknya jelas dari nomor urut")]
    write_table(folder / "corrections.tsv", COLUMNS, rows)
    (measured,) = measure(folder, rounds=10)
    assert {e.name: e for e in measured.estimates}["kappa, partisan or not"].value == pytest.approx(0)


def test_few_judgements_are_not_dressed_up_as_agreement() -> None:
    assert figure(Estimate("alpha, B07", 1.0, 1.0, 1.0, LEAST_SUPPORT - 1)) == "too few"
    assert figure(Estimate("alpha, B07", 0.5, 0.25, 0.75, LEAST_SUPPORT)) == "0.50 [0.25, 0.75]"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (("a", "satu", "partisan", "B01"), "reader"),
        (("b", "satu", "partai", "B01"), "label"),
        (("b", "satu", "partisan", "B11"), "forms"),
    ],
)
def test_a_bad_reading_by_many_is_named(tmp_path: Path, row: tuple[str, ...], field: str) -> None:
    path = tmp_path / "agreement.tsv"
    write_table(path, MANY, [("a", "satu", "partisan", "01"), row])
    with pytest.raises(DataError) as caught:
        read_many(path)
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 3, field)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (("x", "partisan", "B01", "dukung", "-"), "id"),
        (("a", "partisan", "B01", "dukung", "-"), "id"),
        (("b", "netral", "-", "-", "-"), "label"),
        (("b", "partisan", "B01", "naik", "-"), "direction"),
        (("b", "politik_netral", "-", "-", "N12"), "subtype"),
    ],
)
def test_a_bad_second_reading_is_named(folder: Path, row: tuple[str, ...], field: str) -> None:
    path = folder / "second_readings.tsv"
    write_table(path, SECOND, [("a", "partisan", "B01", "dukung", "-"), row])
    with pytest.raises(DataError) as caught:
        measure(folder, rounds=10)
    assert (caught.value.file, caught.value.line, caught.value.field) == (str(path), 3, field)


def test_second_readings_that_became_the_labels_are_refused(tmp_path: Path) -> None:
    keys = [f"{number:02}" for number in range(60)]
    readings = [Reading(k, Label.POLITIK_NETRAL, (), None, None, None, "train", "uji", "round1") for k in keys]
    write_annotations(tmp_path / "labels_1.tsv", readings)
    write_table(tmp_path / "second_readings.tsv", SECOND, [(k, "politik_netral", "-", "-", "-") for k in keys])
    with pytest.raises(DataError, match="merged into labels"):
        measure(tmp_path, rounds=10)


def test_the_project_reaches_what_was_aimed_at(root: Path) -> None:
    for measured in measure(root / "data" / "annotations", rounds=10):
        by_name = {estimate.name: estimate for estimate in measured.estimates}
        assert by_name["alpha, label"].value >= 0.7, measured.name
        assert by_name["alpha, partisan"].value >= 0.7, measured.name


def test_pairs_may_be_given_with_their_number() -> None:
    given = [("a", "a")] * 30 + [("a", "b")] * 6 + [("b", "b")] * 20 + [("b", "a")] * 4
    value, low, high = kappa(given, 400)
    counted = kappa([("a", "a"), ("a", "b"), ("b", "b"), ("b", "a")], 400, times=[30, 6, 20, 4])
    assert counted[0] == pytest.approx(value)
    assert counted[1:] == pytest.approx((low, high), abs=0.05)
    assert all(map(math.isnan, kappa([("a", "b")], 10, times=[0])))
