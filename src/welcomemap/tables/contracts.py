"""Check the tables of a region pack against their column contracts, once, at the border."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from welcomemap.crs import WGS84
from welcomemap.errors import quote
from welcomemap.tables.layers import CONTRACTS, Contract

PLACE_COLUMNS = (("lon", "lat"), ("longitude", "latitude"), ("x", "y"))
NEAR_DEGREES, NEAR_M = 2e-4, 20.0
"""Nearer than this is the same place, written with fewer digits."""


@dataclass(frozen=True)
class TableProblem:
    """A broken rule: where it is broken (row 1 = first data row) and what is expected."""

    row: int | None
    column: str | None
    what: str


def find_table_problems(layer: str, table: pd.DataFrame) -> list[TableProblem]:
    """Check a layer against its contract; a layer without one has no problems.

    Parameters
    ----------
    layer
        Name of the layer.
    table
        As read: a table of texts, or a GeoDataFrame.

    Returns
    -------
    list of TableProblem
        In the order missing columns, cells, repeated keys, geometries; a missing column hides
        nothing else.
    """
    contract = CONTRACTS.get(layer)
    if contract is None:
        return []
    table = _without_compounds(table)
    missing = [name for name in contract.columns if name not in table.columns]
    problems = [
        TableProblem(None, name, f"the column {name} is absent; add it") for name in missing
    ]
    if table.empty:
        return [*problems, TableProblem(None, None, "the layer has no rows; restore them")]
    problems += _find_bad_cells(contract, table)
    if not set(contract.key) & set(missing):
        problems += _find_repeated_keys(contract, table)
    if contract.geometry and "geometry" in table.columns:
        problems += _find_bad_geometries(contract, table)
    return problems


@dataclass(frozen=True)
class _Compound:
    """A list or an object in a cell, which no rule allows, so that it can be compared and shown."""

    shown: str

    def __str__(self) -> str:
        return self.shown


def _without_compounds(table: pd.DataFrame) -> pd.DataFrame:
    kinds = (list, dict, tuple, set, np.ndarray)
    changed = {
        name: [_Compound(quote(v)) if isinstance(v, kinds) else v for v in table[name]]
        for name in table.columns
        if name != "geometry" and pd.api.types.infer_dtype(table[name]).startswith("mixed")
    }
    return table.assign(**{n: pd.Series(v, table.index, object) for n, v in changed.items()})


def find_other_places(table: gpd.GeoDataFrame) -> list[TableProblem]:
    """Find rows whose columns say another place than their geometry, which is what counts.

    Columns called ``lon`` and ``lat``, or ``x`` and ``y``, in any spelling, are compared with
    points: in degrees, and in the metric CRS of the table.
    """
    names = {str(name).casefold(): str(name) for name in table.columns}
    shapes = np.asarray(table.geometry, dtype=object)
    is_point = np.array([shape is not None and shape.geom_type == "Point" for shape in shapes])
    problems: list[TableProblem] = []
    for first, second in PLACE_COLUMNS:
        if first not in names or second not in names or not is_point.any():
            continue
        said = np.column_stack(
            [pd.to_numeric(table[names[name]], errors="coerce") for name in (first, second)]
        )
        degrees = np.abs(said - _coordinates(table.geometry.to_crs(WGS84))) < NEAR_DEGREES
        metres = np.abs(said - _coordinates(table.geometry)) < NEAR_M
        is_other = (
            is_point & ~np.isnan(said).any(axis=1) & ~degrees.all(axis=1) & ~metres.all(axis=1)
        )
        problems += [
            TableProblem(
                int(row) + 1,
                names[first],
                f"{names[first]} and {names[second]} say another place than the geometry, which is "
                "what counts; correct them or take them out",
            )
            for row in np.flatnonzero(is_other)
        ]
    return problems


def _coordinates(points: gpd.GeoSeries) -> NDArray[np.float64]:
    return np.column_stack([shapely.get_x(points.to_numpy()), shapely.get_y(points.to_numpy())])


def _find_bad_cells(contract: Contract, table: pd.DataFrame) -> list[TableProblem]:
    present = {name: check for name, check in contract.checks.items() if name in table.columns}
    schema = pa.DataFrameSchema(
        {name: pa.Column(None, check, nullable=True) for name, check in present.items()}
    )
    plain = pd.DataFrame({name: table[name].to_numpy() for name in present})
    plain = plain.astype(object).where(plain.notna(), None)
    try:
        schema.validate(plain, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return [
            TableProblem(
                int(row) + 1,
                str(column),
                f"{_show(value)} stands where {check} is expected; correct it",
            )
            for row, column, value, check in zip(
                cases["index"], cases["column"], cases["failure_case"], cases["check"], strict=True
            )
        ]
    return []


def _show(value: object) -> str:
    is_missing = value is None or (isinstance(value, float) and np.isnan(value))
    return "nothing" if is_missing or value == "" else quote(value)


def _find_repeated_keys(contract: Contract, table: pd.DataFrame) -> list[TableProblem]:
    if not contract.key:
        return []
    keys = table[list(contract.key)]
    repeated = np.flatnonzero(keys.duplicated().to_numpy())
    column = contract.key[0] if len(contract.key) == 1 else ", ".join(contract.key)
    return [
        TableProblem(
            int(row) + 1,
            column,
            f"{quote(' '.join(str(v) for v in keys.iloc[row]))} stands in an earlier row already; "
            "make it unique or remove the row",
        )
        for row in repeated
    ]


def _find_bad_geometries(contract: Contract, table: pd.DataFrame) -> list[TableProblem]:
    shapes = np.asarray(table["geometry"], dtype=object)
    problems = []
    is_missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if not contract.may_lack_geometry:
        problems += [
            TableProblem(int(row) + 1, "geometry", "the geometry is missing; add it")
            for row in np.flatnonzero(is_missing)
        ]
    expected = " or ".join(contract.geometry)
    for row in np.flatnonzero(~is_missing):
        if shapes[row].geom_type not in contract.geometry:
            problems.append(
                TableProblem(
                    int(row) + 1,
                    "geometry",
                    f"a {shapes[row].geom_type} stands where a {expected} is expected; correct it",
                )
            )
    is_invalid = ~is_missing & ~shapely.is_valid(shapes)
    problems += [
        TableProblem(
            int(row) + 1,
            "geometry",
            f"the geometry is invalid ({quote(shapely.is_valid_reason(shapes[row]))}); redraw it",
        )
        for row in np.flatnonzero(is_invalid)
    ]
    return problems
