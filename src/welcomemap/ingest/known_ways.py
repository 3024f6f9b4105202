"""Ways of an incomplete file: joined where they lost their junctions, and where they are complete.

Joining
-------
Ways of OpenStreetMap meet in a vertex that both have. Files of several states, or simplified ones,
have lost it in one of the two, though its line still passes there. So the end of a way that lies
within :data:`WELD_M` of another way becomes a vertex of that. Checked in Düsseldorf's centre, where
a complete file is there to compare with: of 300,000 ways of 200 to 1,500 m between addresses all
are found again, nine in ten 1.5 % shorter to 3 % longer (median 1.001; without joining a quarter
cannot be walked at all, and the median is 15 % too long). Ends alone are joined, not all vertices:
those of a bridge would meet the street below.

Where the file is complete
--------------------------
Judged in squares of :data:`SQUARE_M`, by three signs that do not rest on each other. A square is
complete if

- at least 90 % of its addresses stand by a way of their own street's name
  (:data:`OWN_WAY_SHARE`),
- no more of its junctions are dead ends, and
- ways from its addresses to others 200-600 m away are no longer over the straight line (median),

than in all but 5 % of the squares of a reference area that is known to be complete. A square
without addresses is complete if five of its eight neighbours are. What does not hang together with
the reference area is left out: a way that leads through unknown ground says nothing.

Drawing
-------
Nothing can be routed on an incomplete file, but its streets still say where one is on a map. Those
with a name are the ground of maps: long ones as main streets, others apart by whether the file is
complete there. Ways without a name are mostly paths and drives, and would hide the streets.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from welcomemap.crs import Points
from welcomemap.region.schemas import GROUND_COLUMNS
from welcomemap.travel.network import make_network
from welcomemap.travel.streets import StreetImpedance

WELD_M = 2.0
SQUARE_M = 250.0
OWN_WAY_SHARE = 0.9
NORMAL_SHARE = 0.95
N_ORIGINS, N_PAIRS = 4, 20
SHORT_M, FAR_M = 200.0, 600.0
LONGEST_M = 3000.0
"""A way that is longer is none for who wants to go 600 m."""
LEAST_NEIGHBOURS = 5
MAIN_M = 1500.0
"""The file says no class of a street: one whose pieces add up to this is drawn as a main street."""
AROUND_M = 1500.0
"""Streets are drawn this far around the town, so that the map does not end at its border."""
DRAWN_M, SHORTEST_M, GRID_M = 4.0, 60.0, 1.0
"""Tolerance, least length and precision of drawn streets; 4 m are 0.2 mm at 1 : 20,000."""

Squares = NDArray[np.bool_]


def weld_ways(
    ways: gpd.GeoDataFrame,
    crs: str,
    *,
    sound: NDArray[np.bool_] | None = None,
    tolerance_m: float = WELD_M,
) -> gpd.GeoDataFrame:
    """Return ways (EPSG:4326) with the ends of others that touch them as vertices.

    Parameters
    ----------
    ways
        Lines in EPSG:4326.
    crs
        Metric CRS in which ``tolerance_m`` is measured.
    sound
        Which ways have all their junctions: two of those are not joined. Shape (n,).

    Examples
    --------
    A side street that begins on a street whose line has no vertex there:

    >>> street = shapely.LineString([(7, 51), (7.002, 51)])
    >>> side = shapely.LineString([(7.001, 51), (7.001, 51.001)])
    >>> ways = gpd.GeoDataFrame(geometry=[street, side], crs="EPSG:4326")
    >>> weld_ways(ways, "EPSG:25832").geometry[0].wkt
    'LINESTRING (7 51, 7.001 51, 7.002 51)'
    """
    degrees = ways.geometry.to_numpy()
    lines = ways.geometry.to_crs(crs).to_numpy()
    at, owner = shapely.get_coordinates(lines, return_index=True)
    is_end = np.diff(owner, prepend=-1) > 0
    is_end[:-1] |= np.diff(owner) > 0
    is_end[-1:] = True
    ends, owner, places = at[is_end], owner[is_end], shapely.get_coordinates(degrees)[is_end]
    end, line = shapely.STRtree(lines).query(
        shapely.points(ends), predicate="dwithin", distance=tolerance_m
    )
    is_other = owner[end] != line
    if sound is not None:
        is_other &= ~(sound[owner[end]] & sound[line])
    table = pd.DataFrame({"line": line[is_other], "end": end[is_other]})
    welded = degrees.copy()
    for number, group in table.groupby("line"):
        index = int(str(number))
        chosen = group["end"].to_numpy()
        welded[index] = _insert(lines[index], degrees[index], ends[chosen], places[chosen])
    return ways.set_geometry(welded, crs=ways.crs)


def _insert(
    line: shapely.LineString, degrees: shapely.LineString, ends: Points, places: Points
) -> shapely.LineString:
    """Return a line in degrees with places as vertices, in the order in which it passes them."""
    own = shapely.get_coordinates(degrees)
    steps = np.hypot(*np.diff(shapely.get_coordinates(line), axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    is_new = ~(places[:, None] == own[None]).all(axis=2).any(axis=1)
    new, first = np.unique(places[is_new], axis=0, return_index=True)
    if not len(new):
        return degrees
    where = shapely.line_locate_point(line, shapely.points(ends[is_new][first]))
    order = np.argsort(np.concatenate([along, where]), kind="stable")
    return shapely.linestrings(np.concatenate([own, new])[order])


@dataclass(frozen=True, eq=False)
class CompleteArea:
    """Where a network is complete beyond a reference area, and what was found on the way.

    Attributes
    ----------
    geometry
        Squares of :data:`SQUARE_M` that are complete, with the reference area.
    n_addresses, n_reference
        Addresses in it and in the reference area.
    most_dead_ends, most_detour
        What the reference area allows: share of junctions, and way over straight line.
    """

    geometry: shapely.Geometry
    n_addresses: int
    n_reference: int
    most_dead_ends: float
    most_detour: float


def find_complete_area(
    edges: gpd.GeoDataFrame,
    places: Points,
    by_own_way: NDArray[np.bool_],
    reference: shapely.Geometry,
) -> CompleteArea:
    """Return where streets are as complete as in an area in which they are known to be.

    Parameters
    ----------
    edges
        ``u``, ``v`` and lines in a metric CRS.
    places
        Addresses, shape (n, 2), in the same CRS.
    by_own_way
        Whether a way of its own street's name is near each of them, shape (n,).
    reference
        Area in which the network is complete, in the same CRS.
    """
    squares = _judge_squares(edges, places, by_own_way, reference)
    normal = squares[squares["is_reference"]]
    most_dead_ends = float(normal["dead_ends"].quantile(NORMAL_SHARE))
    most_detour = float(normal["detour"].quantile(NORMAL_SHARE))
    is_complete = (
        (squares["own_way"] >= OWN_WAY_SHARE)
        & ~(squares["dead_ends"] > most_dead_ends)
        & (squares["detour"] <= most_detour)
    )
    area = _join(squares[is_complete | squares["is_reference"]], squares, reference)
    inside = int(shapely.intersects_xy(area, places).sum())
    within = int(shapely.intersects_xy(reference, places).sum())
    return CompleteArea(area, inside, within, round(most_dead_ends, 2), round(most_detour, 2))


def _judge_squares(
    edges: gpd.GeoDataFrame,
    places: Points,
    by_own_way: NDArray[np.bool_],
    reference: shapely.Geometry,
) -> pd.DataFrame:
    """Return squares with addresses, index ``(column, row)``, and their three signs."""
    key = np.floor(places / SQUARE_M).astype(int)
    table = pd.DataFrame({"column": key[:, 0], "row": key[:, 1], "own_way": by_own_way})
    squares = table.groupby(["column", "row"]).agg(own_way=("own_way", "mean"))
    squares["n_addresses"] = table.groupby(["column", "row"]).size()
    middle = (np.array(squares.index.to_list()) + 0.5) * SQUARE_M
    squares["is_reference"] = shapely.intersects_xy(reference, middle)
    squares = squares.join(_count_dead_ends(edges))
    is_judged = squares["is_reference"] | (squares["own_way"] >= OWN_WAY_SHARE)
    judged = set(squares.index[is_judged])
    is_open = np.array([(c, r) in judged for c, r in key.tolist()])
    squares["detour"] = _measure_detours(edges, places[is_open], key[is_open])
    return squares


def _count_dead_ends(edges: gpd.GeoDataFrame) -> pd.Series:
    """Return the share of junctions that are dead ends by square."""
    numbers = np.concatenate([edges["u"].to_numpy(), edges["v"].to_numpy()])
    lines = edges.geometry.to_numpy()
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(lines, index)) for index in (0, -1)]
    )
    _, first, degree = np.unique(numbers, return_index=True, return_counts=True)
    key = np.floor(ends[first] / SQUARE_M).astype(int)
    table = pd.DataFrame({"column": key[:, 0], "row": key[:, 1], "dead_ends": degree == 1})
    return table.groupby(["column", "row"])["dead_ends"].mean()


def _measure_detours(edges: gpd.GeoDataFrame, places: Points, key: NDArray[np.intp]) -> pd.Series:
    """Return the median way over straight line from a few addresses of each square.

    Origins and destinations are taken at even steps, so that every run takes the same.
    """
    streets = StreetImpedance(
        make_network(
            edges["u"].to_numpy(np.int32), edges["v"].to_numpy(np.int32), edges.geometry.to_numpy()
        ),
        "walk",
    )
    tree = KDTree(places)
    found: dict[tuple[int, int], float] = {}
    order = np.lexsort(key.T)
    starts = np.flatnonzero(np.any(np.diff(key[order], axis=0), axis=1)) + 1
    for members in np.split(order, starts) if len(order) else []:
        factors = []
        for origin in members[:: max(1, len(members) // N_ORIGINS)][:N_ORIGINS]:
            near = np.array(sorted(tree.query_ball_point(places[origin], FAR_M)))
            straight = np.hypot(*(places[near] - places[origin]).T)
            near, straight = near[straight > SHORT_M], straight[straight > SHORT_M]
            step = max(1, len(near) // N_PAIRS)
            near, straight = near[::step], straight[::step]
            if len(near):
                ways = streets.cost_matrix(places[[origin]], places[near], limit=LONGEST_M)
                factors.append(ways.cost[0] / straight)
        if factors:
            found[int(key[members[0], 0]), int(key[members[0], 1])] = float(
                np.median(np.concatenate(factors))
            )
    index = pd.MultiIndex.from_tuples(found, names=["column", "row"])
    return pd.Series(found.values(), index=index, dtype=float)


def _join(
    complete: pd.DataFrame, squares: pd.DataFrame, reference: shapely.Geometry
) -> shapely.Geometry:
    """Return the area of complete squares that hang together with the reference area."""
    keys = np.array(squares.index.to_list())
    low = keys.min(axis=0) - 1
    shape = tuple(keys.max(axis=0) - low + 2)
    is_complete, has_addresses = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    has_addresses[tuple((keys - low).T)] = True
    is_complete[tuple((np.array(complete.index.to_list()) - low).T)] = True
    around = ndimage.convolve(is_complete.astype(int), np.ones((3, 3), dtype=int), mode="constant")
    is_complete |= ~has_addresses & (around >= LEAST_NEIGHBOURS)
    corners = (np.argwhere(is_complete) + low) * SQUARE_M
    boxes = shapely.box(*corners.T, *(corners + SQUARE_M).T)
    whole = shapely.union_all([*boxes, reference])
    return max(shapely.get_parts(whole), key=lambda part: part.intersection(reference).area)


def draw_ways(
    ways: gpd.GeoDataFrame, complete: shapely.Geometry, town: shapely.Geometry, crs: str
) -> gpd.GeoDataFrame:
    """Return streets as the ground of maps, see :data:`welcomemap.region.schemas.GROUND_COLUMNS`.

    Classes are ``main``, and of other names ``named`` where the file is complete and ``incomplete``
    elsewhere.

    Parameters
    ----------
    ways
        ``name`` and lines in EPSG:4326.
    complete
        Where the file is complete, in ``crs``.
    town
        Area of the town in ``crs``; :data:`AROUND_M` is added.
    crs
        Metric CRS of the result.

    Examples
    --------
    >>> lines = [[(7, 51), (7.03, 51)], [(7, 51), (7, 51.003)], [(7.03, 51), (7.03, 51.003)]]
    >>> ways = gpd.GeoDataFrame(
    ...     {"name": ["Allee", "Weg", "Pfad"]},
    ...     geometry=[shapely.LineString(line) for line in lines], crs="EPSG:4326",
    ... )
    >>> town = shapely.box(355_000, 5_650_000, 365_000, 5_660_000)
    >>> west = shapely.box(355_000, 5_650_000, 361_000, 5_660_000)
    >>> draw_ways(ways, west, town, "EPSG:25832")["class"].tolist()
    ['main', 'named', 'incomplete']
    """
    named = ways[ways["name"] != ""].to_crs(crs)
    is_main = named.geometry.length.groupby(named["name"]).transform("sum") >= MAIN_M
    is_known = shapely.intersects(complete, named.geometry.to_numpy())
    looks = np.where(is_main, "main", np.where(is_known, "named", "incomplete"))
    around = shapely.buffer(town, AROUND_M)
    shapely.prepare(around)
    rows = []
    for look in ("main", "named", "incomplete"):
        lines = shapely.intersection(named.geometry.to_numpy()[looks == look], around)
        merged = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(lines)))
        simple = shapely.set_precision(shapely.simplify(merged, DRAWN_M), GRID_M)
        parts = shapely.get_parts(simple)
        rows += [("street", look, "", p) for p in parts[shapely.length(parts) >= SHORTEST_M]]
    return gpd.GeoDataFrame(rows, columns=list(GROUND_COLUMNS), geometry="geometry", crs=crs)
