"""How far is it where no streets are known? Straight line times detour factor, around the river."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import PackError, UsageError
from welcomemap.travel.barrier import Barrier, make_barrier
from welcomemap.travel.choose import as_points, cut_beyond
from welcomemap.travel.impedance import ESTIMATE, CostMatrix, Impedance, Mode, Unit

_PARTNERS = 5


@dataclass(frozen=True)
class DetourFactor:
    """Way on streets divided by straight line: median, 10th and 90th percentile.

    Raises
    ------
    UsageError
        Unless ``1 <= lower <= estimate <= upper``.
    """

    estimate: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not 1.0 <= self.lower <= self.estimate <= self.upper < np.inf:
            raise UsageError(
                f"detour factors {self.lower:g}, {self.estimate:g}, {self.upper:g} are impossible",
                how="Give 1 <= lower <= estimate <= upper.",
            )


def read_detour_factor(region: Mapping[str, Any]) -> DetourFactor:
    """Return the detour factor of a region: ``region["detour_factor"] = [est, lo, hi]``.

    Raises
    ------
    PackError
        If the region does not state three numbers.
    """
    stated = region.get("detour_factor")
    if stated is None or len(stated) != 3:
        raise PackError(
            "the region states no detour factor",
            how="Add detour_factor: [estimate, lower, upper] to region in datapackage.json.",
        )
    return DetourFactor(*(float(value) for value in stated))


def _no_barrier() -> Barrier:
    return make_barrier([])


@dataclass(frozen=True, eq=False)
class EstimateImpedance:
    """Metres as the crow walks: shortest line around the barrier times the detour factor.

    Costs are symmetric. Lines that cut a bend of the river are led around it or over its
    crossings. ``lower`` and ``upper`` are the same line times the 10th and 90th percentile of the
    factor, so about one way in ten is shorter and one in ten longer than the interval.

    One factor for all lengths is a simplification: detours are relatively longer on short ways.
    On the network the default factor was measured on, the median is 1.4 at 300 to 500 m, 1.3 at
    700 to 1,000 m and 1.2 at 2 to 3 km (see ``benchmarks/bench_travel.py``).
    """

    factor: DetourFactor
    barrier: Barrier = field(default_factory=_no_barrier)
    travel_mode: Mode = "walk"

    @property
    def unit(self) -> Unit:
        """Metres."""
        return "m"

    @property
    def mode(self) -> Mode:
        """Mode of travel."""
        return self.travel_mode

    def cost_matrix(
        self, origins: Points, destinations: Points, *, limit: float = np.inf
    ) -> CostMatrix:
        """Return estimated metres of each origin to each destination."""
        lengths = self.barrier.lengths(
            as_points(origins), as_points(destinations), limit / self.factor.lower
        )
        cost, lower, upper = (
            lengths * factor
            for factor in (self.factor.estimate, self.factor.lower, self.factor.upper)
        )
        cut_beyond(limit, cost, lower, upper)
        return CostMatrix(cost, lower, upper, np.full(cost.shape, ESTIMATE), "m")


@dataclass(frozen=True)
class Calibration:
    """The detour factor measured on a known network, over ``n_pairs`` pairs of places."""

    factor: DetourFactor
    mean: float
    n_pairs: int


def calibrate_detour_factor(
    streets: Impedance,
    places: Points,
    *,
    n_pairs: int = 1500,
    between_m: tuple[float, float] = (300.0, 3000.0),
    seed: int = 1,
) -> Calibration:
    """Measure way on streets divided by straight line between random places.

    Parameters
    ----------
    streets
        Impedance in metres over a network that is complete around ``places``.
    places
        Addresses in the network, shape (n, 2), metric CRS.
    n_pairs
        How many pairs to look for, five to an origin; pairs without a way do not count.
    between_m
        Least and greatest straight length of a pair in metres.
    seed
        Seed of the random choice.

    Raises
    ------
    UsageError
        If ``streets`` does not count in metres, or no pair has a way.
    """
    if streets.unit != "m":
        raise UsageError("a detour factor needs metres", how="Give an impedance whose unit is m.")
    random = np.random.default_rng(seed)
    origins = places[random.integers(len(places), size=max(1, n_pairs // _PARTNERS))]
    chosen = [_choose_partners(origin, places, between_m, random) for origin in origins]
    own = np.repeat(np.arange(len(origins)), [len(partners) for partners in chosen])
    ends = places[np.concatenate(chosen)]
    ways = streets.cost_matrix(origins, ends).cost[own, np.arange(len(ends))]
    ratios = ways / np.hypot(*(origins[own] - ends).T)
    ratios = np.maximum(1.0, ratios[np.isfinite(ratios)])
    if not len(ratios):
        raise UsageError("no two places have a way between them", how="Give places on streets.")
    low, median, high = np.quantile(ratios, [0.1, 0.5, 0.9])
    factor = DetourFactor(float(median), float(low), float(high))
    return Calibration(factor, float(ratios.mean()), len(ratios))


def _choose_partners(
    origin: NDArray[np.float64],
    places: Points,
    between_m: tuple[float, float],
    random: np.random.Generator,
) -> NDArray[np.intp]:
    straight = np.hypot(*(places - origin).T)
    there = np.flatnonzero((straight >= between_m[0]) & (straight <= between_m[1]))
    return random.choice(there, size=_PARTNERS) if len(there) else there
