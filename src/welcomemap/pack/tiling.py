"""Do areas tile the region: no overlaps, no gaps?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

TOLERATED_M2 = 10.0
Shapes = NDArray[Any]


@dataclass(frozen=True)
class TilingFault:
    """An overlap or a gap: which areas (row numbers from 0), and how large it is."""

    rows: tuple[int, ...]
    area_m2: float
    is_overlap: bool


def find_tiling_faults(shapes: Shapes, *, tolerated_m2: float = TOLERATED_M2) -> list[TilingFault]:
    """Find overlaps between areas and gaps enclosed by them that exceed ``tolerated_m2``.

    Parameters
    ----------
    shapes
        Valid polygons in a metric CRS.

    Notes
    -----
    A gap that is open to the outside looks like the outer border; compare with another layer by
    :func:`measure_difference_m2`.
    """
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    pairs = left < right
    left, right = left[pairs], right[pairs]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    faults = [
        TilingFault((int(left[k]), int(right[k])), float(shared[k]), is_overlap=True)
        for k in np.flatnonzero(shared > tolerated_m2)
    ]
    whole = shapely.union_all(shapes)
    for part in shapely.get_parts(whole):
        for ring in shapely.get_rings(part)[1:]:
            hole = shapely.polygons(ring)
            if shapely.area(hole) > tolerated_m2:
                touching = tuple(int(k) for k in tree.query(hole, predicate="intersects"))
                faults.append(TilingFault(touching, float(shapely.area(hole)), is_overlap=False))
    return faults


def measure_difference_m2(shapes: Shapes | Sequence[Any], others: Shapes | Sequence[Any]) -> float:
    """Return the area, in square metres, that only one of two sets of areas covers."""
    one, other = shapely.union_all(shapes), shapely.union_all(others)
    return float(shapely.area(shapely.symmetric_difference(one, other)))
