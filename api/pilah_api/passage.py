"""What the gate found out about a request."""

from __future__ import annotations

from dataclasses import dataclass

from pilah_api.access import Caller
from pilah_api.services.rates import Quota


@dataclass(slots=True)
class Passage:
    """What the gate found out about a request; it travels in the request's state as `passage`."""

    caller: Caller
    address: str
    form_token: str | None = None
    form_token_due: bool = False
    """The token stands in the form, which only the route can read; `confirm_form` checks it."""
    unsent: str | None = None
    """A page's form that cannot be taken now, packed, so that what was typed is not lost."""
    ruled: bool = False
    upload: bool = False
    most_bytes: int | None = None
    """How large the body may be where that differs from the settings."""
    set_cookie: str | None = None
    """Goes out with the answer; a route that signs in or out replaces it."""
    quota: Quota | None = None
    """What is left of the requests of a minute; goes out with the answer."""
