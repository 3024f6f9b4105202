"""Where does a street run, if no house of it is known? Named ways of the street network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from welcomemap.geocoding.placement import middle_of
from welcomemap.geocoding.spelling import street_key
from welcomemap.pack.load import RegionPack

SPACING_M = 20.0
WAY_MARGIN_M = 60.0
"""Houses stand beside their street, and a way may carry the name for a part of it only."""

WayReader = Callable[[], Any]


@dataclass(frozen=True)
class WaySpot:
    """Name of a way, its middle in metres and the radius that holds the houses along it."""

    name: str
    x: float
    y: float
    error_radius_m: float


class WayIndex:
    """Named ways by street key; read when first asked for."""

    def __init__(self, read: WayReader | None) -> None:
        self._read = read

    def find(self, name: str) -> WaySpot | None:
        """Return the middle of the street of a name in normal spelling."""
        return self._find_key(street_key(name)) if self._read is not None else None

    def _find_key(self, key: str) -> WaySpot | None:
        rows = self._rows.get(key)
        if rows is None:
            return None
        lines = self._table.geometry.to_numpy()[rows]
        points = shapely.get_coordinates(shapely.segmentize(lines, SPACING_M))
        index, radius = middle_of(points)
        x, y = points[index]
        name = str(self._table["name"].iloc[rows[0]])
        return WaySpot(name, float(x), float(y), radius + WAY_MARGIN_M)

    @cached_property
    def _table(self) -> gpd.GeoDataFrame:
        return self._read() if self._read is not None else gpd.GeoDataFrame()

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        names = self._table["name"].to_numpy()
        keys = {name: street_key(name) for name in set(names.tolist()) if name}
        found: dict[str, list[int]] = {}
        for row in np.flatnonzero(names != "").tolist():
            key = keys.get(names[row], "")
            if key:
                found.setdefault(key, []).append(row)
        return found


def way_reader(pack: RegionPack) -> WayReader | None:
    """Return what reads names and lines of a pack's street network; ``None`` without one."""
    if not pack.has_layer("street_edges"):
        return None
    return lambda: pack.read_features("street_edges", columns=["name", "geometry"])
