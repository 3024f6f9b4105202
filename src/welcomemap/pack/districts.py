"""In which district does a point lie, and how near to a border?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import BorderWarning, quote
from welcomemap.pack.load import RegionPack

NO_DISTRICT = -1


@dataclass(frozen=True)
class DistrictsOfPoints:
    """Districts of n points.

    Attributes
    ----------
    district
        Shape (n,): number of the district, ``NO_DISTRICT`` outside the region or without place.
    border_m
        Shape (n,): distance to the nearest border of a district (the city's own border is one), NaN
        without place. A point exactly on a border belongs to the district with the lower number.
    """

    district: NDArray[np.int64]
    border_m: NDArray[np.float64]


def find_districts(pack: RegionPack, points: Points) -> DistrictsOfPoints:
    """Find the districts of points given as (n, 2) x, y in metres in the pack's metric CRS.

    A point that lies outside all districts, but no farther than the borders are uncertain
    (``border_uncertainty_m`` of the region), belongs to the nearest one.
    """
    district = np.full(len(points), NO_DISTRICT, dtype=np.int64)
    border_m = np.full(len(points), np.nan)
    has_place = np.isfinite(points).all(axis=1)
    table = pack.districts.sort_values("district")
    if not has_place.any() or table.empty:
        return DistrictsOfPoints(district, border_m)
    places = shapely.points(points[has_place])
    polygons = table.geometry.to_numpy()
    numbers = table["district"].to_numpy(dtype=np.int64)
    to_polygon_m = np.array([shapely.distance(polygon, places) for polygon in polygons])
    to_border_m = np.array([shapely.distance(polygon.boundary, places) for polygon in polygons])
    nearest = to_polygon_m.argmin(axis=0)
    gap_m = to_polygon_m.min(axis=0)
    is_near = gap_m <= uncertainty_m(pack)
    district[has_place] = np.where(is_near, numbers[nearest], NO_DISTRICT)
    border_m[has_place] = to_border_m.min(axis=0)
    return DistrictsOfPoints(district, border_m)


def uncertainty_m(pack: RegionPack) -> float:
    """Return how far the pack's district borders may be off, in metres (0 if it says nothing)."""
    return float(pack.region.get("border_uncertainty_m", 0))


def place_in_districts(
    frame: pd.DataFrame, pack: RegionPack
) -> tuple[pd.DataFrame, tuple[BorderWarning, ...]]:
    """Fill ``district``, ``border_m`` and ``is_uncertain`` from ``x`` and ``y``, and warn."""
    points = frame[["x", "y"]].to_numpy(dtype=np.float64)
    found = find_districts(pack, points)
    radius_m = pd.to_numeric(frame["error_radius_m"], errors="coerce").fillna(0).to_numpy(float)
    is_uncertain = found.border_m <= np.maximum(uncertainty_m(pack), radius_m)
    placed = frame.assign(
        district=found.district, border_m=found.border_m, is_uncertain=is_uncertain
    )
    warnings = tuple(
        BorderWarning(
            f"site {quote(site['id'])} lies {site['border_m']:.0f} m from a district border; its"
            f" district {site['district']} is uncertain. Check it on the ground."
        )
        for _, site in placed[placed["is_uncertain"]].iterrows()
    )
    return placed, warnings
