"""What dated reports say of the sites: openings, closings, and which listed sites they dispute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from welcomemap.build.lookup import Location, PlaceIndex
from welcomemap.build.names import fold_street
from welcomemap.build.raw import RawFolder
from welcomemap.tables import SITE_HISTORY_COLUMNS

HISTORY_FILE = "service_points/history.csv"
CLOSED, OPENED = "closed", "opened"


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
        named = [
            address,
            *([recipe["moved_from"][address]] if address in recipe["moved_from"] else []),
        ]
        keys = {key for text in named if (key := _find_key(places, text)) is not None}
        links.append(
            ";".join(
                site
                for site, place in locations.items()
                if (place is not None and (fold_street(place.street), place.house_number) in keys)
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
    sites = sites.copy()
    for row in history.to_dict("records"):
        is_same_office = row["address"] not in recipe["other_office"]
        for site in str(row["site_ids"]).split(";"):
            at = sites.index[sites["id"] == site]
            if not len(at):
                continue
            place = locations[site]
            is_own = place is not None and _find_key(places, str(row["address"])) == (
                fold_street(place.street), place.house_number,
            )  # fmt: skip
            listed = recipe["list_date"][sites.loc[at[0], "scenario"]]
            is_end = row["event"] == CLOSED or not is_own
            if row["event"] == OPENED and is_own and is_same_office:
                sites.loc[at, "valid_from"] = row["date"]
            elif is_end and str(row["date"]) < listed:
                sites.loc[at, "status"] = "disputed"
            elif row["event"] == OPENED and not is_own:
                sites.loc[at, "valid_to"] = row["date"]
    for site, hours in recipe["opening_hours"].items():
        at = sites["id"] == site
        sites.loc[at, ["opening_hours", "opening_hours_as_of"]] = [hours["hours"], hours["as_of"]]
    return sites


def _find_key(places: PlaceIndex, text: str) -> tuple[str, str] | None:
    found = places.find(text)
    return None if found is None else (fold_street(found.street), found.house_number)
