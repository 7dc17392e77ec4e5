"""One JSON object per line on standard error; called when serving starts, never on import."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from pilah_data.traces import places

_LOGGERS = ("pilah", "uvicorn")
"""Ours and the server's; the root logger and other libraries are left as they are."""


def configure_logging(level: str) -> None:
    """Send the log entries of Pilah and its server from the given level on to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Lines(
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


class _Lines(structlog.stdlib.ProcessorFormatter):
    """Writes plain entries, of which there is one for every request, without the general way, which costs four times as much."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of an entry, without the line end."""
        if record.args or record.exc_info or record.stack_info or not isinstance(record.msg, str):
            return super().format(record)
        entry: dict[str, object] = {"event": record.msg, "level": record.levelname.lower()}
        entry |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        entry["timestamp"] = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return _ENCODER.encode(entry)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)
_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "taskName"}


def _without_messages(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and places: its message may quote a post."""
    info = event.pop("exc_info", None)
    if isinstance(info, tuple):
        kind, _error, trace = info
        event["error"] = getattr(kind, "__qualname__", "unknown")
        event["where"] = places(trace)
    return event
