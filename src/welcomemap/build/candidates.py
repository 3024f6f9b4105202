"""Candidate sites named in motions, decisions and the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from welcomemap.build.lookup import NO_LOCATION, PlaceIndex
from welcomemap.build.raw import RawFolder
from welcomemap.tables import CANDIDATE_SITE_COLUMNS

CANDIDATES_FILE = "service_points/candidate_sites.csv"
COLUMNS = (*CANDIDATE_SITE_COLUMNS, "usable_area_m2", "location_source")


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
        sites.append(dict.fromkeys(COLUMNS, "") | row | cells | stated)
    return pd.DataFrame(sites)[list(COLUMNS)]
