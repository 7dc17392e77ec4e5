"""The purge that needs nobody: once a day while the server runs, however often it is started anew."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pilah_api.services.keeping import purge
from pilah_api.store.audit import Origin
from pilah_api.store.units import Store
from pilah_data.traces import places

EVERY = dt.timedelta(days=1)
NOTE_FILE = "last-purge"
"""Lies in the data folder, since a purge looks after that folder too: servers with one database may have one each."""
LOOK_AFTER_SECONDS = 600.0
FIRST_LOOK_SECONDS = 30.0

log = logging.getLogger("pilah.keeping")


@contextmanager
def purging_daily(
    store: Store, home: Path, *, first: float = FIRST_LOOK_SECONDS, every: float = LOOK_AFTER_SECONDS
) -> Iterator[None]:
    """Purge once a day until the block is left; `first` and `every` are the seconds between looks at the clock."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(store, home, over, first, every), name="purge", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def purge_if_due(store: Store, home: Path) -> bool:
    """Purge unless this data folder saw one within a day; return whether it was done. Raises StoreUnavailableError."""
    if not is_due(home, store.now()):
        return False
    # Noted first: where no note can be written, every look would make a purge and a record of it.
    note = home / NOTE_FILE
    note.write_text(store.now().isoformat(), encoding="ascii")
    try:
        purged = purge(store, home, Origin("system"))
    except BaseException:
        note.unlink(missing_ok=True)
        raise
    log.info("purged", extra={"counts": purged.counts, "left": len(purged.left)})
    return True


def is_due(home: Path, now: dt.datetime) -> bool:
    """Return whether the last purge of a data folder is a day old, unknown, or noted for a time to come."""
    try:
        last = dt.datetime.fromisoformat((home / NOTE_FILE).read_text(encoding="ascii"))
        return not dt.timedelta() <= now - last < EVERY
    except (OSError, ValueError, TypeError):
        return True


def _watch(store: Store, home: Path, over: threading.Event, first: float, every: float) -> None:
    wait = first
    while not over.wait(wait):
        wait = every
        try:
            purge_if_due(store, home)
        except Exception as error:  # noqa: BLE001 - the next look tries again; the server must not stop for it
            log.warning("not purged: %s", type(error).__name__, extra={"where": places(error.__traceback__)})
