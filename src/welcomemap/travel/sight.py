"""Which area lies within a length around a barrier, as seen from a place?"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from welcomemap.travel.barrier import Barrier, straight_lengths

Floats = NDArray[np.float64]
_FAR = 1e4
"""Shadows are drawn this many radii long."""


def draw_around(barrier: Barrier, centre: Floats, radius_m: float) -> Any:
    """Draw what lies within ``radius_m`` of a place on shortest ways around the barrier.

    The area is a disc without the shadow of the barrier, and around every turning point that is
    reached with metres to spare another such disc. Discs are inscribed polygons.

    Parameters
    ----------
    barrier
        Lines nobody crosses, with their crossings.
    centre
        x, y in metres, shape (2,).
    radius_m
        Length in metres.

    Returns
    -------
    shapely.Geometry
        (Multi)polygon, empty if the radius is not positive or the place is not known.
    """
    if radius_m <= 0 or not np.isfinite(centre).all():
        return shapely.Polygon()
    areas = [_draw_in_sight(barrier, centre, radius_m)]
    if not barrier.is_empty and len(barrier.nodes):
        start = centre.reshape(1, 2)
        if not _is_near(barrier, centre, radius_m):
            return areas[0]
        straight = straight_lengths(start, barrier.nodes)[0]
        blocked = barrier.is_blocked(barrier.nodes, centre)
        first = np.where(blocked, np.inf, straight)
        reached = (first[:, None] + barrier.node_lengths).min(axis=0)
        areas += [
            _draw_in_sight(barrier, barrier.nodes[k], radius_m - reached[k])
            for k in np.flatnonzero(reached < radius_m - 1.0)
        ]
    return shapely.union_all(areas)


def _is_near(barrier: Barrier, centre: Floats, radius_m: float) -> bool:
    segments = shapely.linestrings(np.stack([barrier.starts, barrier.ends], axis=1))
    return bool(shapely.dwithin(segments, shapely.points(centre), radius_m).any())


def _draw_in_sight(barrier: Barrier, centre: Floats, radius_m: float) -> Any:
    """Return the disc around a place without what the barrier hides from it."""
    disc = shapely.buffer(shapely.points(centre), radius_m, quad_segs=16)
    if barrier.is_empty:
        return disc
    segments = shapely.linestrings(np.stack([barrier.starts, barrier.ends], axis=1))
    near = shapely.dwithin(segments, shapely.points(centre), radius_m)
    a, b = barrier.starts[near] - centre, barrier.ends[near] - centre
    is_wide = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) > 1e-6
    a, b = a[is_wide], b[is_wide]
    if not len(a):
        return disc
    far_a = a / np.linalg.norm(a, axis=1, keepdims=True) * radius_m * _FAR
    far_b = b / np.linalg.norm(b, axis=1, keepdims=True) * radius_m * _FAR
    shadows = shapely.polygons(np.stack([a, b, far_b, far_a], axis=1) + centre)
    return shapely.difference(disc, shapely.union_all(shapely.intersection(shadows, disc)))
