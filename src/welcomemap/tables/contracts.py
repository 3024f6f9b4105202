"""Column contracts of the layers of a region pack, checked once, at the border."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from pandera.errors import SchemaErrors

from welcomemap import tables
from welcomemap.errors import quote
from welcomemap.tables import rules

Checks = dict[str, pa.Check]

_PEOPLE: Checks = {group: rules.number(0, unit="people") for group in tables.GROUPS}
_PLACE: Checks = {
    "lat": rules.number(-90, 90, unit="degrees", may_be_empty=True),
    "lon": rules.number(-180, 180, unit="degrees", may_be_empty=True),
    "error_radius_m": rules.number(0, unit="metres", may_be_empty=True),
    "location_outcome": rules.text(),
}
_NAMED: Checks = {"name": rules.filled_text()}


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


@dataclass(frozen=True)
class TableProblem:
    """A broken rule: where it is broken (row 1 = first data row) and what is expected."""

    row: int | None
    column: str | None
    what: str


AREA = ("Polygon", "MultiPolygon")
LINE = ("LineString", "MultiLineString")

CONTRACTS: Mapping[str, Contract] = {
    "districts": Contract(
        tables.DISTRICT_COLUMNS,
        _PEOPLE | _NAMED | {"district": rules.whole_number(1), "area_km2": rules.number(0)},
        ("district",),
        AREA,
    ),
    "quarters": Contract(
        tables.QUARTER_COLUMNS,
        _PEOPLE
        | _NAMED
        | {
            "quarter": rules.filled_text(),
            "district": rules.whole_number(1),
            "area_km2": rules.number(0),
        },
        ("quarter",),
        AREA,
    ),
    "demand_cells": Contract(
        tables.DEMAND_CELL_COLUMNS,
        _PEOPLE
        | {
            "cell_id": rules.filled_text(),
            "quarter": rules.filled_text(),
            "district": rules.whole_number(1),
            "is_from_addresses": rules.flag(),
        },
        ("cell_id", "quarter"),
        ("Point",),
    ),
    "service_points": Contract(
        tables.SERVICE_POINT_COLUMNS,
        _PLACE
        | _NAMED
        | {
            "id": rules.filled_text(),
            "stated_districts": rules.district_list(),
            "status": rules.one_of(tables.SITE_STATUSES),
            "valid_from": rules.date(),
            "valid_to": rules.date(),
            "opening_hours_as_of": rules.date(),
            "source": rules.filled_text(),
            "district": rules.whole_number(1, may_be_empty=True),
            "capacity": rules.number(0, may_be_empty=True),
        },
        ("id",),
    ),
    "site_history": Contract(
        tables.SITE_HISTORY_COLUMNS,
        {
            "event": rules.one_of(("opened", "closed")),
            "date": rules.date(),
            "districts": rules.district_list(),
            "source": rules.filled_text(),
        },
    ),
    "candidate_sites": Contract(
        tables.CANDIDATE_SITE_COLUMNS,
        _PLACE
        | _NAMED
        | {
            "id": rules.filled_text(),
            "source_date": rules.date(),
            "area_m2": rules.number(0, unit="m²", may_be_empty=True),
            "usable_area_m2": rules.number(0, unit="m²", may_be_empty=True),
            "rooms": rules.whole_number(0, may_be_empty=True),
            "is_step_free": rules.one_of(("true", "false", "")),
        },
        ("id",),
    ),
    "advice_offices": Contract(
        tables.ADVICE_OFFICE_COLUMNS,
        _PLACE
        | _NAMED
        | {"id": rules.filled_text(), "district": rules.whole_number(1, may_be_empty=True)},
        ("id",),
    ),
    "addresses": Contract(
        tables.ADDRESS_COLUMNS,
        {
            "street": rules.filled_text(),
            "house_number": rules.text(),
            "is_residential": rules.flag(),
            "quarter": rules.text(),
            "district": rules.whole_number(0),
            "postcode": rules.text(),
            "is_postcode_inferred": rules.flag(),
            "location_quality": rules.one_of(tables.LOCATION_QUALITIES),
        },
        ("street", "house_number"),
        ("Point",),
        may_lack_geometry=True,
    ),
    "stops": Contract(
        tables.STOP_COLUMNS,
        {"stop_id": rules.filled_text(), "name": rules.filled_text(), "modes": rules.text()},
        ("stop_id",),
        ("Point",),
    ),
    "lines": Contract(
        tables.LINE_COLUMNS,
        {
            "line": rules.filled_text(),
            "mode": rules.filled_text(),
            "trip_count": rules.whole_number(0),
        },
        ("line",),
    ),
    "line_stops": Contract(
        tables.LINE_STOP_COLUMNS,
        {
            "line": rules.filled_text(),
            "sequence": rules.whole_number(0),
            "stop_id": rules.filled_text(),
        },
        ("line", "sequence"),
    ),
    "river": Contract(("geometry",), {}, (), LINE),
    "river_band": Contract(("geometry",), {}, (), AREA),
    "river_crossings": Contract(
        tables.RIVER_CROSSING_COLUMNS,
        _NAMED | {"is_walkable": rules.flag(), "is_cyclable": rules.flag()},
        ("name",),
        ("LineString",),
    ),
    "street_edges": Contract(
        tables.STREET_EDGE_COLUMNS,
        {
            "edge_id": rules.whole_number(0),
            "u": rules.whole_number(0),
            "v": rules.whole_number(0),
            "length_m": rules.number(0, unit="metres"),
            "name": rules.text(),
        },
        ("edge_id",),
        ("LineString",),
    ),
    "street_extent": Contract(("geometry",), {}, (), AREA),
}


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
