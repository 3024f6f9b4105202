"""What do the places of the address list rest on? Counted, not supposed."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.build.address_places import ADDRESS, SUSPECT_M, between_neighbours
from welcomemap.build.names import fold_street
from welcomemap.build.raw import RawFolder
from welcomemap.crs import METRIC_CRS

NAMED_WAYS_FILE = "streets/all_known_ways_2017_2023.geojson.gz"
BESIDE_WAY_M = 50.0
NUMBERS_AGREE_M = 1000.0
KINDS = (
    "way_of_its_name", "building_numbers", "neighbours_on_both_sides", "list_only",
    "contradicted", "somewhere_on_street", "place_withdrawn", "never_placed",
)  # fmt: skip
"""What an address may rest on, the strongest first: a way of the street's own name within 50 m;
buildings with the next numbers of the survey, on other streets, within 1 km; the next house on each
side within 200 m; nothing but the list; its neighbours contradict it; a point for the whole street;
a point that belonged to another street and was withdrawn; no point in the list."""


def read_named_ways(raw: RawFolder) -> Mapping[str, shapely.Geometry]:
    """Read all ways known since 2017, by folded street name, in EPSG:25832.

    They are states of several years mixed: good for judging where a street is, not for routing.
    """
    ways = raw.read_features(NAMED_WAYS_FILE, ("name",))
    ways = ways[ways["name"].fillna("") != ""].to_crs(METRIC_CRS)
    key = ways["name"].map(fold_street)
    return {str(k): shapely.union_all(lines.to_numpy()) for k, lines in ways.geometry.groupby(key)}


def count_evidence(
    places: pd.DataFrame, rows: pd.DataFrame, ways: Mapping[str, shapely.Geometry]
) -> dict[str, int]:
    """Count the addresses by what their place rests on, see :data:`KINDS`.

    Postcodes and quarters are no evidence: they were inferred from the places.

    Parameters
    ----------
    places
        One row per address: ``street``, ``house_number``, ``x``, ``y``, ``quality``.
    rows
        The rows of the list they were merged from: ``street``, ``house_number``, ``away_m``
        (:func:`welcomemap.build.misplaced.measure_away`) and ``is_misplaced``.
    ways
        See :func:`read_named_ways`.
    """
    by_address = rows.groupby(ADDRESS)
    agrees = by_address["away_m"].min() <= NUMBERS_AGREE_M
    is_withdrawn = by_address["is_misplaced"].any()
    address = pd.MultiIndex.from_frame(places[ADDRESS])
    quality = places["quality"].to_numpy()
    kind = np.select(
        [
            (quality == "none") & is_withdrawn.reindex(address).to_numpy(),
            quality == "none",
            quality == "suspect",
            quality == "street",
            _are_beside_ways(places, ways),
            agrees.reindex(address).to_numpy(),
            between_neighbours(places, SUSPECT_M),
        ],
        [
            "place_withdrawn", "never_placed", "contradicted", "somewhere_on_street",
            "way_of_its_name", "building_numbers", "neighbours_on_both_sides",
        ],
        "list_only",
    )  # fmt: skip
    return {name: int((kind == name).sum()) for name in KINDS}


def _are_beside_ways(
    places: pd.DataFrame, ways: Mapping[str, shapely.Geometry]
) -> NDArray[np.bool_]:
    is_beside = np.zeros(len(places), dtype=bool)
    points = np.asarray(gpd.points_from_xy(places["x"], places["y"]))
    is_located = places["x"].notna().to_numpy()
    for street, of_street in places.groupby("street").indices.items():
        at = np.asarray(of_street)[is_located[of_street]]
        way = ways.get(fold_street(str(street)))
        if way is not None and at.size:
            shapely.prepare(way)
            is_beside[at] = shapely.dwithin(points[at], way, BESIDE_WAY_M)
    return is_beside
