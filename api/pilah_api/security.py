"""What a request's headers prove: under which name it came, through which proxy, with which key, from which page."""

from __future__ import annotations

import functools
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from pilah_api.problems import CHALLENGE, RefusedError
from pilah_api.settings import Settings, is_loopback

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_NEVER_IN_HOSTS = "/?#@\\"
"""With one of these, a Host header would be read as more than a host: as a path, a query or a user."""
_FORWARDING = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


def check_host(settings: Settings, headers: Headers) -> None:
    """Refuse what is no host name, and on a loopback server foreign ones, which a web site may point here (DNS rebinding)."""
    host = headers.get("host", "")
    if any(sign in host for sign in _NEVER_IN_HOSTS) or (host and not host_name(host)):
        raise RefusedError("unknown-host", "The Host header is not a host name; send the name and port alone.")
    if not is_loopback(settings.host):
        return
    if not _is_ours(host, settings.host, settings.public_url):
        raise RefusedError(
            "unknown-host", "This server answers only to localhost, 127.0.0.1 and [::1]; use one of them."
        )


@functools.lru_cache(maxsize=256)
def _is_ours(host: str, listens_on: str, public_url: str | None) -> bool:
    name = host_name(host)
    return bool(name) and name in _LOCAL_NAMES | {
        listens_on.strip("[]"),
        host_name(urlsplit(public_url or "").netloc),
    }


def check_peer(settings: Settings, peer: str) -> None:
    """Refuse a request that did not come through the TLS proxy which the settings name."""
    if not is_loopback(settings.host) and not _is_within(peer, settings):
        raise RefusedError("unknown-host", "This server is reached through its TLS proxy only; use its public address.")


def client_address(settings: Settings, peer: str, headers: Headers) -> str:
    """Return the address a request comes from: the last one that is not a trusted proxy's."""
    if not _is_within(peer, settings):
        return peer
    # A proxy may add a header of its own after the client's instead of lengthening that one: all of them count, in order.
    parts = ",".join(headers.getlist("x-forwarded-for")).split(",")
    named = [_without_port(part.strip()) for part in parts if part.strip()]
    return next((address for address in reversed(named) if not _is_within(address, settings)), peer)


def is_local(settings: Settings, headers: Headers) -> bool:
    """Return whether a request comes from this machine, so that what stores nothing may answer without credentials."""
    # A forwarding header shows a proxy that the settings do not know of: its clients are not on this machine.
    return not settings.behind_proxy and not any(name in headers for name in _FORWARDING)


def bearer_key(headers: Headers) -> str | None:
    """Return the key that a request carries, or None if it carries none. Raises RefusedError for another scheme."""
    given = headers.get("authorization")
    if given is None:
        return None
    scheme, _, value = given.partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise wrong_key()
    return value.strip()


def check_same_origin(headers: Headers, public_url: str | None = None) -> None:
    """Refuse a form that another site's page sent. Programs, which send neither header, pass."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        origin = headers.get("origin")
        ours = {headers["host"]} if "host" in headers else set()
        ours |= {urlsplit(public_url).netloc} if public_url else set()
        allowed = origin is None or _netloc(origin) in ours
    if not allowed:
        raise RefusedError("cross-site", "The form came from another site; open this page and send it from there.")


def host_name(host: str) -> str:
    """Return the name of a Host header without its port, lower-case; an empty string if it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _netloc(address: str) -> str | None:
    try:
        return urlsplit(address).netloc or None
    except ValueError:
        return None


def wrong_key() -> RefusedError:
    """Return the refusal of a key that is unknown, expired, revoked or not sent as it should be."""
    return RefusedError(
        "unauthorized",
        "The key is wrong, expired, revoked or not sent as 'Authorization: Bearer <key>'; correct it or leave it out.",
        headers=CHALLENGE,
    )


def no_credentials() -> RefusedError:
    """Return the refusal of a request without credentials."""
    return RefusedError(
        "unauthorized", "This needs credentials: sign in, or send 'Authorization: Bearer <key>'.", headers=CHALLENGE
    )


def _is_within(address: str, settings: Settings) -> bool:
    networks = settings.trusted_proxies
    if not networks:
        return False
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    # A socket for both families shows an IPv4 peer as ::ffff:a.b.c.d.
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in networks)


def _without_port(text: str) -> str:
    """Return a forwarded address without its brackets and port; what is not an address stays as it is."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    name, colon, port = text.rpartition(":")
    return name if colon and ":" not in name and port.isdecimal() else text
