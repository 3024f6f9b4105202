"""A hand-made town of a few streets; metres count from its south-west corner."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, box

from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder

CRS = "EPSG:25832"
X, Y = 340_000.0, 5_680_000.0
Row = tuple[str, str, float | None, float | None, str]


def _rows() -> list[Row]:
    rows: list[Row] = []
    for n in (2, 4, 6, 8, 12, 14):  # 10 is missing
        rows.append(("Kölner Straße", str(n), 10.0 * n, 110.0, "point"))
    for n in (1, 3, 5, 9):
        rows.append(("Kölner Straße", str(n), 10.0 * n, 90.0, "point"))
    rows += [
        ("Kölner Straße", "4a", 45.0, 115.0, "point"),
        ("Kölner Straße", "4e", 49.0, 115.0, "point"),
        ("Kölner Straße", "7", 900.0, 900.0, "suspect"),
        ("Kölner Straße", "71-73", 300.0, 90.0, "point"),
        ("Kölner Landstraße", "1", 10.0, 500.0, "point"),
        ("Kölner Landstraße", "3", 30.0, 500.0, "point"),
        ("Am Wehr", "1", 500.0, 10.0, "point"),
        ("Am Wehr", "5", 540.0, 10.0, "point"),
        ("Wehr", "1", 700.0, 10.0, "point"),
        ("An der Linde", "1", 600.0, 20.0, "point"),
        ("Ortlose Gasse", "3", None, None, "none"),
        ("Wegstraße", "3", None, None, "none"),
        ("Halbe Straße", "1", 100.0, 700.0, "point"),
        ("Halbe Straße", "3", None, None, "none"),
        ("Halbe Straße", "5", 140.0, 700.0, "point"),
        ("Rosenstraße", "1", 200.0, 200.0, "point"),
        ("Hosenstraße", "1", 210.0, 300.0, "point"),
        ("Nach den 12 Morgen", "9", 220.0, 400.0, "point"),
        ("Straße 20", "5", 230.0, 410.0, "point"),
        ("Gartenweg", "1", 100.0, 1100.0, "point"),
        ("Gartenweg", "2", 110.0, 1100.0, "point"),
        ("Gartenweg", "1", 1500.0, 1100.0, "point"),
        ("Gartenweg", "2", 1510.0, 1100.0, "point"),
    ]
    return rows


def tiny_geocoder() -> Geocoder:
    """Return a geocoder of Düneburg: quarters Aue (west, 99001) and Berg (east, 99002)."""
    table = pd.DataFrame(_rows(), columns=["street", "house_number", "x", "y", "location_quality"])
    is_east = table["x"] > 1000
    is_known = table["x"].notna()
    table["quarter"] = is_east.map({True: "012", False: "011"}).where(is_known, "")
    table["postcode"] = is_east.map({True: "99002", False: "99001"}).where(is_known, "")
    table["district"] = is_known.astype(int)
    table["x"], table["y"] = table["x"].astype(float) + X, table["y"].astype(float) + Y
    quarters = gpd.GeoDataFrame(
        {"quarter": ["011", "012"], "name": ["Aue", "Berg"], "district": [1, 2]},
        geometry=[box(X, Y, X + 1000, Y + 2000), box(X + 1000, Y, X + 2000, Y + 2000)],
        crs=CRS,
    )
    ways = gpd.GeoDataFrame(
        {"name": ["Wegstraße", "Nur Auf Der Karte"]},
        geometry=[LineString([(X + 800, Y + 800), (X + 900, Y + 800)]),
                  LineString([(X + 1200, Y + 900), (X + 1300, Y + 900)])],
        crs=CRS,
    )  # fmt: skip
    facilities = pd.DataFrame(
        [
            {"name": "Auer Familienzentrum", "operator": "Verein Eins e.V.", "lat": 51.26,
             "lon": 6.706, "street": "Lindenhof", "house_number": "43", "postcode": "99001"},
            {"name": "", "operator": "Verein Eins e.V.", "lat": 51.27, "lon": 6.71,
             "street": "Berghof", "house_number": "1", "postcode": "99002"},
        ]
    )  # fmt: skip
    gazetteer = Gazetteer.from_tables(
        table, town="Düneburg", crs=CRS, quarters=quarters, facilities=facilities,
        read_ways=lambda: ways, border_m=30.0,
    )  # fmt: skip
    return Geocoder(gazetteer)
