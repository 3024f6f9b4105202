"""May a layer be computed with? What every reader relies on, looked at each time one is read.

The full check, with every fault and its row, is :func:`welcomemap.pack.verify.check_pack`; this one
costs milliseconds and stops at the first fault, so that no damaged cell becomes a wrong figure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap import tables
from welcomemap.errors import ColumnValueError, GeometryError, MissingColumnError, Place, quote

HOW = "Restore the file; welcomemap data check lists every fault."
POINT, AREA, LINE = ("Point",), ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "districts": tables.DISTRICT_COLUMNS, "quarters": tables.QUARTER_COLUMNS,
    "demand_cells": tables.DEMAND_CELL_COLUMNS, "site_history": tables.SITE_HISTORY_COLUMNS,
    "service_points": tables.SERVICE_POINT_COLUMNS,
    "candidate_sites": tables.CANDIDATE_SITE_COLUMNS,
    "advice_offices": tables.ADVICE_OFFICE_COLUMNS, "addresses": tables.ADDRESS_COLUMNS,
    "stops": tables.STOP_COLUMNS, "lines": tables.LINE_COLUMNS,
    "line_stops": tables.LINE_STOP_COLUMNS, "river_crossings": tables.RIVER_CROSSING_COLUMNS,
    "street_edges": tables.STREET_EDGE_COLUMNS,
}  # fmt: skip
SHAPES: Mapping[str, tuple[str, ...]] = {
    "districts": AREA, "quarters": AREA, "demand_cells": POINT, "stops": POINT, "addresses": POINT,
    "river": LINE, "river_band": AREA, "river_crossings": ("LineString",),
    "street_edges": ("LineString",), "street_extent": AREA,
}  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {
    "districts": ("district",), "quarters": ("quarter",), "demand_cells": ("cell_id", "quarter"),
    "stops": ("stop_id",), "lines": ("line",), "line_stops": ("line", "sequence"),
}  # fmt: skip
NUMBERS = (*tables.GROUPS, "area_km2", "length_m")
WHOLE_NUMBERS = ("district", "edge_id", "u", "v")
WRITTEN_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "lines": ("trip_count",), "line_stops": ("sequence",),
}  # fmt: skip
PATTERNS: Mapping[str, Mapping[str, str]] = {
    "site_history": {
        "date": r"(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?",
        "districts": r"(\d+(;\d+)*)?",
    },
}
MAX_NUMBER = 1e12


def require_sound_rows(name: str, table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table of texts, whose columns are there and can be read.

    Raises
    ------
    MissingColumnError, ColumnValueError
        If a column is absent, or a cell holds something else than its column does.
    """
    _require_columns(name, COLUMNS.get(name, ()), table, path)
    patterns = dict(PATTERNS.get(name, {}))
    patterns |= dict.fromkeys(WRITTEN_NUMBERS.get(name, ()), r"\d{1,9}")
    for column, pattern in patterns.items():
        _require(table[column], table[column].str.fullmatch(pattern, na=False), path)
    _require_keys(name, table, path)
    return table


def require_sound_features(
    name: str, table: gpd.GeoDataFrame, path: Path, *, columns: Collection[str] | None = None
) -> gpd.GeoDataFrame:
    """Return a layer whose columns and geometries are there and of the kinds they should be.

    Parameters
    ----------
    columns
        Those that are used; all of the layer if ``None``.

    Raises
    ------
    MissingColumnError, ColumnValueError, GeometryError
        If a column is absent, a cell is no text, number or flag where one is expected, a number is
        negative or not finite, or a geometry is missing, empty, not finite or of another type.
    """
    wanted = [c for c in COLUMNS.get(name, ()) if columns is None or c in columns]
    _require_columns(name, wanted, table, path)
    for column in wanted:
        if column in NUMBERS or column in WHOLE_NUMBERS:
            _require(table[column], _are_numbers(table[column], column in WHOLE_NUMBERS), path)
        elif column.startswith("is_"):
            _require(table[column], _are(table[column], bool, np.bool_), path)
        elif column not in ("geometry", "way_id"):
            _require(table[column], _are(table[column], str), path)
    if set(KEYS.get(name, ())) <= set(wanted):
        _require_keys(name, table, path)
    _require_shapes(name, table, path)
    return table


def _require_columns(name: str, columns: Collection[str], table: pd.DataFrame, path: Path) -> None:
    for column in columns:
        if column not in table.columns:
            raise MissingColumnError(
                f"layer {name} lacks the column {column}", where=Place(path, column=column), how=HOW
            )


def _are(column: pd.Series, *kinds: type) -> NDArray[np.bool_]:
    inferred = pd.api.types.infer_dtype(column, skipna=False)
    if inferred == ("string" if str in kinds else "boolean"):
        return np.ones(len(column), dtype=np.bool_)
    return np.array([isinstance(value, kinds) for value in column], dtype=np.bool_)


def _are_numbers(column: pd.Series, is_whole: bool) -> NDArray[np.bool_]:
    if column.dtype.kind not in "iuf":
        return np.array(
            [isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= MAX_NUMBER
             and (not is_whole or v % 1 == 0) for v in column], dtype=np.bool_,
        )  # fmt: skip
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    holds = (values >= 0) & (values <= MAX_NUMBER)
    return holds & (values % 1 == 0) if is_whole else holds


def _require(column: pd.Series, holds: NDArray[np.bool_] | pd.Series, path: Path) -> None:
    bad = np.flatnonzero(~np.asarray(holds, dtype=np.bool_))
    if bad.size:
        raise ColumnValueError(
            f"{quote(column.iloc[int(bad[0])]) or 'nothing'} cannot stand in this column",
            where=Place(path, int(bad[0]) + 1, str(column.name)), how=HOW,
        )  # fmt: skip


def _require_keys(name: str, table: pd.DataFrame, path: Path) -> None:
    key = list(KEYS.get(name, ()))
    if key:
        first = table[key[0]]
        _require(first, ~table.duplicated(subset=key), path)


def _require_shapes(name: str, table: gpd.GeoDataFrame, path: Path) -> None:
    if name not in SHAPES:
        return
    shapes = np.asarray(table.geometry, dtype=object)
    kinds = [int(shapely.GeometryType[kind.upper()]) for kind in SHAPES[name]]
    is_there = ~shapely.is_missing(shapes)
    holds = np.isin(shapely.get_type_id(shapes), kinds) & ~shapely.is_empty(shapes)
    holds &= np.isfinite(shapely.bounds(shapes)).all(axis=1)
    bad = np.flatnonzero(~holds & (is_there if name == "addresses" else True))
    if bad.size:
        expected = " or ".join(SHAPES[name])
        raise GeometryError(
            f"no {expected} with finite coordinates stands here",
            where=Place(path, int(bad[0]) + 1, "geometry"), how=HOW,
        )  # fmt: skip
