"""What an administrator may set: read once, at the edge, from `PILAH_*` into one frozen object."""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pilah_api import setting_readers as read
from pilah_api.access import Role
from pilah_api.limits import Bounds, Limits
from pilah_api.load_settings import LoadSettings
from pilah_api.load_settings import about as _about
from pilah_api.setting_readers import Network
from pilah_data.errors import PilahError

Engine = Literal["auto", "fp32", "int8"]
"""How the model runs: `fp32` is the engine of record, `int8` is faster, `auto` lets the artefact and the processor decide."""

ENGINES: tuple[Engine, ...] = ("auto", "fp32", "int8")
LOG_LEVELS = ("debug", "info", "warning", "error")

_UNPACKED = 8
"""How many times its size an upload may unpack to: texts shrink to an eighth at most, bombs to much less."""


class SettingsError(PilahError):
    """A setting cannot be used; the message names it, its value and what to do."""


_THIS_MACHINE: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@functools.lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Return whether an address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def address(host: str, port: int) -> str:
    """Return the address of a server for people to open, without a slash at its end."""
    bare = host.strip("[]")
    return f"http://{f'[{bare}]' if ':' in bare else bare}:{port}"


def _default_home() -> Path:
    import platformdirs  # noqa: PLC0415 - the commands of training do without it

    return platformdirs.user_data_path("pilah")


@dataclass(frozen=True, slots=True)
class Settings(LoadSettings):
    """Everything that serving can be told; `from_environment` is the only reader of the environment."""

    host: str = field(
        default="127.0.0.1",
        metadata=_about(
            "Address to listen on. Anything but this machine itself also needs PILAH_PUBLIC_URL, PILAH_PROXIES and PILAH_SECRET.",
            read.address,
        ),
    )
    port: int = field(default=8000, metadata=_about("Port to listen on; 0 takes a free one.", read.whole(0, 65535)))
    home: Path = field(
        default_factory=_default_home,
        metadata=_about("Folder of what Pilah keeps: database, secret, uploads.", read.folder),
    )
    model: Path | None = field(
        default=None,
        metadata=_about("Folder of the model to use; unset takes the one that ships with Pilah.", read.folder),
    )
    engine: Engine = field(
        default="auto",
        metadata=_about(
            "How the model runs: auto, fp32 (the engine of record) or int8 (faster).", read.one_of(*ENGINES)
        ),
    )
    threads: int | None = field(
        default=None, metadata=_about("Processor threads of the model; unset takes all cores.", read.whole(1, 256))
    )
    max_posts: int = field(default=256, metadata=_about("Most posts in one request or paste.", read.whole(1, 256)))
    max_text_chars: int = field(
        default=100_000, metadata=_about("Most characters in one text.", read.whole(1, 10_000_000))
    )
    max_body_bytes: int = field(
        default=8 * 1024 * 1024, metadata=_about("Most bytes in the body of one request.", read.whole(1024, 2**31))
    )
    max_upload_bytes: int = field(
        default=512 * 1024 * 1024,
        metadata=_about(
            "Most bytes of an uploaded feed; unpacked it may have eight times as many.", read.whole(1024, 2**40)
        ),
    )
    max_batch_rows: int = field(
        default=2_000_000, metadata=_about("Most rows of an uploaded feed.", read.whole(1, 2**31 - 1))
    )
    workers: int = field(
        default=1,
        metadata=_about(
            "Processes beside the server that work on batches; 0 leaves them to `pilah worker`.", read.whole(0, 64)
        ),
    )
    api_key: str | None = field(
        default=None,
        metadata=_about("Key that programs send as 'Authorization: Bearer <key>'.", read.secret, secret=True),
        repr=False,
    )
    database: str | None = field(
        default=None,
        metadata=_about(
            "PostgreSQL to use; unset takes the embedded database in PILAH_HOME.", read.database, secret=True
        ),
        repr=False,
    )
    public_url: str | None = field(
        default=None,
        metadata=_about(
            "Address under which a TLS proxy shows this server, such as https://pilah.example.", read.https_address
        ),
    )
    proxies: tuple[Network, ...] = field(
        default=(),
        metadata=_about("Addresses of that TLS proxy; requests from elsewhere are refused.", read.networks),
    )
    secret: str | None = field(
        default=None,
        metadata=_about("Signs cookies; unset takes the file 'secret' in PILAH_HOME.", read.strong_secret, secret=True),
        repr=False,
    )
    data_keys: str | None = field(
        default=None,
        metadata=_about(
            "Encrypt identity fields; unset takes the file 'data.key' in PILAH_HOME.", read.data_keys, secret=True
        ),
        repr=False,
    )
    purge: str = field(
        default="daily",
        metadata=_about(
            "When `pilah serve` deletes what has had its time: daily, or off (then run `pilah purge` by a timer).",
            read.one_of("daily", "off"),
        ),
    )
    oidc_issuer: str | None = field(
        default=None,
        metadata=_about(
            "OpenID Connect provider by which people may sign in; unset leaves passwords alone.", read.issuer
        ),
    )
    oidc_client_id: str | None = field(
        default=None, metadata=_about("How that provider knows this server.", read.printable)
    )
    oidc_client_secret: str | None = field(
        default=None,
        metadata=_about("Proves this server to that provider; unset for a public client.", read.printable, secret=True),
        repr=False,
    )
    oidc_claim: str = field(
        default="preferred_username",
        metadata=_about("Claim of that provider that holds the login of an account here.", read.printable),
    )
    oidc_new_people: tuple[Role, ...] = field(
        default=(),
        metadata=_about(
            "Roles of accounts made at a first sign-in by that provider, such as petugas; unset makes none.", read.roles
        ),
    )
    log_level: str = field(
        default="info",
        metadata=_about("Least severe log entries written: debug, info, warning or error.", read.one_of(*LOG_LEVELS)),
    )
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def limits(self) -> Limits:
        """Return how much one request or paste may hold."""
        return Limits(posts=self.max_posts, characters=self.max_text_chars)

    @property
    def bounds(self) -> Bounds:
        """Return how much of an upload is read."""
        return Bounds(self.max_upload_bytes * _UNPACKED, self.max_batch_rows, self.max_text_chars)

    @property
    def behind_proxy(self) -> bool:
        """Return whether other machines reach this server, which then asks everyone for credentials."""
        return self.public_url is not None or not is_loopback(self.host)

    @property
    def trusted_proxies(self) -> tuple[Network, ...]:
        """Return the networks from which a request may come in another's name."""
        if not self.behind_proxy:
            return ()
        return self.proxies or (_THIS_MACHINE if is_loopback(self.host) else ())

    def require_guard(self) -> None:
        """Refuse an open door: a network address without its TLS proxy or without a secret. Raises SettingsError."""
        if is_loopback(self.host):
            return
        needed = {"PILAH_PUBLIC_URL": self.public_url, "PILAH_PROXIES": self.proxies, "PILAH_SECRET": self.secret}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            message = (
                f"PILAH_HOST={self.host!r} is reachable from other machines, which needs a TLS proxy before it and a secret of "
                f"its own: set {', '.join(missing)}, or listen on 127.0.0.1"
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
    """Return the names of all settings, in the order of their declaration, those about load last."""
    found = [one.name for one in dataclasses.fields(Settings) if "help" in one.metadata]
    return tuple(sorted(found, key=LoadSettings.__dataclass_fields__.__contains__))


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"PILAH_{name.upper()}"


def field_of(name: str) -> dataclasses.Field[Any]:
    """Return the declaration of a setting."""
    return next(one for one in dataclasses.fields(Settings) if one.name == name)


def _read(name: str, text: str, source: str) -> Any:
    metadata = field_of(name).metadata
    try:
        return metadata["read"](text)
    except ValueError as error:
        shown = "" if metadata["secret"] else f"={text[:80]!r}"
        message = f"{source}{shown} cannot be used: {error}"
        raise SettingsError(message) from None
