"""Districts and quarters as one clean tiling."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from welcomemap.build.raw import RawFolder
from welcomemap.crs import METRIC_CRS, WGS84
from welcomemap.errors import GeometryError, Place

QUARTERS_FILE = "boundaries/stadtteile_2025_simplified.geojson"
GRID_DEGREES = 1e-7
"""About 1 cm: ten times finer than the raw vertices."""


def tile_polygons(polygons: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Make polygons that nearly tile an area tile it exactly.

    All borders are noded together, the faces between them found, and each face given to the
    polygon that covers it; slivers that none or two cover go to the first neighbour with the
    longest common border. Neighbours then share every vertex of their common border, so the tiling
    stays free of gaps and overlaps in any projection.
    """
    borders = shapely.union_all([shapely.boundary(p) for p in polygons], grid_size=GRID_DEGREES)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(borders))))
    covered = np.array([shapely.area(shapely.intersection(faces, p)) for p in polygons])
    owner = np.argmax(covered, axis=0)
    is_sliver = (covered > 0.5 * shapely.area(faces)).sum(axis=0) != 1
    for face in np.flatnonzero(is_sliver):
        owner[face] = _nearest_owner(faces, owner, is_sliver, int(face))
    tiles = [shapely.coverage_union_all(faces[owner == k]) for k in range(len(polygons))]
    return [shapely.normalize(shapely.set_precision(t, GRID_DEGREES)) for t in tiles]


def _nearest_owner(faces: np.ndarray, owner: np.ndarray, is_sliver: np.ndarray, face: int) -> int:
    shared = shapely.length(shapely.intersection(faces[~is_sliver], faces[face]))
    return int(owner[np.flatnonzero(~is_sliver)[int(np.argmax(shared))]])


def build_quarters(raw: RawFolder) -> gpd.GeoDataFrame:
    """Read the quarters: ``quarter``, ``name``, ``district``, ``geometry`` (EPSG:4326), by number.

    Raises
    ------
    GeometryError
        If a polygon is invalid or not a polygon.
    """
    table = raw.read_features(QUARTERS_FILE, ("name", "nummer", "bezirk"))
    for row, geometry in enumerate(table.geometry, start=1):
        if geometry is None or geometry.geom_type != "Polygon" or not geometry.is_valid:
            raise GeometryError(
                "a quarter is not one valid polygon",
                where=Place(QUARTERS_FILE, row=row),
                how="Restore the raw boundaries, then build again.",
            )
    table = table.sort_values("nummer", ignore_index=True)
    return gpd.GeoDataFrame(
        {
            "quarter": table["nummer"].astype(str),
            "name": table["name"].astype(str),
            "district": table["bezirk"].astype(int),
        },
        geometry=tile_polygons(list(table.geometry)),
        crs=WGS84,
    )


def build_districts(quarters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dissolve the quarters into districts: ``district`` and ``geometry`` (EPSG:4326)."""
    numbers = sorted(quarters["district"].unique())
    shapes = [
        shapely.normalize(
            shapely.coverage_union_all(quarters.geometry[quarters["district"] == n].to_numpy())
        )
        for n in numbers
    ]
    return gpd.GeoDataFrame({"district": numbers}, geometry=shapes, crs=WGS84)


def measure_area_km2(areas: gpd.GeoDataFrame) -> list[float]:
    """Return the areas in square kilometres, measured in EPSG:25832, to three decimals."""
    return [round(float(area) / 1e6, 3) for area in areas.to_crs(METRIC_CRS).area]
