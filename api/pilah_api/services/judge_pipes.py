"""One judge process and the pipes to it: started in a thread, asked from the event loop, which never waits for it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pilah_data.errors import PilahError
from pilah_model.artefacts import ArtefactError

Answer = dict[str, Any]
"""Rows of judgements, `judged`, and `seconds`, how long they took; see `pilah_model.judge_process`."""

log = logging.getLogger("pilah.judges")


class JudgeDiedError(PilahError):
    """A judge process died before it had answered; whether of what it was asked, the next one shows."""


class JudgeFailedError(PilahError):
    """A judge process could not judge what it was asked; it lives on."""


def judge_command(model: Path, engine: str, threads: int, core: int | None = None) -> list[str]:
    """Return the command of a judge process for a model, which may keep to one of this process's cores, counted from 0."""
    # -P: a module of the same name in the current folder must not run in place of ours.
    command = [sys.executable, "-P", "-m", "pilah_model.judge_process", str(model), engine, str(threads)]
    return command if core is None else [*command, str(core)]


class JudgePipes(asyncio.Protocol):
    """A judge process; questions are answered in their order."""

    def __init__(self, command: Sequence[str], ended: Callable[[JudgePipes], None]):
        """Start the process; `ended` is called in the event loop once it has died. Raises ArtefactError where none can be started."""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this program's own interpreter
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Ctrl-C at a terminal is for the server to decide on.
                process_group=0 if os.name == "posix" else None,
            )
        except OSError as error:
            raise ArtefactError(
                f"a judge process cannot be started ({error.strerror or error}); free memory, or set PILAH_JUDGES=0"
            ) from error
        self.id = self._process.pid
        self.dead = False
        self._ended: Callable[[JudgePipes], None] | None = ended
        self._waiting: deque[asyncio.Future[Answer]] = deque()
        self._line = bytearray()
        self._reading: asyncio.ReadTransport | None = None
        self._writing: asyncio.WriteTransport | None = None
        self._attaching: asyncio.Task[None] | None = None

    def greeting(self) -> dict[str, Any]:
        """Wait until the process has loaded the model, and return what it says of it. Raises ArtefactError."""
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line.endswith(b"\n"):
            raise ArtefactError(
                "a judge process ended before its model was loaded; free memory, or set PILAH_JUDGES to fewer"
            )
        said: dict[str, Any] = json.loads(line)
        if "error" in said:
            raise ArtefactError(str(said["error"]))
        return said

    async def ask(self, question: dict[str, object]) -> Answer:
        """Return the answer to a question. Raises JudgeDiedError, JudgeFailedError."""
        if self._writing is None:
            await self.attach()
        if self.dead or self._writing is None:
            raise JudgeDiedError
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        # JSON escapes keep lone surrogates, which UTF-8 cannot hold.
        self._writing.write(json.dumps(question).encode("ascii") + b"\n")
        return await answer

    def kill(self) -> None:
        """End the process, whatever it is doing; those who wait for an answer are told by its pipe."""
        self.dead = True
        self._process.kill()

    def bury(self) -> int:
        """Wait for the end of a process that was killed or has died, let go of its pipes, and return its exit code."""
        self._process.kill()
        code = self._process.wait()
        if self._attaching is None:  # else the event loop closes them
            self._close_pipes()
        return code

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    # --- the event loop's side of the pipes -------------------------------------------------------------------------

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
        if "failed" in said:
            log.error("posts not judged", extra={"error": said["failed"], "where": said["where"]})
        if answer.done():
            return  # whoever asked did not wait for it
        if "failed" in said:
            answer.set_exception(JudgeFailedError(f"the model failed ({said['failed']})"))
        else:
            answer.set_result(said)

    def _lost(self) -> None:
        self.dead = True
        if self._ended is not None:
            self._ended(self)
            self._ended = None
        for transport in (self._reading, self._writing):
            if transport is not None:
                transport.close()
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(JudgeDiedError("a judge process died"))

    async def attach(self) -> None:
        """Give the pipes to the running event loop; several may ask for it at once."""
        if self._attaching is None:
            self._attaching = asyncio.get_running_loop().create_task(self._attach())
        await asyncio.shield(self._attaching)

    async def detach(self) -> None:
        """Have the event loop let go of the pipes of a dead process."""
        if self._attaching is not None:
            await asyncio.wait([self._attaching])
            self._lost()
            await asyncio.sleep(0)  # transports close their pipes in the next round of the loop
            self._close_pipes()

    async def _attach(self) -> None:
        loop = asyncio.get_running_loop()
        self._reading, _ = await loop.connect_read_pipe(lambda: self, self._process.stdout)
        self._writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, self._process.stdin)
