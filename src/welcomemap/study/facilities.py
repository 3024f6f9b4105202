"""What a planner knows of facilities beyond their place: capacity, and the cost of opening."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    MissingColumnError,
    Place,
    UsageError,
    quote,
)
from welcomemap.sheets import read_number, read_table

ID_COLUMNS = ("id", "facility")
CAPACITY, COST = "capacity", "cost"


@dataclass(frozen=True)
class FacilityFacts:
    """Numbers by id of facility; an id that is missing is not known, never zero.

    Attributes
    ----------
    capacity
        Largest number of people (or any other unit of demand) it can serve.
    cost
        Cost of opening it, in the unit of the budget.
    """

    capacity: Mapping[str, float] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)


def read_facilities(path: Path) -> FacilityFacts:
    """Read a CSV or XLSX table with ``id`` (or ``facility``) and ``capacity``, ``cost`` or both.

    An empty cell means not known.

    Raises
    ------
    UsageError
        If the file does not exist.
    TableError
        If a column is missing, an id appears twice, or a cell is no number of 0 or more.
    """
    if not path.is_file():
        raise UsageError(
            f"no file {quote(path)!r}", how="Name a CSV or XLSX file with id, capacity, cost."
        )
    sheet = read_table(path)
    frame = sheet.frame
    ids = next((name for name in ID_COLUMNS if name in frame.columns), None)
    if ids is None or not {CAPACITY, COST} & set(frame.columns):
        raise MissingColumnError(
            "the table needs a column id, and capacity or cost", where=Place(path),
            how="Write the header as id,capacity,cost.",
        )  # fmt: skip
    for warning in (*sheet.warnings, *sheet.warn_unread((*ID_COLUMNS, CAPACITY, COST))):
        warnings.warn(warning, stacklevel=2)
    found: dict[str, dict[str, float]] = {CAPACITY: {}, COST: {}}
    seen: set[str] = set()
    for row, cells in enumerate(frame.to_dict("records"), start=1):
        name = str(cells[ids]).strip()
        if name in seen:
            raise DuplicateIdError(
                f"facility {quote(name)!r} appears twice", where=Place(path, row, ids),
                how="Give each facility one row.",
            )  # fmt: skip
        seen.add(name)
        for column, numbers in found.items():
            text = str(cells.get(column, "")).strip()
            if text:
                numbers[name] = _read_number(text, Place(path, row, column))
    return FacilityFacts(found[CAPACITY], found[COST])


def read_numbers(frame: pd.DataFrame, column: str) -> dict[str, float]:
    """Return a column of numbers by the id of its row; empty cells are left out.

    Raises
    ------
    ColumnValueError
        If a cell is no number of 0 or more.
    """
    return {
        str(name): _read_number(str(text).strip(), Place(row=row, column=column))
        for row, (name, text) in enumerate(zip(frame["id"], frame[column], strict=True), start=1)
        if str(text).strip() not in ("", "nan")
    }


def _read_number(text: str, where: Place) -> float:
    try:
        number = read_number(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise ColumnValueError(
            f"the value {quote(text)!r} is not a number of 0 or more", where=where,
            how="Write a number such as 5000, or leave the cell empty where it is not known.",
        )  # fmt: skip
    return number
