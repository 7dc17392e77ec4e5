"""The workers beside a server on one machine: processes of their own that give way to it, and are replaced when they die."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from pilah_api.settings import Settings

_GRACE = 10.0
"""Seconds that a worker has to let go of its shard when the server stops."""
_SHORT_LIFE, _FIRST_REST, _LONGEST_REST = 30.0, 1.0, 60.0

log = logging.getLogger("pilah.worker")


def worker_command(settings: Settings) -> list[str]:
    """Return the command of a worker with the model and engine of this server; all else it reads from the environment."""
    command = [sys.executable, "-P", "-m", "pilah_api.cli", "worker", "--beside-server", "--engine", settings.engine]
    return [*command, "--model", str(settings.model)] if settings.model is not None else command


class EmbeddedWorkers:
    """Runs workers until `close`; each stops when its standard input ends, and so when the server dies."""

    def __init__(self, command: Sequence[str], count: int):
        """Start `count` workers."""
        self._command, self._closing = list(command), threading.Event()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._keep, args=(n,), daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Have all workers let go of their shards and stop; one that takes too long is killed, and its lease runs out."""
        with self._lock:
            self._closing.set()
            running = list(self._processes.values())
        for process in running:
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()
        until = time.monotonic() + _GRACE
        for process in running:
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join(timeout=5)

    def renew(self) -> None:
        """Have all workers let go of their shards and start anew, with the model that is then in use."""
        with self._lock:
            for process in self._processes.values():
                if process.stdin is not None:
                    with suppress(OSError):
                        process.stdin.close()

    def _keep(self, number: int) -> None:
        rest = _FIRST_REST
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                what = self._run(number)
            except OSError as error:
                # No memory, no more processes: that passes, and the place must not stay empty for good.
                what = f"a worker cannot be started ({error.strerror})"
            if self._closing.is_set():
                return
            lived = time.monotonic() - began
            rest = _FIRST_REST if lived > _SHORT_LIFE else min(rest * 2, _LONGEST_REST)
            log.warning("%s; another one starts in %.0f s", what, rest)
            self._closing.wait(rest)

    def _run(self, number: int) -> str:
        """Run one worker to its end; return what became of it. Raises OSError if it cannot be started."""
        process = self._spawn(number)
        return f"a worker ended with exit code {process.wait()}" if process is not None else ""

    def _spawn(self, number: int) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._closing.is_set():
                return None
            self._processes[number] = process = subprocess.Popen(  # noqa: S603 - this program's own interpreter
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                # Ctrl-C at a terminal is for the server to decide on.
                process_group=0 if os.name == "posix" else None,
            )
            return process
