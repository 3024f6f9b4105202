"""Rank districts, quarters and contiguous clusters of cells by their people out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.area_way import AreaWay, find_way
from welcomemap.coverage.clusters import label_clusters
from welcomemap.coverage.demand import AreaId, AreaKind
from welcomemap.coverage.gap_result import AreaGap, GapKind
from welcomemap.coverage.gap_words import tell_area, tell_cluster
from welcomemap.coverage.reach import measure_reach
from welcomemap.coverage.situation import Situation
from welcomemap.coverage.uncertainty import ReachDraws
from welcomemap.coverage.words import Interval
from welcomemap.crs import unproject_point
from welcomemap.travel.impedance import NearestCost, Threshold, is_within
from welcomemap.wording import Text, list_words

QUARTERS_NAMED = 3
"""A cluster is called after its quarters with the most people out of reach, at most so many."""


@dataclass(frozen=True, eq=False)
class _Search:
    """What all areas are looked up in; arrays of shape (n_cells,)."""

    situation: Situation
    threshold: Threshold
    group: str
    nearest: NearestCost
    people: NDArray[np.float64]
    is_out: NDArray[np.bool_]

    def find_way(self, cells: NDArray[np.intp]) -> AreaWay:
        return find_way(self.situation, self.threshold, self.group, cells)


def rank_gap_areas(
    situation: Situation,
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
    nearest = situation.nearest()
    people = situation.demand.weight_of(group)
    is_out = ~is_within(nearest.cost, threshold.value) & (people > 0)
    search = _Search(situation, threshold, group, nearest, people, is_out)
    found = [
        *_areas_of(search, "district", draws),
        *(gap for gap in _areas_of(search, "quarter", draws) if gap.out_of_reach >= least_people),
        *_clusters_of(search, least_people),
    ]
    found.sort(key=lambda gap: (-gap.out_of_reach, gap.kind, str(gap.area)))
    return tuple(replace(gap, rank=rank) for rank, gap in enumerate(found, start=1))


def _areas_of(search: _Search, kind: AreaKind, draws: ReachDraws) -> Iterator[AreaGap]:
    demand = draws.demand
    areas, slot = demand.areas(kind), demand.groups.index(search.group)
    reach = measure_reach(demand, search.nearest, [search.threshold], kind)
    lower, upper = (bound[0, :, slot] for bound in draws.share_interval(kind, reach.share))
    for number, area in enumerate(areas.ids):
        total = float(reach.total[0, number, slot])
        if total <= 0:
            continue
        covered = float(reach.covered[0, number, slot])
        interval = (float(lower[number]), float(upper[number]))
        way = search.find_way(np.flatnonzero(areas.index == number))
        yield _make_gap(
            search,
            _Described(
                "district" if kind == "district" else "quarter",
                area,
                areas.names[number],
                total,
                total - covered,
                (total * (1 - interval[1]), total * (1 - interval[0])),
                tell_area(
                    search.situation,
                    search.threshold,
                    search.group,
                    kind,
                    number,
                    covered,
                    total,
                    interval,
                    way,
                ),
            ),
            way,
        )


def _clusters_of(search: _Search, least_people: float) -> Iterator[AreaGap]:
    demand = search.situation.demand
    count, labels = label_clusters(
        search.situation.neighbours, search.is_out, demand.districts.index
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
        names = _name_quarters(search, cells)
        way = search.find_way(cells)
        told = tell_cluster(
            search.situation,
            search.threshold,
            search.group,
            int(district),
            names,
            people,
            float(stays_out),
            way,
        )
        yield _make_gap(
            search,
            _Described(
                "cluster",
                f"{district}-{numbers[district]}",
                names.de,
                people,
                people,
                (float(stays_out), people),
                told,
            ),
            way,
        )


@dataclass(frozen=True)
class _Described:
    kind: GapKind
    area: AreaId
    name: str
    people: float
    out_of_reach: float
    interval: Interval
    reason: Text


def _make_gap(search: _Search, told: _Described, way: AreaWay) -> AreaGap:
    """Add where the people out of reach live, and their way to the nearest service point."""
    situation, cells = search.situation, way.cells
    weights = search.people[cells]
    middle = np.average(situation.demand.points[cells], axis=0, weights=weights)
    lat, lon = unproject_point(float(middle[0]), float(middle[1]), crs=situation.crs)
    district = situation.demand.districts.ids[situation.demand.districts.index[cells[0]]]
    return AreaGap(
        0,
        told.kind,
        told.area,
        told.name,
        int(district),
        search.group,
        told.people,
        told.out_of_reach,
        told.interval,
        lat,
        lon,
        way.nearest_site,
        way.median_cost,
        told.reason,
        cells,
    )


def _name_quarters(search: _Search, cells: NDArray[np.intp]) -> Text:
    quarters = search.situation.demand.quarters
    size = np.bincount(quarters.index[cells], weights=search.people[cells], minlength=len(quarters))
    largest = [q for q in np.argsort(-size, kind="stable")[:QUARTERS_NAMED] if size[q] > 0]
    names = [quarters.names[q] for q in largest]
    return Text(list_words(names, "de"), list_words(names, "en"))
