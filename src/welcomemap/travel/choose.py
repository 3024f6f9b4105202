"""Which destination is the nearest, and what lies beyond a limit? One rule for all impedances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.travel.impedance import CostMatrix, NearestCost, Unit
from welcomemap.wording import Text

TIE_M = 1e-6
"""Costs that differ by no more than this are tied (metres, far below any precision)."""

Floats = NDArray[np.float64]


def choose_lowest(costs: Floats) -> NDArray[np.intp]:
    """Return the column of the least cost in each row, the lowest of tied ones, -1 where none."""
    if costs.shape[1] == 0:
        return np.full(len(costs), -1, dtype=np.intp)
    least = costs.min(axis=1)
    index: NDArray[np.intp] = (costs <= (least + TIE_M)[:, None]).argmax(axis=1)
    index[~np.isfinite(least)] = -1
    return index


def cut_beyond(limit: float, cost: Floats, lower: Floats, upper: Floats) -> None:
    """Set costs to ``inf`` in place where even their lower end lies beyond the limit.

    Costs above the limit whose interval reaches below it stay, so that an interval of coverage
    at this limit can still be formed.
    """
    if np.isfinite(limit):
        beyond = lower > limit
        cost[beyond] = lower[beyond] = upper[beyond] = np.inf


def make_nearest(
    cost: Floats,
    lower: Floats,
    upper: Floats,
    basis: NDArray[np.int8],
    index: NDArray[np.intp],
    *,
    unit: Unit,
    limit: float,
    assumptions: Text | None = None,
) -> NearestCost:
    """Apply the limit and mark origins that reach nothing with the index -1."""
    cut_beyond(limit, cost, lower, upper)
    index = np.where(np.isfinite(cost), index, -1)
    return NearestCost(cost, lower, upper, basis, index, unit, assumptions)


def pick_nearest(costs: CostMatrix) -> NearestCost:
    """Return the nearest destination of each origin from a whole matrix."""
    index = choose_lowest(costs.cost)
    if costs.cost.shape[1] == 0:
        nothing = np.full(len(index), np.inf)
        basis = np.zeros(len(index), dtype=np.int8)
        return NearestCost(
            nothing, nothing.copy(), nothing.copy(), basis, index, costs.unit, costs.assumptions
        )
    rows, column = np.arange(len(index)), np.maximum(index, 0)
    return NearestCost(
        costs.cost[rows, column],
        costs.lower[rows, column],
        costs.upper[rows, column],
        costs.basis[rows, column],
        index,
        costs.unit,
        costs.assumptions,
    )


def as_points(points: Points) -> Points:
    """Return coordinates as a contiguous float array of shape (n, 2); an empty one stays empty."""
    return np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
