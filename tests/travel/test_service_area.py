"""Areas for the eye against costs of places: they may disagree only by a stated tolerance."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely

from tests.cases import long
from tests.travel.test_streets import grid
from tests.worlds import at
from welcomemap.crs import project
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.travel.estimate import DetourFactor, EstimateImpedance, make_barrier
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.service_area import TOLERANCE_M, make_service_area
from welcomemap.travel.streets import StreetImpedance


def contradictions(impedance, area, places, sites, threshold) -> np.ndarray:
    """How deep places beyond the threshold lie inside the drawn area, in metres."""
    beyond = places[impedance.cost_matrix(places, sites).cost.min(axis=1) > threshold]
    shapes = shapely.points(beyond)
    shapely.prepare(area)
    inside = shapes[shapely.contains(area, shapes)]
    return shapely.distance(inside, area.boundary)


def test_estimate_without_river_is_a_disc() -> None:
    estimate = EstimateImpedance(DetourFactor(1.25, 1.1, 1.5))
    area = make_service_area(estimate, np.array([(0.0, 0.0)]), 1000.0)
    assert area.estimate.area == pytest.approx(math.pi * 800**2, rel=0.01)
    assert area.streets.is_empty


def test_estimate_over_a_bridge_reaches_a_half_disc_beyond_the_river() -> None:
    river = shapely.LineString([(0, -9000), (0, 9000)])
    barrier = make_barrier([river], [shapely.LineString([(-100, 0), (100, 0)])])
    estimate = EstimateImpedance(DetourFactor(1.0, 1.0, 1.0), barrier)
    area = make_service_area(estimate, np.array([(-300.0, 0.0)]), 1000.0).whole
    assert area.contains(shapely.Point(690, 0))
    assert not area.contains(shapely.Point(20, 650))
    assert area.contains(shapely.Point(-20, 650))
    random = np.random.default_rng(0)
    places = random.uniform(-1500, 1500, size=(4000, 2))
    site = np.array([(-300.0, 0.0)])
    assert contradictions(estimate, area, places, site, 1000.0).max(initial=0) < 2.0
    covered = places[estimate.cost_matrix(places, site).cost[:, 0] <= 990]
    assert shapely.contains(area, shapely.points(covered)).all()


def test_streets_of_a_grid_city_are_drawn_where_they_are_reached() -> None:
    streets = StreetImpedance(grid(21))
    site = np.array([(1000.0, 1000.0)])
    area = make_service_area(streets, site, 500.0).streets
    random = np.random.default_rng(1)
    places = random.uniform(300, 1700, size=(5000, 2))
    assert contradictions(streets, area, places, site, 500.0).max(initial=0) <= TOLERANCE_M
    on_street = np.array([(1000.0, y) for y in range(540, 1461, 20)])
    assert shapely.contains(area, shapely.points(on_street)).all()
    assert not area.contains(shapely.Point(1000, 1510))


def test_a_higher_threshold_and_one_more_site_only_add() -> None:
    streets = StreetImpedance(grid(21))
    sites = np.array([(500.0, 500.0), (1500.0, 1430.0)])
    areas = [make_service_area(streets, sites, t).whole for t in (0.0, 100.0, 300.0, 700.0)]
    assert areas[0].is_empty
    for smaller, larger in itertools.pairwise(areas):
        assert smaller.difference(larger.buffer(0.5)).area < 1.0
    one = make_service_area(streets, sites[:1], 300.0).whole
    assert one.difference(areas[2].buffer(0.5)).area < 1.0


def test_mixed_draws_both_and_says_which(tiny_pack: RegionPack) -> None:
    mixed = make_impedance(tiny_pack, "walk", "min")
    area = make_service_area(mixed, np.array([at(1900, 1000)]), 10.0)
    known = shapely.box(*at(0, 0), *at(2000, 2000))
    assert area.streets.difference(known.buffer(0.1)).area < 1
    assert area.estimate.intersection(known).area < 1
    assert area.estimate.contains(shapely.Point(at(2300, 1000)))
    assert area.streets.contains(shapely.Point(at(1500, 1005)))


def test_no_site_no_area_and_unknown_kinds_are_refused(tiny_pack: RegionPack) -> None:
    mixed = make_impedance(tiny_pack, "walk", "m")
    assert make_service_area(mixed, np.empty((0, 2)), 1000.0).whole.is_empty
    with pytest.raises(UsageError, match="cannot be drawn"):
        make_service_area(make_impedance(tiny_pack, "transit", "min"), np.empty((0, 2)), 10.0)


@pytest.fixture(scope="module")
def all_addresses(default_pack: RegionPack) -> np.ndarray:
    shapes = default_pack.addresses.geometry
    return shapely.get_coordinates(shapes[shapes.notna() & ~shapes.is_empty].to_numpy())


@pytest.mark.parametrize(
    ("basis", "thresholds"),
    [("mixed", (500.0, 1000.0)), long("streets", (1000.0,)), long("estimate", (500.0, 1000.0))],
)
def test_over_all_addresses_nobody_beyond_is_deep_inside(
    default_pack: RegionPack, all_addresses, basis, thresholds
) -> None:
    table = default_pack.service_points
    table = table[(table["scenario"] == "2026") & (table["lat"] != "")]
    sites = project(table["lon"].astype(float), table["lat"].astype(float))
    impedance = make_impedance(default_pack, "walk", "m", basis=basis)
    for threshold in thresholds:
        area = make_service_area(impedance, sites, threshold)
        depth = contradictions(impedance, area.whole, all_addresses, sites, threshold)
        assert depth.max(initial=0) <= area.tolerance_m
        assert len(depth) < 0.01 * len(all_addresses)
