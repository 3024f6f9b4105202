"""How far is it by public transport? On foot to a stop, along the lines, on foot to the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csgraph

from welcomemap.crs import Points
from welcomemap.errors import PackError, UsageError, fault
from welcomemap.travel.impedance import (
    ESTIMATE,
    METRES_PER_KM,
    MINUTES_PER_H,
    Assumption,
    CostMatrix,
    Mode,
    TimedImpedance,
    Unit,
    as_points,
    cut_beyond,
    is_within,
)
from welcomemap.travel.network import make_graph

Floats = NDArray[np.float64]

SPEEDS_KM_H = MappingProxyType(
    {"train": 45.0, "stadtbahn": 24.0, "tram": 17.0, "bus": 17.0, "rail-other": 20.0}
)
HEADWAYS_MIN = MappingProxyType(
    {"train": 20.0, "stadtbahn": 10.0, "tram": 10.0, "bus": 20.0, "rail-other": 10.0}
)


@dataclass(frozen=True)
class LineAssumptions(Assumption):
    """What is assumed about lines whose timetable is not known; none of it is measured.

    Attributes
    ----------
    speed_km_h
        Speed of each mode along the straight line from stop to stop, halts included.
    headway_min
        Time between two vehicles of a line of each mode on a working day.
    boarding_min
        Added to every boarding: the way to the platform, also when changing.
    speed_spread_share
        Lower and upper times ride this share faster and slower.
    max_walk_m
        Nobody walks farther to a stop.
    max_change_m
        Nobody walks farther between two stops when changing.
    other_mode
        Mode whose speed and headway count for modes not named.

    Notes
    -----
    Waiting takes half the headway, the mean for people who arrive at random while vehicles run
    regularly. Lower times wait not at all, upper times the whole headway.
    """

    speed_km_h: Mapping[str, float] = field(default_factory=lambda: SPEEDS_KM_H)
    headway_min: Mapping[str, float] = field(default_factory=lambda: HEADWAYS_MIN)
    boarding_min: float = 2.0
    speed_spread_share: float = 0.2
    max_walk_m: float = 1000.0
    max_change_m: float = 300.0
    other_mode: str = "bus"


class RideTimes(NamedTuple):
    """Minutes from stop to stop, waiting and changing included, shape (n_stops, n_stops).

    ``inf`` where no line leads; the diagonal is ``inf`` as well: who does not ride, walks.
    """

    estimate: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, eq=False)
class LineNetwork:
    """Stops of lines and the order in which lines serve them.

    Attributes
    ----------
    stops
        Shape (n_stops, 2), metric CRS; only stops that a line serves.
    stop_ids
        Their ids.
    served
        Number of the stop of each call, shape (n_calls,), ordered by line and sequence.
    line
        Number of the line of each call; each branch of a line counts as one.
    mode
        Mode of each line.
    """

    stops: Points
    stop_ids: tuple[str, ...]
    served: NDArray[np.int32]
    line: NDArray[np.int32]
    mode: tuple[str, ...]

    def ride_times(
        self, assumptions: LineAssumptions, change_min: tuple[Floats, Floats, Floats]
    ) -> RideTimes:
        """Return minutes between all stops.

        Parameters
        ----------
        assumptions
            Speeds, headways and boarding.
        change_min
            Estimate, lower and upper minutes on foot between stops, ``inf`` where too far.
        """
        spread = assumptions.speed_spread_share
        return RideTimes(
            *(
                self._ride_times(assumptions, walk, wait_share, pace)
                for walk, wait_share, pace in zip(
                    change_min, (0.5, 0.0, 1.0), (1.0, 1.0 + spread, 1.0 - spread), strict=True
                )
            )
        )

    def _ride_times(
        self, assumptions: LineAssumptions, walk_min: Floats, wait_share: float, pace: float
    ) -> Floats:
        n_stops, n_calls = len(self.stops), len(self.served)
        calls = n_stops + np.arange(n_calls, dtype=np.int32)
        known = [
            mode if mode in assumptions.speed_km_h else assumptions.other_mode for mode in self.mode
        ]
        m_per_min = np.array([assumptions.speed_km_h[m] for m in known]) * pace
        m_per_min *= METRES_PER_KM / MINUTES_PER_H
        headway = np.array([assumptions.headway_min[m] for m in known])
        board = wait_share * headway[self.line] + assumptions.boarding_min
        follows = np.flatnonzero(self.line[1:] == self.line[:-1])
        legs = self.stops[self.served[follows + 1]] - self.stops[self.served[follows]]
        ride = np.hypot(legs[:, 0], legs[:, 1]) / m_per_min[self.line[follows]]
        a, b = np.nonzero(np.isfinite(walk_min) & ~np.eye(n_stops, dtype=bool))
        graph = make_graph(
            n_stops + n_calls,
            np.concatenate([self.served, calls, calls[follows], calls[follows + 1], a]),
            np.concatenate([calls, self.served, calls[follows + 1], calls[follows], b]),
            np.concatenate([board, np.zeros(n_calls), ride, ride, walk_min[a, b]]),
        )
        minutes = csgraph.dijkstra(graph, indices=np.arange(n_stops))[:, :n_stops]
        np.fill_diagonal(minutes, np.inf)
        return np.asarray(minutes, dtype=np.float64)


def make_line_network(
    lines: pd.DataFrame, line_stops: pd.DataFrame, stops: pd.DataFrame, places: Points
) -> LineNetwork:
    """Join the layers ``lines``, ``line_stops`` and ``stops`` of a pack.

    Parameters
    ----------
    lines, line_stops, stops
        See :mod:`welcomemap.region`.
    places
        Place of each row of ``stops``, shape (n, 2), metric CRS.

    Raises
    ------
    PackError
        If a line serves a stop, or a stop belongs to a line, that is not in the pack.
    """
    ordered = line_stops.assign(sequence=pd.to_numeric(line_stops["sequence"]))
    ordered = ordered.sort_values(["line", "sequence"], kind="stable")
    place_of = {stop: k for k, stop in reversed(list(enumerate(stops["stop_id"].astype(str))))}
    mode_of = dict(zip(lines["line"].astype(str), lines["mode"].astype(str), strict=True))
    names = list(dict.fromkeys(ordered["line"].astype(str)))
    ids = list(dict.fromkeys(ordered["stop_id"].astype(str)))
    for kind, wanted, known in (
        (fault("stop"), ids, place_of),
        (fault("line"), names, mode_of),
    ):
        missing = [name for name in wanted if name not in known]
        if missing:
            raise PackError(
                "line_stops names {kind} {name}, which the pack does not hold",
                kind=kind,
                name=missing[0],
                how="Build the pack again.",
            )
    number = {s: k for k, s in enumerate(ids)}
    of_line, sequence = ordered["line"].astype(str).to_numpy(), ordered["sequence"].to_numpy()
    begins = np.ones(len(ordered), dtype=bool)
    begins[1:] = (of_line[1:] != of_line[:-1]) | (sequence[1:] > sequence[:-1] + 1)
    return LineNetwork(
        places[[place_of[stop] for stop in ids]].reshape(-1, 2),
        tuple(ids),
        np.array([number[str(s)] for s in ordered["stop_id"]], dtype=np.int32),
        (np.cumsum(begins) - 1).astype(np.int32),
        tuple(mode_of[name] for name in of_line[begins]),
    )


@dataclass(frozen=True, eq=False)
class TransitImpedance:
    """Minutes on foot or by line, whichever is quicker: an estimate without a timetable.

    Costs that ride have the basis ``estimate``; where walking all the way is quicker, they are
    those of ``walk``. All results carry the assumptions.

    Raises
    ------
    UsageError
        If ``walk`` does not count in minutes.
    """

    walk: TimedImpedance
    network: LineNetwork
    assumed: LineAssumptions = field(default_factory=LineAssumptions)
    unit: ClassVar[Unit] = "min"
    mode: ClassVar[Mode] = "transit"

    def __post_init__(self) -> None:
        if self.walk.unit != "min":
            raise UsageError("public transport needs minutes on foot", how="Wrap the impedance.")

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Assumptions about lines and walking."""
        return (self.assumed, *self.walk.assumptions)

    @property
    def max_walk_min(self) -> float:
        """Longest walk to a stop in minutes."""
        return self.assumed.max_walk_m / self.walk.m_per_min

    @cached_property
    def rides(self) -> RideTimes:
        """Minutes from stop to stop."""
        stops = self.network.stops
        limit = self.assumed.max_change_m / self.walk.m_per_min
        walks = self._walks(stops, stops, limit)
        return self.network.ride_times(self.assumed, walks)

    def cost_matrix(
        self, origins: Points, destinations: Points, *, limit: float = np.inf
    ) -> CostMatrix:
        """Return minutes of each origin to each destination."""
        origins, destinations = as_points(origins), as_points(destinations)
        whole = self.walk.cost_matrix(origins, destinations, limit=limit)
        stops = self.network.stops
        to_stops = self._walks(origins, stops, self.max_walk_min)
        from_stops = self._walks(stops, destinations, self.max_walk_min)
        cost, lower, upper = (
            _join(access, _join(ride, egress))
            for access, ride, egress in zip(to_stops, self.rides, from_stops, strict=True)
        )
        is_ride = cost < whole.cost
        basis = np.where(is_ride, ESTIMATE, whole.basis)
        cost, lower, upper = (
            np.minimum(a, b)
            for a, b in ((cost, whole.cost), (lower, whole.lower), (upper, whole.upper))
        )
        return cut_beyond(limit, CostMatrix(cost, lower, upper, basis, "min", self.assumptions))

    def _walks(self, a: Points, b: Points, limit: float) -> tuple[Floats, Floats, Floats]:
        """Return minutes on foot, estimate, lower and upper, ``inf`` where longer than a limit."""
        found = self.walk.cost_matrix(a, b, limit=limit)
        is_near = is_within(found.cost, limit)
        cost, lower, upper = (
            np.where(is_near, minutes, np.inf) for minutes in (found.cost, found.lower, found.upper)
        )
        return cost, lower, upper


def _join(first: Floats, second: Floats) -> Floats:
    """Return the least sums over the middle: ``min_k first[i, k] + second[k, j]``."""
    best = np.full((first.shape[0], second.shape[1]), np.inf)
    for k in range(first.shape[1]):
        rows = np.flatnonzero(np.isfinite(first[:, k]))
        if len(rows):
            best[rows] = np.minimum(best[rows], first[rows, k, None] + second[k])
    return best
