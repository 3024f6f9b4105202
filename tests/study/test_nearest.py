"""From an address to the nearest offices, in Rechteckstadt, whose distances are worked by hand.

Hauptstraße runs along y = 1000: number n stands at x = 10 n - 5, odd ones 10 m south of it. In
district 1 streets are a grid of 100 m, so a way along x is as long as the difference of x, plus the
steps from the door to the street. Offices of 2025: a2 at (500, 1000), disputed b2 at (3000, 1000).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from tests.worlds import SITES, at, load_rechteckstadt
from welcomemap.crs import unproject
from welcomemap.describe.answers import show_nearest
from welcomemap.describe.contract import to_builtins
from welcomemap.geocoding.outcome import Outcome
from welcomemap.region.pack import RegionPack
from welcomemap.study.nearest import LocatorAnswer
from welcomemap.study.study import Study

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_10 = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN)
WALK_M_PER_MIN = 72.0


@pytest.fixture(scope="module")
def locator(tiny_pack: RegionPack) -> Study:
    return Study(tiny_pack)


def point(site: str, x: float, y: float, status: str = "open", **cells: str) -> dict[str, str]:
    lat, lon = unproject(np.array([at(x, y)]))
    return {"id": site, "status": status, "lat": f"{lat[0]:.9f}", "lon": f"{lon[0]:.9f}", **cells}


def with_points(pack: RegionPack, folder: Path, *points: dict[str, str]) -> Study:
    """Return a locator whose list of 2025 holds exactly these points."""
    rows = pd.DataFrame(points)
    frame = pack.service_points.iloc[:0].reindex(range(len(rows))).fillna("").astype(object)
    fixed = {
        "name": "Stelle",
        "operator": "Verein",
        "address": "Hauptstraße 1",
        "scenario": "2025",
        "kind": "welcome_point",
        "location_outcome": "exact",
        "error_radius_m": "0",
        "source": "tiny world",
        "location_source": "tiny world",
    }
    table = frame.assign(**fixed)
    for name in rows:
        table[name] = rows[name].fillna("")
    return Study(load_rechteckstadt(folder, service_points=table))


def ids(answer: LocatorAnswer) -> list[str]:
    return [site.id for site in answer.sites]


def test_the_nearest_comes_first_with_metres_along_the_grid(locator: Study) -> None:
    # Number 101 stands at (1005, 990): 505 m along x and 10 m to the street, at most 10 m more.
    answer = locator.find_nearest("Hauptstraße 101")
    assert answer.address.outcome is Outcome.EXACT
    assert ids(answer) == ["a2", "b2"]
    nearest = answer.sites[0]
    assert nearest.basis == "streets"
    assert nearest.distance_m == pytest.approx(515, abs=15)
    assert nearest.duration_min == pytest.approx(nearest.distance_m / WALK_M_PER_MIN, rel=0.02)
    assert nearest.interval_min[0] <= nearest.duration_min <= nearest.interval_min[1]


def test_ways_beyond_the_known_streets_are_estimates_by_the_regions_factor(
    locator: Study,
) -> None:
    # Number 249 stands at (2485, 990) in district 2, whose streets are not known: 515 m to b2.
    nearest = locator.find_nearest("Hauptstraße 249").sites[0]
    straight_m = float(np.hypot(3000 - 2485, 10))
    assert (nearest.id, nearest.basis) == ("b2", "estimate")
    assert nearest.distance_m == pytest.approx(1.23 * straight_m, rel=0.01)
    assert nearest.interval_m is not None
    assert nearest.interval_m[0] <= 1.13 * straight_m + 1
    assert nearest.interval_m[1] >= 1.47 * straight_m - 1


def test_a_disputed_site_is_listed_and_says_so(locator: Study) -> None:
    answer = locator.find_nearest("Hauptstraße 299")
    assert [(site.id, site.status) for site in answer.sites] == [("b2", "disputed"), ("a2", "open")]


def test_planned_closed_and_unlocated_sites_are_nobodys_nearest(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    built = with_points(
        tiny_pack,
        tmp_path,
        point("planned", 1000, 1000, "planned"),
        point("closed", 1010, 1000, "closed"),
        point("nowhere", 0, 0) | {"lat": "", "lon": "", "address": "", "location_outcome": ""},
        point("far", 100, 1000),
    )
    assert ids(built.find_nearest("Hauptstraße 101")) == ["far"]


def test_of_two_at_the_same_place_the_first_name_comes_first(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    built = with_points(tiny_pack, tmp_path, point("z", 500, 1000), point("b", 500, 1000))
    answer = built.find_nearest("Hauptstraße 101")
    assert ids(answer) == ["b", "z"]
    assert answer.sites[0].duration_min == answer.sites[1].duration_min


def test_a_list_without_sites_gives_none(tiny_pack: RegionPack, tmp_path: Path) -> None:
    built = with_points(tiny_pack, tmp_path, point("planned", 1000, 1000, "planned"))
    answer = built.find_nearest("Hauptstraße 101")
    assert answer.address.outcome is Outcome.EXACT
    assert answer.sites == ()


@pytest.mark.parametrize("text", ["Zaubernußweg 77", "Hauptstraße 1, 50667 Köln", "???", ""])
def test_an_address_that_is_unknown_or_elsewhere_gets_no_sites(locator: Study, text: str) -> None:
    answer = locator.find_nearest(text)
    assert answer.sites == ()
    assert answer.address.outcome in (Outcome.OUTSIDE, Outcome.NOT_FOUND)


def test_an_uncertain_address_widens_the_interval(locator: Study) -> None:
    exact = locator.find_nearest("Hauptstraße 101").sites[0]
    # Number 107 ends in 7 and is therefore not in the address list.
    placed = locator.find_nearest("Hauptstraße 107")
    radius_m = placed.address.error_radius_m or 0.0
    assert placed.address.outcome is Outcome.INTERPOLATED and radius_m > 0
    site = placed.sites[0]
    assert exact.interval_m is not None and site.interval_m is not None
    width = site.interval_m[1] - site.interval_m[0]
    assert width >= exact.interval_m[1] - exact.interval_m[0]
    assert site.interval_m[0] <= site.distance_m - radius_m + 1  # type: ignore[operator]


def test_bicycles_are_quicker_and_lines_are_never_slower_than_walking(locator: Study) -> None:
    walk = {site.id: site for site in locator.find_nearest("Hauptstraße 449").sites}
    cycle = {site.id: site for site in locator.find_nearest("Hauptstraße 449", mode="cycle").sites}
    transit = {
        site.id: site for site in locator.find_nearest("Hauptstraße 449", mode="transit").sites
    }
    assert set(walk) == set(cycle) == set(transit)
    for site, on_foot in walk.items():
        assert cycle[site].duration_min < on_foot.duration_min
        assert transit[site].duration_min <= on_foot.duration_min
        assert transit[site].distance_m is None and transit[site].interval_m is None
    # 4485 to 500: four kilometres on foot, past a tram stop every kilometre.
    assert transit["a2"].duration_min < walk["a2"].duration_min
    assert transit["a2"].basis == "estimate"


def test_hours_are_judged_only_where_they_are_recent(tiny_pack: RegionPack, tmp_path: Path) -> None:
    hours = "Mo-Fr 09:00-17:00"
    built = with_points(
        tiny_pack,
        tmp_path,
        point("now", 100, 1000, opening_hours=hours, opening_hours_as_of="2026-06"),
        point("old", 200, 1000, opening_hours=hours, opening_hours_as_of="2015-09-02"),
        point("none", 300, 1000),
    )
    open_ = {
        s.id: s.is_open_now for s in built.find_nearest("Hauptstraße 101", now=MONDAY_10).sites
    }
    assert open_ == {"now": True, "old": None, "none": None}
    closed = {s.id: s.is_open_now for s in built.find_nearest("Hauptstraße 101", now=SUNDAY).sites}
    assert closed == {"now": False, "old": None, "none": None}


def test_the_embedded_regions_old_hours_are_never_judged(default_pack: RegionPack) -> None:
    locator = Study(default_pack)
    answer = locator.find_nearest("Gumbertstraße 150", now=MONDAY_10)
    old = [site for site in answer.sites if site.facts["opening_hours_as_of"]]
    assert old
    assert {site.is_open_now for site in old} == {None}


def test_another_scenario_is_another_list(locator: Study) -> None:
    assert ids(locator.find_nearest("Hauptstraße 101", scenario="2020")) == ["a", "b"]
    planned = [site["id"] for site in SITES if site["status"] == "planned"]
    assert planned == ["c"]


def test_the_answer_as_json_has_the_promised_keys(locator: Study, tiny_pack: RegionPack) -> None:
    found = locator.find_nearest("Hauptstraße 101")
    described = to_builtins(show_nearest(found, tiny_pack.crs))
    assert described["mode"] == "walk"
    assert {
        "id",
        "name",
        "operator",
        "address",
        "lat",
        "lon",
        "district",
        "status",
        "distance_m",
        "duration_min",
        "interval_min",
        "basis",
        "is_open_now",
        "valid_from",
        "valid_to",
    } <= set(described["sites"][0])
    lat, lon = unproject(np.array([at(500, 1000)]))
    assert described["sites"][0]["lat"] == pytest.approx(lat[0], abs=1e-6)
    assert described["sites"][0]["lon"] == pytest.approx(lon[0], abs=1e-6)


def test_an_office_without_a_place_is_told_and_not_lost(tiny_pack: RegionPack, tmp_path: Path):
    study = with_points(
        tiny_pack, tmp_path / "p",
        point("near", 600, 1000), {"id": "z", "name": "Zett", "phone": "1", "status": "open"},
        {"id": "y", "name": "Ypsilon", "status": "disputed"}, {"id": "x", "status": "closed"},
    )  # fmt: skip
    answer = study.find_nearest("Hauptstraße 101", limit=1)
    assert ids(answer) == ["near"]
    assert [site.id for site in answer.without_place] == ["y", "z"]
    told = to_builtins(show_nearest(answer, study.pack.crs))
    assert [site["phone"] for site in told["without_place"]] == [None, "1"]


def test_the_way_to_an_office_known_by_its_street_is_no_measured_one(
    tiny_pack: RegionPack, tmp_path: Path
):
    rough = {"location_outcome": "street", "error_radius_m": "300"}
    study = with_points(
        tiny_pack, tmp_path / "p", point("house", 500, 1000), point("street", 500, 1000, **rough)
    )
    house, street = study.find_nearest("Hauptstraße 101").sites
    assert (house.basis, house.known_within_m) == ("streets", None)
    assert (street.basis, street.known_within_m) == ("estimate", 300.0)
    assert street.distance_m == house.distance_m
    assert house.interval_m is not None and street.interval_m is not None
    assert street.interval_m[0] == pytest.approx(house.interval_m[0] - 300)
    assert street.interval_m[1] == pytest.approx(house.interval_m[1] + 300)
