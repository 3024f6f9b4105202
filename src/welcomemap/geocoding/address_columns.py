"""The address layer as plain columns, read without building a table of geometries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.errors import ShapelyError

from welcomemap.errors import MissingColumnError, Place, TableError, quote
from welcomemap.geocoding.places import Facility
from welcomemap.pack.layer_files import open_parquet
from welcomemap.pack.load import RegionPack
from welcomemap.strict_json import parse_json

NEEDED = ("street", "house_number", "location_quality")
MAX_DISTRICT = 1e9
_WKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
TEXTS = (*NEEDED, "quarter", "postcode")


@dataclass(frozen=True)
class Texts:
    """A column of repeated texts: ``names[codes[row]]``."""

    codes: NDArray[np.intp]
    names: tuple[str, ...]

    def take(self, order: NDArray[np.intp]) -> Texts:
        """Return the rows in another order."""
        return Texts(self.codes[order], self.names)

    def append(self, texts: Sequence[str]) -> Texts:
        """Return the column with texts added at the end."""
        names = {name: code for code, name in enumerate(self.names)}
        added = [names.setdefault(text, len(names)) for text in texts]
        return Texts(np.concatenate([self.codes, np.array(added, dtype=np.intp)]), tuple(names))

    def to_list(self) -> list[str]:
        """Return the texts; equal ones share one object."""
        return [self.names[code] for code in self.codes.tolist()]

    def to_optional(self) -> list[str | None]:
        """Return the texts, ``None`` for an empty one."""
        names = [name or None for name in self.names]
        return [names[code] for code in self.codes.tolist()]


@dataclass(frozen=True)
class AddressColumns:
    """Columns of :data:`welcomemap.tables.ADDRESS_COLUMNS`; x, y in metres, NaN where unknown."""

    street: Texts
    house_number: Texts
    location_quality: Texts
    quarter: Texts
    postcode: Texts
    district: NDArray[np.int64]
    is_postcode_inferred: NDArray[np.bool_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def take(self, order: NDArray[np.intp]) -> AddressColumns:
        """Return the rows in another order."""
        return AddressColumns(
            self.street.take(order), self.house_number.take(order),
            self.location_quality.take(order), self.quarter.take(order),
            self.postcode.take(order), self.district[order], self.is_postcode_inferred[order],
            self.x[order], self.y[order],
        )  # fmt: skip


def read_columns(pack: RegionPack) -> AddressColumns:
    """Read the address layer of a pack; straight from Parquet where it is in the metric CRS.

    Raises
    ------
    TableError
        If a column holds something else than an address layer does.
    """
    path = pack.layer_path("addresses")
    try:
        if path.suffix != ".parquet" or "addresses" in pack.__dict__:
            return columns_of_table(pack.addresses)
        return _read_parquet(pack, path)
    except (pa.ArrowException, ShapelyError, ValueError, TypeError, OverflowError) as error:
        raise TableError(
            f"the addresses cannot be read: {quote(error)}", where=Place(path),
            how="Check the pack with: welcomemap data check.",
        ) from error  # fmt: skip


def _read_parquet(pack: RegionPack, path: Path) -> AddressColumns:
    file = open_parquet(pack.read_bytes("addresses"), path)
    wanted = [*TEXTS, "district", "is_postcode_inferred", "geometry"]
    if not set(wanted) <= set(file.schema_arrow.names) or not _is_plain(file, pack.crs):
        return columns_of_table(pack.addresses)
    table = file.read(columns=wanted)
    x, y = _points_of_wkb(table["geometry"].combine_chunks())
    street, number, quality, quarter, postcode = (_encode_arrow(table, name) for name in TEXTS)
    return AddressColumns(
        street, number, quality, quarter, postcode,
        _whole_numbers(table["district"].to_numpy()),
        table["is_postcode_inferred"].to_numpy().astype(np.bool_),
        x, y,
    )  # fmt: skip


def columns_of_table(table: pd.DataFrame) -> AddressColumns:
    """Take the columns of an address table; ``x`` and ``y`` in metres count without a ``geometry``.

    All but street, house number and location quality may be absent.

    Raises
    ------
    MissingColumnError
        If one of these three is.
    """
    _require(list(table.columns))
    if "geometry" in table.columns:
        points = table["geometry"].to_numpy()
        x, y = shapely.get_x(points), shapely.get_y(points)
    else:
        x, y = table["x"].to_numpy(dtype=np.float64), table["y"].to_numpy(dtype=np.float64)
    n = len(table)
    district = pd.Series(table.get("district", pd.Series(0, index=table.index)))
    inferred = pd.Series(table.get("is_postcode_inferred", pd.Series(False, index=table.index)))
    street, number, quality, quarter, postcode = (
        _encode(table[c].tolist() if c in table.columns else [""] * n) for c in TEXTS
    )
    return AddressColumns(
        street, number, quality, quarter, postcode,
        _whole_numbers(pd.to_numeric(district, errors="coerce").to_numpy()),
        inferred.to_numpy().astype(np.bool_), x, y,
    )  # fmt: skip


def append_facilities(
    rows: AddressColumns,
    sites: Sequence[Facility],
    areas: Sequence[tuple[int | None, str | None]],
) -> AddressColumns:
    """Add the addresses of facilities as good points, behind the list's own.

    ``areas`` are district and quarter that each lies in, so that such a row answers as one of the
    list does.

    A good point of the list itself goes first (rows are ordered by quality, and the first of equal
    ones counts), so a facility's point is used only where the list has no good one.
    """
    n = len(sites)
    if n == 0:
        return rows
    return AddressColumns(
        rows.street.append([s.street for s in sites]),
        rows.house_number.append([s.house_number for s in sites]),
        rows.location_quality.append(["point"] * n),
        rows.quarter.append([quarter or "" for _, quarter in areas]),
        rows.postcode.append([s.postcode or "" for s in sites]),
        np.concatenate([rows.district, [district or 0 for district, _ in areas]]),
        np.concatenate([rows.is_postcode_inferred, np.zeros(n, dtype=np.bool_)]),
        np.concatenate([rows.x, [s.x for s in sites]]),
        np.concatenate([rows.y, [s.y for s in sites]]),
    )


def _whole_numbers(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return numbers of districts; 0, which is none, where there is no whole number."""
    numbers = values.astype(np.float64)
    is_whole = np.isfinite(numbers) & (np.abs(numbers) < MAX_DISTRICT) & (numbers % 1 == 0)
    return np.where(is_whole, numbers, 0).astype(np.int64)


def _is_plain(file: pq.ParquetFile, crs: str) -> bool:
    """Tell whether the points are well-known binary in the pack's own CRS, to be read directly."""
    geo = parse_json((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    columns = geo.get("columns") if isinstance(geo, dict) else None
    geometry = columns.get("geometry") if isinstance(columns, dict) else None
    return (
        isinstance(geometry, dict)
        and geometry.get("encoding") == "WKB"
        and _is_crs(geometry.get("crs"), crs)
    )


def _is_crs(described: object, wanted: str) -> bool:
    """Compare a CRS in PROJJSON with a name; by its code where it has one, which is quick."""
    if not isinstance(described, dict):
        return False
    code = described.get("id", {})
    if code:
        return f"{code.get('authority')}:{code.get('code')}" == wanted
    return bool(CRS(described) == CRS(wanted))


def _require(columns: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise MissingColumnError(
            f"the address table lacks {', '.join(missing)}",
            how="Add the columns of an address layer.",
        )


def _points_of_wkb(column: pa.Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read x and y of points in WKB (OGC 06-103r4): byte order, type 1, then two doubles."""
    is_known = np.asarray(column.is_valid())
    known = column.drop_null().cast(pa.large_binary())
    data = np.frombuffer(b"".join(known.to_pylist()), dtype=np.uint8)
    if data.size != len(known) * _WKB_POINT.itemsize:
        points = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
        return shapely.get_x(points), shapely.get_y(points)
    records = data.view(_WKB_POINT)
    if (records["order"] != 1).any() or (records["kind"] != 1).any():
        points = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
        return shapely.get_x(points), shapely.get_y(points)
    xy = np.full((len(column), 2), np.nan)
    xy[is_known, 0], xy[is_known, 1] = records["x"], records["y"]
    return xy[:, 0], xy[:, 1]


def _encode(values: Sequence[object]) -> Texts:
    texts = np.array([v if isinstance(v, str) else "" for v in values], dtype=object)
    codes, names = pd.factorize(texts)
    return Texts(codes, tuple(str(name) for name in names))


def _encode_arrow(table: pa.Table, name: str) -> Texts:
    if name not in table.column_names:
        return Texts(np.zeros(table.num_rows, dtype=np.intp), ("",))
    column = table[name].combine_chunks().cast(pa.string()).fill_null("").dictionary_encode()
    return Texts(column.indices.to_numpy().astype(np.intp), tuple(column.dictionary.to_pylist()))
