"""Check the tables of a region pack against their column contracts, once, at the border."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
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
from welcomemap.region.schemas import (
    ADDRESS_COLUMNS,
    ADVICE_OFFICE_COLUMNS,
    CANDIDATE_SITE_COLUMNS,
    DEMAND_CELL_COLUMNS,
    DISTRICT_COLUMNS,
    GROUPS,
    LINE_COLUMNS,
    LINE_STOP_COLUMNS,
    LOCATION_QUALITIES,
    QUARTER_COLUMNS,
    RIVER_CROSSING_COLUMNS,
    SERVICE_POINT_COLUMNS,
    SITE_HISTORY_COLUMNS,
    SITE_STATUSES,
    STOP_COLUMNS,
    STREET_EDGE_COLUMNS,
)

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_NUMBER_LIST = re.compile(r"\d+(;\d+)*")


def number(
    low: float = -np.inf, high: float = np.inf, *, unit: str = "", may_be_empty: bool = False
) -> pa.Check:
    """Require a finite number in a range, as a number or as text."""
    if np.isfinite(high):
        sentence = f"a number from {low:g} to {high:g}"
    else:
        sentence = f"a number of {low:g} or more" if np.isfinite(low) else "a number"
    if unit:
        sentence += f" ({unit})"

    def holds(column: pd.Series) -> pd.Series:
        values = pd.to_numeric(column, errors="coerce")
        return values.between(low, high) & values.abs().lt(np.inf)

    return _check(holds, sentence, may_be_empty)


def whole_number(low: int = 0, *, may_be_empty: bool = False) -> pa.Check:
    """Require a whole number, as a number or as text."""

    def holds(column: pd.Series) -> pd.Series:
        values = pd.to_numeric(column, errors="coerce")
        return values.ge(low) & values.lt(np.inf) & values.mod(1).eq(0)

    return _check(holds, f"a whole number of {low} or more", may_be_empty)


def filled_text() -> pa.Check:
    """Require text that is not blank."""
    return _check(_each(lambda v: isinstance(v, str) and bool(v.strip())), "text that is not empty")


def text() -> pa.Check:
    """Require text, which may be empty."""
    return _check(_each(lambda v: isinstance(v, str)), "text")


def flag() -> pa.Check:
    """Require true or false."""
    return _check(_each(lambda v: isinstance(v, bool | np.bool_)), "true or false")


def one_of(values: Collection[str]) -> pa.Check:
    """Require one of a closed set of words."""
    words = ", ".join(value or "nothing" for value in values)
    return _check(lambda column: column.isin(list(values)), f"one of {words}")


def date() -> pa.Check:
    """Require an ISO date: year, month or day; may be empty."""
    return _check(
        _each(lambda v: isinstance(v, str) and _DATE.fullmatch(v) is not None),
        "a date like 2019, 2019-03 or 2019-03-31",
        may_be_empty=True,
    )


def district_list() -> pa.Check:
    """Require district numbers separated by semicolons; may be empty."""
    return _check(
        _each(lambda v: isinstance(v, str) and _NUMBER_LIST.fullmatch(v) is not None),
        "district numbers separated by semicolons, like 1;2",
        may_be_empty=True,
    )


def _each(holds: Callable[[object], bool]) -> Callable[[pd.Series], pd.Series]:
    return lambda column: column.map(holds).astype(bool)


def _check(
    holds: Callable[[pd.Series], pd.Series], sentence: str, may_be_empty: bool = False
) -> pa.Check:
    """Make a rule that also judges missing values, unless the cell may be empty."""
    if not may_be_empty:
        return pa.Check(holds, error=sentence, ignore_na=False)
    return pa.Check(
        lambda column: holds(column) | column.eq(""),
        error=f"{sentence}, or nothing",
        ignore_na=False,
    )


Checks = dict[str, pa.Check]

_PEOPLE: Checks = {group: number(0, unit="people") for group in GROUPS}
_PLACE: Checks = {
    "lat": number(-90, 90, unit="degrees", may_be_empty=True),
    "lon": number(-180, 180, unit="degrees", may_be_empty=True),
    "error_radius_m": number(0, unit="metres", may_be_empty=True),
    "location_outcome": text(),
}
_NAMED: Checks = {"name": filled_text()}


@dataclass(frozen=True)
class Contract:
    """What a layer must hold.

    Attributes
    ----------
    columns
        Required columns.
    checks
        Rule of each column that is there, required or not.
    key
        Columns that together name a row; no two rows may share them.
    geometry
        Allowed types of geometry; empty for tables without one.
    may_lack_geometry
        Whether a row may have no place.
    """

    columns: tuple[str, ...]
    checks: Checks
    key: tuple[str, ...] = ()
    geometry: tuple[str, ...] = ()
    may_lack_geometry: bool = False


AREA = ("Polygon", "MultiPolygon")
LINE = ("LineString", "MultiLineString")

CONTRACTS: Mapping[str, Contract] = {
    "districts": Contract(
        DISTRICT_COLUMNS,
        _PEOPLE | _NAMED | {"district": whole_number(1), "area_km2": number(0)},
        ("district",),
        AREA,
    ),
    "quarters": Contract(
        QUARTER_COLUMNS,
        _PEOPLE
        | _NAMED
        | {
            "quarter": filled_text(),
            "district": whole_number(1),
            "area_km2": number(0),
        },
        ("quarter",),
        AREA,
    ),
    "demand_cells": Contract(
        DEMAND_CELL_COLUMNS,
        _PEOPLE
        | {
            "cell_id": filled_text(),
            "quarter": filled_text(),
            "district": whole_number(1),
            "is_from_addresses": flag(),
        },
        ("cell_id", "quarter"),
        ("Point",),
    ),
    "service_points": Contract(
        SERVICE_POINT_COLUMNS,
        _PLACE
        | _NAMED
        | {
            "id": filled_text(),
            "stated_districts": district_list(),
            "status": one_of(SITE_STATUSES),
            "valid_from": date(),
            "valid_to": date(),
            "opening_hours_as_of": date(),
            "source": filled_text(),
            "district": whole_number(1, may_be_empty=True),
            "capacity": number(0, may_be_empty=True),
        },
        ("id",),
    ),
    "site_history": Contract(
        SITE_HISTORY_COLUMNS,
        {
            "event": one_of(("opened", "closed")),
            "date": date(),
            "districts": district_list(),
            "source": filled_text(),
        },
    ),
    "candidate_sites": Contract(
        CANDIDATE_SITE_COLUMNS,
        _PLACE
        | _NAMED
        | {
            "id": filled_text(),
            "source_date": date(),
            "area_m2": number(0, unit="m²", may_be_empty=True),
            "usable_area_m2": number(0, unit="m²", may_be_empty=True),
            "rooms": whole_number(0, may_be_empty=True),
            "is_step_free": one_of(("true", "false", "")),
        },
        ("id",),
    ),
    "advice_offices": Contract(
        ADVICE_OFFICE_COLUMNS,
        _PLACE | _NAMED | {"id": filled_text(), "district": whole_number(1, may_be_empty=True)},
        ("id",),
    ),
    "addresses": Contract(
        ADDRESS_COLUMNS,
        {
            "street": filled_text(),
            "house_number": text(),
            "is_residential": flag(),
            "quarter": text(),
            "district": whole_number(0),
            "postcode": text(),
            "is_postcode_inferred": flag(),
            "location_quality": one_of(LOCATION_QUALITIES),
        },
        ("street", "house_number"),
        ("Point",),
        may_lack_geometry=True,
    ),
    "stops": Contract(
        STOP_COLUMNS,
        {"stop_id": filled_text(), "name": filled_text(), "modes": text()},
        ("stop_id",),
        ("Point",),
    ),
    "lines": Contract(
        LINE_COLUMNS,
        {
            "line": filled_text(),
            "mode": filled_text(),
            "trip_count": whole_number(0),
        },
        ("line",),
    ),
    "line_stops": Contract(
        LINE_STOP_COLUMNS,
        {
            "line": filled_text(),
            "sequence": whole_number(0),
            "stop_id": filled_text(),
        },
        ("line", "sequence"),
    ),
    "river": Contract(("geometry",), {}, (), LINE),
    "river_band": Contract(("geometry",), {}, (), AREA),
    "river_crossings": Contract(
        RIVER_CROSSING_COLUMNS,
        _NAMED | {"is_walkable": flag(), "is_cyclable": flag()},
        ("name",),
        ("LineString",),
    ),
    "street_edges": Contract(
        STREET_EDGE_COLUMNS,
        {
            "edge_id": whole_number(0),
            "u": whole_number(0),
            "v": whole_number(0),
            "length_m": number(0, unit="metres"),
            "name": text(),
        },
        ("edge_id",),
        ("LineString",),
    ),
    "street_extent": Contract(("geometry",), {}, (), AREA),
}


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
