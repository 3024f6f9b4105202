"""Estimates around a river: hand-worked worlds and a visibility graph by shapely and networkx."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from shapely.geometry import LineString, box

from tests.travel.oracles import visible_way
from tests.travel.test_streets import grid
from welcomemap.errors import PackError, UsageError
from welcomemap.travel.estimate import (
    DetourFactor,
    EstimateImpedance,
    calibrate_detour_factor,
    make_barrier,
    read_detour_factor,
    straight_lengths,
)
from welcomemap.travel.streets import StreetImpedance

FACTOR = DetourFactor(1.25, 1.1, 1.5)
RIVER = LineString([(0, -5000), (0, 5000)])
BRIDGE = LineString([(-50, 300), (50, 300)])
COORDINATES = st.tuples(st.integers(-900, 900), st.integers(-900, 900))


def cost(barrier, a, b) -> float:
    estimate = EstimateImpedance(FACTOR, barrier)
    return float(estimate.cost_matrix(np.array([a], float), np.array([b], float)).cost[0, 0])


def test_without_a_river_it_is_the_straight_line_times_the_factor() -> None:
    estimate = EstimateImpedance(FACTOR)
    found = estimate.cost_matrix(np.array([(0.0, 0.0)]), np.array([(300.0, 400.0)]))
    assert found.cost[0, 0] == pytest.approx(625)
    assert (found.lower[0, 0], found.upper[0, 0]) == (pytest.approx(550), pytest.approx(750))
    assert found.basis[0, 0] == 0


def test_river_is_crossed_at_its_bridge_only() -> None:
    barrier = make_barrier([RIVER], [BRIDGE])
    over = np.hypot(50, 300) + 100 + np.hypot(50, 300)
    assert cost(barrier, (-100, 0), (100, 0)) == pytest.approx(1.25 * over)
    assert cost(barrier, (-100, 300), (100, 300)) == pytest.approx(1.25 * 200)
    assert cost(barrier, (100, 0), (100, 900)) == pytest.approx(1.25 * 900)


def test_without_a_bridge_the_other_bank_is_unreachable() -> None:
    barrier = make_barrier([RIVER])
    assert cost(barrier, (-100, 0), (100, 0)) == np.inf
    costs = EstimateImpedance(FACTOR, barrier).cost_matrix(
        np.array([(-100.0, 0.0)]), np.array([(100.0, 0.0), (-900.0, 0.0)])
    )
    assert costs.cost[0].tolist() == [np.inf, pytest.approx(1000)]


def test_a_line_that_cuts_a_bend_goes_around_it() -> None:
    """Both places lie outside a bend whose tip at (0, 400) the straight way has to clear."""
    bend = make_barrier([LineString([(-300, -3000), (0, 400), (300, -3000)])])
    around = np.hypot(400, 400) * 2
    assert cost(bend, (-400, 0), (400, 0)) == pytest.approx(1.25 * around, abs=5)
    assert cost(bend, (-100, -2800), (100, -2800)) == pytest.approx(1.25 * 200)


def test_an_island_without_a_bridge_is_cut_off_and_walked_around() -> None:
    island = make_barrier([box(-100, -100, 100, 100)])
    assert cost(island, (0, 0), (300, 0)) == np.inf
    assert cost(island, (0, 0), (50, 0)) == pytest.approx(62.5)
    side = 2 * np.hypot(200, 100) + 200
    assert cost(island, (-300, 0), (300, 0)) == pytest.approx(1.25 * side, abs=6)


@settings(max_examples=60, deadline=None)
@given(
    line=st.lists(COORDINATES, min_size=3, max_size=6, unique=True),
    a=COORDINATES,
    targets=st.lists(COORDINATES, min_size=1, max_size=10),
)
def test_what_is_in_sight_equals_shapely(line, a, targets) -> None:
    shape = LineString(line)
    barrier = make_barrier([shape], simplify_m=0)
    points = np.array(targets, dtype=float) + 0.37
    origin = np.array(a, dtype=float) + 0.11
    expected = shapely.crosses(shapely.linestrings([[origin, point] for point in points]), shape)
    np.testing.assert_array_equal(barrier.is_blocked(points, origin), expected)


@settings(max_examples=20, deadline=None)
@given(
    bends=st.lists(st.integers(-500, 500), min_size=3, max_size=4),
    a=st.tuples(st.integers(-900, 900), st.integers(-900, 900)),
    b=st.tuples(st.integers(-900, 900), st.integers(-900, 900)),
)
def test_way_around_equals_a_visibility_graph(bends, a, b) -> None:
    heights = np.linspace(-1000, 1000, len(bends) + 2)
    river = LineString([(0, -6000), *zip([0, *bends, 0], heights.tolist(), strict=True), (0, 6000)])
    x = bends[1] if len(bends) == 3 else 0.0
    y = heights[2] if len(bends) == 3 else -6000.0 + 400
    bridge = LineString([(x - 60, y + 7), (x + 60, y + 7)])
    if not bridge.crosses(river):
        return
    barrier = make_barrier([river], [bridge], simplify_m=0)
    start, end = np.array(a, float) + 0.31, np.array(b, float) + 0.17
    if min(river.distance(shapely.points(p)) for p in (start, end)) < 3:
        return
    expected = visible_way([river], [bridge], start, end)
    found = barrier.lengths(start[None], end[None])[0, 0]
    assert found == pytest.approx(expected, rel=0.002, abs=6)
    assert found >= np.hypot(*(start - end)) - 1e-9


def test_factors_out_of_order_are_refused() -> None:
    for bad in ((0.9, 0.9, 1.2), (1.2, 1.3, 1.4), (1.2, 1.1, 1.15)):
        with pytest.raises(UsageError):
            DetourFactor(*bad)
    with pytest.raises(PackError):
        read_detour_factor({"detour_factor": [1.2]})


def test_calibration_measures_the_taxicab_city() -> None:
    """For directions spread evenly, taxicab over straight has the mean 4 / pi = 1.273."""
    random = np.random.default_rng(3)
    streets = StreetImpedance(grid(31))
    along = random.uniform(0, 3000, size=(4000, 2))
    along[:, 1] = np.round(along[:, 1] / 100) * 100
    found = calibrate_detour_factor(streets, along, n_pairs=3000, between_m=(800, 1500))
    assert found.mean == pytest.approx(4 / np.pi, abs=0.02)
    assert found.factor.lower > 1.0
    assert found.factor.upper == pytest.approx(2**0.5, abs=0.02)
    assert found.n_pairs == 3000


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (7, 5), (4, 20_000), (20_000, 3)])
def test_straight_lengths_are_those_of_scipy_to_the_last_digit(n: int, m: int) -> None:
    rng = np.random.default_rng(n + m)
    origins, ends = (rng.uniform((3e5, 5.6e6), (4e5, 5.7e6), (k, 2)) for k in (n, m))
    assert np.array_equal(straight_lengths(origins, ends), cdist(origins, ends))


def test_a_place_that_is_not_known_is_out_of_reach() -> None:
    lengths = straight_lengths(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [np.nan, 1.0]]))
    assert lengths.tolist() == [[5.0, np.inf]]
