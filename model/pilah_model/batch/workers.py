"""Worker processes on this machine, seen from the process that starts them.

A worker that dies - for want of memory, or killed - is replaced, and its shard is judged by the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from pilah_model.artefacts import ArtefactError
from pilah_model.batch.errors import WorkerError
from pilah_model.batch.hands import Contexts
from pilah_model.judgement import ModelInfo

LIVES = 3
"""How many workers one shard may cost."""
CHANGED = "the files of the model changed while it was at work; start over with --restart"


def worker_command(model: Path, engine: str, threads: int) -> list[str]:
    """Return the command of a worker for a model."""
    # -P: a module of the same name in the current folder must not run in place of ours.
    return [sys.executable, "-P", "-m", "pilah_model.batch.worker", str(model), engine, str(threads)]


class Processes:
    """Hands that are processes of their own, all started with one command."""

    def __init__(self, command: Sequence[str], size: int):
        """Remember how to start `size` workers."""
        self.hands = [_Worker(command) for _ in range(size)]

    def start(self) -> ModelInfo:
        """Start all workers; raises ArtefactError with what a worker says if its model cannot be loaded."""
        for hand in self.hands:
            hand.spawn()
        first, *others = [hand.greeting() for hand in self.hands]
        if any(other != first for other in others):
            raise WorkerError(CHANGED)
        return first

    def close(self) -> None:
        """Kill all workers; they hold nothing that must be saved."""
        for hand in self.hands:
            hand.kill()


class _Worker:
    def __init__(self, command: Sequence[str]):
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._info: ModelInfo | None = None
        self._closed, self._spawning = False, threading.Lock()

    def spawn(self) -> None:
        """Start the process; raises WorkerError, also when the worker has been killed for good."""
        with self._spawning:
            if self._closed:
                raise WorkerError("the workers were stopped")
            try:
                self._process = subprocess.Popen(  # noqa: S603 - this program's own interpreter
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    # Ctrl-C at a terminal is for this process to decide on.
                    process_group=0 if os.name == "posix" else None,
                )
            except OSError as error:
                raise WorkerError(f"a worker cannot be started ({error.strerror or error}); use --workers 1") from error

    def greeting(self) -> ModelInfo:
        """Wait until the worker has loaded the model, and return which one it is."""
        try:
            answer = self._answer()
        except WorkerError as error:
            raise ArtefactError(str(error)) from error
        if answer is None:
            raise WorkerError("a worker ended before its model was loaded; free memory or use fewer with --workers")
        info = ModelInfo(**answer["model"])  # type: ignore[arg-type]
        if self._info not in (None, info):
            raise WorkerError(CHANGED)
        self._info = info
        return info

    def judge(self, texts: Sequence[str], *, explain: bool, contexts: Contexts | None = None) -> list[str]:
        asked = {"texts": texts, "explain": explain} | ({"contexts": contexts} if contexts else {})
        # JSON escapes keep lone surrogates, which UTF-8 cannot hold.
        question = json.dumps(asked).encode("ascii") + b"\n"
        for life in range(LIVES):
            if life:
                self._replace()
            if (lines := self._ask(question)) is not None:
                return lines
        raise WorkerError(
            f"{LIVES} workers died one after the other on the same posts; free memory or use fewer with --workers. "
            "What is finished is kept: go on with --resume"
        )

    def kill(self) -> None:
        """End the process for good, whatever its thread is doing."""
        with self._spawning:
            self._closed = True
        self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _replace(self) -> None:
        self._end()
        self.spawn()
        self.greeting()

    def _ask(self, question: bytes) -> list[str] | None:
        """Return the answer; None if the worker is dead."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        try:
            process.stdin.write(question)
            process.stdin.flush()
            answer = self._answer()
            if answer is None:
                return None
            lines = [process.stdout.readline() for _ in range(int(str(answer["lines"])))]
        except (OSError, ValueError):  # a pipe that was closed, at the other end or at this one
            return None
        return [line[:-1].decode("ascii") for line in lines] if all(line.endswith(b"\n") for line in lines) else None

    def _answer(self) -> dict[str, object] | None:
        if self._process is None or self._process.stdout is None:
            return None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            return None
        answer: dict[str, object] = json.loads(line)
        if "error" in answer:
            raise WorkerError(str(answer["error"]))
        return answer
