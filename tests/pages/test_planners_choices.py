"""A planner's choices in a real browser: over the side bar, back, reload, to the paper."""

from __future__ import annotations

import io

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.planners import go_to, open_planners, planner, read_download, wait_until_still

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CHOSEN = {"Verzeichnis der Standorte": "2026", "Verkehrsmittel": "zu Fuß",
          "Gruppe": "65 Jahre und älter"}  # fmt: skip


def expect_chosen(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    wait_until_still(page)
    for name, value in CHOSEN.items():
        expect(page.get_by_role("combobox", name=name)).to_have_value(value)
    slider = page.locator('[data-testid="stSlider"] input[type="range"]').first
    expect(slider).to_have_attribute("aria-valuetext", "1.500\u00a0m")


@pytest.mark.long
def test_choices_go_along_over_the_side_bar_back_and_a_reload_into_the_paper(
    chromium: Browser, app_url: str
) -> None:
    with planner(chromium) as watched:
        # Only the table is made: it takes the least time.
        page = open_planners(watched, f"{app_url}/coverage?lang=de&forms=xlsx")
        page.locator('[data-testid="stSlider"] input[type="range"]').first.press("ArrowRight")
        wait_until_still(page)
        page.get_by_role("combobox", name="Gruppe").click()
        page.get_by_role("option", name=CHOSEN["Gruppe"]).click()
        wait_until_still(page)
        expect_chosen(page, "Abdeckung und Lücken")
        go_to(page, "Ausgabe")
        expect_chosen(page, "Ausgabe")
        page.go_back()
        expect_chosen(page, "Abdeckung und Lücken")
        page.go_forward()
        expect_chosen(page, "Ausgabe")
        page.reload()
        expect_chosen(page, "Ausgabe")
        page.get_by_role("button", name="Dateien erstellen").click()
        expect(page.get_by_text("Dateien sind fertig")).to_be_visible(timeout=90_000)
        _, content = read_download(page, "welcomemap.xlsx")
        sheets = openpyxl.load_workbook(io.BytesIO(content)).worksheets
        written = " ".join(str(cell) for sheet in sheets for row in sheet.values for cell in row)
        for chosen in ("1.500\u00a0m", "2026", "Menschen ab 65"):
            assert chosen in written
        for default in ("1.000\u00a0m", "300\u00a0m"):
            assert default not in written
        # Files of one setting are not offered for another.
        page.locator('[data-testid="stSlider"] input[type="range"]').first.press("ArrowRight")
        wait_until_still(page)
        expect(page.get_by_text("Dateien sind fertig")).to_have_count(0)


@pytest.mark.long
def test_a_click_on_the_map_adds_only_what_was_asked_for(chromium: Browser, app_url: str) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/compare?lang=de")
        rows = page.get_by_role("region", name="Rangfolge und wie weit sie trägt").get_by_role(
            "row"
        )
        expect(rows).to_have_count(5)
        frame = page.locator(".leaflet-container").first
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        assert box is not None
        inside = {"x": box["width"] * 0.42, "y": box["height"] * 0.2}
        outside = {"x": box["width"] * 0.06, "y": box["height"] * 0.9}
        frame.click(position=outside)
        said = "Der Klick lag außerhalb von Düsseldorf; darum kam kein Kandidat hinzu."
        expect(page.get_by_role("alert").filter(has_text="außerhalb")).to_have_text(said)
        expect(rows).to_have_count(5)
        frame.locator(".wm-sign").last.click()
        expect(page.get_by_role("dialog")).to_have_count(1)
        # The popup lies over much of the city: it is closed from where a click is told of.
        frame.click(position=outside)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.wait_for_timeout(1000)
        wait_until_still(page)
        expect(page.get_by_role("alert").filter(has_text="außerhalb")).to_have_count(0)
        expect(rows).to_have_count(5)
        # A popup moves the map, to be seen whole.
        page.get_by_role("button", name="Ganzes Gebiet zeigen").first.click()
        page.wait_for_timeout(1000)
        frame.click(position=inside)
        expect(rows).to_have_count(6)
