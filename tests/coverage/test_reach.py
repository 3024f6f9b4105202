"""Reach against a brute-force count, and what must hold for every city."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coverage.small import StraightLine, make_costs, make_demand
from welcomemap.coverage.demand import AREA_KINDS, Demand
from welcomemap.coverage.reach import find_nearest, measure_reach, select_destinations
from welcomemap.errors import UsageError
from welcomemap.travel.impedance import CostMatrix, Threshold

coordinates = st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000))


@st.composite
def cities(draw: st.DrawFn) -> tuple[Demand, CostMatrix]:
    points = draw(st.lists(coordinates, min_size=1, max_size=25))
    sites = draw(st.lists(coordinates, min_size=0, max_size=5))
    n = len(points)
    people = draw(st.lists(st.integers(0, 50), min_size=2 * n, max_size=2 * n))
    quarters = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    demand = make_demand(
        points,
        np.reshape(people, (n, 2)).tolist(),
        quarters,
        [0, 0, 1, 2],
        ["residents", "under_18"],
    )
    places = np.array(sites, dtype=float).reshape(-1, 2)
    matrix = StraightLine(1.2, 1.1, 1.5).cost_matrix(demand.points, places)
    return demand, matrix


def thresholds(*metres: float) -> list[Threshold]:
    return [Threshold(float(m), "m") for m in metres]


@given(cities(), st.integers(0, 3000))
@settings(max_examples=60, deadline=None)
def test_reach_is_what_counting_person_by_person_gives(
    city: tuple[Demand, CostMatrix], metres: int
) -> None:
    demand, matrix = city
    for kind in AREA_KINDS:
        reach = measure_reach(demand, find_nearest(matrix), thresholds(metres), kind)
        areas = demand.areas(kind)
        expected = np.zeros((len(areas), 2))
        for cell in range(len(demand)):
            if any(cost <= metres for cost in matrix.cost[cell]):
                expected[areas.index[cell]] += demand.weights[cell]
        np.testing.assert_allclose(reach.covered[0], expected)


@given(cities())
@settings(max_examples=60, deadline=None)
def test_one_more_site_never_lowers_coverage(city: tuple[Demand, CostMatrix]) -> None:
    demand, matrix = city
    for count in range(matrix.cost.shape[1]):
        chosen = np.arange(matrix.cost.shape[1]) < count
        fewer = find_nearest(select_destinations(matrix, chosen))
        chosen[count] = True
        more = find_nearest(select_destinations(matrix, chosen))
        before = measure_reach(demand, fewer, thresholds(500, 1000), "quarter").covered
        after = measure_reach(demand, more, thresholds(500, 1000), "quarter").covered
        assert (after >= before).all()


@given(cities())
@settings(max_examples=60, deadline=None)
def test_a_higher_threshold_never_lowers_coverage_and_bounds_enclose_it(
    city: tuple[Demand, CostMatrix],
) -> None:
    demand, matrix = city
    steps = thresholds(0, 1, 500, 1000, 5000)
    nearest = find_nearest(matrix)
    reach = measure_reach(demand, nearest, steps, "district")
    assert (np.diff(reach.covered, axis=0) >= 0).all()
    low, high = (
        measure_reach(demand, replace(nearest, cost=bound), steps, "district").covered
        for bound in (nearest.upper, nearest.lower)
    )
    assert (low <= reach.covered).all()
    assert (reach.covered <= high).all()
    known = reach.share[~np.isnan(reach.share)]
    assert ((known >= 0) & (known <= 1)).all()


@given(cities())
@settings(max_examples=40, deadline=None)
def test_quarters_sum_to_districts_and_districts_to_the_city(
    city: tuple[Demand, CostMatrix],
) -> None:
    demand, matrix = city
    reach = {
        kind: measure_reach(demand, find_nearest(matrix), thresholds(700), kind)
        for kind in AREA_KINDS
    }
    np.testing.assert_allclose(
        reach["district"].covered.sum(axis=1), reach["city"].covered.sum(axis=1)
    )
    of_district = np.zeros_like(reach["district"].covered)
    for quarter, district in enumerate(demand.district_of_quarter):
        of_district[:, district] += reach["quarter"].covered[:, quarter]
    np.testing.assert_allclose(of_district, reach["district"].covered)


def test_the_threshold_is_inclusive_and_zero_reaches_only_the_site_itself() -> None:
    demand = make_demand([(0, 0), (1000, 0), (1000.001, 0)], [1, 10, 100])
    matrix = StraightLine().cost_matrix(demand.points, np.array([[0.0, 0.0]]))
    reach = measure_reach(demand, find_nearest(matrix), thresholds(0, 1000), "city")
    assert reach.covered[:, 0, 0].tolist() == [1, 11]


def test_no_sites_reach_nobody() -> None:
    demand = make_demand([(0, 0), (5, 5)], [3, 4])
    nearest = find_nearest(StraightLine().cost_matrix(demand.points, np.zeros((0, 2))))
    assert nearest.index.tolist() == [-1, -1]
    reach = measure_reach(demand, nearest, thresholds(1e6), "city")
    assert reach.covered.sum() == 0
    assert reach.share[0, 0, 0] == 0


def test_a_site_on_an_island_reaches_only_the_island() -> None:
    demand = make_demand([(0, 0), (10, 0)], [1, 2], [0, 1], [0, 1])
    matrix = make_costs([[5.0, np.inf], [np.inf, np.inf]])
    nearest = find_nearest(matrix)
    assert nearest.index.tolist() == [0, -1]
    reach = measure_reach(demand, nearest, thresholds(1e9), "district")
    assert reach.share[0, :, 0].tolist() == [1, 0]


def test_where_nobody_lives_the_share_is_unknown_not_zero() -> None:
    demand = make_demand([(0, 0), (10, 0)], [0, 2], [0, 1], [0, 1])
    matrix = StraightLine().cost_matrix(demand.points, np.array([[0.0, 0.0]]))
    reach = measure_reach(demand, find_nearest(matrix), thresholds(1000), "district")
    assert np.isnan(reach.share[0, 0, 0])
    assert reach.share[0, 1, 0] == 1


def test_of_tied_sites_the_first_is_the_nearest_and_people_count_once() -> None:
    demand = make_demand([(0, 0)], [7])
    nearest = find_nearest(make_costs([[3.0, 3.0]]))
    assert nearest.index.tolist() == [0]
    assert measure_reach(demand, nearest, thresholds(3), "city").covered[0, 0, 0] == 7


def test_moving_everything_by_a_constant_changes_nothing() -> None:
    points = [(0.0, 0.0), (800.0, 0.0), (0.0, 1200.0)]
    sites = np.array([[100.0, 0.0]])
    here = make_demand(points, [1, 2, 4])
    there = make_demand([(x + 345_000, y + 5_678_000) for x, y in points], [1, 2, 4])
    moved = sites + np.array([345_000, 5_678_000])
    covered = [
        measure_reach(
            d, find_nearest(StraightLine().cost_matrix(d.points, s)), thresholds(1000), "city"
        )
        for d, s in ((here, sites), (there, moved))
    ]
    assert covered[0].covered.tolist() == covered[1].covered.tolist() == [[[3.0]]]


def test_metres_and_minutes_never_mix() -> None:
    demand = make_demand([(0, 0)], [1])
    nearest = find_nearest(make_costs([[3.0]], unit="min"))
    with pytest.raises(UsageError, match="never mix"):
        measure_reach(demand, nearest, thresholds(1000), "city")
    with pytest.raises(UsageError, match="no threshold"):
        measure_reach(demand, nearest, [], "city")


def test_an_unknown_group_is_named() -> None:
    with pytest.raises(UsageError, match=r"'martians'.*residents"):
        make_demand([(0, 0)], [1]).select_groups(["martians"])
