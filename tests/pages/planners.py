"""What a planner does on the pages, for tests that drive a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser import PATIENCE_MS, WatchedPage

HEALTH = "_stcore"
LOAD_FAULT = "Failed to load resource"
LIST = (
    "id,name,operator,address,stated_districts,status,valid_from,valid_to,source\n"
    "neu-1,Neuer Punkt Gerresheim,Stadt,Gerricusplatz 1,7,open,2026-01-01,,Plan\n"
    "neu-2,<b>Fett</b> =1+1,Stadt,Kölner Straße 26,2,open,2026-01-01,,Plan\n"
)


@dataclass
class PlannersPage(WatchedPage):
    """A watched page; Streamlit asks for its health below a page's own path first, and gets 404."""

    def _note(self, message: object) -> None:
        place = getattr(message, "location", {}).get("url", "")
        if LOAD_FAULT in getattr(message, "text", "") and HEALTH in place:
            return
        super()._note(message)


@contextmanager
def planner(chromium: Browser, *, width: int = 1280, height: int = 900) -> Iterator[PlannersPage]:
    """Give a page of a planner of its own, who asks no other host and meets no error."""
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="de-DE", accept_downloads=True
    )
    context.set_default_timeout(PATIENCE_MS)
    watched = PlannersPage(context.new_page())
    watched.watch()
    yield watched
    context.close()
    assert watched.foreign_requests == []
    assert watched.errors == [], watched.errors


def open_planners(watched: WatchedPage, address: str) -> Page:
    """Open a planners' page and wait until it is whole."""
    watched.page.goto(address)
    expect(watched.page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE_MS)
    wait_until_still(watched.page)
    return watched.page


def wait_until_still(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.wait_for_timeout(400)
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000
    )
    page.wait_for_timeout(200)


def upload(page: Page, name: str, content: bytes, button: str) -> None:
    """Choose a file in the form that has the button, and press it."""
    form = page.locator('[data-testid="stForm"]').filter(
        has=page.get_by_role("button", name=button, exact=True)
    )
    form.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    # In small letters as the file is named: "Liste" stands in a label before any file is there.
    expect(form.get_by_text(re.compile(re.escape(name[:5]))).first).to_be_visible()
    form.get_by_role("button", name=button, exact=True).click()
    wait_until_still(page)


def go_to(page: Page, link: str) -> None:
    """Follow a link of the side bar."""
    page.get_by_role("link", name=link).click()
    wait_until_still(page)


def read_download(page: Page, button: str) -> tuple[str, bytes]:
    """Press a button that saves a file and return its name and content."""
    with page.expect_download() as caught:
        page.get_by_role("button", name=button).click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()
