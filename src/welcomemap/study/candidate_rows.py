"""Is every row of a list of candidates what its column promises?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    EmptyTableError,
    MissingColumnError,
    Place,
    quote,
)
from welcomemap.pack.scenario_rows import ListedRows, check_printable
from welcomemap.sheets import read_number
from welcomemap.tables import CANDIDATE_SITE_COLUMNS

ADDRESS_NAMES = ("address", "adresse", "anschrift", "address_as_published")
NAME_NAMES = ("name", "bezeichnung")
FACT_COLUMNS = (
    "kind", "operator", "address", "purpose", "status", "note", "source", "area_m2",
    "usable_area_m2", "rooms", "is_step_free", "capacity", "cost",
)  # fmt: skip
PLACE_COLUMNS = ("lat", "lon", "location_outcome", "error_radius_m")
KNOWN_COLUMNS = frozenset(
    (
        *CANDIDATE_SITE_COLUMNS,
        *NAME_NAMES,
        *ADDRESS_NAMES,
        *PLACE_COLUMNS,
        *FACT_COLUMNS,
        "district",
    )
)
NUMBER_COLUMNS = ("error_radius_m", "area_m2", "usable_area_m2", "rooms")
MAX_NUMBER = 1e6
"""No room, area or radius of a candidate site is larger; such a number is a slip."""
YES_NO = {"true": "true", "yes": "true", "ja": "true", "false": "false", "no": "false",
          "nein": "false", "": ""}  # fmt: skip


def read_candidate_rows(frame: pd.DataFrame, file_name: str) -> ListedRows:
    """Bring a list of candidates under its column names and check every cell that is used.

    A list has a column ``address``, or ``lat`` and ``lon``, or both. ``id`` and ``name`` are made
    up where they are missing. Numbers may have a decimal comma.

    Returns
    -------
    ListedRows
        Trimmed text with the columns id, name, address, lat, lon, location_outcome and
        error_radius_m, and those of :data:`FACT_COLUMNS` that the list has; blank rows are gone.

    Raises
    ------
    EmptyTableError
        If there is no row.
    MissingColumnError
        If there is neither an address nor a coordinate column.
    ColumnValueError
        If an id is empty, a cell is no number of 0 or more or no yes or no where it should be, or
        holds a sign that no paper can show.
    DuplicateIdError
        If two rows share an id.
    """
    table = _name_columns(frame).fillna("").astype(str).apply(lambda column: column.str.strip())
    table.index = pd.RangeIndex(1, len(table) + 1)
    table = table[(table != "").any(axis=1)]
    if table.empty:
        raise EmptyTableError(
            "the table has no candidates", where=Place(file_name), how="Add one row for each."
        )
    if "address" not in table.columns and not {"lat", "lon"} <= set(table.columns):
        raise MissingColumnError(
            "the table has no column address, and no lat and lon",
            where=Place(file_name, column="address"),
            how="Add a column address, or the columns lat and lon in degrees.",
        )
    rows = ListedRows(_complete(table), file_name)
    check_printable(rows)
    _check_ids(rows)
    checked = rows.frame.copy()
    for column in NUMBER_COLUMNS:
        if column in checked.columns:
            checked[column] = [_read_number(cells, column, place) for place, cells in rows]
    if "is_step_free" in checked.columns:
        checked["is_step_free"] = [_read_yes_no(cells, place) for place, cells in rows]
    return ListedRows(checked, file_name)


def _name_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns that are used their names, whatever their case; the rest is left out."""
    lowered = [str(column).strip().casefold() for column in frame.columns]
    wanted: dict[str, tuple[str, ...]] = {
        name: (name,) for name in ("id", *PLACE_COLUMNS, *FACT_COLUMNS)
    }
    wanted |= {"address": ADDRESS_NAMES, "name": NAME_NAMES}
    taken = {}
    for name, synonyms in wanted.items():
        found = next((lowered.index(s) for s in synonyms if s in lowered), None)
        if found is not None:
            taken[name] = frame.iloc[:, found]
    return pd.DataFrame(taken, index=frame.index)


def _complete(table: pd.DataFrame) -> pd.DataFrame:
    absent = [c for c in ("address", *PLACE_COLUMNS) if c not in table.columns]
    completed: pd.DataFrame = table.assign(**dict.fromkeys(absent, ""))
    if "id" not in completed.columns:
        completed = completed.assign(id=[f"row-{number}" for number in completed.index])
    named = completed["name"] if "name" in completed.columns else completed["address"]
    named = named.where(named != "", completed["address"])
    return completed.assign(name=named.where(named != "", completed["id"]))


def _check_ids(rows: ListedRows) -> None:
    seen: dict[str, int] = {}
    for place, cells in rows:
        where = Place(place.path, place.row, "id")
        if not cells["id"]:
            raise ColumnValueError(
                "the id is empty", where=where, how="Give every candidate an id of its own."
            )
        if cells["id"] in seen:
            raise DuplicateIdError(
                f"the candidate id {quote(cells['id'])!r} is used twice, first in row"
                f" {seen[cells['id']]}",
                where=where,
                how="Give every candidate an id of its own.",
            )
        seen[cells["id"]] = place.row or 0


def _read_number(cells: pd.Series, column: str, place: Place) -> str:
    text = str(cells[column]).replace(",", ".")
    if not text:
        return ""
    try:
        number = read_number(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= MAX_NUMBER or not np.isfinite(number):
        raise ColumnValueError(
            f"{quote(cells[column])!r} is no usable number",
            where=Place(place.path, place.row, column),
            how="Expected a number of 0 or more such as 120, without a unit, or nothing.",
        )
    return text


def _read_yes_no(cells: pd.Series, place: Place) -> str:
    text = str(cells["is_step_free"]).casefold()
    if text not in YES_NO:
        raise ColumnValueError(
            f"{quote(cells['is_step_free'])!r} is neither yes nor no",
            where=Place(place.path, place.row, "is_step_free"),
            how="Expected true or false, or nothing where it is not known.",
        )
    return YES_NO[text]
