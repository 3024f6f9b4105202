"""Possible sites: a candidate list, stops, offices, demand cells or a planner's own table."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    Place,
    UnreadableAddressError,
    UsageError,
    quote,
)
from welcomemap.geocoding.outcome import GeocodeResult
from welcomemap.pack.districts import find_districts
from welcomemap.pack.load import RegionPack
from welcomemap.pack.row_notes import RowNote, note_answer
from welcomemap.pack.scenario_points import read_points
from welcomemap.sheets import read_table
from welcomemap.study.candidate_rows import FACT_COLUMNS, KNOWN_COLUMNS, read_candidate_rows

SOURCES = ("list", "stops", "cells", "offices")
MAX_PATH_CHARACTERS = 4095


@dataclass(frozen=True)
class CandidateSites:
    """Possible sites, all arrays of length n.

    Attributes
    ----------
    points
        x, y in metres in the region's metric CRS; NaN where a place is not known.
    districts
        District by location, -1 where there is none.
    location_outcomes
        How each was located (``exact``, ``interpolated``, …), empty where it was not.
    error_radius_m
        NaN where not known.
    facts
        Text columns of the source, unknown is the empty text.
    notes
        What geocoding says against each address; empty where nothing was looked up.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    points: Points
    districts: NDArray[np.int64]
    location_outcomes: tuple[str, ...]
    error_radius_m: NDArray[np.float64]
    facts: tuple[Mapping[str, str], ...]
    notes: tuple[tuple[RowNote, ...], ...] = ()

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
        )


def find_candidates(
    pack: RegionPack, source: str, geocode: Callable[[str], GeocodeResult]
) -> CandidateSites:
    """Return the candidates of a source: ``list``, ``stops``, ``cells``, ``offices`` or a file.

    Raises
    ------
    UsageError
        If the source is neither a known word nor an existing file.
    TableError
        If the file cannot be read, lacks its columns or uses an id twice, see
        :func:`welcomemap.study.candidate_rows.read_candidate_rows`.
    CoordinateError
        If a coordinate is half missing, exchanged or outside the region.
    """
    if source == "list":
        return _from_rows(pack, pack.candidate_sites, geocode, "candidate_sites")
    if source == "stops":
        return _from_features(pack, pack.stops, ids="stop_id", names="name")
    if source == "offices":
        return _from_rows(pack, _offices(pack), geocode, "advice_offices")
    if source == "cells":
        cells = pack.demand_cells
        names = cells["cell_id"].astype(str) + "/" + cells["quarter"].astype(str)
        return _from_features(pack, cells.assign(name=names), ids="name", names="name")
    path = Path(source)
    if "\0" in source or len(source) > MAX_PATH_CHARACTERS or not path.is_file():
        raise UsageError(
            f"no candidates {quote(source)!r}",
            how=f"Choose from {', '.join(SOURCES)} or name a CSV or XLSX file that exists.",
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
    pack: RegionPack, frame: pd.DataFrame, geocode: Callable[[str], GeocodeResult]
) -> CandidateSites:
    """Return the candidates of a table held in memory, as of a file.

    Raises
    ------
    TableError, CoordinateError
        As for a file, see :func:`find_candidates`.
    """
    return _from_rows(pack, frame, geocode, "candidates")


def join_candidates(first: CandidateSites, second: CandidateSites) -> CandidateSites:
    """Put two lists one after the other.

    Raises
    ------
    DuplicateIdError
        If both hold the same id.
    """
    shared = sorted(set(first.ids) & set(second.ids))
    if shared:
        raise DuplicateIdError(
            f"candidate id {quote(shared[0])!r} is used twice",
            how="Give each candidate its own id.",
        )
    return CandidateSites(
        first.ids + second.ids,
        first.names + second.names,
        np.vstack([first.points, second.points]),
        np.concatenate([first.districts, second.districts]),
        first.location_outcomes + second.location_outcomes,
        np.concatenate([first.error_radius_m, second.error_radius_m]),
        first.facts + second.facts,
        tuple(sites.notes_of(k) for sites in (first, second) for k in range(len(sites))),
    )


def _offices(pack: RegionPack) -> pd.DataFrame:
    offices = pack.advice_offices
    address = offices["street"] + " " + offices["house_number"]
    label = offices["name"].where(offices["name"] != "", offices["operator"])
    return offices.assign(address=address, name=label, location_outcome="exact", error_radius_m="")


def _from_features(
    pack: RegionPack, table: gpd.GeoDataFrame, ids: str, names: str
) -> CandidateSites:
    table = table.drop_duplicates(ids)
    points = np.column_stack([table.geometry.x, table.geometry.y]).astype(np.float64)
    n = len(table)
    return CandidateSites(
        tuple(table[ids].astype(str)),
        tuple(table[names].astype(str)),
        points,
        find_districts(pack, points).district,
        ("exact",) * n,
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
            outcomes.append(row["location_outcome"] or "exact")
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
        tuple(notes),
    )  # fmt: skip


def _look_up(address: str, place: Place, geocode: Callable[[str], GeocodeResult]) -> GeocodeResult:
    try:
        return geocode(address)
    except UnreadableAddressError as error:
        raise ColumnValueError(
            f"the address cannot be read: {error.what}",
            where=Place(place.path, place.row, "address"),
            how="Mend the cell, or give lat and lon.",
        ) from error
