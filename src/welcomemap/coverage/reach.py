"""How many people reach a service point: by area, group and threshold.

This is the third meaning of *served*. A site counts when it is open and has a place; a planned or
closed one, or one without coordinates, serves nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def summarise_costs(cost: NDArray[np.float64], weights: NDArray[np.float64]) -> CostDistribution:
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


@dataclass(frozen=True)
class Inequality:
    """Inequality of travel cost in one group; ``None`` where it is not defined.

    Attributes
    ----------
    gini
        0 (all the same) to 1 (one person bears all).
    palma
        Travel cost borne by the tenth with the longest ways ÷ that of the four tenths with the
        shortest; 0.25 if all are the same.
    """

    gini: float | None
    palma: float | None


def measure_inequality(cost: NDArray[np.float64], people: NDArray[np.float64]) -> Inequality:
    """Return both measures for one group."""
    return Inequality(measure_gini(cost, people), measure_palma(cost, people))


def measure_gini(cost: NDArray[np.float64], people: NDArray[np.float64]) -> float | None:
    """Return the Gini coefficient: half the relative mean absolute difference of all pairs.

    Computed from the Lorenz curve by the trapezoid rule, which is exact for weighted data:
    ``G = sum(P_{i-1} L_i - P_i L_{i-1})`` with cumulated shares of people P and of cost L.

    References
    ----------
    Gini, C. (1912): Variabilità e mutabilità. Dorfman, R. (1979): A formula for the Gini
    coefficient. Review of Economics and Statistics 61(1), 146-149, doi:10.2307/1924845.
    """
    reached, borne = _cumulate(cost, people)
    if borne[-1] <= 0:
        return None
    share, lorenz = reached / reached[-1], borne / borne[-1]
    return max(0.0, float((share[:-1] * lorenz[1:] - share[1:] * lorenz[:-1]).sum()))


def measure_palma(cost: NDArray[np.float64], people: NDArray[np.float64]) -> float | None:
    """Return the cost of the 10 % with the longest ways ÷ that of the 40 % with the shortest.

    People of a cell on the cut are split. ``None`` if the four tenths bear no cost.

    References
    ----------
    Cobham, A., Sumner, A. (2013): Putting the Gini back in the bottle? "The Palma" as a
    policy-relevant measure of inequality. King's International Development Institute.
    """
    reached, borne = _cumulate(cost, people)
    shortest, all_but_longest = np.interp([0.4 * reached[-1], 0.9 * reached[-1]], reached, borne)
    return float((borne[-1] - all_but_longest) / shortest) if shortest > 0 else None


def measure_concentration(
    cost: NDArray[np.float64], people: NDArray[np.float64], rank_by: NDArray[np.float64]
) -> float | None:
    """Return the concentration index of travel cost over people ranked by something else.

    ``C = 2 cov(h, r) / mean(h)`` with cost h and the weighted fractional rank r (0-1) of
    ``rank_by``, for example the share of people with migration background where one lives.
    Positive: the long ways are concentrated where ``rank_by`` is high. Cells with the same
    ``rank_by`` share one rank, so their order does not matter.

    References
    ----------
    Kakwani, N., Wagstaff, A., van Doorslaer, E. (1997): Socioeconomic inequalities in health:
    measurement, computation, and statistical inference. Journal of Econometrics 77(1), 87-103,
    doi:10.1016/S0304-4076(96)01807-6. Ties: Chen, Z., Roy, K. (2009), Journal of Health Economics
    28(1), 169-175, doi:10.1016/j.jhealeco.2008.09.004.
    """
    is_ranked = np.isfinite(rank_by)
    rank_by = rank_by[is_ranked & np.isfinite(cost) & (people > 0)]
    cost, people = _comparable(cost[is_ranked], people[is_ranked])
    borne = float((cost * people).sum())
    if borne <= 0:
        return None
    share = people / people.sum()
    _, tie = np.unique(rank_by, return_inverse=True)
    of_tie = np.bincount(tie, weights=share)
    rank = (np.cumsum(of_tie) - of_tie / 2)[tie]
    mean = float((cost * share).sum())
    covariance = float((share * (cost - mean) * (rank - 0.5)).sum())
    return 2 * covariance / mean + 0.0  # not -0.0


def _cumulate(
    cost: NDArray[np.float64], people: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the people up to each length of way, and the cost that they bear; both begin at 0."""
    cost, people = _comparable(cost, people)
    order = np.argsort(cost, kind="stable")
    reached, borne = np.cumsum(people[order]), np.cumsum(cost[order] * people[order])
    return np.append(0.0, reached), np.append(0.0, borne)


def _comparable(
    cost: NDArray[np.float64], people: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    is_counted = np.isfinite(cost) & (people > 0)
    return cost[is_counted], people[is_counted]


Interval = tuple[float, float]
"""Lower and upper bound."""


@dataclass(frozen=True, eq=False)
class CoverageCounts:
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
                "threshold {threshold} is not in {unit}, the unit of the travel cost",
                threshold=threshold,
                unit=unit,
                how="Metres and minutes never mix: ask for each with a travel cost of its unit.",
            )
    return np.array([threshold.value for threshold in thresholds], dtype=np.float64)


def find_nearest(matrix: CostMatrix) -> NearestCost:
    """Reduce a cost matrix to the nearest destination of each origin.

    ``lower`` and ``upper`` are the smallest lower and the smallest upper bound over all
    destinations: they enclose the cost to whichever destination is nearest. Of tied destinations
    the lowest number counts. With no destination every cost is ``inf``.
    """
    rows, index = np.arange(len(matrix.cost)), choose_lowest(matrix.cost)
    has_any = matrix.cost.shape[1] > 0
    basis = matrix.basis[rows, np.maximum(index, 0)] if has_any else np.zeros(len(rows), np.int8)
    return NearestCost(
        cost=matrix.cost.min(axis=1, initial=np.inf),
        lower=matrix.lower.min(axis=1, initial=np.inf),
        upper=matrix.upper.min(axis=1, initial=np.inf),
        basis=basis,
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


def join_destinations(left: CostMatrix, right: CostMatrix) -> CostMatrix:
    """Return a cost matrix with the columns of one and then of another in the same unit."""
    return CostMatrix(
        np.hstack([left.cost, right.cost]),
        np.hstack([left.lower, right.lower]),
        np.hstack([left.upper, right.upper]),
        np.hstack([left.basis, right.basis]),
        left.unit,
    )


def measure_reach(
    demand: Demand, nearest: NearestCost, thresholds: Sequence[Threshold], kind: AreaKind
) -> CoverageCounts:
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
    return CoverageCounts(
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


def known(value: float) -> float | None:
    """Return a plain number, ``None`` for NaN."""
    return None if np.isnan(value) else float(value)
