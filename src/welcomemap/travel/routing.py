"""What is the shortest way between attached places? Dijkstra on the graph of junctions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from welcomemap.travel.attach import Attachment
from welcomemap.travel.choose import TIE_M
from welcomemap.travel.network import StreetNetwork

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
AT_JUNCTION_M = 1e-6
"""A foot this near to the end of its edge lies at the junction."""

_BYTES_PER_CHUNK = 128 * 2**20
_NOWHERE = np.iinfo(np.intp).max


@dataclass(frozen=True, eq=False)
class Ends:
    """Metres between feet and the ``u`` and ``v`` ends of their edges, ``inf`` if not allowed."""

    to_u: Floats
    to_v: Floats


def measure_ends(network: StreetNetwork, places: Attachment, *, is_leaving: bool) -> Ends:
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


def pairs_on_same_edge(a: Attachment, b: Attachment) -> tuple[Indices, Indices]:
    """Return numbers (in ``a``, in ``b``) of all pairs of places attached to the same edge."""
    order = np.argsort(a.edge, kind="stable")
    ordered = a.edge[order]
    first, last = np.searchsorted(ordered, b.edge), np.searchsorted(ordered, b.edge, side="right")
    count = last - first
    inside = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return order[np.repeat(first, count) + inside], np.repeat(np.arange(len(b)), count)


def lengths_along_edge(
    network: StreetNetwork, origins: Attachment, destinations: Attachment
) -> Floats:
    """Return metres along the common edge of places paired row by row, ``inf`` against one-way."""
    ahead = destinations.position_m - origins.position_m
    edge = origins.edge
    is_allowed = np.where(ahead >= 0, network.is_forward[edge], network.is_backward[edge]) | (
        ahead == 0
    )
    return np.where(is_allowed, np.abs(ahead), np.inf)


def route_matrix(
    network: StreetNetwork, origins: Attachment, destinations: Attachment, limit_m: float
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


@dataclass(frozen=True, eq=False)
class NodeReach:
    """Metres from each junction to its nearest destination, and that destination's number."""

    length_m: Floats
    index: Indices


def reach_nodes(
    network: StreetNetwork,
    places: Attachment,
    *,
    limit_m: float = np.inf,
    is_leaving: bool = False,
) -> NodeReach:
    """Return the nearest attached place of every junction in one pass over the network.

    Lengths include the place's own offset from the street. They run from the junctions to the
    places, or the other way round if ``is_leaving``. Of tied places the lowest number counts.
    """
    ends = measure_ends(network, places, is_leaving=is_leaving)
    base = network.graph if is_leaving else network.reversed_graph
    graph = add_sources(base, network, places.edge, ends, places.offset_m)
    sources = network.n_nodes + np.arange(len(places))
    if not len(places):
        nothing = np.full(network.n_nodes, np.inf)
        return NodeReach(nothing, np.full(network.n_nodes, -1, dtype=np.intp))
    length_m, _, nearest = csgraph.dijkstra(
        graph, indices=sources, limit=limit_m + TIE_M, min_only=True, return_predecessors=True
    )
    label = np.where(nearest >= 0, nearest.astype(np.intp) - network.n_nodes, _NOWHERE)
    _settle_ties(graph, length_m, label)
    n = network.n_nodes
    return NodeReach(length_m[:n], np.where(label[:n] == _NOWHERE, -1, label[:n]))


def _settle_ties(graph: sparse.csr_array, length_m: Floats, label: Indices) -> None:
    """Hand the lowest number down along all ways that are equally short, in place."""
    tail = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    head = graph.indices
    with np.errstate(invalid="ignore"):
        is_tight = length_m[tail] + graph.data <= length_m[head] + TIE_M
    is_tight &= np.isfinite(length_m[tail])
    tail, head = tail[is_tight], head[is_tight]
    while True:
        better = label[tail] < label[head]
        if not better.any():
            return
        np.minimum.at(label, head[better], label[tail[better]])


@dataclass(frozen=True, eq=False)
class Best:
    """Running minimum over candidates: metres and number of each origin's nearest destination."""

    length_m: Floats
    index: Indices

    def offer(self, origins: Indices, lengths_m: Floats, index: Indices) -> None:
        """Take candidates into account in place; of tied ones the lowest number stays."""
        before = self.length_m.copy()
        np.minimum.at(self.length_m, origins, lengths_m)
        self.index[before > self.length_m + TIE_M] = _NOWHERE
        is_tied = np.isfinite(lengths_m) & (lengths_m <= self.length_m[origins] + TIE_M)
        np.minimum.at(self.index, origins[is_tied], index[is_tied])


def route_nearest(
    network: StreetNetwork, origins: Attachment, destinations: Attachment, limit_m: float
) -> Best:
    """Return metres from the feet of attached origins to the nearest destination (with offset).

    The number is that of the destination, ``np.iinfo(np.intp).max`` where none is reachable.
    """
    reach = reach_nodes(network, destinations, limit_m=limit_m)
    leaving = measure_ends(network, origins, is_leaving=True)
    u, v = network.u[origins.edge], network.v[origins.edge]
    best = Best(np.full(len(origins), np.inf), np.full(len(origins), _NOWHERE, dtype=np.intp))
    everyone = np.arange(len(origins))
    best.offer(everyone, leaving.to_u + reach.length_m[u], reach.index[u])
    best.offer(everyone, leaving.to_v + reach.length_m[v], reach.index[v])
    i, j = pairs_on_same_edge(origins, destinations)
    along = lengths_along_edge(network, origins.take(i), destinations.take(j))
    best.offer(i, along + destinations.offset_m[j], j)
    return best
