"""Which areas are underserved, in which meaning, and how sure is that?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import (
    AccessibilityModel,
    AreaWay,
    find_disputed,
    find_located,
    find_planned,
    find_reports,
    find_sites_near_border,
    find_stated,
    find_stated_elsewhere,
    find_way,
)
from welcomemap.coverage.demand import AreaId, AreaKind, label_clusters
from welcomemap.coverage.reach import Interval, known
from welcomemap.coverage.uncertainty import (
    Z_BOTH_95,
    ReachDraws,
    Reading,
    UncertaintyModel,
    draw_normal,
    find_site_sd_m,
    is_beyond,
    key_of,
    read_reach,
)
from welcomemap.crs import unproject_point
from welcomemap.region.disputes import Dispute
from welcomemap.region.scenario import RowNote
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.impedance import Assumption, Mode, NearestCost, Threshold, is_within

GapKind = Literal["district", "quarter", "cluster"]


@dataclass(frozen=True, repr=False)
class DistrictGap(Brief):
    """A district in the three meanings of served, which never mix.

    Attributes
    ----------
    located, stated
        Ids of service points in operation that lie in the district, and that are said to serve it;
        ``stated`` is ``None`` where the list states nothing about any district.
    stated_elsewhere
        Of those, the ones that lie in another district.
    located_if_disputed_false
        Ids of those that lie in the district if the sources are right that dispute the list.
    near_border
        Ids of service points that lie too near the district's border to be sure of it.
    group, people
        Who is counted, and how many of them live here.
    covered, share, interval
        People of the group within the threshold, as a number, a share (0-1) and the share's
        interval; so are all further shares and probabilities of reach.
    residents, covered_residents
        Everybody who lives here, and those of them within the threshold, whatever the group.
    probability_located_unserved, probability_reach_unserved
        How probable it is that no service point lies in the district, given borders and locations,
        and that hardly anybody reaches one; as published.
    way
        The way of the people of the group to their nearest service point.
    reports
        What dated sources say against the list about service points of this district.
    """

    district: int
    name: str
    group: str
    people: float
    residents: float
    located: tuple[str, ...]
    stated: tuple[str, ...] | None
    stated_elsewhere: tuple[str, ...]
    disputed: tuple[str, ...]
    located_if_disputed_false: tuple[str, ...]
    planned: tuple[str, ...]
    near_border: tuple[str, ...]
    covered: float
    covered_residents: float
    share: float | None
    interval: Interval | None
    share_if_disputed_false: float | None
    interval_if_disputed_false: Interval | None
    probability_located_unserved: float
    probability_reach_unserved: float | None
    way: AreaWay
    reports: tuple[Dispute, ...]

    @property
    def is_located_unserved(self) -> bool:
        """Tell whether no service point in operation lies in the district, as published."""
        return not self.located

    @property
    def is_stated_unserved(self) -> bool | None:
        """Tell whether none is said to serve it; ``None`` where the list states nothing."""
        return None if self.stated is None else not self.stated


@dataclass(frozen=True, eq=False, repr=False)
class AreaGap(Brief):
    """An area with people out of reach.

    Attributes
    ----------
    rank
        1 for the area with the most people out of reach; districts, quarters and clusters are
        ranked together and overlap.
    area
        Number of the district or quarter, or a name made of district and number for a cluster.
    district
        The district the area lies in.
    out_of_reach, interval
        People of the group beyond the threshold, and that number's interval.
    lat, lon
        Where the people out of reach live on average, WGS 84 (all people where nobody is).
    way
        The way of the people of the area: its median, and the service point that is nearest for the
        most people out of reach.
    share_interval
        Interval of the share within the threshold; ``None`` for a cluster.
    located, is_planned
        Number of service points in operation that lie here, and whether one is planned; ``None``
        where the area is no district.
    quarters
        Names of the quarters that a cluster lies in, the most people first.
    """

    rank: int
    kind: GapKind
    area: AreaId
    name: str
    district: int
    group: str
    people: float
    out_of_reach: float
    interval: Interval
    lat: float
    lon: float
    way: AreaWay
    share_interval: Interval | None = None
    located: int | None = None
    is_planned: bool | None = None
    quarters: tuple[str, ...] = ()

    @property
    def nearest_site(self) -> str | None:
        """Id of the service point that is nearest for the most people out of reach."""
        return self.way.nearest_site

    @property
    def median_cost(self) -> float | None:
        """Median way of all people of the area; ``None`` where it falls on who reaches none."""
        return self.way.median_cost

    @property
    def cells(self) -> NDArray[np.intp]:
        """Numbers of the demand cells beyond the threshold; all of the area where none is."""
        return self.way.cells


@dataclass(frozen=True, repr=False)
class GapsResult(Brief):
    """The gaps of a scenario.

    All figures are of ``group`` unless named after residents; ``assumptions`` say what the travel
    costs assume.
    """

    scenario: str
    threshold: Threshold
    mode: Mode
    detour_factor: tuple[float, float, float] | None
    districts: tuple[DistrictGap, ...]
    areas: tuple[AreaGap, ...]
    group: str = GROUPS[0]
    assumptions: tuple[Assumption, ...] = ()
    list_notes: tuple[RowNote, ...] = ()


QUARTERS_NAMED = 3
"""A cluster is called after its quarters with the most people out of reach, at most so many."""


@dataclass(frozen=True, eq=False)
class _Search:
    """What all areas are looked up in; arrays of shape (n_cells,)."""

    accessibility: AccessibilityModel
    threshold: Threshold
    group: str
    nearest: NearestCost
    people: NDArray[np.float64]
    is_out: NDArray[np.bool_]

    def find_way(self, cells: NDArray[np.intp]) -> AreaWay:
        return find_way(self.accessibility, self.threshold, self.group, cells)


def rank_gap_areas(
    accessibility: AccessibilityModel,
    threshold: Threshold,
    group: str,
    draws: ReachDraws,
    least_people: float,
) -> tuple[AreaGap, ...]:
    """Return the areas with people of a group out of reach, the most people first.

    Clusters are contiguous cells beyond the threshold inside one district. The interval of a
    district or quarter comes from the simulation; that of a cluster tells how many would stay out
    of reach if every way were as short, or as long, as the interval of its travel cost allows.
    Quarters and clusters below ``least_people`` are left out; every district is listed.
    """
    nearest = accessibility.nearest()
    people = accessibility.demand.weight_of(group)
    is_out = ~is_within(nearest.cost, threshold.value) & (people > 0)
    search = _Search(accessibility, threshold, group, nearest, people, is_out)
    quarters = _areas_of(search, "quarter", draws) if draws.demand.has_quarters else iter(())
    found = [
        *_areas_of(search, "district", draws),
        *(gap for gap in quarters if gap.out_of_reach >= least_people),
        *_clusters_of(search, least_people),
    ]
    found.sort(key=lambda gap: (-gap.out_of_reach, gap.kind, str(gap.area)))
    return tuple(replace(gap, rank=rank) for rank, gap in enumerate(found, start=1))


def _areas_of(search: _Search, kind: AreaKind, draws: ReachDraws) -> Iterator[AreaGap]:
    demand = draws.demand
    areas, slot = demand.areas(kind), demand.groups.index(search.group)
    reading = read_reach(draws, search.nearest, [search.threshold], kind)
    for number, area in enumerate(areas.ids):
        at = (0, number, slot)
        total = float(reading.reach.total[at])
        if total <= 0:
            continue
        covered = float(reading.reach.covered[at])
        share_interval = (float(reading.lower[at]), float(reading.upper[at]))
        gap = _make_gap(
            search,
            "district" if kind == "district" else "quarter",
            area,
            areas.names[number],
            search.find_way(np.flatnonzero(areas.index == number)),
            people=total,
            out_of_reach=total - covered,
            interval=(total * (1 - share_interval[1]), total * (1 - share_interval[0])),
        )
        gap = replace(gap, share_interval=share_interval)
        if kind == "district":
            points, district = search.accessibility.points, int(area)
            gap = replace(
                gap,
                located=len(find_located(points, district)),
                is_planned=bool(find_planned(points, district)),
            )
        yield gap


def _clusters_of(search: _Search, least_people: float) -> Iterator[AreaGap]:
    demand = search.accessibility.demand
    count, labels = label_clusters(
        search.accessibility.neighbours, search.is_out, demand.districts.index
    )
    size = np.bincount(labels[labels >= 0], weights=search.people[labels >= 0], minlength=count)
    numbers: dict[AreaId, int] = {}
    for label in np.argsort(-size, kind="stable"):
        if size[label] < least_people:
            return
        cells = np.flatnonzero(labels == label)
        district = demand.districts.ids[demand.districts.index[cells[0]]]
        numbers[district] = numbers.get(district, 0) + 1
        stays_out = search.people[cells][
            ~is_within(search.nearest.lower[cells], search.threshold.value)
        ].sum()
        people = float(size[label])
        gap = _make_gap(
            search,
            "cluster",
            f"{district}-{numbers[district]}",
            "",
            search.find_way(cells),
            people=people,
            out_of_reach=people,
            interval=(float(stays_out), people),
        )
        yield replace(gap, quarters=_name_quarters(search, cells))


def _make_gap(
    search: _Search,
    kind: GapKind,
    area: AreaId,
    name: str,
    way: AreaWay,
    *,
    people: float,
    out_of_reach: float,
    interval: Interval,
) -> AreaGap:
    """Add where the people out of reach live."""
    accessibility, cells = search.accessibility, way.cells
    weights = search.people[cells]
    middle = np.average(accessibility.demand.points[cells], axis=0, weights=weights)
    lat, lon = unproject_point(float(middle[0]), float(middle[1]), crs=accessibility.crs)
    district = accessibility.demand.districts.ids[accessibility.demand.districts.index[cells[0]]]
    return AreaGap(
        0, kind, area, name, int(district), search.group, people, out_of_reach, interval, lat, lon,
        way,
    )  # fmt: skip


def _name_quarters(search: _Search, cells: NDArray[np.intp]) -> tuple[str, ...]:
    quarters = search.accessibility.demand.quarters
    size = np.bincount(quarters.index[cells], weights=search.people[cells], minlength=len(quarters))
    largest = [q for q in np.argsort(-size, kind="stable")[:QUARTERS_NAMED] if size[q] > 0]
    return tuple(quarters.names[q] for q in largest)


_SIDE = 20
LEAST_GAP_PEOPLE = 50.0
"""Quarters and clusters with fewer people out of reach are not listed as gaps."""


def measure_gaps(
    accessibility: AccessibilityModel,
    threshold: Threshold,
    *,
    group: str = GROUPS[0],
    model: UncertaintyModel | None = None,
    detour_factor: tuple[float, float, float] | None = None,
    least_people: float = LEAST_GAP_PEOPLE,
) -> GapsResult:
    """Describe each district in the three meanings of served, and rank the areas out of reach.

    Parameters
    ----------
    group
        Whose reach is told and ranks the areas.
    model
        Settings of the simulation behind the intervals; the defaults if ``None``.
    detour_factor
        Estimate, lower and upper factor the travel cost was made with, to be told with the result.

    Raises
    ------
    UsageError
        If the threshold is in another unit than the travel cost, or the group is unknown.
    """
    model = model or UncertaintyModel()
    groups = tuple(dict.fromkeys((GROUPS[0], group)))
    draws = accessibility.simulate([threshold], model, groups)
    published, other = (
        read_reach(drawn, accessibility.nearest(as_published=is_first), [threshold], "district")
        for drawn, is_first in zip(draws, (True, False), strict=True)
    )
    slot = groups.index(group)
    located = probability_located_unserved(accessibility, model)
    reached = draws[0].probability_unserved("district")[0, :, slot]
    districts = [
        _describe_district(
            accessibility,
            threshold,
            group,
            (0, number, slot),
            published,
            other,
            float(located[number]),
            known(float(reached[number])),
        )
        for number in range(len(accessibility.demand.districts))
    ]
    areas = rank_gap_areas(accessibility, threshold, group, draws[0], least_people)
    return GapsResult(
        accessibility.scenario,
        threshold,
        accessibility.mode,
        detour_factor,
        tuple(districts),
        areas,
        group,
    )


def probability_located_unserved(
    accessibility: AccessibilityModel, model: UncertaintyModel
) -> NDArray[np.float64]:
    """Return how probable it is that no service point lies in each district, (n_districts,).

    A service point near a border lies beyond it in some draws: the border is known to
    ``border_uncertainty_m`` and the point to its error radius (both read as 95 % bounds). This is
    the meaning *located*, as published; it says nothing about reach.
    """
    ids = list(accessibility.demand.districts.ids)
    present = np.zeros((len(ids), model.draws), dtype=np.intp)
    near = accessibility.sites_near_border
    moved = _draw_sides(accessibility, model)
    for column in np.flatnonzero(accessibility.runs_as_published):
        own = accessibility.find_point(int(column)).district
        at = np.flatnonzero(near.point == column)
        is_away = moved[at[0]] if len(at) else np.zeros(model.draws, dtype=np.bool_)
        if own in ids:
            present[ids.index(own)] += ~is_away
        if len(at):
            present[near.neighbour[at[0]]] += is_away
    absent: NDArray[np.float64] = (present == 0).mean(axis=1)
    return absent


def _draw_sides(accessibility: AccessibilityModel, model: UncertaintyModel) -> NDArray[np.bool_]:
    near, destinations = accessibility.sites_near_border, accessibility.destinations
    deviates = np.zeros((len(near.point), model.draws), dtype=np.float32)
    for row, column in enumerate(near.point):
        deviates[row] = draw_normal(model, (_SIDE, key_of(destinations.ids[column])), 1)[0]
    border_m = near.border_m if model.borders_move else 0.0
    site_sd_m = find_site_sd_m(destinations, model)[near.point]
    return is_beyond(near, deviates, np.hypot(border_m / Z_BOTH_95, site_sd_m))


def _describe_district(
    accessibility: AccessibilityModel,
    threshold: Threshold,
    group: str,
    at: tuple[int, int, int],
    published: Reading,
    other: Reading,
    probability_located: float,
    probability_reach: float | None,
) -> DistrictGap:
    areas, points, number = accessibility.demand.districts, accessibility.points, at[1]
    district = int(areas.ids[number])
    share, interval = published.share_at(at)
    share_if_false, interval_if_false = other.share_at(at)
    return DistrictGap(
        district=district,
        name=areas.names[number],
        group=group,
        people=float(published.reach.total[at]),
        residents=float(published.reach.total[0, number, 0]),
        located=find_located(points, district),
        stated=find_stated(points, district),
        stated_elsewhere=find_stated_elsewhere(points, district),
        disputed=find_disputed(points, district),
        located_if_disputed_false=find_located(points, district, as_published=False),
        planned=find_planned(points, district),
        near_border=find_sites_near_border(points, district),
        covered=float(published.reach.covered[at]),
        covered_residents=float(published.reach.covered[0, number, 0]),
        share=share,
        interval=interval,
        share_if_disputed_false=share_if_false,
        interval_if_disputed_false=interval_if_false,
        probability_located_unserved=probability_located,
        probability_reach_unserved=probability_reach,
        way=find_way(accessibility, threshold, group, np.flatnonzero(areas.index == number)),
        reports=find_reports(points, district),
    )
