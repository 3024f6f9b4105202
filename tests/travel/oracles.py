"""Second implementations to hold the travel room against: slow, plain and independent."""

from __future__ import annotations

import itertools
from typing import Any

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.ops import substring

from welcomemap.travel.network import StreetNetwork, make_network, snap

Floats = NDArray[np.float64]


def random_network(
    seed: int, *, n_nodes: int = 9, n_edges: int = 14, one_way: float = 0.0
) -> StreetNetwork:
    """A random multigraph with bent edges, loops, parallel edges and (maybe) one-way edges."""
    random = np.random.default_rng(seed)
    nodes = random.uniform(0, 1000, size=(n_nodes, 2))
    u, v = random.integers(n_nodes, size=(2, n_edges))
    lines = []
    for a, b in zip(u, v, strict=True):
        middle = random.uniform(0, 1000, size=(2 if a == b else 1, 2))
        lines.append(LineString([nodes[a], *middle, nodes[b]]))
    kind = random.uniform(size=n_edges)
    return make_network(
        u,
        v,
        lines,
        is_forward=kind > one_way / 2,
        is_backward=kind < 1 - one_way / 2,
        min_part_m=0,
    )


def split_graph(network: StreetNetwork, points: Floats) -> tuple[nx.DiGraph, list[Any]]:
    """Cut every edge at the feet of the points: networkx then sees them as plain nodes."""
    places = snap(points, network, limit_m=1e9)
    graph = nx.MultiDiGraph()
    cuts: dict[int, list[tuple[float, Any]]] = {}
    for k in range(len(points)):
        cuts.setdefault(int(places.edge[k]), []).append((float(places.position_m[k]), ("foot", k)))
    for edge, line in enumerate(network.lines):
        stations = [(0.0, int(network.u[edge])), *sorted(cuts.get(edge, []), key=lambda s: s[0])]
        stations.append((line.length, int(network.v[edge])))
        for (start, a), (stop, b) in itertools.pairwise(stations):
            length = substring(line, start, stop).length
            if network.is_forward[edge]:
                graph.add_edge(a, b, weight=length)
            if network.is_backward[edge]:
                graph.add_edge(b, a, weight=length)
            if stop == start:
                graph.add_edge(a, b, weight=0.0)
                graph.add_edge(b, a, weight=0.0)
    for k in range(len(points)):
        graph.add_edge(("door", k), ("foot", k), weight=float(places.offset_m[k]))
        graph.add_edge(("foot", k), ("door", k), weight=float(places.offset_m[k]))
    return graph, [("door", k) for k in range(len(points))]


def networkx_costs(network: StreetNetwork, points: Floats) -> Floats:
    """Door to door between all points; nearer than both streets means straight across."""
    graph, doors = split_graph(network, points)
    offset = snap(points, network, limit_m=1e9).offset_m
    costs = np.full((len(points), len(points)), np.inf)
    for i, door in enumerate(doors):
        lengths = nx.single_source_dijkstra_path_length(graph, door)
        for j, other in enumerate(doors):
            straight = Point(points[i]).distance(Point(points[j]))
            costs[i, j] = lengths.get(other, np.inf)
            if straight <= min(offset[i], offset[j]):
                costs[i, j] = straight
    return costs


def visible_way(
    barrier: list[LineString], bridges: list[LineString], a: Floats, b: Floats
) -> float:
    """Shortest way around barriers by a full visibility graph, with shapely and networkx.

    Turning points lie half a metre to every side of each inner vertex: more than needed, but none
    is missing.
    """
    turns: list[tuple[float, float]] = []
    for line in barrier:
        for x, y in line.coords[1:-1] if not line.is_ring else line.coords[:-1]:
            turns += [
                (x + 0.5 * np.cos(t), y + 0.5 * np.sin(t))
                for t in np.linspace(0, 2 * np.pi, 12, endpoint=False) + 0.123
            ]
    ends = [end for bridge in bridges for end in (bridge.coords[0], bridge.coords[-1])]
    nodes = [tuple(a), tuple(b), *ends, *turns]
    wall = shapely.union_all(barrier)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    for i, j in itertools.combinations(range(len(nodes)), 2):
        if not LineString([nodes[i], nodes[j]]).intersects(wall):
            graph.add_edge(i, j, weight=float(np.hypot(*np.subtract(nodes[i], nodes[j]))))
    for k, bridge in enumerate(bridges):
        graph.add_edge(2 + 2 * k, 3 + 2 * k, weight=bridge.length)
    try:
        return float(nx.dijkstra_path_length(graph, 0, 1))
    except nx.NetworkXNoPath:
        return float("inf")
