"""Read the file of one layer: its bytes once, within bounds, each fault named with its place."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from welcomemap.errors import (
    EmptyTableError,
    EncodingError,
    HashMismatchError,
    MissingLayerError,
    Place,
    TableError,
    TooLargeError,
    WelcomemapError,
    quote,
)
from welcomemap.files import plain_opener
from welcomemap.pack.geojson import RESTORE, find_geojson_faults, read_geojson

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
            f"the layer cannot be read: {error.strerror or error}", where=Place(path), how=RESTORE
        ) from error
    if len(content) > MAX_LAYER_BYTES:
        raise TooLargeError(
            f"the layer has more than {MAX_LAYER_BYTES / 1e6:g} MB", where=Place(path), how=RESTORE
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
            open_parquet(content, path)
            table = gpd.read_parquet(io.BytesIO(content), columns=columns)
        else:
            table = read_geojson(content, path)
            _refuse_rows(len(table), path)
        code = None if table.crs is None else _find_code(table.crs, crs)
        if code is None:
            raise TableError("the layer names no CRS by its code", where=Place(path), how=RESTORE)
        # What else a file says of its CRS may name grid files, which PROJ would open.
        table = table.set_crs(code, allow_override=True)
        return table if code == crs else table.to_crs(crs)
    except (
        ShapelyError, pa.ArrowException, CRSError, ValueError, OSError, KeyError, TypeError,
        AttributeError, RecursionError, OverflowError,
    ) as error:  # fmt: skip
        raise TableError(
            f"the layer cannot be read: {quote(error)}", where=Place(path), how=RESTORE
        ) from error


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
            f"the layer cannot be read: {quote(error)}", where=Place(path), how=RESTORE
        ) from error
    _refuse_rows(max(rows, sum(group.num_rows for group in groups)), path)
    if sum(group.total_byte_size for group in groups) > MAX_TABLE_BYTES:
        raise TooLargeError(
            f"the layer unpacks to more than {MAX_TABLE_BYTES / 1e9:g} GB", where=Place(path),
            how=RESTORE,
        )  # fmt: skip
    return file


def _refuse_rows(rows: int, path: Path) -> None:
    if rows > MAX_LAYER_ROWS:
        raise TooLargeError(
            f"the layer has {rows:,} rows, at most {MAX_LAYER_ROWS:,} are taken",
            where=Place(path), how=RESTORE,
        )  # fmt: skip


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
            f"the file is not a CSV table: {quote(error)}", where=Place(path), how=RESTORE
        ) from error
    if not rows:
        raise EmptyTableError("the file is empty", where=Place(path), how=RESTORE)
    _refuse_rows(len(rows), path)
    twice = [name for name in rows[0] if rows[0].count(name) > 1]
    if twice:
        raise TableError(
            f"the column {quote(twice[0])} stands twice", where=Place(path, column=twice[0]),
            how="Name each column once.",
        )  # fmt: skip
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(rows[0]):
            raise TableError(
                f"the row has {len(row)} cells where {len(rows[0])} are expected",
                where=Place(path, row=number),
                how="Separate cells by commas and put a cell with a comma in double quotes.",
            )
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)


def find_feature_faults(content: bytes, path: Path) -> Iterator[WelcomemapError]:
    """Find what is wrong with the features of a GeoJSON layer, row by row; none in other files."""
    if path.suffix == ".geojson":
        yield from find_geojson_faults(content, path)
