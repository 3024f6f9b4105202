"""Which vertices are junctions? Ways as drawn become a network of junctions and edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import EmptyTableError
from welcomemap.travel.network import MIN_PART_M, StreetNetwork, make_network

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


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
    a: Ints
    b: Ints
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


def contract(segments: Segments, *, min_part_m: float = MIN_PART_M) -> StreetNetwork:
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
    return contract(segments, min_part_m=min_part_m)
