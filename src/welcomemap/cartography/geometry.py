"""Geometry for the eye: simplified, in WGS 84, as small lists of whole numbers.

A ring of a map is one list of integers: latitude and longitude of the first point in 1/100,000
degree (about 1 m), then the differences from point to point. The browser adds them up again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from welcomemap.crs import GRID_CRS, project, unproject
from welcomemap.errors import UsageError

_CELL_NAME = re.compile(r"(\d+)(k?m)N(\d+)E(\d+)")
SCALE = 100_000
DISPLAY_TOLERANCE_M = 5.0
LABEL_WIDTH_TO_HEIGHT = 2.5
LABEL_PLACES = 14

Ring = list[int]


def encode_polygons(geometry: BaseGeometry, *, crs: str) -> list[list[Ring]]:
    """Encode the polygons of a geometry: a list of polygons, each a list of rings, outer first.

    Rings are left open: the last point is not the first again.
    """
    polygons = list_polygons(geometry)
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    points, part = shapely.get_coordinates(np.array(rings, dtype=object), return_index=True)
    if not rings:
        return []
    is_kept = np.append(part[1:] == part[:-1], False)
    encoded = iter(_encode_parts(points[is_kept], part[is_kept], crs=crs))
    return [[next(encoded) for _ in range(1 + len(polygon.interiors))] for polygon in polygons]


def encode_lines(geometry: BaseGeometry, *, crs: str) -> list[Ring]:
    """Encode the lines of a geometry as a list of lists of integers."""
    lines = np.array(list_lines(geometry), dtype=object)
    points, part = shapely.get_coordinates(lines, return_index=True)
    return _encode_parts(points, part, crs=crs)


def _encode_parts(points: NDArray[np.float64], part: NDArray[np.int64], *, crs: str) -> list[Ring]:
    """Encode consecutive points of the same ``part`` as one list of integers each."""
    if not len(points):
        return []
    lat, lon = unproject(points, crs=crs)
    whole = np.column_stack([np.rint(lat * SCALE), np.rint(lon * SCALE)]).astype(np.int64)
    steps = np.vstack([whole[:1], np.diff(whole, axis=0)])
    is_first = np.append(True, part[1:] != part[:-1])
    steps[is_first] = whole[is_first]
    is_kept = is_first | steps.any(axis=1)
    starts = np.flatnonzero(is_first[is_kept])[1:]
    return [piece.ravel().tolist() for piece in np.split(steps[is_kept], starts)]


def list_polygons(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a geometry that have an area; other parts are left out."""
    if isinstance(geometry, Polygon):
        return [geometry] if not geometry.is_empty else []
    return [part for piece in _parts(geometry) for part in list_polygons(piece)]


def list_lines(geometry: BaseGeometry) -> list[LineString]:
    """Return the lines of a geometry; other parts are left out."""
    if isinstance(geometry, LineString):
        return [geometry] if not geometry.is_empty else []
    return [part for piece in _parts(geometry) for part in list_lines(piece)]


def _parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts: Sequence[BaseGeometry] = getattr(geometry, "geoms", ())
    return list(parts)


def simplify_together(
    geometries: Sequence[BaseGeometry], *, tolerance_m: float = DISPLAY_TOLERANCE_M
) -> list[BaseGeometry]:
    """Simplify polygons that share borders so that the borders stay shared.

    A corner goes when the triangle it makes with its neighbours is smaller than the square of the
    tolerance (Visvalingam and Whyatt 1993, as in ``shapely.coverage_simplify``).
    """
    simplified = shapely.coverage_simplify(np.array(geometries, dtype=object), tolerance_m)
    return [
        small if not small.is_empty else whole
        for small, whole in zip(simplified, geometries, strict=True)
    ]


def find_bounds(geometries: Sequence[BaseGeometry], *, crs: str) -> list[list[float]]:
    """Return ``[[south, west], [north, east]]`` in degrees around all geometries."""
    west, south, east, north = shapely.total_bounds(np.array(geometries, dtype=object))
    corners = np.array([[west, south], [west, north], [east, south], [east, north]])
    lat, lon = unproject(corners, crs=crs)
    return [
        [round(float(lat.min()), 5), round(float(lon.min()), 5)],
        [round(float(lat.max()), 5), round(float(lon.max()), 5)],
    ]


def place_labels(geometry: BaseGeometry, *, places: int = LABEL_PLACES) -> NDArray[np.float64]:
    """Return up to ``places`` points for a label inside the largest polygon, best first.

    Good is what lies far from the border, where sideways room counts less than room above and
    below, since a label is wide. Further points are spread out, so that one of them is likely to
    be free of signs.
    """
    polygons = list_polygons(geometry)
    if not polygons:
        return np.empty((0, 2))
    largest = max(polygons, key=lambda polygon: polygon.area)
    squeezed = shapely.transform(largest, lambda xy: xy / [LABEL_WIDTH_TO_HEIGHT, 1.0])
    west, south, east, north = squeezed.bounds
    across, along = np.meshgrid(np.linspace(west, east, 25), np.linspace(south, north, 25))
    shapely.prepare(squeezed)
    is_inside = shapely.contains_xy(squeezed, across, along)
    inside = shapely.points(across[is_inside], along[is_inside])
    inside = np.append(inside, shapely.point_on_surface(squeezed))
    # Of places with equal room the one nearest to the middle is best.
    room = shapely.distance(inside, squeezed.boundary)
    room = room - 0.1 * shapely.distance(inside, squeezed.centroid)
    chosen = _spread(shapely.get_coordinates(inside), room, places)
    points: NDArray[np.float64] = chosen * [LABEL_WIDTH_TO_HEIGHT, 1.0]
    return points


def _spread(
    points: NDArray[np.float64], room: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """Choose points by their room, each time lowering the worth of the chosen one's neighbours."""
    worth = room - room.min() + 1e-9
    reach = max(float(worth.max()), 1e-9)
    chosen: list[int] = []
    while len(chosen) < min(count, len(points)):
        best = int(worth.argmax())
        chosen.append(best)
        worth = worth * np.clip(np.hypot(*(points - points[best]).T) / (0.7 * reach), 0.0, 1.0)
        worth[chosen] = -1.0
    return points[chosen]


def list_grid_squares(names: Sequence[str], *, crs: str) -> list[Polygon]:
    """Return the squares of census cells, such as ``100mN31292E40901``, in the metric CRS.

    The name holds the side in metres or kilometres and the south-west corner in EPSG:3035, in
    units of the side (European grid, INSPIRE specification D2.8.I.2).

    Raises
    ------
    UsageError
        If a name is not one of a grid cell.
    """
    corners = np.array([_read_cell_name(name) for name in names], dtype=np.float64).reshape(-1, 3)
    side, north, east = corners.T
    across = east[:, None] + side[:, None] * np.array([0, 1, 1, 0])
    along = north[:, None] + side[:, None] * np.array([0, 0, 1, 1])
    lat, lon = unproject(np.column_stack([across.ravel(), along.ravel()]), crs=GRID_CRS)
    return list(shapely.polygons(np.round(project(lon, lat, crs=crs), 2).reshape(-1, 4, 2)))


def _read_cell_name(name: str) -> tuple[float, float, float]:
    match = _CELL_NAME.fullmatch(name)
    if match is None:
        raise UsageError(
            "{name} is not the name of a grid cell",
            name=name,
            how="Give names such as 100mN31292E40901.",
        )
    number, unit, north, east = match.groups()
    side = float(number) * (1000.0 if unit == "km" else 1.0)
    return side, float(north) * side, float(east) * side


def merge_cells(cells: Sequence[BaseGeometry]) -> BaseGeometry:
    """Merge the cells of a grid into one geometry; a cell that comes twice counts once."""
    table = np.array(list(cells), dtype=object)
    _, first = np.unique(shapely.to_wkb(table).astype(bytes), return_index=True)
    distinct = table[np.sort(first)]
    if shapely.coverage_is_valid(distinct):
        merged: BaseGeometry = shapely.coverage_union_all(distinct)
    else:
        merged = shapely.union_all(distinct)
    return merged


def as_multi_line(lines: Sequence[LineString]) -> MultiLineString:
    """Join lines that meet end to end."""
    return MultiLineString(list_lines(shapely.line_merge(MultiLineString(list(lines)))))


def as_multi_polygon(geometry: BaseGeometry) -> MultiPolygon:
    """Return the polygons of a geometry as one."""
    return MultiPolygon(list_polygons(geometry))
