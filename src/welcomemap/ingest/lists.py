"""Lists of places become layers: service points, candidate sites and facilities of an extract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.crs import Points, project, unproject
from welcomemap.describe.reasons import describe_reasons
from welcomemap.errors import Fault, ListRowWarning, MissingColumnError, Place, fault
from welcomemap.geocoding.columns import list_names
from welcomemap.geocoding.list_columns import find_list_columns, name_columns
from welcomemap.geocoding.outcome import GIVEN, GeocodeResult, Outcome
from welcomemap.ingest.recipe import ListPart
from welcomemap.reasons import Reason
from welcomemap.region.areas import NO_DISTRICT, find_districts
from welcomemap.region.layers import MAX_LAT, MAX_LON
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import Scenario, label_site
from welcomemap.region.schemas import (
    ADVICE_OFFICE_COLUMNS,
    CANDIDATE_SITE_COLUMNS,
    SERVICE_POINT_COLUMNS,
    SERVICE_POINT_OPTIONAL_COLUMNS,
)
from welcomemap.study.candidates import CandidateSites
from welcomemap.tabular.read import read_table

DEGREE_DECIMALS = 7


def read_places(part: ListPart, path: Path) -> pd.DataFrame:
    """Return the rows of a list, the columns that the recipe names under what they are.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks a column that the recipe names.
    """
    sheet = read_table(path)
    return name_columns(sheet.frame, find_list_columns(sheet, part.columns))


NEAR_M = 10_000.0
"""A row that lies farther from the town than that is a mistake, not a neighbour's."""


def leave_out_neighbours(
    rows: pd.DataFrame, pack: RegionPack, path: Path
) -> tuple[pd.DataFrame, tuple[Fault, ...]]:
    """Return a list without the rows whose coordinates lie just outside the areas, and say which.

    Rows that lie farther off than :data:`NEAR_M` stay, and are an error to whoever reads the list;
    so do all where all lie outside.
    """
    if not {"lat", "lon"} <= set(rows.columns):
        return rows, ()
    texts = rows[["lat", "lon"]].astype(str).apply(lambda c: c.str.strip().str.replace(",", "."))
    degrees = texts.apply(pd.to_numeric, errors="coerce")
    is_known = (degrees["lat"].abs() <= MAX_LAT) & (degrees["lon"].abs() <= MAX_LON)
    known = degrees[is_known]
    places = find_districts(pack, project(known["lon"], known["lat"], crs=pack.crs))
    is_out = places.district == NO_DISTRICT
    is_left = is_known.to_numpy().copy()
    is_left[is_left] = is_out & (places.border_m <= NEAR_M)
    if is_left.all() or not is_left.any():
        return rows, ()
    names = rows["name"] if "name" in rows.columns else rows["lat"]
    shown = [fault("row {row} ({name})", row=k + 1, name=str(names.iloc[k]))
             for k in np.flatnonzero(is_left)[:NAMED_ROWS].tolist()]  # fmt: skip
    told = fault(
        "rows of {file} that lie outside the areas are left out ({n_rows:,} of {n_all:,}): {rows}",
        file=path.name,
        n_rows=int(is_left.sum()),
        n_all=len(rows),
        rows=shown,
    )
    return rows[~is_left], (told,)


NAMED_ROWS = 12


def read_sites(part: ListPart, path: Path) -> pd.DataFrame:
    """Return the rows of a list; what every list has to have is filled in where it is absent.

    Raises
    ------
    InputError
        As :func:`read_places`.
    MissingColumnError
        If no row has an address or coordinates.
    """
    frame = read_places(part, path)
    if not is_placed(frame).any():
        raise MissingColumnError(
            "no row of the list has an address or coordinates, so nobody could reach any site",
            names=list_names([str(name) for name in read_table(path).frame.columns]),
            where=Place(path, column="address"),
            how='Name its columns in the recipe, such as address = ["Street", "Number"]; the '
            "file has {names}.",
        )
    source = part.source or path.name
    filled: dict[str, Any] = {
        "id": [f"site-{number}" for number in range(1, len(frame) + 1)],
        "name": frame.get("address", ""), "operator": "", "address": "", "stated_districts": "",
        "status": "open", "valid_from": "", "valid_to": "", "source": source,
    }  # fmt: skip
    return frame.assign(**{n: value for n, value in filled.items() if n not in frame.columns})


def is_placed(rows: pd.DataFrame) -> pd.Series:
    """Tell of each row of a list whether it has an address, or both coordinates."""
    filled = {
        key: rows[key].str.strip() != "" if key in rows else pd.Series(False, rows.index)
        for key in ("address", "lat", "lon")
    }
    return filled["address"] | (filled["lat"] & filled["lon"])


def tell_unplaced(rows: pd.DataFrame, path: Path) -> tuple[Fault, ...]:
    """Say which rows of a list have neither an address nor coordinates."""
    without = rows[~is_placed(rows)]
    labels = [label_site(str(key), str(name))
              for key, name in zip(without["id"], without["name"], strict=True)]  # fmt: skip
    if not labels:
        return ()
    told = fault(
        "sites of {file} without an address and coordinates, which count for nobody ({n_rows} of "
        "{n_all}): {sites}",
        file=path.name,
        n_rows=len(labels),
        n_all=len(rows),
        sites=labels[:NAMED_ROWS] + (["…"] if len(labels) > NAMED_ROWS else []),
    )
    return (told,)


def tell_located(
    scenario: Scenario, locate: Callable[..., Sequence[GeocodeResult]] | None
) -> list[Fault]:
    """Say what is to be known of the rows of a located list, each with its name.

    Parameters
    ----------
    locate
        By which the list was located: streets that it read otherwise are told too.
    """
    names = dict(zip(scenario.frame["id"], scenario.frame["name"], strict=True))

    def tell(site: str, reasons: Iterable[Reason], where: Place | None) -> Fault:
        label = label_site(site, str(names.get(site, "")))
        told = describe_reasons(reasons)
        return fault("{site}: {told} ({where})", site=label, told=told, where=where)

    told = []
    for warning in scenario.warnings:
        if isinstance(warning, ListRowWarning):
            reasons = [one for one in warning.reasons if isinstance(one, Reason)]
            told.append(tell(warning.site, reasons, warning.where))
        else:
            told.append(warning.told)
    if locate is None:
        return told
    corrected = scenario.frame[scenario.frame["location_outcome"] == Outcome.CORRECTED]
    for site, address in zip(corrected["id"], corrected["address"], strict=True):
        (answer,) = locate([address], [None])
        told.append(tell(site, answer.explanation, Place(scenario.path, scenario.rows.get(site))))
    return told


def mark_stand_ins(rows: pd.DataFrame, note: str) -> pd.DataFrame:
    """Return rows of a list, each of which says that it is no service point."""
    return rows.assign(note=note, source=rows["source"] + " (stand-in)")


def list_sites(
    located: pd.DataFrame, crs: str, scenario: str, texts: Mapping[str, str]
) -> pd.DataFrame:
    """Return a located list as the layer of service points: text, empty where unknown.

    Parameters
    ----------
    located
        Of :func:`welcomemap.region.scenario.read_scenario`.
    texts
        What is said of a place that was ``given``, and of one that was ``looked_up``.
    """
    known = located["x"].notna().to_numpy()
    lat, lon = write_degrees(located[["x", "y"]].to_numpy(dtype=float), crs)
    was_given = located["location_outcome"] == "given"
    how = np.where(was_given, texts["given"], texts["looked_up"])
    return located.assign(
        lat=lat, lon=lon, scenario=scenario,
        location_source=np.where(known, how, ""),
        location_outcome=located["location_outcome"].where(~was_given, ""),
        error_radius_m=[_short(value) for value in located["error_radius_m"]],
        district=[str(number) if number > 0 else "" for number in located["district"]],
    )[[*SERVICE_POINT_COLUMNS, *SERVICE_POINT_OPTIONAL_COLUMNS]].astype(str)  # fmt: skip


def list_candidates(found: CandidateSites, crs: str, source: str) -> pd.DataFrame:
    """Return candidates of a list as a layer: text, empty where unknown."""
    facts = pd.DataFrame(list(found.facts))
    lat, lon = write_degrees(found.points, crs)
    table = facts.assign(
        id=found.ids, name=found.names, lat=lat, lon=lon, source_date="",
        location_outcome=["" if one == GIVEN else one for one in found.location_outcomes],
        error_radius_m=[_short(value) for value in found.error_radius_m],
        source=facts["source"].where(facts["source"] != "", source),
    )  # fmt: skip
    return table[list(CANDIDATE_SITE_COLUMNS)].astype(str)


def list_facilities(facilities: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return facilities of an extract as candidate sites."""
    table = facilities.assign(
        id="osm-" + facilities["osm_id"],
        operator="",
        address=(facilities["street"] + " " + facilities["house_number"]).str.strip(),
        purpose="",
        status="",
        note="",
        source=source,
        source_date="",
        lat=[f"{value:.{DEGREE_DECIMALS}f}" for value in facilities["lat"]],
        lon=[f"{value:.{DEGREE_DECIMALS}f}" for value in facilities["lon"]],
        location_outcome="",
        error_radius_m="",
    )
    table = table.assign(**dict.fromkeys(("area_m2", "rooms", "is_step_free"), ""))
    return table[list(CANDIDATE_SITE_COLUMNS)]


def list_advice(facilities: pd.DataFrame, areas: gpd.GeoDataFrame, source: str) -> pd.DataFrame:
    """Return places of advice that have an address: people are sent there, and ask for them.

    Parameters
    ----------
    facilities
        Of the town, see :data:`welcomemap.ingest.extract.FACILITY_COLUMNS`.
    areas
        ``district`` and polygons in the metric CRS.
    """
    is_sure = (facilities["kind"] == "advice") & (facilities["house_number"] != "")
    offices = facilities[is_sure & (facilities["street"] != "")].reset_index(drop=True)
    places = project(offices["lon"], offices["lat"], crs=str(areas.crs))
    tree = shapely.STRtree(areas.geometry.to_numpy())
    row, area = tree.query(shapely.points(places), predicate="intersects")
    of = dict(zip(row.tolist(), areas["district"].to_numpy()[area].tolist(), strict=True))
    district = [str(of.get(number, "")) for number in offices.index]
    table = offices.assign(
        id="osm-" + offices["osm_id"], operator="", postcode="", district=district,
        quarter=district, phone="", url="", source=source,
        lat=[f"{value:.{DEGREE_DECIMALS}f}" for value in offices["lat"]],
        lon=[f"{value:.{DEGREE_DECIMALS}f}" for value in offices["lon"]],
    )  # fmt: skip
    return table[list(ADVICE_OFFICE_COLUMNS)]


def write_degrees(points: Points, crs: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return latitudes and longitudes as texts, empty where a place is not known."""
    known = np.isfinite(points).all(axis=1)
    lat, lon = np.full((2, len(points)), "", dtype=object)
    if known.any():
        degrees = unproject(points[known], crs=crs)
        lat[known], lon[known] = (
            [f"{value:.{DEGREE_DECIMALS}f}" for value in axis] for axis in degrees
        )
    return lat, lon


def _short(value: object) -> str:
    return "" if value in (None, "") or value != value else f"{float(str(value)):g}"  # noqa: PLR0124 - NaN
