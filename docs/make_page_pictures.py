"""Take pictures of the residents' page of the running app at a given address (first argument)."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.browser import FLAGS, find_chromium

FOLDER = Path(__file__).parent / "images"
ADDRESS = "Gumbertstraße 150"


def main(url: str) -> None:
    """Write one picture of a phone's screen for German and one for Arabic."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        for language in ("de", "ar"):
            page = browser.new_page(viewport={"width": 390, "height": 844})
            page.goto(f"{url}/?lang={language}")
            page.get_by_role("combobox").fill(ADDRESS)
            page.get_by_role("combobox").press("Enter")
            page.locator(".leaflet-container").wait_for()
            page.wait_for_timeout(1000)
            page.screenshot(path=FOLDER / f"residents-phone-{language}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
