"""Counts at polygons, hexagons and points, as cells that people live in; areas from a table.

A feature or a row is a polygon (GeoJSON, a CSV column of well-known text, an H3 id), or a point. A
point stands for the ground nearer to it than to any other, at most half the diagonal of a square as
wide as the stated cell: for the middles of squares and hexagons these are the squares and hexagons
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.spatial import KDTree

from welcomemap.crs import WGS84
from welcomemap.errors import (
    CoordinateError,
    DuplicateIdError,
    EmptyTableError,
    GeometryError,
    JsonError,
    MissingColumnError,
    Place,
    TableError,
    UsageError,
    fault,
)
from welcomemap.ingest.hexagons import draw_hexagons, find_hexagon_ids
from welcomemap.ingest.large_table import MEND, LargeTable, check_text, first_row, read_numbers
from welcomemap.region.layers import MAX_LAT, MAX_LON, read_geojson, read_layer_bytes

COUNT_COLUMNS = ("population", "residents", "einwohner")
WKT = re.compile(r"\s*(?:SRID=(\d+);)?\s*(?:MULTI)?POLYGON\s*(?:Z\s*)?\(", re.IGNORECASE)
"""Simple features as text: OGC 06-103r4, 7.2; a code in front as PostGIS writes it."""
SAMPLE = 100
A_COUNT = fault("a number of people of 0 or more")
A_LONGITUDE = fault("a longitude in degrees")
A_LATITUDE = fault("a latitude in degrees")


@dataclass(frozen=True)
class PlaceColumns:
    """Which columns of a table say where: ``ids`` of hexagons, ``shape`` as text, or neither."""

    ids: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Places:
    """Points or polygons with all that is said of them, by row number.

    Attributes
    ----------
    table
        In degrees (EPSG:4326).
    key
        The column that names a place; empty for none: then the row number does.
    """

    path: Path
    table: gpd.GeoDataFrame
    key: str
    columns: PlaceColumns = field(default_factory=PlaceColumns)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, the geometry left out."""
        return tuple(str(name) for name in self.table.columns.drop("geometry"))


def find_place_columns(columns: Mapping[str, pd.Series]) -> PlaceColumns:
    """Return which columns of the first rows of a table hold ids of hexagons, or polygons.

    Examples
    --------
    >>> find_place_columns({"a": pd.Series(["1"]), "b": pd.Series(["POLYGON ((0 0, 1 0, 1 1))"])})
    PlaceColumns(ids='', shape='b')
    """
    shape = next((name for name, column in columns.items() if _is_wkt(column)), "")
    return PlaceColumns("" if shape else find_hexagon_ids(columns), shape)


def _is_wkt(column: pd.Series) -> bool:
    texts = column.dropna().head(SAMPLE).astype(str)
    return len(texts) > 0 and all(map(WKT.match, texts))


def find_count(names: Sequence[str]) -> str:
    """Return the column that seems to hold people, empty for none."""
    return next((name for name in names if name.casefold() in COUNT_COLUMNS), "")


def read_features(path: Path) -> Places:
    """Return the features of a GeoJSON file, all points or all polygons.

    Raises
    ------
    EmptyTableError, EncodingError, TableError
        If there are none, or the file is no GeoJSON in UTF-8.
    GeometryError, SwappedCoordinatesError
        If they are of another kind or invalid, or their positions no degrees.
    """
    check_text(path)
    try:
        table = read_geojson(read_layer_bytes(path, None), path).to_crs(WGS84)
    except JsonError as error:
        raise TableError(
            "the file is no GeoJSON: {error}", error=error.fault, where=Place(path), how=MEND
        ) from error
    if table.empty:
        raise EmptyTableError("the file holds no features", where=Place(path), how=MEND)
    table.index = pd.RangeIndex(1, len(table) + 1)
    _refuse_shapes(table, path)
    return Places(path, table, "id" if "id" in table.columns else "")


def read_rows(table: LargeTable, columns: PlaceColumns) -> Places:
    """Return the rows of a table as points (``lon``, ``lat``), polygons or hexagons.

    Raises
    ------
    TableError, ColumnValueError, GeometryError, CoordinateError
        If the table cannot be read, or a row has no place on the globe; the message names it.
    """
    key = columns.ids or ("id" if "id" in table.names else "")
    if columns.ids or columns.shape:
        places = draw_rows(table, columns)
        _refuse_shapes(places, table.path)
        return Places(table.path, places, key, columns)
    rows = pd.concat(table.read(table.names))
    table.require(("id", "lon", "lat"))
    lon = read_numbers(rows["lon"], table.path, A_LONGITUDE, low=-MAX_LON, high=MAX_LON)
    lat = read_numbers(rows["lat"], table.path, A_LATITUDE, low=-MAX_LAT, high=MAX_LAT)
    points = gpd.points_from_xy(lon, lat)
    return Places(table.path, gpd.GeoDataFrame(rows, geometry=points, crs=WGS84), key, columns)


def draw_rows(table: LargeTable, columns: PlaceColumns) -> gpd.GeoDataFrame:
    """Return the rows of a table with the shape that ids or texts give (EPSG:4326), valid or not.

    The ids stay a column, the texts do not; the index is the row number from 1.

    Raises
    ------
    TableError, ColumnValueError, GeometryError, CoordinateError
        If the table cannot be read, or a row has no place on the globe; the message names it.
    """
    rows = pd.concat(table.read(table.names))
    if columns.ids:
        shapes = draw_hexagons(rows[columns.ids], table.path)
        return gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84)
    return gpd.GeoDataFrame(
        rows.drop(columns=columns.shape),
        geometry=_read_wkt(rows[columns.shape], table.path),
        crs=WGS84,
    )


def _read_wkt(column: pd.Series, path: Path) -> NDArray[np.object_]:
    found = column.fillna("").astype(str).str.extract(r"^\s*(?:SRID=(\d+);)?(.*)$", re.DOTALL)
    code = found[0].dropna()
    is_other = code != "4326"
    if is_other.any():
        raise CoordinateError(
            "the polygon is in EPSG:{code}",
            code=code[first_row(is_other)],
            where=Place(path, row=first_row(is_other), column=str(column.name)),
            how="Give polygons in degrees (EPSG:4326).",
        )
    texts = found[1].to_numpy()
    shapes = np.asarray(shapely.force_2d(shapely.from_wkt(texts, on_invalid="ignore")))
    is_bad = pd.Series(shapely.is_missing(shapes) | shapely.is_empty(shapes), index=column.index)
    if is_bad.any():
        raise GeometryError(
            "the text is no polygon",
            where=Place(path, row=first_row(is_bad), column=str(column.name)),
            how="Write polygons as well-known text, such as POLYGON ((7 51, 8 51, 8 52, 7 51)).",
        )
    bounds = np.abs(shapely.bounds(shapes))
    is_off = pd.Series((bounds > [MAX_LON, MAX_LAT] * 2).any(axis=1), index=column.index)
    if is_off.any():
        raise CoordinateError(
            "the polygon is not in degrees",
            where=Place(path, row=first_row(is_off), column=str(column.name)),
            how="Write longitude and latitude in degrees (EPSG:4326), longitude first.",
        )
    return shapes


def _refuse_shapes(places: gpd.GeoDataFrame, path: Path) -> None:
    kinds = pd.Series(shapely.get_type_id(places.geometry.to_numpy()), index=places.index)
    is_point = kinds.eq(shapely.GeometryType.POINT)
    is_area = kinds.isin((shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    is_bad: pd.Series = ~(is_point if is_point.iloc[0] else is_area & places.geometry.is_valid)
    if is_bad.any():
        raise GeometryError(
            "a cell is neither a point like all others nor a valid polygon like all others",
            where=Place(path, row=first_row(is_bad), column="geometry"),
            how="Give points alone or valid polygons alone.",
        )


def _are_points(places: gpd.GeoDataFrame) -> bool:
    return bool((places.geom_type == "Point").all())


def _local_crs(places: gpd.GeoDataFrame) -> CRS:
    """Return an equal-area CRS in metres around places anywhere on the globe."""
    west, south, east, north = places.total_bounds
    return CRS.from_dict({"proj": "laea", "lon_0": (west + east) / 2, "lat_0": (south + north) / 2})


def measure_size(places: gpd.GeoDataFrame) -> float:
    """Return the way from a point to the next, or the root of an area, in metres (medians)."""
    shapes = places.geometry.to_crs(_local_crs(places))
    if not _are_points(places):
        return float(np.sqrt(shapes.area.median()))
    if len(places) == 1:
        return 0.0
    away, _ = KDTree(shapely.get_coordinates(shapes)).query(shapely.get_coordinates(shapes), k=2)
    return float(np.median(away[:, 1]))


def count_places(places: Places, count: str, size_m: float) -> tuple[gpd.GeoDataFrame, float]:
    """Return cells with their people, and how wide one is in metres.

    Parameters
    ----------
    count
        Column of the people; found out if empty.
    size_m
        How wide the cell of a point is.

    Raises
    ------
    MissingColumnError, ColumnValueError
        If there is no such column, or it holds what is no number of people.
    UsageError, DuplicateIdError
        If points come without the size of their cells, or two lie at one place.
    """
    table, path = places.table, places.path
    column = count or find_count(places.names) or COUNT_COLUMNS[0]
    if column not in places.names:
        raise MissingColumnError(
            "the column {name} is absent",
            name=column,
            names=places.names,
            where=Place(path, column=column),
            how="Name the column of people as count; the file has {names}.",
        )
    people = read_numbers(table[column], path, A_COUNT, low=0, unknown=())
    shapes = table.geometry.to_numpy()
    if _are_points(table):
        _refuse_size(table, path, size_m)
        shapes = _surround(table, path, size_m)
    else:
        size_m = measure_size(table)
    own = table[places.key] if places.key else pd.Series(table.index, index=table.index)
    middles = shapely.get_coordinates(shapely.centroid(table.geometry.to_numpy()))
    cells = gpd.GeoDataFrame(
        {"cell_id": own.astype(str), "x": middles[:, 0], "y": middles[:, 1], "residents": people},
        geometry=shapes,
        crs=WGS84,
    )
    return cells, size_m


def _refuse_size(places: gpd.GeoDataFrame, path: Path, size_m: float) -> None:
    if not 0 < size_m < np.inf:
        raise UsageError(
            "nobody says how wide the cell of a point is; the next point is {way_m:.0f} m away",
            way_m=measure_size(places),
            where=Place(path),
            how="Name the width in metres as size_m.",
        )


def _surround(places: gpd.GeoDataFrame, path: Path, size_m: float) -> NDArray[np.object_]:
    """Return the ground nearer to each point than to the others, at most half a diagonal away.

    Of a tiling by squares or hexagons these are its squares and hexagons.
    """
    crs = _local_crs(places)
    points = places.geometry.to_crs(crs)
    at = shapely.get_coordinates(points)
    _, first, again = np.unique(at.round(1), axis=0, return_index=True, return_inverse=True)
    is_again = first[again.reshape(-1)] != np.arange(len(at))
    if is_again.any():
        raise DuplicateIdError(
            "two points lie at one place",
            where=Place(path, row=int(places.index[int(is_again.argmax())])),
            how="Keep one row for each cell.",
        )
    # Corners far away keep the diagram from degenerating where points are few or in one line.
    far = np.abs(at).max() + 10 * size_m
    corners = np.array([[-far, -far], [far, -far], [far, far], [-far, far]])
    diagram = shapely.voronoi_polygons(shapely.multipoints(np.vstack([at, corners])), ordered=True)
    ground = shapely.get_parts(diagram)[: len(at)]
    reach = shapely.buffer(points.to_numpy(), size_m * np.sqrt(0.5) * 1.001, quad_segs=32)
    cells = gpd.GeoSeries(shapely.intersection(ground, reach), crs=crs).to_crs(WGS84)
    return np.asarray(cells)
