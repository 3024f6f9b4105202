"""How many people reach a service point: by area, group and threshold.

This is the third meaning of *served*. A site counts when it is open and has a place; a planned or
closed one, or one without coordinates, serves nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.demand import AreaKind, Demand
from welcomemap.errors import UsageError
from welcomemap.travel.impedance import (
    CostMatrix,
    NearestCost,
    Threshold,
    Unit,
    choose_lowest,
    is_within,
)

Interval = tuple[float, float]
"""Lower and upper bound."""
PEOPLE_DIGITS = 3
"""People are estimates with decimals, so that sums over areas still agree after rounding."""
SHARE_DIGITS = 6


def round_people(people: float) -> float | int:
    """Round people to 0.001; whole numbers are ints."""
    rounded = round(float(people), PEOPLE_DIGITS)
    return int(rounded) if rounded.is_integer() else rounded


def round_share(share: float | None) -> float | None:
    """Round a share or a probability to 0.000001; ``None`` stays."""
    return None if share is None else round(float(share), SHARE_DIGITS)


def round_interval(interval: tuple[float, float] | None) -> list[float | None] | None:
    """Round the bounds of a share's interval; ``None`` stays."""
    return None if interval is None else [round_share(bound) for bound in interval]


@dataclass(frozen=True, eq=False)
class Reach:
    """People within thresholds, arrays of shape (n_thresholds, n_areas, n_groups)."""

    kind: AreaKind
    covered: NDArray[np.float64]
    total: NDArray[np.float64]

    @property
    def share(self) -> NDArray[np.float64]:
        """Covered people per person, 0-1; NaN in areas where no one of the group lives."""
        return divide(self.covered, self.total)


def divide(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide people by people: NaN where ``whole`` is 0, never above 1 by rounding."""
    whole = np.broadcast_to(whole, part.shape)
    shares = np.full(part.shape, np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    capped: NDArray[np.float64] = np.minimum(shares, 1.0)
    return capped


def check_thresholds(thresholds: Sequence[Threshold], unit: Unit) -> NDArray[np.float64]:
    """Return the values of thresholds that are all in one unit.

    Raises
    ------
    UsageError
        If there is none, or one is in another unit than the travel cost.
    """
    if not thresholds:
        raise UsageError("no threshold is given", how="Give at least one, such as 1000m.")
    for threshold in thresholds:
        if threshold.unit != unit:
            raise UsageError(
                f"threshold {threshold} is not in {unit}, the unit of the travel cost",
                how="Metres and minutes never mix: ask for each with a travel cost of its unit.",
            )
    return np.array([threshold.value for threshold in thresholds], dtype=np.float64)


def find_nearest(matrix: CostMatrix) -> NearestCost:
    """Reduce a cost matrix to the nearest destination of each origin.

    ``lower`` and ``upper`` are the smallest lower and the smallest upper bound over all
    destinations: they enclose the cost to whichever destination is nearest. Of tied destinations
    the lowest number counts. With no destination every cost is ``inf``.
    """
    n_origins, n_destinations = matrix.cost.shape
    if n_destinations == 0:
        unreached = np.full(n_origins, np.inf)
        return NearestCost(
            unreached,
            unreached,
            unreached,
            np.zeros(n_origins, dtype=np.int8),
            np.full(n_origins, -1, dtype=np.intp),
            matrix.unit,
        )
    rows = np.arange(n_origins)
    index = choose_lowest(matrix.cost)
    return NearestCost(
        cost=matrix.cost.min(axis=1),
        lower=matrix.lower.min(axis=1),
        upper=matrix.upper.min(axis=1),
        basis=matrix.basis[rows, np.maximum(index, 0)],
        index=index,
        unit=matrix.unit,
    )


def select_destinations(matrix: CostMatrix, chosen: NDArray[np.bool_]) -> CostMatrix:
    """Return the columns of a cost matrix that are chosen, shape (n_origins, n_chosen)."""
    return CostMatrix(
        matrix.cost[:, chosen],
        matrix.lower[:, chosen],
        matrix.upper[:, chosen],
        matrix.basis[:, chosen],
        matrix.unit,
    )


def measure_reach(
    demand: Demand, nearest: NearestCost, thresholds: Sequence[Threshold], kind: AreaKind
) -> Reach:
    """Count people within each inclusive threshold, by area and group.

    Parameters
    ----------
    nearest
        Cost of each demand cell to its nearest service point, arrays of shape (n_cells,).

    Raises
    ------
    UsageError
        If a threshold is in another unit than the cost.
    """
    values = check_thresholds(thresholds, nearest.unit)
    return Reach(
        kind=kind,
        covered=_count(demand, nearest.cost, values, kind),
        total=demand.totals(kind)[np.newaxis].repeat(len(values), axis=0),
    )


def _count(
    demand: Demand, cost: NDArray[np.float64], values: NDArray[np.float64], kind: AreaKind
) -> NDArray[np.float64]:
    return np.stack(
        [
            demand.sum_by_area(demand.weights * is_within(cost, value)[:, np.newaxis], kind)
            for value in values
        ]
    )
