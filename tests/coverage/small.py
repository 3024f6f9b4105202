"""Small worlds as arrays, and a straight-line travel cost that is easy to check by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from welcomemap.coverage.demand import AreaSet, Demand
from welcomemap.coverage.uncertainty import Destinations, NearBorder, UncertaintyModel
from welcomemap.crs import Points
from welcomemap.travel.impedance import CostMatrix, Mode, Unit

CERTAIN = UncertaintyModel(
    draws=1,
    access_m=0.0,
    cell_size_m=0.0,
    site_error_radius_m=0.0,
    borders_move=False,
    census_error_people=0.0,
    census_error_share=0.0,
    group_error_share=0.0,
)
"""Nothing moves except travel cost with an interval."""


@dataclass(frozen=True)
class StraightLine:
    """Metres as the crow flies times a factor."""

    factor: float = 1.0
    lower: float = 1.0
    upper: float = 1.0
    unit: Unit = "m"
    mode: Mode = "walk"

    def cost_matrix(
        self, origins: Points, destinations: Points, *, limit: float = np.inf
    ) -> CostMatrix:
        away = origins[:, None] - destinations[None]
        metres = np.hypot(away[..., 0], away[..., 1])
        basis = np.zeros(metres.shape, dtype=np.int8)
        return CostMatrix(
            metres * self.factor, metres * self.lower, metres * self.upper, basis, self.unit
        )


def make_demand(
    points: Sequence[tuple[float, float]],
    people: Sequence[float] | Sequence[Sequence[float]],
    quarters: Sequence[int] | None = None,
    district_of_quarter: Sequence[int] | None = None,
    groups: Sequence[str] = ("residents",),
) -> Demand:
    """Make demand of quarters numbered from 0; one quarter and one district by default."""
    n = len(points)
    quarter = np.array(quarters if quarters is not None else [0] * n, dtype=np.intp)
    of_quarter = np.array(
        district_of_quarter
        if district_of_quarter is not None
        else [0] * (quarter.max(initial=0) + 1),
        dtype=np.intp,
    )
    return Demand(
        points=np.array(points, dtype=np.float64).reshape(n, 2),
        weights=np.array(people, dtype=np.float64).reshape(n, len(groups)),
        groups=tuple(groups),
        city=AreaSet("city", ("Kleinstadt",), ("Kleinstadt",), np.zeros(n, dtype=np.intp)),
        districts=AreaSet(
            "district",
            tuple(range(1, of_quarter.max(initial=0) + 2)),
            tuple(f"D{d + 1}" for d in range(of_quarter.max(initial=0) + 1)),
            of_quarter[quarter],
        ),
        quarters=AreaSet(
            "quarter",
            tuple(f"{q:03d}" for q in range(len(of_quarter))),
            tuple(f"Q{q}" for q in range(len(of_quarter))),
            quarter,
        ),
        district_of_quarter=of_quarter,
    )


def make_destinations(
    points: Sequence[tuple[float, float]], error_radius_m: float = 0.0
) -> Destinations:
    """Make destinations with ids s0, s1, …"""
    n = len(points)
    return Destinations(
        tuple(f"s{i}" for i in range(n)),
        np.array(points, dtype=np.float64).reshape(n, 2),
        np.full(n, error_radius_m),
    )


def make_costs(
    cost: Sequence[Sequence[float]], unit: Unit = "m", spread: float = 0.0
) -> CostMatrix:
    """Make a cost matrix whose bounds lie a relative spread below and above."""
    array = np.array(cost, dtype=np.float64)
    basis = np.zeros(array.shape, dtype=np.int8)
    return CostMatrix(array, array * (1 - spread), array * (1 + spread), basis, unit)


def no_borders() -> NearBorder:
    """Nothing lies near a border."""
    return NearBorder(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0), 0.0)
