"""The nearest stop of a place, and the lines that are known to call there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from welcomemap.crs import Points
from welcomemap.pack.load import RegionPack
from welcomemap.travel.impedance import Impedance

SAME_STOP_M = 150.0
"""Platforms and sources of one stop lie no farther apart than this."""
NEAREST_TRIED = 8


@dataclass(frozen=True)
class NearestStop:
    """A stop as seen from a place; ``lines`` are those the pack knows, never all there are."""

    stop_id: str
    name: str
    distance_m: float
    lines: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the stop as JSON values; no known line is ``null``, not zero lines."""
        return {
            "stop_id": self.stop_id,
            "name": self.name,
            "distance_m": round(self.distance_m, 1),
            "known_lines": list(self.lines) or None,
        }


def find_nearest_stops(
    pack: RegionPack, points: Points, walk: Impedance
) -> tuple[NearestStop | None, ...]:
    """Find the nearest stop of each place on foot; ``None`` where the pack has no stops.

    Parameters
    ----------
    points
        (n, 2) x, y in metres in the pack's metric CRS.
    walk
        Walking cost in metres.
    """
    if not pack.has_layer("stops") or not len(points) or pack.stops.empty:
        return (None,) * len(points)
    stops = pack.stops
    at = np.column_stack([stops.geometry.x, stops.geometry.y])
    tree = cKDTree(at)
    lines = _lines_by_stop(pack)
    ids, names = stops["stop_id"].astype(str).tolist(), stops["name"].astype(str).tolist()
    found = []
    for point in points:
        near = np.atleast_1d(tree.query(point, k=min(NEAREST_TRIED, len(at)))[1])
        costs = walk.cost_matrix(point[np.newaxis, :], at[near]).cost[0]
        best = int(near[int(costs.argmin())])
        same = tree.query_ball_point(at[best], SAME_STOP_M)
        known = sorted({line for k in same for line in lines.get(ids[k], ())})
        found.append(NearestStop(ids[best], names[best], float(costs.min()), tuple(known)))
    return tuple(found)


def _lines_by_stop(pack: RegionPack) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    if pack.has_layer("line_stops"):
        rows = pack.line_stops
        for stop, line in zip(rows["stop_id"], rows["line"], strict=True):
            found.setdefault(str(stop), set()).add(str(line))
    return found
