"""The layer of addresses, from the published list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from welcomemap.build.address_evidence import count_evidence, read_named_ways
from welcomemap.build.address_names import NameCorrections, mend_name, order_house_number
from welcomemap.build.address_places import find_street_level, find_suspects, merge_places
from welcomemap.build.misplaced import find_displaced, find_misplaced, measure_away
from welcomemap.build.postcodes import PostcodeAreas, infer_postcodes
from welcomemap.build.raw import RawFolder
from welcomemap.crs import METRIC_CRS, project
from welcomemap.tables import ADDRESS_COLUMNS

ADDRESSES_FILE = "addresses/addresses_2018.csv"
COLUMNS = ("street", "housenumber", "residential", "building_id", "lat", "lon")
RESIDENTIAL = "ja"
DECIMALS = 1
"""Places are kept to 0.1 m; the best of them are good to some metres."""


@dataclass(frozen=True)
class BuiltAddresses:
    """The layer of addresses, and how many of them rest on what (see :func:`count_evidence`)."""

    table: gpd.GeoDataFrame
    evidence: Mapping[str, int]


def build_addresses(
    raw: RawFolder,
    quarters: gpd.GeoDataFrame,
    postcodes: PostcodeAreas,
    corrections: NameCorrections,
    published: Mapping[tuple[str, str], str],
    *,
    surveyed_below: int,
) -> BuiltAddresses:
    """Build one row per street and house number, see :data:`welcomemap.tables.ADDRESS_COLUMNS`.

    Rows that carry the points of other streets lose them (:mod:`welcomemap.build.misplaced`).
    Quarter and district are those the place falls in; without a place, with a suspect one, or with
    one outside the city, they are empty and 0. Postcodes are inferred (the list has none) and
    marked so, except where ``published`` states the one of (street, house number); a street on
    which a published postcode contradicts the inference gets none but the published ones.
    ``surveyed_below``: building numbers from this one on say nothing about where a building is.
    """
    rows = _read_places(raw.read_rows(ADDRESSES_FILE, COLUMNS), corrections, surveyed_below)
    ways = read_named_ways(raw)
    rows = rows.join(measure_away(rows))
    rows["is_misplaced"] = find_misplaced(rows, rows["away_m"].to_numpy(), ways)
    rows.loc[rows["is_misplaced"], ["x", "y"]] = np.nan
    places = merge_places(rows)
    places.loc[find_suspects(places) | find_displaced(places, rows), "quality"] = "suspect"
    places[["x", "y"]] = places[["x", "y"]].round(DECIMALS)
    evidence = count_evidence(places, rows, ways)
    points = places[["x", "y"]].to_numpy(dtype=float)
    table = gpd.GeoDataFrame(
        places, geometry=gpd.points_from_xy(points[:, 0], points[:, 1]), crs=METRIC_CRS
    )
    table.loc[places["x"].isna(), "geometry"] = None
    table = _locate(table, quarters)
    table["location_quality"] = table["quality"]
    inferred = infer_postcodes(points, table["quarter"], postcodes)
    table = _add_postcodes(table, inferred, published)
    order = table["house_number"].map(order_house_number)
    table = table.assign(order=order).sort_values(["street", "order"], ignore_index=True)
    return BuiltAddresses(table[list(ADDRESS_COLUMNS)], evidence)


def _read_places(
    rows: pd.DataFrame, corrections: NameCorrections, surveyed_below: int
) -> pd.DataFrame:
    mended = [
        mend_name(street, number, corrections)
        for street, number in zip(rows["street"], rows["housenumber"], strict=True)
    ]
    places = pd.DataFrame(mended, columns=["street", "house_number"])
    places["is_residential"] = (rows["residential"].str.strip() == RESIDENTIAL).to_numpy()
    lon, lat = (pd.to_numeric(rows[c], errors="coerce").to_numpy() for c in ("lon", "lat"))
    is_located = np.isfinite(lon) & np.isfinite(lat)
    places[["x", "y"]] = np.nan
    places.loc[is_located, ["x", "y"]] = project(lon[is_located], lat[is_located])
    number = pd.to_numeric(rows["building_id"], errors="coerce").to_numpy(dtype=float)
    places["building_number"] = np.where(number < surveyed_below, number, np.nan)
    places["is_street_level"] = find_street_level(places)
    return places


def _add_postcodes(
    table: gpd.GeoDataFrame, inferred: list[str], published: Mapping[tuple[str, str], str]
) -> gpd.GeoDataFrame:
    address = list(zip(table["street"], table["house_number"], strict=True))
    stated = pd.Series([published.get(key, "") for key in address], index=table.index)
    guess = pd.Series(inferred, index=table.index)
    is_wrong = (stated != "") & (guess != "") & (stated != guess)
    guess = guess.where(~table["street"].isin(set(table.loc[is_wrong, "street"])), "")
    return table.assign(
        postcode=stated.where(stated != "", guess),
        is_postcode_inferred=(stated == "") & (guess != ""),
    )


def _locate(table: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    areas = quarters.to_crs(METRIC_CRS)[["quarter", "district", "geometry"]]
    found = table[["geometry"]].sjoin(areas, predicate="intersects")
    found = found[~found.index.duplicated()].reindex(table.index)
    found = found.where(table["quality"] != "suspect")
    return table.assign(
        quarter=found["quarter"].fillna(""), district=found["district"].fillna(0).astype("int16")
    )
