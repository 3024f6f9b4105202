"""Time coverage of the whole city on the embedded pack, beside a plain pandas/geopandas count.

Run: python benchmarks/bench_coverage.py
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from measure import measure, show
from welcomemap.coverage.accessibility import AccessibilityModel, read_accessibility
from welcomemap.coverage.change import compare_scenarios
from welcomemap.coverage.coverage_table import measure_coverage
from welcomemap.coverage.demand import AREA_KINDS, read_demand
from welcomemap.coverage.gaps import measure_gaps
from welcomemap.coverage.reach import find_nearest, measure_reach
from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.region.pack import load_pack
from welcomemap.region.scenario import load_scenario
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import Threshold

STEPS = [Threshold(500.0, "m"), Threshold(700.0, "m"), Threshold(1000.0, "m")]
FACTORS = (1.13, 1.23, 1.47)
PEER_DRAWS = 20


def fresh(accessibility: AccessibilityModel) -> AccessibilityModel:
    """Return the same situation without what it has simulated before and keeps."""
    return replace(accessibility)


def main() -> None:
    pack = load_pack()
    demand = read_demand(pack)
    impedance = make_impedance(pack, "walk", "m")
    scenario = load_scenario(pack, "2026")
    accessibility = read_accessibility(pack, scenario, impedance, demand=demand)
    earlier = read_accessibility(pack, load_scenario(pack, "2019"), impedance, demand=demand)
    places = accessibility.destinations.points

    def coverage_after_load() -> list[float]:
        nearest = find_nearest(impedance.cost_matrix(demand.points, places))
        found = [measure_reach(demand, nearest, STEPS, kind) for kind in AREA_KINDS]
        return [float(reach.covered.sum()) for reach in found]

    def coverage_from_costs() -> list[float]:
        nearest = find_nearest(accessibility.matrix)
        found = [measure_reach(demand, nearest, STEPS, kind) for kind in AREA_KINDS]
        return [float(reach.covered.sum()) for reach in found]

    cells = pack.demand_cells
    sites = gpd.GeoSeries(gpd.points_from_xy(places[:, 0], places[:, 1]), crs=pack.crs)

    def coverage_by_pandas() -> list[float]:
        """The same question asked of a table: distance to each site, then one groupby each."""
        cost = pd.concat([cells.distance(site) for site in sites], axis=1).min(axis=1) * 1.23
        sums = []
        for kind in ("city", "district", "quarter"):
            total = 0.0
            for step in STEPS:
                covered = cells[cost <= step.value]
                for group in GROUPS:
                    total += (
                        covered[group].sum()
                        if kind == "city"
                        else covered.groupby(kind)[group].sum().sum()
                    )
            sums.append(float(total))
        return sums

    def simulate(draws: int) -> np.ndarray:
        return fresh(accessibility).simulate(STEPS, UncertaintyModel(draws=draws))[0].covered

    def simulate_by_pandas() -> float:
        """The simplest simulation: in each draw one factor a pair, then one groupby a threshold."""
        random = np.random.default_rng(1)
        distance = pd.concat([cells.distance(site) for site in sites], axis=1)
        total = 0.0
        for _ in range(PEER_DRAWS):
            factor = random.triangular(*FACTORS, size=distance.shape)
            cost = (distance * factor).min(axis=1)
            for step in STEPS:
                covered = cells[cost <= step.value]
                total += covered.groupby("quarter")[list(GROUPS)].sum().to_numpy().sum()
        return total

    print(
        f"{len(demand)} cells, {len(places)} sites, {len(GROUPS)} groups, {len(STEPS)} thresholds"
    )
    pandas_count = measure("pandas and geopandas, straight line only", coverage_by_pandas)
    show(
        [
            measure("coverage, travel cost on streets included", coverage_after_load),
            measure("coverage from travel cost at hand", coverage_from_costs),
            pandas_count,
        ],
        peer=pandas_count,
    )
    by_hand = measure(f"pandas, {PEER_DRAWS} draws of one reading", simulate_by_pandas, runs=3)
    thousand = measure("1,000 draws of two readings", lambda: simulate(1000), runs=5)
    show([thousand, by_hand])
    ratio = by_hand.median_s / PEER_DRAWS / (thousand.median_s / 2000)
    print(f"a draw of one reading: {ratio:.0f} times as fast as with pandas")
    show(
        [
            measure(
                "gaps, one threshold, 1,000 draws",
                lambda: measure_gaps(fresh(accessibility), STEPS[2]),
            ),
            measure(
                "coverage table with intervals",
                lambda: measure_coverage(fresh(accessibility), STEPS),
            ),
            measure(
                "diff, 1,000 draws",
                lambda: compare_scenarios(fresh(earlier), fresh(accessibility), STEPS[2:]),
            ),
            measure(
                "scenario to situation",
                lambda: read_accessibility(pack, scenario, impedance, demand=demand),
            ),
        ]
    )


if __name__ == "__main__":
    main()
