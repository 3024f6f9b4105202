"""Read the file of one layer, each fault named with file, row and column."""

from __future__ import annotations

import csv
import json
import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pyarrow import ArrowException
from pyogrio.errors import DataSourceError
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from welcomemap.errors import (
    EmptyTableError,
    EncodingError,
    GeometryError,
    Place,
    SwappedCoordinatesError,
    TableError,
    WelcomemapError,
    quote,
)

RESTORE = "Restore the file or build the pack again with: welcomemap data build."
MAX_LAT, MAX_LON = 90.0, 180.0


def read_feature_file(path: Path, crs: str) -> gpd.GeoDataFrame:
    """Read a GeoJSON or GeoParquet file into a metric CRS.

    Raises
    ------
    TableError, GeometryError
        If the file cannot be read; for GeoJSON with the row of the fault.
    """
    try:
        if path.suffix == ".parquet":
            table = gpd.read_parquet(path)
        else:
            with warnings.catch_warnings():
                # An unclosed ring becomes our own error, with its row.
                warnings.filterwarnings("ignore", "Non closed ring", RuntimeWarning)
                table = gpd.read_file(path)
        return table if table.crs == crs else table.to_crs(crs)
    except (DataSourceError, ShapelyError, ArrowException, CRSError, ValueError, OSError) as error:
        for fault in find_feature_faults(path):
            raise fault from error
        raise TableError(
            f"the layer cannot be read: {quote(error)}", where=Place(path), how=RESTORE
        ) from error


def read_row_file(path: Path) -> pd.DataFrame:
    """Read a CSV file as text; empty cells are empty texts.

    Raises
    ------
    TableError
        If the file is empty, not UTF-8, or a row has too many or too few cells.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = [row for row in csv.reader(handle, strict=True) if row]
    except UnicodeDecodeError as error:
        raise EncodingError(
            "the file is not UTF-8", where=Place(path), how="Save it as UTF-8 (CSV UTF-8 in Excel)."
        ) from error
    except (csv.Error, OSError) as error:
        raise TableError(
            f"the file is not a CSV table: {quote(error)}", where=Place(path), how=RESTORE
        ) from error
    if not rows:
        raise EmptyTableError("the file is empty", where=Place(path), how=RESTORE)
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(rows[0]):
            raise TableError(
                f"the row has {len(row)} cells where {len(rows[0])} are expected",
                where=Place(path, row=number),
                how="Separate cells by commas and put a cell with a comma in double quotes.",
            )
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)


def find_feature_faults(path: Path) -> Iterator[WelcomemapError]:
    """Find what is wrong with the features of a GeoJSON file, row by row.

    Unclosed rings, coordinates that are no numbers or no longitude and latitude, and features
    without a geometry's parts are reported; other files have no faults here.
    """
    if path.suffix != ".geojson":
        return
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield TableError(f"the file is not JSON: {quote(error)}", where=Place(path), how=RESTORE)
        return
    features = value.get("features") if isinstance(value, dict) else None
    if not isinstance(features, list):
        yield TableError("the file holds no list of features", where=Place(path), how=RESTORE)
        return
    for row, feature in enumerate(features, start=1):
        where = Place(path, row=row, column="geometry")
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if isinstance(geometry, dict):
            yield from _find_geometry_faults(geometry, where)


def _find_geometry_faults(geometry: dict[str, Any], where: Place) -> Iterator[WelcomemapError]:
    coordinates = geometry.get("coordinates")
    positions = list(_list_positions(coordinates))
    if not positions or not all(_is_position(position) for position in positions):
        yield GeometryError(
            "the coordinates are not pairs of numbers",
            where=where,
            how="Write each position as [longitude, latitude].",
        )
        return
    if any(abs(x) > MAX_LON or abs(y) > MAX_LAT for x, y, *_ in positions):
        yield SwappedCoordinatesError(
            "a position is not longitude and latitude in degrees",
            where=where,
            how="Write each position as [longitude, latitude] in EPSG:4326.",
        )
    kind = geometry.get("type")
    polygons: list[Any] = [coordinates] if kind == "Polygon" else []
    if kind == "MultiPolygon" and isinstance(coordinates, list):
        polygons = coordinates
    if any(ring[0] != ring[-1] for polygon in polygons for ring in polygon):
        yield GeometryError(
            "the polygon is not closed",
            where=where,
            how="Repeat the first position of the ring as its last one.",
        )


def _list_positions(value: Any) -> Iterator[Any]:
    if isinstance(value, list) and value and isinstance(value[0], list):
        for part in value:
            yield from _list_positions(part)
    else:
        yield value


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(x, int | float) and math.isfinite(x) for x in value)
    )
