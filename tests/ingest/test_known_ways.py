"""Ways that lost their junctions are joined, and where they are complete is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString

from tests.ingest.raw_files import require_raw
from welcomemap.crs import METRIC_CRS, WGS84
from welcomemap.ingest.duesseldorf import read_recipe
from welcomemap.ingest.known_ways import draw_ways, find_complete_area, weld_ways
from welcomemap.ingest.networks import connect_ways, draw_centre
from welcomemap.ingest.raw import RawFolder
from welcomemap.region.pack import RegionPack
from welcomemap.travel.network import make_network
from welcomemap.travel.streets import StreetImpedance

EAST, NORTH, BLOCK_M = 345_000.0, 5_677_000.0, 50.0
"""South-west corner of the invented town, on a line of squares of 250 m, and its blocks."""


def draw(*lines: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    """Ways through points in metres from the corner."""
    shapes = [LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines]
    numbers = range(1, len(lines) + 1)
    table = {"id": [f"way/{k}" for k in numbers], "name": [f"Weg {k}" for k in numbers]}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=METRIC_CRS).to_crs(WGS84)


STREET = [(0.0, 0.0), (100.0, 0.0)]


@pytest.mark.parametrize(
    ("side", "is_joined"),
    [
        ([(50.0, 0.0), (50.0, 40.0)], True),
        ([(50.0, 1.5), (50.0, 40.0)], True),
        ([(50.0, 2.5), (50.0, 40.0)], False),
        ([(50.0, -40.0), (50.0, 40.0)], False),
    ],
    ids=["on the line", "within 2 m", "beyond", "a bridge"],
)
def test_an_end_that_touches_a_way_is_joined_to_it(
    side: list[tuple[float, float]], is_joined: bool
) -> None:
    edges = connect_ways(weld_ways(draw(STREET, side), METRIC_CRS))
    assert len(edges) == (3 if is_joined else 2)
    assert edges["is_main_part"].all() == is_joined


def test_ways_that_have_their_junctions_are_left_alone() -> None:
    ways = draw(STREET, [(50.0, 1.0), (50.0, 40.0)], [(20.0, 1.0), (20.0, 40.0)])
    welded = weld_ways(ways, METRIC_CRS, sound=np.array([True, True, False]))
    assert [len(line.coords) for line in welded.geometry] == [3, 2, 2]


def test_two_ends_at_one_place_make_one_vertex_in_the_order_of_the_line() -> None:
    sides = [[(70.0, 0.0), (70.0, 9.0)], [(70.0, 0.0), (70.0, -9.0)], [(30.0, 0.0), (30.0, 9.0)]]
    welded = weld_ways(draw(STREET, *sides), METRIC_CRS).to_crs(METRIC_CRS)
    along = shapely.get_coordinates(welded.geometry.iloc[0])[:, 0] - EAST
    np.testing.assert_allclose(along, [0, 30, 70, 100], atol=0.01)


def build_town() -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Blocks of 50 m for 1,000 m, then 500 m of streets without a side street; 500 m deep."""
    steps = np.arange(0, 1501, BLOCK_M)
    lines = [
        [(x, y) for x in (steps if y else steps[steps <= 1000])] for y in np.arange(0, 501, BLOCK_M)
    ]
    lines += [[(x, y) for y in np.arange(0, 501, BLOCK_M)] for x in steps[steps <= 1000]]
    edges = connect_ways(draw(*[list(line) for line in lines]))
    x, y = np.meshgrid(np.arange(25, 1500, BLOCK_M), np.arange(10, 500, BLOCK_M))
    places = np.column_stack([EAST + x.ravel(), NORTH + y.ravel()])
    return edges, places


def test_complete_squares_next_to_the_known_centre_are_found() -> None:
    edges, places = build_town()
    centre = shapely.box(EAST, NORTH, EAST + 500, NORTH + 500)
    own = ~((places[:, 0] > EAST + 750) & (places[:, 0] < EAST + 1000)
            & (places[:, 1] > NORTH + 250))  # fmt: skip
    found = find_complete_area(edges, places, own, centre)
    expected = shapely.union_all(
        [centre, shapely.box(EAST + 500, NORTH, EAST + 750, NORTH + 500),
         shapely.box(EAST + 750, NORTH, EAST + 1000, NORTH + 250)]
    )  # fmt: skip
    assert found.geometry.symmetric_difference(expected).area == pytest.approx(0.0, abs=1.0)
    assert (found.n_reference, found.n_addresses) == (100, 175)


def test_a_square_apart_from_the_centre_is_left_out() -> None:
    edges, places = build_town()
    centre = shapely.box(EAST, NORTH, EAST + 250, NORTH + 500)
    own = (places[:, 0] < EAST + 250) | (places[:, 0] > EAST + 500)
    found = find_complete_area(edges, places, own, centre)
    assert found.geometry.equals(centre)


def test_streets_are_drawn_by_length_and_by_where_the_file_is_complete() -> None:
    """An avenue of two pieces, a street on each side of the line, a path, and one far away."""
    ways = draw(
        [(0, 0), (800, 0)], [(800, 0), (1600, 0)], [(100, 0), (100, 90), (101, 180)],
        [(1500, 0), (1500, 200)], [(0, 50), (300, 50)], [(9000, 0), (9000, 500)],
        [(700, 0), (700, 50)],
    )  # fmt: skip
    ways["name"] = ["Allee", "Allee", "Weg", "Gasse", "", "Fern", "Kurz"]
    town = shapely.box(EAST, NORTH, EAST + 2000, NORTH + 1000)
    complete = shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)
    drawn = draw_ways(ways, complete, town, METRIC_CRS)
    assert set(drawn["kind"]) == {"street"}
    assert set(drawn["name"]) == {""}
    lengths = dict(zip(drawn["class"], drawn.geometry.length, strict=True))
    assert lengths == pytest.approx({"main": 1600, "named": 180, "incomplete": 200}, abs=2)
    # 1 m to the side is less than the tolerance: the bend is gone.
    assert drawn.geometry.count_coordinates().tolist() == [2, 2, 2]


def test_streets_end_1500_m_from_the_town() -> None:
    ways = draw([(0, 0), (9000, 0)])
    town = shapely.box(EAST - 10, NORTH - 10, EAST + 100, NORTH + 10)
    (line,) = draw_ways(ways, town, town, METRIC_CRS).geometry
    assert line.length == pytest.approx(1600, abs=2)


@pytest.mark.raw
@pytest.mark.long
def test_ways_in_the_centre_are_found_again(default_pack: RegionPack) -> None:
    """The file of all states, joined, against the complete file: ways between 400 addresses."""
    raw, recipe = RawFolder(require_raw()), read_recipe()["streets"]
    centre = draw_centre(recipe).to_crs(METRIC_CRS).iloc[0]
    known = raw.read_features("streets/all_known_ways_2017_2023.geojson.gz", ("id", "name"))
    near = shapely.intersects(centre.buffer(300), known.geometry.to_crs(METRIC_CRS).to_numpy())
    central = raw.read_features("streets/central_ways_2023.geojson.gz", ("id", "name"))
    addresses = default_pack.addresses
    inner = addresses[(addresses["location_quality"] == "point")
                      & addresses.within(centre.buffer(-400))]  # fmt: skip
    places = shapely.get_coordinates(inner.geometry.iloc[:: len(inner) // 400].to_numpy())
    truth, again = (
        route(connect_ways(select_walkable(ways, recipe)), places)
        for ways in (central, weld_ways(known[near].reset_index(drop=True), METRIC_CRS))
    )
    straight = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    is_way = (straight > 200) & (straight < 1500)
    ratio = again[is_way] / truth[is_way]
    assert np.isfinite(ratio).all()
    assert np.median(ratio) == pytest.approx(1.0, abs=0.005)
    assert 0.97 < np.quantile(ratio, 0.05) < np.quantile(ratio, 0.95) < 1.05


def select_walkable(ways: gpd.GeoDataFrame, recipe: Mapping[str, Any]) -> gpd.GeoDataFrame:
    return ways[~ways["name"].isin(recipe["not_for_feet"])].reset_index(drop=True)


def route(edges: gpd.GeoDataFrame, places: np.ndarray) -> np.ndarray:
    ends = [edges[name].to_numpy(np.int32) for name in ("u", "v")]
    network = make_network(ends[0], ends[1], edges.geometry.to_numpy())
    return StreetImpedance(network, "walk").cost_matrix(places, places).cost
