"""How travel cost is spread over people: median, p90, mean, and who has no way at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class CostDistribution:
    """Travel cost to the nearest service point over the people of a group.

    ``None`` where nobody lives, or where the figure falls on people who reach no service point.
    ``unreachable_share`` is their share, 0-1; ``mean`` is over the others only.
    """

    people: float
    median: float | None
    p90: float | None
    mean: float | None
    unreachable_share: float | None


def weighted_quantile(
    values: NDArray[np.float64], weights: NDArray[np.float64], shares: ArrayLike
) -> NDArray[np.float64]:
    """Return the smallest value up to which at least a share of the weight lies.

    The inverse of the weighted empirical distribution function (definition 1 of Hyndman and Fan
    1996, The American Statistician 50(4), 361-365, with weights for counts). ``inf`` is a value
    like any other. NaN for each share if the weights sum to 0.
    """
    wanted = np.atleast_1d(np.asarray(shares, dtype=np.float64))
    order = np.argsort(values, kind="stable")
    order = order[weights[order] > 0]
    if not len(order):
        return np.full(len(wanted), np.nan)
    cumulated = np.cumsum(weights[order])
    # A relative hair below, so that a share that is exactly reached is not missed by rounding.
    at = np.searchsorted(cumulated, wanted * cumulated[-1] * (1 - 1e-12), side="left")
    quantiles: NDArray[np.float64] = values[order][np.minimum(at, len(order) - 1)]
    return quantiles


def describe_costs(cost: NDArray[np.float64], weights: NDArray[np.float64]) -> CostDistribution:
    """Describe the travel cost of people: arrays of shape (n_cells,); unreachable is ``inf``."""
    people = float(weights.sum())
    if people <= 0:
        return CostDistribution(0.0, None, None, None, None)
    median, p90 = weighted_quantile(cost, weights, [0.5, 0.9])
    is_reached = np.isfinite(cost)
    reached = float(weights[is_reached].sum())
    mean = float((cost[is_reached] * weights[is_reached]).sum()) / reached if reached > 0 else None
    return CostDistribution(
        people, _finite(median), _finite(p90), mean, max(0.0, 1 - reached / people)
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
