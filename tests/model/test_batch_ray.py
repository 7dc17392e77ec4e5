"""Scoring on a Ray cluster of two workers on this machine: the same bytes, also when an actor or the whole run is killed."""

from __future__ import annotations

import csv
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilah_model.batch import InProcess, ScoreOptions, score_file
from pilah_model.classifier import Classifier
from tests.conftest import skip_aloud

ROWS = 5000

# A run whose first actor is killed when a shard is written.
_DISTURBED = """
import os, sys
from pathlib import Path
from pilah_model.batch import RayCrew, ScoreOptions, score_file

model, source, target = map(Path, sys.argv[1:])
crew, killed = RayCrew(model, "auto", 1, 2), []

def progress(summary):
    if not killed:
        import ray
        killed.append(ray.kill(crew.hands[0].actor))

score_file(crew, source, target, ScoreOptions(shard_rows=64), progress)
assert killed
assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
"""
_PILAH = [sys.executable, "-P", "-c", "import sys; from pilah_api import cli; sys.exit(cli.run(sys.argv[1:]))"]


@pytest.fixture(autouse=True)
def ray_is_there(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if importlib.util.find_spec("ray") is None:
        skip_aloud("Ray is not installed (pip install 'pilah[ray]')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(root / part) for part in ("data", "model", "api")))
    # A run that is killed leaves its cluster's files behind. Their names must be short: sockets are among them.
    with tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True) as place:
        monkeypatch.setenv("TMPDIR", place)
        yield


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [[f"coblos nomor {n}" if n % 2 else f"kopi {n} 🙏"] for n in range(ROWS)]
        csv.writer(file).writerows([["text"], *rows])
    return path


def test_two_actors_write_what_one_process_writes_even_when_one_dies(
    source: Path, tmp_path: Path, tiny_artefact: Path, tiny_classifier: Classifier
) -> None:
    score_file(InProcess(tiny_classifier), source, tmp_path / "local.csv", ScoreOptions(shard_rows=64))
    command = [sys.executable, "-P", "-c", _DISTURBED, str(tiny_artefact), str(source), str(tmp_path / "ray.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ray.csv").read_bytes() == (tmp_path / "local.csv").read_bytes()


def test_a_killed_run_is_gone_on_with_on_either_engine(source: Path, tmp_path: Path, tiny_artefact: Path) -> None:
    def command(*more: str, target: str = "out.csv") -> list[str]:
        return [*_PILAH, "score", str(source), "-o", str(tmp_path / target), "--model", str(tiny_artefact), *more]

    on_ray, work = ("--engine", "ray", "--workers", "2"), tmp_path / "out.csv.pilah"
    subprocess.run(command(target="whole.csv"), check=True, capture_output=True)
    killed = subprocess.Popen(command(*on_ray), stderr=subprocess.DEVNULL)
    while not any(work.glob("shards/*.jsonl")) and killed.poll() is None:
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    shutil.copytree(work, tmp_path / "kept")
    for more in (on_ray, ()):
        (tmp_path / "out.csv").unlink(missing_ok=True)
        shutil.copytree(tmp_path / "kept", work, dirs_exist_ok=True)
        done = subprocess.run(command("--resume", *more), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "of them judged before" in done.stderr
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_cluster_that_is_not_there_is_named(source: Path, tmp_path: Path) -> None:
    more = ("--engine", "ray", "--ray-address", "127.0.0.1:9")
    command = [*_PILAH, "score", str(source), "-o", str(tmp_path / "out.csv"), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "the Ray cluster cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_ray_the_install_line_is_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pilah_api import cli

    monkeypatch.setitem(sys.modules, "ray", None)
    assert cli.run(["score", str(source), "-o", str(tmp_path / "out.csv"), "--engine", "ray"]) == 2
    assert "pip install 'pilah[ray]'" in capsys.readouterr().err
