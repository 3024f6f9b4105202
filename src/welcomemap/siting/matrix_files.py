"""Cost matrices and weights from CSV files, for anyone with their own distances.

The cost file has a column ``demand`` first and then one column for each facility; a cell is a
number of 0 or more, and ``inf`` or nothing at all means unreachable. The demand file has the
columns ``demand`` and ``weight``. Both name the same demand points; their order may differ.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    EmptyTableError,
    EncodingError,
    Fault,
    MissingColumnError,
    Place,
    TableError,
    TooLargeError,
    fault,
)
from welcomemap.files import plain_opener
from welcomemap.siting.problem import Constraints, Floats, SitingProblem
from welcomemap.tabular import read_number

MAX_BYTES = 1_000_000_000
UNREACHABLE = {"", "inf", "+inf", "infinity"}
DEMAND_COLUMN, WEIGHT_COLUMN = "demand", "weight"


class UnknownDemandError(TableError):
    """Cost file and demand file do not name the same demand points."""


def read_matrix_problem(
    costs: Path, demand: Path, constraints: Constraints | None = None
) -> SitingProblem:
    """Read a siting problem from two CSV files.

    Where demand ids and facility ids are the same, the matrix also serves as distances between
    facilities (p-dispersion).

    Raises
    ------
    TableError
        One of its named kinds, with file, row and column: empty file, missing column, duplicate
        id, a value that is no number, negative or NaN, ids that only one of the files knows.
    """
    demand_ids, facility_ids, cost = read_costs(costs)
    weights = read_weights(demand)
    _check_same_demand(costs, demand, demand_ids, list(weights))
    return SitingProblem(
        cost=cost,
        weights=np.array([weights[name] for name in demand_ids], dtype=np.float64),
        demand_ids=demand_ids,
        facility_ids=facility_ids,
        constraints=constraints or Constraints(),
        facility_cost=_between_facilities(demand_ids, facility_ids, cost),
    )


def read_costs(path: Path) -> tuple[tuple[str, ...], tuple[str, ...], Floats]:
    """Return demand ids, facility ids and the matrix, shape (n_demand, n_facilities).

    Raises
    ------
    TableError
        See :func:`read_matrix_problem`.
    """
    rows = _read_rows(path)
    header = next(rows)
    if header[0] != DEMAND_COLUMN or len(header) < 2:
        raise MissingColumnError(
            "the first column is {first!r} of {n_columns}, expected 'demand' and then one "
            "column for each facility",
            first=header[0],
            n_columns=len(header),
            where=Place(path),
            how="Write the header as demand,site1,site2,…",
        )
    facility_ids = header[1:]
    _check_header(path, facility_ids)
    costs = {
        name: _parse_costs(path, number, row[1:], facility_ids)
        for number, name, row in _list_demand(path, rows, header, 0)
    }
    return tuple(costs), tuple(facility_ids), np.array(list(costs.values()))


def read_weights(path: Path) -> dict[str, float]:
    """Return the weight of each demand id.

    Raises
    ------
    TableError
        See :func:`read_matrix_problem`.
    """
    rows = _read_rows(path)
    header = next(rows)
    for column in (DEMAND_COLUMN, WEIGHT_COLUMN):
        if column not in header:
            raise MissingColumnError(
                "the column {column!r} is missing",
                column=column,
                where=Place(path),
                how="Write the header as demand,weight.",
            )
    at_id, at_weight = header.index(DEMAND_COLUMN), header.index(WEIGHT_COLUMN)
    weights: dict[str, float] = {}
    for number, name, row in _list_demand(path, rows, header, at_id):
        weights[name] = _parse_number(path, number, WEIGHT_COLUMN, row[at_weight])
        if math.isinf(weights[name]):
            raise _value_error(path, number, WEIGHT_COLUMN, row[at_weight], NOT_FINITE)
    return weights


def _list_demand(
    path: Path, rows: Iterator[list[str]], header: list[str], at_id: int
) -> Iterator[tuple[int, str, list[str]]]:
    """Yield number, id and cells of each row, and check them and that each id is there once."""
    names: list[str] = []
    for number, row in enumerate(rows, start=1):
        _check_width(path, number, row, header)
        names.append(_check_id(path, number, row[at_id]))
        yield number, names[-1], row
    if not names:
        raise EmptyTableError("the table has no rows", where=Place(path), how="Add demand points.")
    _check_distinct(path, names)


def _read_rows(path: Path) -> Iterator[list[str]]:
    """Yield the header and then the rows, blank lines left out, cells stripped."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TooLargeError(
                "the file is larger than {most:,} bytes",
                most=MAX_BYTES,
                where=Place(path),
                how="Split it.",
            )
        with open(path, encoding="utf-8-sig", newline="", opener=plain_opener) as handle:
            rows = (row for row in csv.reader(handle) if any(cell.strip() for cell in row))
            header = next(rows, None)
            if header is None:
                raise EmptyTableError(
                    "the file is empty", where=Place(path), how="Write a header and rows."
                )
            yield [cell.strip() for cell in header]
            for row in rows:
                yield [cell.strip() for cell in row]
    except UnicodeDecodeError as error:
        raise EncodingError(
            "the text is not UTF-8", where=Place(path), how="Save it as UTF-8."
        ) from error
    except csv.Error as error:
        raise TableError(
            "not a CSV table: {error}", error=error, where=Place(path), how="Check it."
        ) from error
    except OSError as error:
        raise TableError(
            "cannot read: {error}", error=error, where=Place(path), how="Check the path."
        ) from error


def _parse_costs(path: Path, number: int, cells: list[str], columns: list[str]) -> Floats:
    joined = "".join(cells)
    # What numpy takes for a number beyond that, each cell is asked for below.
    is_plain = joined.isascii() and "_" not in joined
    try:
        if not is_plain:
            raise ValueError("not plain")  # noqa: TRY301 - the same answer as numpy's own
        values = np.array([c if c.lower() not in UNREACHABLE else "inf" for c in cells]).astype(
            float
        )
    except ValueError:
        values = np.array(
            [
                math.inf if c.lower() in UNREACHABLE else _parse_number(path, number, column, c)
                for column, c in zip(columns, cells, strict=True)
            ]
        )
    if np.isnan(values).any() or (values < 0).any():
        for column, cell in zip(columns, cells, strict=True):
            if cell.lower() not in UNREACHABLE:
                _parse_number(path, number, column, cell)
    return values.astype(np.float64)


def _parse_number(path: Path, number: int, column: str, cell: str) -> float:
    try:
        value = math.inf if cell.lower() in UNREACHABLE else read_number(cell)
    except ValueError as error:
        raise _value_error(path, number, column, cell, NO_NUMBER) from error
    if math.isnan(value):
        raise _value_error(path, number, column, cell, NO_NUMBER)
    if value < 0:
        raise _value_error(path, number, column, cell, NEGATIVE)
    return value


NO_NUMBER, NEGATIVE = fault("is not a number"), fault("is negative")
NOT_FINITE = fault("is not finite")


def _value_error(
    path: Path, number: int, column: str, cell: str, reason: Fault
) -> ColumnValueError:
    return ColumnValueError(
        "the value {cell!r} {reason}",
        cell=cell,
        reason=reason,
        where=Place(path, row=number, column=column),
        how="Write a number of 0 or more; a cost may be inf or empty where there is no way.",
    )


def _check_width(path: Path, number: int, row: list[str], header: list[str]) -> None:
    if len(row) != len(header):
        raise TableError(
            "cells in the row: {n_cells}, in the header: {n_columns}",
            n_cells=len(row),
            n_columns=len(header),
            where=Place(path, row=number),
            how="Give each row one cell for each column, separated by commas.",
        )


def _check_id(path: Path, number: int, name: str) -> str:
    if not name:
        raise ColumnValueError(
            "the demand id is empty",
            where=Place(path, row=number, column=DEMAND_COLUMN),
            how="Give each demand point an id.",
        )
    return name


def _check_header(path: Path, facility_ids: list[str]) -> None:
    if not all(facility_ids):
        raise MissingColumnError(
            "a facility column has no name", where=Place(path, row=None), how="Name each column."
        )
    for position, name in enumerate(facility_ids):
        if name in facility_ids[:position]:
            raise DuplicateIdError(
                "the facility {name!r} has two columns",
                name=name,
                where=Place(path, column=name),
                how="Give each facility one column.",
            )


def _check_distinct(path: Path, names: list[str]) -> None:
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if name in seen:
            raise DuplicateIdError(
                "the demand id {name!r} is already in row {first}",
                name=name,
                first=seen[name],
                where=Place(path, row=number, column=DEMAND_COLUMN),
                how="Give each demand point one row.",
            )
        seen[name] = number


def _check_same_demand(
    costs: Path, demand: Path, in_costs: tuple[str, ...], in_weights: list[str]
) -> None:
    without_weight = sorted(set(in_costs) - set(in_weights))
    without_cost = sorted(set(in_weights) - set(in_costs))
    for missing, path, other in ((without_weight, demand, costs), (without_cost, costs, demand)):
        if missing:
            raise UnknownDemandError(
                "demand ids of {other} that are missing here: {n_missing}, first {first!r}",
                n_missing=len(missing),
                other=other.name,
                first=missing[0],
                where=Place(path),
                how="Give both files the same demand ids.",
            )


def _between_facilities(
    demand_ids: tuple[str, ...], facility_ids: tuple[str, ...], cost: Floats
) -> Floats | None:
    if set(demand_ids) != set(facility_ids):
        return None
    row = {name: k for k, name in enumerate(demand_ids)}
    return cost[[row[name] for name in facility_ids]]
