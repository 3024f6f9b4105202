"""The lists of service points as published, each site located, dated and judged by history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from welcomemap.build.lookup import NO_LOCATION, OFFICIAL_ERROR_M, Location, PlaceIndex
from welcomemap.build.raw import RawFolder
from welcomemap.crs import project
from welcomemap.geocoding.outcome import Outcome
from welcomemap.tables import SERVICE_POINT_COLUMNS, SERVICE_POINT_OPTIONAL_COLUMNS

LIST_2019_FILE = "service_points/welcome_points_2019.csv"
COLUMNS = (*SERVICE_POINT_COLUMNS, *SERVICE_POINT_OPTIONAL_COLUMNS)


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
            dict.fromkeys(COLUMNS, "")
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
    return pd.DataFrame(sites, columns=list(COLUMNS)), locations


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
            dict.fromkeys(COLUMNS, "")
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
    return pd.DataFrame(sites, columns=list(COLUMNS)), locations


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
