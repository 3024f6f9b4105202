"""What lies so near a border that it may belong to the neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from welcomemap.crs import Points

FAR_FACTOR = 1.6
"""Beyond this many border uncertainties (over three standard deviations) nothing changes sides."""


@dataclass(frozen=True, eq=False)
class NearBorder:
    """Points near a border: number of the point, the area beyond, and metres to it.

    All arrays have the shape (n_near,), one entry per point, with its nearest other area.
    """

    point: NDArray[np.intp]
    neighbour: NDArray[np.intp]
    distance_m: NDArray[np.float64]


def find_near_border(
    points: Points, own: NDArray[np.intp], areas: Sequence[BaseGeometry], within_m: float
) -> NearBorder:
    """Find the points within some metres of an area that is not their own.

    Parameters
    ----------
    points
        (n, 2), metres in the metric CRS; NaN rows are ignored.
    own
        Number of the area each point belongs to, -1 for none, (n,).
    areas
        Polygons in the same CRS. The outer border of the region has nobody beyond it.
    """
    placed = np.flatnonzero(np.isfinite(points).all(axis=1))
    places = shapely.points(points[placed])
    tree = shapely.STRtree(list(areas))
    found, area = tree.query(places, predicate="dwithin", distance=within_m)
    is_other = own[placed[found]] != area
    found, area = found[is_other], area[is_other]
    distance_m = shapely.distance(places[found], np.asarray(areas, dtype=object)[area])
    nearest_first = np.lexsort((area, distance_m, found))
    _, first = np.unique(found[nearest_first], return_index=True)
    chosen = nearest_first[first]
    return NearBorder(placed[found[chosen]], area[chosen].astype(np.intp), distance_m[chosen])


def is_beyond(
    near: NearBorder, luck: NDArray[np.floating], sd_m: float | NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which points near a border lie beyond it, draw by draw.

    Parameters
    ----------
    luck
        Standard normal numbers, (n_near, n_draws).
    sd_m
        Standard deviation of the border's place against the point's, metres: one, or (n_near,).
    """
    beyond: NDArray[np.bool_] = luck * np.reshape(sd_m, (-1, 1)) > near.distance_m[:, np.newaxis]
    return beyond
