"""How a page lies on the screen."""

from __future__ import annotations

from playwright.sync_api import Page


def fits(page: Page) -> bool:
    """Return whether nothing runs over the edge to the right, once the page is there with its style sheets."""
    page.wait_for_load_state("load")
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
