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


def reach_nodes(network: StreetNetwork, places: Attachment, *, limit_m: float = np.inf) -> Floats:
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
