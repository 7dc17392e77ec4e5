"""Encodings of feeds: found by their mark, named by the user, or refused with the line that is wrong."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_data.feeds import FeedError, FeedOptions, FeedRow, open_feed
from pilah_data.feeds.decoding import open_text, wrap_bytes

Write = Callable[[str, bytes | str], Path]

TABLE = "id,teks\n1,kafé “Senja” 🔥\n"


def texts(path: Path, encoding: str | None = None) -> list[str]:
    feed, stream = open_feed(path, FeedOptions(encoding=encoding))
    with stream:
        return [row.text for row in feed.rows if isinstance(row, FeedRow)]


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


def test_cp1252_without_its_name_is_refused_with_line_and_advice(write: Write) -> None:
    with pytest.raises(FeedError, match=r"line 3: byte 14 is not utf-8; save it as UTF-8, .* --encoding cp1252"):
        open_text(write("a.csv", "teks\nsatu\ndua é\n".encode("cp1252")), None)


def test_a_wrong_named_encoding_asks_for_the_right_one(write: Write) -> None:
    with pytest.raises(FeedError, match="line 2: byte 8 is not ascii; name the right one with --encoding"):
        open_text(write("a.csv", "teks\nkaf\u00e9\n"), "ascii")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13", "hex", "zlib", "undefined", "utf-8\x00"])
def test_an_unknown_encoding_is_refused_by_name(write: Write, encoding: str) -> None:
    with pytest.raises(FeedError, match="unknown encoding"):
        open_text(write("a.csv", "teks\nhalo\n"), encoding)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_file_cut_inside_a_character_is_refused(write: Write, name: str) -> None:
    content = b'{"teks": "kaf' if name.endswith("l") else b"teks\nkaf"
    with pytest.raises(FeedError, match="is not utf-8"):
        open_feed(write(name, content + b"\xc3"), FeedOptions())


def test_an_odd_byte_of_utf16_is_refused(write: Write) -> None:
    with pytest.raises(FeedError, match="is not utf-16"):
        open_text(write("a.csv", TABLE.encode("utf-16") + b"x"), None)


def test_a_bad_byte_far_into_a_file_is_refused_while_reading(write: Write) -> None:
    content = b"id,teks\n" + b"1,apel pagi di kantor\n" * 60_000 + b"2,kaf\xe9\n"
    feed, stream = open_feed(write("a.csv", content), FeedOptions())
    with stream, pytest.raises(FeedError, match="is not utf-8; name it with --encoding"):
        list(feed.rows)


def test_a_bad_byte_far_into_json_lines_is_refused_while_reading(write: Write) -> None:
    content = b'{"teks": "apel pagi di kantor"}\n' * 40_000 + b'{"teks": "kaf\xe9"}\n'
    feed, stream = open_feed(write("a.jsonl", content), FeedOptions())
    with stream, pytest.raises(FeedError, match="is not utf-8; name it with --encoding"):
        list(feed.rows)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_bad_byte_behind_the_sniffed_part_of_the_first_line_is_refused(write: Write, name: str) -> None:
    with pytest.raises(FeedError, match="is not utf-8 throughout"):
        open_feed(write(name, b"x" * (1 << 20) + b"\xe9\n"), FeedOptions())


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


def test_bytes_from_standard_input_are_utf8_with_or_without_a_mark() -> None:
    assert (
        wrap_bytes(TABLE.encode("utf-8")).read() == wrap_bytes(codecs.BOM_UTF8 + TABLE.encode("utf-8")).read() == TABLE
    )


def test_bytes_from_standard_input_in_another_encoding_are_refused_by_line() -> None:
    with pytest.raises(FeedError, match="standard input, line 2: byte 8 is not UTF-8"):
        wrap_bytes("teks\nkafé\n".encode("cp1252"))
