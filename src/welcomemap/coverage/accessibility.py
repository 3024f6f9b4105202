"""A scenario in its region: service points, people, and the ways between; all questions ask it.

Three meanings of *served* are kept apart:

located
    a service point lies in the district;
stated
    the list says that a service point serves the district, wherever it lies;
reach
    people get there within a threshold (:mod:`welcomemap.coverage.reach`).

None follows from another, and no function here turns one into another. A list of service points is
taken as published; where other dated sources dispute it, the other reading is carried beside it.

How far the people of an area have to go, and to which service point, is asked once: the figures of
a result and the sentence beside them both come from :class:`AreaWay`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.demand import Demand, find_neighbours, read_demand
from welcomemap.coverage.reach import (
    check_thresholds,
    find_nearest,
    select_destinations,
    summarise_costs,
)
from welcomemap.coverage.uncertainty import (
    FAR_FACTOR,
    Destinations,
    NearBorder,
    ReachDraws,
    UncertaintyModel,
    find_near_border,
    prepare_draws,
    simulate_counts,
)
from welcomemap.region.areas import uncertainty_m
from welcomemap.region.disputes import Dispute, find_disputes, read_other_way
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import RowNote, Scenario
from welcomemap.region.schemas import SERVING_STATUSES
from welcomemap.travel.impedance import (
    ESTIMATE,
    STREETS,
    CostMatrix,
    Impedance,
    Mode,
    NearestCost,
    Threshold,
    is_within,
)


@dataclass(frozen=True)
class ServicePoint:
    """A service point as coverage sees it.

    Attributes
    ----------
    x, y
        Metres in the metric CRS, ``None`` where its place is not known.
    district
        District it lies in; ``None`` where that is not known or outside the region.
    stated_districts
        Districts the list says it serves; empty where the list says nothing.
    is_near_border
        So near a district border that its district is uncertain.
    is_published, runs_in_other_reading
        Whether it is in operation as published, and as the sources say that dispute the list. Both
        are true for a service point that nobody disputes, and for one that only moved.
    disputes
        What other dated sources say against the list; empty where none does.
    later
        What sources say that are younger than the list: true or not, the list could not know it.
    """

    id: str
    name: str
    address: str
    status: str
    x: float | None
    y: float | None
    district: int | None
    stated_districts: tuple[int, ...] = ()
    error_radius_m: float | None = None
    is_near_border: bool = False
    is_published: bool = True
    runs_in_other_reading: bool = True
    disputes: tuple[Dispute, ...] = ()
    later: tuple[Dispute, ...] = ()

    @property
    def is_located(self) -> bool:
        """Tell whether its place is known."""
        return self.x is not None and self.y is not None

    @property
    def is_disputed(self) -> bool:
        """Tell whether the published list and another source disagree about it."""
        return bool(self.disputes)


def is_serving(point: ServicePoint, *, as_published: bool = True) -> bool:
    """Tell whether a service point is in operation, as published or in the other reading."""
    runs = point.is_published if as_published else point.runs_in_other_reading
    return runs and point.status in SERVING_STATUSES


def find_located(
    points: Sequence[ServicePoint], district: int, *, as_published: bool = True
) -> tuple[str, ...]:
    """Return the ids of the service points in operation that lie in a district."""
    return tuple(
        point.id
        for point in points
        if is_serving(point, as_published=as_published)
        and point.is_located
        and point.district == district
    )


def find_stated(points: Sequence[ServicePoint], district: int) -> tuple[str, ...] | None:
    """Return the ids of those in operation that the list says serve a district.

    ``None`` where the list states nothing about any district: then nobody knows.
    """
    if not any(point.stated_districts for point in points):
        return None
    return tuple(
        point.id for point in points if is_serving(point) and district in point.stated_districts
    )


def find_stated_elsewhere(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of those in operation said to serve a district that lie in another one."""
    return tuple(
        point.id
        for point in points
        if is_serving(point)
        and district in point.stated_districts
        and point.district is not None
        and point.district != district
    )


def find_planned(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of planned service points in a district, or meant to serve it."""
    return tuple(
        point.id for point in points if point.status == "planned" and _concerns(point, district)
    )


def find_disputed(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of disputed service points in a district, or said to serve it."""
    return tuple(point.id for point in points if point.is_disputed and _concerns(point, district))


def find_reports(points: Sequence[ServicePoint], district: int) -> tuple[Dispute, ...]:
    """Return what dated sources say against the list about a district's service points."""
    disputed = find_disputed(points, district)
    told = [report for point in points if point.id in disputed for report in point.disputes]
    return tuple(dict.fromkeys(told))


def find_sites_near_border(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of service points of a district that lie too near its border to be sure."""
    return tuple(
        point.id for point in points if point.is_near_border and point.district == district
    )


def name_site(point: ServicePoint) -> str:
    """Return what a service point is called in a sentence: its street and number."""
    return point.address.split(",")[0] or point.name or point.id


def place_destinations(points: Sequence[ServicePoint]) -> tuple[Destinations, list[ServicePoint]]:
    """Return those people can travel to, in either reading: as arrays, and as service points.

    Planned and closed ones, and those whose place is not known, are left out: they serve nobody.
    """
    reachable = [
        point
        for point in points
        if point.is_located and (is_serving(point) or is_serving(point, as_published=False))
    ]
    places = np.array([[point.x, point.y] for point in reachable], dtype=np.float64)
    radius = [np.nan if p.error_radius_m is None else p.error_radius_m for p in reachable]
    ids = tuple(point.id for point in reachable)
    destinations = Destinations(ids, places.reshape(-1, 2), np.array(radius, dtype=np.float64))
    return destinations, reachable


def _concerns(point: ServicePoint, district: int) -> bool:
    return point.district == district or district in point.stated_districts


END_OF_TIME = "9999-12-31"


@dataclass(frozen=True, eq=False, repr=False)
class AccessibilityModel(Brief):
    """A scenario in its region, with the travel cost from each demand cell to each service point.

    Make it once with :func:`read_accessibility` and ask it many times.

    Attributes
    ----------
    points
        All service points of the scenario, and those that only the other reading knows.
    destinations
        Those people can travel to in either reading; columns of ``matrix`` (n_cells, n_dest).
    runs_as_published, runs_in_other_reading
        Which destinations are in operation in each reading, (n_dest,).
    cells_near_border, sites_near_border
        Cells near the border of their quarter, and destinations near that of their district.
    """

    scenario: str
    mode: Mode
    crs: str
    demand: Demand
    points: tuple[ServicePoint, ...]
    destinations: Destinations
    matrix: CostMatrix
    runs_as_published: NDArray[np.bool_]
    runs_in_other_reading: NDArray[np.bool_]
    cells_near_border: NearBorder
    sites_near_border: NearBorder
    list_notes: tuple[RowNote, ...] = ()

    def running(self, *, as_published: bool = True) -> NDArray[np.bool_]:
        """Tell which destinations are in operation in a reading, (n_dest,)."""
        return self.runs_as_published if as_published else self.runs_in_other_reading

    @cached_property
    def neighbours(self) -> NDArray[np.intp]:
        """Pairs of neighbouring demand cells, (n_pairs, 2)."""
        return find_neighbours(self.demand)

    @cached_property
    def _nearest(self) -> tuple[NearestCost, NearestCost]:
        return self._find_nearest(as_published=True), self._find_nearest(as_published=False)

    def nearest(self, *, as_published: bool = True) -> NearestCost:
        """Return the cost of each cell to its nearest service point; ``index`` is its column."""
        return self._nearest[0 if as_published else 1]

    def _find_nearest(self, *, as_published: bool) -> NearestCost:
        running = self.running(as_published=as_published)
        found = find_nearest(select_destinations(self.matrix, running))
        columns = np.append(np.flatnonzero(running), -1)
        return replace(found, index=columns[found.index])

    def simulate(
        self,
        thresholds: Sequence[Threshold],
        model: UncertaintyModel,
        groups: Sequence[str] | None = None,
    ) -> tuple[ReachDraws, ReachDraws]:
        """Simulate who reaches a service point: as published, and in the other reading.

        Both readings share their draws, so what differs between them is the dispute alone.

        The last answer is kept, since gaps and coverage of one scenario ask the same.

        Raises
        ------
        UsageError
            If a threshold is in another unit than the travel cost, or a group is unknown.
        """
        key = (tuple(thresholds), model, None if groups is None else tuple(groups))
        found = self._simulated.get(key)
        if found is None:
            found = self._simulate(thresholds, model, groups)
            self._simulated.clear()
            self._simulated[key] = found
        return found

    @cached_property
    def _simulated(self) -> dict[tuple[object, ...], tuple[ReachDraws, ReachDraws]]:
        return {}

    def _simulate(
        self,
        thresholds: Sequence[Threshold],
        model: UncertaintyModel,
        groups: Sequence[str] | None,
    ) -> tuple[ReachDraws, ReachDraws]:
        values = check_thresholds(thresholds, self.matrix.unit)
        draws = prepare_draws(
            self.demand.points, self.destinations, self.matrix, values.tolist(), model
        )
        demand = self.demand if groups is None else self.demand.select_groups(groups)
        published = np.flatnonzero(self.runs_as_published)
        other = np.flatnonzero(self.runs_in_other_reading)
        differing = np.flatnonzero(self.runs_as_published != self.runs_in_other_reading)

        def draw_readings(cells: NDArray[np.intp], key: int) -> NDArray[np.bool_]:
            first = draws.draw_within(cells, key, published)
            if not draws.possible[np.ix_(cells, differing)].any():
                return np.concatenate([first, first])
            second = draws.draw_within(cells, key, other)
            return np.concatenate(np.broadcast_arrays(first, second))

        counted = simulate_counts(
            demand, draws, self.cells_near_border, draw_readings, 2 * len(values)
        )
        half = len(values)
        return counted.select_slots(slice(half)), counted.select_slots(slice(half, None))

    def find_point(self, column: int) -> ServicePoint:
        """Return the service point of a column of the matrix."""
        name = self.destinations.ids[column]
        return next(point for point in self.points if point.id == name)


def read_accessibility(
    pack: RegionPack, scenario: Scenario, impedance: Impedance, *, demand: Demand | None = None
) -> AccessibilityModel:
    """Bring a scenario, its region and a travel cost together.

    Parameters
    ----------
    demand
        The demand of the pack, where the caller has read it already.
    """
    if demand is None:
        demand = read_demand(pack)
    points = read_service_points(pack, scenario, find_disputes(pack, scenario))
    destinations, placed = place_destinations(points)
    border_m = uncertainty_m(pack)
    district_ids = pd.Index(demand.districts.ids)
    own = district_ids.get_indexer(pd.Index([p.district for p in placed], dtype=object))
    return AccessibilityModel(
        scenario=scenario.name,
        mode=impedance.mode,
        crs=pack.crs,
        demand=demand,
        points=points,
        destinations=destinations,
        matrix=impedance.cost_matrix(demand.points, destinations.points),
        runs_as_published=np.array([is_serving(p) for p in placed], dtype=np.bool_),
        runs_in_other_reading=np.array(
            [is_serving(p, as_published=False) for p in placed], dtype=np.bool_
        ),
        cells_near_border=find_near_border(
            demand.points,
            demand.quarters.index,
            pack.quarters.geometry.tolist(),
            FAR_FACTOR * border_m,
            border_m,
        ),
        sites_near_border=find_near_border(
            destinations.points,
            np.asarray(own, dtype=np.intp),
            pack.districts.geometry.tolist(),
            _far_m(destinations, border_m),
            border_m,
        ),
        list_notes=scenario.notes,
    )


def read_service_points(
    pack: RegionPack, scenario: Scenario, disputes: Sequence[Dispute]
) -> tuple[ServicePoint, ...]:
    """Read the service points of a scenario, and those that only the other reading knows."""
    other = read_other_way(pack, scenario, disputes).frame
    is_new = ~other["id"].isin(scenario.frame["id"])
    runs_otherwise = set(other.loc[other["status"].isin(SERVING_STATUSES), "id"])
    told = {
        name: tuple(d for d in disputes if name in (d.site_ids or d.pack_site_ids))
        for name in other["id"]
    }
    later = _read_later(pack, scenario, disputes)
    listed = [
        _read_point(row, is_published=is_published, runs=runs_otherwise, told=told, later=later)
        for table, is_published in ((scenario.frame, True), (other[is_new], False))
        for row in table.to_dict("records")
    ]
    return tuple(listed)


def _read_later(
    pack: RegionPack, scenario: Scenario, disputes: Sequence[Dispute]
) -> dict[str, tuple[Dispute, ...]]:
    """Return what reports from after the list's own date say of its sites, by site."""
    found: dict[str, tuple[Dispute, ...]] = {}
    for dispute in find_disputes(pack, scenario, until=END_OF_TIME):
        if dispute in disputes:
            continue
        for site in dispute.site_ids:
            found[site] = (*found.get(site, ()), dispute)
    return found


def _read_point(
    row: Mapping[Hashable, Any],
    *,
    is_published: bool,
    runs: set[str],
    told: dict[str, tuple[Dispute, ...]],
    later: dict[str, tuple[Dispute, ...]],
) -> ServicePoint:
    name, x, y = str(row["id"]), number_in_cell(row["x"]), number_in_cell(row["y"])
    district = int(str(row["district"]))
    return ServicePoint(
        id=name,
        name=str(row["name"]),
        address=str(row["address"]),
        status=str(row["status"]),
        x=x,
        y=y,
        district=district if district >= 0 else None,
        stated_districts=tuple(int(d) for d in str(row["stated_districts"]).split(";") if d),
        error_radius_m=number_in_cell(row["error_radius_m"]),
        is_near_border=bool(row["is_uncertain"]),
        is_published=is_published,
        runs_in_other_reading=name in runs,
        disputes=told[name],
        later=later.get(name, ()),
    )


def number_in_cell(value: object) -> float | None:
    """Return the number in a cell of a table, ``None`` where there is none."""
    number = pd.to_numeric(str(value), errors="coerce")
    return None if np.isnan(number) else float(number)


def _far_m(destinations: Destinations, border_m: float) -> float:
    radius = destinations.error_radius_m[np.isfinite(destinations.error_radius_m)]
    return FAR_FACTOR * float(np.hypot(border_m, radius.max(initial=50.0)))


BasisKind = Literal["streets", "estimate", "mixed"]


@dataclass(frozen=True, eq=False)
class AreaWay:
    """The way of the people of an area to their nearest service point.

    Attributes
    ----------
    people, out_of_reach
        People of the group, and those of them beyond the threshold.
    nearest_site, nearest_address
        Id, and street and number, of the service point that is nearest for the most people out of
        reach (of all people where nobody is); ``None`` where they reach none.
    median_cost
        Median over all people of the area; ``None`` where it falls on people who reach none.
    basis
        What the ways of all people of the area rest on.
    cells
        Demand cells out of reach; all of the area where nobody is.
    """

    people: float
    out_of_reach: float
    nearest_site: str | None
    nearest_address: str | None
    median_cost: float | None
    basis: BasisKind
    cells: NDArray[np.intp]


def find_way(
    accessibility: AccessibilityModel, threshold: Threshold, group: str, inside: NDArray[np.intp]
) -> AreaWay:
    """Describe the way of the people of a group in some demand cells, as published."""
    nearest = accessibility.nearest()
    people = accessibility.demand.weight_of(group)
    is_out = ~is_within(nearest.cost[inside], threshold.value) & (people[inside] > 0)
    cells = inside[is_out] if is_out.any() else inside
    site = _find_usual_site(accessibility, people, cells)
    return AreaWay(
        people=float(people[inside].sum()),
        out_of_reach=float(people[inside][is_out].sum()),
        nearest_site=None if site is None else site.id,
        nearest_address=None if site is None else name_site(site),
        median_cost=summarise_costs(nearest.cost[inside], people[inside]).median,
        basis=_name_basis(nearest.basis[inside][people[inside] > 0]),
        cells=cells,
    )


def _find_usual_site(
    accessibility: AccessibilityModel, people: NDArray[np.float64], cells: NDArray[np.intp]
) -> ServicePoint | None:
    index = accessibility.nearest().index[cells]
    is_reached = index >= 0
    if not is_reached.any():
        return None
    votes = np.bincount(index[is_reached], weights=people[cells][is_reached])
    return accessibility.find_point(int(votes.argmax()))


def _name_basis(basis: NDArray[np.int8]) -> BasisKind:
    if (basis == STREETS).all():
        return "streets"
    return "estimate" if (basis == ESTIMATE).all() else "mixed"
