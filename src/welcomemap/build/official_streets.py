"""Take the walkable streets of a whole city from an OpenStreetMap extract into its pack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import shapely
from scipy.spatial import KDTree

from welcomemap.build.streets import connect_ways
from welcomemap.crs import WGS84
from welcomemap.errors import GeometryError, InputError, Place
from welcomemap.pack.load import RegionPack
from welcomemap.travel.access import is_node_blocked, read_directions
from welcomemap.travel.osm import DAMAGES

MARGIN_M = 1500.0
"""Streets this far outside the region are kept: ways to a place near the border lead over them."""
NEAR_M = 300.0
MIN_NEAR_SHARE = 0.98
LENGTH_DECIMALS = 2
_HOW = "Name an extract that covers the whole region in the list of sources."


@dataclass(frozen=True)
class Streets:
    """Street edges, the area in which they are complete (metric CRS), and who lives near them."""

    edges: gpd.GeoDataFrame
    extent: gpd.GeoDataFrame
    near_share: float


def take_official_streets(path: Path, pack: RegionPack) -> Streets:
    """Read all ways open to people on foot in and around a region.

    Ways are cut at points that let nobody through on foot, such as locked gates, and ways that lead
    in one direction only are left out: what remains can be walked both ways.

    Raises
    ------
    InputError
        If the extract is damaged, or holds no street of the region.
    GeometryError
        If fewer than 98 % of the region's people live within 300 m of a street: the extract does
        not cover the region.
    """
    area = shapely.union_all(pack.districts.geometry.to_numpy())
    wanted = gpd.GeoSeries([area.buffer(MARGIN_M)], crs=pack.crs).to_crs(WGS84)
    ways = _read_ways(path, tuple(wanted.total_bounds))
    edges = connect_ways(ways).to_crs(pack.crs)
    edges["length_m"] = edges.geometry.length.round(LENGTH_DECIMALS)
    near_share = _measure_near_share(edges, pack)
    if near_share < MIN_NEAR_SHARE:
        raise GeometryError(
            f"only {near_share:.1%} of the people live within {NEAR_M:.0f} m of a street in it",
            where=Place(path),
            how=_HOW,
        )
    extent = gpd.GeoDataFrame({"name": [pack.name]}, geometry=[area], crs=pack.crs)
    return Streets(edges, extent, near_share)


def _read_ways(path: Path, bounds: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    ids, names, lines = [], [], []
    try:
        for way_id, name, points in _walkable_pieces(path):
            if _touches(points, bounds):
                ids.append(str(way_id))
                names.append(name)
                lines.append(shapely.linestrings(points))
    except DAMAGES as error:
        raise InputError(
            "the extract cannot be read", where=Place(path), how="Fetch it again."
        ) from error
    if not lines:
        raise InputError("the extract holds no street of the region", where=Place(path), how=_HOW)
    return gpd.GeoDataFrame({"id": ids, "name": names}, geometry=lines, crs=WGS84)


def _walkable_pieces(path: Path) -> Iterator[tuple[int, str, np.ndarray]]:
    """Give id, name and lon, lat (n, 2) of each piece of way between points that block it."""
    blocked: set[int] = set()
    keys = osmium.filter.KeyFilter("highway", "barrier")
    for element in (
        osmium.FileProcessor(osmium.io.File(str(path), "pbf")).with_locations().with_filter(keys)
    ):
        tags = {tag.k: tag.v for tag in element.tags}
        if isinstance(element, osmium.osm.Node):
            if is_node_blocked(tags, "walk"):
                blocked.add(element.id)
        elif isinstance(element, osmium.osm.Way) and all(read_directions(tags, "walk")):
            for points in _cut(element.nodes, blocked):
                yield element.id, tags.get("name", ""), points


def _cut(nodes: osmium.osm.WayNodeList, blocked: set[int]) -> Iterator[np.ndarray]:
    piece: list[tuple[float, float]] = []
    for node in nodes:
        if node.location.valid() and node.ref not in blocked:
            piece.append((node.location.lon, node.location.lat))
            continue
        if len(piece) > 1:
            yield np.array(piece)
        piece = []
    if len(piece) > 1:
        yield np.array(piece)


def _touches(points: np.ndarray, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    low, high = points.min(axis=0), points.max(axis=0)
    return bool(low[0] <= east and high[0] >= west and low[1] <= north and high[1] >= south)


def _measure_near_share(edges: gpd.GeoDataFrame, pack: RegionPack) -> float:
    """Return the share of residents within :data:`NEAR_M` of a junction or bend of a street."""
    cells = pack.demand_cells
    dense = shapely.segmentize(edges.to_crs(pack.crs).geometry.to_numpy(), NEAR_M / 3)
    near_m, _ = KDTree(shapely.get_coordinates(dense)).query(
        np.column_stack([cells.geometry.x, cells.geometry.y])
    )
    people = cells["residents"].to_numpy(dtype=float)
    return float(people[near_m <= NEAR_M].sum() / people.sum())
