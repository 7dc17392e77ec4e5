"""Zip archives and folders: members in order, what is left out, and archives made to do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_data.feeds import Feed, FeedError, FeedOptions, FeedRow, RowProblem, open_feed, packages
from tests.data import exports, workbooks

Write = Callable[[str, bytes | str], Path]

MEMBERS: dict[str, str | bytes] = {
    "b/tweets.js": exports.x_tweets(),
    "a.csv": "id,isi\n7,apel\n8,\n",
    "c.jsonl": '{"teks": "senja"}\nrusak\n',
    "foto.jpg": b"\xff\xd8\xff",
    "data/follower.js": exports.x_tweets(kind="follower"),
    "messages/inbox/x/message_1.json": exports.facebook_messages(),
    "__MACOSX/._a.csv": b"\x00\x05",
}


def read(path: Path) -> tuple[Feed, list[FeedRow | RowProblem]]:
    feed, opened = open_feed(path, FeedOptions())
    with opened:
        return feed, list(feed.rows)


@pytest.fixture(params=["zip", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    def _place(members: dict[str, str | bytes]) -> Path:
        if request.param == "zip":
            path = tmp_path / "ekspor.zip"
            path.write_bytes(exports.zipped(members))
            return path
        for name, content in members.items():
            path = tmp_path / "ekspor" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / "ekspor"

    return _place


Place = Callable[[dict[str, str | bytes]], Path]


def test_members_are_read_in_the_order_of_their_names(place: Place) -> None:
    feed, rows = read(place(MEMBERS))
    assert [(row.place, row.number, row.text) for row in rows if isinstance(row, FeedRow)] == [
        ("a.csv", 2, "apel"),
        *(("b/tweets.js", n, text) for n, text in enumerate(exports.TEXTS, start=1)),
        ("c.jsonl", 1, "senja"),
    ]
    assert feed.columns == ("source_file", "id", "isi", "kind", "created_at", "text", "lang", "teks")
    assert feed.ragged
    assert all(row.fields["source_file"] == row.place for row in rows if isinstance(row, FeedRow))


def test_problems_name_their_member_and_the_rest_goes_on(place: Place) -> None:
    _, rows = read(place(MEMBERS))
    assert [(row.place, row.number) for row in rows if isinstance(row, RowProblem)] == [("a.csv", 3), ("c.jsonl", 2)]


def test_ids_tell_rows_of_all_members_apart(place: Place) -> None:
    _, rows = read(place({"a.csv": "teks\nsatu\n", "b.csv": "teks\nsatu\n", "c.csv": "id,teks\n9,satu\n"}))
    assert [row.id for row in rows if isinstance(row, FeedRow)] == ["a.csv#2", "b.csv#2", "9"]


def test_what_is_left_out_is_counted_by_kind(place: Place) -> None:
    feed, _ = read(place(MEMBERS))
    lines = feed.notes.lines()
    assert "1 files of another kind (.jpg) left out" in lines
    assert "2 files without posts left out" in lines


@pytest.mark.parametrize(
    ("name", "content", "number"),
    [
        ("a.csv", "source_file,teks\nlain.csv,rahasia\n", 0),
        ("a.jsonl", '{"teks": "satu"}\n{"teks": "dua", "source_file": "lain.csv"}\n', 2),
    ],
)
def test_a_column_that_is_called_like_ours_is_refused(place: Place, name: str, content: str, number: int) -> None:
    feed, rows = read(place({name: content, "b.csv": "teks\ntiga\n"}))
    (problem,) = (row for row in rows if isinstance(row, RowProblem))
    assert (problem.number, problem.place) == (number, name)
    assert "'source_file'" in problem.reason
    assert {row.fields["source_file"] for row in rows if isinstance(row, FeedRow)} <= {"a.jsonl", "b.csv"}
    assert feed.columns.count("source_file") == 1


def test_a_file_that_was_named_and_has_a_column_called_like_ours_ends_the_reading(write: Write) -> None:
    paths = [write("b.csv", "teks\ndua\n"), write("a.csv", "source_file,teks\nlain.csv,satu\n")]
    with pytest.raises(FeedError, match=r"a\.csv has a column 'source_file'.*score the file alone"):
        open_feed(paths, FeedOptions())


STRANGERS: dict[str, str | bytes] = {
    "Your archive.html": "<!DOCTYPE html>",
    "assets/js/app.js": "function a(){}\ncall(e,text,n);\nvar b = [e, text, n];\nlain(a,b,c)\n",
    "assets/js/main.js": "!function(e){text,text;id,text,text}\n",
    "data/manifest.js": 'window.__THAR_CONFIG = {"userInfo": {"text": "x"}, "list": [{"text": "x"}]}',
    "data/kosong.js": "",
    "assets/list.js": '[{"text": "kode"}]',
    "keterangan.txt": "Keterangan\nHubungi Budi 0812\n",
    "catatan.txt": "Rapat hari ini\nisi\nAda, empat; hal\nPesan: jangan terlambat\n",
    "status.txt": "Status, keterangan\nBaik\n",
}


def test_code_and_notes_beside_posts_are_no_feeds(place: Place) -> None:
    tables: dict[str, str | bytes] = {
        "data/tweets.js": exports.x_tweets(),
        "tabel.txt": "id;isi\n7;apel\n8;senja\n",
        "data.txt": "Laporan\nno\ttanggal\tisi\n1\t2024\tpagi\n",
        "lines.txt": '{"teks": "satu"}\n{"teks": "dua"}\n',
    }
    feed, rows = read(place(STRANGERS | tables))
    texts = [row.text for row in rows if isinstance(row, FeedRow)]
    assert sorted(texts) == sorted(["pagi", *exports.TEXTS, "satu", "dua", "apel", "senja"])
    assert len(rows) == len(texts)
    assert "8 files without posts left out" in feed.notes.lines()


def test_a_table_of_one_column_that_was_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    names = [tmp_path / "a.txt", tmp_path / "b.js"]
    for name in names:
        name.write_text("teks\napel\n")
        feed, opened = open_feed(name, FeedOptions())
        with opened:
            assert [row.text for row in feed.rows if isinstance(row, FeedRow)] == ["apel"]
    feed, opened = open_feed(names, FeedOptions())
    with opened:
        assert [row.text for row in feed.rows if isinstance(row, FeedRow)] == ["apel", "apel"]
    feed, opened = open_feed(tmp_path, FeedOptions(format="csv"))
    with opened:
        assert [row.text for row in feed.rows if isinstance(row, FeedRow)] == ["apel", "apel"]


def test_a_member_that_cannot_be_read_is_a_problem_of_its_own(place: Place) -> None:
    _, rows = read(place({"a.csv": "nama\nx\n", "b.json": '[{"teks": "a"}, rusak', "c.csv": "teks\nsatu\n"}))
    problems = {row.place: row for row in rows if isinstance(row, RowProblem)}
    assert set(problems) == {"a.csv", "b.json"}
    assert problems["a.csv"].number == 0
    assert "no column looks like the text" in problems["a.csv"].reason
    assert "damaged JSON" in problems["b.json"].reason
    assert "satu" in [row.text for row in rows if isinstance(row, FeedRow)]


@pytest.mark.parametrize(
    ("packing", "at", "words"),
    [
        (zipfile.ZIP_DEFLATED, 30, "cannot be unpacked (File name in directory"),
        (zipfile.ZIP_DEFLATED, 60, "is damaged (Error -3"),
        (zipfile.ZIP_LZMA, 60, "is damaged (Corrupt input data)"),
        (zipfile.ZIP_BZIP2, 60, "cannot be read (Invalid data stream)"),
        (zipfile.ZIP_STORED, -100, "is damaged after row {last} (Bad CRC-32"),
        (zipfile.ZIP_DEFLATED, -100, "is damaged after row {last} (Bad CRC-32"),
    ],
)
def test_a_damaged_member_loses_what_follows_the_damage_and_no_other_member(
    write: Write, packing: int, at: int, words: str
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr("a.csv", "teks\n" + "".join(f"apel {n * 7919}\n" for n in range(150_000)))
        at += out.tell() if at < 0 else 0
        archive.writestr("b.csv", "teks\nsatu\n")
    whole = out.getvalue()
    _, rows = read(write("x.zip", whole[:at] + b"\xff" * 20 + whole[at + 20 :]))
    (problem,) = [row for row in rows if isinstance(row, RowProblem)]
    assert (problem.number, problem.place) == (0, "a.csv")
    kept = [row.number for row in rows if row.place == "a.csv" and isinstance(row, FeedRow)]
    assert "x.zip: a.csv " + words.format(last=(kept or [0])[-1]) in problem.reason
    assert bool(kept) is ("{last}" in words)
    assert [row.text for row in rows if row.place == "b.csv" and isinstance(row, FeedRow)] == ["satu"]


def test_a_file_that_is_gone_when_its_turn_comes_is_a_problem_of_its_own(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("teks\nsatu\n")
    feed, opened = open_feed(tmp_path, FeedOptions())
    with opened:
        (tmp_path / "a.csv").unlink()
        gone, row = feed.rows
    assert isinstance(gone, RowProblem)
    assert "a.csv does not exist" in gone.reason
    assert row.place == "b.csv"


def test_nothing_to_read_is_an_error_that_says_why(place: Place) -> None:
    with pytest.raises(FeedError, match=r"holds no feed that can be read: .*no column looks like"):
        read(place({"a.csv": "nama\nx\n"}))


def test_nothing_that_is_a_feed_lists_what_is(place: Place) -> None:
    with pytest.raises(FeedError, match=r"holds no feed that can be read; known are \.csv, .*\.parquet, \.zip"):
        read(place({"a.jpg": b"x"}))


def test_a_spreadsheet_in_an_archive(place: Place, tmp_path: Path) -> None:
    workbooks.write_xlsx(tmp_path / "x.xlsx", {"A": [["isi"], ["apel"]]})
    _, rows = read(place({"tabel.xlsx": (tmp_path / "x.xlsx").read_bytes(), "chat.txt": exports.WHATSAPP_IOS_ID}))
    assert [row.text for row in rows if isinstance(row, FeedRow)][-1] == "apel"
    assert len(rows) == 3


def test_an_archive_in_a_folder_is_opened_and_one_in_an_archive_is_not(tmp_path: Path) -> None:
    inner = exports.zipped({"a.csv": "teks\nsatu\n"})
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "in.zip").write_bytes(inner)
    _, rows = read(tmp_path / "f")
    assert [(row.place, row.text) for row in rows if isinstance(row, FeedRow)] == [("in.zip/a.csv", "satu")]
    assert [row.fields["source_file"] for row in rows if isinstance(row, FeedRow)] == ["in.zip/a.csv"]
    (tmp_path / "out.zip").write_bytes(exports.zipped({"in.zip": inner, "b.csv": "teks\ndua\n"}))
    _, rows = read(tmp_path / "out.zip")
    assert [row.place for row in rows if isinstance(row, RowProblem)] == ["in.zip"]
    assert "archive within an archive" in next(row.reason for row in rows if isinstance(row, RowProblem))


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "rahasia.csv").write_text("teks\nrahasia\n")
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.csv").write_text("teks\nsatu\n")
    (tmp_path / "f" / "b.csv").symlink_to(tmp_path / "rahasia.csv")
    (tmp_path / "f" / "c").symlink_to(tmp_path)
    feed, rows = read(tmp_path / "f")
    assert [row.text for row in rows if isinstance(row, FeedRow)] == ["satu"]
    assert feed.notes.lines() == ["2 links to other places left out"]


# --- harm ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../a.csv", "a/../../b.csv", "/etc/a.csv", "C:\\a.csv", "..\\a.csv"])
def test_names_that_lead_out_are_refused(write: Write, name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, "teks\nsatu\n")
    with pytest.raises(FeedError, match="leads out of the archive"):
        read(write("a.zip", out.getvalue()))


def test_a_member_without_a_name_is_damage(write: Write) -> None:
    whole = exports.zipped({"a": "teks\nsatu\n"})
    entry = whole.index(b"PK\x01\x02")
    nameless = whole[: entry + 28] + b"\0\0" + whole[entry + 30 : entry + 46] + whole[entry + 47 :]
    end = nameless.index(b"PK\x05\x06")
    size = int.from_bytes(nameless[end + 12 : end + 16], "little") - 1
    with pytest.raises(FeedError, match="without a name"):
        read(write("a.zip", nameless[: end + 12] + size.to_bytes(4, "little") + nameless[end + 16 :]))


def test_a_bomb_is_refused_before_it_is_unpacked(write: Write) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as member:
        for _ in range(80):
            member.write(b"a" * (1 << 20))
    with pytest.raises(FeedError, match=r"a\.csv unpacks to \d+ times its size, as zip bombs do"):
        read(write("a.zip", out.getvalue()))


@pytest.mark.parametrize(
    ("limit", "words"), [("_MEMBERS", "more than 1;"), ("_LARGEST_TOTAL", "would unpack to more than")]
)
def test_too_many_and_too_large_are_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch, limit: str, words: str
) -> None:
    monkeypatch.setattr(packages, limit, 1)
    with pytest.raises(FeedError, match=words):
        read(write("a.zip", exports.zipped({"a.csv": "teks\nsatu\n", "b.csv": "teks\ndua\n"})))


def test_an_encrypted_archive_says_what_to_do(write: Write) -> None:
    content = bytearray(exports.zipped({"a.csv": "teks\nsatu\n"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FeedError, match="is encrypted; unpack it with its password"):
        read(write("a.zip", bytes(content)))


def test_a_damaged_archive_is_refused_or_loses_members_only(write: Write) -> None:
    whole = exports.zipped({"a.csv": "teks\n" + "apel pagi\n" * 50, "b.csv": "teks\nsatu\n"})
    for at in range(5, len(whole) - 1, 9):
        for content in (whole[:at], whole[:at] + b"\xff" + whole[at + 1 :]):
            try:
                _, rows = read(write("rusak.zip", content))
            except FeedError as error:
                assert "rusak.zip" in str(error)  # noqa: PT017 - some damage harms nothing that is read
            else:
                assert len(rows) <= 60
