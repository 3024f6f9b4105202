"""The street network: junctions and edges, simplified, places snapped to it, shortest routes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from welcomemap.crs import Points
from welcomemap.errors import EmptyTableError, GeometryError
from welcomemap.travel.impedance import TIE_M

MEET_M = 1e-3
"""Edges meet at a node when their ends are no farther from it than this."""

MIN_PART_M = 1000.0
"""Connected parts with less street than this lead nowhere: nobody is attached to them."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Junctions and the pieces of street (edges) between them, in a metric CRS.

    Attributes
    ----------
    nodes
        Junctions, shape (n_nodes, 2), x and y in metres.
    u, v
        Node numbers of both ends of each edge, shape (n_edges,); ``u == v`` for a loop.
    lines
        LineString of each edge from ``u`` to ``v``, shape (n_edges,).
    is_forward, is_backward
        Whether the edge may be used from ``u`` to ``v`` and back, shape (n_edges,).
    min_part_m
        Parts of the network with fewer metres of street than this are not attached to.
    """

    nodes: Points
    u: Ints
    v: Ints
    lines: NDArray[Any]
    is_forward: Flags
    is_backward: Flags
    min_part_m: float = MIN_PART_M

    @property
    def n_nodes(self) -> int:
        """Number of junctions."""
        return len(self.nodes)

    @cached_property
    def length_m(self) -> Floats:
        """Length of each edge in metres, measured on its line in the metric CRS."""
        lengths: Floats = shapely.length(self.lines)
        return lengths

    @cached_property
    def node_part(self) -> Ints:
        """Number of the strongly connected part each junction belongs to, shape (n_nodes,)."""
        _, labels = csgraph.connected_components(self.graph, directed=True, connection="strong")
        return np.asarray(labels, dtype=np.int32)

    @cached_property
    def edge_part(self) -> Ints:
        """Part of each edge; -1 for edges of small parts and one-way edges between parts."""
        part = np.where(
            self.node_part[self.u] == self.node_part[self.v], self.node_part[self.u], -1
        )
        inside = part >= 0
        street_m = np.bincount(part[inside], weights=self.length_m[inside], minlength=self.n_nodes)
        part[inside] = np.where(street_m[part[inside]] >= self.min_part_m, part[inside], -1)
        return np.asarray(part, dtype=np.int32)

    @cached_property
    def attachable(self) -> NDArray[np.intp]:
        """Numbers of the edges places may be attached to."""
        return np.flatnonzero(self.edge_part >= 0)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Search tree over the lines of the attachable edges, in the order of ``attachable``."""
        return shapely.STRtree(self.lines[self.attachable])

    @cached_property
    def graph(self) -> sparse.csr_array:
        """Directed graph of the junctions, weights in metres, the shortest of parallel edges."""
        tail = np.concatenate([self.u[self.is_forward], self.v[self.is_backward]])
        head = np.concatenate([self.v[self.is_forward], self.u[self.is_backward]])
        weight = np.concatenate([self.length_m[self.is_forward], self.length_m[self.is_backward]])
        return make_graph(self.n_nodes, tail, head, weight)

    @cached_property
    def reversed_graph(self) -> sparse.csr_array:
        """The graph with every arc turned round."""
        return self.graph.T.tocsr()


def make_graph(n_nodes: int, tail: Ints, head: Ints, weight: Floats) -> sparse.csr_array:
    """Return a directed graph with the least weight of parallel arcs and without loops."""
    keep = tail != head
    arc = tail[keep].astype(np.int64) * n_nodes + head[keep]
    # One whole number for each arc: a single sort, a third of the time of sorting by three keys.
    order = np.argsort(arc)
    arc, weight = arc[order], weight[keep][order]
    firsts = np.flatnonzero(np.diff(arc, prepend=-1))
    tails, heads = np.divmod(arc[firsts], max(n_nodes, 1))
    starts = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=n_nodes))])
    least = np.minimum.reduceat(weight, firsts) if len(firsts) else weight
    return sparse.csr_array(
        (least, heads.astype(np.int32), starts.astype(np.int32)), shape=(n_nodes, n_nodes)
    )


def make_network(
    u: Sequence[int] | Ints,
    v: Sequence[int] | Ints,
    lines: Sequence[Any] | NDArray[Any],
    *,
    is_forward: Flags | None = None,
    is_backward: Flags | None = None,
    min_part_m: float = MIN_PART_M,
) -> StreetNetwork:
    """Build a network from edges: node numbers of both ends and the line from ``u`` to ``v``.

    Raises
    ------
    GeometryError
        If a line is not a LineString in finite coordinates, or two edges that share a node do
        not meet there.
    """
    u_nodes, v_nodes = np.asarray(u, dtype=np.int32), np.asarray(v, dtype=np.int32)
    shapes = np.asarray(lines, dtype=object)
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    is_line &= np.isfinite(shapely.length(shapes)) & ~shapely.is_empty(shapes)
    if not is_line.all():
        raise GeometryError(
            "edge {number} of the street network is not a line",
            number=int(np.flatnonzero(~is_line)[0]),
            how="Give one LineString per edge.",
        )
    coordinates, line = shapely.get_coordinates(shapes, return_index=True)
    is_start = np.diff(line, prepend=-1) > 0
    first, last = coordinates[is_start], coordinates[np.roll(is_start, -1)]
    n_nodes = int(max(u_nodes.max(initial=-1), v_nodes.max(initial=-1))) + 1
    nodes = np.zeros((n_nodes, 2))
    nodes[v_nodes], nodes[u_nodes] = last, first
    apart = np.maximum(
        np.abs(nodes[u_nodes] - first).max(axis=1), np.abs(nodes[v_nodes] - last).max(axis=1)
    )
    if (apart > MEET_M).any():
        raise GeometryError(
            "edge {number} of the street network does not end at its nodes",
            number=int(np.argmax(apart)),
            how="Order each line from node u to node v.",
        )
    everywhere = np.ones(len(u_nodes), dtype=bool)
    return StreetNetwork(
        nodes,
        u_nodes,
        v_nodes,
        shapes,
        everywhere if is_forward is None else np.asarray(is_forward, dtype=bool),
        everywhere if is_backward is None else np.asarray(is_backward, dtype=bool),
        min_part_m,
    )


LongInts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Segments:
    """Straight pieces between neighbouring vertices of ways.

    Attributes
    ----------
    vertices
        Shape (n_vertices, 2), metric CRS.
    a, b
        Vertex numbers of both ends, shape (n_segments,).
    is_forward, is_backward
        Whether the piece may be used from ``a`` to ``b`` and back.
    """

    vertices: Points
    a: LongInts
    b: LongInts
    is_forward: Flags
    is_backward: Flags


def merge_duplicates(segments: Segments) -> Segments:
    """Return the segments without loops, each pair of vertices once with all its directions."""
    is_turned = segments.a > segments.b
    low, high = np.minimum(segments.a, segments.b), np.maximum(segments.a, segments.b)
    forward = np.where(is_turned, segments.is_backward, segments.is_forward)
    backward = np.where(is_turned, segments.is_forward, segments.is_backward)
    keep = (low != high) & (forward | backward)
    pairs, number = np.unique(np.column_stack([low[keep], high[keep]]), axis=0, return_inverse=True)
    may_go, may_return = np.zeros(len(pairs), dtype=bool), np.zeros(len(pairs), dtype=bool)
    np.logical_or.at(may_go, number.ravel(), forward[keep])
    np.logical_or.at(may_return, number.ravel(), backward[keep])
    return Segments(segments.vertices, pairs[:, 0], pairs[:, 1], may_go, may_return)


def find_junctions(segments: Segments) -> Flags:
    """Tell which vertices are junctions: not exactly two segments meet, or directions change.

    At a vertex inside an edge what arrives on one side may leave on the other, and the other way.
    """
    n = len(segments.vertices)
    degree = np.bincount(segments.a, minlength=n) + np.bincount(segments.b, minlength=n)
    is_both = segments.is_forward & segments.is_backward
    # Inside an edge each direction that flows in on one side flows out on the other, so as many
    # segments lead in as out; and a street open both ways does not go on as a one-way street.
    lead_out = np.where(segments.is_forward, 1, 0) - np.where(segments.is_backward, 1, 0)
    surplus = np.bincount(segments.a, weights=lead_out, minlength=n)
    surplus -= np.bincount(segments.b, weights=lead_out, minlength=n)
    both_ways = np.bincount(segments.a, weights=is_both, minlength=n)
    both_ways += np.bincount(segments.b, weights=is_both, minlength=n)
    is_junction: Flags = (degree != 2) | (surplus != 0) | (both_ways == 1)
    return is_junction


def simplify(segments: Segments, *, min_part_m: float = MIN_PART_M) -> StreetNetwork:
    """Build a network whose edges run from junction to junction through all vertices between.

    A ring without a junction gets one at its lowest-numbered vertex.

    Raises
    ------
    EmptyTableError
        If there is no segment.
    """
    merged = merge_duplicates(segments)
    if not len(merged.a):
        raise EmptyTableError(
            "the street network is empty", how="Give a file that holds streets open to this mode."
        )
    chains = _follow_chains(merged, find_junctions(merged))
    ends = np.array([(chain[0], chain[-1]) for chain, _ in chains], dtype=np.int64)
    _, numbers = np.unique(ends, return_inverse=True)
    numbers = numbers.reshape(-1, 2)
    flat = np.concatenate([chain for chain, _ in chains])
    owner = np.repeat(np.arange(len(chains)), [len(chain) for chain, _ in chains])
    first = np.array([segment for _, segment in chains])
    starts_at_a = merged.a[first] == ends[:, 0]
    return make_network(
        numbers[:, 0].astype(np.int32),
        numbers[:, 1].astype(np.int32),
        shapely.linestrings(merged.vertices[flat], indices=owner),
        is_forward=np.where(starts_at_a, merged.is_forward[first], merged.is_backward[first]),
        is_backward=np.where(starts_at_a, merged.is_backward[first], merged.is_forward[first]),
        min_part_m=min_part_m,
    )


def _follow_chains(segments: Segments, is_junction: Flags) -> list[tuple[list[int], int]]:
    """Return the vertices of each edge and its first segment."""
    n = len(segments.vertices)
    ends = np.concatenate([segments.a, segments.b])
    order = np.argsort(ends, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=n))]).tolist()
    touching = (order % len(segments.a)).tolist()
    total = (segments.a + segments.b).tolist()
    junction = is_junction.tolist()
    used = [False] * len(segments.a)
    chains: list[tuple[list[int], int]] = []

    def follow(vertex: int, segment: int) -> None:
        chain, first = [vertex], segment
        while True:
            used[segment] = True
            vertex = total[segment] - vertex
            chain.append(vertex)
            if junction[vertex] or vertex == chain[0]:
                chains.append((chain, first))
                return
            one, other = touching[starts[vertex]], touching[starts[vertex] + 1]
            segment = other if one == segment else one

    for wanted in (True, False):
        for vertex in range(n):
            if junction[vertex] == wanted:
                for segment in touching[starts[vertex] : starts[vertex + 1]]:
                    if not used[segment]:
                        follow(vertex, segment)
    return chains


def make_network_from_lines(
    lines: Sequence[Points], *, min_part_m: float = MIN_PART_M
) -> StreetNetwork:
    """Build a network from ways given as vertex arrays that meet where coordinates are equal.

    Every way counts in both directions.

    Parameters
    ----------
    lines
        Arrays of shape (n, 2) in the metric CRS.
    """
    if not lines:
        raise EmptyTableError("the street network is empty", how="Give at least one way.")
    flat = np.concatenate(lines)
    vertices, number = np.unique(flat, axis=0, return_inverse=True)
    number = number.ravel()
    is_last = np.zeros(len(flat), dtype=bool)
    is_last[np.cumsum([len(line) for line in lines]) - 1] = True
    here = np.flatnonzero(~is_last)
    everywhere = np.ones(len(here), dtype=bool)
    segments = Segments(vertices, number[here], number[here + 1], everywhere, everywhere)
    return simplify(segments, min_part_m=min_part_m)


ATTACH_LIMIT_M = 200.0
"""A place farther from every street than this is not reached by the network."""


@dataclass(frozen=True, eq=False)
class SnappedPoints:
    """Where places meet the network, all arrays of shape (n,).

    Attributes
    ----------
    edge
        Number of the edge, -1 where the place is not attached.
    position_m
        Metres from the edge's ``u`` end to the foot, along the line.
    offset_m
        Straight metres from the place to its foot.
    part
        Connected part of the network, -1 where the place is not attached.
    """

    edge: NDArray[np.intp]
    position_m: Floats
    offset_m: Floats
    part: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def is_attached(self) -> NDArray[np.bool_]:
        """Tell which places are attached."""
        attached: NDArray[np.bool_] = self.edge >= 0
        return attached

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> SnappedPoints:
        """Return the attachments of some places."""
        return SnappedPoints(
            self.edge[rows], self.position_m[rows], self.offset_m[rows], self.part[rows]
        )


def snap(
    points: Points, network: StreetNetwork, *, limit_m: float = ATTACH_LIMIT_M
) -> SnappedPoints:
    """Attach places to their foot on the nearest edge, the lowest-numbered of tied edges.

    Parameters
    ----------
    points
        Shape (n, 2), metric CRS of the network; places not known (NaN) are not attached.
    network
        Only edges of connected parts of at least ``network.min_part_m`` count.
    limit_m
        Places farther from all of these edges are not attached.
    """
    n = len(points)
    edge = np.full(n, -1, dtype=np.intp)
    position_m, offset_m = np.zeros(n), np.full(n, np.inf)
    part = np.full(n, -1, dtype=np.int32)
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(known) and len(network.attachable):
        shapes = shapely.points(points[known])
        place, found = network.tree.query_nearest(shapes, max_distance=limit_m)
        nearest = network.attachable[found]
        order = np.lexsort((nearest, place))
        place, is_first = np.unique(place[order], return_index=True)
        nearest = nearest[order][is_first]
        rows, lines = known[place], network.lines[nearest]
        edge[rows], part[rows] = nearest, network.edge_part[nearest]
        position_m[rows] = shapely.line_locate_point(lines, shapes[place])
        offset_m[rows] = shapely.distance(lines, shapes[place])
    return SnappedPoints(edge, position_m, offset_m, part)


@dataclass(frozen=True, eq=False)
class AttachmentMemo:
    """Attachments of the place arrays asked for last, so that each is attached once only.

    Arrays are recognised by their bytes. At most ``size`` of them are kept.
    """

    network: StreetNetwork
    limit_m: float = ATTACH_LIMIT_M
    size: int = 16
    _kept: OrderedDict[bytes, SnappedPoints] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def snap(self, points: Points) -> SnappedPoints:
        """Return the attachment of places, see :func:`attach`."""
        key = hashlib.blake2b(points.tobytes(), digest_size=16).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = snap(points, self.network, limit_m=self.limit_m)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self.size:
                self._kept.popitem(last=False)
        return found


Indices = NDArray[np.intp]
AT_JUNCTION_M = 1e-6
"""A foot this near to the end of its edge lies at the junction."""

_BYTES_PER_CHUNK = 128 * 2**20


@dataclass(frozen=True, eq=False)
class Ends:
    """Metres between feet and the ``u`` and ``v`` ends of their edges, ``inf`` if not allowed."""

    to_u: Floats
    to_v: Floats


def measure_ends(network: StreetNetwork, places: SnappedPoints, *, is_leaving: bool) -> Ends:
    """Return metres from feet to their junctions (leaving) or from junctions to feet (arriving)."""
    edge = places.edge
    rest_m = np.maximum(network.length_m[edge] - places.position_m, 0.0)
    towards_u = network.is_backward[edge] if is_leaving else network.is_forward[edge]
    towards_v = network.is_forward[edge] if is_leaving else network.is_backward[edge]
    # A foot at a junction belongs to the junction, whichever way its edge may be used.
    towards_u = towards_u | (places.position_m <= AT_JUNCTION_M)
    towards_v = towards_v | (rest_m <= AT_JUNCTION_M)
    return Ends(np.where(towards_u, places.position_m, np.inf), np.where(towards_v, rest_m, np.inf))


def add_sources(
    graph: sparse.csr_array, network: StreetNetwork, edges: Indices, ends: Ends, start_m: Floats
) -> sparse.csr_array:
    """Return the graph with one more node for each source, which only leads out of it.

    Source k is node ``n_nodes + k``; its arcs to both ends of its edge include ``start_m``.
    """
    heads = np.column_stack([network.u[edges], network.v[edges]]).ravel()
    weights = np.column_stack([ends.to_u + start_m, ends.to_v + start_m]).ravel()
    usable = np.isfinite(weights)
    per_source = usable.reshape(-1, 2).sum(axis=1)
    starts = graph.indptr[-1] + np.cumsum(per_source)
    n = graph.shape[0] + len(edges)
    return sparse.csr_array(
        (
            np.concatenate([graph.data, weights[usable]]),
            np.concatenate([graph.indices, heads[usable]]).astype(np.int32),
            np.concatenate([graph.indptr, starts]).astype(np.int32),
        ),
        shape=(n, n),
    )


def pairs_on_same_edge(a: SnappedPoints, b: SnappedPoints) -> tuple[Indices, Indices]:
    """Return numbers (in ``a``, in ``b``) of all pairs of places attached to the same edge."""
    order = np.argsort(a.edge, kind="stable")
    ordered = a.edge[order]
    first, last = np.searchsorted(ordered, b.edge), np.searchsorted(ordered, b.edge, side="right")
    count = last - first
    inside = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return order[np.repeat(first, count) + inside], np.repeat(np.arange(len(b)), count)


def lengths_along_edge(
    network: StreetNetwork, origins: SnappedPoints, destinations: SnappedPoints
) -> Floats:
    """Return metres along the common edge of places paired row by row, ``inf`` against one-way."""
    ahead = destinations.position_m - origins.position_m
    edge = origins.edge
    is_allowed = np.where(ahead >= 0, network.is_forward[edge], network.is_backward[edge]) | (
        ahead == 0
    )
    return np.where(is_allowed, np.abs(ahead), np.inf)


def route_matrix(
    network: StreetNetwork, origins: SnappedPoints, destinations: SnappedPoints, limit_m: float
) -> Floats:
    """Return metres from foot to foot of attached places, shape (n, m), ``inf`` if unreachable.

    Runs one Dijkstra for each place of the smaller side, in chunks of bounded memory.
    """
    is_turned = len(destinations) <= len(origins)
    sources, others = (destinations, origins) if is_turned else (origins, destinations)
    source_ends = measure_ends(network, sources, is_leaving=not is_turned)
    other_ends = measure_ends(network, others, is_leaving=is_turned)
    base = network.reversed_graph if is_turned else network.graph
    graph = add_sources(base, network, sources.edge, source_ends, np.zeros(len(sources)))
    lengths = np.empty((len(sources), len(others)))
    per_chunk = max(1, _BYTES_PER_CHUNK // (8 * graph.shape[0]))
    u, v = network.u[others.edge], network.v[others.edge]
    for begin in range(0, len(sources), per_chunk):
        rows = np.arange(begin, min(begin + per_chunk, len(sources)))
        reach = csgraph.dijkstra(graph, indices=network.n_nodes + rows, limit=limit_m + TIE_M)
        np.minimum(
            reach[:, u] + other_ends.to_u,
            reach[:, v] + other_ends.to_v,
            out=lengths[rows[0] : rows[-1] + 1],
        )
    lengths = lengths.T if is_turned else lengths
    i, j = pairs_on_same_edge(origins, destinations)
    along = lengths_along_edge(network, origins.take(i), destinations.take(j))
    lengths[i, j] = np.minimum(lengths[i, j], along)
    return lengths


def reach_nodes(
    network: StreetNetwork, places: SnappedPoints, *, limit_m: float = np.inf
) -> Floats:
    """Return metres from every junction to the nearest attached place, shape (n_nodes,).

    They include the place's own offset from the street; ``inf`` where none is reachable.
    """
    if not len(places):
        return np.full(network.n_nodes, np.inf)
    ends = measure_ends(network, places, is_leaving=False)
    graph = add_sources(network.reversed_graph, network, places.edge, ends, places.offset_m)
    sources = network.n_nodes + np.arange(len(places))
    length_m: Floats = csgraph.dijkstra(
        graph, indices=sources, limit=limit_m + TIE_M, min_only=True
    )
    return length_m[: network.n_nodes]
