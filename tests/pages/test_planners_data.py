"""Planners' data in a real browser: wrong files, packs, addresses to mend, saved studies."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.cases import long, short
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

PACK = Path(__file__).parents[2] / "geodata"
PAGES = (
    "coverage?view=district&since=2019", "coverage?view=quarter", "coverage?view=reach",
    "compare", "layers", "layers?part=addresses", "layers?part=list", "layers?part=districts",
    "layers?part=quality", "layers?part=pack", "export",
)  # fmt: skip


@pytest.mark.parametrize("address", short(("compare", "layers?part=list"), PAGES))
def test_a_page_has_no_fault_for_screen_readers_and_fits_a_phone(
    chromium: Browser, app_url: str, address: str
) -> None:
    sign = "&" if "?" in address else "?"
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/{address}{sign}lang=de")
        assert watched.list_violations() == []
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(400)
        main = page.locator('[data-testid="stMain"]')
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        long("liste.csv", b"%PDF-1.7 x", "PDF"),
        long("liste.csv", b"", "leer"),
        long("liste.csv", b"id,name\n1,x\n", "address"),
        long("liste.xlsx", b"PK\x03\x04nonsense", "Arbeitsmappe"),
        ("liste.csv", LIST.replace("2026-01-01", "=cmd()").encode(), "valid_from"),
    ],
)
def test_a_wrong_file_gets_a_message_that_says_what_to_do(
    chromium: Browser, app_url: str, name: str, content: bytes, told: str
) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/layers?lang=de&part=list")
        upload(page, name, content, "Prüfen und verwenden")
        alert = page.get_by_role("alert").filter(has_text="kann nicht verwendet werden")
        expect(alert).to_contain_text(told)
        expect(page.get_by_role("button", name="Entfernen")).to_have_count(0)


def make_zip(**more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {path.name: path.read_bytes() for path in PACK.iterdir()}
        for name, content in (files | more).items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.long
def test_a_whole_pack_is_checked_and_used_in_this_session_only(
    chromium: Browser, app_url: str
) -> None:
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/layers?lang=de&part=pack")
        upload(page, "böse.zip", make_zip(**{"../evil.csv": b"x"}), "Prüfen und verwenden")
        expect(page.get_by_text("läge außerhalb des Ordners")).to_be_visible()
        upload(page, "pack.zip", make_zip(), "Prüfen und verwenden")
        expect(page.get_by_text("Diese Sitzung arbeitet jetzt mit dem Paket")).to_be_visible(
            timeout=60_000
        )
        go_to(page, "Abdeckung und Lücken")
        expect(page.locator(".wm-figures")).to_be_visible(timeout=60_000)


def test_a_district_layer_gets_a_check_report(chromium: Browser, app_url: str) -> None:
    layer = json.loads((PACK / "districts.geojson").read_text("utf-8"))
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/layers?lang=de&part=districts")
        upload(page, "bezirke.geojson", json.dumps(layer).encode(), "Prüfen")
        expect(page.get_by_text("Die Ebene ist in Ordnung.")).to_be_visible()
        layer["features"] = layer["features"][1:]
        upload(page, "bezirke.geojson", json.dumps(layer).encode(), "Prüfen")
        expect(page.get_by_text("Die Ebene hat Fehler.")).to_be_visible()
        report = page.get_by_role("region", name="Prüfbericht")
        expect(report.get_by_role("row", name="Bedeckt dieselbe Stadt")).to_contain_text(
            "bitte berichtigen"
        )


@pytest.mark.long
def test_doubtful_addresses_are_mended_and_saved(chromium: Browser, app_url: str) -> None:
    table = "Name;Adresse\n=2+2;Kölner Straße 26\nB;Nirgendwoallee 77\n"
    with planner(chromium) as watched:
        page = open_planners(watched, f"{app_url}/layers?lang=de&part=addresses")
        upload(page, "adressen.csv", table.encode(), "Adressen suchen")
        field = page.get_by_role("textbox", name="Zeile 2: Adresse")
        expect(field).to_have_value("Nirgendwoallee 77")
        assert watched.list_violations() == []
        field.fill("Gumbertstraße 150")
        page.get_by_role("button", name="Übernehmen und neu suchen").click()
        wait_until_still(page)
        expect(page.get_by_text("Nichts mehr zu tun.")).to_be_visible()
        name, content = read_download(page, "Als CSV speichern")
        rows = content.decode("utf-8-sig").splitlines()
        assert name == "adressen-geocoded.csv"
        assert rows[1].startswith("'=2+2;Kölner Straße 26;exact;")
        assert "Gumbertstraße 150" in rows[2]
        assert "umbert" not in page.url


@pytest.mark.long
def test_a_study_is_saved_and_opened_by_somebody_else(chromium: Browser, app_url: str) -> None:
    with planner(chromium) as first, planner(chromium) as second:
        mine = open_planners(first, f"{app_url}/layers?lang=de&part=list")
        upload(mine, "plan.csv", LIST.encode(), "Prüfen und verwenden")
        go_to(mine, "Ausgabe")
        name, content = read_download(mine, "Studie als Datei speichern")
        assert name == "welcomemap-study.json"
        theirs = open_planners(second, f"{app_url}/export?lang=de")
        upload(theirs, "kaputt.json", b'{"format": 1}', "Studie öffnen")
        expect(theirs.get_by_text("das ist keine Studiendatei")).to_be_visible()
        upload(theirs, name, content, "Studie öffnen")
        expect(theirs.get_by_text("Die Studie ist geöffnet.")).to_be_visible()
        assert parse_qs(urlsplit(theirs.url).query)["scenario"] == ["plan"]
