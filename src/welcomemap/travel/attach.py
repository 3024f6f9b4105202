"""Where does a place meet the street network? At its foot on the nearest piece of street."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.travel.network import StreetNetwork

ATTACH_LIMIT_M = 200.0
"""A place farther from every street than this is not reached by the network."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attachment:
    """Where places meet the network, all arrays of shape (n,).

    Attributes
    ----------
    edge
        Number of the edge, -1 where the place is not attached.
    position_m
        Metres from the edge's ``u`` end to the foot, along the line.
    offset_m
        Straight metres from the place to its foot.
    part
        Connected part of the network, -1 where the place is not attached.
    """

    edge: NDArray[np.intp]
    position_m: Floats
    offset_m: Floats
    part: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def is_attached(self) -> NDArray[np.bool_]:
        """Tell which places are attached."""
        attached: NDArray[np.bool_] = self.edge >= 0
        return attached

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Attachment:
        """Return the attachments of some places."""
        return Attachment(
            self.edge[rows], self.position_m[rows], self.offset_m[rows], self.part[rows]
        )


def attach(
    points: Points, network: StreetNetwork, *, limit_m: float = ATTACH_LIMIT_M
) -> Attachment:
    """Attach places to their foot on the nearest edge, the lowest-numbered of tied edges.

    Parameters
    ----------
    points
        Shape (n, 2), metric CRS of the network; places not known (NaN) are not attached.
    network
        Only edges of connected parts of at least ``network.min_part_m`` count.
    limit_m
        Places farther from all of these edges are not attached.
    """
    n = len(points)
    edge = np.full(n, -1, dtype=np.intp)
    position_m, offset_m = np.zeros(n), np.full(n, np.inf)
    part = np.full(n, -1, dtype=np.int32)
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(known) and len(network.attachable):
        shapes = shapely.points(points[known])
        place, found = network.tree.query_nearest(shapes, max_distance=limit_m)
        nearest = network.attachable[found]
        order = np.lexsort((nearest, place))
        place, is_first = np.unique(place[order], return_index=True)
        nearest = nearest[order][is_first]
        rows, lines = known[place], network.lines[nearest]
        edge[rows], part[rows] = nearest, network.edge_part[nearest]
        position_m[rows] = shapely.line_locate_point(lines, shapes[place])
        offset_m[rows] = shapely.distance(lines, shapes[place])
    return Attachment(edge, position_m, offset_m, part)


@dataclass(frozen=True, eq=False)
class AttachmentMemo:
    """Attachments of the place arrays asked for last, so that each is attached once only.

    Arrays are recognised by their bytes. At most ``size`` of them are kept.
    """

    network: StreetNetwork
    limit_m: float = ATTACH_LIMIT_M
    size: int = 16
    _kept: OrderedDict[bytes, Attachment] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def attach(self, points: Points) -> Attachment:
        """Return the attachment of places, see :func:`attach`."""
        key = hashlib.blake2b(points.tobytes(), digest_size=16).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = attach(points, self.network, limit_m=self.limit_m)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self.size:
                self._kept.popitem(last=False)
        return found
