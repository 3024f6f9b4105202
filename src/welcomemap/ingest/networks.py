"""Streets, river with its bridges, and public transport.

The river is a barrier with bridges over it. There is no water surface among the raw files. The
river runs where a district's borders and the city's own border run in mid-river; the recipe says
which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from shapely.geometry import LineString, Point
from shapely.ops import linemerge, substring

from welcomemap.crs import METRIC_CRS, WGS84, project
from welcomemap.errors import GeometryError
from welcomemap.ingest.known_ways import weld_ways
from welcomemap.ingest.raw import RawFolder
from welcomemap.region.schemas import (
    LINE_COLUMNS,
    LINE_STOP_COLUMNS,
    STOP_COLUMNS,
    STREET_EDGE_COLUMNS,
    STREET_EDGE_OPTIONAL_COLUMNS,
)

CENTRAL_WAYS_FILE = "streets/central_ways_2023.geojson.gz"
ALL_WAYS_FILE = "streets/all_known_ways_2017_2023.geojson.gz"
BESIDE_M = 300.0
"""Ways just outside lead back in: a street that forms the border, a path around a block."""
MARGIN_M = 3000.0
"""Streets this far outside the region are kept: ways between places in it may lead over them.

It is the longest threshold in metres that the pages offer. A way between two places of the town is
at no point farther from the nearer of them than half its length, so that no way of up to twice the
margin can be missed.
"""
DECIMALS = 2
COLUMNS = (*STREET_EDGE_COLUMNS, "is_main_part", *STREET_EDGE_OPTIONAL_COLUMNS)


@dataclass(frozen=True)
class _Segments:
    """Straight pieces between consecutive vertices: node numbers, way of each; node places.

    ``is_step_free`` is true throughout where the ways do not say.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    way: NDArray[np.int64]
    is_step_free: NDArray[np.bool_]
    nodes: NDArray[np.float64]


def read_ways(raw: RawFolder, recipe: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return all known ways for feet: ``id``, ``name`` and lines in EPSG:4326.

    Those of the centre come as the complete file has them, all others joined to each other
    (:mod:`welcomemap.ingest.known_ways`). Ways not for feet are left out by their names.
    """
    central = raw.read_features(CENTRAL_WAYS_FILE, ("id", "name"))
    known = raw.read_features(ALL_WAYS_FILE, ("id", "name"))
    ways = pd.concat([central, known[~known["id"].isin(central["id"])]], ignore_index=True)
    names = ways["name"].fillna("").astype(str)
    ways = gpd.GeoDataFrame(ways.assign(name=names), crs=WGS84)
    ways = ways[~names.isin(recipe["not_for_feet"])].reset_index(drop=True)
    return weld_ways(ways, METRIC_CRS, sound=ways["id"].isin(central["id"]).to_numpy())


def select_ways(ways: gpd.GeoDataFrame, area: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the ways that come within :data:`BESIDE_M` of an area (EPSG:25832)."""
    near = shapely.intersects(area.buffer(BESIDE_M), ways.geometry.to_crs(METRIC_CRS).to_numpy())
    return ways[near].reset_index(drop=True)


def connect_ways(ways: gpd.GeoDataFrame, crs: str = METRIC_CRS) -> gpd.GeoDataFrame:
    """Build the edges, see :data:`welcomemap.region.schemas.STREET_EDGE_COLUMNS`.

    Ways meet where they have a vertex of the same coordinates. Vertices where exactly two pieces
    meet are no junctions: the pieces become one edge, named after its longest way. ``length_m`` is
    measured on the edge's line. ``is_main_part`` tells whether the edge belongs to the largest
    connected part. Where ways have a column ``is_step_free``, edges do: an edge is either as a
    whole.

    Parameters
    ----------
    ways
        ``id``, ``name`` and lines in EPSG:4326, all of them for feet.
    crs
        Metric CRS of the edges.
    """
    segments = _cut_ways(ways, crs)
    chains = _chain_segments(segments)
    return _make_edges(ways, segments, chains, crs)


def draw_centre(recipe: Mapping[str, Any]) -> gpd.GeoSeries:
    """Return the rectangle inside which the network is known to be complete (EPSG:4326)."""
    return gpd.GeoSeries([shapely.box(*recipe["extent"])], crs=WGS84)


MOST_ENTRANCES = 100
"""A square with more entrances is walked around: the lines across it grow with their square."""
NEAR_DEGREES = 1e-7
"""About 1 cm: a line across whose middle is nearer to the outline of its square runs along it."""


def cross_squares(ways: gpd.GeoDataFrame, squares: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ways with a straight one between each two entrances of a square that see each other.

    An entrance is a corner of the square that is a vertex of another way, too. Where corners or
    holes of the square stand between two of them, people walk around as before. Without these
    ways, the ways of up to 1,500 m in Munich's old town are 13 m (1.6 %) too long on average, and
    40 m at the 95th percentile; in Kaiserslautern, Heidelberg and Porto Alegre 0.3 to 1.5 m.

    Parameters
    ----------
    ways
        As :func:`connect_ways` takes them, the outlines of the squares among them.
    squares
        ``id``, ``is_step_free`` and polygons in the CRS of the ways.
    """
    if squares.empty:
        return ways
    spots, way = shapely.get_coordinates(ways.geometry.to_numpy(), return_index=True)
    visits = np.unique(np.column_stack([spots, way]), axis=0)[:, :2]
    places, n_ways = np.unique(visits, axis=0, return_counts=True)
    shared = set(map(tuple, places[n_ways > 1].tolist()))
    found = [_see_across(square, shared) for square in squares.geometry]
    across = np.repeat(np.arange(len(squares)), [len(lines) for lines in found])
    added = gpd.GeoDataFrame(
        {
            "id": squares["id"].to_numpy()[across],
            "name": "",
            "is_step_free": squares["is_step_free"].to_numpy()[across],
        },
        geometry=np.concatenate(found),
        crs=ways.crs,
    )
    return gpd.GeoDataFrame(pd.concat([ways, added], ignore_index=True), crs=ways.crs)


def _see_across(square: Any, shared: set[tuple[float, float]]) -> NDArray[np.object_]:
    corners = dict.fromkeys(map(tuple, shapely.get_coordinates(square).tolist()))
    entrances = np.array([corner for corner in corners if corner in shared]).reshape(-1, 2)
    if not 2 <= len(entrances) <= MOST_ENTRANCES or not square.is_valid:
        return np.empty(0, dtype=object)
    a, b = np.triu_indices(len(entrances), 1)
    lines = shapely.linestrings(np.stack([entrances[a], entrances[b]], axis=1))
    middles = shapely.points((entrances[a] + entrances[b]) / 2)
    shapely.prepare(square)
    is_inside = shapely.distance(middles, square.boundary) > NEAR_DEGREES
    seen: NDArray[np.object_] = lines[is_inside & shapely.covers(square, lines)]
    return seen


def _cut_ways(ways: gpd.GeoDataFrame, crs: str) -> _Segments:
    degrees, way = shapely.get_coordinates(ways.geometry.to_numpy(), return_index=True)
    unique, node = np.unique(degrees, axis=0, return_inverse=True)
    node = node.reshape(-1)
    same_way = (way[1:] == way[:-1]) & (node[1:] != node[:-1])
    tail, head, of = node[:-1][same_way], node[1:][same_way], way[1:][same_way]
    pair = np.column_stack([np.minimum(tail, head), np.maximum(tail, head)])
    _, first, number = np.unique(pair, axis=0, return_index=True, return_inverse=True)
    is_free = np.ones(len(ways), dtype=bool)
    if "is_step_free" in ways:
        is_free = ways["is_step_free"].to_numpy(dtype=bool)
    # Of two ways along the same piece one without steps is enough.
    can_roll = np.bincount(number.reshape(-1)[is_free[of]], minlength=len(first)) > 0
    order = np.argsort(first)
    first = first[order]
    places = np.round(project(unique[:, 0], unique[:, 1], crs=crs), DECIMALS)
    return _Segments(tail[first], head[first], of[first], can_roll[order], places)


def _chain_segments(segments: _Segments) -> list[list[int]]:
    """Walk from junction to junction; returns the nodes of each edge in order."""
    n_nodes = len(segments.nodes)
    ends = np.concatenate([segments.tail, segments.head])
    degree = np.bincount(ends, minlength=n_nodes)
    n_free = np.bincount(ends[np.tile(segments.is_step_free, 2)], minlength=n_nodes)
    is_through = (degree == 2) & (n_free != 1)
    around: list[list[tuple[int, int]]] = [[] for _ in range(n_nodes)]
    for k, (a, b) in enumerate(zip(segments.tail.tolist(), segments.head.tolist(), strict=True)):
        around[a].append((b, k))
        around[b].append((a, k))
    is_used = np.zeros(len(segments.tail), dtype=bool)
    chains = []
    junctions = np.flatnonzero((degree > 0) & ~is_through).tolist()
    rings = np.flatnonzero(is_through).tolist()
    for start in [*junctions, *rings]:
        for _, first in around[start]:
            chain, following = [start], first
            while following >= 0 and not is_used[following]:
                is_used[following] = True
                chain.append(next(n for n, s in around[chain[-1]] if s == following))
                goes_on = is_through[chain[-1]] and chain[-1] != start
                following = _other_segment(around[chain[-1]], following) if goes_on else -1
            if len(chain) > 1:
                chains.append(chain)
    return chains


def _other_segment(around: list[tuple[int, int]], segment: int) -> int:
    return next(s for _, s in around if s != segment)


def _make_edges(
    ways: gpd.GeoDataFrame, segments: _Segments, chains: list[list[int]], crs: str
) -> gpd.GeoDataFrame:
    pair_segment = {
        (min(a, b), max(a, b)): k
        for k, (a, b) in enumerate(zip(segments.tail.tolist(), segments.head.tolist(), strict=True))
    }
    pair_way = {pair: int(segments.way[k]) for pair, k in pair_segment.items()}
    first = [pair_segment[min(chain[:2]), max(chain[:2])] for chain in chains]
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
            "is_step_free": segments.is_step_free[first],
        },
        geometry=lines,
        crs=crs,
    )
    return table[[c for c in COLUMNS if c != "is_step_free" or c in ways]]


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


KNOWN_WAYS_FILE = "streets/all_known_ways.geojson.gz"
SMALLEST_STEP_M = 0.01


def build_river(districts: gpd.GeoDataFrame, recipe: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the mid-river line: ``name``, ``geometry`` (EPSG:25832).

    It follows the border of the left-bank district towards the others, and from both its ends the
    city's outer border as far as the two places where that leaves the river.

    Parameters
    ----------
    recipe
        ``name``; ``left_bank_district``; ``ends``: two places [lon, lat] near which the outer
        border leaves the river.
    """
    shapes = districts.to_crs(METRIC_CRS).set_index("district").geometry
    city = shapely.union_all(shapes.to_numpy())
    left = shapes.loc[recipe["left_bank_district"]]
    others = shapely.union_all(shapes.drop(recipe["left_bank_district"]).to_numpy())
    inner = _merge(shapely.intersection(left.exterior, others.exterior))
    parts = [inner]
    for lon, lat in recipe["ends"]:
        place = Point(project(lon, lat)[0])
        parts.append(_follow_border(city.exterior, inner, place, left))
    line = _merge(shapely.union_all(parts)).simplify(SMALLEST_STEP_M)
    return gpd.GeoDataFrame({"name": [recipe["name"]]}, geometry=[line], crs=METRIC_CRS)


def build_river_band(river: gpd.GeoDataFrame, half_width_m: float) -> gpd.GeoDataFrame:
    """Return a band of even width along the mid-river line, for drawing only."""
    band = river.geometry.buffer(half_width_m, cap_style="flat", quad_segs=4).simplify(2.0)
    return gpd.GeoDataFrame({"name": river["name"]}, geometry=band, crs=river.crs)


def build_river_crossings(
    raw: RawFolder, river: gpd.GeoDataFrame, recipe: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Return one straight line per bridge, from one bank to the other.

    The longest piece of the bridge's ways decides where it crosses; it is cut, or drawn on
    straight where the ways end earlier, at a fixed distance from mid-river.

    Parameters
    ----------
    recipe
        ``half_length_m`` and ``bridges``: name, ``is_walkable``, ``is_cyclable``,
        ``leads_outside``, ``note``.
    """
    ways = raw.read_features(KNOWN_WAYS_FILE, ("name",)).to_crs(METRIC_CRS)
    middle = river.geometry.iloc[0]
    rows = []
    for bridge in recipe["bridges"]:
        own = ways[ways["name"] == bridge["name"]].geometry
        if own.empty:
            raise GeometryError(
                "no way is named {name}",
                name=bridge["name"],
                how="Correct the bridges of the recipe.",
            )
        rows.append(
            {
                key: bridge[key]
                for key in ("name", "is_walkable", "is_cyclable", "leads_outside", "note")
            }
            | {"geometry": _cross(_longest(own), middle, recipe["half_length_m"])}
        )
    return gpd.GeoDataFrame(rows, crs=METRIC_CRS)


def _longest(lines: gpd.GeoSeries) -> LineString:
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(lines.to_numpy())))
    return parts[int(np.argmax(shapely.length(parts)))]


def _cross(bridge: LineString, middle: LineString, half_length_m: float) -> LineString:
    """Lay a straight line along the bridge across mid-river, ``half_length_m`` to either side."""
    coordinates = shapely.get_coordinates(bridge)
    if bridge.intersects(middle):
        ends = shapely.get_coordinates(bridge.intersection(middle.buffer(half_length_m)))
        start, end = ends[0], ends[-1]
    else:
        nearest = coordinates[
            :: 1
            if Point(coordinates[-1]).distance(middle) < Point(coordinates[0]).distance(middle)
            else -1
        ]
        start, end = nearest[0], nearest[-1]
    direction = (end - start) / np.hypot(*(end - start))
    ray = LineString([start - direction * 3000, end + direction * 3000])
    hits = shapely.get_coordinates(ray.intersection(middle))
    at = hits[int(np.argmin(np.hypot(*(hits - (start + end) / 2).T)))]
    return LineString([at - direction * half_length_m, at + direction * half_length_m])


def _follow_border(
    border: LineString, inner: LineString, place: Point, left: shapely.Geometry
) -> LineString:
    ends = [Point(inner.coords[0]), Point(inner.coords[-1])]
    ways = []
    for end in ends:
        start, stop = border.project(end), border.project(place)
        low, high = min(start, stop), max(start, stop)
        there = substring(border, low, high)
        back = linemerge([substring(border, high, border.length), substring(border, 0, low)])
        ways += [there, back]
    free = [way for way in ways if way.intersection(left).length < 1.0]
    if not free:
        raise GeometryError(
            "no border leads from the left-bank district to an end of the river",
            how="Correct the ends of the river in the recipe.",
        )
    return min(free, key=lambda way: float(way.length))


def _merge(geometry: shapely.Geometry) -> LineString:
    lines = [g for g in shapely.get_parts(geometry) if g.geom_type == "LineString"]
    merged = shapely.line_merge(shapely.union_all(lines))
    if merged.geom_type != "LineString":
        raise GeometryError(
            "the river is not one line", how="Correct the left bank and the ends in the recipe."
        )
    return merged


STOPS_FILE = "transit/stops.csv"
LINES_FILE = "transit/lines_2026.json"


def build_transit(
    raw: RawFolder, *, stops_source: str, lines_source: str
) -> dict[str, pd.DataFrame]:
    """Build the layers ``stops``, ``lines`` and ``line_stops``.

    The lines come with stops of their own, under ids of their own; both lists are kept, so that
    every stop of a line has its place. The mode of a line's stop is that of its lines.
    """
    feed = raw.read_json(LINES_FILE)
    lines = sorted(feed["lines"], key=lambda line: (line["mode"], line["line"]))
    modes: dict[str, set[str]] = {}
    for line in lines:
        for stop in line["stops"]:
            modes.setdefault(stop, set()).add(line["mode"])
    rows = raw.read_rows(STOPS_FILE, ("id", "name", "lat", "lon", "modes"))
    listed = rows.assign(modes=rows["modes"].str.replace("|", ";"), source=stops_source)
    served = pd.DataFrame(feed["stops"]).assign(
        modes=[";".join(sorted(modes.get(stop["id"], ()))) for stop in feed["stops"]],
        source=lines_source,
    )
    table = pd.concat([served, listed]).rename(columns={"id": "stop_id"})
    table = table.sort_values("stop_id", ignore_index=True)
    points = np.round(project(table["lon"].astype(float), table["lat"].astype(float)), 1)
    stops = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(points[:, 0], points[:, 1]), crs=METRIC_CRS
    )
    return {
        "stops": stops[list(STOP_COLUMNS)],
        "lines": pd.DataFrame(
            [(x["line"], x["mode"], str(x["feedTripCount"])) for x in lines],
            columns=list(LINE_COLUMNS),
        ),
        "line_stops": pd.DataFrame(
            [(x["line"], str(k), stop) for x in lines for k, stop in enumerate(x["stops"])],
            columns=list(LINE_STOP_COLUMNS),
        ),
    }
