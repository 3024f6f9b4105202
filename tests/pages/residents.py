"""What a resident does on the page, for tests that drive a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.browser import LANGUAGE, PATIENCE_MS, WatchedPage, launch

ADDRESS = "Kölner Straße 26"
NEAREST = "Welcome Point Platz der Diakonie"
"""Nearest office to :data:`ADDRESS` in the embedded region: 1.1 km on foot by OpenStreetMap."""


def open_page(watched: WatchedPage, address: str) -> Page:
    """Open a page and wait for the search field."""
    watched.page.goto(address)
    expect(watched.page.get_by_role("combobox")).to_be_visible(timeout=PATIENCE_MS)
    return watched.page


def ask(page: Page, text: str) -> None:
    """Type an address and press Enter."""
    page.get_by_role("combobox").fill(text)
    page.get_by_role("combobox").press("Enter")


def wait_until_whole(page: Page) -> None:
    """Wait until the page's script has ended: before, Streamlit may replace what is clicked."""
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=PATIENCE_MS
    )


def wait_for_map(page: Page) -> None:
    """Wait until the answer's map is drawn."""
    expect(page.locator(".leaflet-container")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(500)


@contextmanager
def visitor(
    chromium: Browser, *, width: int = 1280, height: int = 900, language: str = LANGUAGE
) -> Iterator[WatchedPage]:
    """Give a page of a visitor of its own, who asks no other host and meets no error.

    Who speaks another language has a browser of its own.
    """
    browser = chromium if language == LANGUAGE else launch(chromium.browser_type, language)
    context = browser.new_context(viewport={"width": width, "height": height}, locale=language)
    context.set_default_timeout(PATIENCE_MS)
    watched = WatchedPage(context.new_page())
    watched.watch()
    yield watched
    context.close()
    if browser is not chromium:
        browser.close()
    assert watched.foreign_requests == []
    assert watched.errors == [], watched.errors
