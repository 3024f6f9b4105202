"""The metric CRS, axis order and conversions.

Inside the program coordinates are ``x, y`` in metres in the region's metric CRS (default
EPSG:25832, ETRS89 / UTM 32N). ``lat, lon`` (EPSG:4326) exist only at the edges.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

WGS84 = "EPSG:4326"
METRIC_CRS = "EPSG:25832"
GRID_CRS = "EPSG:3035"
"""Cells of European censuses are squares of this CRS (ETRS89 / LAEA Europe)."""
DEGREE_DECIMALS = 7
"""Degrees are written to about 1 cm."""

Points = NDArray[np.float64]
"""Array of shape (n, 2): x and y in metres in the metric CRS."""


@lru_cache(maxsize=16)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def project(lon: ArrayLike, lat: ArrayLike, *, crs: str = METRIC_CRS) -> Points:
    """Convert WGS 84 longitude and latitude in degrees to an (n, 2) array of x, y in metres."""
    x, y = _transformer(WGS84, crs).transform(np.atleast_1d(lon), np.atleast_1d(lat))
    return np.column_stack([x, y]).astype(np.float64)


def unproject(
    points: Points, *, crs: str = METRIC_CRS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert an (n, 2) array of x, y in metres to WGS 84: returns ``(lat, lon)`` in degrees."""
    array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    lon, lat = _transformer(crs, WGS84).transform(array[:, 0], array[:, 1])
    return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)


def unproject_point(x: float, y: float, *, crs: str = METRIC_CRS) -> tuple[float, float]:
    """Convert one x, y in metres to WGS 84 ``(lat, lon)`` in degrees, rounded to be written."""
    lat, lon = unproject(np.array([[x, y]]), crs=crs)
    return round(float(lat[0]), DEGREE_DECIMALS), round(float(lon[0]), DEGREE_DECIMALS)
