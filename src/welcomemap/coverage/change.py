"""Who gained and who lost between two scenarios, and what of that rests on disputed lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import AccessibilityModel, find_located, name_site
from welcomemap.coverage.demand import AREA_KINDS, AreaId, AreaKind, Demand
from welcomemap.coverage.reach import (
    Interval,
    check_thresholds,
    find_nearest,
    join_destinations,
    select_destinations,
)
from welcomemap.coverage.uncertainty import (
    CostDraws,
    Destinations,
    ReachDraws,
    UncertaintyModel,
    prepare_draws,
    simulate_counts,
)
from welcomemap.errors import UsageError
from welcomemap.region.disputes import Dispute
from welcomemap.region.scenario import RowNote
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.impedance import Assumption, CostMatrix, Mode, Threshold, is_within

ListReading = Literal["published", "reports"]
"""A list as it is published, or with the dated reports believed that contradict it."""
READINGS: tuple[ListReading, ...] = ("published", "reports")


@dataclass(frozen=True)
class DiffReading:
    """People who come within reach and who fall out of it, in one reading of each list."""

    earlier: ListReading
    later: ListReading
    gained: float
    lost: float


@dataclass(frozen=True, repr=False)
class DiffRow(Brief):
    """People of a group in an area who come within reach, and who fall out of it.

    Attributes
    ----------
    gained, lost
        With both lists as they are published.
    rests_on_disputed
        The service points whose dispute decides the figures.
    readings
        Gained and lost in both readings of both lists, as published first.
    gained_reached_before
        Of those gained, the people who reached a service point before already, if the dated reports
        are right that contradict the earlier list.
    """

    area_kind: AreaKind
    area: AreaId
    name: str
    group: str
    threshold: Threshold
    gained: float
    lost: float
    gained_interval: Interval
    lost_interval: Interval
    rests_on_disputed: tuple[str, ...]
    readings: tuple[DiffReading, ...] = ()
    gained_reached_before: float = 0.0

    @property
    def by_reports(self) -> DiffReading | None:
        """Both lists with the dated reports believed; ``None`` where no reading is known."""
        wanted = ("reports", "reports")
        return next((r for r in self.readings if (r.earlier, r.later) == wanted), None)


@dataclass(frozen=True)
class LocatedChange:
    """Whether a service point lies in a district, in the earlier list and in the later one.

    ``reported`` is the same with the dated reports believed that contradict the lists.
    """

    district: int
    published: tuple[bool, bool]
    reported: tuple[bool, bool]


@dataclass(frozen=True, repr=False)
class DiffResult(Brief):
    """Who gained and who lost.

    Attributes
    ----------
    located
        In which districts a service point lies: location, not reach.
    disputed
        Disputed service points that figures rest on: by id, street and number.
    reports
        What dated sources say against the lists about those.
    """

    from_scenario: str
    to_scenario: str
    mode: Mode
    rows: tuple[DiffRow, ...]
    located: tuple[LocatedChange, ...] = ()
    disputed: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[Dispute, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    list_notes: tuple[RowNote, ...] = ()


SAME_PLACE_M = 36.0
"""Service points of two scenarios nearer than this are at the same place: the largest error found
of the address list against official coordinates. Otherwise two spellings of one address would make
people gain and lose."""


@dataclass(frozen=True, eq=False)
class _Places:
    """Destinations of both scenarios, each place once; masks have the shape (n_places,).

    ``runs`` are in operation as published, ``reported`` if the dated reports are right.
    """

    destinations: Destinations
    matrix: CostMatrix
    runs_earlier: NDArray[np.bool_]
    runs_later: NDArray[np.bool_]
    reported_earlier: NDArray[np.bool_]
    reported_later: NDArray[np.bool_]
    column_earlier: NDArray[np.intp]
    column_later: NDArray[np.intp]


_Toggle = tuple[str, NDArray[np.bool_], NDArray[np.bool_]]
"""A disputed service point, and both masks that run as they are if the dispute is right."""


def compare_scenarios(
    earlier: AccessibilityModel,
    later: AccessibilityModel,
    thresholds: Sequence[Threshold],
    groups: Sequence[str] = (GROUPS[0],),
    *,
    kinds: Sequence[AreaKind] = AREA_KINDS,
    model: UncertaintyModel | None = None,
) -> DiffResult:
    """Count who comes within reach and who falls out of it from one scenario to another.

    Gained are people within the threshold in ``later`` and not in ``earlier``, lost the other way
    round; both as the lists are published. A figure rests on a disputed service point if it
    changes when that point alone is read the other way.

    Raises
    ------
    UsageError
        If the two are not of the same region, mode and unit, a threshold is in another unit, or a
        group is unknown.
    """
    _check_comparable(earlier, later)
    values = check_thresholds(thresholds, earlier.matrix.unit)
    demand = earlier.demand.select_groups(groups)
    places = _merge_places(earlier, later)
    changed = _find_changed(places.matrix, values, places.runs_earlier, places.runs_later)
    draws = _simulate(demand, earlier, places, values, model or UncertaintyModel())
    toggles = list(_list_toggles(earlier, later, places))
    rows: list[DiffRow] = []
    for kind in kinds:
        rests_on = _find_resting(demand, places.matrix, values, changed, toggles, kind)
        read = _read_both(demand, places, values, changed, kind)
        rows += _rows_of_kind(demand, changed, draws, thresholds, rests_on, kind, read)
    resting = dict.fromkeys(name for row in rows for name in row.rests_on_disputed)
    points = [point for one in (earlier, later) for point in one.points if point.id in resting]
    return DiffResult(
        earlier.scenario, later.scenario, earlier.mode, tuple(rows),
        located=tuple(_compare_located(earlier, later)),
        disputed={point.id: name_site(point) for point in points},
        reports=tuple(dict.fromkeys(report for point in points for report in point.disputes)),
    )  # fmt: skip


def _compare_located(
    earlier: AccessibilityModel, later: AccessibilityModel
) -> Iterator[LocatedChange]:
    """Tell for each district whether a service point lies there, before and after."""
    for district in map(int, later.demand.districts.ids):
        before, after = (
            tuple(
                bool(find_located(one.points, district, as_published=as_published))
                for as_published in (True, False)
            )
            for one in (earlier, later)
        )
        yield LocatedChange(district, (before[0], after[0]), (before[1], after[1]))


def _check_comparable(earlier: AccessibilityModel, later: AccessibilityModel) -> None:
    is_same_region = earlier.demand.points.shape == later.demand.points.shape and bool(
        (earlier.demand.points == later.demand.points).all()
    )
    if not is_same_region:
        raise UsageError(
            "the two scenarios are not of the same region", how="Use the same region pack for both."
        )
    if (earlier.mode, earlier.matrix.unit) != (later.mode, later.matrix.unit):
        raise UsageError(
            "the two scenarios have different travel costs",
            how="Use the same mode and unit for both.",
        )


def _merge_places(earlier: AccessibilityModel, later: AccessibilityModel) -> _Places:
    first, second = earlier.destinations, later.destinations
    column = np.full(len(second), -1, dtype=np.intp)
    if len(first) and len(second):
        away = second.points[:, np.newaxis] - first.points[np.newaxis]
        distance_m = np.hypot(away[..., 0], away[..., 1])
        nearest = distance_m.argmin(axis=1)
        is_same = distance_m[np.arange(len(second)), nearest] <= SAME_PLACE_M
        column[is_same] = nearest[is_same]
    is_new = column < 0
    column[is_new] = len(first) + np.arange(int(is_new.sum()))
    n_places = len(first) + int(is_new.sum())
    added, own = second.select(is_new), np.arange(len(first), dtype=np.intp)

    def mark(columns: NDArray[np.intp]) -> NDArray[np.bool_]:
        marked = np.zeros(n_places, dtype=np.bool_)
        marked[columns] = True
        return marked

    return _Places(
        first.join(added),
        join_destinations(earlier.matrix, select_destinations(later.matrix, is_new)),
        mark(own[earlier.runs_as_published]),
        mark(column[later.runs_as_published]),
        mark(own[earlier.runs_in_other_reading]),
        mark(column[later.runs_in_other_reading]),
        own,
        column,
    )


def _find_changed(
    matrix: CostMatrix,
    values: NDArray[np.float64],
    runs_earlier: NDArray[np.bool_],
    runs_later: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Tell which cells gain, and which lose: (2, n_thresholds, n_cells)."""
    cost_earlier = find_nearest(select_destinations(matrix, runs_earlier)).cost
    cost_later = find_nearest(select_destinations(matrix, runs_later)).cost
    before = np.stack([is_within(cost_earlier, value) for value in values])
    after = np.stack([is_within(cost_later, value) for value in values])
    return np.stack([after & ~before, before & ~after])


def _list_toggles(
    earlier: AccessibilityModel, later: AccessibilityModel, places: _Places
) -> Iterator[_Toggle]:
    both = ((earlier, places.column_earlier), (later, places.column_later))
    for side, (accessibility, columns) in enumerate(both):
        for number, name in enumerate(accessibility.destinations.ids):
            if accessibility.find_point(number).is_disputed:
                runs = [places.runs_earlier.copy(), places.runs_later.copy()]
                runs[side][columns[number]] ^= True
                yield name, runs[0], runs[1]


def _count(demand: Demand, changed: NDArray[np.bool_], kind: AreaKind) -> NDArray[np.float64]:
    """Sum people over changed cells: (2, n_thresholds, n_areas, n_groups)."""
    return np.stack(
        [
            np.stack([demand.sum_by_area(demand.weights * c[:, np.newaxis], kind) for c in side])
            for side in changed
        ]
    )


def _find_resting(
    demand: Demand,
    matrix: CostMatrix,
    values: NDArray[np.float64],
    changed: NDArray[np.bool_],
    toggles: Sequence[_Toggle],
    kind: AreaKind,
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return each disputed id with the figures it moves, (n_thresholds, n_areas, n_groups)."""
    people = _count(demand, changed, kind)
    resting = []
    for name, runs_earlier, runs_later in toggles:
        otherwise = _find_changed(matrix, values, runs_earlier, runs_later)
        is_moved = ~np.isclose(people, _count(demand, otherwise, kind), rtol=0, atol=1e-6)
        resting.append((name, np.asarray(is_moved.any(axis=0))))
    return resting


@dataclass(frozen=True, eq=False)
class _Read:
    """Gained and lost by reading of the lists, and who was reached before by the reports."""

    counts: Mapping[tuple[ListReading, ListReading], NDArray[np.float64]]
    reached_before: NDArray[np.float64]

    def at(self, place: tuple[int, ...]) -> tuple[DiffReading, ...]:
        return tuple(
            DiffReading(*names, float(count[0][place]), float(count[1][place]))
            for names, count in self.counts.items()
        )


def _read_both(
    demand: Demand,
    places: _Places,
    values: NDArray[np.float64],
    changed: NDArray[np.bool_],
    kind: AreaKind,
) -> _Read:
    """Count again with the dated reports believed, for one list, the other, and both."""
    earlier = dict(zip(READINGS, (places.runs_earlier, places.reported_earlier), strict=True))
    later = dict(zip(READINGS, (places.runs_later, places.reported_later), strict=True))
    counts = {
        (one, other): _count(
            demand, _find_changed(places.matrix, values, earlier[one], later[other]), kind
        )
        for one in READINGS
        for other in READINGS
    }
    before = find_nearest(select_destinations(places.matrix, places.reported_earlier)).cost
    was_within = np.stack([is_within(before, value) for value in values])
    return _Read(counts, _count(demand, changed[:1] & was_within, kind)[0])


def _simulate(
    demand: Demand,
    accessibility: AccessibilityModel,
    places: _Places,
    values: NDArray[np.float64],
    model: UncertaintyModel,
) -> ReachDraws:
    draws: CostDraws = prepare_draws(
        demand.points, places.destinations, places.matrix, values.tolist(), model
    )
    earlier, later = np.flatnonzero(places.runs_earlier), np.flatnonzero(places.runs_later)

    def draw_changed(cells: NDArray[np.intp], key: int) -> NDArray[np.bool_]:
        before = draws.draw_within(cells, key, earlier)
        after = draws.draw_within(cells, key, later)
        return np.concatenate([after & ~before, before & ~after])

    return simulate_counts(
        demand, draws, accessibility.cells_near_border, draw_changed, 2 * len(values)
    )


def _rows_of_kind(
    demand: Demand,
    changed: NDArray[np.bool_],
    draws: ReachDraws,
    thresholds: Sequence[Threshold],
    rests_on: Sequence[tuple[str, NDArray[np.bool_]]],
    kind: AreaKind,
    read: _Read,
) -> Iterator[DiffRow]:
    people = np.concatenate(_count(demand, changed, kind))
    drawn = np.quantile(draws.covered_by(kind), draws.model.bounds, axis=-1)
    lower, upper = np.minimum(drawn[0], people), np.maximum(drawn[1], people)
    areas = demand.areas(kind)
    for at in np.ndindex(len(thresholds), len(areas), len(demand.groups)):
        slot, number, group = at
        lost_at = (slot + len(thresholds), number, group)
        yield DiffRow(
            kind,
            areas.ids[number],
            areas.names[number],
            demand.groups[group],
            thresholds[slot],
            float(people[at]),
            float(people[lost_at]),
            (float(lower[at]), float(upper[at])),
            (float(lower[lost_at]), float(upper[lost_at])),
            tuple(dict.fromkeys(name for name, is_moved in rests_on if is_moved[at])),
            read.at(at),
            float(read.reached_before[at]),
        )
