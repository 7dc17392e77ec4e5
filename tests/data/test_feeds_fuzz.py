"""Every export, damaged in every way: a reader gives rows and problems or says what is wrong, and never anything else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilah_data.errors import MissingExtraError
from pilah_data.feeds import FeedOptions, open_feed
from pilah_data.feeds.rows import FeedError, FeedRow, RowProblem
from tests.data import exports, workbooks

CASES = int(os.environ.get("PILAH_TEST_CASES", "25"))
CHAT = "31/12/2023 09.15 - Sari: Apel pagi\n31/12/2023 09.16 - Tono: Rapat ditunda\n"
ROW = workbooks.ods_row("id", "teks") + workbooks.ods_row("1", "Apel pagi")
EXPORTS: dict[str, Callable[[], bytes]] = {
    "a.csv": lambda: b'id;teks;tanggal\n1;Apel pagi;2023-11-21\n2;"Rapat; ditunda";2023-11-22\n',
    "a.tsv": lambda: "id\tteks\n1\tApel pagi\n".encode("utf-16"),
    "a.jsonl": lambda: b'{"id": 1, "text": "Apel pagi"}\n{"id": 2, "text": "Rapat"}\n',
    "tweets.js": lambda: exports.x_tweets().encode(),
    "note.js": lambda: exports.x_notes().encode(),
    "facebook.json": lambda: exports.facebook_posts().encode(),
    "comments.json": lambda: exports.facebook_comments().encode(),
    "messages.json": lambda: exports.facebook_messages().encode(),
    "instagram.json": lambda: exports.instagram_posts().encode(),
    "instagram_comments.json": lambda: exports.instagram_comments().encode(),
    "tiktok.json": lambda: exports.tiktok().encode(),
    "telegram.json": lambda: exports.telegram_chat().encode(),
    "telegram_account.json": lambda: exports.telegram_account().encode(),
    "youtube.csv": lambda: exports.takeout_comments().encode(),
    "apify.json": lambda: exports.apify_json().encode(),
    "chat.txt": CHAT.encode,
    "a.ods": lambda: workbooks.ods(ROW),
    "a.xls": lambda: workbooks.xls([["id", "teks"], [1, "Apel pagi"]]),
    "a.zip": lambda: exports.zipped({"tweets.js": exports.x_tweets(), "a.csv": "id,text\n1,Apel pagi\n"}),
}
PIECES = (
    b"\x00",
    b'"',
    b"'",
    b"{",
    b"]",
    b"\\",
    b"\\u",
    b"\n",
    b"\r",
    b";",
    b",",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"1e999",
    b"null",
    b"\xed\xa0\x80",
)


@st.composite
def damage(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Cut, repeat, replace and insert, at a few places."""
    deeds = draw(
        st.lists(
            st.tuples(
                st.sampled_from("xrid"),
                st.floats(0, 1),
                st.integers(0, 40),
                st.sampled_from(PIECES) | st.binary(max_size=6),
            ),
            min_size=1,
            max_size=5,
        )
    )

    def harm(content: bytes) -> bytes:
        for deed, where, length, piece in deeds:
            at = int(where * len(content))
            middle = content[at : at + length]
            match deed:
                case "x":
                    content = content[:at] + content[at + length :]
                case "r":
                    content = content[:at] + middle * 2 + content[at + length :]
                case "i":
                    content = content[:at] + piece + content[at:]
                case _:
                    content = content[:at] + piece + content[at + len(piece) :]
        return content

    return harm


@pytest.mark.parametrize("name", EXPORTS)
def test_a_damaged_export_gives_rows_or_a_reason(name: str) -> None:
    whole = EXPORTS[name]()

    @settings(deadline=None, max_examples=CASES)
    @given(damage())
    def check(harm: Callable[[bytes], bytes]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(harm(whole))
            try:
                feed, opened = open_feed(path, FeedOptions())
                with opened:
                    rows = list(feed.rows)
            except (FeedError, MissingExtraError) as error:
                assert str(error)  # noqa: PT017 - what can be read need not fail
            else:
                assert all(isinstance(row, FeedRow | RowProblem) for row in rows)
                assert all(row.text.strip() for row in rows if isinstance(row, FeedRow))

    check()


@pytest.mark.parametrize("name", [name for name in EXPORTS if name != "messages.json"])
def test_an_undamaged_export_has_rows(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(EXPORTS[name]())
    feed, opened = open_feed(path, FeedOptions())
    with opened:
        assert any(isinstance(row, FeedRow) for row in feed.rows)
