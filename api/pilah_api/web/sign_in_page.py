"""The sign-in form, which several ways lead to."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from pilah_api.web.render import page

HOME = "/"


def sign_in_page(
    request: Request,
    *,
    status: int = 200,
    login: str = "",
    target: str = HOME,
    error: str | None = None,
    unsent: str = "",
) -> Response:
    """Show the form, with the way to the agency's provider if one is set; `unsent` is a packed form that goes along."""
    provider = request.app.state.provider is not None
    return page(
        request,
        "masuk.html",
        status=status,
        login=login,
        target=target,
        error=error,
        unsent=unsent,
        provider=provider,
    )
