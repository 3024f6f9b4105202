"""What an analyst gets in a notebook, on the hand-worked city (see :mod:`tests.worlds`)."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

import welcomemap as wm
from tests.worlds import at
from welcomemap.answers import Answer
from welcomemap.errors import (
    CrsError,
    DuplicateIdError,
    GeometryError,
    SwappedCoordinatesError,
    UnknownScenarioError,
    UsageError,
    WelcomemapError,
)
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
    west = rows.query("area_kind == 'quarter' and area_id == '011'").geometry.iloc[0]
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
        region.coverage("2020", "1 h")


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


def test_frames_that_come_out_are_copies(tiny_pack: RegionPack) -> None:
    region = wm.open_region(tiny_pack.folder)
    before = region.coverage("2020", "500m")["covered"].tolist()
    for name in ("districts", "quarters", "demand_cells"):
        frame = getattr(region, name)
        frame["residents"] = 0
        frame["district"] = 99
        frame.to_crs(4326, inplace=True)
    assert region.coverage("2020", "500m")["covered"].tolist() == before
    assert wm.open_region(tiny_pack.folder).districts["residents"].tolist() == [400, 400, 400]


def test_nothing_gives_nothing(region: wm.Region) -> None:
    none = points((0, 0)).iloc[:0]
    assert region.nearest(none).empty
    assert region.nearest([]).empty
    assert region.nearest(none)["distance_m"].dtype == np.float64
    assert region.cost_matrix(none).shape == (0, 2)
    assert region.cost_matrix(points((500, 1000)), none).shape == (1, 0)
    assert region.service_area(none).empty
    assert region.geocode([]).empty
    for ask in (region.coverage, region.gaps, region.map, region.sites):
        with pytest.raises(WelcomemapError, match="the list has no rows"):
            ask(none)  # type: ignore[operator]
    with pytest.raises(WelcomemapError, match="the table has no candidates"):
        region.compare(none)


def test_an_empty_point_is_no_place(region: wm.Region) -> None:
    origins = gpd.GeoDataFrame(geometry=[Point(), Point(*at(500, 1000)), None], crs=METRIC)
    assert region.nearest(origins, k=1)["origin"].tolist() == [1]
    assert np.isnan(region.cost_matrix(origins)["a2"]).tolist() == [True, False, True]
    assert region.service_area(origins, "500m").geometry.isna().tolist() == [True, False, True]


def test_missing_addresses_are_empty_rows(region: wm.Region) -> None:
    found = region.geocode(pd.Series(["Hauptstraße 300", np.nan, None, pd.NA, ""]), language="en")
    assert found["outcome"].tolist() == ["exact"] + ["not_found"] * 4
    assert set(found["explanation"].iloc[1:]) == {"The row holds no address."}


def test_a_geometry_given_is_kept_beside_the_one_found(region: wm.Region) -> None:
    given = points((1, 1), address=["Hauptstraße 300"])
    found = region.geocode(given)
    assert found["geometry_given"].iloc[0].equals(given.geometry.iloc[0])
    assert found.geometry.iloc[0].distance(Point(*at(2995, 1010))) < 0.2


def test_points_exchanged_or_far_away_are_told(region: wm.Region) -> None:
    here = points((500, 1000)).to_crs(DEGREES).geometry.iloc[0]
    swapped = gpd.GeoSeries([Point(here.y, here.x)], crs=DEGREES)
    for ask in (region.nearest, region.cost_matrix, region.service_area):
        with pytest.raises(SwappedCoordinatesError, match="exchanged: longitude 5"):
            ask(swapped)  # type: ignore[operator]
    berlin = gpd.GeoSeries([Point(13.4, 52.5)], crs=DEGREES)
    with pytest.warns(UserWarning, match=r"1 point\(s\) lie more than 25 km outside Rechteckstadt"):
        region.nearest(berlin)


def test_a_published_list_with_a_row_more_is_a_scenario(region: wm.Region) -> None:
    new = points((5000, 1000), name=["New"]).set_index(pd.Index(["n"], name="id"))
    after = pd.concat([region.sites("2020"), new])
    after.attrs["name"] = "2020 and one more"
    gaps = region.gaps(after)
    assert gaps.districts["located"].to_dict() == {1: ("a",), 2: ("b",), 3: ("n",)}
    assert "2020 and one more" in repr(gaps)
    dated = after.assign(valid_from=pd.Timestamp("2020-01-31 12:00"))
    assert region.sites(dated)["valid_from"].unique().tolist() == ["2020-01-31"]


def test_days_may_be_dates(region: wm.Region) -> None:
    for day in (date(2024, 6, 30), datetime(2024, 6, 30), pd.Timestamp("2024-06-30")):
        assert region.gaps(day).request.startswith("2024-06-30, ")


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda r: r.cost_matrix(points((1, 1)), unit="km"), "unit 'km' is not understood"),
        (lambda r: r.coverage(threshold=1000), "threshold '1000' is not understood"),
        (lambda r: r.gaps("2020", ["500m"]), "is not understood"),
        (lambda r: r.coverage(group=[]), "no group is given"),
        (lambda r: r.coverage(seed=-1), "seed is -1"),
        (lambda r: r.nearest("Hauptstraße 1", k=2.5), "k is 2.5"),
        (lambda r: r.nearest("Hauptstraße 1", now="2026"), "which is no moment"),
        (lambda r: r.nearest((6.7, 51.2)), "'6.7' is no address"),
        (lambda r: r.geocode(None), "'None' is no address"),
        (lambda r: r.geocode("Hauptstraße 1", language="fr"), "no sentences in 'fr'"),
        (lambda r: r.gaps().tell("fr"), "no sentences in 'fr'"),
        (lambda r: r.site(p=1.5), "p is 1.5"),
        (lambda r: r.gaps(mode="bike"), "mode bike"),
        (
            lambda r: r.geocode(pd.DataFrame([["a", "b"]], columns=["Straße", "Straße"])),
            "two columns 'Straße'",
        ),
    ],
)  # fmt: skip
def test_an_impossible_argument_is_a_named_value_error(
    region: wm.Region, ask: Callable[[wm.Region], object], match: str
) -> None:
    with pytest.raises(UsageError, match=match) as raised:
        ask(region)
    assert isinstance(raised.value, ValueError)


def test_one_text_is_one_name(region: wm.Region, tmp_path: Path) -> None:
    assert (
        region.geocode(pd.DataFrame({"Wo": ["Hauptstraße 300"]}), columns="Wo")["outcome"][0]
        == "exact"
    )
    assert region.site("mclp", 1, required="mid").optimal_sets == (("mid",),)
    assert region.site("mclp", 1, require_districts=3).status == "optimal"
    path = tmp_path / "mine.csv"
    path.write_text("id,address\nx,Hauptstraße 500\n", "utf-8")
    assert region.compare(str(path)).candidates.index.tolist() == ["x"]


def test_addresses_and_degrees_in_columns_are_origins(region: wm.Region) -> None:
    assert region.cost_matrix("Hauptstraße 50").shape == (1, 2)
    assert region.cost_matrix("Hauptstraße 50", "2020").columns.tolist() == ["a", "b"]
    here = points((500, 1000)).to_crs(DEGREES).geometry.iloc[0]
    table = pd.DataFrame({"lon": [here.x], "lat": [here.y]})
    assert region.nearest(table, k=1)["distance_m"].iloc[0] < 1


def test_tables_can_be_stored(region: wm.Region, tmp_path: Path) -> None:
    answers = {
        "coverage": region.coverage("2020"),
        "diff": region.diff("2020", "2025").rows,
        "gaps": region.gaps("2020").districts,
        "areas": region.gaps("2020").areas,
        "nearest": region.nearest("Hauptstraße 50"),
        "transit": region.nearest("Hauptstraße 50", mode="transit"),
        "sites": region.sites("2020"),
        "candidates": region.compare(scenario="2020").candidates,
    }
    for name, frame in answers.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
    assert answers["transit"]["distance_m"].isna().all()
    assert answers["transit"]["distance_m"].dtype == np.float64
    assert answers["sites"]["district"].isna().tolist() == [False, False, True]


def test_a_region_comes_whole_out_of_another_process(region: wm.Region) -> None:
    again = pickle.loads(pickle.dumps(region))  # noqa: S301 - its own
    assert again.gaps("2020").districts["share"].equals(region.gaps("2020").districts["share"])


def test_a_frame_of_candidates_may_not_take_the_id_of_a_site(region: wm.Region) -> None:
    mine = gpd.GeoDataFrame(
        {"name": ["Mitte"]}, geometry=region.sites("2020").geometry.iloc[:1].to_numpy(),
        crs=region.crs, index=["a"],
    )  # fmt: skip
    with pytest.raises(DuplicateIdError, match=r"'a' stands for two places.*'Mitte'.*row 1"):
        region.compare(mine, scenario="2020")
    assert region.compare(mine.set_axis(["m"]), scenario="2020").candidates.index.tolist() == ["m"]
