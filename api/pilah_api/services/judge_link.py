"""One judge process and the socket to it: started in a thread, asked from the event loop, which never waits for it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from pilah_data.errors import PilahError
from pilah_model.artefacts import ArtefactError

_MOST_READ = 1 << 16
_LONGEST_LOADING = 120.0
"""Seconds that a process may take to load its model, which otherwise takes one or two."""

Answer = dict[str, Any]
"""Rows of judgements, `judged`, and `seconds`, how long they took (see `pilah_model.judge_process`), and when they were `asked`."""

log = logging.getLogger("pilah.judges")


class JudgeDiedError(PilahError):
    """A judge process died before it had answered; whether of what it was asked, the next one shows."""


class JudgeFailedError(PilahError):
    """A judge process could not judge what it was asked; it lives on. `kind` is the type of error that the model raised."""

    def __init__(self, kind: str):
        """Keep the kind beside the sentence; what the error said may quote a post, and stays behind."""
        super().__init__(f"the model failed ({kind})")
        self.kind = kind


def judge_command(model: Path, engine: str, threads: int, core: int | None = None) -> list[str]:
    """Return the command of a judge process for a model, which may keep to one of this process's cores, counted from 0."""
    # -P: a module of the same name in the current folder must not run in place of ours.
    command = [sys.executable, "-P", "-m", "pilah_model.judge_process", str(model), engine, str(threads)]
    return command if core is None else [*command, str(core)]


def _start(command: Sequence[str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a process, and return it with our end of the socket that it reads and writes. Raises OSError."""
    ours, its = socket.socketpair()
    try:
        with its:
            # A group of its own: Ctrl-C at a terminal is for the server to decide on.
            group = 0 if os.name == "posix" else None
            end = its.fileno()
            return subprocess.Popen(command, stdin=end, stdout=end, process_group=group), ours  # noqa: S603 - our own interpreter
    except OSError:
        ours.close()
        raise


class JudgeLink(asyncio.Protocol):
    """A judge process; questions are answered in their order."""

    def __init__(self, command: Sequence[str], ended: Callable[[JudgeLink], None]):
        """Start the process; `ended` is called in the event loop once it has died. Raises ArtefactError where none can be started."""
        try:
            self._process, self._socket = _start(command)
        except OSError as error:
            raise ArtefactError(
                f"a judge process cannot be started ({error.strerror or error}); free memory, or set PILAH_JUDGES=0"
            ) from error
        self.id = self._process.pid
        self.since = time.monotonic()
        self.dead = self.answered = False
        self._ended: Callable[[JudgeLink], None] | None = ended
        self._waiting: deque[asyncio.Future[Answer]] = deque()
        self._line = bytearray()
        self._transport: asyncio.Transport | None = None
        self._attached = False

    def greeting(self) -> dict[str, Any]:
        """Wait until the process has loaded the model, and return what it says of it. Raises ArtefactError."""
        self._socket.settimeout(_LONGEST_LOADING)
        line = bytearray()
        try:
            while not line.endswith(b"\n") and (part := self._socket.recv(_MOST_READ)):
                line += part
        except TimeoutError:
            raise ArtefactError(
                f"a judge process did not load its model within {_LONGEST_LOADING:g} seconds; free memory or processor"
            ) from None
        except OSError:
            line.clear()  # it ended without having read all that it was sent
        if not line.endswith(b"\n"):
            raise ArtefactError(
                "a judge process ended before its model was loaded; free memory, or set PILAH_JUDGES to fewer"
            )
        said: dict[str, Any] = json.loads(line)
        if "error" in said:
            raise ArtefactError(str(said["error"]))
        return said

    @property
    def ready(self) -> bool:
        """Return whether it can be asked."""
        return self._transport is not None and not self.dead

    @property
    def asked(self) -> int:
        """Return how many questions it has in hand."""
        return len(self._waiting)

    async def ask(self, question: dict[str, object]) -> Answer:
        """Return the answer to a question. Raises JudgeDiedError, JudgeFailedError."""
        if self.dead or self._transport is None:
            raise JudgeDiedError("a judge process died")
        asked = time.monotonic()
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        # JSON escapes keep lone surrogates, which UTF-8 cannot hold.
        self._transport.write(json.dumps(question).encode("ascii") + b"\n")
        said = await answer
        said["asked"] = asked
        return said

    async def idle(self) -> None:
        """Wait until it has nothing in hand; so it is, too, once it is dead."""
        while self._waiting and not self.dead:
            await asyncio.wait([self._waiting[-1]])

    def kill(self) -> None:
        """End the process, whatever it is doing; those who wait for an answer are told by its socket."""
        self.dead = True
        self._process.kill()

    def bury(self) -> int:
        """Wait for the end of a process that was killed or has died, and return its exit code."""
        self._process.kill()
        code = self._process.wait()
        if not self._attached:  # else the event loop has the socket, and closes it
            self._socket.close()
        return code

    # --- the event loop's side of the socket ------------------------------------------------------------------------

    async def attach(self) -> None:
        """Give the socket to the running event loop, unless it has it."""
        if self._attached:
            return
        self._attached = True
        try:
            await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=self._socket)
        except BaseException:
            self._attached = False
            raise

    async def detach(self) -> None:
        """Have the event loop let go of the socket of a dead process."""
        if self._attached:
            self._lost()
            await asyncio.sleep(0)  # it is closed in the next round of the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From now on it can be asked."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Collect what the process writes, and hand over whole answers."""
        self._line += data
        if not data.endswith(b"\n"):
            return
        lines, self._line = bytes(self._line).split(b"\n")[:-1], bytearray()
        for line in lines:
            self._answered(json.loads(line))

    def eof_received(self) -> None:
        """The process has ended."""
        self._lost()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why does not matter
        """The process has ended."""
        self._lost()

    def _answered(self, said: dict[str, Any]) -> None:
        answer = self._waiting.popleft()
        self.answered = True
        if "failed" in said:
            log.error("posts not judged", extra={"error": said["failed"], "where": said["where"]})
        if answer.done():
            return  # whoever asked did not wait for it
        if "failed" in said:
            answer.set_exception(JudgeFailedError(said["failed"]))
        else:
            answer.set_result(said)

    def _lost(self) -> None:
        self.dead = True
        if self._ended is not None:
            self._ended(self)
            self._ended = None
        if self._transport is not None:
            self._transport.abort()
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(JudgeDiedError("a judge process died"))
