"""One log entry and one measurement for every request, without any of its content."""

from __future__ import annotations

import logging

from starlette.types import Scope

from pilah_api.metrics import Metrics
from pilah_api.middleware import request_id_of
from pilah_api.passage import Passage
from pilah_api.permissions import find_rule

log = logging.getLogger("pilah.http")

NO_ROUTE = "(none)"
"""Stands for every address that no route has: the address itself may hold whatever a user typed."""


CUT_OFF = 499
"""Stands for the status of a request that got no answer: its caller hung up, or the server stopped."""


class RequestLog:
    """Notes each request: template of its address, status, time, and a reference to who asked."""

    def __init__(self, metrics: Metrics, *, addresses: bool):
        """Take where to count, and whether entries carry the address a request came from."""
        self._metrics, self._addresses = metrics, addresses

    def __call__(self, scope: Scope, status: int, seconds: float) -> None:
        """Note a request that was answered with a status after so many seconds."""
        state = scope["state"]
        status = status or CUT_OFF
        rule = find_rule(scope["method"], scope["path"])
        route = rule.path if rule else NO_ROUTE
        passage: Passage | None = state.get("passage")
        problem: str | None = state.get("problem")
        self._metrics.answered(scope["method"], route, status, seconds, problem)
        entry = {
            "request_id": request_id_of(scope),
            "method": scope["method"],
            "path": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "actor": passage.caller.actor if passage else "unknown",
        }
        if problem is not None:
            entry["problem"] = problem
        if self._addresses and passage is not None:
            entry["address"] = passage.address
        if log.isEnabledFor(logging.INFO):
            # Straight to the handlers: to look for the line of code that says so takes as long as all the rest.
            log.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, "request", (), None, extra=entry))
