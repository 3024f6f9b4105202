"""The map as a component: made once, redrawn without a reload, tells what was picked."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import WatchedPage, only_in_chromium
from tests.cartography.drawn import make_site
from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import MapStudy
from welcomemap.cartography.page import component_data, component_module, component_style
from welcomemap.cartography.views import draw_overview
from welcomemap.style import Sign

MOUNT = """async ([script, style]) => {
  const module = await import("data:text/javascript;base64," + script);
  const host = document.createElement("main");
  document.body.append(host);
  host.insertAdjacentHTML("beforebegin", "<header><h1>Seite</h1></header>");
  const root = host.attachShadow({ mode: "open" });
  const sheet = document.createElement("style");
  sheet.textContent = style;
  root.append(sheet);
  window.sent = [];
  window.draw = (data) => module.default({ data, parentElement: root,
    setTriggerValue: (name, value) => window.sent.push([name, value]) });
}"""


@pytest.fixture
def mounted(browser_page: WatchedPage) -> WatchedPage:
    page = browser_page.page
    page.set_content("<!doctype html><html lang=de><title>t</title><body></body>")
    script = base64.b64encode(component_module().encode()).decode()
    page.evaluate(MOUNT, [script, component_style()])
    return browser_page


def draw(watched: WatchedPage, data: dict[str, Any]) -> None:
    watched.page.evaluate("data => window.draw(data)", data)


def test_data_is_plain_json_and_the_same_for_the_same_map(
    study: MapStudy, basemap: Basemap
) -> None:
    first, second = (component_data(draw_overview(study, basemap)) for _ in range(2))
    assert json.loads(json.dumps(first)) == second


@pytest.mark.browser
def test_a_new_figure_keeps_map_and_zoom(
    mounted: WatchedPage, study: MapStudy, basemap: Basemap
) -> None:
    page = mounted.page
    draw(mounted, component_data(draw_overview(study, basemap)))
    assert page.locator(".wm-sign").count() == 3
    page.evaluate("document.querySelector('main').shadowRoot.querySelector('.wm-map').id = 'kept'")
    page.get_by_role("button", name="Vergrößern").click()
    page.wait_for_timeout(500)
    before = page.get_by_role("button", name="Stelle b").bounding_box()
    more = (*study.sites, make_site("e", Sign.OPEN, (5500, 1500)))
    draw(mounted, component_data(draw_overview(replace(study, sites=more), basemap)))
    assert page.locator(".wm-sign").count() == 4
    assert page.locator("#kept").count() == 1
    assert page.locator(".leaflet-container").count() == 1
    assert page.get_by_role("button", name="Stelle b").bounding_box() == before
    assert mounted.list_violations() == []


LONGER_THAN_A_DOUBLE_CLICK_MS = 600
GROUND = {"x": 400, "y": 60}


def click_ground(page: Page, clicks: int = 1) -> None:
    page.locator(".leaflet-container").click(position=GROUND, click_count=clicks)
    page.wait_for_timeout(LONGER_THAN_A_DOUBLE_CLICK_MS)


@pytest.mark.browser
def test_tells_what_was_picked_each_time_it_is(
    mounted: WatchedPage, study: MapStudy, basemap: Basemap
) -> None:
    page = mounted.page
    draw(mounted, component_data(draw_overview(study, basemap)))
    page.get_by_role("button", name="Stelle a, geöffnet").click()
    assert page.evaluate("window.sent") == [["picked", "site:a"]]
    # A new figure opens the popup again, which nobody picked.
    more = (*study.sites, make_site("e", Sign.OPEN, (5500, 1500)))
    draw(mounted, component_data(draw_overview(replace(study, sites=more), basemap)))
    expect(page.get_by_role("dialog")).to_have_count(1)
    assert page.evaluate("window.sent") == [["picked", "site:a"]]
    click_ground(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Stelle a, geöffnet").click()
    assert page.evaluate("window.sent") == [["picked", "site:a"]] * 2


@pytest.mark.browser
@only_in_chromium("makes no double click")
def test_a_click_on_the_ground_is_a_place_unless_it_does_something_else(
    mounted: WatchedPage, study: MapStudy, basemap: Basemap
) -> None:
    page = mounted.page
    draw(mounted, component_data(draw_overview(study, basemap), wants_place=True))
    page.get_by_role("button", name="Stelle a, geöffnet").click()
    click_ground(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("window.sent") == [["picked", "site:a"]]
    click_ground(page, clicks=2)
    assert page.evaluate("window.sent") == [["picked", "site:a"]]
    click_ground(page)
    (_, (name, place)) = page.evaluate("window.sent")
    assert name == "place"
    assert 51 < place["lat"] < 52
    assert 6 < place["lon"] < 7


@pytest.mark.browser
def test_a_map_that_wants_no_place_is_told_none(
    mounted: WatchedPage, study: MapStudy, basemap: Basemap
) -> None:
    draw(mounted, component_data(draw_overview(study, basemap)))
    click_ground(mounted.page)
    assert mounted.page.evaluate("window.sent") == []


@pytest.mark.browser
def test_another_language_makes_the_map_anew(
    mounted: WatchedPage, study: MapStudy, basemap: Basemap
) -> None:
    draw(mounted, component_data(draw_overview(study, basemap, "de")))
    draw(mounted, component_data(draw_overview(study, basemap, "en")))
    page = mounted.page
    assert page.locator(".leaflet-container").count() == 1
    assert page.get_by_role("button", name="Zoom in").count() == 1
    assert page.get_by_role("heading", name="Legend", exact=True).count() == 1
