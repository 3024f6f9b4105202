"""How far is it along the streets? Exact lengths between places attached to a street network."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.travel.attach import ATTACH_LIMIT_M, Attachment, AttachmentMemo
from welcomemap.travel.barrier import straight_lengths
from welcomemap.travel.choose import as_points, cut_beyond
from welcomemap.travel.impedance import STREETS, CostMatrix, Mode, Unit
from welcomemap.travel.network import StreetNetwork
from welcomemap.travel.routing import route_matrix
from welcomemap.wording import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StreetSpread:
    """How far a way measured on streets may be off: a share of it and a fixed length.

    The share covers paths the network lacks or that are closed, the fixed length the place of the
    door. Measured on the centre of Düsseldorf: with a random twentieth of all unnamed edges left
    out, 99 of 100 ways of 0.2 to 3 km still lie within the default spread. A way is never taken to
    be shorter than the straight line.
    """

    share: float = 0.05
    fixed_m: float = 20.0

    def apply(self, cost: Floats, straight: Floats) -> tuple[Floats, Floats]:
        """Return lower and upper lengths in metres; no way at all has no spread."""
        has_way = np.isfinite(cost)
        spread = np.where(has_way & (cost > 0), self.share * cost + self.fixed_m, 0.0)
        upper: Floats = cost + spread
        lower = np.subtract(cost, spread, out=np.full_like(cost, np.inf), where=has_way)
        np.copyto(lower, np.minimum(cost, np.maximum(lower, straight)), where=has_way)
        return lower, upper

    def widest(self, limit_m: float) -> float:
        """Return the greatest length whose lower end can lie within a limit."""
        return (limit_m + self.fixed_m) / (1.0 - self.share)


@dataclass(frozen=True, eq=False)
class StreetImpedance:
    """Metres along streets from door to door: place to its foot, along the streets, and back out.

    A place nearer to the other one than either is to a street is walked to directly: no street
    lies between them. Places farther than ``attach_limit_m`` from every street are unreachable.
    Coordinates in the metric CRS of the network.
    """

    network: StreetNetwork
    travel_mode: Mode = "walk"
    attach_limit_m: float = ATTACH_LIMIT_M
    spread: StreetSpread = field(default_factory=StreetSpread)
    assumptions: Text | None = None

    @property
    def unit(self) -> Unit:
        """Metres."""
        return "m"

    @property
    def mode(self) -> Mode:
        """Mode of travel."""
        return self.travel_mode

    @cached_property
    def memo(self) -> AttachmentMemo:
        """Attachments of the places asked for last."""
        return AttachmentMemo(self.network, self.attach_limit_m)

    def attach(self, points: Points) -> Attachment:
        """Return where places meet the network; the same array is attached only once."""
        return self.memo.attach(as_points(points))

    def cost_matrix(
        self, origins: Points, destinations: Points, *, limit: float = np.inf
    ) -> CostMatrix:
        """Return metres along streets of each origin to each destination."""
        origins, destinations = as_points(origins), as_points(destinations)
        start, end = self.attach(origins), self.attach(destinations)
        return self.cost_between(origins, start, destinations, end, limit=limit)

    def cost_between(
        self,
        origins: Points,
        start: Attachment,
        destinations: Points,
        end: Attachment,
        *,
        limit: float = np.inf,
    ) -> CostMatrix:
        """Return metres along streets between places whose attachments are known."""
        straight = straight_lengths(origins, destinations)
        cost = np.full(straight.shape, np.inf)
        rows, columns = np.flatnonzero(start.is_attached), np.flatnonzero(end.is_attached)
        if len(rows) and len(columns):
            cost[np.ix_(rows, columns)] = route_matrix(
                self.network, start.take(rows), end.take(columns), self.spread.widest(limit)
            )
        cost += np.where(start.is_attached, start.offset_m, 0.0)[:, None]
        cost += np.where(end.is_attached, end.offset_m, 0.0)
        is_beside = straight <= np.minimum(_own(start)[:, None], _own(end))
        np.copyto(cost, straight, where=is_beside)
        np.maximum(cost, straight, out=cost)
        lower, upper = self.spread.apply(cost, straight)
        cut_beyond(limit, cost, lower, upper)
        return CostMatrix(cost, lower, upper, np.full(cost.shape, STREETS), "m", self.assumptions)


def _own(places: Attachment) -> Floats:
    """Return the street-free radius around each place in metres, negative if not attached."""
    return np.where(places.is_attached, places.offset_m, -1.0)
