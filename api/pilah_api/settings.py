"""What an administrator may set: read once, at the edge, from `PILAH_*` into one frozen object."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import platformdirs

from pilah_api.limits import Limits
from pilah_data.errors import PilahError

Engine = Literal["auto", "fp32", "int8"]
"""How the model runs: `fp32` is the engine of record, `int8` is faster, `auto` lets the artefact and the processor decide."""

ENGINES: tuple[Engine, ...] = ("auto", "fp32", "int8")
LOG_LEVELS = ("debug", "info", "warning", "error")
SHORTEST_KEY = 24
"""A key that guards a network address must not be guessable; 24 characters hold 128 bits in any usual alphabet."""


class SettingsError(PilahError):
    """A setting cannot be used; the message names it, its value and what to do."""


def is_loopback(host: str) -> bool:
    """Return whether an address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


# --- readers: from the text of a variable to a value; the error text says what is expected -----------------------


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text[:20]) <= high:
            message = f"give a whole number from {low} to {high}"
            raise ValueError(message)
        return int(text)

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            message = f"give one of {', '.join(choices)}"
            raise ValueError(message)
        return text

    return read


def _address(text: str) -> str:
    if not text or any(c.isspace() for c in text):
        message = "give an address such as 127.0.0.1 or 0.0.0.0"
        raise ValueError(message)
    return text


def _secret(text: str) -> str:
    if len(text) < SHORTEST_KEY or not text.isascii() or any(c.isspace() for c in text):
        message = (
            f"give at least {SHORTEST_KEY} letters and digits without spaces, "
            "for example the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
        raise ValueError(message)
    return text


def _folder(text: str) -> Path:
    if not text.strip():
        message = "give the path of a folder"
        raise ValueError(message)
    return Path(text).expanduser()


def _about(help_text: str, read: Callable[[str], object], *, secret: bool = False) -> dict[str, Any]:
    return {"help": help_text, "read": read, "secret": secret}


def _default_home() -> Path:
    return platformdirs.user_data_path("pilah")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that serving can be told; `from_environment` is the only reader of the environment."""

    host: str = field(
        default="127.0.0.1",
        metadata=_about("Address to listen on. Anything but this machine itself also needs PILAH_API_KEY.", _address),
    )
    port: int = field(default=8000, metadata=_about("Port to listen on; 0 takes a free one.", _whole(0, 65535)))
    home: Path = field(
        default_factory=_default_home,
        metadata=_about("Folder of what Pilah keeps: database, secret, uploads.", _folder),
    )
    model: Path | None = field(
        default=None,
        metadata=_about("Folder of the model to use; unset takes the one that ships with Pilah.", _folder),
    )
    engine: Engine = field(
        default="auto",
        metadata=_about("How the model runs: auto, fp32 (the engine of record) or int8 (faster).", _one_of(*ENGINES)),
    )
    threads: int | None = field(
        default=None, metadata=_about("Processor threads of the model; unset takes all cores.", _whole(1, 256))
    )
    max_posts: int = field(default=256, metadata=_about("Most posts in one request or paste.", _whole(1, 256)))
    max_text_chars: int = field(default=100_000, metadata=_about("Most characters in one text.", _whole(1, 10_000_000)))
    max_body_bytes: int = field(
        default=8 * 1024 * 1024, metadata=_about("Most bytes in the body of one request.", _whole(1024, 2**31))
    )
    api_key: str | None = field(
        default=None,
        metadata=_about("Key that programs send as 'Authorization: Bearer <key>'.", _secret, secret=True),
        repr=False,
    )
    log_level: str = field(
        default="info",
        metadata=_about("Least severe log entries written: debug, info, warning or error.", _one_of(*LOG_LEVELS)),
    )
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def limits(self) -> Limits:
        """Return how much one request or paste may hold."""
        return Limits(posts=self.max_posts, characters=self.max_text_chars)

    def require_guard(self) -> None:
        """Refuse an open door: a network address without a key. Raises SettingsError."""
        if not is_loopback(self.host) and not self.api_key:
            message = (
                f"PILAH_HOST={self.host!r} is reachable from other machines, and no key is set: set PILAH_API_KEY "
                "to a long random text, or listen on 127.0.0.1"
            )
            raise SettingsError(message)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the `PILAH_*` variables; an empty one counts as unset. Raises SettingsError."""
        texts = {name: environ[variable(name)] for name in names() if environ.get(variable(name))}
        values = {name: _read(name, text, variable(name)) for name, text in texts.items()}
        return cls(**values, sources={name: variable(name) for name in texts})

    def override(self, **options: object) -> Settings:
        """Return a copy with the command-line options that were given (not None). Raises SettingsError."""
        given = {name: str(value) for name, value in options.items() if value is not None}
        values = {name: _read(name, text, f"--{name}") for name, text in given.items()}
        sources = {**self.sources, **{name: f"--{name}" for name in given}}
        return dataclasses.replace(self, **values, sources=sources)


def names() -> tuple[str, ...]:
    """Return the names of all settings, in the order of their declaration."""
    return tuple(one.name for one in dataclasses.fields(Settings) if "help" in one.metadata)


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"PILAH_{name.upper()}"


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as `pilah doctor` and the documentation show it; a secret's value is hidden."""

    variable: str
    value: str
    source: str
    help: str


def describe(settings: Settings) -> list[SettingRow]:
    """Return every setting with its value, where it came from, and its help."""
    rows = []
    for name in names():
        value = getattr(settings, name)
        shown = "unset" if value is None else "(hidden)" if _field(name).metadata["secret"] else str(value)
        source = settings.sources.get(name, "default")
        rows.append(SettingRow(variable(name), shown, source, _field(name).metadata["help"]))
    return rows


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Return `PILAH_*` variables that no setting reads: most often a slip of the pen."""
    known = {variable(name) for name in names()}
    return sorted(name for name in environ if name.startswith("PILAH_") and name not in known)


def _field(name: str) -> dataclasses.Field[Any]:
    return next(one for one in dataclasses.fields(Settings) if one.name == name)


def _read(name: str, text: str, source: str) -> Any:
    metadata = _field(name).metadata
    try:
        return metadata["read"](text)
    except ValueError as error:
        shown = "" if metadata["secret"] else f"={text[:80]!r}"
        message = f"{source}{shown} cannot be used: {error}"
        raise SettingsError(message) from None
