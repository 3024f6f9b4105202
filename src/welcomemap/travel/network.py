"""What is the street network? Junctions, pieces of street between them, and its connected parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from welcomemap.crs import Points
from welcomemap.errors import GeometryError

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
        return self._make_graph(is_reversed=False)

    @cached_property
    def reversed_graph(self) -> sparse.csr_array:
        """The graph with every arc turned round."""
        return self._make_graph(is_reversed=True)

    def _make_graph(self, *, is_reversed: bool) -> sparse.csr_array:
        tail = np.concatenate([self.u[self.is_forward], self.v[self.is_backward]])
        head = np.concatenate([self.v[self.is_forward], self.u[self.is_backward]])
        weight = np.concatenate([self.length_m[self.is_forward], self.length_m[self.is_backward]])
        if is_reversed:
            tail, head = head, tail
        return make_graph(self.n_nodes, tail, head, weight)


def make_graph(n_nodes: int, tail: Ints, head: Ints, weight: Floats) -> sparse.csr_array:
    """Return a directed graph with the least weight of parallel arcs and without loops."""
    keep = tail != head
    tail, head, weight = tail[keep], head[keep], weight[keep]
    order = np.lexsort((weight, head, tail))
    tail, head, weight = tail[order], head[order], weight[order]
    is_first = np.ones(len(tail), dtype=bool)
    is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    tail, head, weight = tail[is_first], head[is_first], weight[is_first]
    starts = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=n_nodes))])
    return sparse.csr_array(
        (weight, head.astype(np.int32), starts.astype(np.int32)), shape=(n_nodes, n_nodes)
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
            f"edge {int(np.flatnonzero(~is_line)[0])} of the street network is not a line",
            how="Give one LineString per edge.",
        )
    first = shapely.get_coordinates(shapely.get_point(shapes, 0))
    last = shapely.get_coordinates(shapely.get_point(shapes, -1))
    n_nodes = int(max(u_nodes.max(initial=-1), v_nodes.max(initial=-1))) + 1
    nodes = np.zeros((n_nodes, 2))
    nodes[v_nodes], nodes[u_nodes] = last, first
    apart = np.maximum(
        np.abs(nodes[u_nodes] - first).max(axis=1), np.abs(nodes[v_nodes] - last).max(axis=1)
    )
    if (apart > MEET_M).any():
        raise GeometryError(
            f"edge {int(np.argmax(apart))} of the street network does not end at its nodes",
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
