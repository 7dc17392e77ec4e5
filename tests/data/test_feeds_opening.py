"""Choosing the reader, the text column and the id."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_data.errors import InputError
from pilah_data.feeds import FORMATS, FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.feeds.opening import format_of
from pilah_data.feeds.rows import TEXT_COLUMNS, find_column, make_row, text_column

Write = Callable[[str, bytes | str], Path]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "csv"),
        ("a.CSV", "csv"),
        ("a.b.tsv", "tsv"),
        ("a.tab", "tsv"),
        ("a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
    ],
)
def test_the_ending_names_the_format(name: str, expected: str) -> None:
    assert format_of(Path(name), None) == expected


@pytest.mark.parametrize("name", ["a.json", "a.xlsx", "a", "a.csv.gz", ".csv"])
def test_an_unknown_ending_lists_the_known_ones(name: str) -> None:
    with pytest.raises(FeedError, match=r"known are \.csv, \.tsv"):
        format_of(Path(name), None)


def test_a_named_format_wins_over_the_ending(write: Write) -> None:
    feed, stream = open_feed(write("a.txt", "teks\napel\n"), FeedOptions(format="csv"))
    with stream:
        assert [row.number for row in feed.rows] == [2]


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(FeedError, match="unknown format 'xml'; known are csv, jsonl, tsv"):
        format_of(Path("a.csv"), "xml")


def test_every_format_has_an_ending_with_a_dot() -> None:
    assert all(ending.startswith(".") and ending == ending.lower() for ending in FORMATS)


def test_a_feed_error_is_an_input_error() -> None:
    assert issubclass(FeedError, InputError)


@pytest.mark.parametrize(
    "column", ["text", "Teks", "FULL_TEXT", "full text", "fulltext", " Isi ", "Comment Text", "rawContent"]
)
def test_a_text_column_is_found_however_it_is_spelled(column: str) -> None:
    assert text_column(None, ("id", column, "tahun"), "a.csv") == column


def test_the_preferred_text_column_wins() -> None:
    assert text_column(None, ("caption", "isi", "teks"), "a.csv") == "teks"
    assert [name for name in TEXT_COLUMNS if TEXT_COLUMNS.count(name) > 1] == []


def test_the_first_of_two_alike_columns_wins() -> None:
    assert text_column(None, ("Teks", "teks"), "a.csv") == "Teks"


def test_a_wanted_column_is_taken_exactly() -> None:
    assert find_column("Teks", (), ("teks", "Teks"), "a.csv", "--text-column") == "Teks"
    with pytest.raises(FeedError, match="there is no column 'TEKS'"):
        find_column("TEKS", (), ("teks",), "a.csv", "--text-column")


def test_no_candidate_among_the_columns_is_no_fault() -> None:
    assert find_column(None, ("id",), ("teks",), "a.csv", "--id-column") is None


def test_a_row_without_an_id_is_known_by_its_number() -> None:
    assert make_row(7, {"teks": "a"}, "teks", None) == FeedRow(7, {"teks": "a"}, "a", "7")
    assert make_row(7, {"teks": "a", "id": ""}, "teks", "id") == FeedRow(7, {"teks": "a", "id": ""}, "a", "7")


def test_a_nameless_column_is_not_taken_for_the_id() -> None:
    row = make_row(7, {"": "0", "teks": "a"}, "teks", None)
    assert isinstance(row, FeedRow)
    assert row.id == "7"


def test_a_row_keeps_its_text_as_it_was() -> None:
    row = make_row(2, {"teks": "  Apel\nPAGI "}, "teks", None)
    assert isinstance(row, FeedRow)
    assert row.text == "  Apel\nPAGI "


@pytest.mark.parametrize("fields", [{"teks": ""}, {"teks": " \n\t"}, {"teks": "\u200b\ufeff\ud800"}, {}])
def test_a_row_without_a_readable_text_is_a_problem(fields: dict[str, str]) -> None:
    problem = RowProblem(3, "column 'teks' is blank or holds only invisible characters")
    assert make_row(3, fields, "teks", None) == problem


def test_a_field_of_any_kind_has_its_cell() -> None:
    row = make_row(1, {"teks": "a", "suka": 12, "kosong": None, "tag": ["é", True]}, "teks", None)
    assert isinstance(row, FeedRow)
    assert [row.cell(name) for name in ("teks", "suka", "kosong", "tag", "lain")] == ["a", "12", "", '["é", true]', ""]
