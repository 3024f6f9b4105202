"""Which destination is the nearest, and what lies beyond a limit? One rule for all impedances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from welcomemap.crs import Points

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


def as_points(points: Points) -> Points:
    """Return coordinates as a contiguous float array of shape (n, 2); an empty one stays empty."""
    return np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
