"""JSON-lines feeds: bad lines, nested values, lone surrogates."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.blank import is_blank
from pilah_data.feeds import Feed, FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.feeds.jsonlines import read_json_lines

Write = Callable[[str, bytes | str], Path]


def feed_of(content: str, text: str | None = None, identity: str | None = None) -> Feed:
    return read_json_lines(io.StringIO(content, newline=""), "a.jsonl", text=text, identity=identity)


def rows_of(content: str, text: str | None = None, identity: str | None = None) -> list[FeedRow | RowProblem]:
    return list(feed_of(content, text, identity).rows)


def problems_of(content: str) -> list[tuple[int, str]]:
    return [(row.number, row.reason) for row in rows_of(content) if isinstance(row, RowProblem)]


def test_an_object_a_line_is_a_row() -> None:
    assert rows_of('{"id": "a", "teks": "apel pagi"}\n{"id": "b", "teks": "siap"}') == [
        FeedRow(1, {"id": "a", "teks": "apel pagi"}, "apel pagi", "a"),
        FeedRow(2, {"id": "b", "teks": "siap"}, "siap", "b"),
    ]


def test_the_columns_are_those_of_the_first_object() -> None:
    assert feed_of('\nbukan json\n{"teks": "a", "id": 1}\n{"teks": "b", "lain": 2}\n').columns == ("teks", "id")


@pytest.mark.parametrize(
    "first", ['{"meta": "ekspor", "jumlah": 2}', '{"status": "selesai"}', '{"comment": 3, "n": 1}']
)
def test_a_line_about_the_export_does_not_decide(first: str) -> None:
    feed = feed_of(f'{first}\n{{"id": 1, "teks": "apel"}}\n{{"id": 2, "teks": "senja"}}\n')
    assert feed.columns == ("id", "teks")
    problem, *rows = feed.rows
    assert problem == RowProblem(1, "field 'teks' is missing or not a text", "teks")
    assert [row.text for row in rows if isinstance(row, FeedRow)] == ["apel", "senja"]


def test_a_named_column_need_not_be_in_the_first_line() -> None:
    assert [
        row.text for row in feed_of('{"n": 1}\n{"kiriman": "apel"}\n', text="kiriman").rows if isinstance(row, FeedRow)
    ] == ["apel"]


def test_lines_far_below_are_not_looked_at_for_a_column() -> None:
    with pytest.raises(FeedError, match=r"its columns are n\. Name one"):
        feed_of('{"n": 1}\n' * 100 + '{"teks": "apel"}\n')


def test_blank_lines_are_skipped_and_counted() -> None:
    assert [row.number for row in rows_of('\n\n{"teks": "a"}\n\n{"teks": "b"}\n')] == [3, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_of_every_system(end: str) -> None:
    assert [row.number for row in rows_of(f'{{"teks": "a"}}{end}{{"teks": "b"}}{end}')] == [1, 2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bukan json", "not valid JSON"),
        ('{"teks": "a"', "not valid JSON"),
        ("{'teks': 'a'}", "not valid JSON"),
        ('{"teks": "a"} {"teks": "b"}', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"teks": "a", "n": ' + "9" * 5000 + "}", "not valid JSON"),
        ("[1, 2]", "not a JSON object"),
        ("3", "not a JSON object"),
        ("null", "not a JSON object"),
        ('"pesan rahasia"', "not a JSON object"),
        ('{"isi": "a"}', "field 'teks' is missing or not a text"),
        ('{"teks": null}', "field 'teks' is missing or not a text"),
        ('{"teks": 3}', "field 'teks' is missing or not a text"),
        ('{"teks": ["a"]}', "field 'teks' is missing or not a text"),
        ('{"teks": ""}', "column 'teks' is blank"),
        ('{"teks": " \\n"}', "column 'teks' is blank"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_bad_line_is_a_problem_and_the_rest_goes_on(line: str, reason: str) -> None:
    content = f'{{"teks": "awal"}}\n{line}\n{{"teks": "akhir"}}\n'
    ((number, said),) = problems_of(content)
    assert number == 2
    assert said.startswith(reason)
    assert [row.text for row in rows_of(content) if isinstance(row, FeedRow)] == ["awal", "akhir"]


@pytest.mark.parametrize("line", ['"pesan rahasia"', "pesan rahasia", '{"teks": "pesan rahasia"', '["pesan rahasia"]'])
def test_a_problem_never_repeats_what_the_line_says(line: str) -> None:
    ((_, reason),) = problems_of(f'{{"teks": "awal"}}\n{line}\n')
    assert "rahasia" not in reason


def test_bad_lines_before_the_first_object_are_reported_too() -> None:
    assert [number for number, _ in problems_of('satu\n[2]\n{"teks": "a"}\nempat\n')] == [1, 2, 4]


def test_fields_keep_their_kind_and_order() -> None:
    line = {"teks": "a", "suka": 12, "ok": True, "kosong": None, "orang": {"nama": "é"}, "tag": ["x", 1]}
    (row,) = rows_of(json.dumps(line))
    assert isinstance(row, FeedRow)
    assert list(row.fields.items()) == list(line.items())
    assert [row.cell(name) for name in line] == ["a", "12", "true", "", '{"nama": "é"}', '["x", 1]']


def test_rows_may_have_fields_beside_the_columns() -> None:
    feed = feed_of('{"teks": "a"}\n{"teks": "b", "lain": 2}\n')
    assert feed.ragged
    assert [dict(row.fields) for row in feed.rows if isinstance(row, FeedRow)] == [
        {"teks": "a"},
        {"teks": "b", "lain": 2},
    ]


@pytest.mark.parametrize(("sign", "end"), ["[]", ('{"x":', "}")])
@pytest.mark.parametrize("levels", [500, 900, 985, 5000])
def test_values_too_deep_to_be_written_again_cost_their_row(sign: str, end: str, levels: int) -> None:
    deep = sign * (levels - 1) + "[]" + end * (levels - 1)
    problem, row = rows_of(f'{{"teks": "a", "id": {deep}}}\n{{"teks": "b"}}\n')
    assert problem == RowProblem(1, "not valid JSON (lists and objects lie in each other more than 500 levels deep)")
    assert isinstance(row, FeedRow)


def test_deep_values_do_not_stop_the_feed() -> None:
    deep = "[" * 499 + "]" * 499
    (row,) = rows_of(f'{{"teks": "a", "dalam": {deep}}}')
    assert isinstance(row, FeedRow)
    assert row.cell("dalam") == deep


def test_a_number_serves_as_an_id() -> None:
    (row,) = rows_of('{"teks": "a", "id": 12345678901234567890}')
    assert row == FeedRow(1, {"teks": "a", "id": 12345678901234567890}, "a", "12345678901234567890")


def test_a_lone_surrogate_passes_as_it_is() -> None:
    (row,) = rows_of('{"teks": "putus \\ud83d", "lain": ["\\udc00"]}')
    assert isinstance(row, FeedRow)
    assert row.text == "putus \ud83d"
    assert row.fields["lain"] == ["\udc00"]


@pytest.mark.parametrize("content", ["", "\n\n", "bukan json\n", "[1]\n2\n", '"teks"\n'])
def test_a_file_without_an_object_is_refused(content: str) -> None:
    with pytest.raises(FeedError, match=r"a\.jsonl holds no JSON object; each line must be one"):
        feed_of(content)


def test_a_named_column_that_is_missing_is_refused() -> None:
    with pytest.raises(FeedError, match="there is no column 'isi'; its columns are teks"):
        feed_of('{"teks": "a"}', text="isi")


def test_a_feed_without_a_text_column_lists_its_columns() -> None:
    with pytest.raises(FeedError, match=r"its columns are nama, umur\. Name one with --text-column"):
        feed_of('{"nama": "Budi", "umur": 3}')


json_text = st.text(alphabet=st.characters(codec=None), max_size=30).filter(lambda text: not is_blank(text))


@settings(deadline=None)
@given(st.lists(json_text, min_size=1, max_size=5))
def test_what_json_writes_is_read_back(texts: list[str]) -> None:
    content = "".join(json.dumps({"teks": text}) + "\n" for text in texts)
    assert [row.text for row in rows_of(content) if isinstance(row, FeedRow)] == texts


@settings(deadline=None)
@given(st.text(alphabet='{}[]":,ab1\\ \n\r', max_size=50))
def test_no_content_makes_the_reader_crash(content: str) -> None:
    found = rows_of('{"teks": "awal"}\n' + content)
    assert all(isinstance(row, FeedRow | RowProblem) for row in found)


def test_a_mark_before_the_first_object_is_no_fault(write: Write) -> None:
    feed, stream = open_feed(write("a.ndjson", b'\xef\xbb\xbf{"teks": "a"}\n'), FeedOptions())
    with stream:
        assert list(feed.rows) == [FeedRow(1, {"teks": "a"}, "a", "1")]
