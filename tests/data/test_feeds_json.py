"""JSON feeds of any size: lists, lists inside objects, damage; and the cursor that walks through them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.feeds import FeedError, FeedOptions, FeedRow, NoPostsError, RowProblem, json_text, open_feed
from pilah_data.feeds.json_text import JsonText
from tests.data import exports

Write = Callable[[str, bytes | str], Path]


def rows_of(path: Path, **options: str) -> list[FeedRow | RowProblem]:
    feed, opened = open_feed(path, FeedOptions(**options))
    with opened:
        return list(feed.rows)


def test_a_list_of_objects(write: Write) -> None:
    rows = rows_of(write("a.json", exports.apify_json()))
    assert [(row.number, row.id, row.text) for row in rows if isinstance(row, FeedRow)] == [
        (n + 1, str(n), text) for n, text in enumerate(exports.TEXTS)
    ]


@pytest.mark.parametrize("path", ["data", "data.items", "a.b.c"])
def test_a_list_within_objects_is_found_and_said(write: Write, path: str) -> None:
    inner: Any = [{"id": 7, "isi": "apel"}]
    for key in reversed(path.split(".")):
        inner = {"jumlah": [1, {"x": [2]}], key: inner, "lain": {"teks": "bukan"}}
    feed, opened = open_feed(write("a.json", json.dumps(inner)), FeedOptions())
    with opened:
        assert list(feed.rows) == [FeedRow(1, {"id": 7, "isi": "apel"}, "apel", "7")]
    assert feed.notes.lines()[1:] == [f"the posts are read from the list {path!r}"]


def test_rows_may_differ_and_faults_go_to_their_rows(write: Write) -> None:
    content = [{"teks": "a"}, 3, {"lain": 1}, {"teks": ""}, {"teks": "b", "x": 1}]
    rows = rows_of(write("a.json", json.dumps(content)))
    assert [row.number for row in rows if isinstance(row, RowProblem)] == [2, 3, 4]
    assert [row.text for row in rows if isinstance(row, FeedRow)] == ["a", "b"]


META = [{"status": "aktif"}, {"status": "mati"}]
PHOTOS = [{"keterangan": "x"}] * 3


@pytest.mark.parametrize(
    ("content", "texts", "notes"),
    [
        (
            {"posts": [{"text": "apel"}], "n": {"x": [1, {"y": 2}]}, "comments": [{"text": "senja"}, 3]},
            ["apel", "senja", None],
            ["the posts are read from the lists 'posts', 'comments', and numbered through them"],
        ),
        (
            {"filters": META, "data": [{"konten": "apel"}], "foto": {"isi": PHOTOS}},
            ["apel"],
            [
                "the posts are read from the list 'data'",
                "the list 'filters' has a column 'status' and is not read (2 entries)",
                "the list 'foto.isi' has a column 'keterangan' and is not read (3 entries)",
            ],
        ),
        (
            {"posts": [{"post_text": "apel"}], "comments": [{"comment_text": "senja"}, {"comment_text": "kopi"}]},
            ["senja", "kopi"],
            [
                "the posts are read from the list 'comments'",
                "the list 'posts' has a column 'post_text' and is not read (1 entries)",
            ],
        ),
        ([*META, {"teks": "apel"}], [None, None, "apel"], []),
    ],
)
def test_lists_with_the_surest_text_are_read_and_others_named(
    write: Write, content: object, texts: list[str | None], notes: list[str]
) -> None:
    feed, opened = open_feed(write("a.json", json.dumps(content)), FeedOptions())
    with opened:
        rows = list(feed.rows)
    assert [row.text if isinstance(row, FeedRow) else None for row in rows] == texts
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert feed.notes.lines()[1:] == notes


def test_a_conversation_beside_posts_is_not_read(write: Write) -> None:
    talk = {"messages": [{"text": "rahasia"}, {"text": "rahasia"}], "participants": "Sari"}
    rows = rows_of(write("a.json", json.dumps({"pesan": talk, "posts": [{"text": "apel"}]})))
    assert [row.text for row in rows if isinstance(row, FeedRow)] == ["apel"]


def test_messages_that_are_cut_off_before_their_participants_are_refused(write: Write) -> None:
    with pytest.raises(FeedError, match="damaged JSON"):
        rows_of(write("a.json", '{"messages": [{"text": "rahasia"}], "partici'))


def test_a_fault_behind_a_list_costs_nothing_of_it(write: Write) -> None:
    feed, opened = open_feed(
        write("a.json", '{"data": [{"isi": "apel"}], "lain": [{"isi": "senja"}, rusak'), FeedOptions()
    )
    with opened:
        first, second = next(feed.rows), next(feed.rows)
        assert [row.text for row in (first, second) if isinstance(row, FeedRow)] == ["apel", "senja"]
        with pytest.raises(FeedError, match="damaged JSON"):
            next(feed.rows)


def test_a_document_without_texts_names_its_columns(write: Write) -> None:
    with pytest.raises(NoPostsError, match=r"the columns seen are nama, umur\. Name the one of the text"):
        rows_of(write("a.json", '[{"nama": "x", "umur": 3}]'))


def test_a_named_column_is_found(write: Write) -> None:
    (row,) = rows_of(write("a.json", '{"d": [{"nama": "x"}], "e": [{"kiriman": "apel"}]}'), text_column="kiriman")
    assert isinstance(row, FeedRow)
    assert row.text == "apel"


@pytest.mark.parametrize(
    "content",
    [
        '[{"teks": "a"}',
        '[{"teks": "a"},',
        '[{"teks": "a"}]]',
        '[{"teks": "a"} {"teks": "b"}]',
        '[{"teks": "a"}, {"teks": "b]',
    ],
)
def test_damaged_json_is_an_error_with_file_and_line(write: Write, content: str) -> None:
    with pytest.raises(FeedError, match=r"a\.json, line 1: damaged JSON .*download it again") as caught:
        rows_of(write("a.json", content))
    assert "teks" not in str(caught.value).replace(str(write), "").partition("damaged")[2]


@pytest.mark.parametrize("content", ["", " \n", "[]", "{}"])
def test_a_document_without_anything_is_refused(write: Write, content: str) -> None:
    with pytest.raises(FeedError):
        rows_of(write("a.json", content))


@pytest.mark.parametrize("content", ["[" * 100_000, '[{"teks": ' + "9" * 5000 + "}]", '{"a":' * 50_000])
def test_json_made_to_break_a_parser_is_refused(write: Write, content: str) -> None:
    with pytest.raises(FeedError):
        rows_of(write("a.json", content))


def test_one_value_of_more_than_fits_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_LARGEST", 1 << 20)
    with pytest.raises(FeedError, match="a quote never closed"):
        rows_of(write("a.json", '[{"teks": "' + "a" * (1 << 22)))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@settings(deadline=None)
@given(st.lists(values, max_size=6), st.integers(1, 40), st.sampled_from([None, 1]))
def test_the_cursor_reads_what_json_writes_however_it_is_cut(
    content: list[object], chunk: int, indent: int | None
) -> None:
    before, json_text._CHUNK = json_text._CHUNK, chunk
    try:
        cursor = JsonText(io.StringIO(json.dumps({"a": content, "b": content}, indent=indent)), "a.json")
        found: dict[str, list[object]] = {}
        for key in cursor.keys():  # noqa: SIM118 - a cursor
            found[key] = [cursor.value() for _ in cursor.items()]
        cursor.finish()
        assert found == {"a": content, "b": content}
    finally:
        json_text._CHUNK = before


@settings(deadline=None)
@given(st.lists(values, max_size=6), st.integers(1, 40))
def test_what_is_left_alone_is_skipped(content: list[object], chunk: int) -> None:
    before, json_text._CHUNK = json_text._CHUNK, chunk
    try:
        cursor = JsonText(io.StringIO(json.dumps([{"x": content}, content, 1, "akhir"])), "a.json")
        assert list(cursor.items()) == [1, 2, 3, 4]
        cursor.finish()
    finally:
        json_text._CHUNK = before


@settings(deadline=None)
@given(st.text(alphabet='{}[]":,ab1\\ \nteks', max_size=60))
def test_no_content_makes_the_cursor_crash(content: str) -> None:
    cursor = JsonText(io.StringIO(content), "a.json")
    try:
        cursor.skip()
        cursor.finish()
    except FeedError:
        return
    json.loads(content.replace(";", ""))
