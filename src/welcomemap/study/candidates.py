"""Possible sites: a candidate list, stops, offices, demand cells or a planner's own table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.crs import Points, project
from welcomemap.errors import (
    DuplicateIdError,
    EmptyTableError,
    MissingColumnError,
    Place,
    UsageError,
    quote,
)
from welcomemap.geocoding.outcome import GeocodeResult
from welcomemap.pack.districts import find_districts
from welcomemap.pack.load import RegionPack
from welcomemap.sheets import read_table

SOURCES = ("list", "stops", "cells", "offices")
FACT_COLUMNS = (
    "kind", "operator", "address", "purpose", "status", "note", "source", "area_m2", "rooms",
    "is_step_free",
)  # fmt: skip


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
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    points: Points
    districts: NDArray[np.int64]
    location_outcomes: tuple[str, ...]
    error_radius_m: NDArray[np.float64]
    facts: tuple[Mapping[str, str], ...]

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
        If the file cannot be read or lacks its columns.
    """
    if source == "list":
        return _from_rows(pack, pack.candidate_sites, geocode, path=None)
    if source == "stops":
        return _from_features(pack, pack.stops, ids="stop_id", names="name")
    if source == "offices":
        return _from_rows(pack, _offices(pack), geocode, path=None)
    if source == "cells":
        cells = pack.demand_cells
        names = cells["cell_id"].astype(str) + "/" + cells["quarter"].astype(str)
        return _from_features(pack, cells.assign(name=names), ids="name", names="name")
    path = Path(source)
    if not path.is_file():
        raise UsageError(
            f"no candidates {quote(source)!r}",
            how=f"Choose from {', '.join(SOURCES)} or name a CSV or XLSX file that exists.",
        )
    return _from_rows(pack, read_table(path).frame, geocode, path=path)


def read_candidates(
    pack: RegionPack, frame: pd.DataFrame, geocode: Callable[[str], GeocodeResult]
) -> CandidateSites:
    """Return the candidates of a table held in memory, as of a file.

    Raises
    ------
    TableError
        If the table is empty, lacks its columns or uses an id twice.
    """
    return _from_rows(pack, frame, geocode, path=None)


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
    pack: RegionPack, frame: pd.DataFrame, geocode: Callable[[str], GeocodeResult],
    path: Path | None,
) -> CandidateSites:  # fmt: skip
    frame = _with_ids(frame, path)
    points = np.full((len(frame), 2), np.nan)
    outcomes, radii = [], np.full(len(frame), np.nan)
    for k, row in enumerate(frame.to_dict("records")):
        lat, lon = _number(row.get("lat")), _number(row.get("lon"))
        if lat is not None and lon is not None:
            points[k] = project(lon, lat, crs=pack.crs)[0]
            outcomes.append(str(row.get("location_outcome") or "exact"))
            radius = _number(row.get("error_radius_m"))
            radii[k] = np.nan if radius is None else radius
            continue
        found = geocode(str(row["address"]))
        outcomes.append(str(found.outcome))
        if found.x is not None and found.y is not None:
            points[k] = found.x, found.y
            radii[k] = np.nan if found.error_radius_m is None else found.error_radius_m
    facts = [
        {name: str(row.get(name) or "") for name in FACT_COLUMNS}
        for row in frame.to_dict("records")
    ]
    return CandidateSites(
        tuple(frame["id"]), tuple(frame["name"]), points, find_districts(pack, points).district,
        tuple(outcomes), radii, tuple(facts),
    )  # fmt: skip


def _with_ids(frame: pd.DataFrame, path: Path | None) -> pd.DataFrame:
    if frame.empty:
        raise EmptyTableError("the table has no candidates", where=Place(path), how="Add a row.")
    for column, others in {"address": ("adresse", "anschrift", "address_as_published")}.items():
        for other in others:
            match = [name for name in frame.columns if str(name).strip().lower() == other]
            if column not in frame.columns and match:
                frame = frame.rename(columns={match[0]: column})
    has_place = {"lat", "lon"} <= set(frame.columns)
    if "address" not in frame.columns and not has_place:
        raise MissingColumnError(
            "the table has no column address, and no lat and lon",
            where=Place(path, column="address"),
            how="Add a column address, or the columns lat and lon in degrees.",
        )
    if "address" not in frame.columns:
        frame = frame.assign(address="")
    if "id" not in frame.columns:
        frame = frame.assign(id=[f"row-{k + 1}" for k in range(len(frame))])
    if "name" not in frame.columns:
        frame = frame.assign(name=frame["address"].where(frame["address"] != "", frame["id"]))
    repeated = frame["id"][frame["id"].duplicated()]
    if len(repeated):
        raise DuplicateIdError(
            f"candidate id {quote(repeated.iloc[0])!r} is used twice",
            where=Place(
                path, row=int(np.flatnonzero(frame["id"].duplicated())[0]) + 1, column="id"
            ),
            how="Give each candidate its own id.",
        )
    return frame.fillna("")


def _number(value: object) -> float | None:
    text = str(value or "").strip()
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
