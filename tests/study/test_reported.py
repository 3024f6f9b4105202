"""What dated reports say of offices reaches whoever asks for the nearest one.

In Rechteckstadt, Hauptstraße runs along y = 1000 and number n stands at x = 10 n - 5, odd ones 10 m
south of it; offices of 2020 are a and b, of 2025 a2 at (500, 1000) and b2 at (3000, 1000).
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from tests.worlds import load_rechteckstadt
from welcomemap.describe.answers import show_site
from welcomemap.pages.find import describe_reports
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario
from welcomemap.study.nearest import NearbySite
from welcomemap.study.study import Study
from welcomemap.wording import PAGE_LANGUAGES, open_translator

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COUNTER = itertools.count()


def report(address: str, event: str, date: str, sites: str = "a;a2") -> dict[str, str]:
    return {
        "address": address, "event": event, "date": date, "districts": "1", "detail": "",
        "source": f"Rechteckbote {date}", "site_ids": sites,
    }  # fmt: skip


def ask(folder: Path, *reports: dict[str, str], scenario: str = "2025") -> dict[str, NearbySite]:
    """Return what is told at Hauptstraße 101, of each site, with these reports alone."""
    history = pd.DataFrame(reports)
    pack = load_rechteckstadt(folder / str(next(COUNTER)), site_history=history)
    answer = Study(pack).find_nearest("Hauptstraße 101", scenario=scenario, now=NOW)
    return {site.id: site for site in answer.sites}


def test_a_moved_office_is_where_it_moved_to(tmp_path: Path) -> None:
    site = ask(tmp_path, report("Hauptstraße 151", "opened", "2024-08-25"))["a2"]
    assert site.is_disputed and site.reported.moved_to == "Hauptstraße 151"
    # Number 151 stands at (1505, 990), number 101 at (1005, 990): 500 m, and twice 10 m to the
    # street, which has a node every 100 m.
    assert site.distance_m == pytest.approx(520, abs=15)
    told = show_site(site, "EPSG:25832")
    assert (told.moved_to, told.located_at) == ("Hauptstraße 151", "moved_to")
    assert told.is_disputed is True and told.is_open_now is None
    assert told.reports[0].date == "2024-08-25"


def test_a_report_later_than_the_list_counts_for_who_asks_today(tmp_path: Path) -> None:
    told = ask(tmp_path, report("Hauptstraße 151", "moved", "2024"), scenario="2020")
    assert told["a"].reported.moved_to == "Hauptstraße 151"


@pytest.mark.parametrize("date", ["2027", "2026-11-24"])
def test_what_is_reported_of_the_future_is_not_told(tmp_path: Path, date: str) -> None:
    site = ask(tmp_path, report("Hauptstraße 151", "moved", date))["a2"]
    assert not site.is_disputed and site.reported.moved_to is None


def test_a_new_address_that_nobody_can_locate_is_told_with_the_way_to_the_old_one(
    tmp_path: Path,
) -> None:
    plain = ask(tmp_path, report("Hauptstraße 300", "closed", "2024", "b2"))["a2"]
    site = ask(tmp_path, report("Zaubernußweg 7", "moved", "2024"))["a2"]
    assert site.reported.moved_to == "Zaubernußweg 7" and site.is_way_to_old_place
    assert show_site(site, "EPSG:25832").located_at == "address"
    assert (site.x, site.y, site.distance_m) == (plain.x, plain.y, plain.distance_m)
    assert any("the old one" in text for text in describe_reports(site, open_translator("en")))


def test_a_report_of_the_address_in_the_list_says_nothing_against_it(tmp_path: Path) -> None:
    address = ask(tmp_path, report("Hauptstraße 300", "closed", "2024", "b2"))["a2"].address
    site = ask(tmp_path, report(address, "confirmed", "2024"))["a2"]
    assert not site.is_disputed and site.reported.reports == ()
    assert show_site(site, "EPSG:25832").moved_to is None
    assert describe_reports(site, open_translator("de")) == ()


def test_a_list_without_a_site_is_no_fault(tmp_path: Path) -> None:
    pack = load_rechteckstadt(tmp_path)
    listed = load_scenario(pack, "2020")
    empty = replace(listed, frame=listed.frame.iloc[:0])
    locator = Study(pack)
    address = locator.geocoder.geocode("Hauptstraße 101")
    assert locator.rank_all([address], empty, "walk", NOW)[0].sites == ()


def test_of_move_and_closing_the_later_one_decides(tmp_path: Path) -> None:
    moved = report("Hauptstraße 151", "moved", "2022")
    site = ask(tmp_path, moved, report("Hauptstraße 151", "closed", "2024-02"))["a2"]
    assert site.is_disputed and site.reported.moved_to is None
    back = ask(tmp_path, report("Hauptstraße 151", "closed", "2021"), moved)["a2"]
    assert back.reported.moved_to == "Hauptstraße 151"


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_residents_read_source_date_and_new_address_in_their_language(
    tmp_path: Path, code: str
) -> None:
    translate = open_translator(code)
    moved = ask(tmp_path, report("Hauptstraße 151", "moved", "2024-08-25"))["a2"]
    said = " ".join(describe_reports(moved, translate))
    for part in ("Rechteckbote 2024-08-25", "Hauptstraße 151", moved.address, "2024"):
        assert part in said
    closed = ask(tmp_path, report("Hauptstraße 50", "closed", "2024"))["a2"]
    somewhere = ask(tmp_path, report("Altstadt", "closed", "2024"))["a2"]
    texts = {said, *(" ".join(describe_reports(site, translate)) for site in (closed, somewhere))}
    assert len(texts) == 3
    assert all(translate("Please call first.") in text for text in texts)


@pytest.mark.parametrize("scenario", ["2019", "2026"])
def test_nobody_in_the_embedded_region_is_sent_to_the_door_that_an_office_left(
    default_pack: RegionPack, scenario: str
) -> None:
    locator = Study(default_pack)
    answer = locator.find_nearest("Gumbertstraße 150", scenario=scenario, now=NOW)
    nearest = answer.sites[0]
    assert nearest.address.startswith("Gumbertstraße 160")
    assert nearest.reported.moved_to == "Gumbertstraße 119"
    # The house's own row of the address list, and not the one of number 160.
    rows = default_pack.addresses
    rows = rows[rows["street"] == "Gumbertstraße"].set_index("house_number").geometry
    x_new, x_old = (float(rows[number].x) for number in ("119", "160"))
    assert nearest.x == pytest.approx(x_new, abs=0.5) and abs(x_new - x_old) > 100


def test_every_report_against_the_embedded_list_is_told(default_pack: RegionPack) -> None:
    # By hand from service_points/history.csv: closings of 2023 and 2024, and one move.
    answer = Study(default_pack).find_nearest("Gumbertstraße 150", now=NOW)
    told = {site.id for site in answer.sites if site.is_disputed}
    assert told == {"wp2026-01", "wp2026-03c", "wp2026-05", "wp2026-08"}
    for site in answer.sites:
        assert bool(describe_reports(site, open_translator("de"))) is (site.id in told)
