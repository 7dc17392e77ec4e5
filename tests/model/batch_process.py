"""Batches in processes of their own, with a stand-in for the model, so that tests can kill them.

`run SOURCE TARGET START WORKERS PAUSE` scores a feed; `worker PAUSE [DIES]` is what it starts. A pause in seconds per
list of texts stands for the time a model takes; with DIES, a file, a worker dies once and leaves the file behind.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pilah_model.batch import InProcess, Processes, ScoreOptions, Start, score_file
from pilah_model.batch.hands import Crew
from pilah_model.batch.worker import serve
from pilah_model.judgement import Post
from tests.api.stand_in import StandIn

SHARD_ROWS = 20


def slow(pause: float, dies: Path | None = None) -> StandIn:
    def before(_: Sequence[Post]) -> None:
        time.sleep(pause)
        if dies is not None and not dies.exists():
            dies.touch()
            os._exit(9)

    return StandIn(before=before)


def worker_of(pause: float, dies: Path | None = None) -> list[str]:
    return [sys.executable, __file__, "worker", str(pause), *([str(dies)] if dies else [])]


def options(**changed: bool) -> ScoreOptions:
    return ScoreOptions(shard_rows=SHARD_ROWS, explain=changed.get("explain", True))


def _run(source: str, target: str, start: str, workers: str, pause: str) -> None:
    crew: Crew = Processes(worker_of(float(pause)), int(workers)) if workers != "1" else InProcess(slow(float(pause)))
    score_file(crew, Path(source), Path(target), options(), start=Start(start))


def _worker(pause: str, dies: str = "") -> None:
    serve(lambda: slow(float(pause), Path(dies) if dies else None), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "run":
        _run(*arguments)
    else:
        _worker(*arguments)
