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
        named = [
            address,
            *([recipe["moved_from"][address]] if address in recipe["moved_from"] else []),
        ]
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
