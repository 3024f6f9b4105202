"""The coverage table: all areas, groups and thresholds at once, sums, and the contract's keys."""

from __future__ import annotations

import numpy as np
import pytest

from tests.coverage.small import StraightLine
from welcomemap.coverage.accessibility import AccessibilityModel, read_accessibility
from welcomemap.coverage.catchment import find_catchments, measure_capacity
from welcomemap.coverage.coverage_table import CoverageResult, measure_coverage
from welcomemap.coverage.marginal import simulate_gains
from welcomemap.coverage.uncertainty import Destinations, UncertaintyModel
from welcomemap.describe.answers import show_coverage
from welcomemap.describe.catchments import describe_crossings
from welcomemap.describe.contract import to_builtins
from welcomemap.describe.words import read_region_words
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario
from welcomemap.region.schemas import GROUPS
from welcomemap.siting.ranking import share_best
from welcomemap.travel.impedance import Threshold

STEPS = [Threshold(500.0, "m"), Threshold(700.0, "m"), Threshold(1000.0, "m")]
QUICK = UncertaintyModel(draws=40)


@pytest.fixture(scope="module")
def city(tiny_pack: RegionPack) -> AccessibilityModel:
    return read_accessibility(
        tiny_pack, load_scenario(tiny_pack, "2020"), StraightLine(1.23, 1.13, 1.47)
    )


@pytest.fixture(scope="module")
def table(city: AccessibilityModel) -> CoverageResult:
    return measure_coverage(city, STEPS, model=QUICK)


def test_there_is_a_row_for_each_area_group_and_threshold(table: CoverageResult) -> None:
    assert len(table.rows) == (1 + 3 + 4) * len(GROUPS) * len(STEPS)
    keys = {(r.area_kind, r.area, r.group, str(r.threshold)) for r in table.rows}
    assert len(keys) == len(table.rows)


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_has_the_same_figures_whoever_else_is_asked_for(
    city: AccessibilityModel, table: CoverageResult, group: str
) -> None:
    alone = measure_coverage(city, STEPS, [group], model=QUICK)
    assert alone.rows == tuple(row for row in table.rows if row.group == group)


def test_rows_sum_to_the_city_and_intervals_hold_the_share(table: CoverageResult) -> None:
    for group in GROUPS:
        for step in STEPS:
            rows = [r for r in table.rows if (r.group, r.threshold) == (group, step)]
            city = next(r for r in rows if r.area_kind == "city")
            for kind in ("district", "quarter"):
                parts = [r for r in rows if r.area_kind == kind]
                assert sum(r.covered for r in parts) == pytest.approx(city.covered)
                assert sum(r.total for r in parts) == pytest.approx(city.total)
    for row in table.rows:
        assert row.share is not None
        assert row.interval is not None
        assert 0 <= row.interval[0] <= row.share <= row.interval[1] <= 1


def test_groups_in_equal_parts_of_each_cell_have_equal_shares(table: CoverageResult) -> None:
    rows = [r for r in table.rows if r.area_kind == "city" and r.threshold == STEPS[2]]
    assert {round(r.share or -1, 9) for r in rows} == {round(388 / 1200, 9)}
    assert {round(r.total) for r in rows} == {1200, 600, 300, 240}


def test_json_has_the_keys_of_the_contract(table: CoverageResult, tiny_pack: RegionPack) -> None:
    found = to_builtins(show_coverage(table, read_region_words(tiny_pack.region)))
    assert {"scenario", "mode", "rows"} <= found.keys()
    row = found["rows"][0]
    assert {
        "area_kind",
        "area",
        "group",
        "threshold",
        "total",
        "covered",
        "share",
        "interval",
    } <= row.keys()
    assert (row["area_kind"], row["area"], row["threshold"]) == ("city", "Rechteckstadt", "500m")


def test_metres_and_minutes_side_by_side_each_with_its_own_cost(
    tiny_pack: RegionPack, city: AccessibilityModel
) -> None:
    """At 80 m a minute 12.5 minutes are 1,000 m, so the shares are the same."""
    scenario = load_scenario(tiny_pack, "2020")
    minutes = read_accessibility(
        tiny_pack, scenario, StraightLine(1.23 / 80, 1.13 / 80, 1.47 / 80, "min")
    )
    steps = [STEPS[2], Threshold(12.5, "min")]
    found = measure_coverage([city, minutes], steps, ["residents"], kinds=["district"], model=QUICK)
    shares = {str(step): [r.share for r in found.rows if r.threshold == step] for step in steps}
    assert shares["1000m"] == shares["12.5min"]
    with pytest.raises(UsageError, match="no travel cost in min"):
        measure_coverage(city, steps)
    with pytest.raises(UsageError, match="no threshold"):
        measure_coverage(city, [])


def test_spread_of_one_person_a_cell(city: AccessibilityModel, table: CoverageResult) -> None:
    cost = city.nearest().cost
    row = next(r for r in table.spread if (r.area_kind, r.group) == ("city", "residents"))
    assert row.costs.median == np.quantile(cost, 0.5, method="inverted_cdf")
    assert row.costs.p90 == np.quantile(cost, 0.9, method="inverted_cdf")
    assert row.costs.mean == pytest.approx(cost.mean())
    same_everywhere = next(r for r in table.spread if r.group == "under_18")
    assert same_everywhere.concentration == pytest.approx(0, abs=1e-9)


def test_people_of_the_far_bank_are_served_across_the_border(city: AccessibilityModel) -> None:
    """District 3 has no site; all 400 go to b in district 2. In 1, those east of 1,750 do too."""
    found = find_catchments(city)
    rows = {(r.district, r.site): r for r in found.rows}
    assert rows[3, "b"].people == 400
    assert rows[3, "b"].crosses_border is True
    # Centres at x = 1,750 are as far from a as from b, but for the centimetres of lat and lon.
    assert rows[1, "a"].people + rows[1, "b"].people == 400
    assert 340 <= rows[1, "a"].people <= 360
    assert "aus Stadtbezirk 3" in describe_crossings(found, read_region_words({}))[-1].in_language(
        "de"
    )
    near = find_catchments(city, STEPS[2])
    assert next(r for r in near.rows if r.district == 3).site is None
    assert sum(r.people for r in near.rows) == pytest.approx(1200)


def test_capacity_per_person_hands_out_all_capacity(city: AccessibilityModel) -> None:
    step = Threshold(1000.0, "m")
    per_person = measure_capacity(city, {"a": 18.0, "b": 10.4}, step)
    within = city.matrix.cost <= 1000
    reached = within.sum(axis=0)
    assert per_person @ np.array([400, 400, 400]) == pytest.approx(28.4)
    assert reached.tolist() == [180, 208]
    assert per_person[0] == pytest.approx(18.0 / 400)
    with pytest.raises(UsageError, match="capacity of service point b"):
        measure_capacity(city, {"a": 1.0}, step)


def candidates_at(*places: tuple[str, float, float]) -> Destinations:
    points = np.array([[340_000 + x, 5_680_000 + y] for _, x, y in places])
    return Destinations(tuple(p[0] for p in places), points, np.zeros(len(places)))


def test_gains_are_what_coverage_grows_by_and_the_better_candidate_wins(
    city: AccessibilityModel,
) -> None:
    found = candidates_at(("east", 5000, 1000), ("beside_a", 500, 1010), ("edge", 5900, 1900))
    matrix = StraightLine(1.23, 1.13, 1.47).cost_matrix(city.demand.points, found.points)
    gains = simulate_gains(city, found, matrix, STEPS[2], ["residents"], model=QUICK)
    before = city.nearest().cost <= 1000
    for number in range(3):
        gained = ((matrix.cost[:, number] <= 1000) & ~before).sum()
        assert gains.estimate[number, 0] == gained
        low, high = gains.interval(number)
        assert low <= gained <= high
    best = share_best(gains.drawn[:, 0].T)
    assert best.sum() == pytest.approx(1)
    assert best[0] == 1


def test_equal_candidates_share_being_best(city: AccessibilityModel) -> None:
    far = candidates_at(("p", 90_000, 0), ("q", 95_000, 0))
    matrix = StraightLine().cost_matrix(city.demand.points, far.points)
    gains = simulate_gains(city, far, matrix, STEPS[2], model=QUICK)
    assert share_best(gains.drawn[:, 0].T).tolist() == [0.5, 0.5]
    empty = StraightLine().cost_matrix(city.demand.points, np.zeros((0, 2)))
    none = Destinations((), np.zeros((0, 2)), np.zeros(0))
    assert simulate_gains(city, none, empty, STEPS[2], model=QUICK).drawn.size == 0
