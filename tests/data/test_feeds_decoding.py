"""Encodings of feeds: found by their mark, named by the user, or refused with the line that is wrong."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, cast

import pytest

from pilah_data.feeds import Dialect, FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.feeds.decoding import decoded_head, text_of
from pilah_data.feeds.sources import DiskFile

Write = Callable[[str, bytes | str], Path]

TABLE = "id,teks\n1,kafé “Senja” 🔥\n"


def open_text(path: Path, encoding: str | None) -> TextIO:
    return text_of(DiskFile(path).open(), str(path), encoding)


def texts(path: Path, encoding: str | None = None) -> list[str]:
    feed, stream = open_feed(path, FeedOptions(encoding=encoding))
    with stream:
        return [row.text for row in feed.rows if isinstance(row, FeedRow)]


def problems(path: Path) -> list[RowProblem]:
    feed, stream = open_feed(path, FeedOptions())
    with stream:
        return [row for row in feed.rows if isinstance(row, RowProblem)]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("utf-8"),
        codecs.BOM_UTF8 + TABLE.encode("utf-8"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-32"),
    ],
    ids=["utf-8", "utf-8 mark", "utf-16", "utf-16-le mark", "utf-16-be mark", "utf-32"],
)
def test_a_marked_or_utf8_file_needs_no_encoding(write: Write, content: bytes) -> None:
    assert texts(write("a.csv", content)) == ["kafé “Senja” 🔥"]


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "utf-8-sig", "UTF-16", "utf_16", "utf-16-le", "u16"])
def test_a_named_encoding_copes_with_a_mark(write: Write, encoding: str) -> None:
    sixteen = "16" in encoding
    content = codecs.BOM_UTF16_LE + TABLE.encode("utf-16-le") if sixteen else codecs.BOM_UTF8 + TABLE.encode("utf-8")
    assert texts(write("a.csv", content), encoding) == ["kafé “Senja” 🔥"]


def test_a_named_encoding_without_a_mark(write: Write) -> None:
    assert texts(write("a.csv", TABLE.encode("utf-16-be")), "utf-16-be") == ["kafé “Senja” 🔥"]


def test_cp1252_is_read_when_it_is_named(write: Write) -> None:
    assert texts(write("a.csv", "teks\nkafé “Senja”\n".encode("cp1252")), "cp1252") == ["kafé “Senja”"]


def test_cp1252_is_found_and_said() -> None:
    content = "teks\r\nkafé “Senja” – 5 €\r\n".encode("cp1252")
    assert decoded_head(content) == "teks\r\nkafé “Senja” – 5 €\r\n"


def test_a_file_read_as_cp1252_says_so_and_keeps_it_as_its_dialect(write: Write) -> None:
    feed, opened = open_feed(write("a.csv", "teks\r\nkafé “Senja”\r\n".encode("cp1252")), FeedOptions())
    with opened:
        assert [row.text for row in feed.rows if isinstance(row, FeedRow)] == ["kafé “Senja”"]
    assert feed.dialect == Dialect(",", "cp1252")
    assert any("Windows-1252" in line and "--encoding" in line for line in feed.notes.lines())


def test_bytes_that_neither_encoding_knows_cost_a_row(write: Write) -> None:
    assert [row.number for row in problems(write("a.csv", b"teks\nsatu\ndu\x81\xe9a\ntiga\n"))] == [3]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_found(write: Write, order: str) -> None:
    assert texts(write("a.csv", TABLE.encode(order))) == ["kafé “Senja” 🔥"]


def test_a_wrong_named_encoding_asks_for_the_right_one(write: Write) -> None:
    with pytest.raises(FeedError, match="line 2: byte 8 is not ascii; name the right one with --encoding"):
        open_text(write("a.csv", "teks\nkaf\u00e9\n"), "ascii")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "hex", "zlib", "undefined", "utf-8\x00"])
def test_an_unknown_encoding_is_refused_by_name(write: Write, encoding: str) -> None:
    with pytest.raises(FeedError, match="unknown encoding"):
        open_text(write("a.csv", "teks\nhalo\n"), encoding)


def test_a_file_cut_inside_a_character_loses_its_last_row_only(write: Write) -> None:
    path = write("a.csv", b"teks\nsatu\nkaf\xc3")
    assert texts(path) == ["satu"]
    assert [row.number for row in problems(path)] == [3]


def test_json_lines_cut_inside_a_character_lose_their_last_row_only(write: Write) -> None:
    path = write("a.jsonl", b'{"teks": "satu"}\n{"teks": "kaf\xc3')
    assert texts(path) == ["satu"]
    assert [row.number for row in problems(path)] == [2]


def test_an_odd_byte_of_utf16_is_refused(write: Write) -> None:
    with pytest.raises(FeedError, match="is not utf-16"):
        open_text(write("a.csv", TABLE.encode("utf-16") + b"x"), None)


def test_a_bad_byte_far_into_a_file_costs_its_row(write: Write) -> None:
    path = write("a.csv", b"id,teks\n" + b"1,apel pagi di kantor\n" * 60_000 + b"2,kaf\xe9\n3,akhir\n")
    (problem,) = problems(path)
    assert problem.number == 60_002
    assert "line 60002 holds bytes that are no text" in problem.reason
    assert texts(path)[-1] == "akhir"


def test_a_bad_byte_far_into_json_lines_costs_its_row(write: Write) -> None:
    path = write("a.jsonl", b'{"teks": "apel pagi di kantor"}\n' * 40_000 + b'{"teks": "kaf\xe9"}\n{"teks": "akhir"}\n')
    (problem,) = problems(path)
    assert problem.number == 40_001
    assert texts(path)[-1] == "akhir"


def test_a_bad_byte_in_an_otherwise_utf8_file_is_no_reason_to_read_it_as_cp1252(write: Write) -> None:
    path = write("a.csv", "teks\nkafé é\nrusak ".encode() + b"\xe9\n" + "senja 🔥\n".encode())
    assert texts(path) == ["kafé é", "senja 🔥"]


def test_a_bad_byte_in_the_header_is_refused(write: Write) -> None:
    with pytest.raises(FeedError, match="is not utf-8 throughout"):
        open_feed(write("a.csv", b"teks" + b"x" * (1 << 20) + b"\xe9\n"), FeedOptions())


def test_a_character_on_the_border_of_the_sniffed_part_is_no_fault(write: Write) -> None:
    head = "teks\n"
    content = head + "x" * ((1 << 20) - len(head) - 1) + "é\n"
    assert texts(write("a.csv", content))[0].endswith("xé")


def test_zero_bytes_are_no_text(write: Write) -> None:
    with pytest.raises(FeedError, match="not a text file"):
        open_text(write("a.csv", b"teks\nha\x00lo\n"), None)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="does not exist"):
        open_text(tmp_path / "tidak_ada.csv", None)
    with pytest.raises(FeedError, match="is a folder"):
        open_text(tmp_path, None)


def test_no_file_is_left_open(write: Write, recwarn: pytest.WarningsRecorder) -> None:
    open_text(write("a.csv", TABLE), None).close()
    assert [w for w in recwarn if w.category is ResourceWarning] == []


def in_memory(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(cast("io.RawIOBase", io.BytesIO(content)))


def test_a_stream_that_is_no_file_has_its_text_with_or_without_a_mark() -> None:
    for mark in (b"", codecs.BOM_UTF8):
        assert text_of(in_memory(mark + TABLE.encode("utf-8")), "memory", None).read() == TABLE


def test_a_stream_in_another_encoding_than_the_named_one_is_refused_by_line_and_closed() -> None:
    raw = in_memory("teks\nkafé\n".encode("cp1252"))
    with pytest.raises(FeedError, match="memory, line 2: byte 8 is not utf-8"):
        text_of(raw, "memory", "utf-8")
    assert raw.closed
