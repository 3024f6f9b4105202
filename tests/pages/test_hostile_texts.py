"""Text from data is shown as it stands on every page: it is no markup, and asks for nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.app_server import find_free_port, wait_until_healthy
from tests.pages.planners import open_planners, planner, upload, wait_until_still
from tests.worlds import record_hashes, write_rechteckstadt
from welcomemap.pages.widgets import WORD_JOINER, escape_markdown
from welcomemap.serving import app_command, app_environment, find_app

EVIL = (
    "![x](http://evil.example/p.png) [k](http://evil.example/l) <http://evil.example/a> "
    "http://evil.example/u www.evil.example <img src=http://evil.example/i onerror=alert(1)> "
    "&lt;img&gt; $\\frac{a}{b}$ $$x$$ :red[rot] :material/home: :rocket: `c` **b** _i_ ~~s~~ "
    "\\![y](http://evil.example/q.png)"
)
ROOT = Path(__file__).parents[2]
TEXTS = {
    "districts.geojson": ("name",),
    "quarters.geojson": ("name",),
    "stops.geojson": ("name",),
    "river_crossings.geojson": ("name",),
}
CELLS = {
    "service_points.csv": ("name", "operator", "source"),
    "candidate_sites.csv": ("name", "source"),
    "site_history.csv": ("note", "source", "summary"),
    "advice_offices.csv": ("name", "operator", "source"),
    "lines.csv": (),
}
MARKUP = (
    'img[src*="evil"], a[href^="http"][href*="evil"], a[href^="mailto"], [src*="evil.example"], '
    ".katex, "
    '[data-testid="stMarkdownContainer"] :is(em, del), '
    '[data-testid="stMarkdownContainer"] span[style*="color"]'
)
"""What the texts would become if a page took them as markup."""


def _spoil(folder: Path) -> None:
    """Put the text into every name, title and word of a pack."""
    import pandas as pd

    for name, columns in TEXTS.items():
        path = folder / name
        value = json.loads(path.read_text("utf-8"))
        for number, feature in enumerate(value["features"]):
            for column in columns:
                feature["properties"][column] = f"{EVIL} {number}"
        path.write_text(json.dumps(value), "utf-8")
    for name, columns in CELLS.items():
        table = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        for column in set(columns) & set(table.columns):
            table[column] = [f"{EVIL} {number}" for number in range(len(table))]
        table.to_csv(folder / name, index=False)
    path = folder / "datapackage.json"
    manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for resource in manifest["resources"]:
        resource.update(dict.fromkeys(("title", "source", "limits", "method", "date"), EVIL))
        resource["licence"] = {"name": EVIL, "title": EVIL, "path": "http://evil.example"}
    region = manifest["region"]
    region["name"] = EVIL
    for key, words in region.items():
        if isinstance(words, dict) and {"de", "en"} <= words.keys():
            region[key] = dict.fromkeys(words, EVIL)
    path.write_text(json.dumps(manifest), "utf-8")
    record_hashes(folder)


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an app whose pack holds the text wherever a text may stand."""
    folder = write_rechteckstadt(tmp_path_factory.mktemp("hostile") / "pack")
    _spoil(folder)
    port = find_free_port()
    log = folder.parent / "app.log"
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        server = stack.enter_context(
            subprocess.Popen(
                app_command(find_app(), port=port, address="127.0.0.1"), cwd=ROOT,
                env=app_environment(os.environ, address="127.0.0.1", pack=folder),
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )
        )  # fmt: skip
        stack.callback(server.kill)
        wait_until_healthy(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"


def _expect_plain(page: Page) -> None:
    """Open all that can be opened, hover over all that explains itself, and look for markup."""
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    wait_until_still(page)
    for mark in page.locator('[data-testid="stTooltipHoverTarget"]').all()[:10]:
        mark.hover()
        page.wait_for_timeout(150)
        assert page.locator(MARKUP).count() == 0
    found = page.locator(MARKUP)
    assert found.count() == 0, found.first.evaluate("e => e.parentElement.outerHTML")


@pytest.mark.browser
def test_no_page_takes_a_text_of_the_pack_as_markup(hostile_url: str, chromium: Browser) -> None:
    with planner(chromium) as watched:
        dialogs: list[str] = []
        watched.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        for place in ("coverage", "coverage?since=2020", "compare", "layers", "export"):
            page = open_planners(watched, f"{hostile_url}/{place}")
            _expect_plain(page)
        page = open_planners(watched, f"{hostile_url}/?q=Hauptstra%C3%9Fe+2,+Westviertel&lang=de")
        _expect_plain(page)
        assert dialogs == []


@pytest.mark.long
@pytest.mark.browser
def test_no_page_takes_a_text_of_a_study_or_list_as_markup(
    hostile_url: str, chromium: Browser
) -> None:
    row = {"id": "own-1", "name": EVIL, "address": EVIL, "lat": "51.25", "lon": "6.73",
           "location_outcome": EVIL, "error_radius_m": "10"}  # fmt: skip
    study = {
        "format": "welcomemap-planner-study", "version": 1, "pack": EVIL[:400],
        "choices": {"scenario": EVIL}, "lists": [], "candidates": [row],
    }  # fmt: skip
    with planner(chromium) as watched:
        page = open_planners(watched, f"{hostile_url}/export")
        upload(page, "study.json", json.dumps(study).encode(), "Studie öffnen")
        _expect_plain(page)
        page.get_by_role("link", name="Standorte vergleichen").click()
        wait_until_still(page)
        _expect_plain(page)
        remove = page.get_by_role("button", name="Entfernen").first
        expect(remove).to_be_visible()
        remove.hover()
        page.wait_for_timeout(800)
        assert page.locator(MARKUP).count() == 0


def test_a_text_made_safe_reads_as_it_stands() -> None:
    """CommonMark, 2.4: any punctuation after a backslash is that punctuation."""
    safe = escape_markdown(EVIL)
    assert safe.replace("\\", "").replace(WORD_JOINER, "") == EVIL.replace("\\", "")
    assert "://" not in safe.replace("\\", "")
    assert "](" not in safe
