"""Worker processes: the same bytes as without them, replaced when they die, gone when nobody needs them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pilah_data.errors import DataError
from pilah_data.feeds import FeedOptions
from pilah_model.artefacts import ArtefactError
from pilah_model.batch import InProcess, Processes, ScoreOptions, WorkerError, score_file, worker_command
from pilah_model.batch.worker import serve
from pilah_model.classifier import Classifier
from pilah_model.judgement import ModelInfo, Post
from tests.api.stand_in import INFO, StandIn
from tests.model.batch_process import options, worker_of


@pytest.fixture(autouse=True)
def findable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(root / part) for part in ("data", "model", "api")))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [[f"coblos nomor {n % 70}" if n % 2 else f"kopi {n} 🙏"] for n in range(300)]
        csv.writer(file).writerows([["text"], *rows])
    return path


@pytest.fixture
def whole(source: Path, tmp_path: Path) -> bytes:
    score_file(InProcess(StandIn()), source, tmp_path / "whole.csv", options())
    return (tmp_path / "whole.csv").read_bytes()


def test_three_workers_write_what_one_process_writes(source: Path, tmp_path: Path, whole: bytes) -> None:
    score_file(Processes(worker_of(0.0), 3), source, tmp_path / "out.csv", options())
    assert (tmp_path / "out.csv").read_bytes() == whole


def test_workers_with_a_real_model_write_the_same_bytes(
    source: Path, tmp_path: Path, tiny_artefact: Path, tiny_classifier: Classifier
) -> None:
    score_file(InProcess(tiny_classifier), source, tmp_path / "one.csv", ScoreOptions(shard_rows=64))
    crew = Processes(worker_command(tiny_artefact, "auto", 1), 2)
    score_file(crew, source, tmp_path / "two.csv", ScoreOptions(shard_rows=64))
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_the_shard_of_a_dead_worker_is_judged_by_another(source: Path, tmp_path: Path, whole: bytes) -> None:
    died = tmp_path / "died"
    score_file(Processes(worker_of(0.0, died), 2), source, tmp_path / "out.csv", options())
    assert died.exists()
    assert (tmp_path / "out.csv").read_bytes() == whole


def test_workers_that_die_again_and_again_end_the_run(source: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _GREETS.format(info=json.dumps({"model": vars_of(INFO)}))]
    with pytest.raises(WorkerError, match=r"3 workers died .*--resume"):
        score_file(Processes(command, 2), source, tmp_path / "out.csv", options())
    assert not (tmp_path / "out.csv").exists()


_GREETS = "import sys; sys.stdout.write('{info}\\n'); sys.stdout.flush(); sys.stdin.readline(); sys.exit(9)"


def vars_of(info: ModelInfo) -> dict[str, str]:
    return {name: getattr(info, name) for name in ("name", "version", "sha256", "taxonomy", "engine")}


def test_a_model_that_cannot_be_loaded_is_named(source: Path, tmp_path: Path) -> None:
    crew = Processes(worker_command(tmp_path / "nowhere", "auto", 1), 2)
    with pytest.raises(ArtefactError, match=r"no model at .*nowhere"):
        score_file(crew, source, tmp_path / "out.csv", options())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    keeper = subprocess.Popen(
        [sys.executable, "-c", _KEEPER, *worker_of(0.0)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert keeper.stdout is not None
    worker = int(keeper.stdout.readline())
    keeper.send_signal(signal.SIGKILL)
    keeper.wait()
    keeper.stdout.close()
    for _ in range(400):
        if not _alive(worker):
            return
        time.sleep(0.025)
    pytest.fail("the worker outlived its keeper")


_KEEPER = """
import subprocess, sys, time
worker = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
worker.stdout.readline()
print(worker.pid, flush=True)
time.sleep(60)
"""


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_worker_answers_line_by_line_and_keeps_odd_characters() -> None:
    asked = io.BytesIO(json.dumps({"texts": ["a\ud83d\nb", "coblos nomor 1"], "explain": True}).encode() + b"\n")
    answers = io.BytesIO()
    serve(StandIn, asked, answers)
    greeting, head, *lines = answers.getvalue().decode("ascii").splitlines()
    assert json.loads(greeting) == {"model": vars_of(INFO)}
    assert json.loads(head) == {"lines": 2}
    assert [json.loads(line)[0] for line in lines] == ["bukan_politik", "partisan"]


def test_a_worker_hears_of_contexts() -> None:
    seen: list[Post] = []
    asked = json.dumps({"texts": ["a", "b"], "contexts": [None, "induk"], "explain": False}).encode() + b"\n"
    serve(lambda: StandIn(before=seen.extend), io.BytesIO(asked), io.BytesIO())
    assert seen == [Post("a"), Post("b", context="induk")]


def test_contexts_go_through_the_pipe(tmp_path: Path, source: Path) -> None:
    replies = tmp_path / "replies.csv"
    replies.write_text("text,induk\nya,\nya,satu\nya,dua\nya,satu\n", encoding="utf-8")
    given = ScoreOptions(FeedOptions(context_column="induk"), shard_rows=2)
    for name, crew in (("one.csv", InProcess(StandIn())), ("two.csv", Processes(worker_of(0.0), 2))):
        score_file(crew, replies, tmp_path / name, given)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.parametrize(
    ("error", "words"), [(DataError("rusak", file="a.json"), "file a.json: rusak"), (MemoryError(), "MemoryError")]
)
def test_a_worker_says_what_stopped_it(error: Exception, words: str) -> None:
    def load() -> StandIn:
        raise error

    answers = io.BytesIO()
    serve(load, io.BytesIO(), answers)
    assert words in json.loads(answers.getvalue())["error"]


def test_a_module_in_the_current_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pilah_model").mkdir()
    (tmp_path / "pilah_model" / "__init__.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    monkeypatch.chdir(tmp_path)
    crew = Processes(worker_command(tmp_path / "nowhere", "auto", 1), 1)
    with contextlib.closing(crew), pytest.raises(ArtefactError, match="no model at"):
        crew.start()
    assert not (tmp_path / "ran").exists()


def test_a_worker_ends_quietly_when_nobody_listens() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(worker_of(0.0), stdin=pipe, stdout=pipe, stderr=pipe) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stderr is not None
        worker.stdout.readline()
        worker.stdout.close()
        worker.stdin.write(json.dumps({"texts": ["kopi"], "explain": False}).encode() + b"\n")
        worker.stdin.close()
        assert worker.stderr.read() == b""
        assert worker.wait() == 0
