"""Answers a problem the way the client reads: a page for a browser at a page's address, JSON for everyone else."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from pilah_api.middleware import request_id_of
from pilah_api.problems import Problem, as_response
from pilah_api.web.render import page

_ALWAYS_JSON = ("/v1/", "/livez", "/readyz", "/openapi.json")


def answer(request: Request, problem: Problem) -> Response:
    """Render a problem for this client."""
    request_id = request_id_of(request.scope)
    if request.scope["path"].startswith(_ALWAYS_JSON) or "text/html" not in request.headers.get("accept", ""):
        return as_response(problem, request_id)
    response = page(request, "problem.html", status=problem.kind.status, problem=problem, request_id=request_id)
    response.headers.update(problem.headers)
    return response
