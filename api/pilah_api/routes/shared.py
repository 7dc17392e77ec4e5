"""What the calls have in common: the documented problems, and a route that takes JSON and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from json import JSONDecodeError
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from pilah_api.problem_types import PROBLEM_TYPES
from pilah_api.problems import RefusedError
from pilah_api.schemas import ProblemOut

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def problems(*slugs: str) -> dict[int | str, dict[str, Any]]:
    """Document the problems that a call may answer with."""
    kinds = [PROBLEM_TYPES[slug] for slug in slugs]
    return {kind.status: {"model": ProblemOut, "description": kind.title} for kind in kinds}


class JsonRoute(APIRoute):
    """Refuses bodies that are not JSON by type (415) or by content (400) before anything looks at the fields."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handler, which finds the parsed body in the request."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            await read_json(request)
            return await handle(request)

        return checked


async def read_json(request: Request) -> Any:
    """Return the body. Raises RefusedError for one that is not JSON by its type (415) or by its content (400)."""
    _require_json(request.headers.get("content-type", ""))
    try:
        return await request.json()
    except JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        detail = f"The body is not valid JSON ({at}); mend it there and send it again."
    except UnicodeDecodeError as error:
        detail = f"The body is not valid UTF-8 (byte {error.start + 1}); save it as UTF-8 and send it again."
    except (RecursionError, ValueError):
        detail = "The body holds a number or nesting beyond reason; simplify it."
    raise RefusedError("malformed-json", detail) from None


def _require_json(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise RefusedError(
            "unsupported-media-type", "The call takes JSON; send the header Content-Type: application/json."
        )
