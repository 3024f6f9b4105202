"""The street network where it is complete: junctions and the pieces of street between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from welcomemap.build.raw import RawFolder
from welcomemap.crs import METRIC_CRS, WGS84, project
from welcomemap.tables import STREET_EDGE_COLUMNS

WAYS_FILE = "streets/central_ways_2023.geojson.gz"
DECIMALS = 2
COLUMNS = (*STREET_EDGE_COLUMNS, "is_main_part")


@dataclass(frozen=True)
class _Segments:
    """Straight pieces between consecutive vertices: node numbers, way of each; node places."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    way: NDArray[np.int64]
    nodes: NDArray[np.float64]


def build_street_edges(raw: RawFolder, recipe: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Build the edges, see :data:`welcomemap.tables.STREET_EDGE_COLUMNS` (EPSG:25832).

    Ways meet where they have a vertex of the same coordinates. Ways not for feet are left out by
    their names. Vertices where exactly two pieces meet are no junctions: the pieces become one
    edge, named after its longest way. ``length_m`` is measured on the edge's line. ``is_main_part``
    tells whether the edge belongs to the largest connected part.
    """
    ways = raw.read_features(WAYS_FILE, ("id", "name"))
    names = ways["name"].fillna("").astype(str)
    return connect_ways(ways[~names.isin(recipe["not_for_feet"])].reset_index(drop=True))


def connect_ways(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Build the edges of ways: ``id``, ``name`` and lines in EPSG:4326, all of them for feet."""
    segments = _cut_ways(ways)
    chains = _chain_segments(segments)
    return _make_edges(ways, segments, chains)


def build_street_extent(recipe: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the rectangle inside which the network is complete: ``name``, ``geometry``."""
    return gpd.GeoDataFrame(
        {"name": [recipe["extent_name"]]}, geometry=[shapely.box(*recipe["extent"])], crs=WGS84
    )


def _cut_ways(ways: gpd.GeoDataFrame) -> _Segments:
    degrees, way = shapely.get_coordinates(ways.geometry.to_numpy(), return_index=True)
    unique, node = np.unique(degrees, axis=0, return_inverse=True)
    node = node.reshape(-1)
    same_way = (way[1:] == way[:-1]) & (node[1:] != node[:-1])
    tail, head, of = node[:-1][same_way], node[1:][same_way], way[1:][same_way]
    pair = np.column_stack([np.minimum(tail, head), np.maximum(tail, head)])
    _, first = np.unique(pair, axis=0, return_index=True)
    first = np.sort(first)
    places = np.round(project(unique[:, 0], unique[:, 1]), DECIMALS)
    return _Segments(tail[first], head[first], of[first], places)


def _chain_segments(segments: _Segments) -> list[list[int]]:
    """Walk from junction to junction; returns the nodes of each edge in order."""
    n_nodes = len(segments.nodes)
    degree = np.bincount(np.concatenate([segments.tail, segments.head]), minlength=n_nodes)
    around: list[list[tuple[int, int]]] = [[] for _ in range(n_nodes)]
    for k, (a, b) in enumerate(zip(segments.tail.tolist(), segments.head.tolist(), strict=True)):
        around[a].append((b, k))
        around[b].append((a, k))
    is_used = np.zeros(len(segments.tail), dtype=bool)
    chains = []
    junctions = np.flatnonzero((degree > 0) & (degree != 2)).tolist()
    rings = np.flatnonzero(degree == 2).tolist()
    for start in [*junctions, *rings]:
        for _, first in around[start]:
            chain, following = [start], first
            while following >= 0 and not is_used[following]:
                is_used[following] = True
                chain.append(next(n for n, s in around[chain[-1]] if s == following))
                is_through = degree[chain[-1]] == 2 and chain[-1] != start
                following = _other_segment(around[chain[-1]], following) if is_through else -1
            if len(chain) > 1:
                chains.append(chain)
    return chains


def _other_segment(around: list[tuple[int, int]], segment: int) -> int:
    return next(s for _, s in around if s != segment)


def _make_edges(
    ways: gpd.GeoDataFrame, segments: _Segments, chains: list[list[int]]
) -> gpd.GeoDataFrame:
    pair_way = {
        (min(a, b), max(a, b)): w
        for a, b, w in zip(
            segments.tail.tolist(), segments.head.tolist(), segments.way.tolist(), strict=True
        )
    }
    lines = np.array([shapely.linestrings(segments.nodes[chain]) for chain in chains])
    owner = [_longest_way(chain, pair_way, segments.nodes) for chain in chains]
    ends = np.array([(chain[0], chain[-1]) for chain in chains])
    kept, number = np.unique(ends, return_inverse=True)
    number = number.reshape(-1, 2).astype(np.int32)
    way_id = ways["id"].str.extract(r"(\d+)")[0].astype("int64").to_numpy()
    table = gpd.GeoDataFrame(
        {
            "edge_id": np.arange(len(chains), dtype=np.int32),
            "u": number[:, 0],
            "v": number[:, 1],
            "length_m": np.round(shapely.length(lines), DECIMALS),
            "name": ways["name"].fillna("").astype(str).to_numpy()[owner],
            "way_id": way_id[owner],
            "is_main_part": _find_main_part(number, len(kept)),
        },
        geometry=lines,
        crs=METRIC_CRS,
    )
    return table[list(COLUMNS)]


def _longest_way(chain: list[int], pair_way: Mapping[tuple[int, int], int], nodes: Any) -> int:
    length: dict[int, float] = {}
    for a, b in pairwise(chain):
        way = pair_way[min(a, b), max(a, b)]
        length[way] = length.get(way, 0.0) + round(float(np.hypot(*(nodes[a] - nodes[b]))), 3)
    return max(length, key=lambda way: (length[way], -way))


def _find_main_part(ends: NDArray[np.integer[Any]], n_nodes: int) -> NDArray[np.bool_]:
    ones = np.ones(len(ends))
    graph = sparse.coo_array((ones, (ends[:, 0], ends[:, 1])), shape=(n_nodes, n_nodes))
    _, part = csgraph.connected_components(graph, directed=False)
    return np.asarray(part[ends[:, 0]] == np.bincount(part).argmax())
