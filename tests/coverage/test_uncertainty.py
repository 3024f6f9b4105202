"""The simulation against exact answers: what it must give whatever the random numbers are."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from tests.coverage.small import CERTAIN, StraightLine, make_demand, make_destinations, no_borders
from tests.worlds import load_rechteckstadt
from welcomemap.coverage.accessibility import read_accessibility
from welcomemap.coverage.demand import Demand
from welcomemap.coverage.reach import find_nearest, measure_reach
from welcomemap.coverage.uncertainty import (
    FAR_FACTOR,
    CostDraws,
    NearBorder,
    ReachDraws,
    UncertaintyModel,
    _make_exact,
    find_near_border,
    prepare_draws,
    simulate_counts,
)
from welcomemap.errors import UsageError
from welcomemap.region.pack import load_pack
from welcomemap.region.scenario import load_scenario
from welcomemap.travel.impedance import STREETS, Threshold

DETOUR = StraightLine(1.23, 1.13, 1.47)
ONLY_DETOUR = replace(CERTAIN, draws=4000)


def simulate(
    demand: Demand,
    sites: list[tuple[float, float]],
    thresholds: list[float],
    model: UncertaintyModel,
    impedance: StraightLine = DETOUR,
    near: NearBorder | None = None,
) -> ReachDraws:
    destinations = make_destinations(sites)
    matrix = impedance.cost_matrix(demand.points, destinations.points)
    draws = prepare_draws(demand.points, destinations, matrix, thresholds, model)
    return count_reach(demand, draws, near)


def count_reach(demand: Demand, draws: CostDraws, near: NearBorder | None = None) -> ReachDraws:
    return simulate_counts(
        demand, draws, near or no_borders(), draws.draw_within, len(draws.thresholds)
    )


def grid(n: int = 20, step: float = 100.0) -> list[tuple[float, float]]:
    return [(step * i, step * j) for i in range(n) for j in range(n)]


def test_without_uncertainty_every_draw_is_the_estimate() -> None:
    demand = make_demand(grid(), [1] * 400, [i % 3 for i in range(400)], [0, 0, 1])
    model = replace(CERTAIN, draws=3)
    found = simulate(demand, [(950, 950)], [500, 900], model, StraightLine())
    matrix = StraightLine().cost_matrix(demand.points, np.array([[950.0, 950.0]]))
    for kind in ("quarter", "district", "city"):
        steps = [Threshold(500, "m"), Threshold(900, "m")]
        exact = measure_reach(demand, find_nearest(matrix), steps, kind).covered
        np.testing.assert_allclose(
            found.covered_by(kind), np.repeat(exact[..., None], 3, axis=-1), atol=1e-3
        )


def test_a_way_is_within_its_bounds_as_often_as_they_say() -> None:
    """One person, 1,000 m as the crow flies: 10 % within 1,130 m, 50 % 1,230 m, 90 % 1,470 m."""
    demand = make_demand([(1000, 0)], [1])
    for threshold, probability in ((1130, 0.1), (1230, 0.5), (1470, 0.9), (1000, 0.0), (1900, 1.0)):
        covered = simulate(demand, [(0, 0)], [threshold], ONLY_DETOUR).covered.mean()
        assert covered == pytest.approx(probability, abs=0.03)


def test_ways_of_neighbours_err_together_and_those_far_apart_less_so() -> None:
    """Two normal errors with correlation r agree in sign with phi = 2 / pi * asin(r).

    Neighbours share all but the single cell's 10 %; others only city and destination, 10 %.
    """
    near = simulate_pair((1000, 0), (999.8, 20))
    assert near == pytest.approx(2 / math.pi * math.asin(0.90), abs=0.03)
    far = simulate_pair((1000, 0), (-1000, 0))
    assert far == pytest.approx(2 / math.pi * math.asin(0.10), abs=0.04)


def simulate_pair(first: tuple[float, float], second: tuple[float, float]) -> float:
    demand = make_demand([first, second], [1, 1], [0, 1], [0, 0])
    model = replace(ONLY_DETOUR, draws=6000, wide_square_m=700, narrow_square_m=250)
    covered = simulate(demand, [(0, 0)], [1230], model).covered[0, :, 0]
    return float(np.corrcoef(covered)[0, 1])


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    demand = make_demand(grid(), [3] * 400, [i % 3 for i in range(400)], [0, 0, 1])
    model = UncertaintyModel(draws=50)
    first = simulate(demand, [(950, 950)], [700], model).covered
    assert (first == simulate(demand, [(950, 950)], [700], model).covered).all()
    other = simulate(demand, [(950, 950)], [700], replace(model, seed=2)).covered
    assert (first != other).any()


@given(st.lists(st.tuples(st.integers(0, 1900), st.integers(0, 1900)), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_in_every_draw_more_sites_and_more_metres_cover_no_fewer(
    sites: list[tuple[int, int]],
) -> None:
    demand = make_demand(grid(10, 200.0), [2] * 100)
    model = replace(UncertaintyModel(draws=40), census_error_share=0.0, census_error_people=0.0)
    places = [(float(x), float(y)) for x, y in sites]
    more = simulate(demand, places, [400, 800], model).covered
    fewer = simulate(demand, places[:-1], [400, 800], model).covered
    assert (more >= fewer - 1e-6).all()
    assert (more[1] >= more[0] - 1e-6).all()


@given(st.integers(0, 2**31), st.integers(0, 3000), st.sampled_from([0.5, 0.9, 0.99]))
@settings(max_examples=25, deadline=None)
def test_an_interval_always_holds_the_estimate_and_lies_in_0_to_1(
    seed: int, metres: int, probability: float
) -> None:
    random = np.random.default_rng(seed)
    demand = make_demand(
        random.uniform(0, 2000, (40, 2)).tolist(),
        random.integers(0, 30, 40).tolist(),
        random.integers(0, 3, 40).tolist(),
        [0, 0, 1],
    )
    sites = [(float(x), float(y)) for x, y in random.uniform(0, 2000, (2, 2))]
    model = UncertaintyModel(draws=30, seed=seed, interval=probability)
    found = simulate(demand, sites, [metres], model)
    matrix = DETOUR.cost_matrix(demand.points, np.array(sites))
    for kind in ("city", "district", "quarter"):
        reach = measure_reach(demand, find_nearest(matrix), [Threshold(metres, "m")], kind)
        share = reach.share
        lower, upper = found.share_interval(kind, share)
        known = ~np.isnan(share)
        assert (lower[known] <= share[known]).all()
        assert (share[known] <= upper[known]).all()
        assert (lower[known] >= 0).all()
        assert (upper[known] <= 1).all()


def test_sums_of_people_stay_official_in_every_draw() -> None:
    demand = make_demand(grid(), [3] * 400, [i % 3 for i in range(400)], [0, 0, 1])
    near = find_near_border(
        demand.points, demand.quarters.index, [box(0, 0, 1900, 1900)] * 3, 48.0, 30.0
    )
    found = simulate(demand, [(950, 950)], [1e6], UncertaintyModel(draws=20), near=near)
    assert found.covered_by("city").ravel() == pytest.approx([1200] * 20)


def test_census_error_is_that_of_a_ratio_of_sums() -> None:
    """Half of 100 cells covered, relative error e: sd of the share is e / (2 sqrt(100))."""
    points = [(0.0, 10.0 * i) for i in range(50)] + [(1e5, 10.0 * i) for i in range(50)]
    demand = make_demand(points, [100] * 100)
    model = replace(CERTAIN, draws=8000, census_error_share=0.4)
    shares = simulate(demand, [(0, 250)], [1000], model, StraightLine()).shares_by("city")
    assert shares.mean() == pytest.approx(0.5, abs=0.002)
    assert shares.std() == pytest.approx(0.4 / (2 * 10), rel=0.05)


@pytest.mark.parametrize(("away_m", "border_m"), [(15, 30.0), (100, 300.0), (300, 200.0)])
def test_cells_near_a_border_change_sides_as_often_as_its_uncertainty_says(
    away_m: int, border_m: float
) -> None:
    """A covered cell 15 m from the border: beyond it in P(N(0, 30 / 1.96) > 15) of the draws."""
    demand = make_demand([(-900, 0), (-away_m, 0), (900, 0)], [0, 10, 10], [0, 0, 1], [0, 1])
    areas = [box(-1000, -100, 0, 100), box(0, -100, 1000, 100)]
    near = find_near_border(
        demand.points, demand.quarters.index, areas, FAR_FACTOR * border_m, border_m
    )
    assert near.point.tolist() == [1]
    assert near.distance_m.tolist() == [away_m]
    model = replace(CERTAIN, draws=8000, borders_move=True)
    found = simulate(demand, [(-away_m, 0)], [50], model, StraightLine(), near=near)
    share = found.shares_by("quarter")[0, 1, 0]
    beyond = 0.5 * math.erfc(away_m / (border_m / 1.959964) / math.sqrt(2))
    assert set(np.round(share, 6)) <= {0.0, 0.5}
    assert (share > 0).mean() == pytest.approx(beyond, abs=0.01)


def test_borders_are_as_uncertain_as_the_pack_says(tmp_path: Path) -> None:
    for number, border_m in enumerate((0, 30, 300)):
        folder = tmp_path / str(number)
        pack = load_rechteckstadt(folder)
        manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
        manifest["region"]["border_uncertainty_m"] = border_m
        (folder / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
        pack = load_pack(folder)
        accessibility = read_accessibility(pack, load_scenario(pack, "2025"), StraightLine())
        assert accessibility.cells_near_border.border_m == border_m
        assert accessibility.sites_near_border.border_m == border_m


def test_location_error_of_a_site_moves_the_way_by_the_part_along_it() -> None:
    """95 % radius 50 m: standard deviation 20.43 m along the way; P(980 m away is within 1,000)."""
    demand = make_demand([(980, 0)], [1])
    destinations = make_destinations([(0, 0)], error_radius_m=50.0)
    matrix = StraightLine().cost_matrix(demand.points, destinations.points)
    model = replace(CERTAIN, draws=8000)
    draws = prepare_draws(demand.points, destinations, matrix, [1000.0], model)
    covered = count_reach(demand, draws).covered.mean()
    expected = 0.5 * (1 + math.erf(20 / (50 / 2.447747) / math.sqrt(2)))
    assert covered == pytest.approx(expected, abs=0.015)


def test_probability_of_being_unserved_counts_draws() -> None:
    demand = make_demand([(1000, 0), (0, 5)], [1, 1], [0, 1], [0, 1])
    found = simulate(demand, [(0, 0)], [1230], ONLY_DETOUR)
    unserved = found.probability_unserved("district")[0, :, 0]
    assert unserved[0] == pytest.approx(0.5, abs=0.03)
    assert unserved[1] == 0


@pytest.mark.parametrize("sites", [[], [(1e7, 1e7)]])
def test_nobody_is_covered_without_a_site_or_by_one_far_outside(
    sites: list[tuple[float, float]],
) -> None:
    demand = make_demand([(0, 0), (1, 1)], [1, 0], [0, 1], [0, 1])
    found = simulate(demand, sites, [1000], UncertaintyModel(draws=10))
    assert found.covered.sum() == 0
    unserved = found.probability_unserved("district")[0, :, 0]
    assert unserved[0] == 1
    assert np.isnan(unserved[1])


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(UsageError, match="draws"):
        UncertaintyModel(draws=0)
    with pytest.raises(UsageError, match="interval"):
        UncertaintyModel(interval=1.0)
    with pytest.raises(UsageError, match="more than 1"):
        UncertaintyModel(wide_variance=0.9)


def test_access_lengthens_estimated_ways_and_leaves_streets_alone() -> None:
    """970 m and about 45 m of access: within 1,000 m if the access is at most 30 m."""
    demand = make_demand([(970, 0)], [1])
    destinations = make_destinations([(0, 0)])
    matrix = StraightLine().cost_matrix(demand.points, destinations.points)
    model = replace(CERTAIN, draws=8000, access_m=45.0)
    draws = prepare_draws(demand.points, destinations, matrix, [1000.0], model)
    expected = 0.5 * (1 + math.erf(math.log(30 / 45) / 0.5 / math.sqrt(2)))
    assert count_reach(demand, draws).covered.mean() == pytest.approx(expected, abs=0.015)
    on_streets = replace(matrix, basis=np.full(matrix.cost.shape, STREETS))
    draws = prepare_draws(demand.points, destinations, on_streets, [1000.0], model)
    assert count_reach(demand, draws).covered.mean() == 1


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_sum_of_people_is_the_same_in_whatever_order_and_company(data: st.DataObject) -> None:
    """Sums of float32 are exact here, so no processor and no other group can change a figure."""
    n = data.draw(st.integers(2, 60))
    people = data.draw(st.lists(st.floats(0, 900), min_size=n, max_size=n))
    order = data.draw(st.permutations(range(n)))
    demand = make_demand([(100.0 * i, 0.0) for i in range(n)], people, [i % 2 for i in range(n)])
    sums = _make_exact(demand.weights, demand)
    for quarter in (0, 1):
        of_quarter = [i for i in order if i % 2 == quarter]
        added = np.float32(0)
        for i in of_quarter:
            added = added + sums[i, 0]
        assert added == math.fsum(sums[of_quarter, 0])
        np.testing.assert_allclose(
            added, sum(people[quarter::2]), rtol=1e-4, atol=1e-4 * sum(people)
        )
