"""`pilah score` at the command line: settings, refusals before the model is loaded, interruptions."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pilah_api import cli, score_display
from pilah_api.services import crews, loading
from pilah_api.settings import Settings
from pilah_data.feeds import FeedOptions, FeedRow, open_feed
from pilah_model.batch import report as report_module
from pilah_model.judgement import Post
from tests.api.stand_in import INFO, StandIn

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
    assert cli.run([*command, "--model", "/models/b", "--precision", "fp32", "--threads", "2"]) == 0
    assert [(str(s.model), s.engine, s.threads) for s in loads] == [("/models/a", "int8", 3), ("/models/b", "fp32", 2)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "in.csv"], ["same file", "-o"]),
        (["-o", "folder.csv"], ["folder.csv", "is a folder"]),
        (["-o", "no/out.csv"], ["no/out.csv", "no folder"]),
        (["-o", "out.ods"], ["out.ods", ".csv", ".xlsx"]),
        (["-o", "out.csv", "--resume", "--restart"], ["--resume", "--restart", "one of them"]),
        (["-o", "out.csv", "--report", "r.pdf"], ["r.pdf", ".html"]),
        (["-o", "out.csv", "--report", "in.csv"], ["same file"]),
        (["-o", "out.csv", "--report", "r.html", "--lang", "fr"], ["'fr'", "id or en", "--lang"]),
        (["-o", "out.csv", "--workers", "0"], ["--workers"]),
        (["-o", "there.csv"], ["there.csv exists", "--restart"]),
        (["-o", "old.csv"], ["old.csv.errors.csv exists", "--restart", "-o"]),
        (["-o", "out.csv", "--report", "there.html"], ["there.html exists", "--restart", "--report"]),
        (["-o", "in.csv", "--resume"], ["same file"]),
        (["-o", "out.csv", "--format", "xml"], ["unknown format 'xml'", "--format"]),
        (["-o", "out.csv", "--encoding", "utf-99"], ["unknown encoding 'utf-99'", "--encoding"]),
        (["-o", "out.csv", "--precision", "fp16"], ["--precision", "auto, fp32, int8"]),
        (["-o", "out.csv", "--engine", "gpu"], ["--engine", "local, ray"]),
        (["-o", "out.csv", "--engine", "fp32"], ["--engine", "--precision fp32"]),
        (["-o", "out.csv", "--ray-address", "127.0.0.1:1"], ["--ray-address", "--engine ray"]),
        (["-o", "out.csv", "--threads", "0"], ["--threads", "1 to 256"]),
        (["-o", "out.csv", "--only", "semua"], ["semua", "--only"]),
        (["-o", "out.csv", "--only", ""], ["''", "--only"]),
        (["-o", "out.csv", "--lang", "en"], ["--lang", "--report"]),
        (["-o", "out.csv", "-"], ["standard input", "beside files"]),
        (["-o", "out.csv", "./in.csv"], ["same input", "once"]),
        (["-o", "there.html", "there.csv"], ["there.html", "unknown", ".parquet"]),
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
    for name in ("there.csv", "there.html", "old.csv.errors.csv"):
        Path(name).touch()
    before = source.read_bytes()
    assert cli.run(["score", "in.csv", *arguments, *(["--restart"] if arguments[1:] == ["in.csv"] else [])]) == 2
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


def interrupting(after: int) -> StandIn:
    asked: list[int] = []

    def interrupt(posts: Sequence[Post]) -> None:
        asked.append(len(posts))
        if len(asked) > after:
            raise KeyboardInterrupt

    return StandIn(before=interrupt)


def cut_off(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *given: str
) -> str:
    """Interrupt a run in its second shard, and return the command by which it can be gone on with."""
    source.write_text("text\n" + "".join(f"kopi {n}\n" for n in range(2500)), encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load_judge", lambda _: interrupting(1))
        assert cli.run(["score", str(source), "-o", str(target), *given]) == 130
    # On a busy machine a line of progress may come before it.
    said = capsys.readouterr().err.splitlines()[-1]
    before = (
        f"pilah: interrupted after 1,024 posts; nothing was written to {target}; what is finished is kept, go on with: "
    )
    assert said.startswith(before)
    return said.removeprefix(before).strip()


def test_an_interrupt_says_how_to_go_on_and_that_command_does(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "ha sil.csv"
    command = cut_off(source, target, monkeypatch, capsys, "--explain", "--only", "lolos")
    assert command == f"pilah score {source} --output '{target}' --explain --only lolos --resume"
    assert not target.exists()
    assert cli.run(shlex.split(command)[1:]) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert "posts read 2,500 of them judged before 1,024" in shown
    assert [row["text"] for row in rows(target)] == [f"kopi {n}" for n in range(2500)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ha sil.csv", "ha sil.csv.pilah.json", "in.csv"]


def test_an_unfinished_run_is_refused_with_both_commands(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    cut_off(source, target, monkeypatch, capsys)
    command = ["score", str(source), "-o", str(target)]
    assert cli.run(command) == 2
    err = capsys.readouterr().err
    again = f"pilah score {source} --output {target}"
    assert f"{again} --resume, or {again} --restart" in err
    assert cli.run([*command, "--resume", "--explain"]) == 2
    assert "options explain was False, is True" in capsys.readouterr().err
    assert cli.run([*command, "--restart", "--explain"]) == 0


def test_a_wrong_column_is_wrong_use_and_names_those_there_are(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--text-column", "--id-column"):
        assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv"), option, "isi"]) == 2
        err = capsys.readouterr().err
        assert "no column 'isi'; its columns are id, text" in err
        assert option in err
    assert list(tmp_path.iterdir()) == [source]


def test_a_sheet_of_a_file_without_sheets_is_wrong_use(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv"), "--sheet", "Juni"]) == 2
    assert "in.csv is no workbook and has no sheets; leave out --sheet" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [source]


def test_a_report_is_a_page_in_the_language_asked_for(source: Path, tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    command = ["score", str(source), "-o", str(tmp_path / "out.csv"), "--restart", "--report", str(page)]
    for arguments, words in (([], "Ringkasan penilaian"), (["--lang", "en"], "Summary of judgements")):
        assert cli.run([*command, *arguments]) == 0
        assert words in page.read_text(encoding="utf-8")


def test_workers_are_processes_with_the_model_of_the_settings(
    source: Path, tmp_path: Path, root: Path, loads: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(root / part) for part in ("data", "model", "api")))
    command = ["score", str(source), "-o", str(tmp_path / "out.csv"), "--workers", "2"]
    # The model is loaded by the workers, which find none there.
    assert cli.run([*command, "--model", str(tmp_path / "nowhere")]) == 3
    assert not loads


def test_the_size_of_a_feed_decides_on_the_number_of_workers(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64))
    assert len(crews.crew_for(Settings(), source, None).hands) == 1
    assert len(crews.crew_for(Settings(), source, 3).hands) == 3
    source.write_text("text\n" + "kopi\n" * 200_000)
    assert len(crews.crew_for(Settings(), source, None).hands) == 8
    assert len(crews.crew_for(Settings(threads=2), source, None).hands) == 1
    assert len(crews.crew_for(Settings(), tmp_path, None).hands) == 8


def test_a_long_run_without_a_terminal_says_how_far_it_is(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(score_display, "_SILENCE", 0.0)
    source.write_text("text\n" + "".join(f"kopi {n}\n" for n in range(2048)), encoding="utf-8")
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv")]) == 0
    first, last, *_ = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"1,024 posts, [\d,]+ posts/s, 0:00:0\d left, lolos 1,024", first)
    assert last.startswith("2,048 posts")


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
    (tmp_path / "out.csv.pilah").mkdir()
    (tmp_path / "out.csv.pilah" / "lock").touch()
    (tmp_path / "out.csv.pilah" / "output.csv").symlink_to("/dev/full")
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv")]) == 3
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "output.csv (No space left on device)" in err
    assert f"To go on with what is finished: pilah score {source} --output {tmp_path / 'out.csv'} --resume" in err


@pytest.mark.parametrize(("content", "code"), [("text\nkopi\n", 0), ("text\nkopi\n\u200b\n", 1)])
def test_going_on_with_a_finished_run_does_nothing_and_ends_as_that_one_did(
    content: str, code: int, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    source.write_text(content, encoding="utf-8")
    command = ["score", str(source), "-o", str(target)]
    assert cli.run(command) == code
    capsys.readouterr()
    before = {path: (path.read_bytes(), path.stat().st_ino) for path in tmp_path.iterdir()}
    assert cli.run([*command, "--resume"]) == code
    assert capsys.readouterr().err == f"pilah: nothing to go on with: {target} is finished\n"
    assert {path: (path.read_bytes(), path.stat().st_ino) for path in tmp_path.iterdir()} == before


def _rewrite(name: str, content: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(content, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "arguments", "code", "words"),
    [
        (
            _rewrite("in.csv", "text\nteh\n"),
            [],
            2,
            "is finished, but not as asked for now: the input holds other bytes",
        ),
        (lambda folder: (folder / "in.csv").unlink(), [], 3, "in.csv cannot be read"),
        (_rewrite("out.csv", "milik saya"), [], 2, "the output was changed since"),
        (_rewrite("out.csv.pilah.json", "{"), [], 2, "out.csv.pilah.json cannot be read"),
        (_rewrite("out.csv.pilah.json", "[]"), [], 2, "out.csv.pilah.json cannot be read"),
        (lambda folder: (folder / "out.csv.pilah.json").unlink(), [], 2, "no finished run has left its record"),
        (
            lambda _: None,
            ["--explain", "--raw"],
            2,
            "options explain was False, is True; options raw was False, is True",
        ),
        (lambda _: None, ["--model", "other"], 2, "model sha256 was"),
    ],
)
def test_an_output_that_this_run_would_not_have_written_is_not_called_finished(
    change: Callable[[Path], object],
    arguments: list[str],
    code: int,
    words: str,
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = replace(INFO, sha256="f" * 64)
    monkeypatch.setattr(loading, "load_judge", lambda given: StandIn(info=other if given.model else INFO))
    target = tmp_path / "out.csv"
    command = ["score", str(source), "-o", str(target)]
    assert cli.run(command) == 0
    change(tmp_path)
    before = target.read_bytes()
    capsys.readouterr()
    assert cli.run([*command, "--resume", *arguments, "--report", str(tmp_path / "r.html")]) == code
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1
    assert code == 3 or "--restart" in err
    assert target.read_bytes() == before
    assert not (tmp_path / "r.html").exists()


def test_a_report_that_a_run_did_not_come_to_is_written_by_going_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    days = "".join(f"{n},{PARTISAN if n % 3 else 'kopi'},2024-11-{n % 28 + 1:02}\n" for n in range(1, 90))
    source.write_text(f"id,text,tanggal\n{days}90,\u200b,\n", encoding="utf-8")
    whole, report = tmp_path / "whole.html", tmp_path / "r.html"
    assert cli.run(["score", str(source), "-o", str(tmp_path / "whole.csv"), "--report", str(whole)]) == 1
    command = ["score", str(source), "-o", str(tmp_path / "out.csv"), "--report", str(report)]
    with monkeypatch.context() as patch:
        patch.setattr(report_module, "write_report", interrupt)
        assert cli.run(command) == 130
    said = capsys.readouterr().err
    assert f"interrupted after 90 posts; {tmp_path / 'out.csv'} is finished; to write the report: pilah score" in said
    assert not report.exists()
    assert cli.run([*command, "--resume"]) == 1
    assert f"; its report is {report}" in capsys.readouterr().err
    assert report.read_bytes() == whole.read_bytes()


def test_the_record_of_a_run_holds_counts_and_nothing_of_the_posts(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Budi Santoso"
    folder.mkdir()
    feed = folder / "chat Budi.csv"
    feed.write_text(f"id_saya,text,nama\nx-17,{PARTISAN},Siti Aminah\n", encoding="utf-8")
    target = tmp_path / "out.csv"
    assert cli.run(["score", str(feed), "-o", str(target)]) == 0
    said = (tmp_path / "out.csv.pilah.json").read_text(encoding="utf-8")
    assert len(said) < 3000
    for word in ("coblos", "x-17", "Siti", "Budi", "chat", str(tmp_path)):
        assert word not in said
    assert json.loads(said)["counts"] == {"rows": 1, "written": 1, "problems": 0}


def test_a_resumed_run_replaces_its_report_and_its_list_of_problems(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target, report = tmp_path / "out.csv", tmp_path / "r.html"
    command = cut_off(source, target, monkeypatch, capsys, "--report", str(report))
    for old in (report, tmp_path / "out.csv.errors.csv"):
        old.write_text("lama")
    assert cli.run(shlex.split(command)[1:]) == 0
    assert "Ringkasan" in report.read_text(encoding="utf-8")
    assert not (tmp_path / "out.csv.errors.csv").exists()


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_judged(
    source: Path, tmp_path: Path, loads: list[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.html.part").mkdir()
    target = tmp_path / "out.csv"
    assert cli.run(["score", str(source), "-o", str(target), "--report", str(tmp_path / "r.html")]) == 3
    err = capsys.readouterr().err
    assert "cannot write" in err
    assert "choose another place with --report" in err
    assert not loads
    assert not target.exists()


def test_the_summary_prints_the_names_of_files_as_they_are(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    target = tmp_path / f"hasil [bold] :smile: {'x' * 100}.csv"
    assert cli.run(["score", str(source), "-o", str(target)]) == 0
    assert f"2 to {target}\n" in capsys.readouterr().err


def test_the_way_on_is_said_once(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def vanish(_: Sequence[Post]) -> None:
        source.unlink(missing_ok=True)

    source.write_text("text\n" + "".join(f"kopi {n}\n" for n in range(10_000)), encoding="utf-8")
    monkeypatch.setattr(loading, "load_judge", lambda _: StandIn(before=vanish))
    target = tmp_path / "out.csv"
    assert cli.run(["score", str(source), "-o", str(target)]) == 3
    err = capsys.readouterr().err
    assert err.count("--resume") == 1
    assert f"go on with: pilah score {source} --output {target} --resume" in err


class Piped(io.TextIOWrapper):
    """Standard input that somebody sends something into."""

    def __init__(self, content: bytes, *, terminal: bool = False):
        super().__init__(io.BytesIO(content))
        self.buffer.isatty = lambda: terminal  # type: ignore[method-assign]


def test_standard_input_is_judged_like_a_file(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    assert cli.run(["score", str(source), "-o", str(tmp_path / "file.csv")]) == 0
    monkeypatch.setattr(sys, "stdin", Piped(source.read_bytes()))
    assert cli.run(["score", "-", "-o", str(tmp_path / "piped.csv")]) == 0
    assert (tmp_path / "piped.csv").read_bytes() == (tmp_path / "file.csv").read_bytes()
    assert not list(spool.iterdir())


@pytest.mark.parametrize(
    ("content", "terminal", "code", "words"),
    [
        (b"", False, 3, "standard input is empty"),
        (b"text\nkopi\n", True, 2, "standard input is a terminal"),
        (b"a,b\n1,2\n", False, 3, "standard input is no export that is known"),
        (b"text\n \n", False, 1, "rows with problems"),
    ],
)
def test_standard_input_that_cannot_be_judged_is_named(
    content: bytes,
    terminal: bool,
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(content, terminal=terminal))
    assert cli.run(["score", "-", "-o", str(tmp_path / "out.csv")]) == code
    assert words in capsys.readouterr().err


def test_standard_input_is_gone_on_with_when_it_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, target = ("text\n" + "".join(f"kopi {n}\n" for n in range(2500))).encode(), tmp_path / "out.csv"
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load_judge", lambda _: interrupting(1))
        patch.setattr(sys, "stdin", Piped(content))
        assert cli.run(["score", "-", "-o", str(target)]) == 130
    said = f"pilah score - --output {target} --resume (and the same standard input again)"
    assert said in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", Piped(content[: len(content) // 2]))
    assert cli.run(["score", "-", "-o", str(target), "--resume"]) == 2
    assert "the input holds other bytes" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", Piped(content))
    assert cli.run(["score", "-", "-o", str(target), "--resume"]) == 0
    assert len(rows(target)) == 2500


def test_several_inputs_are_one_feed_and_rows_name_theirs(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ekspor"
    folder.mkdir()
    (folder / "b.jsonl").write_text('{"text": "kopi", "suka": 3}\n')
    (folder / "foto.jpg").write_bytes(b"x")
    target = tmp_path / "out.jsonl"
    assert cli.run(["score", str(source), str(folder), "-o", str(target)]) == 0
    judged = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["source_file"] for row in judged] == [str(source)] * 2 + [str(folder / "b.jsonl")]
    assert judged[2]["suka"] == 3


def test_an_input_that_was_named_and_is_no_feed_ends_the_run(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "foto.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    for name in ("foto.jpg", "nowhere.csv"):
        assert cli.run(["score", str(source), str(tmp_path / name), "-o", str(tmp_path / "out.csv")]) == 3
        assert name in capsys.readouterr().err
        assert not (tmp_path / "out.csv").exists()


def test_the_context_reaches_the_model_and_copies_differ_by_it(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Post] = []
    monkeypatch.setattr(loading, "load_judge", lambda _: StandIn(before=seen.extend))
    source.write_text("text,induk\nsetuju,satu\nsetuju,dua\nsetuju,satu\nsetuju, \n", encoding="utf-8")
    command = ["score", str(source), "-o", str(tmp_path / "out.csv")]
    assert cli.run([*command, "--context-column", "induk"]) == 0
    assert seen == [Post("setuju", context="satu"), Post("setuju", context="dua"), Post("setuju")]
    assert [row["induk"] for row in rows(tmp_path / "out.csv")] == ["satu", "dua", "satu", " "]
    assert cli.run([*command, "--restart", "--context-column", "jawaban"]) == 2
    assert "no column 'jawaban'; its columns are text, induk (option --context-column)" in capsys.readouterr().err


def test_a_context_that_is_no_text_is_a_problem_of_its_row(source: Path, tmp_path: Path) -> None:
    feed = tmp_path / "in.jsonl"
    feed.write_text('{"text": "setuju", "induk": null}\n{"text": "setuju", "induk": {"id": 1}}\n')
    assert cli.run(["score", str(feed), "-o", str(tmp_path / "out.csv"), "--context-column", "induk"]) == 1
    (problem,) = rows(tmp_path / "out.csv.errors.csv")
    assert (problem["row"], problem["field"]) == ("2", "induk")


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".xlsx", ".parquet"])
def test_every_kind_of_output_keeps_the_rows_that_were_asked_for(ending: str, source: Path, tmp_path: Path) -> None:
    target, again = tmp_path / f"out{ending}", tmp_path / "again.jsonl"
    assert cli.run(["score", str(source), "-o", str(target), "--only", "tinjau"]) == 0
    # What was written is read by the readers of feeds themselves; they refuse only what is scored already.
    feed, opened = open_feed(target, FeedOptions())
    with opened:
        (row,) = [row for row in feed.rows if isinstance(row, FeedRow)]
    assert row.text == PARTISAN
    assert (row.cell("pilah_label"), row.cell("pilah_decision")) == ("partisan", "tinjau")
    assert float(row.cell("pilah_confidence")) == 0.94
    assert cli.run(["score", str(target), "-o", str(again)]) == 3


def test_parquet_is_typed(source: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    target = tmp_path / "out.parquet"
    assert cli.run(["score", str(source), "-o", str(target), "--explain"]) == 0
    table = parquet.read_table(target)
    kinds = dict(zip(table.schema.names, map(str, table.schema.types), strict=True))
    assert kinds["pilah_p_partisan"] == "double"
    assert kinds["pilah_truncated"] == "bool"
    assert table.column("pilah_truncated").to_pylist() == [False, False]
    assert json.loads(table.column("pilah_evidence").to_pylist()[0])[0][2] == "coblos nomor 2"
    before = target.read_bytes()
    assert cli.run(["score", str(source), "-o", str(target), "--explain", "--restart"]) == 0
    assert target.read_bytes() == before


def test_parquet_without_its_library_names_the_install_line(
    source: Path,
    tmp_path: Path,
    loads: list[Settings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None if name == "pyarrow" else find(name))
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.parquet")]) == 2
    assert "pip install 'pilah[parquet]'" in capsys.readouterr().err
    assert not loads
