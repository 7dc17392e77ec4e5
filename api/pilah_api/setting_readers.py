"""Readers of settings: from the text of a variable to a value; a ValueError says what is expected."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pilah_api.access import Role, parse_roles
from pilah_data.errors import InputError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SHORTEST_KEY = 24
"""A key that guards a network address must not be guessable; 24 characters hold 128 bits in any usual alphabet."""
SHORTEST_SECRET = 32
"""The secret behind every cookie is held to more."""
_DIGITS = 20


def whole(low: int, high: int) -> Callable[[str], int]:
    """Read a whole number within bounds."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or not low <= int(text) <= high:
            message = f"give a whole number from {low} to {high}"
            raise ValueError(message)
        return int(text)

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """Read one of a few words."""

    def read(text: str) -> str:
        if text not in choices:
            message = f"give one of {', '.join(choices)}"
            raise ValueError(message)
        return text

    return read


def address(text: str) -> str:
    """Read an address to listen on."""
    if not text or any(c.isspace() for c in text):
        message = "give an address such as 127.0.0.1 or 0.0.0.0"
        raise ValueError(message)
    return text


def secret(text: str) -> str:
    """Read a key that programs send."""
    if len(text) < SHORTEST_KEY or not text.isascii() or any(c.isspace() for c in text):
        message = (
            f"give at least {SHORTEST_KEY} letters and digits without spaces, "
            "for example the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
        raise ValueError(message)
    return text


def strong_secret(text: str) -> str:
    """Read the secret behind every cookie."""
    if len(text) < SHORTEST_SECRET or len(set(text)) < 12 or not text.isascii() or any(c.isspace() for c in text):
        message = (
            f"give at least {SHORTEST_SECRET} random letters and digits without spaces, "
            "for example the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
        raise ValueError(message)
    return text


def https_address(text: str) -> str:
    """Read the address that browsers open."""
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        message = "give the address that browsers open, such as https://pilah.example.go.id"
        raise ValueError(message)
    return text.rstrip("/")


def web_address(text: str) -> str:
    """Read the address of another service."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        message = "give an address such as http://127.0.0.1:4318"
        raise ValueError(message)
    return text.rstrip("/")


def networks(text: str) -> tuple[Network, ...]:
    """Read addresses and networks, separated by commas."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        message = "give addresses or networks with commas between them, such as 10.0.0.5,10.1.0.0/16"
        raise ValueError(message) from None


def issuer(text: str) -> str:
    """Read the address of an OpenID Connect provider, exactly as the provider spells it."""
    parts = urlsplit(text)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))
    if not safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        message = "give the issuer as the provider spells it, such as https://login.example.go.id/realms/agency"
        raise ValueError(message)
    return text


def printable(text: str) -> str:
    """Read a name or secret that another system chose."""
    if not text.isascii() or not text.isprintable() or not text.strip():
        message = "give printable ASCII characters"
        raise ValueError(message)
    return text


def roles(text: str) -> tuple[Role, ...]:
    """Read roles that accounts get without an administrator's doing, so never that of one."""
    try:
        found = parse_roles([part.strip() for part in text.split(",")])
    except InputError as error:
        raise ValueError(str(error)) from None
    if Role.ADMIN in found:
        message = "nobody becomes an administrator unasked; give another role"
        raise ValueError(message)
    return tuple(sorted(found))


def database(text: str) -> str:
    """Read the URL of a PostgreSQL database."""
    if not text.startswith(("postgresql://", "postgresql+psycopg://")):
        message = "give postgresql://user:password@host/database, or leave it unset for the embedded database"
        raise ValueError(message)
    return text


def data_keys(text: str) -> str:
    """Read Fernet keys, separated by commas."""
    message = (
        "give Fernet keys, newest first, with commas between them, each made with: "
        "python3 -c 'import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'"
    )
    try:
        sizes = [len(base64.urlsafe_b64decode(part.strip())) for part in text.split(",")]
    except (ValueError, UnicodeError):
        raise ValueError(message) from None
    if any(size != 32 for size in sizes):
        raise ValueError(message)
    return text


def folder(text: str) -> Path:
    """Read the path of a folder."""
    if not text.strip():
        message = "give the path of a folder"
        raise ValueError(message)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        message = "give the path of a folder whose ~ stands for the home of somebody who is there"
        raise ValueError(message) from None
