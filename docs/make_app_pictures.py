"""Take the pictures of the app that the documentation shows.

Run from the checkout while the app runs: ``python docs/make_app_pictures.py http://127.0.0.1:8501``.
Each picture is quantised, so that it stays below 200 kB.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser import FLAGS, find_chromium

FOLDER = Path(__file__).parent / "images"
WIDE, PHONE = (1280, 900), (390, 844)
COLOURS = 256
PICTURES = (
    ("app-coverage", "coverage?lang=de", WIDE, 0),
    ("app-coverage-map", "coverage?lang=de&view=cell", WIDE, 430),
    ("app-coverage-phone", "coverage?lang=de", PHONE, 0),
    ("app-compare", "compare?lang=de", WIDE, 0),
    ("app-compare-map", "compare?lang=de", WIDE, 1150),
    ("app-data", "layers?lang=de", WIDE, 0),
    ("app-data-list", "layers?lang=de&part=list", WIDE, 0),
    ("app-export", "export?lang=en", WIDE, 0),
)


def take(page: Page, address: str, scroll_px: int) -> bytes:
    """Open a page, wait until it is whole, and return its picture."""
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    page.wait_for_timeout(3000)
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=90_000
    )
    main = page.locator('[data-testid="stMain"]')
    main.evaluate("(e, y) => { e.scrollTop = y; }", scroll_px)
    page.wait_for_timeout(1200)
    return page.screenshot()


def main() -> None:
    """Take all pictures of the app at the address given."""
    base = sys.argv[1].rstrip("/")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        for name, path, (width, height), scroll_px in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, locale="de-DE")
            picture = Image.open(io.BytesIO(take(page, f"{base}/{path}", scroll_px)))
            small = picture.convert("RGB").quantize(COLOURS)
            small.save(FOLDER / f"{name}.png", optimize=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
