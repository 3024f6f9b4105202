"""What is reachable within a threshold? Areas for the eye.

Whether a person is covered is never read from these polygons: it follows from the routed cost of
that person's own place (:func:`welcomemap.travel.impedance.is_within`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from welcomemap.crs import Points
from welcomemap.errors import UsageError
from welcomemap.travel.estimate import Barrier, EstimateImpedance, straight_lengths
from welcomemap.travel.impedance import Impedance, TimedImpedance, as_points
from welcomemap.travel.network import SnappedPoints, StreetNetwork, reach_nodes
from welcomemap.travel.streets import MixedImpedance, StreetImpedance

Floats = NDArray[np.float64]
_FAR = 1e4
"""Shadows are drawn this many radii long."""


def draw_around(barrier: Barrier, centre: Floats, radius_m: float) -> Any:
    """Draw what lies within ``radius_m`` of a place on shortest ways around the barrier.

    The area is a disc without the shadow of the barrier, and around every turning point that is
    reached with metres to spare another such disc. Discs are inscribed polygons.

    Parameters
    ----------
    barrier
        Lines nobody crosses, with their crossings.
    centre
        Its x and y in metres, shape (2,).
    radius_m
        Length in metres.

    Returns
    -------
    shapely.Geometry
        (Multi)polygon, empty if the radius is not positive or the place is not known.
    """
    if radius_m <= 0 or not np.isfinite(centre).all():
        return shapely.Polygon()
    areas = [_draw_in_sight(barrier, centre, radius_m)]
    if not barrier.is_empty and len(barrier.nodes):
        start = centre.reshape(1, 2)
        if not _find_near(barrier, centre, radius_m).any():
            return areas[0]
        straight = straight_lengths(start, barrier.nodes)[0]
        blocked = barrier.is_blocked(barrier.nodes, centre)
        first = np.where(blocked, np.inf, straight)
        reached = (first[:, None] + barrier.node_lengths).min(axis=0)
        areas += [
            _draw_in_sight(barrier, barrier.nodes[k], radius_m - reached[k])
            for k in np.flatnonzero(reached < radius_m - 1.0)
        ]
    return shapely.union_all(areas)


def _find_near(barrier: Barrier, centre: Floats, radius_m: float) -> NDArray[np.bool_]:
    """Tell which pieces of the barrier lie within some metres of a place."""
    segments = shapely.linestrings(np.stack([barrier.starts, barrier.ends], axis=1))
    near: NDArray[np.bool_] = shapely.dwithin(segments, shapely.points(centre), radius_m)
    return near


def _draw_in_sight(barrier: Barrier, centre: Floats, radius_m: float) -> Any:
    """Return the disc around a place without what the barrier hides from it."""
    disc = shapely.buffer(shapely.points(centre), radius_m, quad_segs=16)
    if barrier.is_empty:
        return disc
    near = _find_near(barrier, centre, radius_m)
    a, b = barrier.starts[near] - centre, barrier.ends[near] - centre
    is_wide = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) > 1e-6
    a, b = a[is_wide], b[is_wide]
    if not len(a):
        return disc
    far_a = a / np.linalg.norm(a, axis=1, keepdims=True) * radius_m * _FAR
    far_b = b / np.linalg.norm(b, axis=1, keepdims=True) * radius_m * _FAR
    shadows = shapely.polygons(np.stack([a, b, far_b, far_a], axis=1) + centre)
    return shapely.difference(disc, shapely.union_all(shapely.intersection(shadows, disc)))


Indices = NDArray[np.intp]
SHORTEST_PIECE_M = 0.5
"""Pieces shorter than this are not drawn."""

THIN_M = 2.0
"""Bends of streets finer than this are not drawn."""

LINK_M = 10.0
"""Edges shorter than this that join two others are not drawn."""

OVERLAP_M = 5.0
"""A street beyond the budget may reach this far into the drawn area."""


@dataclass(frozen=True, eq=False)
class NetworkServiceArea:
    """Lengths over a network towards attached sites.

    Attributes
    ----------
    network
        The streets.
    sites
        Attached sites.
    spent_m
        Metres already spent at each site, its offset from the street included, shape (n_sites,).
    nodes
        Metres from each junction to the nearest site, ``spent_m`` included.
    """

    network: StreetNetwork
    sites: SnappedPoints
    spent_m: Floats
    nodes: Floats

    @property
    def farthest_m(self) -> Floats:
        """An upper bound of the length from anywhere on each edge, shape (n_edges,)."""
        network, length_m = self.network, self.network.length_m
        from_u, from_v = self._end_lengths()
        either: Floats = np.minimum(from_u, from_v) + length_m
        both = (from_u + from_v + length_m) / 2
        is_both = network.is_forward & network.is_backward & np.isfinite(both)
        return np.where(is_both, np.minimum(either, both), either)

    def _end_lengths(self) -> tuple[Floats, Floats]:
        """Return lengths from each edge's ``u`` and ``v`` for those who may go to that end."""
        network, length_m = self.network, self.nodes
        from_u = np.where(network.is_backward, length_m[network.u], np.inf)
        from_v = np.where(network.is_forward, length_m[network.v], np.inf)
        return from_u, from_v

    def _cuts(self, budget_m: float) -> tuple[Floats, Floats]:
        """Return positions up to which an edge is reached from ``u``, and from which on, by ``v``.

        The whole edge is reached if the first is not smaller than the second.
        """
        from_u, from_v = self._end_lengths()
        length_m = self.network.length_m
        until = np.clip(budget_m - from_u, 0.0, length_m)
        since = np.clip(length_m - (budget_m - from_v), 0.0, length_m)
        return until, since

    def find_pieces(self, budget_m: float) -> NDArray[Any]:
        """Return LineStrings that together cover all parts of edges within ``budget_m``."""
        until, since = self._cuts(budget_m)
        length_m, lines = self.network.length_m, self.network.lines
        is_whole = until >= since - SHORTEST_PIECE_M
        heads = np.flatnonzero(~is_whole & (until >= SHORTEST_PIECE_M))
        tails = np.flatnonzero(~is_whole & (length_m - since >= SHORTEST_PIECE_M))
        pieces = [substring(lines[k], 0.0, until[k]) for k in heads]
        pieces += [substring(lines[k], since[k], length_m[k]) for k in tails]
        pieces += self._pieces_beside_sites(budget_m)
        return np.concatenate([lines[is_whole & ~self._is_link], np.array(pieces, dtype=object)])

    @property
    def _is_link(self) -> NDArray[np.bool_]:
        """Tell which edges are short links: drawn wide, they vanish in their neighbours."""
        network = self.network
        degree = np.bincount(network.u, minlength=network.n_nodes)
        degree += np.bincount(network.v, minlength=network.n_nodes)
        is_dead_end = (degree[network.u] < 2) | (degree[network.v] < 2)
        is_link: NDArray[np.bool_] = (network.length_m < LINK_M) & ~is_dead_end
        return is_link

    def _pieces_beside_sites(self, budget_m: float) -> list[Any]:
        network, pieces = self.network, []
        for k, edge in enumerate(self.sites.edge.tolist()):
            left_m = budget_m - self.spent_m[k]
            if left_m < SHORTEST_PIECE_M:
                continue
            position, length_m = self.sites.position_m[k], network.length_m[edge]
            start = max(0.0, position - left_m) if network.is_forward[edge] else position
            stop = min(length_m, position + left_m) if network.is_backward[edge] else position
            if stop - start >= SHORTEST_PIECE_M:
                pieces.append(substring(network.lines[edge], start, stop))
        return pieces

    def find_pieces_beyond(self, edges: Indices, budget_m: float) -> NDArray[Any]:
        """Return the parts of some edges farther than ``budget_m``, edges with sites left out."""
        until, since = self._cuts(budget_m)
        edges = edges[~np.isin(edges, self.sites.edge)]
        edges = edges[since[edges] - until[edges] >= SHORTEST_PIECE_M]
        lines, length_m = self.network.lines, self.network.length_m
        is_all = (until[edges] <= 0) & (since[edges] >= length_m[edges])
        pieces = [substring(lines[k], until[k], since[k]) for k in edges[~is_all]]
        return np.concatenate([lines[edges[is_all]], np.array(pieces, dtype=object)])


def measure_reach(
    network: StreetNetwork, sites: SnappedPoints, spent_m: Floats, limit_m: float
) -> NetworkServiceArea:
    """Measure lengths from everywhere on the streets to attached sites.

    Parameters
    ----------
    network
        The streets.
    sites
        Attached sites (none with edge -1).
    spent_m
        Metres already spent at each site before its offset, zero for a site itself.
    limit_m
        Lengths beyond this are ``inf``.
    """
    total_m = spent_m + sites.offset_m
    started = SnappedPoints(sites.edge, sites.position_m, total_m, sites.part)
    nodes = reach_nodes(network, started, limit_m=limit_m)
    return NetworkServiceArea(network, sites, total_m, nodes)


def draw_streets(reach: NetworkServiceArea, budget_m: float, width_m: float, fill_m: float) -> Any:
    """Draw the area within ``budget_m`` along streets: reached parts of edges, made wider.

    A part counts up to ``width_m`` before the budget ends and is drawn ``width_m`` wide to either
    side, so whoever lives in that band is within the budget. A courtyard is filled in if all
    streets around it are reached ``fill_m`` before the budget ends. Where a street beyond the
    budget is nearer than a reached one, the area is cut back.

    Returns
    -------
    shapely.Geometry
        (Multi)polygon in the metric CRS of the network, empty if nothing is reached.
    """
    width_m = min(width_m, budget_m / 2)
    pieces = _thin(reach.find_pieces(budget_m - width_m))
    if not len(pieces) or width_m <= 0:
        return shapely.Polygon()
    area = shapely.union_all(shapely.buffer(pieces, width_m, quad_segs=3))
    area = _fill_courtyards(area, reach, budget_m - fill_m, width_m, fill_m)
    return _cut_back(area, reach, pieces, budget_m, width_m)


def _keep_polygons(area: Any) -> Any:
    parts = shapely.get_parts(area)
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _thin(lines: NDArray[Any]) -> NDArray[Any]:
    thinned: NDArray[Any] = shapely.simplify(lines, THIN_M)
    return thinned


def _fill_courtyards(
    area: Any, reach: NetworkServiceArea, budget_m: float, width_m: float, fill_m: float
) -> Any:
    polygons = shapely.get_parts(area)
    rings, owner = shapely.get_rings(polygons, return_index=True)
    is_hole = np.concatenate([[False], owner[1:] == owner[:-1]])
    holes = shapely.polygons(rings[is_hole])
    holes = holes[shapely.area(holes) <= np.pi * max(0.0, fill_m - width_m) ** 2]
    if not len(holes):
        return area
    network = reach.network
    hole, found = network.tree.query(holes, predicate="dwithin", distance=width_m + 2.0)
    farthest = np.zeros(len(holes))
    np.maximum.at(farthest, hole, reach.farthest_m[network.attachable[found]])
    filled = shapely.buffer(holes[farthest <= budget_m], 0.01, quad_segs=1)
    return shapely.union_all(np.concatenate([polygons, filled]))


def _cut_back(
    area: Any, reach: NetworkServiceArea, pieces: NDArray[Any], budget_m: float, width_m: float
) -> Any:
    """Take away what lies nearer to a street beyond the budget than to a reached one.

    The border between the two is found in steps of half the width.
    """
    beyond = _find_beyond(area, reach, budget_m, width_m)
    if not len(beyond):
        return area
    tree = shapely.STRtree(pieces)
    conflict = shapely.union_all(shapely.buffer(beyond, width_m, quad_segs=2))
    kept = [shapely.difference(area, conflict)]
    for step_m in (0.5 * width_m, width_m):
        near = tree.query(beyond, predicate="dwithin", distance=width_m + step_m)[1]
        inner = shapely.union_all(shapely.buffer(pieces[np.unique(near)], step_m, quad_segs=2))
        outer = shapely.union_all(shapely.buffer(beyond, step_m, quad_segs=2))
        kept.append(shapely.intersection(shapely.difference(inner, outer), conflict))
    return _keep_polygons(shapely.union_all(kept))


def _find_beyond(
    area: Any, reach: NetworkServiceArea, budget_m: float, width_m: float
) -> NDArray[Any]:
    """Return parts of streets in the drawn area whose own places are beyond the budget.

    These are parts beyond the budget, and, deeper inside than half the width, parts so near to
    the end of the budget that nobody beside them has enough of it left.
    """
    network, margin_m = reach.network, width_m / 2
    parts = shapely.get_parts(area)
    touched = network.attachable[np.unique(network.tree.query(parts, predicate="intersects")[1])]
    touched = touched[reach.farthest_m[touched] > budget_m - margin_m]
    shapely.prepare(area)
    outline = area.boundary
    shapely.prepare(outline)
    beyond = reach.find_pieces_beyond(touched, budget_m)
    is_inside = shapely.contains(area, shapely.line_interpolate_point(beyond, 0.5, normalized=True))
    is_inside |= shapely.length(shapely.intersection(beyond, area)) > OVERLAP_M
    short = reach.find_pieces_beyond(touched, budget_m - margin_m)
    middle = shapely.line_interpolate_point(short, 0.5, normalized=True)
    is_deep = shapely.contains(area, middle) & ~shapely.dwithin(outline, middle, margin_m)
    return _thin(np.concatenate([beyond[is_inside], short[is_deep]]))


WIDTH_M = 30.0
"""Reached streets are drawn this wide to either side."""

FILL_M = 80.0
"""Courtyards are filled in where all streets around are reached this long before the end."""

TOLERANCE_M = 25.0
"""No place farther than the threshold lies deeper than this inside the drawn area."""


@dataclass(frozen=True)
class ServiceArea:
    """What is reachable within a threshold, (multi)polygons in the metric CRS, maybe empty.

    Attributes
    ----------
    streets
        Drawn from reached parts of streets.
    estimate
        Drawn from the straight line and the detour factor: dashed on maps.
    tolerance_m
        How deep inside the area a place beyond the threshold may lie.
    """

    streets: Any
    estimate: Any
    tolerance_m: float = TOLERANCE_M

    @property
    def whole(self) -> Any:
        """Both parts together."""
        return shapely.union_all([self.streets, self.estimate])


def make_service_area(
    impedance: Impedance, sites: Points, threshold: float, *, spent: Floats | None = None
) -> ServiceArea:
    """Draw what is reachable within a threshold of any of the sites.

    Parameters
    ----------
    impedance
        One of this package's impedances on foot or by bicycle, in metres or minutes.
    sites
        Shape (n, 2), metric CRS.
    threshold
        In the impedance's unit.
    spent
        Cost already spent at each site, shape (n,), in the impedance's unit; default none.

    Raises
    ------
    UsageError
        If the impedance is of another kind.
    """
    sites = as_points(sites)
    used = np.zeros(len(sites)) if spent is None else np.asarray(spent, dtype=np.float64)
    if isinstance(impedance, TimedImpedance):
        to_metres = impedance.m_per_min
        return make_service_area(
            impedance.metres, sites, threshold * to_metres, spent=used * to_metres
        )
    if isinstance(impedance, EstimateImpedance):
        return ServiceArea(shapely.Polygon(), _draw_estimate(impedance, sites, threshold - used))
    if isinstance(impedance, StreetImpedance):
        return ServiceArea(_draw_streets(impedance, sites, threshold, used), shapely.Polygon())
    if isinstance(impedance, MixedImpedance):
        return _draw_mixed(impedance, sites, threshold, used)
    raise UsageError(
        "a service area cannot be drawn for this kind of cost",
        how="Use walking or cycling, or draw the areas around the reached stops.",
    )


def _draw_estimate(impedance: EstimateImpedance, sites: Points, left_m: Floats) -> Any:
    radius_m = left_m / impedance.factor.estimate
    return shapely.union_all(
        [draw_around(impedance.barrier, site, r) for site, r in zip(sites, radius_m, strict=True)]
    )


def _draw_streets(
    impedance: StreetImpedance, sites: Points, threshold_m: float, spent_m: Floats
) -> Any:
    places = impedance.snap(sites)
    usable = np.flatnonzero(places.is_attached & (spent_m <= threshold_m))
    if not len(usable):
        return shapely.Polygon()
    reach = measure_reach(
        impedance.network, places.take(usable), spent_m[usable], limit_m=threshold_m
    )
    return draw_streets(reach, threshold_m, WIDTH_M, FILL_M)


def _draw_mixed(
    impedance: MixedImpedance, sites: Points, threshold_m: float, spent_m: Floats
) -> ServiceArea:
    """Draw streets inside the known area for sites in it; estimates for all other pairs."""
    is_known = impedance.find_known_part(sites, impedance.streets.snap(sites)) >= 0
    streets = _draw_streets(impedance.streets, sites[is_known], threshold_m, spent_m[is_known])
    left_m = threshold_m - spent_m
    outside = _draw_estimate(impedance.estimate, sites[is_known], left_m[is_known])
    elsewhere = _draw_estimate(impedance.estimate, sites[~is_known], left_m[~is_known])
    estimate = shapely.union_all([shapely.difference(outside, impedance.extent), elsewhere])
    return ServiceArea(shapely.intersection(streets, impedance.extent), estimate)
