"""The server purges by itself, once a day, and goes on when it cannot."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
import uvicorn

from pilah_api import serve
from pilah_api.services import housekeeping
from pilah_api.services.housekeeping import NOTE_FILE, purge_if_due, purging_daily
from pilah_api.settings import Settings
from pilah_api.store.engine import StoreUnavailableError
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from tests.api.stand_in import StandIn
from tests.api.stores import Place


def purges(store: Store) -> int:
    with store.reading() as unit:
        return sum(record.action == "purge" for record in unit.audit.walk())


def test_a_purge_is_due_once_a_day(place: Place, store: Store) -> None:
    done = [purge_if_due(store, place.home)]
    for hours in (1, 22.5, 0.75, 1, 30):
        place.clock.move(hours=hours)
        done.append(purge_if_due(store, place.home))
    assert done == [True, False, False, True, False, True]
    assert purges(store) == 3
    with store.reading() as unit:
        assert unit.audit.page(None, 1)[0].actor == "system"
        assert unit.audit.verify() == []


@pytest.mark.parametrize("note", ["", "besok", "2026-11-26", "2031-01-01T00:00:00+00:00", "2026-11-26T07:00:00"])
def test_a_note_that_says_nothing_stops_no_purge(place: Place, store: Store, note: str) -> None:
    (place.home / NOTE_FILE).write_text(note)
    assert purge_if_due(store, place.home)
    assert not purge_if_due(store, place.home)


def test_a_purge_that_failed_is_tried_again(place: Place, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailableError("gone for a moment")

    with monkeypatch.context() as patch:
        patch.setattr(housekeeping, "purge", fail)
        with pytest.raises(StoreUnavailableError):
            purge_if_due(store, place.home)
    assert purge_if_due(store, place.home)


def test_a_failure_is_logged_without_its_words_and_the_next_look_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []
    second = threading.Event()

    def look(*_: object) -> bool:
        looks.append(1)
        if len(looks) > 1:
            second.set()
        raise RuntimeError("kiriman rahasia")

    monkeypatch.setattr(housekeeping, "purge_if_due", look)
    store = open_store(tmp_path, None, None)
    with caplog.at_level(logging.WARNING, "pilah.keeping"), purging_daily(store, tmp_path, first=0, every=0.01):
        assert second.wait(30)
    store.close()
    assert "not purged: RuntimeError" in caplog.text
    assert "rahasia" not in caplog.text


@pytest.mark.parametrize(("setting", "expected"), [("daily", 1), ("off", 0)])
def test_the_server_purges_unless_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, expected: int
) -> None:
    asked = threading.Event()

    def look(store: Store, home: Path) -> bool:
        done = purge_if_due(store, home)
        asked.set()
        return done

    def run(*_: object, **__: object) -> None:
        asked.wait(30 if expected else 0.2)

    monkeypatch.setattr(housekeeping, "purge_if_due", look)
    monkeypatch.setattr(serve, "purging_daily", lambda store, home: purging_daily(store, home, first=0, every=60))
    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(serve, "open_judge", lambda _: StandIn())
    monkeypatch.setattr(serve, "configure_logging", lambda _: None)
    home = tmp_path / "home"
    serve.serve(
        Settings.from_environment({"PILAH_PURGE": setting, "PILAH_HOME": str(home), "PILAH_PORT": "0"}), lambda _: None
    )
    store = open_store(home, None, None)
    assert purges(store) == expected
    store.close()
