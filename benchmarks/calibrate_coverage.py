"""Measure what the uncertainty of coverage rests on, on the known street network of the pack.

Two things: how errors of the estimated way hang together (correlation of normal scores of the
detour between origins of one destination, by their distance), and how often the 90 % interval made
from the estimate holds the share that streets give. Both use addresses as places, drawn at random.

Run: python benchmarks/calibrate_coverage.py
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from welcomemap.coverage.demand import Demand, read_demand
from welcomemap.coverage.uncertainty import (
    Destinations,
    NearBorder,
    UncertaintyModel,
    prepare_draws,
    simulate_counts,
)
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import Impedance

THRESHOLDS_M = (500.0, 700.0, 1000.0)
EDGES_M = (0, 50, 100, 200, 300, 400, 600, 800, 1200, 2600)
MARGIN_M = 1100.0
NO_BORDERS = NearBorder(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0), 0.0)
N_SITES, N_DESTINATIONS, N_ORIGINS = 120, 200, 2000


def read_places(pack: RegionPack) -> NDArray[np.float64]:
    """Return good address points inside the known network, a margin away from its edge."""
    rows = pack.addresses[pack.addresses["location_quality"] == "point"]
    points = shapely.get_coordinates(rows.geometry.to_numpy())
    inner = shapely.buffer(pack.street_extent.geometry.union_all(), -MARGIN_M)
    return points[shapely.contains_xy(inner, points[:, 0], points[:, 1])]


def show_correlation(streets: Impedance, places: NDArray[np.float64]) -> None:
    random = np.random.default_rng(1)
    origins = places[random.choice(len(places), N_ORIGINS, replace=False)]
    ends = places[random.choice(len(places), N_DESTINATIONS, replace=False)]
    away = origins[:, None] - ends[None]
    line_m = np.hypot(away[..., 0], away[..., 1])
    way_m = streets.cost_matrix(origins, ends).cost
    origin, end = np.nonzero((line_m > 300) & (line_m < 1300) & np.isfinite(way_m))
    detour = way_m[origin, end] / line_m[origin, end]
    print("detour p10, p50, p90:", np.quantile(detour, [0.1, 0.5, 0.9]).round(3))
    score = norm.ppf((rankdata(detour) - 0.5) / len(detour))
    sums, counts = np.zeros(len(EDGES_M) - 1), np.zeros(len(EDGES_M) - 1)
    for number in range(N_DESTINATIONS):
        rows = np.flatnonzero(end == number)
        points = origins[origin[rows]]
        upper = np.triu_indices(len(rows), 1)
        apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))[upper]
        product = np.outer(score[rows], score[rows])[upper]
        slot = np.digitize(apart, EDGES_M) - 1
        inside = slot < len(sums)
        sums += np.bincount(slot[inside], product[inside], minlength=len(sums))
        counts += np.bincount(slot[inside], minlength=len(sums))
    for low, high, value in zip(EDGES_M, EDGES_M[1:], sums / counts, strict=False):
        print(f"origins {low}-{high} m apart: correlation {value:.2f}")


def show_holding(
    demand: Demand, estimate: Impedance, streets: Impedance, places: NDArray[np.float64]
) -> None:
    sites = places[np.random.default_rng(5).choice(len(places), N_SITES, replace=False)]
    people = demand.weight_of("residents")
    model = UncertaintyModel(draws=400)
    for threshold in THRESHOLDS_M:
        held, ratios = 0, []
        for number, site in enumerate(sites):
            end = Destinations((f"p{number}",), site[None], np.array([10.0]))
            costs = estimate.cost_matrix(demand.points, site[None])
            truth = people[streets.cost_matrix(demand.points, site[None]).cost[:, 0] <= threshold]
            guess = people[costs.cost[:, 0] <= threshold].sum()
            draws = prepare_draws(demand.points, end, costs, [threshold], model)
            counted = simulate_counts(demand, draws, NO_BORDERS, draws.draw_within, 1)
            drawn = counted.covered_by("city")[0, 0, 0]
            low, high = np.quantile(drawn, model.bounds)
            held += min(low, guess) <= truth.sum() <= max(high, guess)
            ratios.append(truth.sum() / guess)
        middle = np.median(ratios)
        print(f"{threshold:g} m: held {held / N_SITES:.3f}, streets / estimate median {middle:.2f}")


def main() -> None:
    pack = load_pack()
    streets = make_impedance(pack, "walk", "m", basis="streets")
    estimate = make_impedance(pack, "walk", "m", basis="estimate")
    places = read_places(pack)
    show_correlation(streets, places)
    show_holding(read_demand(pack).select_groups(["residents"]), estimate, streets, places)


if __name__ == "__main__":
    main()
