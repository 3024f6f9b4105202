"""Check the tables of a region pack against their column contracts, once, at the border."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from welcomemap.crs import WGS84
from welcomemap.errors import Fault, either, fault, quote
from welcomemap.region.schemas import (
    CONTRACTS,
    GROUND_CLASSES,
    GROUPS,
    LOCATION_QUALITIES,
    PLACES,
    SITE_STATUSES,
    Contract,
    without_groups,
)

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_MARKS = re.compile(r"[01]+")
_NUMBER_LIST = re.compile(r"\d+(;\d+)*")

NOTHING = fault("nothing")
A_NUMBER = fault("a number")
PEOPLE, DEGREES = fault("people"), fault("degrees")
METRES, SQUARE_METRES = fault("metres"), fault("m²")


@dataclass(frozen=True)
class Rule:
    """What the cells of a column must be: a test for each cell, and what is expected."""

    holds: Callable[[pd.Series], pd.Series]
    expected: Fault

    @property
    def check(self) -> pa.Check:
        """The rule as pandera's check, which judges missing values too."""
        return pa.Check(self.holds, ignore_na=False)


def number(
    low: float = -np.inf,
    high: float = np.inf,
    *,
    unit: Fault | None = None,
    may_be_empty: bool = False,
) -> Rule:
    """Require a finite number in a range, as a number or as text."""
    if np.isfinite(high):
        expected = fault("a number from {low:g} to {high:g}", low=low, high=high)
    else:
        is_bounded = np.isfinite(low)
        expected = fault("a number of {low:g} or more", low=low) if is_bounded else A_NUMBER
    if unit is not None:
        expected = fault("{expected} ({unit})", expected=expected, unit=unit)

    def holds(column: pd.Series) -> pd.Series:
        values = pd.to_numeric(column, errors="coerce")
        return values.between(low, high) & values.abs().lt(np.inf)

    return _check(holds, expected, may_be_empty)


def whole_number(low: int = 0, *, may_be_empty: bool = False) -> Rule:
    """Require a whole number, as a number or as text."""

    def holds(column: pd.Series) -> pd.Series:
        values = pd.to_numeric(column, errors="coerce")
        return values.ge(low) & values.lt(np.inf) & values.mod(1).eq(0)

    return _check(holds, fault("a whole number of {low} or more", low=low), may_be_empty)


def filled_text() -> Rule:
    """Require text that is not blank."""
    return _check(
        _each(lambda v: isinstance(v, str) and bool(v.strip())), fault("text that is not empty")
    )


def text() -> Rule:
    """Require text, which may be empty."""
    return _check(_each(lambda v: isinstance(v, str)), fault("text"))


def flag() -> Rule:
    """Require true or false."""
    return _check(_each(lambda v: isinstance(v, bool | np.bool_)), fault("true or false"))


def one_of(values: Collection[str]) -> Rule:
    """Require one of a closed set of words."""
    words = [value or NOTHING for value in values]
    return _check(lambda column: column.isin(list(values)), fault("one of {words}", words=words))


def date() -> Rule:
    """Require an ISO date: year, month or day; may be empty."""
    return _check(
        _each(lambda v: isinstance(v, str) and _DATE.fullmatch(v) is not None),
        fault("a date like 2019, 2019-03 or 2019-03-31"),
        may_be_empty=True,
    )


def day() -> Rule:
    """Require an ISO date with its day."""
    return _check(
        _each(lambda v: isinstance(v, str) and len(v) == 10 and _DATE.fullmatch(v) is not None),
        fault("a day like 2019-03-31"),
    )


def marks() -> Rule:
    """Require a text of ones and zeros."""
    return _check(
        _each(lambda v: isinstance(v, str) and _MARKS.fullmatch(v) is not None),
        fault("a 1 or 0 for each day"),
    )


def district_list() -> Rule:
    """Require district numbers separated by semicolons; may be empty."""
    return _check(
        _each(lambda v: isinstance(v, str) and _NUMBER_LIST.fullmatch(v) is not None),
        fault("district numbers separated by semicolons, like 1;2"),
        may_be_empty=True,
    )


def _each(holds: Callable[[object], bool]) -> Callable[[pd.Series], pd.Series]:
    return lambda column: column.map(holds).astype(bool)


def _check(
    holds: Callable[[pd.Series], pd.Series], expected: Fault, may_be_empty: bool = False
) -> Rule:
    """Make a rule that also judges missing values, unless the cell may be empty."""
    if not may_be_empty:
        return Rule(holds, expected)
    return Rule(
        lambda column: holds(column) | column.eq(""),
        fault("{expected}, or nothing", expected=expected),
    )


Checks = dict[str, Rule]

_PEOPLE: Checks = {group: number(0, unit=PEOPLE) for group in GROUPS}
_PLACE: Checks = {
    "lat": number(-90, 90, unit=DEGREES, may_be_empty=True),
    "lon": number(-180, 180, unit=DEGREES, may_be_empty=True),
    "error_radius_m": number(0, unit=METRES, may_be_empty=True),
    "location_outcome": text(),
}
_NAMED: Checks = {"name": filled_text()}

_CANDIDATES: Checks = (
    _PLACE
    | _NAMED
    | {
        "id": filled_text(),
        "source_date": date(),
        "area_m2": number(0, unit=SQUARE_METRES, may_be_empty=True),
        "usable_area_m2": number(0, unit=SQUARE_METRES, may_be_empty=True),
        "rooms": whole_number(0, may_be_empty=True),
        "is_step_free": one_of(("true", "false", "")),
    }
)


RULES: Mapping[str, Checks] = {
    "districts": _PEOPLE | _NAMED | {"district": whole_number(1), "area_km2": number(0)},
    "quarters": _PEOPLE
    | _NAMED
    | {
        "quarter": filled_text(),
        "district": whole_number(1),
        "area_km2": number(0),
    },
    "demand_cells": _PEOPLE
    | {
        "cell_id": filled_text(),
        "quarter": filled_text(),
        "district": whole_number(1),
        "is_from_addresses": flag(),
    },
    "service_points": _PLACE
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
    "site_history": {
        "event": one_of(("opened", "closed")),
        "date": date(),
        "districts": district_list(),
        "source": filled_text(),
    },
    "candidate_sites": _CANDIDATES,
    "facilities": _CANDIDATES,
    "advice_offices": _PLACE
    | _NAMED
    | {"id": filled_text(), "district": whole_number(1, may_be_empty=True)},
    "addresses": {
        "street": filled_text(),
        "house_number": text(),
        "is_residential": flag(),
        "quarter": text(),
        "district": whole_number(0),
        "postcode": text(),
        "is_postcode_inferred": flag(),
        "location_quality": one_of(LOCATION_QUALITIES),
    },
    "stops": {"stop_id": filled_text(), "name": filled_text(), "modes": text()},
    "lines": {
        "line": filled_text(),
        "mode": filled_text(),
        "trip_count": whole_number(0),
    },
    "line_stops": {
        "line": filled_text(),
        "sequence": whole_number(0),
        "stop_id": filled_text(),
    },
    "timetable": {
        "trip_id": whole_number(0),
        "line": filled_text(),
        "service_id": whole_number(0),
        "sequence": whole_number(0),
        "stop_id": filled_text(),
        "arrival_s": whole_number(0),
        "departure_s": whole_number(0),
        "is_estimated": flag(),
    },
    "service_days": {
        "service_id": whole_number(0),
        "first_day": day(),
        "last_day": day(),
        "days": marks(),
    },
    "river_crossings": _NAMED | {"is_walkable": flag(), "is_cyclable": flag()},
    "street_edges": {
        "edge_id": whole_number(0),
        "u": whole_number(0),
        "v": whole_number(0),
        "length_m": number(0, unit=METRES),
        "name": text(),
        "is_step_free": flag(),
    },
    "ground": {
        "kind": one_of(GROUND_CLASSES),
        "class": one_of([name for names in GROUND_CLASSES.values() for name in names]),
        "name": text(),
    },
    "place_names": _NAMED
    | {
        "place": one_of(PLACES),
        "rank": whole_number(1),
        "population": whole_number(0, may_be_empty=True),
    },
}
"""Rule of each column that is there, required or not."""


PLACE_COLUMNS = (("lon", "lat"), ("longitude", "latitude"), ("x", "y"))
NEAR_DEGREES, NEAR_M = 2e-4, 20.0
"""Nearer than this is the same place, written with fewer digits."""


@dataclass(frozen=True)
class TableProblem:
    """A broken rule: where it is broken (row 1 = first data row) and what is expected."""

    row: int | None
    column: str | None
    what: Fault


def _fault(
    words: str, row: int | np.integer[Any] | None, column: str | None, /, **values: object
) -> TableProblem:
    """Return a problem; ``row`` is counted from 0 here."""
    return TableProblem(None if row is None else int(row) + 1, column, fault(words, **values))


def find_table_problems(
    layer: str, table: pd.DataFrame, groups: Collection[str] = GROUPS
) -> list[TableProblem]:
    """Check a layer against its contract; a layer without one has no problems.

    Parameters
    ----------
    layer
        Name of the layer.
    table
        As read: a table of texts, or a GeoDataFrame.
    groups
        Groups that the pack has: columns of others may be absent.

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
    required = without_groups(contract.columns, groups) or ["geometry"]
    missing = [name for name in required if name not in table.columns]
    problems = [
        _fault("the column {name} is absent; add it", None, name, name=name) for name in missing
    ]
    if table.empty:
        return [*problems, _fault("the layer has no rows; restore them", None, None)]
    problems += _find_bad_cells(RULES.get(layer, {}), table)
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
            _fault(
                "{first} and {second} say another place than the geometry, which is what "
                "counts; correct them or take them out",
                row,
                names[first],
                first=names[first],
                second=names[second],
            )
            for row in np.flatnonzero(is_other)
        ]
    return problems


def _coordinates(points: gpd.GeoSeries) -> NDArray[np.float64]:
    return np.column_stack([shapely.get_x(points.to_numpy()), shapely.get_y(points.to_numpy())])


def _find_bad_cells(rules: Checks, table: pd.DataFrame) -> list[TableProblem]:
    present = {name: rule for name, rule in rules.items() if name in table.columns}
    schema = pa.DataFrameSchema(
        {name: pa.Column(None, rule.check, nullable=True) for name, rule in present.items()}
    )
    plain = pd.DataFrame({name: table[name].to_numpy() for name in present})
    plain = plain.astype(object).where(plain.notna(), None)
    try:
        schema.validate(plain, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return [
            _fault(
                "{value} stands where {expected} is expected; correct it",
                row,
                str(column),
                value=_show(value),
                expected=present[str(column)].expected,
            )
            for row, column, value in zip(
                cases["index"], cases["column"], cases["failure_case"], strict=True
            )
        ]
    return []


def _show(value: object) -> str | Fault:
    is_missing = value is None or (isinstance(value, float) and np.isnan(value))
    return NOTHING if is_missing or value == "" else quote(value)


def _find_repeated_keys(contract: Contract, table: pd.DataFrame) -> list[TableProblem]:
    if not contract.key:
        return []
    keys = table[list(contract.key)]
    repeated = np.flatnonzero(keys.duplicated().to_numpy())
    column = contract.key[0] if len(contract.key) == 1 else ", ".join(contract.key)
    return [
        _fault(
            "{key} stands in an earlier row already; make it unique or remove the row",
            row,
            column,
            key=" ".join(str(v) for v in keys.iloc[row]),
        )
        for row in repeated
    ]


def _find_bad_geometries(contract: Contract, table: pd.DataFrame) -> list[TableProblem]:
    shapes = np.asarray(table["geometry"], dtype=object)
    problems = []
    is_missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if not contract.may_lack_geometry:
        problems += [
            _fault("the geometry is missing; add it", row, "geometry")
            for row in np.flatnonzero(is_missing)
        ]
    expected = either(contract.geometry)
    for row in np.flatnonzero(~is_missing):
        if shapes[row].geom_type not in contract.geometry:
            problems.append(
                _fault(
                    "a {geom_type} stands where a {expected} is expected; correct it",
                    row,
                    "geometry",
                    geom_type=shapes[row].geom_type,
                    expected=expected,
                )
            )
    is_invalid = ~is_missing & ~shapely.is_valid(shapes)
    problems += [
        _fault(
            "the geometry is invalid ({reason}); redraw it",
            row,
            "geometry",
            reason=shapely.is_valid_reason(shapes[row]),
        )
        for row in np.flatnonzero(is_invalid)
    ]
    return problems
