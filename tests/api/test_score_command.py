"""`pilah score` at the command line: settings, refusals before the model is loaded, interruptions."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from pilah_api import cli
from pilah_api.services import loading
from pilah_api.settings import Settings
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn

PARTISAN = "Gas coblos nomor 2 ya"


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings with which a model was loaded, one entry each time."""
    seen: list[Settings] = []

    def load(settings: Settings) -> StandIn:
        seen.append(settings)
        return StandIn()

    monkeypatch.setattr(loading, "load_judge", load)
    for name in list(os.environ):
        if name.startswith("PILAH_"):
            monkeypatch.delenv(name)
    return seen


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(f"id,text\n1,{PARTISAN}\n2,kopi\n", encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_feed_is_judged_into_a_file(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out.csv"
    assert cli.run(["score", str(source), "-o", str(target)]) == 0
    assert [row["pilah_decision"] for row in rows(target)] == ["tinjau", "lolos"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "posts read" in err


def test_row_problems_are_exit_code_1(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source.write_text("text\nkopi\n\u200b\n", encoding="utf-8")
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv")]) == 1
    assert "rows with problems" in capsys.readouterr().err
    assert "column 'text'" in rows(tmp_path / "out.csv.errors.csv")[0]["reason"]


def test_the_environment_chooses_the_model(
    source: Path, tmp_path: Path, loads: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("MODEL", "/models/a"), ("ENGINE", "int8"), ("THREADS", "3")):
        monkeypatch.setenv(f"PILAH_{name}", value)
    command = ["score", str(source), "-o", str(tmp_path / "out.csv"), "--restart"]
    assert cli.run(command) == 0
    assert cli.run([*command, "--model", "/models/b", "--engine", "fp32", "--threads", "2"]) == 0
    assert [(str(s.model), s.engine, s.threads) for s in loads] == [("/models/a", "int8", 3), ("/models/b", "fp32", 2)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "in.csv"], ["same file", "-o"]),
        (["-o", "folder.csv"], ["folder.csv", "is a folder"]),
        (["-o", "no/out.csv"], ["no/out.csv", "no folder"]),
        (["-o", "out.xlsx"], ["out.xlsx", ".csv"]),
        (["-o", "there.csv"], ["there.csv exists", "--restart"]),
        (["-o", "out.csv", "--engine", "gpu"], ["--engine", "auto, fp32, int8"]),
        (["-o", "out.csv", "--threads", "0"], ["--threads", "1 to 256"]),
        (["-o", "out.csv", "--only", "semua"], ["semua", "--only"]),
    ],
)
def test_wrong_use_is_one_clear_line_before_the_model_is_loaded(
    arguments: list[str],
    words: list[str],
    source: Path,
    loads: list[Settings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(source.parent)
    Path("folder.csv").mkdir()
    Path("there.csv").touch()
    before = source.read_bytes()
    assert cli.run(["score", "in.csv", *arguments, *(["--restart"] if "in.csv" in arguments else [])]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert all(word in err for word in words), err
    assert not loads
    assert source.read_bytes() == before


def test_raw_writes_cells_as_they_are(source: Path, tmp_path: Path) -> None:
    source.write_text("text\n@teman kopi\n", encoding="utf-8")
    command = ["score", str(source), "-o", str(tmp_path / "out.csv"), "--restart"]
    for arguments, text in (([], "'@teman kopi"), (["--raw"], "@teman kopi")):
        assert cli.run([*command, *arguments]) == 0
        assert rows(tmp_path / "out.csv")[0]["text"] == text


def test_the_help_speaks_of_the_apostrophe_and_the_offsets(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["score", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in ("apostrophe", "offsets", "--raw", "PILAH_ENGINE", "PILAH_MODEL", "PILAH_THREADS"):
        assert words in shown


def test_an_interrupt_says_what_was_done_and_that_nothing_was_written(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source.write_text("text\n" + "".join(f"kopi {n}\n" for n in range(2500)), encoding="utf-8")
    judge = StandIn()
    asked: list[int] = []

    def interrupt(posts: Sequence[Post]) -> None:
        asked.append(len(posts))
        if len(asked) == 2:
            raise KeyboardInterrupt

    judge.before = interrupt
    monkeypatch.setattr(loading, "load_judge", lambda _: judge)
    target = tmp_path / "out.csv"
    assert cli.run(["score", str(source), "-o", str(target)]) == 130
    assert capsys.readouterr().err == (
        f"pilah: interrupted after 2,000 posts; nothing was written to {target}; run the command again to start over\n"
    )
    assert list(tmp_path.iterdir()) == [source]


def test_an_interrupt_while_the_model_loads_is_no_silent_one(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "load_judge", interrupt)
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv")]) == 130
    assert "interrupted after 0 posts" in capsys.readouterr().err


def test_a_full_disk_is_one_line_and_exit_code_3(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "out.csv.part").symlink_to("/dev/full")
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv")]) == 3
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "out.csv.part (No space left on device)" in err
