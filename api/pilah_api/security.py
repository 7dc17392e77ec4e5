"""Who may ask: host names on a loopback server, keys, and forms that come from our own pages."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from pilah_api.problems import RefusedError
from pilah_api.settings import Settings, is_loopback

OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""Probes of an orchestrator, which has no key; they tell nothing but the state."""

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def check_host(settings: Settings, headers: Headers) -> None:
    """Refuse foreign host names on a loopback server: a web site may point its own name at 127.0.0.1 (DNS rebinding)."""
    if not is_loopback(settings.host):
        return
    if host_name(headers.get("host", "")) not in _LOCAL_NAMES | {settings.host.strip("[]")}:
        raise RefusedError(
            "unknown-host", "This server answers only to localhost, 127.0.0.1 and [::1]; use one of them."
        )


def check_key(settings: Settings, headers: Headers, path: str) -> None:
    """Refuse a wrong key everywhere, and a missing one wherever other machines can reach the server."""
    given = headers.get("authorization")
    if given is None:
        if not is_loopback(settings.host) and path not in OPEN_PATHS:
            raise _unauthorized("This server needs a key: send 'Authorization: Bearer <key>'.")
    elif not _is_right(given, settings.api_key):
        raise _unauthorized(
            "The key is wrong or not sent as 'Authorization: Bearer <key>'; correct it or leave it out."
        )


def check_same_origin(headers: Headers) -> None:
    """Refuse a form that another site's page sent. Programs, which send neither header, pass."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        origin = headers.get("origin")
        allowed = origin is None or urlsplit(origin).netloc == headers.get("host")
    if not allowed:
        raise RefusedError("cross-site", "The form came from another site; open this page and send it from there.")


def host_name(host: str) -> str:
    """Return the name of a Host header without its port, lower-case; an empty string if it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_right(given: str, key: str | None) -> bool:
    scheme, _, value = given.partition(" ")
    if key is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(value.strip().encode("latin-1", "replace"), key.encode("ascii"))


def _unauthorized(detail: str) -> RefusedError:
    return RefusedError("unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="pilah"'})
