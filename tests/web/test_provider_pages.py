"""Signing in by the agency's provider in a real browser: over to another site and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pilah_api.access import Role
from pilah_api.settings import Settings
from pilah_api.store.opening import open_store
from tests.api.oidc_provider import CLIENT, SECRET, running_provider
from tests.api.stores import person
from tests.web.conftest import SIZES, barriers, serving, shot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def visitor(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A browser at the sign-in page of a server with a provider; its size is a phone's."""
    # Under this name the provider is another site for the browser, which the cookie must survive.
    with running_provider("localhost") as provider:
        settings = Settings(
            port=0,
            home=tmp_path / "home",
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
        )
        store = open_store(settings.home, None, None)
        person(store, Role.PETUGAS)
        with serving(settings, store) as address:
            width, height = SIZES["phone"]
            context = browser.new_context(base_url=address, viewport={"width": width, "height": height})
            page = context.new_page()
            page.goto("/masuk?ke=/docs")
            yield page
            context.close()
        store.close()


def test_a_person_goes_to_the_provider_and_comes_back_signed_in(visitor: Page) -> None:
    assert barriers(visitor) == []
    shot(visitor, "masuk-provider-phone")
    visitor.set_viewport_size({"width": 1366, "height": 768})
    shot(visitor, "masuk-provider-desktop")
    visitor.get_by_role("link", name="Masuk dengan akun instansi").click()
    visitor.wait_for_url("**/docs")
    expect(visitor.get_by_role("navigation").get_by_text("sari")).to_be_visible()
    names = {cookie["name"] for cookie in visitor.context.cookies()}
    assert "pilah_session" in names
    assert "pilah_oidc" not in names


def test_a_refusal_is_read_on_the_sign_in_page(visitor: Page) -> None:
    visitor.goto("/masuk/oidc/kembali?error=access_denied")
    expect(visitor.get_by_role("alert")).to_contain_text("tidak berhasil")
    assert barriers(visitor) == []
    shot(visitor, "masuk-provider-refused-phone")
