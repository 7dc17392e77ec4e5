"""One JSON object per line on standard error; called when serving starts, never on import."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from pilah_api.traces import places

_LOGGERS = ("pilah", "uvicorn")
"""Ours and the server's; the root logger and other libraries are left as they are."""


def configure_logging(level: str) -> None:
    """Send the log entries of Pilah and its server from the given level on to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_messages,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(level.upper())
    # Our own line says where the server listens; its start-up chatter would only repeat it.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, logging.getLogger("uvicorn").level))


def _without_messages(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and places: its message may quote a post."""
    info = event.pop("exc_info", None)
    if isinstance(info, tuple):
        kind, _error, trace = info
        event["error"] = getattr(kind, "__qualname__", "unknown")
        event["where"] = places(trace)
    return event
