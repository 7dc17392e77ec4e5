from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from pilah_api.logging_setup import configure_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    kept = {name: logging.getLogger(name) for name in ("pilah", "uvicorn", "uvicorn.error")}
    before = {name: (log.handlers, log.propagate, log.level) for name, log in kept.items()}
    yield
    for name, log in kept.items():
        log.handlers, log.propagate, log.level = before[name]


def test_entries_are_json_lines_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    root = list(logging.getLogger().handlers)
    configure_logging("info")
    logging.getLogger("pilah.http").info("request", extra={"request_id": "x", "status": 200})
    logging.getLogger("pilah.http").debug("not shown")
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    entry = json.loads(line)
    assert out == ""
    assert {"event": "request", "request_id": "x", "status": 200, "level": "info"}.items() <= entry.items()
    assert "timestamp" in entry
    assert logging.getLogger().handlers == root


def test_plain_entries_hold_what_the_general_way_writes(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    logging.getLogger("pilah.http").info("request", extra={"status": 200, "where": ["a", "b"], "text": "kopi ☕"})
    logging.getLogger("pilah.http").info("%s", "request", extra={"status": 200, "where": ["a", "b"], "text": "kopi ☕"})
    plain, general = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert plain.keys() == general.keys()
    for name in plain.keys() - {"timestamp"}:
        assert plain[name] == general[name]
    assert len(plain["timestamp"]) == len(general["timestamp"])


def test_an_exception_is_logged_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    try:
        int("rahasia")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("it failed")
    entry = json.loads(capsys.readouterr().err)
    assert entry["error"] == "ValueError"
    assert "test_logging_setup.py" in entry["where"][0]
    assert "rahasia" not in json.dumps(entry)


def test_the_servers_chatter_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug")
    logging.getLogger("uvicorn.error").info("Started server process")
    assert capsys.readouterr().err == ""
