from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pilah_api import cli, data_commands
from pilah_api.services import loading
from pilah_data.errors import DataError, InputError, MissingExtraError, PilahError
from pilah_data.feeds import ENDINGS
from pilah_data.feeds.columns import ColumnError, FeedError
from pilah_model.artefacts import ArtefactError
from pilah_model.batch import UnfinishedError, WorkerError, WriteError
from tests.api.stand_in import StandIn

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound to it

PARTISAN = "Gas coblos nomor 2 ya"
Stdin = Callable[[bytes], None]


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    judge = StandIn()
    monkeypatch.setattr(loading, "load_judge", lambda _: judge)
    for name in list(os.environ):
        if name.startswith("PILAH_"):
            monkeypatch.delenv(name)
    return judge


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Stdin:
    def give(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))

    return give


def test_texts_as_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", PARTISAN, "kopi\tpagi\nini"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"tinjau\tpartisan\t0.94\tB02,B05\tdukung\t{PARTISAN}",
        "lolos\tbukan_politik\t0.79\t-\t-\tkopi pagi ini",
    ]


@pytest.mark.parametrize("ending", [*ENDINGS, ".Parquet"])
def test_the_name_of_a_feed_is_not_judged_as_a_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"posts{ending}"
    assert cli.run(["classify", name]) == 0
    capsys.readouterr()
    (tmp_path / name).write_text("text\nhalo\n")
    assert cli.run(["classify", name]) == 2
    assert f"pilah score {name}" in capsys.readouterr().err


def test_json_lines_from_standard_input(capsys: pytest.CaptureFixture[str], stdin: Stdin) -> None:
    stdin(b"\xef\xbb\xbfkopi\r\n\n" + PARTISAN.encode() + "\nKami netral ✌️".encode())
    assert cli.run(["classify", "--json", "--explain"]) == 0
    judgements = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [j["id"] for j in judgements] == ["1", "3", "4"]
    assert [j["decision"] for j in judgements] == ["lolos", "tinjau", "lolos"]
    assert judgements[1]["evidence"][0]["text"] == "coblos nomor 2"


def test_many_lines_are_judged_in_order(capsys: pytest.CaptureFixture[str], stdin: Stdin) -> None:
    stdin("\n".join(f"kopi {n}" for n in range(200)).encode())
    assert cli.run(["classify"]) == 0
    assert [line.rpartition("\t")[2] for line in capsys.readouterr().out.splitlines()] == [
        f"kopi {n}" for n in range(200)
    ]


def test_explain_adds_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["classify", "--explain", PARTISAN, "kopi"]) == 0
    fields = [line.split("\t")[5] for line in capsys.readouterr().out.splitlines()]
    assert fields == ["coblos nomor 2", "-"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["classify", "kopi", " "], 2, ["text 2", "blank"]),
        (["classify", "x" * 100_001], 2, ["text 1", "100,001 characters"]),
        (["classify", "--engine", "gpu", "x"], 2, ["--engine", "auto, fp32, int8"]),
        (["classify", "--nonsense", "x"], 2, ["--nonsense", "pilah classify --help"]),
        (["classify", "a\udcffb"], 2, ["argument 2", "UTF-8"]),
        (["serve", "--port", "99999"], 2, ["--port", "0 to 65535"]),
        (["serve", "--host", EVERYWHERE], 2, [EVERYWHERE, "PILAH_PUBLIC_URL", "PILAH_SECRET"]),
        (["serve", "--host", "no.such.host.invalid"], 2, ["no.such.host.invalid"]),
        (["bogus"], 2, ["bogus", "pilah --help"]),
        (["version", "surplus"], 2, ["surplus"]),
    ],
)
def test_wrong_use_is_one_clear_line(
    arguments: list[str], code: int, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("pilah: ")
    assert all(word in err for word in words), err


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", 2, ["no text on standard input"]),
        (b"\n \n", 2, ["no text on standard input"]),
        (b"kopi\nte\xffh\n", 3, ["line 2", "byte 3", "UTF-8"]),
        ("kopi".encode("utf-16"), 3, ["line 1", "UTF-8"]),
        (b"kopi\n" + b"x" * 100_001, 3, ["line 2", "100,001 characters"]),
        ("kopi\n\u200b\n".encode(), 3, ["line 2", "blank"]),
        (b"x" * 9_000_000, 3, ["line 1", "8,388,608 bytes"]),
    ],
)
def test_unreadable_input_is_named_by_line(
    content: bytes, code: int, words: list[str], capsys: pytest.CaptureFixture[str], stdin: Stdin
) -> None:
    stdin(content)
    assert cli.run(["classify"]) == code
    _, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert all(word in err for word in words), err


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PILAH_MAX_POSTS", "many")
    assert cli.run(["classify", "kopi"]) == 2
    assert "PILAH_MAX_POSTS='many'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ArtefactError("damaged"), 3),
        (DataError("bad", file="x", line=3), 3),
        (FeedError("damaged"), 3),
        (ColumnError("no column"), 2),
        (WriteError("disk full"), 3),
        (UnfinishedError("in the way"), 2),
        (WorkerError("died"), 70),
        (InputError("exists"), 2),
        (MissingExtraError("train", "torch"), 2),
        (PilahError("other"), 2),
    ],
)
def test_exit_codes(
    error: PilahError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(loading, "load_judge", fail)
    assert cli.run(["classify", "kopi"]) == code
    assert capsys.readouterr().err == f"pilah: {error}\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device; check"),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "a/b.json"),
            "a/b.json: No such file or directory;",
        ),
        (PermissionError(errno.EACCES, "Permission denied", Path("x.md")), "x.md: Permission denied; check"),
        (OSError("something\nof the system"), "something of the system; check"),
    ],
)
def test_an_error_of_the_system_is_one_line(
    error: OSError, words: str, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> None:
        raise error

    stand_in.before = fail
    assert cli.run(["classify", "kopi"]) == 2
    assert capsys.readouterr().err.startswith(f"pilah: {words}")


def test_a_full_disk_is_one_line(root: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_process(root, "version", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.startswith(b"pilah: No space left on device")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "command"), [(["classify", "kopi pagi"], "pilah classify"), (["data", "stats"], "pilah data stats")]
)
def test_an_unforeseen_error_is_one_line_that_names_the_command(
    arguments: list[str],
    command: str,
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of\nmemory")

    stand_in.before = fail
    monkeypatch.setattr(data_commands, "repository_data", fail)
    assert cli.run(arguments) == 70
    expected = (
        rf"pilah: {command} stopped at an unforeseen error \(RuntimeError: out of memory; in test_cli\.py, line \d+\)\n"
    )
    assert re.fullmatch(expected, capsys.readouterr().err)


def test_an_interrupt_is_130(stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    stand_in.before = interrupt
    assert cli.run(["classify", "kopi"]) == 130
    assert capsys.readouterr().err == ""


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    overview = capsys.readouterr().out
    for command in (
        "classify",
        "score",
        "serve",
        "doctor",
        "version",
        "openapi",
        "pretrain",
        "train",
        "evaluate",
        "export",
        "card",
        "data",
    ):
        assert f" {command} " in overview
        assert cli.run([command, "--help"]) == 0
        assert "Usage" in capsys.readouterr().out


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 2
    out, err = capsys.readouterr()
    assert "classify" in out
    assert err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["version"], ["--version"]):
        assert cli.run(arguments) == 0
        assert capsys.readouterr().out.startswith("pilah ")


def run_process(root: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    path = os.pathsep.join(str(root / folder) for folder in ("data", "model", "api"))
    code = "from pilah_api.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": path}
    options = {"capture_output": True, **options}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", code, *arguments], env=environment, timeout=120, check=False, **options
    )


def test_a_reader_that_goes_away_is_no_traceback(root: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    path = os.pathsep.join(str(root / folder) for folder in ("data", "model", "api"))
    done = subprocess.run(
        [sys.executable, "-c", "from pilah_api.cli import main; main()", "version"],
        env={**os.environ, "PYTHONPATH": path},
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_missing_model_is_one_line(root: Path, tmp_path: Path) -> None:
    done = run_process(root, "classify", "kopi", "--model", str(tmp_path))
    assert done.returncode == 3
    assert done.stderr.startswith(f"pilah: no model at {tmp_path}".encode())
    assert len(done.stderr.splitlines()) == 1


def test_output_is_utf8_whatever_the_locale(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from pilah_api import cli; sys.argv[1:] = ['bogus✌']; cli.main()"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(root / f) for f in ("data", "model", "api")),
            "PYTHONIOENCODING": "ascii",
        },
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert "bogus✌" in done.stderr.decode("utf-8")
