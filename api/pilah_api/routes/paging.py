"""Pages of long lists: an opaque cursor in, the items and the next cursor out, and the same as a Link header."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request

from pilah_api.problems import FieldError, RefusedError, SafeJSONResponse

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=200, description="Most items in one answer.")]
Cursor = Annotated[str | None, Query(description="The `next` of the answer before.", max_length=200)]


def read_cursor(cursor: str | None) -> str | None:
    """Return the position that a cursor stands for. Raises RefusedError for one that was not handed out here."""
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        raise bad_cursor() from None


def write_cursor(position: str) -> str:
    """Return the cursor that stands for a position."""
    return base64.urlsafe_b64encode(position.encode("ascii")).decode("ascii")


def bad_cursor() -> RefusedError:
    """Return the refusal of a made-up cursor."""
    message = "the cursor was not handed out by this call; start without one"
    return RefusedError("invalid-input", message, errors=[FieldError("/query/cursor", message)])


def answer_page(
    request: Request,
    found: Sequence[Item],
    limit: int,
    position: Callable[[Item], str],
    render: Callable[[Item], dict[str, Any]],
) -> SafeJSONResponse:
    """Answer with at most `limit` of the found items, of which there is one more if the list goes on."""
    items, more = found[:limit], len(found) > limit
    following = write_cursor(position(items[-1])) if more else None
    response = SafeJSONResponse({"items": [render(item) for item in items], "next": following})
    if following:
        url = request.url.include_query_params(cursor=following)
        response.headers["link"] = f'<{url.path}?{url.query}>; rel="next"'
    return response
