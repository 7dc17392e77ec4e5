"""Pages through a client without a network, and a real server with a real browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from pilah_api.access import Role
from pilah_api.app import create_app
from pilah_api.serve import listen
from pilah_api.services.people import add_person, invite
from pilah_api.settings import Settings, address
from pilah_api.store.audit import Origin
from pilah_api.store.opening import open_store
from pilah_api.store.units import Store
from pilah_model.judge import Judge
from tests.api.conftest import client, judge, make_client
from tests.api.stand_in import StandIn
from tests.conftest import skip_aloud

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

__all__ = ["client", "judge", "make_client"]

SIZES = {"desktop": (1366, 768), "phone": (390, 844)}
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def serving(settings: Settings, store: Store | None = None, judge: Judge | None = None) -> Iterator[str]:
    """Run a real server, around the stand-in unless told otherwise, on a free port of this machine; yield its address."""
    with listen(settings) as listener:
        app = create_app(settings, judge or StandIn(), store)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"{address(settings.host, listener.getsockname()[1])}/"
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="session")
def address_of_server() -> Iterator[str]:
    """A real server around the stand-in, on a free port of this machine."""
    with serving(Settings(port=0)) as found:
        yield found


@dataclass
class Workplace:
    """An office at work: a running server, its store, and browsers in which people of any role are signed in."""

    address: str
    store: Store
    browser: Browser
    opened: list[BrowserContext] = field(default_factory=list)

    def enter(self, *roles: Role, login: str, size: str = "desktop", javascript: bool = True) -> Page:
        """Sign a person in, made with these roles unless there is one of that login; return a page in a context of its own."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            base_url=self.address, viewport={"width": width, "height": height}, java_script_enabled=javascript
        )
        self.opened.append(context)
        page = context.new_page()
        page.goto(f"/masuk/tautan?kode={self._code(frozenset(roles), login)}")
        page.get_by_role("main").get_by_role("button").click()
        page.wait_for_url("**/sandi")
        return page

    def _code(self, roles: frozenset[Role], login: str) -> str:
        with self.store.writing(Origin("console", "test")) as unit:
            found = next((person for person in unit.people.page(None, 1000) if person.login == login), None)
            made = invite(unit, found.id) if found else add_person(unit, login, login.title(), roles)
        return made.token


@pytest.fixture
def workplace(browser: Browser, tmp_path: Path) -> Iterator[Workplace]:
    """An office of its own for one test."""
    settings = Settings(port=0, home=tmp_path / "home")
    store = open_store(settings.home, None, None)
    with serving(settings, store) as found:
        office = Workplace(found, store, browser)
        yield office
        for context in office.opened:
            context.close()
    store.close()


def barriers(page: Page) -> list[str]:
    """Return what axe-core finds on a page that keeps people out: rules of serious and critical impact, with their places."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{found['id']}: {node['target']}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def shot(page: Page, name: str) -> None:
    """Keep a picture of the whole page in the folder that PILAH_SCREENSHOTS names, if it names one."""
    if folder := os.environ.get("PILAH_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.is_file():
        skip_aloud(f"no browser at {CHROMIUM}; install Debian's package chromium")
    from playwright.sync_api import expect, sync_playwright

    # A busy machine may take its time; what is waited for in vain fails all the same.
    expect.set_options(timeout=30_000)

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield launched
        launched.close()
