"""Lists of service points, dated reports, advice offices and candidates, each located.

The place of an address as published is found with the program's own geocoder over the new layers;
what it cannot place at a house stays without a place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer

from welcomemap.crs import METRIC_CRS, WGS84, project, unproject_point
from welcomemap.describe.reasons import describe_reasons
from welcomemap.errors import InputError
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome, is_at_a_house
from welcomemap.ingest.addresses import normalise_house_number
from welcomemap.ingest.raw import RawFolder, fold_street, make_slug
from welcomemap.region.schemas import (
    CANDIDATE_SITE_COLUMNS,
    SERVICE_POINT_COLUMNS,
    SERVICE_POINT_OPTIONAL_COLUMNS,
    SITE_HISTORY_COLUMNS,
)

OFFICIAL_ERROR_M = 10
"""Official coordinates of an entrance or building, given in whole metres."""


@dataclass(frozen=True)
class Location:
    """Where a site lies: metres in the metric CRS, how it was found, and how far off it may be.

    Attributes
    ----------
    street, house_number
        The address it was found at.
    source
        Where the coordinates come from.
    """

    x: float
    y: float
    outcome: Outcome
    source: str
    error_radius_m: int
    street: str
    house_number: str

    def to_cells(self) -> dict[str, str]:
        """Return the cells ``lat, lon, location_outcome, location_source, error_radius_m``."""
        lat, lon = unproject_point(self.x, self.y)
        return {
            "lat": f"{lat:.7f}",
            "lon": f"{lon:.7f}",
            "location_outcome": self.outcome.value,
            "location_source": self.source,
            "error_radius_m": str(self.error_radius_m),
        }


NO_LOCATION = dict.fromkeys(
    ("lat", "lon", "location_outcome", "location_source", "error_radius_m"), ""
)


@dataclass(frozen=True)
class PlaceIndex:
    """The geocoder over the address layer and the advice offices of the pack being built.

    Attributes
    ----------
    official
        (Folded street, house number) of offices whose coordinates are official and of which the
        address layer knows no place.
    """

    geocoder: Geocoder
    official: AbstractSet[tuple[str, str]]
    points_source: str
    offices_source: str

    def find(self, text: str) -> Location | None:
        """Find an address or a named facility; None where it cannot be placed at a house."""
        if not text.strip():
            return None
        try:
            found = self.geocoder.geocode(text)
        except InputError:
            return None
        if not is_at_a_house(found) or found.x is None or found.y is None:
            return None
        return self._describe(found, found.x, found.y)

    def _describe(self, found: GeocodeResult, x: float, y: float) -> Location:
        street, number = found.street or "", found.house_number or ""
        is_official = (
            found.outcome is Outcome.PLACE or (fold_street(street), number) in self.official
        )
        source = self.offices_source if is_official else self.points_source
        if found.outcome in (Outcome.RANGE, Outcome.INTERPOLATED, Outcome.NEAREST_NUMBER):
            source = (
                f"{source}: {describe_reasons(found.explanation).in_language('en').rstrip('.')}"
            )
        radius = OFFICIAL_ERROR_M if is_official else math.ceil(found.error_radius_m or 0)
        return Location(x, y, found.outcome, source, radius, street, number)


def index_places(
    addresses: gpd.GeoDataFrame,
    offices: pd.DataFrame,
    quarters: gpd.GeoDataFrame | None,
    *,
    town: str,
    points_source: str,
    offices_source: str,
) -> PlaceIndex:
    """Open the geocoder over the address layer and the advice offices (EPSG:4326 texts)."""
    gazetteer = Gazetteer.from_tables(
        addresses.to_crs(METRIC_CRS),
        town=town,
        crs=METRIC_CRS,
        quarters=None if quarters is None else quarters.to_crs(METRIC_CRS),
        facilities=offices,
    )
    placed = addresses[(addresses["location_quality"] == "point") & ~addresses.geometry.isna()]
    listed = {
        (fold_street(street), number)
        for street, number in zip(placed["street"], placed["house_number"], strict=True)
    }
    official = {
        (fold_street(street), number)
        for street, number in zip(offices["street"], offices["house_number"], strict=True)
    }
    return PlaceIndex(Geocoder(gazetteer), official - listed, points_source, offices_source)


HISTORY_FILE = "service_points/history.csv"
OPENED = "opened"


def build_history(
    raw: RawFolder,
    places: PlaceIndex,
    locations: Mapping[str, Location | None],
    quarter_of_site: Mapping[str, str],
    recipe: Mapping[str, Any],
) -> pd.DataFrame:
    """Link each report to the sites, of any scenario, that it speaks of or may mean.

    Parameters
    ----------
    locations
        Site id → where it was found.
    quarter_of_site
        Site id → name of the quarter it lies in; a report that names only a quarter may mean any
        site there.
    recipe
        ``moved_from``: new address → address the same office had before.
    """
    rows = raw.read_rows(
        HISTORY_FILE, ("site", "event", "date", "districts", "detail", "source")
    ).rename(columns={"site": "address"})
    links = []
    for address in rows["address"]:
        named = {address, recipe["moved_from"].get(address, address)}
        keys = {key for text in named if (key := _find_key(places, text)) is not None}
        links.append(
            ";".join(
                site
                for site, place in locations.items()
                if (place is not None and _key_of(place) in keys)
                or quarter_of_site.get(site) == address
            )
        )
    return rows.assign(site_ids=links)[list(SITE_HISTORY_COLUMNS)]


def apply_history(
    sites: pd.DataFrame,
    history: pd.DataFrame,
    locations: Mapping[str, Location | None],
    places: PlaceIndex,
    recipe: Mapping[str, Any],
) -> pd.DataFrame:
    """Date the sites and mark the disputed ones.

    ``valid_from`` is the reported opening at the site's own address, where the report means the
    same kind of office; ``valid_to`` the reported move away, if it came after the list's date. A
    site is disputed if a report dated before its list says that it closed, may have closed, or
    moved away.
    """
    sites = sites.set_index("id")
    for report in history.to_dict("records"):
        reported = _find_key(places, str(report["address"]))
        is_other_office = report["address"] in recipe["other_office"]
        for site in filter(None, str(report["site_ids"]).split(";")):
            place = locations[site]
            is_own = place is not None and reported == _key_of(place)
            if report["event"] == OPENED and is_own and is_other_office:
                continue
            listed = recipe["list_date"][sites.loc[site, "scenario"]]
            column, value = _judge(report, is_own=is_own, listed=listed)
            if column:
                sites.loc[site, column] = value
    for site, hours in recipe["opening_hours"].items():
        columns = ["opening_hours", "opening_hours_as_of"]
        sites.loc[site, columns] = [hours["hours"], hours["as_of"]]
    return sites.reset_index()


def _judge(report: Mapping[Any, Any], *, is_own: bool, listed: str) -> tuple[str, str]:
    """Return the column a report decides, and its value; empty texts if it decides none.

    Parameters
    ----------
    is_own
        Whether the report is about the site's own address.
    listed
        Date of the list the site stands in.
    """
    date = str(report["date"])
    if report["event"] == OPENED and is_own:
        return "valid_from", date
    if date < listed:
        return "status", "disputed"
    if report["event"] == OPENED:
        return "valid_to", date
    return "", ""


def _key_of(place: Location) -> tuple[str, str]:
    return fold_street(place.street), place.house_number


def _find_key(places: PlaceIndex, text: str) -> tuple[str, str] | None:
    found = places.find(text)
    return None if found is None else _key_of(found)


REGISTER_FILE = "service_points/advice_offices_register_2026.csv"
REGISTER_CRS = "EPSG:4647"
"""ETRS89 / UTM 32N with the zone before the easting, as OSTWERT is given."""
REGISTER_COLUMNS = (
    "ART",
    "NAME",
    "EINRICHTUNG",
    "STRASSE",
    "HAUSNUMMER",
    "PLZ",
    "STADTTEILNR",
    "STADTBEZIRK",
    "TELEFON",
    "URL",
    "OSTWERT",
    "NORDWERT",
)


def read_register(raw: RawFolder, source: str) -> pd.DataFrame:
    """Return one row per kind and address, all telephone numbers joined.

    Returns
    -------
    pandas.DataFrame
        :data:`ADVICE_OFFICE_COLUMNS` and ``facility`` (the house it is in, empty
        where it has no name of its own); all cells are text, ``lat`` and ``lon`` in degrees.
    """
    rows = raw.read_rows(REGISTER_FILE, REGISTER_COLUMNS, delimiter=";")
    rows["number"] = rows["HAUSNUMMER"].map(normalise_house_number)
    to_wgs84 = Transformer.from_crs(REGISTER_CRS, WGS84, always_xy=True)
    lon, lat = to_wgs84.transform(
        rows["OSTWERT"].astype(float).to_numpy(), rows["NORDWERT"].astype(float).to_numpy()
    )
    rows["lon"], rows["lat"] = np.round(lon, 7), np.round(lat, 7)
    offices = []
    for (kind, street, number), group in rows.groupby(["ART", "STRASSE", "number"], sort=True):
        first = group.iloc[0]
        offices.append(
            {
                "id": make_slug(f"{kind} {street} {number}"),
                "kind": kind,
                "operator": "; ".join(dict.fromkeys(group["NAME"])),
                "name": first["EINRICHTUNG"] or first["NAME"],
                "street": street,
                "house_number": number,
                "postcode": first["PLZ"],
                "quarter": first["STADTTEILNR"].zfill(3),
                "district": str(int(first["STADTBEZIRK"])),
                "phone": "; ".join(sorted({phone for phone in group["TELEFON"] if phone})),
                "url": first["URL"],
                "lat": f"{first['lat']:.7f}",
                "lon": f"{first['lon']:.7f}",
                "source": source,
                "facility": first["EINRICHTUNG"],
            }
        )
    return pd.DataFrame(offices)


CANDIDATES_FILE = "service_points/candidate_sites.csv"
_CANDIDATE_COLUMNS = (*CANDIDATE_SITE_COLUMNS, "usable_area_m2", "location_source")


def build_candidate_sites(
    raw: RawFolder, places: PlaceIndex, facts: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Locate each candidate and add what its notes say of operator and area.

    ``facts`` maps candidate ids to cells the notes state in words.
    """
    rows = raw.read_rows(
        CANDIDATES_FILE,
        (
            "id",
            "kind",
            "name",
            "address_as_published",
            "purpose",
            "status",
            "note",
            "source",
            "source_date",
        ),
    ).rename(columns={"address_as_published": "address"})
    sites = []
    for row in rows.to_dict("records"):
        found = places.find(str(row["address"]))
        stated = {name: str(value) for name, value in facts.get(str(row["id"]), {}).items()}
        cells = found.to_cells() if found is not None else NO_LOCATION
        sites.append(dict.fromkeys(_CANDIDATE_COLUMNS, "") | row | cells | stated)
    return pd.DataFrame(sites)[list(_CANDIDATE_COLUMNS)]


SCHOOLS_FILE = "service_points/schools.csv"
_SCHOOL_COLUMNS = (
    "Schulnummer", "Schulform", "Kurzbezeichnung", "PLZ", "Ort", "Strasse", "lat", "lon",
)  # fmt: skip


def build_schools(raw: RawFolder, recipe: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the schools of the register as possible sites, and how many rows went into them.

    Schools of one address are one site: two would tie in every comparison. The place is that of the
    first.

    Parameters
    ----------
    recipe
        ``no_schools``: forms (``Schulform``) of what is none; ``town``, ``note``, ``source`` and
        ``source_date`` for the rows.
    """
    rows = raw.read_rows(SCHOOLS_FILE, _SCHOOL_COLUMNS, delimiter=";")
    is_school = ~rows["Schulform"].isin(recipe["no_schools"])
    rows = rows[is_school].sort_values("Schulnummer")
    prefix = rf"^{recipe['town']},\s*"
    rows = rows.assign(name=rows["Kurzbezeichnung"].str.replace(prefix, "", regex=True))
    sites = rows.groupby(["Strasse", "PLZ"], as_index=False).agg(
        id=("Schulnummer", "first"), name=("name", "; ".join), town=("Ort", "first"),
        lat=("lat", "first"), lon=("lon", "first"),
    )  # fmt: skip
    sites = sites.assign(
        id="school-" + sites["id"],
        address=sites["Strasse"] + ", " + sites["PLZ"] + " " + sites["town"],
        kind="school",
        note=recipe["note"],
        source=recipe["source"],
        source_date=recipe["source_date"],
        **{axis: sites[axis].astype(float).map("{:.7f}".format) for axis in ("lat", "lon")},
    ).sort_values("id", ignore_index=True)
    counts = {
        "n_schools": str(len(rows)), "n_school_sites": str(len(sites)),
        "n_no_schools": str(int((~is_school).sum())),
    }  # fmt: skip
    return sites.reindex(columns=list(CANDIDATE_SITE_COLUMNS), fill_value=""), counts


LIST_2019_FILE = "service_points/welcome_points_2019.csv"
_LIST_COLUMNS = (*SERVICE_POINT_COLUMNS, *SERVICE_POINT_OPTIONAL_COLUMNS)


def build_published_list(
    raw: RawFolder, places: PlaceIndex, recipe: Mapping[str, Any]
) -> tuple[pd.DataFrame, Mapping[str, Location | None]]:
    """Build the sites of the list that was published with addresses only.

    Returns
    -------
    tuple
        Rows with the columns of service points, and site id → location (None where there is none).
    """
    rows = raw.read_rows(
        LIST_2019_FILE,
        (
            "id",
            "kind",
            "name",
            "operator",
            "address_as_published",
            "stated_districts",
            "status",
            "source",
            "source_date",
        ),
    )
    sites, locations = [], {}
    for row in rows.to_dict("records"):
        found = places.find(str(row["address_as_published"]))
        locations[str(row["id"])] = found
        sites.append(
            dict.fromkeys(_LIST_COLUMNS, "")
            | {name: row[name] for name in ("id", "kind", "name", "operator", "status")}
            | {
                "address": row["address_as_published"],
                "stated_districts": row["stated_districts"],
                "source": f"{row['source']}, {row['source_date']}",
                "scenario": recipe["scenario"],
                "note": recipe["notes"].get(row["id"], ""),
            }
            | (found.to_cells() if found is not None else NO_LOCATION)
        )
    return pd.DataFrame(sites, columns=list(_LIST_COLUMNS)), locations


def build_register_list(
    offices: pd.DataFrame, recipe: Mapping[str, Any]
) -> tuple[pd.DataFrame, Mapping[str, Location | None]]:
    """Build the sites of the register: those of one kind, with official coordinates.

    The ids carry the district, and a letter by street where a district has several sites.
    """
    own = offices[offices["kind"] == recipe["register_kind"]].copy()
    own["number"] = own["district"].astype(int)
    own = own.sort_values(["number", "street", "house_number"], ignore_index=True)
    letter = own.groupby("number").cumcount().map(lambda k: chr(ord("a") + k))
    is_single = own.groupby("number")["id"].transform("size") == 1
    own["site_id"] = [
        f"{recipe['id_prefix']}-{number:02d}{'' if single else which}"
        for number, which, single in zip(own["number"], letter, is_single, strict=True)
    ]
    sites, town = [], recipe["town"]
    for row in own.to_dict("records"):
        is_named = row["facility"] in recipe["named_after_house"]
        where = row["facility"] if is_named else row["street"]
        sites.append(
            dict.fromkeys(_LIST_COLUMNS, "")
            | {name: row[name] for name in ("operator", "phone", "url", "lat", "lon", "source")}
            | {
                "id": row["site_id"],
                "name": f"{recipe['register_kind']} {where}",
                "address": f"{row['street']} {row['house_number']}, {row['postcode']} {town}",
                "status": "open",
                "scenario": recipe["scenario"],
                "kind": recipe["kind"],
                "location_outcome": "exact",
                "location_source": recipe["location_source"],
                "error_radius_m": str(OFFICIAL_ERROR_M),
                "note": row["facility"],
                "district": row["district"],
            }
        )
    locations: dict[str, Location | None] = {
        str(row["site_id"]): _official(row) for row in own.to_dict("records")
    }
    return pd.DataFrame(sites, columns=list(_LIST_COLUMNS)), locations


def _official(row: Mapping[Any, Any]) -> Location:
    x, y = project(float(row["lon"]), float(row["lat"]))[0]
    return Location(
        float(x),
        float(y),
        Outcome.EXACT,
        str(row["source"]),
        OFFICIAL_ERROR_M,
        str(row["street"]),
        str(row["house_number"]),
    )
