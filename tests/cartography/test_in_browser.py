"""The exported map in a real browser: no host asked, usable by keyboard, aloud and on a phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import folium
import pytest
from playwright.sync_api import Browser

from tests.browser import IS_FIREFOX, WatchedPage, only_in_chromium
from tests.cartography.drawn import make_site, make_study
from tests.cases import long
from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Fact, MapStudy, Source
from welcomemap.cartography.page import write_map_html
from welcomemap.cartography.sheet import SheetMap, TextPopup
from welcomemap.cartography.views import draw_overview
from welcomemap.style import Sign

pytestmark = pytest.mark.browser


@pytest.fixture
def map_file(tmp_path: Path, study: MapStudy, basemap: Basemap) -> Path:
    path = tmp_path / "map.html"
    write_map_html(draw_overview(study, basemap), path)
    return path


@pytest.fixture
def opened(browser_page: WatchedPage, map_file: Path) -> WatchedPage:
    browser_page.page.goto(map_file.as_uri())
    return browser_page


@only_in_chromium("does not tell of files")
def test_asks_for_nothing_but_itself(opened: WatchedPage, map_file: Path) -> None:
    opened.page.wait_for_timeout(300)
    addresses = [address for address in opened.requests if not address.startswith("data:")]
    assert addresses == [map_file.as_uri()]


def test_draws_every_area_and_located_site(opened: WatchedPage) -> None:
    assert opened.page.locator(".wm-label.leaflet-marker-icon[role=button]").count() == 3
    assert opened.page.locator(".wm-sign").count() == 3
    hatched = opened.page.locator('path[fill="url(#wm-hatch-unserved)"]')
    assert hatched.count() == 1
    box = hatched.bounding_box()
    assert box is not None and box["width"] > 100


def test_axe_finds_no_violation_closed_and_with_an_open_popup(opened: WatchedPage) -> None:
    assert opened.list_violations() == []
    opened.page.locator(".wm-sign").nth(1).click()
    opened.page.locator(".leaflet-popup").wait_for()
    opened.page.wait_for_timeout(400)  # until it has faded in
    assert opened.list_violations() == []


def test_a_click_on_a_sign_shows_its_facts_and_what_disputes_it(opened: WatchedPage) -> None:
    opened.page.get_by_role("button", name="Stelle b, Quellen widersprechen sich").click()
    popup = opened.page.get_by_role("dialog", name="Stelle b")
    assert popup.locator(".wm-warning").inner_text() == "Presse: geschlossen (2023)."
    assert popup.locator("dd").all_inner_texts() == ["Weg b", "Verein"]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_sign_opens_and_closes_by_keyboard_and_gives_the_focus_back(
    opened: WatchedPage, key: str
) -> None:
    page = opened.page
    sign = page.get_by_role("button", name="Stelle a, geöffnet")
    for _ in range(40):
        page.keyboard.press("Tab")
        if sign.evaluate("node => node === document.activeElement"):
            break
    else:
        pytest.fail("the sign cannot be reached with the tabulator")
    page.keyboard.press(key)
    page.get_by_role("dialog", name="Stelle a").wait_for()
    assert page.evaluate("document.activeElement.className") == "leaflet-popup-close-button"
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    assert sign.evaluate("node => node === document.activeElement")


def test_an_area_opens_by_keyboard_from_its_label(opened: WatchedPage) -> None:
    opened.page.get_by_role("button", name="Bezirk 3, 0%, kein Standort im Gebiet").focus()
    opened.page.keyboard.press("Enter")
    popup = opened.page.get_by_role("dialog", name="Bezirk 3")
    assert "Nur geplant." in popup.inner_text()


def test_what_has_the_focus_can_be_seen(opened: WatchedPage) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    seen = set()
    for _ in range(16):
        style = page.evaluate(
            """() => { const node = document.activeElement;
              const parts = [node, ...node.querySelectorAll(".wm-label-body")];
              return [node.className, parts.some(part => {
                const style = getComputedStyle(part);
                return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2; })];
            }"""
        )
        assert style[1], f"no visible focus on {style[0]}"
        seen.add(style[0])
        page.keyboard.press("Tab")
    assert len(seen) > 5


def test_the_map_moves_without_dragging(opened: WatchedPage) -> None:
    page = opened.page
    sign = page.get_by_role("button", name="Stelle a, geöffnet")
    before = sign.bounding_box()
    page.get_by_role("button", name="Nach Osten verschieben").click()
    page.wait_for_timeout(500)
    after = sign.bounding_box()
    assert before is not None and after is not None and after["x"] < before["x"] - 100
    page.get_by_role("button", name="Ganzes Gebiet zeigen").click()
    page.wait_for_timeout(700)
    back = sign.bounding_box()
    assert back is not None and abs(back["x"] - before["x"]) < 3


def test_a_row_of_the_table_shows_its_thing_on_the_map(opened: WatchedPage) -> None:
    page = opened.page
    page.get_by_role("button", name="Stelle c auf der Karte zeigen").click()
    page.get_by_role("dialog", name="Stelle c").wait_for()
    assert page.get_by_role("button", name="Stelle d auf der Karte zeigen").count() == 0


@pytest.mark.parametrize("width", [320, long(390), long(768)])
def test_narrow_screens_need_no_sideways_scrolling(opened: WatchedPage, width: int) -> None:
    page = opened.page
    page.set_viewport_size({"width": width, "height": 700})
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frame = page.locator(".wm-frame").bounding_box()
    legend = page.locator(".wm-legend").bounding_box()
    assert frame is not None and legend is not None
    assert legend["y"] >= frame["y"] + frame["height"] or legend["x"] >= frame["x"] + frame["width"]
    assert opened.list_violations() == []


def test_targets_are_at_least_24_pixels(opened: WatchedPage) -> None:
    page = opened.page
    page.set_viewport_size({"width": 320, "height": 700})
    page.reload()
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("button, .wm-sign, .wm-label-body, summary")]
          .filter(node => node.offsetParent !== null)
          .map(node => [node.className || node.tagName, node.offsetWidth, node.offsetHeight])"""
    )
    assert len(sizes) > 10
    assert [size for size in sizes if min(size[1:]) < 24] == []


@only_in_chromium("cannot ask for calm")
def test_nothing_moves_where_the_visitor_asks_for_calm(
    browser_page: WatchedPage, map_file: Path
) -> None:
    page = browser_page.page
    page.emulate_media(reduced_motion="reduce")
    page.goto(map_file.as_uri())
    assert page.locator(".leaflet-zoom-anim").count() == 0
    sign = page.get_by_role("button", name="Stelle a, geöffnet")
    page.get_by_role("button", name="Nach Osten verschieben").click()
    first = sign.bounding_box()
    page.wait_for_timeout(300)
    assert sign.bounding_box() == first


@only_in_chromium("cannot turn scripts off")
def test_without_scripts_the_table_is_there(chromium: Browser, map_file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(map_file.as_uri())
    notice = page.locator(".wm-noscript")
    assert notice.is_visible()
    assert "Dieselben Angaben stehen in der Tabelle" in notice.inner_text()
    assert page.get_by_role("cell", name="Presse: geschlossen (2023).").is_visible()
    context.close()


ATTACKS = (
    "<img src=x onerror=window.hit=1>",
    "</script><script>window.hit=1</script>",
    "`;window.hit=1;`",
    "${window.hit=1}",
    "\"'><svg onload=window.hit=1>",
    "{{ window.hit=1 }}{% raw %}",
    "</style><script>window.hit=1</script><!--",
    "\u2028window.hit=1;\u2029",
    "javascript:window.hit=1",
    "]]><x:script xmlns:x='http://www.w3.org/1999/xhtml'>window.hit=1</x:script>",
)


def attacked_map(basemap: Basemap) -> SheetMap:
    """A map on which every text of every thing is an attack."""
    everything = " ".join(ATTACKS)
    study = make_study(title=everything)
    areas = tuple(
        replace(
            area,
            name=attack,
            label=attack,
            share_text=attack,
            key=attack,
            facts=(Fact(attack, attack),),
            warnings=(attack,),
        )
        for area, attack in zip(study.areas, ATTACKS[:3], strict=True)
    )
    sites = tuple(
        make_site(
            attack,
            Sign.OPEN,
            (600 + 1200 * (k % 5), 700 + 700 * (k // 5)),
            name=attack,
            rank=attack[:1],
            warnings=(attack,),
        )
        for k, attack in enumerate(ATTACKS)
    )
    frame = replace(
        study.frame,
        subtitle=everything,
        remarks=ATTACKS,
        sources=tuple(Source(attack, attack) for attack in ATTACKS),
    )
    return draw_overview(replace(study, areas=areas, sites=sites, frame=frame), basemap)


def test_text_from_data_stays_text(
    browser_page: WatchedPage, tmp_path: Path, basemap: Basemap
) -> None:
    path = tmp_path / "attacked.html"
    write_map_html(attacked_map(basemap), path)
    page = browser_page.page
    page.emulate_media(reduced_motion="reduce")
    page.goto(path.as_uri())
    signs = page.locator(".wm-sign")
    assert signs.count() == len(ATTACKS)
    for number, attack in enumerate(ATTACKS):
        signs.nth(number).focus()
        page.keyboard.press("Enter")
        popup = page.locator(".leaflet-popup")
        popup.wait_for()
        assert popup.locator("h2").text_content() == attack
        assert popup.locator(".wm-warning").text_content() == attack
        page.keyboard.press("Escape")
        popup.wait_for(state="detached")
    assert page.evaluate("window.hit") is None
    assert page.locator("img, iframe, object, svg[onload], [onerror]").count() == 0
    assert page.locator("script").count() == 3


def test_the_policy_stops_what_folium_itself_would_let_through(
    browser_page: WatchedPage, tmp_path: Path, basemap: Basemap
) -> None:
    map_ = draw_overview(make_study(), basemap)
    (lat, lon), _ = map_.sheet.bounds
    attack = "<img src=data:, onerror=window.hit=1>"
    icon = folium.DivIcon(html=attack)
    folium.Marker([lat, lon], popup=TextPopup(attack), icon=icon).add_to(map_)
    path = tmp_path / "folium.html"
    write_map_html(map_, path)
    page = browser_page.page
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert page.locator("img[onerror]").count() >= 1
    assert page.evaluate("window.hit") is None
    # The driver of Firefox does not tell of a policy.
    assert IS_FIREFOX or [x for x in browser_page.errors if "Content Security Policy" in x]
    browser_page.errors.clear()


def test_a_popup_of_an_added_element_opens_and_says_what_it_was_given(
    browser_page: WatchedPage, tmp_path: Path, basemap: Basemap
) -> None:
    map_ = draw_overview(make_study(), basemap)
    (south, west), (north, east) = map_.sheet.bounds
    text = "`a` ${1+1} {{ 2 + 2 }} {% raw %} \\n \u2028 \" ' </script> $(x)"
    folium.Marker(
        [(south + north) / 2, (west + east) / 2],
        popup=TextPopup(text),
        icon=folium.DivIcon(html="sign", class_name="own-sign"),
    ).add_to(map_)
    shown = TextPopup("<b>`shown` at once</b>", show=True)
    folium.CircleMarker([south, west], popup=shown).add_to(map_)
    path = tmp_path / "popup.html"
    write_map_html(map_, path)
    page = browser_page.page
    page.emulate_media(reduced_motion="reduce")
    page.goto(path.as_uri())
    popup = page.locator(".leaflet-popup-content")
    assert popup.inner_text() == "<b>`shown` at once</b>"
    page.keyboard.press("Escape")
    page.locator(".own-sign").dispatch_event("click")
    assert popup.last.text_content() == text
    # folium sets sizes in style attributes, which the policy does not take: nothing else is wrong.
    assert all("Content Security Policy" in error for error in browser_page.errors)
    browser_page.errors.clear()


def test_sites_at_one_place_step_aside_and_keep_a_line_to_it(
    browser_page: WatchedPage, tmp_path: Path, basemap: Basemap
) -> None:
    study = make_study()
    twins = tuple(make_site(f"t{k}", Sign.OPEN, (3000, 600)) for k in range(4))
    path = tmp_path / "twins.html"
    write_map_html(draw_overview(replace(study, sites=twins), basemap), path)
    page = browser_page.page
    page.goto(path.as_uri())
    boxes = [page.locator(".wm-sign").nth(k).bounding_box() for k in range(4)]
    centres = [(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes if b]
    gaps = [
        ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5
        for k, a in enumerate(centres)
        for b in centres[k + 1 :]
    ]
    assert min(gaps) >= 26
    assert page.locator('.leaflet-pane.leaflet-wm-ways-pane path[stroke="#1A1A1A"]').count() == 8


@only_in_chromium("cannot show a printed page")
def test_the_printed_page_keeps_heading_map_and_tables_and_drops_buttons(
    opened: WatchedPage,
) -> None:
    page = opened.page
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert page.locator(".wm-frame").is_visible()
    assert page.get_by_role("cell", name="Presse: geschlossen (2023).").is_visible()
    for hidden in (".wm-buttons", ".wm-skip", ".wm-foot details", "[data-wm-show]"):
        assert not page.locator(hidden).first.is_visible(), hidden
