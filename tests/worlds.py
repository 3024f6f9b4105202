"""Tiny hand-worked cities, written as region packs.

Rechteckstadt is 6 km x 2 km: three districts of 2 km x 2 km side by side, district 1 in two
quarters. A river runs along the border of districts 2 and 3 (x = 4000) with one bridge at y = 1000.
One person lives in each 100 m cell, so every count of people is a count of cells. Coordinates below
are metres from the city's south-west corner.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, Polygon, box

from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.region.pack import RegionPack, load_pack

ORIGIN_X, ORIGIN_Y = 340_000.0, 5_680_000.0
PER_PERSON = {
    "residents": 1.0,
    "migration_background": 0.5,
    "foreign_citizens": 0.25,
    "under_18": 0.2,
    "over_65": 0.2,
}
DISTRICTS = {
    1: ("Westviertel", (0, 0, 2000, 2000)),
    2: ("Mitte", (2000, 0, 4000, 2000)),
    3: ("Ostufer", (4000, 0, 6000, 2000)),
}
QUARTERS = {
    "011": ("Altes Tor", 1, (0, 0, 1000, 2000)),
    "012": ("Neues Tor", 1, (1000, 0, 2000, 2000)),
    "021": ("Markt", 2, (2000, 0, 4000, 2000)),
    "031": ("Ostufer", 3, (4000, 0, 6000, 2000)),
}
SITE_COLUMNS = ("id", "district", "status", "stated", "scenario", "at")
SITES: tuple[Mapping[str, Any], ...] = tuple(
    dict(zip(SITE_COLUMNS, row, strict=True))
    for row in (
        ("a", 1, "open", "1", "2020", (500, 1000)),
        ("b", 2, "open", "2;3", "2020", (3000, 1000)),
        ("c", 3, "planned", "3", "2020", None),
        ("a2", 1, "open", "", "2025", (500, 1000)),
        ("b2", 2, "disputed", "", "2025", (3000, 1000)),
    )
)


def record_hashes(folder: Path) -> None:
    """Record in a pack's manifest what its files are now: a change that somebody meant."""
    path = folder / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    for resource in manifest["resources"]:
        file = folder / resource["path"]
        if file.is_file():
            resource["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest), "utf-8")


def at(x: float, y: float) -> tuple[float, float]:
    """Turn metres from the south-west corner into metric coordinates."""
    return ORIGIN_X + x, ORIGIN_Y + y


def rectangle(bounds: tuple[float, float, float, float]) -> Polygon:
    """Return a rectangle given as west, south, east, north in metres from the corner."""
    west, south, east, north = bounds
    return box(*at(west, south), *at(east, north))


def _lat_lon(position: tuple[float, float] | None) -> tuple[str, str]:
    if position is None:
        return "", ""
    lat, lon = unproject(np.array([at(*position)]))
    return f"{lat[0]:.7f}", f"{lon[0]:.7f}"


def _groups(people: int) -> dict[str, int]:
    return {group: round(people * part) for group, part in PER_PERSON.items()}


def _districts() -> gpd.GeoDataFrame:
    rows = [
        {"district": n, "name": name, **_groups(400), "area_km2": 4.0, "geometry": rectangle(b)}
        for n, (name, b) in DISTRICTS.items()
    ]
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS)


def _quarters() -> gpd.GeoDataFrame:
    rows = []
    for number, (name, district, bounds) in QUARTERS.items():
        area_km2 = rectangle(bounds).area / 1e6
        people = _groups(round(100 * area_km2))
        rows.append(
            {"quarter": number, "name": name, "district": district, **people}
            | {"area_km2": area_km2, "geometry": rectangle(bounds)}
        )
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS)


def _demand_cells() -> gpd.GeoDataFrame:
    rows = []
    for number, (_, district, (west, south, east, north)) in QUARTERS.items():
        for y in range(south + 50, north, 100):
            for x in range(west + 50, east, 100):
                rows.append(
                    {"cell_id": f"{x:04d}-{y:04d}", "quarter": number, "district": district}
                    | PER_PERSON
                    | {"is_from_addresses": False, "geometry": Point(*at(x, y))}
                )
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS)


def _addresses() -> gpd.GeoDataFrame:
    """Hauptstraße runs along y = 1000, odd numbers south, even ones north, 20 m apart."""
    rows = []
    for number in range(1, 601):
        if number % 10 == 7:
            continue
        x, y = 10.0 * number - 5, 990.0 if number % 2 else 1010.0
        district = 1 + int(x // 2000)
        quarter = next(q for q, (_, _, b) in QUARTERS.items() if b[0] <= x < b[2])
        rows.append(
            {"street": "Hauptstraße", "house_number": str(number), "is_residential": True}
            | {"quarter": quarter, "district": district, "postcode": f"9900{district}"}
            | {"is_postcode_inferred": True, "location_quality": "point"}
            | {"geometry": Point(*at(x, y))}
        )
    rows.append(
        {"street": "Ortlose Gasse", "house_number": "3", "is_residential": True, "quarter": ""}
        | {"district": 0, "postcode": "", "is_postcode_inferred": False}
        | {"location_quality": "none", "geometry": None}
    )
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS)


def _service_points() -> pd.DataFrame:
    rows = []
    for site in SITES:
        lat, lon = _lat_lon(site["at"])
        rows.append(
            {
                "id": site["id"],
                "name": f"Welcome Point {site['district']}",
                "operator": "Verein",
                "address": f"Hauptstraße {site['at'][0] // 10}" if site["at"] else "",
                "stated_districts": site["stated"],
                "status": site["status"],
                "valid_from": "",
                "valid_to": "",
                "source": "tiny world",
                "lat": lat,
                "lon": lon,
                "scenario": site["scenario"],
                "kind": "welcome_point",
                "note": "",
                "phone": "",
                "url": "",
                "opening_hours": "",
                "languages": "",
                "capacity": "",
                "location_outcome": "exact" if site["at"] else "",
                "location_source": "tiny world",
                "error_radius_m": "10" if site["at"] else "",
            }
        )
    return pd.DataFrame(rows)


def _candidate_sites() -> pd.DataFrame:
    rows = []
    for name, position in {"east": (5000, 1000), "mid": (1500, 1000)}.items():
        lat, lon = _lat_lon(position)
        rows.append(
            {
                "id": name,
                "kind": "welcome_point",
                "name": f"Candidate {name}",
                "operator": "",
                "address": f"Hauptstraße {position[0] // 10}",
                "purpose": "",
                "status": "proposal",
                "note": "",
                "source": "tiny world",
                "source_date": "2025-01",
                "lat": lat,
                "lon": lon,
                "location_outcome": "exact",
                "error_radius_m": "10",
                "area_m2": "",
                "rooms": "",
                "is_step_free": "",
            }
        )
    return pd.DataFrame(rows)


def _site_history() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "address": "Hauptstraße 300",
                "event": "closed",
                "date": "2024",
                "districts": "2",
                "detail": "closed",
                "source": "Rechteckbote 2024",
                "site_ids": "b2",
            }
        ]
    )


def _stops() -> gpd.GeoDataFrame:
    rows = [
        {"stop_id": f"s{i}", "name": f"Halt {i}", "modes": "tram", "source": "tiny world"}
        | {"geometry": Point(*at(1000.0 * i + 500, 1000.0))}
        for i in range(6)
    ]
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS)


def _river() -> gpd.GeoDataFrame:
    line = LineString([at(4000, -3000), at(4000, 5000)])
    return gpd.GeoDataFrame({"name": ["Fluss"]}, geometry=[line], crs=METRIC_CRS)


def _river_crossings() -> gpd.GeoDataFrame:
    bridge = LineString([at(3950, 1000), at(4050, 1000)])
    columns = {"name": ["Brücke"], "is_walkable": [True], "is_cyclable": [True]}
    return gpd.GeoDataFrame(columns, geometry=[bridge], crs=METRIC_CRS)


def _street_edges() -> gpd.GeoDataFrame:
    """Streets are known in district 1 only: a grid every 100 m, junctions at multiples of 100."""
    rows, nodes = [], {}
    for y in range(0, 2001, 100):
        for x in range(0, 2001, 100):
            nodes[x, y] = len(nodes)
    for (x, y), node in nodes.items():
        for other in ((x + 100, y), (x, y + 100)):
            if other in nodes:
                rows.append(
                    {"edge_id": len(rows), "u": node, "v": nodes[other], "length_m": 100.0}
                    | {"name": "", "way_id": len(rows)}
                    | {"geometry": LineString([at(x, y), at(*other)])}
                )
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS).astype({"u": "int32", "v": "int32"})


def _street_extent() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["known"]}, geometry=[rectangle((0, 0, 2000, 2000))], crs=METRIC_CRS
    )


def write_rechteckstadt(folder: Path, **replaced: pd.DataFrame) -> Path:
    """Write the pack into ``folder``; layers given by name replace the standard ones."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, pd.DataFrame] = {
        "districts": _districts(),
        "quarters": _quarters(),
        "demand_cells": _demand_cells(),
        "addresses": _addresses(),
        "service_points": _service_points(),
        "site_history": _site_history(),
        "candidate_sites": _candidate_sites(),
        "advice_offices": pd.DataFrame(
            [
                {
                    "id": "o1",
                    "kind": "Integrationsagentur",
                    "operator": "Verein",
                    "name": "Haus am Markt",
                    "street": "Hauptstraße",
                    "house_number": "300",
                    "postcode": "99002",
                    "quarter": "021",
                    "district": "2",
                    "phone": "",
                    "url": "",
                    "lat": _lat_lon((3000, 1000))[0],
                    "lon": _lat_lon((3000, 1000))[1],
                    "source": "tiny world",
                }
            ]
        ),
        "stops": _stops(),
        "lines": pd.DataFrame({"line": ["1"], "mode": ["tram"], "trip_count": ["100"]}),
        "line_stops": pd.DataFrame(
            {
                "line": ["1"] * 6,
                "sequence": [str(i) for i in range(6)],
                "stop_id": [f"s{i}" for i in range(6)],
            }
        ),
        "river": _river(),
        "river_crossings": _river_crossings(),
        "street_edges": _street_edges(),
        "street_extent": _street_extent(),
    } | replaced
    resources = [_write_layer(folder, name, table) for name, table in tables.items()]
    manifest = {"name": "rechteckstadt", "region": _region(), "resources": resources}
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    return folder


def _region() -> dict[str, Any]:
    south_west, north_east = _lat_lon((0, 0)), _lat_lon((6000, 2000))
    return {
        "id": "rechteckstadt",
        "name": "Rechteckstadt",
        "crs": METRIC_CRS,
        "scenarios": ["2020", "2025"],
        "default_scenario": "2025",
        "language": "de",
        "district_word": {"de": "Stadtbezirk", "en": "district"},
        "quarter_word": {"de": "Stadtteil", "en": "quarter"},
        "service_kind": {"de": "Welcome Point", "en": "Welcome Point"},
        "bbox": [
            float(south_west[1]),
            float(south_west[0]),
            float(north_east[1]),
            float(north_east[0]),
        ],
        "residents_base": {"de": "eine Person je Zelle", "en": "one person per cell"},
        "detour_factor": [1.23, 1.13, 1.47],
        "border_uncertainty_m": 30,
        "timezone": "Europe/Berlin",
    }


def _write_layer(folder: Path, name: str, table: pd.DataFrame) -> dict[str, Any]:
    if isinstance(table, gpd.GeoDataFrame):
        is_large = name in {"demand_cells", "addresses", "street_edges"}
        path = folder / f"{name}.{'parquet' if is_large else 'geojson'}"
        if is_large:
            table.to_parquet(path, index=False)
        else:
            table.to_crs("EPSG:4326").to_file(path, driver="GeoJSON")
    else:
        path = folder / f"{name}.csv"
        table.to_csv(path, index=False)
    return {
        "name": name,
        "path": path.name,
        "rows": len(table),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "source": "tiny world",
        "licence": {"name": "CC0-1.0"},
        "date": "2026-01-01",
        "limits": "hand-worked",
    }


def load_rechteckstadt(folder: Path, **replaced: pd.DataFrame) -> RegionPack:
    """Write the pack and open it."""
    return load_pack(write_rechteckstadt(folder, **replaced))
