"""Debian's Chromium opens Cek dulu: with and without JavaScript, in two sizes, by keyboard, and past axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pilah_api.access import Role
from tests.web.conftest import SIZES, Workplace, barriers, shot
from tests.web.layout import fits

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

DRAFTS = {
    "Dapat dibaca sebagai memihak": "Ayo coblos nomor 2 ya kawan, jangan pilih Santoso",
    "Dapat dibaca dengan dua cara": "Lanjutkan Pak!",
    "Tidak tampak keberpihakan": "Jangan lupa datang ke TPS, cek nama di DPT",
}


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
@pytest.mark.parametrize("size", SIZES)
def test_a_draft_is_checked(browser: Browser, address_of_server: str, size: str, javascript: bool) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=address_of_server, viewport={"width": width, "height": height}, java_script_enabled=javascript
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/cek")
    for number, (head, draft) in enumerate(DRAFTS.items()):
        page.get_by_label("Naskah Anda").fill(draft)
        page.get_by_role("button", name="Cek naskah").click()
        page.get_by_role("heading", name=head).wait_for()
        expect(page.get_by_label("Naskah Anda")).to_have_value(draft)
        expect(page.get_by_label("Kiriman yang Anda tanggapi")).to_be_hidden()
        shot(page, f"cek-{size}-{'js' if javascript else 'no-js'}-{number}")
        if javascript:
            assert fits(page)
            assert barriers(page) == []
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="No side-taking is apparent").wait_for()
    assert complaints == []
    context.close()


def test_who_is_signed_in_checks_by_keyboard(workplace: Workplace) -> None:
    page = workplace.enter(Role.PETUGAS, login="sari")
    page.get_by_role("link", name="Cek dulu").click()
    page.get_by_label("Naskah Anda").press_sequentially("Ayo coblos nomor 2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # unfolds the context
    page.keyboard.press("Tab")
    page.keyboard.type("Jangan pilih Santoso")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Dapat dibaca sebagai memihak").wait_for()
    expect(page.get_by_text("Kiriman yang Anda tanggapi dapat dibaca sebagai memihak")).to_be_visible()
    expect(page.get_by_label("Kiriman yang Anda tanggapi")).to_have_value("Jangan pilih Santoso")
