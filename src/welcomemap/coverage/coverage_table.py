"""Who is covered: share and number of people by area, group and threshold, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import AccessibilityModel
from welcomemap.coverage.catchment import CapacityRow, CatchmentResult
from welcomemap.coverage.demand import AREA_KINDS, AreaId, AreaKind, AreaSet
from welcomemap.coverage.reach import (
    CostDistribution,
    Inequality,
    Interval,
    known,
    measure_concentration,
    measure_inequality,
    summarise_costs,
)
from welcomemap.coverage.uncertainty import ReachDraws, UncertaintyModel, read_reach
from welcomemap.errors import UsageError
from welcomemap.region.scenario import RowNote
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.impedance import BASIS_NAMES, Assumption, Mode, Threshold, Unit


@dataclass(frozen=True)
class CoverageRow:
    """Covered people of one group in one area within one threshold.

    Attributes
    ----------
    share, interval
        Covered people per person, 0-1, and its interval, which always holds the estimate; ``None``
        where no one of the group lives.
    share_if_disputed_false, interval_if_disputed_false
        The same if the sources are right that dispute the list.
    probability_unserved
        How probable it is that hardly anyone is covered (see the uncertainty model).
    basis
        ``streets``, ``estimate`` or ``mixed``: what the travel costs in the area rest on.
    """

    area_kind: AreaKind
    area: AreaId
    name: str
    group: str
    threshold: Threshold
    total: float
    covered: float
    share: float | None
    interval: Interval | None
    share_if_disputed_false: float | None
    interval_if_disputed_false: Interval | None
    probability_unserved: float | None
    basis: str

    @property
    def people(self) -> float:
        """People of the group who live in the area."""
        return self.total


@dataclass(frozen=True)
class SpreadRow:
    """How travel cost to the nearest service point is spread over a group of an area.

    ``concentration`` is positive where the long ways are where the group's share is high.
    """

    area_kind: AreaKind
    area: AreaId
    group: str
    unit: Unit
    costs: CostDistribution
    inequality: Inequality
    concentration: float | None


@dataclass(frozen=True, repr=False)
class CoverageResult(Brief):
    """Coverage of a scenario.

    Attributes
    ----------
    catchments
        Who is served by whom, for each threshold, where that was asked for.
    capacities
        Capacity per 1,000 people by district, where capacities are given.
    assumptions
        What the travel costs assume beyond the data.
    """

    scenario: str
    mode: Mode
    rows: tuple[CoverageRow, ...]
    spread: tuple[SpreadRow, ...]
    catchments: tuple[CatchmentResult, ...] = ()
    capacities: tuple[CapacityRow, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    list_notes: tuple[RowNote, ...] = ()


def measure_coverage(
    accessibilities: AccessibilityModel | Sequence[AccessibilityModel],
    thresholds: Sequence[Threshold],
    groups: Sequence[str] = GROUPS,
    *,
    kinds: Sequence[AreaKind] = AREA_KINDS,
    model: UncertaintyModel | None = None,
) -> CoverageResult:
    """Measure who is covered, for several groups and thresholds at once.

    Parameters
    ----------
    accessibilities
        The scenario with its travel cost. For thresholds in metres and in minutes give two, with
        costs in either unit; metres and minutes never mix.
    model
        Settings of the simulation behind the intervals; the defaults if ``None``.

    Raises
    ------
    UsageError
        If a threshold has no accessibility model with travel cost in its unit, or a group is
        unknown.
    """
    given = (
        [accessibilities]
        if isinstance(accessibilities, AccessibilityModel)
        else list(accessibilities)
    )
    rows: list[CoverageRow] = []
    spread: list[SpreadRow] = []
    for unit in dict.fromkeys(threshold.unit for threshold in thresholds):
        accessibility = _accessibility_of(given, unit)
        mine = [threshold for threshold in thresholds if threshold.unit == unit]
        rows += _measure_rows(accessibility, mine, groups, kinds, model or UncertaintyModel())
        spread += measure_spread(accessibility, groups)
    if not rows:
        raise UsageError("no threshold is given", how="Give at least one, such as 1000m.")
    return CoverageResult(given[0].scenario, given[0].mode, tuple(rows), tuple(spread))


def measure_spread(accessibility: AccessibilityModel, groups: Sequence[str]) -> list[SpreadRow]:
    """Describe the spread of travel cost over groups, and its inequality, as published."""
    cost, demand = accessibility.nearest().cost, accessibility.demand
    residents = demand.weight_of(GROUPS[0])
    rows = []
    for areas in (demand.city, demand.districts):
        for number, area in enumerate(areas.ids):
            inside = areas.index == number
            for group in groups:
                people = demand.weight_of(group)[inside]
                rows.append(
                    SpreadRow(
                        areas.kind,
                        area,
                        group,
                        accessibility.matrix.unit,
                        summarise_costs(cost[inside], people),
                        measure_inequality(cost[inside], people),
                        _measure_concentration(cost[inside], residents[inside], people, group),
                    )
                )
    return rows


def _measure_concentration(
    cost: NDArray[np.float64],
    residents: NDArray[np.float64],
    people: NDArray[np.float64],
    group: str,
) -> float | None:
    if group == GROUPS[0]:
        return None
    share = np.full(len(people), np.nan)
    np.divide(people, residents, out=share, where=residents > 0)
    return measure_concentration(cost, residents, share)


def _accessibility_of(
    accessibilities: Sequence[AccessibilityModel], unit: Unit
) -> AccessibilityModel:
    for accessibility in accessibilities:
        if accessibility.matrix.unit == unit:
            return accessibility
    raise UsageError(
        "there is no travel cost in {unit} for a threshold in {unit}",
        unit=unit,
        how="Metres and minutes never mix: give a travel cost for each.",
    )


def _measure_rows(
    accessibility: AccessibilityModel,
    thresholds: Sequence[Threshold],
    groups: Sequence[str],
    kinds: Sequence[AreaKind],
    model: UncertaintyModel,
) -> list[CoverageRow]:
    draws = accessibility.simulate(thresholds, model, groups)
    return [row for kind in kinds for row in _rows_of_kind(accessibility, draws, thresholds, kind)]


def _rows_of_kind(
    accessibility: AccessibilityModel,
    draws: tuple[ReachDraws, ReachDraws],
    thresholds: Sequence[Threshold],
    kind: AreaKind,
) -> Iterator[CoverageRow]:
    published, other = (
        read_reach(drawn, accessibility.nearest(as_published=is_first), thresholds, kind)
        for drawn, is_first in zip(draws, (True, False), strict=True)
    )
    demand, unserved = draws[0].demand, draws[0].probability_unserved(kind)
    areas = demand.areas(kind)
    bases = _word_bases(accessibility.nearest().basis, areas)
    for at in np.ndindex(published.share.shape):
        slot, number, group = at
        share, interval = published.share_at(at)
        yield CoverageRow(
            kind,
            areas.ids[number],
            areas.names[number],
            demand.groups[group],
            thresholds[slot],
            float(published.reach.total[at]),
            float(published.reach.covered[at]),
            share,
            interval,
            *other.share_at(at),
            known(float(unserved[at])),
            bases[number],
        )


def _word_bases(codes: NDArray[np.int8], areas: AreaSet) -> list[str]:
    """Say for each area what its travel costs rest on."""
    words = []
    for number in range(len(areas)):
        found = np.unique(codes[areas.index == number])
        words.append(BASIS_NAMES[int(found[0])] if len(found) == 1 else BASIS_NAMES[-1])
    return words
