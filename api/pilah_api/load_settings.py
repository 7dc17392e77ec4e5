"""The settings that bound how much a server takes on, and how it is watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pilah_api import setting_readers as read


def about(help_text: str, reader: Callable[[str], object], *, secret: bool = False) -> dict[str, Any]:
    """Return what is kept with a setting: its help, what reads it, and whether it is hidden."""
    return {"help": help_text, "read": reader, "secret": secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """Rates, waits, and what is measured."""

    judges: int | None = field(
        default=None,
        metadata=about(
            "Processes beside the server that judge what is asked of it; unset takes one for each core, at most eight and "
            "no more than the threads (none if that is one), "
            "0 judges in the server's own process. Always 0 on Windows.",
            read.whole(0, 64),
        ),
    )
    rate_known: int = field(
        default=6000,
        metadata=about("Most requests a minute of one key or person; 0 sets no limit.", read.whole(0, 10_000_000)),
    )
    rate_anonymous: int = field(
        default=1200,
        metadata=about(
            "Most requests a minute of one address without credentials; 0 sets no limit.", read.whole(0, 10_000_000)
        ),
    )
    max_wait_ms: int = field(
        default=250,
        metadata=about(
            "Longest expected wait for the model in milliseconds; beyond it programs are refused at once (503).",
            read.whole(1, 600_000),
        ),
    )
    request_seconds: int = field(
        default=60,
        metadata=about(
            "Longest time in seconds in which a request arrives, and in which it is judged.", read.whole(1, 3600)
        ),
    )
    log_addresses: Literal["yes", "no"] = field(
        default="no",
        metadata=about(
            "Whether log entries carry the address a request came from: yes or no.", read.one_of("yes", "no")
        ),
    )
    otel_endpoint: str | None = field(
        default=None,
        metadata=about(
            "Where traces of requests go (OTLP over HTTP, needs pilah[otel]); unset sends nothing.", read.web_address
        ),
    )
