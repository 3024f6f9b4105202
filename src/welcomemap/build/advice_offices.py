"""The city's register of advice offices: one row per site and kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pyproj import Transformer

from welcomemap.build.address_names import normalise_house_number
from welcomemap.build.names import make_slug
from welcomemap.build.raw import RawFolder
from welcomemap.crs import WGS84

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
        :data:`welcomemap.tables.ADVICE_OFFICE_COLUMNS` and ``facility`` (the house it is in, empty
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
