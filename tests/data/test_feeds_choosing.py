"""Which column holds the text: names that may be another thing are weighed by what the first rows hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pilah_data.feeds import Feed, FeedError, FeedOptions, FeedRow, RowProblem, open_feed
from pilah_data.feeds.columns import ColumnError
from tests.data import exports, workbooks

Write = Callable[[str, bytes | str], Path]

POST = "Ayo coblos nomor 2 pada hari Rabu"
OTHER = "Apel pagi di kantor berjalan lancar"
STATES = ("Terbit", "Draf", "Terbit", "Arsip") * 5


def read(path: Path, **options: str) -> tuple[Feed, list[FeedRow | RowProblem]]:
    feed, opened = open_feed(path, FeedOptions(**options))
    with opened:
        return feed, list(feed.rows)


def table(columns: Sequence[str], *rows: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([columns, *rows])
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (table(("no", "konten", "like", "comment"), (1, POST, 10, 2)), "konten"),
        (table(("comment", "komentar"), (2, POST), (0, OTHER)), "komentar"),
        (table(("Comment", "Comment Text"), (12, POST)), "Comment Text"),
        (table(("Post", "Post Text"), ("https://x.com/a/1", POST)), "Post Text"),
        (table(("post", "ulasan"), ("https://x.com/a/1", POST)), "ulasan"),
        (table(("caption", "message"), ("contoh.co.id", POST)), "message"),
        (table(("status", "unggahan"), ("Terbit", POST)), "unggahan"),
        (table(("caption", "post"), *((state, f"{POST} {n}") for n, state in enumerate(STATES))), "post"),
        (table(("post_text", "description"), (POST, OTHER)), "post_text"),
        (table(("teks asli", "keterangan"), (POST, "sudah diperiksa")), "teks asli"),
        (table(("text", "caption"), *[("", POST)] * 20), "caption"),
        (table(("text", "full_text"), (POST[:20] + "…", POST)), "text"),
        (table(("komentar", "pesan"), *[("gas", "gas")] * 20), "komentar"),
        (table(("isi", "konten"), (POST, "Foto"), (OTHER, "Video")), "isi"),
        (table(("komentar",), *[("gas",)] * 50), "komentar"),
        (table(("teks",), ("2",), ("https://x.com/a",)), "teks"),
        (table(("description",), (POST,)), "description"),
        (table(("comment", "komentar"), ("", "")), "comment"),
        (table(("comment", "komentar")), "comment"),
        (f'{{"comment": 2, "caption": "{POST}"}}', "caption"),
        (exports.CROWDTANGLE, "Message"),
        (exports.BRANDWATCH, "Full Text"),
    ],
    ids=lambda value: str(value).replace("\r\n", " ")[:40],
)
def test_the_column_of_the_text_is_told_by_what_it_holds(write: Write, content: str, column: str) -> None:
    feed, rows = read(write("a.jsonl" if content.startswith("{") else "a.csv", content))
    assert feed.text_column == column
    assert all(row.text == row.cell(column) for row in rows if isinstance(row, FeedRow))
    assert feed.notes.lines()[0] == f"the text is read from column {column!r}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (table(("komentar", "postingan"), (POST, OTHER)), "may stand in column 'komentar' or 'postingan'"),
        (table(("post_text", "comment_message"), (POST, OTHER)), "column 'post_text' or 'comment_message'"),
        (table(("kalimat warga", "keterangan"), (POST, "cek")), "column 'keterangan' or 'kalimat warga'"),
        (table(("id", "comment"), (1, 2), (2, 5)), r"no column seems to hold .* \('comment' holds numbers\)"),
        (table(("id", "post"), (1, "https://x.com/a/1")), r"\('post' holds links\); its columns are id, post"),
        (table(("status",), *((state,) for state in STATES)), "'status' holds a few short values"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_where_the_rows_speak_for_none_or_for_two_a_person_must_say(write: Write, content: str, words: str) -> None:
    path = write("a.csv", content)
    with pytest.raises(ColumnError, match=rf"{words}.*Name .* with --text-column") as caught:
        read(path)
    assert POST not in str(caught.value)
    for column in caught.value.columns:
        feed, _ = read(path, text_column=column)
        assert (feed.text_column, feed.notes.lines()) == (column, [])


@pytest.mark.parametrize(("context", "text"), [("komentar", "postingan"), ("postingan", "komentar")])
def test_the_column_of_the_context_is_not_that_of_the_text(write: Write, context: str, text: str) -> None:
    path = write("a.csv", table(("komentar", "postingan"), ("setuju sekali", POST)))
    feed, (row,) = read(path, context_column=context)
    assert isinstance(row, FeedRow)
    assert feed.text_column == text
    assert (row.text, row.context) == (row.fields[text], row.fields[context])


def test_a_column_that_is_chosen_keeps_every_row_of_a_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["comment", "pesan"], *([n, f"{POST} {n}"] for n in range(250))]
    workbooks.write_xlsx(tmp_path / "a.xlsx", {"A": rows})
    feed, found = read(tmp_path / "a.xlsx")
    assert feed.text_column == "pesan"
    assert [(row.number, row.text) for row in found if isinstance(row, FeedRow)] == [
        (n + 2, f"{POST} {n}") for n in range(250)
    ]


def test_a_fault_further_down_comes_where_it_is(write: Write) -> None:
    content = f'[{{"caption": "{POST}"}}, {{"caption": "{OTHER}"}}, rusak'
    feed, opened = open_feed(write("a.json", content), FeedOptions())
    with opened:
        assert [row.text for row in (next(feed.rows), next(feed.rows)) if isinstance(row, FeedRow)] == [POST, OTHER]
        with pytest.raises(FeedError, match="damaged JSON"):
            next(feed.rows)


def test_the_columns_of_several_files_are_said_and_counted(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"a.csv": "teks\nsatu\n", "b.csv": "teks\ndua\n"}
    (tmp_path / "a.zip").write_bytes(exports.zipped(members))
    feed, _ = read(tmp_path / "a.zip")
    assert (feed.text_column, feed.notes.lines()) == ("teks", ["the text is read from column 'teks' (2 of 2 files)"])
    (tmp_path / "b.zip").write_bytes(exports.zipped({**members, "c.csv": "isi\ntiga\n", "d.js": exports.x_tweets()}))
    feed, _ = read(tmp_path / "b.zip")
    assert feed.text_column is None
    assert feed.notes.lines()[:2] == [
        "the text is read from column 'teks' (2 of 3 files)",
        "the text is read from column 'isi' (1 of 3 files)",
    ]


def test_the_columns_of_an_account_export_are_ours_and_not_said(write: Write) -> None:
    feed, _ = read(write("tweets.js", exports.x_tweets()))
    assert (feed.text_column, feed.notes.lines()) == ("text", [])
