"""Make the picture of the map in the README: ``.venv/bin/python -m docs.make_map_picture``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.browser import FLAGS, find_chromium

from welcomemap.cli import run

PICTURE = Path(__file__).parent / "images" / "map-2026.png"


def main() -> None:
    """Export the map of 2026 and photograph its upper part in the system's browser."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "map.html"
        if run(["map", "--scenario", "2026", "--out", str(page_file), "--lang", "en"]) != 0:
            raise SystemExit("the map could not be made")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1100, "height": 760})
        page.goto(page_file.as_uri())
        page.wait_for_timeout(1500)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
