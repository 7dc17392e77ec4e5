"""Choosing the reader, the text column and the id."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.errors import InputError
from pilah_data.feeds import FORMATS, FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.feeds.columns import ChoiceError
from pilah_data.feeds.rows import TEXT_COLUMNS, find_column, make_row, text_column
from pilah_data.feeds.sources import DiskFile
from tests.data import exports, workbooks

Write = Callable[[str, bytes | str], Path]


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.txt", "a", "a.dat"])
def test_a_table_is_known_by_what_is_in_it(write: Write, name: str) -> None:
    feed, opened = open_feed(write(name, "id,teks\n1,apel\n"), FeedOptions())
    with opened:
        assert [row.number for row in feed.rows] == [2]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "a.txt", "a"])
def test_lines_of_json_are_known_by_what_is_in_them(write: Write, name: str) -> None:
    feed, opened = open_feed(write(name, '{"teks": "a"}\n{"teks": "b"}\n'), FeedOptions())
    with opened:
        assert [row.number for row in feed.rows] == [1, 2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x1f\x8b\x08\x00", "gzip; unpack it first"),
        (b"Rar!\x1a\x07", "RAR archive"),
        (b"%PDF-1.7", "is a PDF"),
        (b"<!DOCTYPE html><html>", "is a web page or XML; ask for the export as JSON or CSV"),
        (b"\x00\x01\x02\x03" * 10, "no export that is known; known are parquet, spreadsheet, x,"),
        (b"Halo semua\nApa kabar\n", "no export that is known"),
    ],
)
def test_a_stranger_is_refused_with_a_remedy(write: Write, content: bytes, words: str) -> None:
    path = write("a.bin", content)
    with pytest.raises(FeedError, match=words) as caught:
        open_feed(path, FeedOptions())
    assert str(path) in str(caught.value)


def test_a_web_page_called_xls_is_told(write: Write) -> None:
    with pytest.raises(FeedError, match="web page"):
        open_feed(write("a.xls", "<html><table><tr><td>teks</td></tr></table></html>"), FeedOptions())


def test_a_spreadsheet_called_csv_is_read_as_what_it_is(write: Write) -> None:
    content = workbooks.raw_xlsx(
        '<row r="1"><c r="A1" t="str"><v>teks</v></c></row><row r="2"><c r="A2" t="str"><v>apel</v></c></row>'
    )
    feed, opened = open_feed(write("a.csv", content), FeedOptions())
    with opened:
        assert [row.text for row in feed.rows if isinstance(row, FeedRow)] == ["apel"]


def test_a_named_format_wins_over_the_ending(write: Write) -> None:
    feed, stream = open_feed(write("a.jsonl", "teks\napel\n"), FeedOptions(format="csv"))
    with stream:
        assert [row.number for row in feed.rows] == [2]


def test_the_format_of_an_archive_is_not_that_of_its_members(write: Write) -> None:
    feed, opened = open_feed(write("a.dat", exports.zipped({"a.csv": "teks\napel\n"})), FeedOptions(format="zip"))
    with opened:
        assert [row.place for row in feed.rows] == ["a.csv"]


def test_an_unknown_format_lists_the_known_ones(write: Write) -> None:
    with pytest.raises(
        FeedError, match=r"unknown format 'xml'; known are parquet, .*whatsapp, telegram, .*csv, tsv, zip"
    ):
        open_feed(write("a.csv", "teks\na\n"), FeedOptions(format="xml"))


class Failing(io.RawIOBase):
    """A file on a disk that fails after the first two megabytes."""

    def __init__(self, path: Path):
        self._file, self._left = path.open("rb"), 2 << 20

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, at: int, whence: int = 0) -> int:
        return self._file.seek(at, whence)

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._left -= len(buffer)
        if self._left < 0:
            raise OSError(5, "Input/output error")
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


def test_a_disk_that_fails_is_one_clear_error_that_names_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.csv", "teks\n" + "apel pagi di kantor\n" * 300_000)
    monkeypatch.setattr(DiskFile, "open", lambda self: io.BufferedReader(cast("io.RawIOBase", Failing(self.path))))
    feed, opened = open_feed(path, FeedOptions())
    with opened, pytest.raises(FeedError, match=r"a\.csv cannot be read after row \d+ \(Input/output error\)"):
        list(feed.rows)


starts = st.sampled_from(
    [
        b"",
        b"PK\x03\x04",
        b"PAR1",
        b"window.YTD.tweets.part0 = [",
        b'[{"text": "a"}',
        b'{"messages": [',
        b'{"comments_v2": [',
        b'{"CommentsList": [{',
        b"31/12/2023 09.15 - A: b\n",
        b"id;teks\n",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
    ]
)


@settings(deadline=None, max_examples=300)
@given(starts, st.binary(max_size=80), st.sampled_from([".csv", ".json", ".xlsx", ".txt", ".js", ".jsonl", ".zip", ""]))
def test_no_content_makes_a_reader_crash(start: bytes, rest: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        path.write_bytes(start + rest)
        try:
            feed, opened = open_feed(path, FeedOptions())
            with opened:
                assert all(isinstance(row, FeedRow | RowProblem) for row in feed.rows)
        except FeedError as error:
            assert str(path) in str(error)  # noqa: PT017 - what can be read need not fail


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
    problem = RowProblem(3, "column 'teks' is blank or holds only invisible characters", "teks")
    assert make_row(3, fields, "teks", None) == problem


def test_a_field_of_any_kind_has_its_cell() -> None:
    row = make_row(1, {"teks": "a", "suka": 12, "kosong": None, "tag": ["é", True]}, "teks", None)
    assert isinstance(row, FeedRow)
    assert [row.cell(name) for name in ("teks", "suka", "kosong", "tag", "lain")] == ["a", "12", "", '["é", true]', ""]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("a.csv", FeedOptions(format="xml"), "unknown format 'xml'.*--format"),
        ("", FeedOptions(format="xml"), "unknown format 'xml'.*--format"),
        ("a.csv", FeedOptions(encoding="utf-99"), "unknown encoding 'utf-99'.*--encoding"),
        ("", FeedOptions(encoding="utf-99"), "unknown encoding 'utf-99'.*--encoding"),
        ("a.csv", FeedOptions(sheet="Juni"), r"a\.csv is no workbook and has no sheets; leave out --sheet"),
        ("b.xlsx", FeedOptions(sheet="Juni"), "there is no sheet 'Juni'.*--sheet"),
    ],
)
def test_an_option_that_cannot_be_meant_is_a_wrong_choice(
    write: Write, name: str, options: FeedOptions, words: str
) -> None:
    write("a.csv", "teks\napel\n")
    folder = write("b.xlsx", workbooks.raw_xlsx('<row r="1"><c r="A1" t="str"><v>teks</v></c></row>')).parent
    with pytest.raises(ChoiceError, match=words):
        open_feed(folder / name, options)


def test_a_pipe_is_told_from_what_does_not_exist(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipa")
    with pytest.raises(FeedError, match="pipa is no regular file; save it to a file first"):
        open_feed(tmp_path / "pipa", FeedOptions())
    with pytest.raises(FeedError, match="tiada does not exist"):
        open_feed(tmp_path / "tiada", FeedOptions())


def test_a_table_without_a_header_is_asked_for_one_and_its_post_is_cut(write: Write) -> None:
    post = "kopi pagi " * 30
    with pytest.raises(FeedError, match="does the first line hold the names") as caught:
        open_feed(write("a.csv", f"1,{post}," + ",".join(f"x{n}" for n in range(40)) + "\n2,teh\n"), FeedOptions())
    said = str(caught.value)
    assert post[:39] + "…" in said
    assert post[:40] not in said
    assert "and 22 more" in said
