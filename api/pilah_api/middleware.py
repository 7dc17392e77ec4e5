"""What happens to every request, whatever its address: headers, request id, and limits of size and time."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pilah_api.problems import Problem, problem_from
from pilah_api.services.judge_link import JudgeFailedError
from pilah_data.traces import places

Answer = Callable[[Request, Problem], Response]
"""Renders a problem as JSON or as a page, whichever the client asked for."""

Note = Callable[[Scope, int, float], None]
"""Takes note of an answered request: its scope, the status, and the seconds it took."""

log = logging.getLogger("pilah.http")

_ids = random.Random()
"""Ids of requests need to differ, not to be secret; asking the system for each would cost a switch of threads."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: under it browsers send `Origin: null` with our own form.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Policy of files that came from outside: nothing in them runs or loads, and no page of ours frames them."""

_SECURITY = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_SANDBOX = SANDBOX.encode()
_SANDBOXED = [(name, _SANDBOX if name == b"content-security-policy" else value) for name, value in _SECURITY]
_NAMES = frozenset(name for name, _ in _SECURITY)


def request_id_of(scope: Scope) -> str:
    """Return the id that `RequestContext` gave to a request."""
    return str(scope.get("state", {}).get("request_id", "unknown"))


class SecurityHeaders:
    """Adds the security headers to every answer, errors included, and forbids caches to keep posts."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the answer's headers."""
        default_cache = b"no-cache" if scope.get("path", "").startswith("/static/") else b"no-store"

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                raw = message.setdefault("headers", [])
                own = {name.lower(): value for name, value in raw}
                # A file that came from outside leaves under a stricter policy of its own; nothing else may say its own here.
                sandboxed = own.get(b"content-security-policy") == _SANDBOX
                if not own.keys().isdisjoint(_NAMES):
                    raw[:] = [(name, value) for name, value in raw if name.lower() not in _NAMES]
                raw += _SANDBOXED if sandboxed else _SECURITY
                if b"cache-control" not in own:
                    raw.append((b"cache-control", default_cache))
            await send(message)

        await self.app(scope, receive, complete)


class RequestContext:
    """Gives every request an id, has it noted without any of its content, and is the last resort for errors."""

    def __init__(self, app: ASGIApp, answer: Answer, note: Note):
        self.app = app
        self.answer = answer
        self.note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an unforeseen error is logged without its text and answered with a 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else f"{_ids.getrandbits(128):032x}"
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode("ascii"))]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # noqa: BLE001 - the last resort: nothing may reach the server's own traceback log
            note_failure(error, scope)
            if not status:
                await self.answer(Request(scope), problem_from(error))(scope, receive, noting)
        finally:
            self.note(scope, status, time.perf_counter() - started)


class BodyLimit:
    """Stops reading a body at the limit, whether or not its length was announced, and when it comes too slowly.

    Uploads have a limit of their own, and the time for each part of them instead of the whole.
    """

    def __init__(self, app: ASGIApp, most: int, most_of_uploads: int, seconds: float):
        self.app = app
        self.most, self.most_of_uploads, self.seconds = most, most_of_uploads, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting reader."""
        await self.app(scope, self._counting(scope, receive) if scope["type"] == "http" else receive, send)

    def _counting(self, scope: Scope, receive: Receive) -> Callable[[], Awaitable[Message]]:
        announced = Headers(scope=scope).get("content-length", "")
        # What the gate before this found out about the request; an administrator's wider limit holds everywhere.
        passage = scope["state"]["passage"]
        most = self.most_of_uploads if passage.upload else max(passage.most_bytes or 0, self.most)
        read, whole, until = 0, False, time.monotonic() + self.seconds

        async def counted() -> Message:
            nonlocal read, whole
            if announced.isdecimal() and int(announced[:20]) > most:
                raise HTTPException(413)  # FastAPI turns any other error of a reader into a 400
            if whole:
                return await receive()  # only the end of the connection is still to come
            try:
                async with asyncio.timeout(self.seconds if passage.upload else until - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            read += len(message.get("body", b""))
            if read > most:
                raise HTTPException(413)
            whole = not message.get("more_body", False)
            return message

        return counted


def note_failure(error: Exception, scope: Scope) -> None:
    """Log an error for which a request is answered with a 500, under its id: type and places, never words that may quote a post."""
    entry: dict[str, object] = {"error": type(error).__qualname__, "where": places(error.__traceback__)}
    if isinstance(error, JudgeFailedError):
        entry["kind"] = error.kind
    log.error("unforeseen error", extra={"request_id": request_id_of(scope), **entry})
