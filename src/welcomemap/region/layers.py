"""Layer files of a pack, read by ourselves: GeoJSON, Parquet and CSV, no driver chosen by content.

GDAL would choose a driver by content and follow what it names. Here nothing in a file is opened,
fetched or run: GeoJSON is JSON (RFC 7946) and becomes a table.
"""

from __future__ import annotations

import csv
import gc
import hashlib
import io
import json
import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from welcomemap.crs import WGS84
from welcomemap.errors import (
    EmptyTableError,
    EncodingError,
    GeometryError,
    HashMismatchError,
    InputError,
    JsonError,
    MissingLayerError,
    Place,
    SwappedCoordinatesError,
    TableError,
    TooLargeError,
    WelcomemapError,
    fault,
)
from welcomemap.files import parse_json, plain_opener
from welcomemap.region.schemas import CONTRACTS

RESTORE = fault("Restore the file or build the pack again with: welcomemap data build.")
MAX_LAT, MAX_LON = 90.0, 180.0
DEPTHS = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
    "MultiPolygon": 3,
}  # fmt: skip
"""How deep the lists of positions of a geometry are nested."""
LEAST_POSITIONS = {"LineString": 2, "Polygon": 4}
CRS_NAME = re.compile(
    r"EPSG:\d{4,6}|OGC:CRS84|urn:ogc:def:crs:(EPSG|OGC):[\d.]{0,8}:(\d{4,6}|CRS84)", re.IGNORECASE
)
"""A code and no definition: those can name grid files, which PROJ would open."""


def read_geojson(content: bytes, path: Path) -> gpd.GeoDataFrame:
    """Return the features of a GeoJSON text in the metric CRS that it names, else in EPSG:4326.

    Degrees of another datum are shifted to WGS 84, to a few metres: those of DHDN (EPSG:4314) lie
    about 150 m off. ETRS89 and SIRGAS 2000 are taken for WGS 84, as PROJ does: they differ by less
    than a metre.

    Parameters
    ----------
    content
        A FeatureCollection; a feature without a geometry is kept.
    path
        The file's name, for messages.

    Raises
    ------
    TableError
        If it is not a FeatureCollection.
    GeometryError
        If the geometry of a feature is damaged, with its row.
    """
    value = _parse(content, path)
    features = _features(value, path)
    for found in _find_faults(value, path):
        raise found
    rows = [_read_properties(feature) for feature in features]
    names = list(dict.fromkeys(name for row in rows for name in row))
    if "geometry" in names:
        raise TableError(
            "no property may be called {name}",
            name="geometry",
            where=Place(path, column="geometry"),
            how=RESTORE,
        )
    table = pd.DataFrame({name: [row.get(name) for row in rows] for name in names})
    shapes = [_make_shape(feature.get("geometry")) for feature in features]
    drawn = gpd.GeoDataFrame(table, geometry=shapes, crs=_read_crs(value, path))
    return drawn.to_crs(WGS84) if drawn.crs.is_geographic else drawn


def find_feature_faults(content: bytes, path: Path) -> Iterator[WelcomemapError]:
    """Find what is wrong with the features of a GeoJSON layer, row by row; none in other files.

    Unclosed rings, coordinates that are no numbers or no longitude and latitude, and geometries of
    no known type are reported.
    """
    if path.suffix != ".geojson":
        return
    try:
        value = _parse(content, path)
        _features(value, path)
        _read_crs(value, path)
    except WelcomemapError as error:
        yield error
        return
    yield from _find_faults(value, path)


def _parse(content: bytes, path: Path) -> Any:
    try:
        return parse_json(content)
    except JsonError as error:
        raise TableError(error.what, where=Place(path), how=RESTORE) from error


def _features(value: Any, path: Path) -> list[dict[str, Any]]:
    features = value.get("features") if isinstance(value, dict) else None
    if not isinstance(features, list):
        raise TableError("the file holds no list of features", where=Place(path), how=RESTORE)
    for row, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise TableError("this is no feature", where=Place(path, row=row), how=RESTORE)
    return features


def _read_properties(feature: dict[str, Any]) -> dict[str, Any]:
    """Return a feature's properties, and its ``id`` where they have none (RFC 7946, 3.2)."""
    own = {"id": feature["id"]} if "id" in feature else {}
    return own | (feature.get("properties") or {})


def _read_crs(value: dict[str, Any], path: Path) -> CRS:
    """Return the CRS that the older standard let a file name (GeoJSON 2008, section 3)."""
    given = value.get("crs")
    if given is None:
        return CRS.from_user_input(WGS84)
    properties = given.get("properties") if isinstance(given, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        is_code = isinstance(name, str) and CRS_NAME.fullmatch(name)
        crs = CRS.from_user_input(name if is_code else "")
    except CRSError as error:
        raise TableError(
            "the coordinate system of the file is not known", where=Place(path, column="crs"),
            how="Save the file in EPSG:4326 (longitude, latitude), without a crs member.",
        ) from error  # fmt: skip
    if not crs.is_geographic:
        return crs
    # The names for longitude and latitude differ (CRS84); the order in a file never does. Heights
    # are dropped.
    flat, wgs84 = crs.to_2d(), CRS.from_user_input(WGS84)
    return wgs84 if flat.equals(wgs84, ignore_axis_order=True) else flat


def _find_faults(value: dict[str, Any], path: Path) -> Iterator[WelcomemapError]:
    is_degrees = _read_crs(value, path).is_geographic
    for row, feature in enumerate(value["features"], start=1):
        geometry = feature.get("geometry")
        if geometry is not None:
            where = Place(path, row=row, column="geometry")
            yield from _find_geometry_faults(geometry, where, is_degrees=is_degrees)


def _find_geometry_faults(
    geometry: Any, where: Place, *, is_degrees: bool
) -> Iterator[WelcomemapError]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(kind, str) or kind not in DEPTHS:
        yield GeometryError(
            "the geometry is of type {kind!r}",
            kind=kind,
            depths=DEPTHS,
            where=where,
            how="Use one of {depths}.",
        )
        return
    positions = _list_positions(geometry.get("coordinates"), DEPTHS[kind])
    if not positions:
        yield GeometryError(
            "the coordinates are not pairs of numbers",
            where=where,
            how="Write each position as [longitude, latitude].",
        )
        return
    if is_degrees and any(abs(x) > MAX_LON or abs(y) > MAX_LAT for x, y, *_ in positions):
        yield SwappedCoordinatesError(
            "a position is not longitude and latitude in degrees",
            where=where,
            how="Write each position as [longitude, latitude] in EPSG:4326.",
        )
    yield from _find_line_faults(kind, geometry["coordinates"], where)


def _find_line_faults(kind: str, coordinates: Any, where: Place) -> Iterator[WelcomemapError]:
    if kind.endswith("Polygon"):
        polygons = coordinates if kind == "MultiPolygon" else [coordinates]
        rings = [ring for polygon in polygons for ring in polygon]
        if any(ring and ring[0] != ring[-1] for ring in rings):
            yield GeometryError(
                "the polygon is not closed",
                where=where,
                how="Repeat the first position of the ring as its last one.",
            )
        elif any(0 < len(ring) < LEAST_POSITIONS["Polygon"] for ring in rings):
            yield GeometryError(
                "a ring has fewer than four positions", where=where, how="Draw the area again."
            )
    elif kind.endswith("LineString"):
        lines = coordinates if kind == "MultiLineString" else [coordinates]
        if any(0 < len(line) < LEAST_POSITIONS["LineString"] for line in lines):
            yield GeometryError(
                "a line has one position only", where=where, how="Draw the line again."
            )


def _list_positions(value: Any, depth: int) -> list[list[float]] | None:
    """Return the positions in lists of lists; ``None`` where they are not what they should be."""
    found = [value]
    for _ in range(depth):
        if not all(isinstance(part, list) for part in found):
            return None
        found = [inner for part in found for inner in part]
    return found if all(_is_position(position) for position in found) else None


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= 4
        and all(
            isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
            for x in value
        )
    )


def _make_shape(geometry: Any) -> shapely.Geometry | None:
    if geometry is None:
        return None
    return shapely.force_2d(shapely.geometry.shape(geometry))


MAX_LAYER_BYTES = 300_000_000
MAX_LAYER_ROWS = 3_000_000
MAX_TABLE_BYTES = 2_000_000_000
"""Bounds of one layer: its file, its rows, and what a Parquet file says it unpacks to.

The largest real layer seen, the streets of Berlin, has 0.6 million rows.
"""


def read_layer_bytes(path: Path, sha256: str | None) -> bytes:
    """Return the content of a layer's file, which is the one that the manifest records.

    The bytes that were hashed are those that are returned: a file that is changed while it is read
    cannot slip through.

    Parameters
    ----------
    sha256
        As the manifest records it; ``None`` where it records none or another content is expected.

    Raises
    ------
    MissingLayerError
        If there is no such file.
    TooLargeError
        If it has more than :data:`MAX_LAYER_BYTES` bytes.
    HashMismatchError
        If the content is another.
    TableError
        If it cannot be read.
    """
    try:
        with open(path, "rb", opener=plain_opener) as handle:
            size = os.fstat(handle.fileno()).st_size
            content = handle.read(min(size, MAX_LAYER_BYTES) + 1)
    except FileNotFoundError as error:
        raise MissingLayerError("the layer has no file", where=Place(path), how=RESTORE) from error
    except OSError as error:
        raise TableError(
            "the layer cannot be read: {error}", error=error, where=Place(path), how=RESTORE
        ) from error
    if len(content) > MAX_LAYER_BYTES:
        raise TooLargeError(
            "the layer has more than {megabytes:g} MB",
            megabytes=MAX_LAYER_BYTES / 1e6,
            where=Place(path),
            how=RESTORE,
        )
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise HashMismatchError(
            "the layer is not the one that the manifest records (sha256 differs)",
            where=Place(path),
            how="Restore the file; if the change is meant, record it with: welcomemap data seal.",
        )
    return content


def read_feature_layer(
    content: bytes, path: Path, crs: str, *, columns: Sequence[str] | None = None
) -> gpd.GeoDataFrame:
    """Return a GeoJSON or GeoParquet layer in a metric CRS.

    Parameters
    ----------
    path
        Its ending says which of the two it is; nothing is opened.
    columns
        Those to read, of Parquet; all if ``None``.

    Raises
    ------
    TableError, GeometryError
        If it cannot be read; for GeoJSON with the row of the fault.
    TooLargeError
        If it has more than :data:`MAX_LAYER_ROWS` rows.
    """
    try:
        if path.suffix == ".parquet":
            with _collecting_later():
                table = _read_geo_parquet(open_parquet(content, path), columns)
        else:
            table = read_geojson(content, path)
            _refuse_rows(len(table), path)
        code = None if table.crs is None else _find_code(table.crs, crs)
        if code is None:
            raise TableError("the layer names no CRS by its code", where=Place(path), how=RESTORE)
        # What else a file says of its CRS may name grid files, which PROJ would open.
        table = table.set_crs(code, allow_override=True)
        return table if code == crs else table.to_crs(crs)
    except InputError:
        raise
    except (
        ShapelyError, pa.ArrowException, CRSError, ValueError, OSError, KeyError, TypeError,
        AttributeError, RecursionError, OverflowError,
    ) as error:  # fmt: skip
        raise TableError(
            "the layer cannot be read: {error}", error=error, where=Place(path), how=RESTORE
        ) from error


def _read_geo_parquet(file: pq.ParquetFile, columns: Sequence[str] | None) -> gpd.GeoDataFrame:
    """Return the rows of GeoParquet in the CRS whose code it names.

    PROJ takes longer to read the whole CRS that stands in a file than the rows take. See
    https://geoparquet.org/releases/v1.1.0/ for what the file says of its geometries.
    """
    stated = json.loads((file.schema_arrow.metadata or {})[b"geo"])
    table = file.read(columns=None if columns is None else list(columns))
    for name, column in stated["columns"].items():
        if name in table.column_names:
            kind = {"ARROW:extension:name": f"geoarrow.{column['encoding'].lower()}"}
            field = table.schema.field(name).with_metadata(kind)
            table = table.set_column(table.column_names.index(name), field, table[name])
    main = stated["primary_column"]
    crs = stated["columns"][main].get("crs", "OGC:CRS84")
    if isinstance(crs, dict) and "id" in crs:
        crs = f"{crs['id']['authority']}:{crs['id']['code']}"
    return gpd.GeoDataFrame.from_arrow(table, geometry=main).set_crs(crs)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Keep the garbage collector from looking through geometries while they are made.

    They refer to nothing, and it looks through all of them after every few hundred: half of the
    time that 300,000 lines take.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _find_code(crs: CRS, expected: str) -> str | None:
    if crs.is_bound:
        return None
    if crs == expected:
        return expected
    authority = crs.to_authority(min_confidence=100)
    return None if authority is None else ":".join(authority)


def open_parquet(content: bytes, path: Path) -> pq.ParquetFile:
    """Return a Parquet file of which only the footer has been read, and that keeps the bounds.

    Raises
    ------
    TableError
        If it is no Parquet file.
    TooLargeError
        If it has more than :data:`MAX_LAYER_ROWS` rows or unpacks to more than
        :data:`MAX_TABLE_BYTES` bytes.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        rows = file.metadata.num_rows
        groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(
            "the layer cannot be read: {error}", error=error, where=Place(path), how=RESTORE
        ) from error
    _refuse_rows(max(rows, sum(group.num_rows for group in groups)), path)
    if sum(group.total_byte_size for group in groups) > MAX_TABLE_BYTES:
        raise TooLargeError(
            "the layer unpacks to more than {gigabytes:g} GB",
            gigabytes=MAX_TABLE_BYTES / 1e9,
            where=Place(path),
            how=RESTORE,
        )
    return file


def _refuse_rows(rows: int, path: Path) -> None:
    if rows > MAX_LAYER_ROWS:
        raise TooLargeError(
            "the layer has {rows:,} rows, at most {most:,} are taken",
            rows=rows,
            most=MAX_LAYER_ROWS,
            where=Place(path),
            how=RESTORE,
        )


def read_row_layer(content: bytes, path: Path) -> pd.DataFrame:
    """Return a CSV layer as text; empty cells are empty texts.

    Raises
    ------
    TableError
        If it is empty, not UTF-8, names a column twice, or a row has too many or too few cells.
    TooLargeError
        If it has more than :data:`MAX_LAYER_ROWS` rows.
    """
    try:
        text = content.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except UnicodeDecodeError as error:
        raise EncodingError(
            "the file is not UTF-8", where=Place(path), how="Save it as UTF-8 (CSV UTF-8 in Excel)."
        ) from error
    except csv.Error as error:
        raise TableError(
            "the file is not a CSV table: {error}", error=error, where=Place(path), how=RESTORE
        ) from error
    if not rows:
        raise EmptyTableError("the file is empty", where=Place(path), how=RESTORE)
    _refuse_rows(len(rows), path)
    twice = [name for name in rows[0] if rows[0].count(name) > 1]
    if twice:
        raise TableError(
            "the column {name} stands twice",
            name=twice[0],
            where=Place(path, column=twice[0]),
            how="Name each column once.",
        )
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(rows[0]):
            raise TableError(
                "cells in the row: {n_cells}, in the header: {n_columns}",
                n_cells=len(row),
                n_columns=len(rows[0]),
                where=Place(path, row=number),
                how="Separate cells by commas and put a cell with a comma in double quotes.",
            )
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)


def read_parquet_rows(content: bytes, path: Path) -> pd.DataFrame:
    """Return a Parquet layer without geometry.

    Raises
    ------
    TableError, TooLargeError
        If it cannot be read, or has more than :data:`MAX_LAYER_ROWS` rows.
    """
    file = open_parquet(content, path)
    try:
        table: pd.DataFrame = file.read().to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(
            "the layer cannot be read: {error}", error=error, where=Place(path), how=RESTORE
        ) from error
    return table


def read_layer(content: bytes, path: Path, crs: str, *, name: str) -> pd.DataFrame:
    """Return a layer as the ending of its file says, features in a metric CRS.

    Raises
    ------
    TableError, GeometryError, TooLargeError
        As :func:`read_row_layer`, :func:`read_parquet_rows` and :func:`read_feature_layer`.
    """
    if path.suffix == ".csv":
        return read_row_layer(content, path)
    if path.suffix == ".parquet" and name in CONTRACTS and not CONTRACTS[name].geometry:
        return read_parquet_rows(content, path)
    table: pd.DataFrame = read_feature_layer(content, path, crs)
    return table
