"""Who is served by whom, across district borders too, and how much capacity that leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import AccessibilityModel, name_site
from welcomemap.coverage.demand import Demand
from welcomemap.coverage.reach import check_thresholds, select_destinations
from welcomemap.errors import UsageError
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.impedance import CostMatrix, Mode, Threshold, is_within


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
        is_served = np.isfinite(least)
        if threshold is not None:
            is_served &= is_within(least, check_thresholds([threshold], matrix.unit)[0])
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
    limit = check_thresholds([threshold], matrix.unit)[0]
    within = is_within(matrix.cost, limit) & np.isfinite(matrix.cost)
    reached_by = people @ within
    ratio = np.zeros(len(capacity))
    np.divide(capacity, reached_by, out=ratio, where=reached_by > 0)
    accessibility: NDArray[np.float64] = within @ ratio
    return accessibility


@dataclass(frozen=True)
class CatchmentRow:
    """People of a district and group whose nearest service point is one certain one.

    ``site`` and ``site_address`` (its street and number) are ``None`` for people with none within
    the threshold. ``crosses_border`` tells whether
    they go to another district; it is ``None`` where the site's district is not known.
    """

    district: int
    group: str
    site: str | None
    site_district: int | None
    crosses_border: bool | None
    people: float
    site_address: str | None = None


@dataclass(frozen=True, repr=False)
class CatchmentResult(Brief):
    """Who serves whom in a scenario, as published.

    ``tied_people`` of the first group have two nearest service points at the same cost; they are
    counted with the first.
    """

    scenario: str
    mode: Mode
    threshold: Threshold | None
    rows: tuple[CatchmentRow, ...]
    tied_people: float


def find_catchments(
    accessibility: AccessibilityModel,
    threshold: Threshold | None = None,
    groups: Sequence[str] = (GROUPS[0],),
) -> CatchmentResult:
    """Say who is served by whom: each person by the nearest service point, as published.

    Parameters
    ----------
    threshold
        Only people within it count as served; without one everybody who can get there.

    Raises
    ------
    UsageError
        If the threshold is in another unit than the travel cost, or a group is unknown.
    """
    demand = accessibility.demand.select_groups(groups)
    columns = np.flatnonzero(accessibility.runs_as_published)
    matrix = select_destinations(accessibility.matrix, accessibility.runs_as_published)
    found = allocate_demand(demand, matrix, threshold)
    rows: list[CatchmentRow] = []
    for number, district in enumerate(demand.districts.ids):
        for slot, group in enumerate(demand.groups):
            for facility, column in enumerate(columns):
                people = float(found.people[number, facility, slot])
                if people > 0:
                    rows.append(_make_row(accessibility, int(district), group, int(column), people))
            left = float(found.unallocated[number, slot])
            if left > 0:
                rows.append(CatchmentRow(int(district), group, None, None, None, left))
    tied = float(demand.weights[found.is_tied, 0].sum())
    return CatchmentResult(accessibility.scenario, accessibility.mode, threshold, tuple(rows), tied)


@dataclass(frozen=True)
class CapacityRow:
    """Capacity per 1,000 people of a district and group by the floating catchment (2SFCA).

    ``per_1000`` is ``None`` where nobody of the group lives; its unit is that of the capacities.
    """

    district: int
    group: str
    threshold: Threshold
    per_1000: float | None


def measure_capacities(
    accessibility: AccessibilityModel,
    capacities: Mapping[str, float],
    thresholds: Sequence[Threshold],
    groups: Sequence[str] = (GROUPS[0],),
) -> tuple[CapacityRow, ...]:
    """Return the capacity per 1,000 people of each district, see :func:`measure_capacity`."""
    rows = []
    for threshold in thresholds:
        for group in groups:
            found = measure_capacity(accessibility, capacities, threshold, group)
            for district, capacity in zip(accessibility.demand.districts.ids, found, strict=True):
                per_1000 = None if np.isnan(capacity) else 1000.0 * float(capacity)
                rows.append(CapacityRow(int(district), group, threshold, per_1000))
    return tuple(rows)


def measure_capacity(
    accessibility: AccessibilityModel,
    capacities: Mapping[str, float],
    threshold: Threshold,
    group: str = GROUPS[0],
) -> NDArray[np.float64]:
    """Return the capacity per person around each district's people (2SFCA), (n_districts,).

    The mean over a district's people of :func:`measure_floating_catchment`; NaN where nobody lives.

    Parameters
    ----------
    capacities
        Capacity by id of service point, in one unit, for each one in operation as published.

    Raises
    ------
    UsageError
        If a capacity is missing, negative or not a number, or the threshold is in another unit.
    """
    names = [
        accessibility.destinations.ids[c] for c in np.flatnonzero(accessibility.runs_as_published)
    ]
    missing = [name for name in names if name not in capacities]
    if missing:
        raise UsageError(
            "the capacity of service point {name} is not known",
            name=missing[0],
            how="Give a capacity for each open service point, or leave capacities out.",
        )
    demand = accessibility.demand
    people = demand.weight_of(group)
    around = measure_floating_catchment(
        select_destinations(accessibility.matrix, accessibility.runs_as_published),
        people,
        np.array([capacities[name] for name in names], dtype=np.float64),
        threshold,
    )
    sums = demand.sum_by_area(np.column_stack([around * people, people]), "district")
    capacity: NDArray[np.float64] = np.full(len(sums), np.nan)
    np.divide(sums[:, 0], sums[:, 1], out=capacity, where=sums[:, 1] > 0)
    return capacity


def _make_row(
    accessibility: AccessibilityModel, district: int, group: str, column: int, people: float
) -> CatchmentRow:
    point = accessibility.find_point(column)
    crosses = None if point.district is None else point.district != district
    return CatchmentRow(
        district, group, point.id, point.district, crosses, people, name_site(point)
    )
