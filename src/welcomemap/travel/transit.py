"""How far is it by public transport? On foot to a stop, along the lines, on foot to the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import UsageError
from welcomemap.travel.choose import as_points, cut_beyond
from welcomemap.travel.impedance import ESTIMATE, CostMatrix, Mode, Unit, is_within
from welcomemap.travel.lines import LineAssumptions, LineNetwork, RideTimes
from welcomemap.travel.speeds import TimedImpedance, join_known
from welcomemap.wording import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TransitImpedance:
    """Minutes on foot or by line, whichever is quicker: an estimate without a timetable.

    Costs that ride have the basis ``estimate``; where walking all the way is quicker, they are
    those of ``walk``. All results carry the assumptions in words.

    Raises
    ------
    UsageError
        If ``walk`` does not count in minutes.
    """

    walk: TimedImpedance
    network: LineNetwork
    assumed: LineAssumptions = field(default_factory=LineAssumptions)

    def __post_init__(self) -> None:
        if self.walk.unit != "min":
            raise UsageError("public transport needs minutes on foot", how="Wrap the impedance.")

    @property
    def unit(self) -> Unit:
        """Minutes."""
        return "min"

    @property
    def mode(self) -> Mode:
        """Public transport."""
        return "transit"

    @property
    def assumptions(self) -> Text:
        """Assumptions about lines and walking, in words."""
        lines = self.assumed.describe()
        return join_known(lines, self.walk.assumptions) or lines

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
        rides = (self.rides.estimate, self.rides.lower, self.rides.upper)
        cost, lower, upper = (
            _join(access, _join(ride, egress))
            for access, ride, egress in zip(to_stops, rides, from_stops, strict=True)
        )
        is_ride = cost < whole.cost
        basis = np.where(is_ride, ESTIMATE, whole.basis)
        cost, lower, upper = (
            np.minimum(a, b)
            for a, b in ((cost, whole.cost), (lower, whole.lower), (upper, whole.upper))
        )
        cut_beyond(limit, cost, lower, upper)
        return CostMatrix(cost, lower, upper, basis, "min", self.assumptions)

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
