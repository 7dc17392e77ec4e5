"""Refuses posts before anything is spent on them while the model has more to do than it can finish soon."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from pilah_api.middleware import Answer
from pilah_api.problems import problem_from
from pilah_api.services.judging import JudgingQueue
from pilah_api.services.tickets import BusyError, Patience
from pilah_api.settings import Settings

_PEOPLE_WAIT = 20
"""People see a page load and wait longer than programs, which send again by themselves."""
_JUDGING = "/v1/classify"
"""Pages are left to the queue itself, which refuses them later and lets them keep what was pasted."""


def patience_of(settings: Settings, path: str) -> Patience:
    """Return how long a request to this address may wait."""
    whole = float(settings.request_seconds)
    wait = settings.max_wait_ms / 1000 * (1 if path.startswith("/v1/") else _PEOPLE_WAIT)
    return Patience(min(wait, whole), whole)


class Room:
    """Answers 503 at once when the queue is full: to read, identify and parse first would cost what is scarce."""

    def __init__(self, app: ASGIApp, settings: Settings, answer: Answer):
        self.app = app
        self.settings = settings
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == _JUDGING:
            queue: JudgingQueue | None = scope["app"].state.queue
            try:
                if queue is not None:
                    queue.require_room(patience_of(self.settings, scope["path"]).wait)
            except BusyError as error:
                await self.answer(Request(scope), problem_from(error))(scope, receive, send)
                return
        await self.app(scope, receive, send)
