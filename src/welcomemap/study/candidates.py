"""Possible sites: a list, facilities, offices, stops, demand cells or a planner's own table."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.crs import Points
from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    EmptyTableError,
    MissingColumnError,
    Place,
    UnreadableAddressError,
    UsageError,
)
from welcomemap.geocoding.outcome import GIVEN, GeocodeResult
from welcomemap.region.areas import find_districts
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import (
    ListedRows,
    RowNote,
    check_printable,
    note_answer,
    read_points,
)
from welcomemap.region.schemas import CANDIDATE_SITE_COLUMNS
from welcomemap.tabular import read_number, read_table

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
                "the candidate id {site!r} is used twice, first in row {first}",
                site=cells["id"],
                first=seen[cells["id"]],
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
            "{text!r} is no usable number",
            text=cells[column],
            where=Place(place.path, place.row, column),
            how="Expected a number of 0 or more such as 120, without a unit, or nothing.",
        )
    return text


def _read_yes_no(cells: pd.Series, place: Place) -> str:
    text = str(cells["is_step_free"]).casefold()
    if text not in YES_NO:
        raise ColumnValueError(
            "{text!r} is neither yes nor no",
            text=cells["is_step_free"],
            where=Place(place.path, place.row, "is_step_free"),
            how="Expected true or false, or nothing where it is not known.",
        )
    return YES_NO[text]


SOURCES = ("list", "facilities", "offices", "stops", "cells")
MAX_PATH_CHARACTERS = 4095


@dataclass(frozen=True, repr=False)
class CandidateSites(Brief):
    """Possible sites, all arrays of length n.

    Attributes
    ----------
    points
        x, y in metres in the region's metric CRS; NaN where a place is not known.
    districts
        District by location, -1 where there is none.
    location_outcomes
        How each was located (``exact``, ``interpolated``, …; ``given`` or ``set_on_map`` where no
        address was looked up), empty where it was not.
    error_radius_m
        NaN where not known.
    facts
        Text columns of the source, unknown is the empty text.
    notes
        What geocoding says against each address; empty where nothing was looked up.
    rows
        Where each stands in its table; empty where there is none.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    points: Points
    districts: NDArray[np.int64]
    location_outcomes: tuple[str, ...]
    error_radius_m: NDArray[np.float64]
    facts: tuple[Mapping[str, str], ...]
    notes: tuple[tuple[RowNote, ...], ...] = ()
    rows: tuple[Place | None, ...] = ()

    def row_of(self, number: int) -> Place | None:
        """Return where one candidate stands in its table."""
        return self.rows[number] if self.rows else None

    def label(self, number: int) -> str:
        """Return the name and the address of one candidate, as people tell it from others."""
        name, address = self.names[number], self.facts[number].get("address", "")
        return name if address in ("", name) else f"{name}, {address}"

    def notes_of(self, number: int) -> tuple[RowNote, ...]:
        """Return what is to be known of the place of one candidate."""
        return self.notes[number] if self.notes else ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def is_located(self) -> NDArray[np.bool_]:
        """Tell which candidates have a place."""
        located: NDArray[np.bool_] = np.isfinite(self.points).all(axis=1).reshape(-1)
        return located

    def pick(self, numbers: Sequence[int] | NDArray[np.intp]) -> CandidateSites:
        """Return some of the candidates, in the order given."""
        chosen = [int(number) for number in numbers]
        return CandidateSites(
            tuple(self.ids[k] for k in chosen),
            tuple(self.names[k] for k in chosen),
            self.points[chosen],
            self.districts[chosen],
            tuple(self.location_outcomes[k] for k in chosen),
            self.error_radius_m[chosen],
            tuple(self.facts[k] for k in chosen),
            tuple(self.notes_of(k) for k in chosen),
            tuple(self.row_of(k) for k in chosen),
        )


def find_candidates(
    pack: RegionPack, source: str, geocode: Callable[[str], GeocodeResult]
) -> CandidateSites:
    """Return the candidates of a source: one of :data:`SOURCES`, or a file.

    Raises
    ------
    UsageError
        If the source is neither a known word nor an existing file.
    TableError
        If the file cannot be read, lacks its columns or uses an id twice, see
        :func:`welcomemap.study.candidates.read_candidate_rows`.
    CoordinateError
        If a coordinate is half missing, exchanged or outside the region.
    """
    if source == "list":
        return _from_rows(pack, pack.candidate_sites, geocode, "candidate_sites")
    if source == "facilities":
        return _from_rows(pack, pack.facilities, geocode, "facilities")
    if source == "stops":
        return _from_features(pack, pack.stops, ids="stop_id")
    if source == "offices":
        return _from_rows(pack, _offices(pack), geocode, "advice_offices")
    if source == "cells":
        cells = pack.demand_cells
        names = cells["cell_id"].astype(str) + "/" + cells["quarter"].astype(str)
        return _from_features(pack, cells.assign(name=names), ids="name")
    path = Path(source)
    if "\0" in source or len(source) > MAX_PATH_CHARACTERS or not path.is_file():
        raise UsageError(
            "no candidates {source!r}",
            source=source,
            sources=SOURCES,
            how="Choose from {sources} or name a CSV or XLSX file that exists.",
        )
    sheet = read_table(path)
    for warning in (*sheet.warnings, *sheet.warn_unread(KNOWN_COLUMNS)):
        warnings.warn(warning, stacklevel=2)
    sites = _from_rows(pack, sheet.frame, geocode, path.name)
    for number in np.flatnonzero(sites.is_located):
        for note in sites.notes_of(int(number)):
            warnings.warn(note.warn(path.name), stacklevel=2)
    return sites


def read_candidates(
    pack: RegionPack,
    frame: pd.DataFrame,
    geocode: Callable[[str], GeocodeResult],
    name: str = "candidates",
) -> CandidateSites:
    """Return the candidates of a table held in memory, as of a file.

    Parameters
    ----------
    name
        What the table is called in messages.

    Raises
    ------
    TableError, CoordinateError
        As for a file, see :func:`find_candidates`.
    """
    return _from_rows(pack, frame, geocode, name)


def join_candidates(first: CandidateSites, second: CandidateSites) -> CandidateSites:
    """Put two lists one after the other.

    Raises
    ------
    DuplicateIdError
        If both hold the same id.
    """
    refuse_shared_ids(first, second)
    return CandidateSites(
        first.ids + second.ids,
        first.names + second.names,
        np.vstack([first.points, second.points]),
        np.concatenate([first.districts, second.districts]),
        first.location_outcomes + second.location_outcomes,
        np.concatenate([first.error_radius_m, second.error_radius_m]),
        first.facts + second.facts,
        tuple(sites.notes_of(k) for sites in (first, second) for k in range(len(sites))),
        tuple(sites.row_of(k) for sites in (first, second) for k in range(len(sites))),
    )


def refuse_shared_ids(first: CandidateSites, second: CandidateSites) -> None:
    """Refuse two lists that call two places by one id: answers name places by it.

    Raises
    ------
    DuplicateIdError
        If both hold the same id; it names both rows.
    """
    known = {name: k for k, name in enumerate(first.ids)}
    for k, name in enumerate(second.ids):
        if name in known:
            row = second.row_of(k)
            raise DuplicateIdError(
                "the id {site!r} stands for two places: {first!r} and {second!r}",
                site=name,
                first=first.label(known[name]),
                second=second.label(k),
                where=None if row is None else Place(row.path, row.row, "id"),
                how="Give each candidate an id that no other candidate and no site has.",
            )


def _offices(pack: RegionPack) -> pd.DataFrame:
    offices = pack.advice_offices
    address = offices["street"] + " " + offices["house_number"]
    label = offices["name"].where(offices["name"] != "", offices["operator"])
    return offices.assign(address=address, name=label, location_outcome=GIVEN, error_radius_m="")


def _from_features(pack: RegionPack, table: gpd.GeoDataFrame, ids: str) -> CandidateSites:
    table = table.drop_duplicates(ids)
    points = np.column_stack([table.geometry.x, table.geometry.y]).astype(np.float64)
    n = len(table)
    return CandidateSites(
        tuple(table[ids].astype(str)),
        tuple(table["name"].astype(str)),
        points,
        find_districts(pack, points).district,
        (GIVEN,) * n,
        np.full(n, np.nan),
        ({},) * n,
    )


def _from_rows(
    pack: RegionPack, frame: pd.DataFrame, geocode: Callable[[str], GeocodeResult], name: str
) -> CandidateSites:
    rows = read_candidate_rows(frame, name)
    points = read_points(rows, pack)
    outcomes: list[str] = []
    radii = np.full(len(points), np.nan)
    notes: list[tuple[RowNote, ...]] = [()] * len(points)
    for k, (place, row) in enumerate(rows):
        if np.isfinite(points[k]).all():
            outcomes.append(row["location_outcome"] or GIVEN)
            radii[k] = float(row["error_radius_m"] or "nan")
            continue
        found = _look_up(row["address"], place, geocode)
        outcomes.append(str(found.outcome))
        notes[k] = note_answer(str(row["id"]), place.row, found)
        if found.x is not None and found.y is not None:
            points[k] = found.x, found.y
            radii[k] = np.nan if found.error_radius_m is None else found.error_radius_m
    kept = [column for column in FACT_COLUMNS if column in rows.frame.columns]
    facts = [
        {column: str(row[column]) if column in kept else "" for column in FACT_COLUMNS}
        for row in rows.frame.to_dict("records")
    ]
    return CandidateSites(
        tuple(rows.frame["id"]), tuple(rows.frame["name"]), points,
        find_districts(pack, points).district, tuple(outcomes), radii, tuple(facts),
        tuple(notes), tuple(place for place, _ in rows),
    )  # fmt: skip


def _look_up(address: str, place: Place, geocode: Callable[[str], GeocodeResult]) -> GeocodeResult:
    try:
        return geocode(address)
    except UnreadableAddressError as error:
        raise ColumnValueError(
            "the address cannot be read: {error}",
            error=error,
            where=Place(place.path, place.row, "address"),
            how="Mend the cell, or give lat and lon.",
        ) from error
