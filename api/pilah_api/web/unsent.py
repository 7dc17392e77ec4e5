"""A form whose session ended before it was sent: it goes along through the sign-in page, and its sender sends it again.

Nothing is sent by itself: what was typed is shown, and a person presses the button, so that no other site can act in their name.
"""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from pilah_api.cookies import Cookies
from pilah_api.web.render import page
from pilah_api.web.sign_in_page import sign_in_page


def sign_in_with(request: Request, unsent: str) -> Response:
    """Show the sign-in page with a packed form in it."""
    return sign_in_page(request, status=401, unsent=unsent)


def send_again(request: Request, unsent: str, status: int = 403) -> Response | None:
    """Show a packed form to who is signed in now, ready to be sent; None if it was not packed here."""
    cookies: Cookies = request.app.state.cookies
    form = cookies.unpack(unsent)
    if form is None:
        return None
    words = [value for _, value in form.fields if any(sign.isspace() for sign in value.strip())]
    return page(request, "lanjutkan.html", status=status, form=form, words=words)
