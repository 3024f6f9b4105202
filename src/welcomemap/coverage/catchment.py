"""Who is served by whom, across district borders too, and how much capacity that leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.demand import Demand
from welcomemap.errors import UsageError
from welcomemap.travel.impedance import CostMatrix, Threshold, is_within


@dataclass(frozen=True, eq=False)
class Catchments:
    """Demand allocated to the nearest facility.

    Attributes
    ----------
    people
        People by district of residence, facility and group, shape
        (n_districts, n_facilities, n_groups).
    unallocated
        People with no facility within the threshold, (n_districts, n_groups).
    facility
        Facility of each demand cell, -1 where there is none, (n_cells,).
    is_tied
        Cells with a second facility at exactly the same cost; the lowest number was taken.
    """

    people: NDArray[np.float64]
    unallocated: NDArray[np.float64]
    facility: NDArray[np.intp]
    is_tied: NDArray[np.bool_]


def allocate_demand(
    demand: Demand, matrix: CostMatrix, threshold: Threshold | None = None
) -> Catchments:
    """Allocate each demand cell to its nearest facility, within an inclusive threshold if given.

    Parameters
    ----------
    matrix
        Costs of shape (n_cells, n_facilities).

    Raises
    ------
    UsageError
        If the threshold is in another unit than the costs.
    """
    n_cells, n_facilities = matrix.cost.shape
    facility = np.full(n_cells, -1, dtype=np.intp)
    is_tied = np.zeros(n_cells, dtype=np.bool_)
    if n_facilities:
        least = matrix.cost.min(axis=1)
        is_served = np.isfinite(least) & is_within(least, _limit(matrix, threshold))
        facility[is_served] = matrix.cost[is_served].argmin(axis=1)
        is_tied = is_served & ((matrix.cost == least[:, np.newaxis]).sum(axis=1) > 1)
    n_districts = len(demand.districts)
    # Column 0 of the counting grid takes the unallocated (facility -1).
    slot = demand.districts.index * (n_facilities + 1) + facility + 1
    counted = np.empty((n_districts * (n_facilities + 1), len(demand.groups)))
    for column, people in enumerate(demand.weights.T):
        counted[:, column] = np.bincount(slot, weights=people, minlength=len(counted))
    counted = counted.reshape(n_districts, n_facilities + 1, len(demand.groups))
    return Catchments(counted[:, 1:], counted[:, 0], facility, is_tied)


def measure_floating_catchment(
    matrix: CostMatrix,
    people: NDArray[np.float64],
    capacity: NDArray[np.float64],
    threshold: Threshold,
) -> NDArray[np.float64]:
    """Return capacity per person around each demand cell (2SFCA), shape (n_cells,).

    Step 1: for each facility j the capacity-to-population ratio over its service area,
    ``R_j = S_j / sum(P_k for k with d_kj <= d0)``. Step 2: for each cell i the sum of the ratios it
    can reach, ``A_i = sum(R_j for j with d_ij <= d0)``. Facilities that nobody reaches add nothing,
    so ``sum(P_i A_i)`` is the capacity of all facilities that somebody reaches.

    Parameters
    ----------
    people
        P, people per cell, (n_cells,).
    capacity
        S, capacity per facility in any unit (places, hours a week), (n_facilities,); not NaN.

    Raises
    ------
    UsageError
        If a capacity is unknown or negative, or the threshold is in another unit than the costs.

    References
    ----------
    Luo, W., Wang, F. (2003): Measures of spatial accessibility to health care in a GIS environment:
    synthesis and a case study in the Chicago region. Environment and Planning B 30(6), 865-884,
    doi:10.1068/b29120. Catchments are not weighted by distance in it.
    """
    if not (np.isfinite(capacity).all() and (capacity >= 0).all()):
        raise UsageError(
            "the capacity of a service point is unknown or negative",
            how="Give a number of 0 or more for each open service point, in one unit.",
        )
    within = is_within(matrix.cost, _limit(matrix, threshold)) & np.isfinite(matrix.cost)
    reached_by = people @ within
    ratio = np.zeros(len(capacity))
    np.divide(capacity, reached_by, out=ratio, where=reached_by > 0)
    accessibility: NDArray[np.float64] = within @ ratio
    return accessibility


def _limit(matrix: CostMatrix, threshold: Threshold | None) -> float:
    if threshold is None:
        return float("inf")
    if threshold.unit != matrix.unit:
        raise UsageError(
            f"threshold {threshold} is not in {matrix.unit}, the unit of the travel cost",
            how="Metres and minutes never mix.",
        )
    return threshold.value
