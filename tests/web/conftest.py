"""Pages through a client without a network, and a real server with a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from pilah_api.app import create_app
from pilah_api.serve import address, listen
from pilah_api.settings import Settings
from tests.api.conftest import client, judge, make_client
from tests.api.stand_in import StandIn
from tests.conftest import skip_aloud

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["client", "judge", "make_client"]

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def address_of_server() -> Iterator[str]:
    """A real server around the stand-in, on a free port of this machine."""
    settings = Settings(port=0)
    with listen(settings) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(settings, StandIn()), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield address(settings.host, listener)
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.is_file():
        skip_aloud(f"no browser at {CHROMIUM}; install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield launched
        launched.close()
