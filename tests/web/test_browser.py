"""Debian's Chromium opens Tempel, pastes three posts and sees three judgements: with and without JavaScript, in two sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pilah_api.access import Role
from tests.api.pastes import PASTES
from tests.web.conftest import SIZES, Workplace, barriers, shot
from tests.web.layout import fits

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PASTE = (
    "Gas coblos nomor 2 ya gaes, Santoso pasti menang #SantosoHebat\nJangan lupa ajak tetangga\n\n"
    "Lanjutkan Pak!\n\nMakanya jangan pilih Santoso lagi, lima tahun nol besar"
)


@dataclass
class Watched:
    """A page and everything about it that must not happen."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def shot(self, name: str) -> None:
        shot(self.page, name)


@pytest.fixture(
    params=[(size, js) for size in SIZES for js in (True, False)], ids=lambda p: f"{p[0]}-{'js' if p[1] else 'no-js'}"
)
def watched(request: pytest.FixtureRequest, browser: Browser, address_of_server: str) -> Iterator[Watched]:
    size, javascript = request.param
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=address_of_server, viewport={"width": width, "height": height}, java_script_enabled=javascript
    )
    seen = Watched(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", lambda sent: seen.addresses.append(sent.url))
    yield seen
    context.close()
    assert all(address.startswith(address_of_server) for address in seen.addresses), seen.addresses


@pytest.fixture
def page(browser: Browser, address_of_server: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address_of_server)
    yield context.new_page()
    context.close()


def test_three_posts_are_judged(watched: Watched, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.id
    page = watched.page
    page.goto("/")
    watched.shot(f"{name}-1-empty")
    page.get_by_label("Teks kiriman").fill(PASTE)
    page.get_by_role("button", name="Periksa kiriman").click()
    page.locator("#hasil").wait_for()
    cards = page.get_by_role("article")
    expect(cards).to_have_count(3)
    expect(page.locator("mark")).to_have_count(3)
    assert [text.split("[petunjuk: ")[1].rstrip("]") for text in page.locator("mark").all_text_contents()] == [
        "coblos nomor 2",
        "Lanjutkan Pak",
        "jangan pilih Santoso",
    ]
    assert [cards.nth(n).locator(".badge").inner_text().strip() for n in range(3)] == [
        "Tinjau",
        "Butuh konteks",
        "Tinjau",
    ]
    expect(page.locator(".banner")).to_contain_text("bukan putusan")
    expect(page.get_by_label("Teks kiriman")).to_have_value(PASTE)
    watched.shot(f"{name}-2-results")
    expect(cards.first.locator("table").first).to_be_hidden()
    cards.first.locator("summary").click()
    expect(cards.first.locator("table").first).to_contain_text("94,0%")
    watched.shot(f"{name}-3-details")
    assert watched.complaints == []
    if "no-js" not in name:
        assert fits(page)


def test_nothing_to_judge_is_told_and_a_further_try_works(watched: Watched, request: pytest.FixtureRequest) -> None:
    page = watched.page
    page.goto("/?lang=en")
    page.get_by_role("button", name="Check posts").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("no readable text yet")
    watched.shot(f"{request.node.callspec.id}-4-error")
    page.get_by_label("Text of the posts").fill("Gas coblos nomor 2 ya")
    page.get_by_role("button", name="Check posts").click()
    page.get_by_role("article").wait_for()
    expect(page.get_by_role("article").locator(".badge")).to_have_text("Review")
    assert not [c for c in watched.complaints if "422" not in c]


def test_the_language_switch_keeps_text_and_results(watched: Watched) -> None:
    page = watched.page
    page.goto("/")
    page.get_by_label("Teks kiriman").fill("Gas coblos nomor 2 ya")
    page.get_by_role("button", name="English").click()
    area = page.get_by_label("Text of the posts")
    expect(area).to_have_value("Gas coblos nomor 2 ya")
    expect(page.get_by_role("article")).to_have_count(0)
    page.get_by_role("button", name="Check posts").click()
    page.get_by_role("article").wait_for()
    page.get_by_role("button", name="Bahasa Indonesia").click()
    page.get_by_role("heading", name="Hasil").wait_for()
    expect(page.get_by_role("article")).to_have_count(1)


@pytest.mark.parametrize("path", ["/docs", "/problems", "/problems/not-found", "/nowhere"])
def test_other_pages_keep_to_the_policy_and_the_window(
    watched: Watched, path: str, request: pytest.FixtureRequest
) -> None:
    watched.page.goto(path)
    watched.shot(f"{request.node.callspec.id.replace('/', '_')}")
    assert not [c for c in watched.complaints if "404" not in c]
    expect(watched.page.get_by_role("heading", level=1)).to_have_count(1)


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#teks")).to_be_focused()
    page.keyboard.insert_text("Gas coblos nomor 2 ya")
    page.keyboard.press("Control+Enter")
    page.get_by_role("article").wait_for()
    expect(page.locator("#hasil")).to_be_focused()


def test_the_live_count_agrees_with_the_server(page: Page) -> None:
    page.goto("/")
    count = "async ([paste, how]) => (await import(document.querySelector('script[type=module]').src)).splitPaste(paste, how)"
    for paste, how, expected in PASTES:
        assert page.evaluate(count, [paste, how]) == expected
    page.get_by_label("Teks kiriman").fill("satu\ndua")
    expect(page.locator("#jumlah")).to_have_text("2 kiriman")
    page.get_by_label("Semuanya satu kiriman").check()
    expect(page.locator("#jumlah")).to_have_text("1 kiriman")


def test_a_split_is_undone_and_done_again(page: Page) -> None:
    page.goto("/")
    area, number, button = page.get_by_label("Teks kiriman"), page.locator("#jumlah"), page.locator("#gabung")
    area.fill("satu saja")
    expect(button).to_be_hidden()
    expect(page.locator("#pratinjau")).to_be_hidden()
    area.fill("satu\nlanjutan\n\n<b>dua</b>")
    expect(number).to_have_text("2 kiriman")
    page.get_by_text("Lihat awal tiap kiriman").click()
    assert page.locator("#pratinjau li").all_inner_texts() == ["satu lanjutan", "<b>dua</b>"]
    button.click()
    expect(number).to_have_text("1 kiriman")
    expect(page.get_by_label("Semuanya satu kiriman")).to_be_checked()
    page.get_by_role("button", name="Pisahkan lagi").click()
    expect(number).to_have_text("2 kiriman")
    page.get_by_label("Tiap baris satu kiriman").check()
    button.click()
    button.click()
    expect(number).to_have_text("3 kiriman")
    page.get_by_role("button", name="Periksa kiriman").click()
    page.locator("#hasil").wait_for()
    expect(page.get_by_role("article")).to_have_count(3)


def test_what_is_told_of_a_post_is_folded_and_kept(watched: Watched) -> None:
    page = watched.page
    page.goto("/")
    expect(page.get_by_label("Platform")).to_be_hidden()
    page.get_by_text("Keterangan kiriman (opsional)").click()
    page.get_by_label("Konteks").fill("debat semalam")
    page.get_by_label("Tanggal dan jam terbit").fill("2026-11-26T08:15")
    page.get_by_label("Platform").fill("Facebook")
    page.get_by_label("Tautan").fill("https://contoh.example/1")
    page.get_by_label("Teks kiriman").fill(PASTE)
    page.get_by_role("button", name="Periksa kiriman").click()
    page.locator("#hasil").wait_for()
    expect(page.locator("#waktu")).to_have_value("2026-11-26T08:15")
    expect(page.locator(".told")).to_contain_text("Facebook")
    assert watched.complaints == []


def test_the_head_of_a_long_card_stays_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto("/")
    page.get_by_label("Teks kiriman").fill("Ayo coblos nomor 2 ya kawan, jangan pilih Santoso " * 6 + "\n\nkopi")
    page.get_by_role("button", name="Periksa kiriman").click()
    page.get_by_role("link", name="Kiriman 1").click()
    page.mouse.wheel(0, 500)
    page.wait_for_function("() => scrollY > document.querySelector('#kiriman-1').offsetTop + 300")
    box = page.locator("#kiriman-1 .card-head").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 20


def test_the_printed_page_holds_the_results_and_not_the_form(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Teks kiriman").fill(PASTE)
    page.get_by_role("button", name="Periksa kiriman").click()
    page.locator("#hasil").wait_for()
    page.emulate_media(media="print")
    expect(page.locator("#tempel")).to_be_hidden()
    expect(page.locator(".numbers").first).to_be_hidden()
    expect(page.locator(".turning").first).to_be_visible()
    assert page.locator(".card-head").first.evaluate("head => getComputedStyle(head).position") == "static"


def test_a_foreign_script_would_be_stopped(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1'; document.body.append(s); }"
    )
    assert page.evaluate("window.bad") is None
    assert any("Content Security Policy" in text for text in complaints)


def test_a_post_cannot_bring_markup_into_the_page(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Teks kiriman").fill("<img src=x onerror=alert(1)> coblos nomor 2 </blockquote><h1>bajak</h1>")
    page.get_by_role("button", name="Periksa kiriman").click()
    page.get_by_role("article").wait_for()
    expect(page.locator("article img, article h1")).to_have_count(0)
    expect(page.locator("blockquote")).to_contain_text("</blockquote><h1>bajak</h1>")


@pytest.mark.parametrize("path", ["/", "/masuk", "/docs", "/problems"])
def test_no_barrier_on_the_open_pages(page: Page, path: str) -> None:
    page.goto(path)
    assert barriers(page) == []


def test_no_barrier_among_results_or_for_who_is_signed_in(page: Page, workplace: Workplace) -> None:
    page.goto("/")
    page.get_by_label("Teks kiriman").fill(PASTE)
    page.get_by_role("button", name="Periksa kiriman").click()
    page.get_by_role("article").first.wait_for()
    assert barriers(page) == []
    inside = workplace.enter(Role.PETUGAS, login="sari")
    assert barriers(inside) == []
    expect(inside.get_by_role("link", name="sari")).to_have_count(1)
