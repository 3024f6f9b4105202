"""What an analyst gets in a notebook, on the hand-worked city (see :mod:`tests.worlds`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

import welcomemap as wm
from tests.worlds import at
from welcomemap.api import Answer
from welcomemap.errors import CrsError, GeometryError, UnknownScenarioError, UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.study.study import Study

METRIC, DEGREES = "EPSG:25832", "EPSG:4326"


@pytest.fixture(scope="module")
def region(tiny_pack: RegionPack) -> wm.Region:
    return wm.Region(Study(tiny_pack))


def points(*places: tuple[float, float], **columns: list[object]) -> gpd.GeoDataFrame:
    """Return places, metres from the corner, in the city's CRS."""
    x, y = zip(*(at(*place) for place in places), strict=True)
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y), crs=METRIC)


def test_a_region_is_opened_and_says_what_it_is(tiny_pack: RegionPack) -> None:
    region = wm.open_region(tiny_pack.folder)
    assert repr(region) == (
        "Region('Rechteckstadt', scenarios 2020, 2025, 3 districts, EPSG:25832)"
    )
    assert region.sites("2020").index.tolist() == ["a", "b", "c"]
    assert region.sites("2020").geometry.isna().tolist() == [False, False, True]


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, welcomemap; print(sorted({'pandas', 'numpy', 'shapely'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_addresses_get_their_places_and_keep_their_rows(region: wm.Region) -> None:
    table = pd.DataFrame(
        {"who": ["x", "y", "z"], "Straße": ["Hauptstraße"] * 2 + ["Nixweg"], "Nr.": [300, 301, 1]},
        index=["c", "a", "b"],
    )
    found = region.geocode(table)
    assert found.index.tolist() == ["c", "a", "b"]
    assert found["outcome"].tolist() == ["exact", "exact", "not_found"]
    assert found["district"].tolist()[:2] == [2, 2]
    assert (found.crs, found["Nr."].tolist()) == (METRIC, [300, 301, 1])
    # Even numbers lie at y = 1010, 10 m a number.
    assert found.geometry["c"].distance(points((2995, 1010)).geometry[0]) < 0.2
    assert found.geometry["b"] is None
    assert region.geocode("Hauptstraße 300")["matched"].tolist() == [
        "Hauptstraße 300, 99002 Rechteckstadt"
    ]
    assert region.geocode(pd.Series(["Hauptstraße 300"], index=[7])).index.tolist() == [7]


def test_a_column_of_the_same_name_is_kept_under_another(region: wm.Region) -> None:
    table = pd.DataFrame({"address": ["Hauptstraße 300"], "outcome": ["mine"]})
    found = region.geocode(table, columns=["address"])
    assert found[["outcome_given", "outcome"]].to_numpy().tolist() == [["mine", "exact"]]


def test_what_was_unusual_about_a_table_is_warned_of(region: wm.Region) -> None:
    table = pd.DataFrame({"Straße": ["Hauptstraße"], "Nr.": ["300"], "Stadt": ["Köln"]})
    with pytest.warns(UserWarning, match="hold no number and were not read"):
        region.geocode(table.assign(Bezirk=["x"]).drop(columns="Stadt"))


@pytest.mark.parametrize("crs", [METRIC, DEGREES, "EPSG:3857"])
def test_the_nearest_site_is_the_same_in_every_crs(region: wm.Region, crs: str) -> None:
    # 505 m along the street to a2 at (500, 1000), known streets: a junction each 100 m.
    origins = points((1005, 1000), (2990, 1000), who=["p", "q"]).set_index("who").to_crs(crs)
    near = region.nearest(origins, k=1)
    assert near[["origin", "rank", "id"]].to_numpy().tolist() == [["p", 1, "a2"], ["q", 1, "b2"]]
    assert near["distance_m"].tolist() == pytest.approx([505.0, 12.3], abs=1.0)
    assert near.crs == METRIC


def test_what_has_no_sure_place_has_no_nearest_site(region: wm.Region) -> None:
    found = region.geocode(["Hauptstraße 100", "Nixweg 1"])
    assert region.nearest(found)["origin"].unique().tolist() == [0]
    assert region.nearest("Hauptstraße 100", k=2)["rank"].tolist() == [1, 2]
    assert region.nearest("Nixweg 1").empty
    assert region.nearest("Nixweg 1").crs == METRIC
    with pytest.raises(UsageError, match="k is 0"):
        region.nearest("Hauptstraße 100", k=0)


def test_an_uncertain_place_widens_the_interval(region: wm.Region) -> None:
    exact = points((1005, 1000), error_radius_m=[0.0])
    rough = points((1005, 1000), error_radius_m=[100.0])
    width = [
        float((near["distance_m_upper"] - near["distance_m_lower"]).iloc[0])
        for near in (region.nearest(exact, k=1), region.nearest(rough, k=1))
    ]
    # 100 m at either end, and the site's own 10 m are in both.
    assert width[1] - width[0] == pytest.approx(200.0, abs=2.0)


def test_costs_are_labelled_by_both_frames(region: wm.Region) -> None:
    origins = points((500, 1000), (900, 1000), name=["o", "p"]).set_index("name")
    costs = region.cost_matrix(origins.to_crs(DEGREES), points((700, 1000)))
    assert costs.index.tolist() == ["o", "p"]
    assert costs[0].tolist() == pytest.approx([200.0, 200.0], abs=1.0)
    assert region.cost_matrix(origins).columns.tolist() == ["a2", "b2"]
    minutes = region.cost_matrix(origins, points((700, 1000)), unit="min")
    assert minutes[0].tolist() == pytest.approx([200 / 72] * 2, abs=0.02)


def test_a_row_without_a_place_has_unknown_costs(region: wm.Region) -> None:
    origins = points((500, 1000), (900, 1000))
    origins.loc[1, "geometry"] = None
    costs = region.cost_matrix(origins, points((700, 1000)))
    assert np.isnan(costs[0]).tolist() == [False, True]


def test_service_areas_come_in_the_crs_of_the_sites(region: wm.Region) -> None:
    # Beyond the known streets: a circle of 1000 m / 1.23 around the site, no river within.
    site = points((3000, 1000), name=["s"]).set_index("name")
    areas = region.service_area(site.to_crs(DEGREES), "1000m")
    assert (areas.crs, areas.index.tolist()) == (DEGREES, ["s"])
    assert areas["covered_area_km2"].iloc[0] == pytest.approx(np.pi * (1 / 1.23) ** 2, rel=0.02)
    assert region.service_area("2025", "500m").index.tolist() == ["a2", "b2"]


def test_coverage_counts_cells(region: wm.Region) -> None:
    rows = region.coverage("2020", ["500m", "1000m"], group=["residents", "under_18"])
    city = rows.query("area_kind == 'city' and group == 'residents'").set_index("threshold")
    assert city["total"].tolist() == [1200.0, 1200.0]
    assert (city["share"] == city["covered"] / 1200).all()
    assert (city["share_lower"] <= city["share"]).all()
    assert len(rows) == 2 * 2 * (1 + 3 + 4)
    assert city.geometry.iloc[0].area == pytest.approx(12e6)
    west = rows.query("area_kind == 'quarter' and area == '011'").geometry.iloc[0]
    assert west.area == pytest.approx(2e6)


def test_gaps_name_the_unserved_districts(region: wm.Region) -> None:
    gaps = region.gaps("2020")
    assert gaps.districts.query("located_unserved").index.tolist() == [3]
    assert gaps.districts.loc[3, "planned"] == ("c",)
    assert gaps.areas["rank"].tolist() == list(range(1, len(gaps.areas) + 1))
    assert gaps.areas.crs == gaps.districts.crs == METRIC
    assert any("Stadtbezirk 3" in sentence for sentence in gaps.tell("de"))
    assert any("district 3" in sentence for sentence in gaps.tell("en"))


def test_a_scenario_may_be_a_frame(region: wm.Region) -> None:
    own = points((5000, 1000), name=["Mine"], id=["m"]).to_crs(DEGREES)
    assert region.gaps(own).districts["located"].to_dict() == {1: (), 2: (), 3: ("m",)}
    assert region.sites(own)["status"].to_dict() == {"m": "open"}
    by_address = pd.DataFrame({"id": ["n"], "name": ["N"], "address": ["Hauptstraße 500"]})
    assert region.gaps(by_address).districts.loc[3, "located"] == ("n",)


def test_a_difference_between_a_list_and_a_frame(region: wm.Region) -> None:
    same = region.sites("2020").dropna(subset="geometry").drop(columns=["district"])
    rows = region.diff("2020", same, "1000m").rows
    assert rows[["gained", "lost"]].to_numpy().max() == 0.0
    none_there = points((5000, 1000), id=["m"])
    city = region.diff("2020", none_there, "1000m").rows.query("area_kind == 'city'").iloc[0]
    before = region.coverage("2020", "1000m").iloc[0]["covered"]
    after = region.coverage(none_there, "1000m").iloc[0]["covered"]
    assert city["gained"] - city["lost"] == pytest.approx(after - before)


def test_siting_among_own_candidates(region: wm.Region) -> None:
    mine = points((5000, 1000), (5100, 1000), (5900, 1900), id=["mid", "near", "corner"])
    best = region.site("mclp", 1, candidates=mine, threshold="1000m", scenario="2020")
    assert best.status == "optimal"
    assert best.optimal_sets[0] in (("mid",), ("near",))
    assert best.sites.index.tolist() == list(best.optimal_sets[0])
    added = mine[mine["id"].isin(best.optimal_sets[0])]
    whole = pd.concat(
        [
            region.sites("2020").dropna(subset="geometry").reset_index()[["id", "geometry"]],
            added[["id", "geometry"]],
        ]
    )
    covered = region.coverage(gpd.GeoDataFrame(whole, crs=METRIC), "1000m").iloc[0]["covered"]
    assert best.objective == pytest.approx(covered)


def test_comparing_own_candidates(region: wm.Region) -> None:
    mine = points((5000, 1000), (600, 1000), id=["east", "beside_a"])
    answer = region.compare(mine, scenario="2020")
    assert answer.candidates["rank"].to_dict() == {"east": 1, "beside_a": 2}
    assert region.compare(scenario="2020").candidates.index.tolist() == ["east", "mid"]


def test_maps_and_papers_are_written(region: wm.Region, tmp_path: Path) -> None:
    drawn = region.map("2025", language="en")
    page = drawn.save(tmp_path / "map.html").read_text("utf-8")
    assert "District 3" in page
    assert "srcdoc=" in drawn._repr_html_()
    files = region.report(tmp_path / "paper.csv", scenario="2025", language="en")
    assert files[0].name == "paper.csv"
    assert files[-1].name == "paper.study.json"


def test_what_is_wrong_with_a_frame_is_a_named_value_error(region: wm.Region) -> None:
    places = points((500, 1000))
    for frame, match in (
        (places.set_crs(None, allow_override=True), "no CRS"),
        (
            places.to_crs(DEGREES).set_crs(METRIC, allow_override=True),
            "in metres, and holds degrees",
        ),
        (places.set_crs(DEGREES, allow_override=True), "in degrees, and holds x 340500"),
    ):
        for ask in (region.nearest, region.cost_matrix, region.service_area, region.coverage):
            with pytest.raises(CrsError, match=match) as raised:
                ask(frame)  # type: ignore[operator]
            assert isinstance(raised.value, ValueError)
    lines = gpd.GeoDataFrame(geometry=[LineString([at(0, 0), at(1, 1)])], crs=METRIC)
    with pytest.raises(GeometryError, match="a LineString, not a point"):
        region.nearest(lines)
    with pytest.raises(KeyError, match="no scenario '1999x'") as raised:
        region.gaps("1999x")
    assert isinstance(raised.value, UnknownScenarioError)
    with pytest.raises(ValueError, match="neither a geometry nor"):
        region.gaps(pd.DataFrame({"x": [1]}))
    with pytest.raises(ValueError, match="is not understood"):
        region.coverage("2020", "1 km")


def test_what_is_shown_is_short(region: wm.Region) -> None:
    answers: list[Answer] = [
        region.gaps("2020"),
        region.diff("2020", "2025"),
        region.site("mclp", 1, scenario="2020"),
        region.compare(scenario="2020"),
    ]
    for answer in answers:
        assert len(repr(answer)) < 120
        assert len(answer._repr_html_()) < 20_000
        assert "<table" in answer._repr_html_()
        assert all(isinstance(sentence, str) for sentence in answer.tell("en"))
