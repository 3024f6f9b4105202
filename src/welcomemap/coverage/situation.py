"""Everything the questions of this room are asked of: who lives where, what is there, how far."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.coverage.borders import FAR_FACTOR, NearBorder, find_near_border
from welcomemap.coverage.clusters import find_neighbours
from welcomemap.coverage.cost_draws import Destinations, prepare_draws
from welcomemap.coverage.demand import Demand, read_demand
from welcomemap.coverage.reach import check_thresholds, find_nearest, select_destinations
from welcomemap.coverage.served import ServicePoint, is_serving, place_destinations
from welcomemap.coverage.uncertainty import ReachDraws, simulate_counts
from welcomemap.coverage.uncertainty_model import UncertaintyModel
from welcomemap.coverage.words import RegionWords, read_region_words
from welcomemap.pack.disputes import Dispute, find_disputes, read_other_way
from welcomemap.pack.districts import uncertainty_m
from welcomemap.pack.load import RegionPack
from welcomemap.pack.row_notes import RowNote
from welcomemap.pack.scenario import Scenario
from welcomemap.tables import SERVING_STATUSES
from welcomemap.travel.impedance import CostMatrix, Impedance, Mode, NearestCost, Threshold
from welcomemap.wording import Text

END_OF_TIME = "9999-12-31"


@dataclass(frozen=True, eq=False)
class Situation:
    """A scenario in its region, with the travel cost from each demand cell to each service point.

    Make it once with :func:`read_situation` and ask it many times.

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
    words: RegionWords
    crs: str
    demand: Demand
    points: tuple[ServicePoint, ...]
    destinations: Destinations
    matrix: CostMatrix
    runs_as_published: NDArray[np.bool_]
    runs_in_other_reading: NDArray[np.bool_]
    cells_near_border: NearBorder
    sites_near_border: NearBorder
    border_uncertainty_m: float
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


def read_situation(
    pack: RegionPack, scenario: Scenario, impedance: Impedance, *, demand: Demand | None = None
) -> Situation:
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
    return Situation(
        scenario=scenario.name,
        mode=impedance.mode,
        words=read_region_words(pack.region),
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
        ),
        sites_near_border=find_near_border(
            destinations.points,
            np.asarray(own, dtype=np.intp),
            pack.districts.geometry.tolist(),
            _far_m(destinations, border_m),
        ),
        border_uncertainty_m=border_m,
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
        name: tuple(d.sentence for d in disputes if name in (d.site_ids or d.pack_site_ids))
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
) -> dict[str, tuple[Text, ...]]:
    """Return what reports from after the list's own date say of its sites, by site."""
    found: dict[str, tuple[Text, ...]] = {}
    for dispute in find_disputes(pack, scenario, until=END_OF_TIME):
        if dispute in disputes:
            continue
        told = Text(
            f"Nach dem Stand der Liste: {dispute.sentence.de}",
            f"Since the date of the list: {dispute.sentence.en}",
        )
        for site in dispute.site_ids:
            found[site] = (*found.get(site, ()), told)
    return found


def _read_point(
    row: Mapping[Hashable, Any],
    *,
    is_published: bool,
    runs: set[str],
    told: dict[str, tuple[Text, ...]],
    later: dict[str, tuple[Text, ...]],
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
