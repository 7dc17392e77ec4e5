"""`pilah score` takes every kind of feed: a file of any format, an archive, a folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pilah_api import cli
from pilah_api.services import loading
from tests.api.stand_in import StandIn
from tests.data import exports, workbooks

FEEDS: dict[str, tuple[str | bytes, int]] = {
    "tweets.js": (exports.x_tweets(), 3),
    "your_posts_1.json": (exports.facebook_posts(), 3),
    "posts_1.json": (exports.instagram_posts(), 4),
    "user_data.json": (exports.tiktok(), 4),
    "result.json": (exports.telegram_chat(), 4),
    "chat.txt": (exports.WHATSAPP_IOS_ID, 2),
    "crowdtangle.csv": (exports.CROWDTANGLE, 1),
    "brandwatch.csv": (exports.BRANDWATCH, 1),
    "apify.json": (exports.apify_json(), 3),
    "tabel.xls": (workbooks.xls([["id", "teks"], [1.0, "apel"]]), 1),
    "tabel.ods": (workbooks.ods(workbooks.ods_row("id", "teks") + workbooks.ods_row("1", "apel")), 1),
    "ekspor.zip": (exports.zipped({"data/tweets.js": exports.x_tweets(), "chat.txt": exports.WHATSAPP_IOS_ID}), 5),
    "semikolon.csv": ("id;teks\r\n1;kafé\r\n".encode("cp1252"), 1),
}


@pytest.fixture(autouse=True)
def judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "load_judge", lambda _: StandIn())


def written(target: Path) -> list[dict[str, str]]:
    with target.open(encoding="utf-8-sig", newline="") as file:
        sample = file.readline()
        file.seek(0)
        return list(csv.DictReader(file, delimiter=";" if sample.count(";") else ","))


@pytest.mark.parametrize("name", FEEDS)
def test_every_kind_of_file_is_judged(name: str, tmp_path: Path) -> None:
    content, count = FEEDS[name]
    source, target = tmp_path / name, tmp_path / "out.csv"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    assert cli.run(["score", str(source), "-o", str(target)]) == 0
    rows = written(target)
    assert len(rows) == count
    assert all(row["pilah_decision"] for row in rows)


def test_a_folder_is_judged_and_rows_name_their_file(tmp_path: Path) -> None:
    folder = tmp_path / "ekspor"
    folder.mkdir()
    (folder / "a.csv").write_text("teks\napel\n")
    (folder / "b.jsonl").write_text('{"teks": "senja"}\n')
    assert cli.run(["score", str(folder), "-o", str(tmp_path / "out.csv")]) == 0
    assert [row["source_file"] for row in written(tmp_path / "out.csv")] == ["a.csv", "b.jsonl"]


def test_what_cannot_be_read_is_one_line_and_exit_code_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbooks.ole("EncryptedPackage", b"x" * 5000))
    assert cli.run(["score", str(tmp_path / "a.xlsx"), "-o", str(tmp_path / "out.csv")]) == 3
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "a.xlsx is encrypted; remove its password" in err


def test_what_was_left_out_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "chat.txt").write_text(exports.WHATSAPP_ANDROID_ID)
    assert cli.run(["score", str(tmp_path / "chat.txt"), "-o", str(tmp_path / "out.csv")]) == 0
    assert "messages without text (media, deleted) left out" in " ".join(capsys.readouterr().err.split())


def test_the_column_of_the_text_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("comment,konten\n2,Apel pagi\n")
    assert cli.run(["score", str(tmp_path / "a.csv"), "-o", str(tmp_path / "out.csv")]) == 0
    assert "note: the text is read from column 'konten'" in capsys.readouterr().err


def test_a_choice_between_two_columns_is_wrong_use_until_it_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("komentar,postingan\nsetuju sekali pak,Apel pagi di kantor\n")
    command = ["score", str(tmp_path / "a.csv"), "-o", str(tmp_path / "out.csv")]
    assert cli.run(command) == 2
    assert "'komentar' or 'postingan'. Name the one to judge with --text-column" in capsys.readouterr().err
    assert cli.run([*command, "--text-column", "komentar"]) == 0
