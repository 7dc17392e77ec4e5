"""Answers a problem the way the client reads: a page for a browser at a page's address, JSON for everyone else."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from pilah_api.gate import passage_of
from pilah_api.middleware import request_id_of
from pilah_api.problems import Problem, as_response
from pilah_api.web.render import page
from pilah_api.web.unsent import send_again, sign_in_with

_ALWAYS_JSON = ("/v1/", "/livez", "/readyz", "/openapi.json")


def answer(request: Request, problem: Problem) -> Response:
    """Render a problem for this client."""
    request_id = request_id_of(request.scope)
    request.scope["state"]["problem"] = problem.kind.slug
    if request.scope["path"].startswith(_ALWAYS_JSON) or "text/html" not in request.headers.get("accept", ""):
        return as_response(problem, request_id)
    unsent = passage_of(request).unsent
    if unsent is not None and problem.kind.slug == "unauthorized":
        return sign_in_with(request, unsent)
    if unsent is not None and problem.kind.slug == "missing-form-token":
        again = send_again(request, unsent)
        if again is not None:
            return again
    response = page(request, "problem.html", status=problem.kind.status, problem=problem, request_id=request_id)
    response.headers.update(problem.headers)
    return response
