"""Every page, as everybody: over HTTP by each role and by nobody, on the machine itself and through a network; then in a browser.

The browser walks in both sizes, with and without JavaScript, in both colours and languages. The pages are those of the table of
permissions (`tests.web.pages`), so that a new one is walked, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import pytest
from fastapi.testclient import TestClient

from pilah_api.access import Caller, Role
from pilah_api.app import create_app
from pilah_api.permissions import RULES, find_rule
from pilah_api.web.menu import ENTRIES, open_to
from pilah_api.web.texts import Language, Texts
from tests.api.stand_in import StandIn
from tests.web.conftest import SIZES, barriers, serving, shot
from tests.web.furnished import PUBLIC_URL, STAFF, Office, furnish
from tests.web.pages import NO_PAGES, PAGES, addresses

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FAULTY = "dari=x"
"""An address that no link leads to, for the page that tells of a mistake."""
LEADS_ON = "/masuk/tautan"
"""Without a code it leads to the page of the password."""
CALLERS = [None, *STAFF]
IDS = ["nobody", *STAFF]
SEES_MOST = {"/kelola": Role.ADMIN, "/antrean/": Role.PETUGAS}
"""Who is sent to look at the pages below an address; the supervisor looks at all others."""
WAYS: dict[str, tuple[str, bool, Literal["light", "dark"], str]] = {
    "desktop-js": ("desktop", True, "light", "id"),
    "phone-js": ("phone", True, "dark", "en"),
    "desktop-plain": ("desktop", False, "dark", "id"),
    "phone-plain": ("phone", False, "light", "id"),
}
"""Size, JavaScript, colours and language; every page is seen in each of these ways."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = furnish(tmp_path_factory.mktemp("kantor") / "home")
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def doors(office: Office) -> Iterator[dict[str, TestClient]]:
    """The office as it answers on its own machine, and through its proxy."""
    found = {}
    for name, url in (("local", None), ("network", PUBLIC_URL)):
        settings = replace(office.settings, public_url=url)
        app = create_app(settings, StandIn(), office.store)
        base = url or "http://localhost:8000"
        found[name] = TestClient(app, base_url=base, follow_redirects=False, client=("127.0.0.1", 1)).__enter__()
    yield found
    for client in found.values():
        client.__exit__(None, None, None)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", html))


@pytest.mark.parametrize("role", CALLERS, ids=IDS)
@pytest.mark.parametrize("place", ["local", "network"])
def test_every_page_answers_or_refuses_as_the_table_says(
    office: Office, doors: dict[str, TestClient], place: str, role: Role | None
) -> None:
    caller, door, wrong = Caller(person=office.people[role] if role else None), doors[place], []
    headers = office.headers(door.app, role)
    for template, paths in addresses(office.things[role or Role.PENYELIA]).items():
        rule = find_rule("GET", template)
        assert rule is not None
        allowed = rule.allows(caller, local=place == "local")
        for path in paths:
            answer = door.get(path, headers=headers)
            if answer.status_code == 303 and (path == LEADS_ON or not (allowed or role)):
                assert answer.headers["location"].startswith("/masuk")
                answer = door.get(answer.headers["location"], headers=headers)
            expected = 403 if role and not allowed else 422 if allowed and path.endswith(FAULTY) else 200
            faults = [] if answer.status_code == expected else [f"{answer.status_code} instead of {expected}"]
            wrong += [(path, fault) for fault in (*faults, *page_faults(answer.text, refused=not allowed))]
            if "'unsafe" in answer.headers["content-security-policy"]:
                wrong.append((path, "a policy that lets scripts or styles in"))
    assert wrong == []


def page_faults(html: str, *, refused: bool) -> Iterator[str]:
    """Say what a page lacks that every page has; one that refuses says so in words, and how to go on."""
    if '<html lang="id"' not in html and "<title>Pilah API" not in html:
        yield "no language"
    if len(re.findall(r"<h1[\s>]", html)) != 1:
        yield "not one heading"
    if re.search(r"<title>\s*(–|</title>)", html) or "<title>" not in html:
        yield "no title"
    if re.search(r"\s(on[a-z]+|style)=\"", html) or re.search(r"<(script|style)(?![^>]*\bsrc=)[^>]*>[^<]", html):
        yield "script or style within the page"
    if refused and not re.search(r"Tidak diizinkan|masuk", words(html), re.IGNORECASE):
        yield "a refusal without a word"


def test_what_is_no_page_answers_with_something_else(doors: dict[str, TestClient], office: Office) -> None:
    assert {rule.path for rule in RULES if rule.method == "GET"} >= NO_PAGES
    for template in NO_PAGES:
        path = template.replace("{path:path}", "pilah.css").replace("{name}", "tiada.svg")
        role = Role.PETUGAS if path.startswith("/berkas") else Role.ADMIN
        answer = doors["local"].get(path, headers=office.headers(doors["local"].app, role))
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        assert not is_page or answer.status_code in (303, 404), path


@pytest.mark.parametrize("role", CALLERS, ids=IDS)
def test_a_menu_leads_to_pages_that_open_and_to_all_of_them(
    office: Office, doors: dict[str, TestClient], role: Role | None
) -> None:
    caller = Caller(person=office.people[role] if role else None)
    headers = office.headers(doors["local"].app, role)
    texts = Texts(Language.ID)
    menu = re.search(r'(?s)<nav[^>]*aria-label="Menu utama".*?</nav>', doors["local"].get("/", headers=headers).text)
    assert menu is not None
    links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', menu[0])[:-1]  # the last is one's own account
    expected = open_to(ENTRIES, caller, local=True)
    assert [(path, name.strip()) for path, name in links] == [(one.path, texts(one.text)) for one in expected]
    for path, _ in links:
        assert doors["local"].get(path, headers=headers).status_code == 200


@dataclass
class Watched:
    """A page in a browser, and everything about it that must not happen."""

    page: Page
    server: str
    faults: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", lambda sent: self._outside(sent.url))
        self.page.on("response", lambda got: self._broken(got.status, got.url))

    def _outside(self, url: str) -> None:
        if not url.startswith((self.server, "data:")):
            self.faults.append(f"asks for {url}")

    def _broken(self, status: int, url: str) -> None:
        if status >= 400:
            self.faults.append(f"{status} from {url}")

    def look(self, path: str, language: str, *, deep: bool) -> list[str]:
        """Open a page; say what is wrong with it. `deep` asks axe-core as well."""
        self.faults.clear()
        self.page.goto(path)
        found = [fault for fault in self.faults if not path.endswith(FAULTY) or "422" not in fault]
        shape = self.page.evaluate(
            "() => [document.documentElement.lang, document.querySelectorAll('h1').length, document.title,"
            " document.documentElement.scrollWidth - innerWidth, document.querySelectorAll('main').length]"
        )
        if shape[:2] != [self._language(path, language), 1] or not shape[2] or shape[3] > 0 or shape[4] != 1:
            found.append(f"language, headings, title, width too much, mains: {shape}")
        return found + (barriers(self.page) if deep else [])

    def _language(self, path: str, language: str) -> str:
        # The programs' interface is described in English alone.
        return "en" if path == "/docs" else language


def looker(path: str) -> Role:
    """Return who is sent to look at a page."""
    return next((role for start, role in SEES_MOST.items() if path.startswith(start)), Role.PENYELIA)


@pytest.mark.browser
@pytest.mark.parametrize("way", WAYS)
def test_every_page_is_whole_in_a_browser(
    office: Office, doors: dict[str, TestClient], browser: Browser, way: str
) -> None:
    size, javascript, colours, language = WAYS[way]
    width, height = SIZES[size]
    wrong: dict[str, list[str]] = {}
    with serving(replace(office.settings, port=0), office.store) as server:
        for role in (Role.PENYELIA, Role.PETUGAS, Role.PENELAAH, Role.ADMIN, None):
            context = browser.new_context(
                base_url=server,
                viewport={"width": width, "height": height},
                java_script_enabled=javascript,
                color_scheme=colours,
            )
            cookies = [office.headers(doors["local"].app, role).get("cookie", "keks=1"), f"pilah_lang={language}"]
            named = [one.partition("=") for one in cookies]
            context.add_cookies([{"name": name, "value": value, "url": server} for name, _, value in named])
            watched = Watched(context.new_page(), server)
            watched.listen()
            for path in paths_of(office, role):
                # axe-core works at the long description of the programs' interface as long as at ten other pages: once is enough.
                deep = javascript and (path != "/docs" or language == "id")
                faults = watched.look(path, language, deep=deep)
                shot(
                    watched.page,
                    f"{way}-{role or 'nobody'}{re.sub(r'[^a-z]+', '-', path)[:60]}-{path[-6:]}".replace("/", "-"),
                )
                if faults:
                    wrong[path] = faults
            context.close()
    assert wrong == {}


def paths_of(office: Office, role: Role | None) -> list[str]:
    """Return what somebody is sent to look at: pages by who sees most of them; nobody, what is open to all."""
    if role is None:
        return ["/", "/masuk", "/masuk/tautan?kode=lama"]
    if role is Role.PENELAAH:
        return ["/antrean"]  # with posts to take, which the supervisor rarely has
    found = addresses(office.things[role])
    return [path for page in PAGES for path in found[page] if looker(path) is role]
