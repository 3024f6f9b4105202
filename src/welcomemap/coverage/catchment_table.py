"""Who is served by whom: people by district and service point, across borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.catchment import allocate_demand, measure_floating_catchment
from welcomemap.coverage.reach import select_destinations
from welcomemap.coverage.rounding import round_people
from welcomemap.coverage.served import name_site
from welcomemap.coverage.situation import Situation
from welcomemap.coverage.words import tell_ways, word_estimate, word_group
from welcomemap.errors import UsageError, quote
from welcomemap.tables import GROUPS
from welcomemap.travel.impedance import Threshold
from welcomemap.wording import Text, capitalise, join_texts


@dataclass(frozen=True)
class CatchmentRow:
    """People of a district and group whose nearest service point is one certain one.

    ``site`` is ``None`` for people with none within the threshold. ``crosses_border`` tells whether
    they go to another district; it is ``None`` where the site's district is not known.
    """

    district: int
    group: str
    site: str | None
    site_district: int | None
    crosses_border: bool | None
    people: float

    def to_json(self) -> dict[str, object]:
        """Return the row as JSON values."""
        return {
            "district": self.district,
            "group": self.group,
            "site": self.site,
            "site_district": self.site_district,
            "crosses_border": self.crosses_border,
            "people": round_people(self.people),
        }


@dataclass(frozen=True)
class CatchmentResult:
    """Who serves whom in a scenario, as published, and sentences about those who cross a border.

    ``tied_people`` of the first group have two nearest service points at the same cost; they are
    counted with the first.
    """

    scenario: str
    threshold: Threshold | None
    rows: tuple[CatchmentRow, ...]
    tied_people: float
    sentences: tuple[Text, ...]

    def to_json(self) -> dict[str, object]:
        """Return the result as JSON values."""
        return {
            "scenario": self.scenario,
            "threshold": None if self.threshold is None else str(self.threshold),
            "rows": [row.to_json() for row in self.rows],
            "tied_people": round_people(self.tied_people),
            "sentences": {
                "de": [sentence.de for sentence in self.sentences],
                "en": [sentence.en for sentence in self.sentences],
            },
        }


def describe_catchments(
    situation: Situation,
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
    demand = situation.demand.select_groups(groups)
    columns = np.flatnonzero(situation.runs_as_published)
    matrix = select_destinations(situation.matrix, situation.runs_as_published)
    found = allocate_demand(demand, matrix, threshold)
    rows: list[CatchmentRow] = []
    for number, district in enumerate(demand.districts.ids):
        for slot, group in enumerate(demand.groups):
            for facility, column in enumerate(columns):
                people = float(found.people[number, facility, slot])
                if people > 0:
                    rows.append(_make_row(situation, int(district), group, int(column), people))
            left = float(found.unallocated[number, slot])
            if left > 0:
                rows.append(CatchmentRow(int(district), group, None, None, None, left))
    tied = float(demand.weights[found.is_tied, 0].sum())
    told = tuple(_tell_crossing(situation, threshold, row) for row in rows if row.crosses_border)
    return CatchmentResult(situation.scenario, threshold, tuple(rows), tied, told)


@dataclass(frozen=True)
class CapacityRow:
    """Capacity per 1,000 people of a district and group by the floating catchment (2SFCA).

    ``per_1000`` is ``None`` where nobody of the group lives; its unit is that of the capacities.
    """

    district: int
    group: str
    threshold: Threshold
    per_1000: float | None

    def to_json(self) -> dict[str, object]:
        """Return the row as JSON values."""
        return {
            "district": self.district,
            "group": self.group,
            "threshold": str(self.threshold),
            "capacity_per_1000": None if self.per_1000 is None else round(self.per_1000, 4),
        }


def describe_capacities(
    situation: Situation,
    capacities: Mapping[str, float],
    thresholds: Sequence[Threshold],
    groups: Sequence[str] = (GROUPS[0],),
) -> tuple[CapacityRow, ...]:
    """Return the capacity per 1,000 people of each district, see :func:`measure_capacity`."""
    rows = []
    for threshold in thresholds:
        for group in groups:
            found = measure_capacity(situation, capacities, threshold, group)
            for district, capacity in zip(situation.demand.districts.ids, found, strict=True):
                per_1000 = None if np.isnan(capacity) else 1000.0 * float(capacity)
                rows.append(CapacityRow(int(district), group, threshold, per_1000))
    return tuple(rows)


def measure_capacity(
    situation: Situation,
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
    names = [situation.destinations.ids[c] for c in np.flatnonzero(situation.runs_as_published)]
    missing = [name for name in names if name not in capacities]
    if missing:
        raise UsageError(
            f"the capacity of service point {quote(missing[0])} is not known",
            how="Give a capacity for each open service point, or leave capacities out.",
        )
    demand = situation.demand
    people = demand.weight_of(group)
    around = measure_floating_catchment(
        select_destinations(situation.matrix, situation.runs_as_published),
        people,
        np.array([capacities[name] for name in names], dtype=np.float64),
        threshold,
    )
    sums = demand.sum_by_area(np.column_stack([around * people, people]), "district")
    capacity: NDArray[np.float64] = np.full(len(sums), np.nan)
    np.divide(sums[:, 0], sums[:, 1], out=capacity, where=sums[:, 1] > 0)
    return capacity


def _make_row(
    situation: Situation, district: int, group: str, column: int, people: float
) -> CatchmentRow:
    point = situation.find_point(column)
    crosses = None if point.district is None else point.district != district
    return CatchmentRow(district, group, point.id, point.district, crosses, people)


def _tell_crossing(situation: Situation, threshold: Threshold | None, row: CatchmentRow) -> Text:
    words = situation.words
    nearest = words.service_point.their_nearest()
    point = next(point for point in situation.points if point.id == row.site)
    number = word_estimate(row.people)
    first = Text(
        f"{capitalise(number.de)} {word_group(row.group).de} aus {words.district.de} "
        f"{row.district} haben {nearest.de} in "
        f"{words.district.de} {row.site_district}: {name_site(point)}.",
        f"{capitalise(number.en)} {word_group(row.group).en} of {words.district.en} "
        f"{row.district} have {nearest.en} in "
        f"{words.district.en} {row.site_district}: {name_site(point)}.",
    )
    return join_texts(first, None if threshold is None else tell_ways(situation.mode, threshold))
