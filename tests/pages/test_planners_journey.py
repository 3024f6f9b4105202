"""Planners in a real browser: from their own list to the paper, with links that hold a state."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.planners import (
    LIST,
    go_to,
    open_planners,
    planner,
    read_download,
    upload,
    wait_until_still,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SHARE = ".wm-figures dd >> nth=0"


def test_from_an_own_list_over_its_figures_to_the_files(chromium: Browser, app_url: str) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/layers?lang=de&part=list")
        upload(page, "mein plan.csv", LIST.encode(), "Prüfen und verwenden")
        expect(page.get_by_text("2 Standorte, 2 mit Ort")).to_be_visible()
        # Markup in a name is text, not markup.
        expect(page.get_by_role("cell", name="<b>Fett</b> =1+1")).to_be_visible()
        go_to(page, "Abdeckung und Lücken")
        assert parse_qs(urlsplit(page.url).query)["scenario"] == ["mein plan"]
        expect(page.get_by_role("heading", level=2).first).to_contain_text("ohne Welcome Point")
        expect(page.get_by_role("heading", level=2).first).not_to_contain_text("7")
        go_to(page, "Ausgabe")
        page.get_by_role("button", name="Dateien erstellen").click()
        expect(page.get_by_text("Dateien sind fertig")).to_be_visible(timeout=90_000)
        name, content = read_download(page, "Alle Dateien als ZIP")
        assert name == "welcomemap.zip"
        files = zipfile.ZipFile(io.BytesIO(content))
        assert {"welcomemap.pdf", "welcomemap.html", "welcomemap.xlsx"} <= set(files.namelist())
        assert files.read("welcomemap.pdf").startswith(b"%PDF")
        assert b"<b>Fett</b>" not in files.read("welcomemap.html")
        sheets = zipfile.ZipFile(io.BytesIO(files.read("welcomemap.xlsx")))
        assert not any(b"<f>" in sheets.read(part) for part in sheets.namelist())


@pytest.mark.long
def test_the_address_names_an_own_list_at_once_and_no_longer_when_it_is_removed(
    chromium: Browser, app_url: str
) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/layers?lang=de&part=list")
        upload(page, "mein plan.csv", LIST.encode(), "Prüfen und verwenden")
        expect(page.get_by_text("2 Standorte, 2 mit Ort")).to_be_visible()
        assert parse_qs(urlsplit(page.url).query)["scenario"] == ["mein plan"]
        page.get_by_role("button", name="Entfernen").click()
        expect(page.get_by_role("button", name="Entfernen")).to_have_count(0)
        wait_until_still(page)
        assert parse_qs(urlsplit(page.url).query)["scenario"] == ["2026"]


def test_two_planners_do_not_see_each_others_data(chromium: Browser, app_url: str) -> None:
    with planner(chromium) as first, planner(chromium) as second:
        mine = open_planners(first, f"{app_url}/layers?lang=de&part=list")
        upload(mine, "geheim.csv", LIST.encode(), "Prüfen und verwenden")
        go_to(mine, "Abdeckung und Lücken")
        link = mine.url
        assert "geheim" in link
        figure = mine.locator(SHARE).inner_text()
        theirs = open_planners(second, link)
        assert parse_qs(urlsplit(theirs.url).query)["scenario"] == ["2026"]
        # The name stands in the link they opened; what stands behind it is not theirs.
        said = "„Verzeichnis der Standorte“: „geheim“ ist hier nicht möglich. Es gilt 2026."
        expect(theirs.get_by_role("alert").filter(has_text="geheim")).to_have_text(said)
        theirs.get_by_role("combobox", name="Verzeichnis der Standorte").click()
        expect(theirs.get_by_role("option", name="2019")).to_be_visible()
        assert theirs.get_by_role("option", name="geheim").count() == 0
        assert theirs.locator(SHARE).inner_text() != figure
        assert "Neuer Punkt Gerresheim" not in theirs.content()


@pytest.mark.long
def test_a_link_holds_the_state_and_back_and_reload_keep_it(
    chromium: Browser, app_url: str
) -> None:
    with planner(chromium) as watched:
        page = open_planners(
            watched, f"{app_url}/coverage?lang=en&scenario=2019&threshold=500m&group=over_65"
        )
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.get_by_role("heading", level=1)).to_have_text("Coverage and gaps")
        small = page.locator(SHARE).inner_text()
        page.locator('[data-testid="stSlider"] input[type="range"]').first.press("ArrowRight")
        wait_until_still(page)
        assert parse_qs(urlsplit(page.url).query)["threshold"] == ["700m"]
        larger = page.locator(SHARE).inner_text()
        assert larger != small
        page.reload()
        expect(page.locator(SHARE)).to_have_text(larger.replace("\n", ""))
        query = parse_qs(urlsplit(page.url).query)
        assert (query["scenario"], query["group"]) == (["2019"], ["over_65"])


@pytest.mark.long
def test_the_back_button_brings_the_figures_before(chromium: Browser, app_url: str) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/coverage?lang=de&threshold=500m")
        before = page.locator(SHARE).inner_text()
        page.locator('[data-testid="stSlider"] input[type="range"]').first.press("ArrowRight")
        wait_until_still(page)
        expect(page.locator(SHARE)).not_to_have_text(before.replace("\n", ""))
        page.go_back()
        expect(page.locator(SHARE)).to_have_text(before.replace("\n", ""))
        assert parse_qs(urlsplit(page.url).query)["threshold"] == ["500m"]


def test_a_district_picked_on_the_map_shows_its_sheet_and_the_map_stays(
    chromium: Browser, app_url: str
) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/coverage?lang=de&district=7")
        expect(page.locator(".wm-sheet-card h3")).to_have_text("Stadtbezirk 7")
        frame = page.locator(".leaflet-container").first
        frame.evaluate("e => { e.wmMark = 'same'; }")
        page.get_by_role("button", name="Vergrößern").first.click()
        page.wait_for_timeout(600)
        state = page.locator('[data-testid="stApp"]').get_attribute("data-test-script-state")
        assert state == "notRunning"
        page.get_by_role("button", name="Ganzes Gebiet zeigen").first.click()
        # Labels step aside once the map has come to rest: a person waits for that as well.
        page.wait_for_timeout(1500)
        page.locator(".wm-label-body", has_text="Stadtbezirk 9").first.click()
        expect(page.locator(".wm-sheet-card h3")).to_have_text("Stadtbezirk 9")
        page.locator('[data-testid="stSlider"] input[type="range"]').first.press("ArrowLeft")
        wait_until_still(page)
        assert frame.evaluate("e => e.wmMark") == "same"
        expect(page.locator(".wm-sheet-card h3")).to_have_text("Stadtbezirk 9")


@pytest.mark.long
def test_candidates_are_added_by_address_and_click_and_never_stand_in_the_link(
    chromium: Browser, app_url: str
) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/compare?lang=de")
        page.get_by_text("Weitere Kandidaten hinzufügen").click()
        page.get_by_role("textbox", name="Adresse").fill("Gumbertstr. 150")
        page.get_by_role("button", name="Adresse hinzufügen").click()
        wait_until_still(page)
        table = page.get_by_role("region", name="Rangfolge und wie weit sie trägt")
        expect(table.get_by_role("row")).to_have_count(6)
        expect(table).to_contain_text("Gumbertstraße 150")
        assert "umbert" not in page.url
        frame = page.locator(".leaflet-container").first
        box = frame.bounding_box()
        assert box is not None
        frame.click(position={"x": box["width"] * 0.42, "y": box["height"] * 0.2})
        expect(table.get_by_role("row")).to_have_count(7)
        page.get_by_text("Was zählt wie viel? Gewichte ändern").click()
        slider = page.get_by_role("slider", name="Menschen zusätzlich in Reichweite")
        slider.press("ArrowRight")
        wait_until_still(page)
        assert "residents.2" in parse_qs(urlsplit(page.url).query)["weights"][0]
        page.get_by_role("button", name="Beste Auswahl berechnen").click()
        expect(page.get_by_text("Bewiesen: Keine andere Auswahl ist besser")).to_be_visible(
            timeout=60_000
        )
