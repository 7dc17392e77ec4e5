"""`pilah data …` on a small data folder of its own: what is printed, what is written, and the exit codes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import zstandard

from pilah_api import cli, data_commands
from pilah_data.annotation import write_annotations
from pilah_data.records import Reading, Split, text_id
from pilah_data.taxonomy import Label
from pilah_data.tsv import write_table

THEMES = {
    Label.BUKAN_POLITIK: "kopi nasi bola voli hujan kucing pasar kebun",
    Label.POLITIK_NETRAL: "jadwal debat pemilih daftar surat suara aturan undian",
    Label.PARTISAN: "coblos menang dukung juara nomor relawan santoso gas",
    Label.PERLU_KONTEKS: "lanjutkan beliau itu paham kode amanah terus pak",
}
REPEATED = "besok pagi seluruh pegawai berkumpul di lapangan untuk apel kesiapan"


@pytest.fixture
def project(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `data` and `shared`: forty-eight readings, one text in two splits, and the first authored posts."""
    texts: list[tuple[str, Label, Split, str]] = [
        (" ".join(words[i:] + words[:i]) + f" {i}", label, "train", "uji/satu")
        for label, words in ((label, theme.split() * 2) for label, theme in THEMES.items())
        for i in range(12)
    ]
    texts += [
        (REPEATED + " satu dua", Label.BUKAN_POLITIK, "train", "uji/satu"),
        (REPEATED + " satu dua tiga", Label.BUKAN_POLITIK, "test", "uji/dua"),
    ]
    data, shared = tmp_path / "data", tmp_path / "shared"
    for folder in (data / "annotations", data / "corpora", shared / "posts"):
        folder.mkdir(parents=True)
    readings = [Reading(text_id(t), label, (), None, None, None, split, s, "round1") for t, label, split, s in texts]
    write_annotations(data / "annotations" / "labels_1.tsv", readings)
    second = [(r.id, r.label.value, "-", "-", "-") for r in readings[:20]]
    write_table(data / "annotations" / "second_readings.tsv", ("id", "label", "forms", "direction", "subtype"), second)
    rows = ["id\ttext\tsource\tfile\tyear\tplatform\tform"]
    rows += [f"{text_id(text)}\t{text}\t{source}\ta.csv\t2024\tTwitter\traw" for text, _, _, source in texts]
    packed = zstandard.ZstdCompressor().compress(("\n".join(rows) + "\n").encode())
    (shared / "posts" / "posts.tsv.zst").write_bytes(packed)
    lines = (root / "data" / "corpora" / "umum.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (data / "corpora" / "umum.jsonl").write_text("".join(lines[:3]), encoding="utf-8")
    monkeypatch.setattr(data_commands, "repository_data", lambda: data)
    return tmp_path


def test_good_files_are_counted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["data", "validate", str(project / "data")]) == 0
    assert "3 authored posts and 50 readings are well formed" in capsys.readouterr().out


def test_a_fault_is_named_and_the_exit_code_is_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "data" / "corpora" / "umum.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "x"}\n')
    assert cli.run(["data", "validate"]) == 1
    assert "line 4, field 'text'" in " ".join(capsys.readouterr().err.split())


def test_agreement_is_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["data", "agreement", "--rounds", "20"]) == 0
    out = capsys.readouterr().out
    assert "second_readings.tsv: 20 posts, 40 judgements" in out
    assert "1.00 [1.00, 1.00]" in out


def test_suspects_are_written_without_texts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = project / "suspects.tsv"
    arguments = ["data", "suspects", "--out", str(out), "--shared", str(project / "shared"), "--folds", "3"]
    assert cli.run(arguments) == 0
    assert "of 49 readings look suspicious" in capsys.readouterr().out
    written = out.read_text(encoding="utf-8")
    assert written.startswith("id\tgiven\tsuggested\tmargin\n")
    assert "santoso" not in written
    assert cli.run(arguments) == 0
    assert out.read_text(encoding="utf-8") == written


def test_leaks_are_named_and_can_be_dropped(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["data", "split", "--shared", str(project / "shared")]
    assert cli.run(arguments) == 1
    out = capsys.readouterr().out
    assert "leaks: 1" in out
    assert "pegawai" not in out
    excluded = project / "data" / "annotations" / "excluded.tsv"
    assert cli.run([*arguments, "--drop", str(excluded)]) == 0
    assert text_id(REPEATED + " satu dua") in excluded.read_text(encoding="utf-8")
    assert cli.run(arguments) == 0
    assert "leaks: 0" in capsys.readouterr().out


def test_cards_are_rendered_with_and_without_the_public_texts(
    root: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = project / "data"
    for name in ("card_sections.toml", "codebook.toml"):
        shutil.copyfile(root / "data" / name, data / name)
    (data / "sources.toml").write_text(SOURCES, encoding="utf-8")
    assert cli.run(["data", "card", "--shared", str(project / "shared")]) == 0
    card = (data / "DATA_CARD.md").read_bytes()
    assert b"50 labelled public posts" in card
    assert b"| **leaks** | 1 |" in card
    assert cli.run(["data", "card", "--shared", str(project / "nowhere")]) == 0
    assert (data / "DATA_CARD.md").read_bytes() == card
    (data / "measured.json").unlink()
    assert cli.run(["data", "card", "--shared", str(project / "nowhere")]) == cli.WRONG_USE
    assert "measured.json cannot be read" in capsys.readouterr().err


def test_public_texts_that_are_not_there_are_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["split"], ["suspects", "--out", str(project / "x.tsv")]):
        assert cli.run(["data", *command, "--shared", str(project / "nowhere")]) == cli.WRONG_USE
        assert "sources.toml for where the texts come from" in capsys.readouterr().err


SOURCES = "".join(
    f"""[[source]]
repository = "{repository}"
files = ["a.csv"]
platform = "Twitter"
years = "2024"
posts = {posts}
labelled = {posts}
lines = 0
use = ["labels"]
licence = "MIT"
terms = "permissive"
sha256 = "{"0" * 64}"
"""
    for repository, posts in (("uji/satu", 49), ("uji/dua", 1))
)
