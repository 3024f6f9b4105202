"""Time travel cost beside pandana and networkx on the same graph, and compare the results.

Run: python benchmarks/bench_travel.py [--quick]
pandana is no dependency of the package: pip install pandana to have its column.
"""

from __future__ import annotations

import resource
import sys
from importlib.util import find_spec
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).parent))

from measure import Timing, measure, show
from street_worlds import (
    StreetWorld,
    open_centre,
    open_kaiserslautern,
    read_places,
    read_sites,
    tile,
)
from welcomemap.region.pack import load_pack
from welcomemap.travel.estimate import calibrate_detour_factor, straight_lengths
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import Impedance, choose_lowest
from welcomemap.travel.network import SnappedPoints, reach_nodes, route_matrix, snap
from welcomemap.travel.service_area import make_service_area
from welcomemap.travel.streets import StreetImpedance

QUICK = "--quick" in sys.argv
FAR_M = 1e6
N_ORIGINS, N_DESTINATIONS = 8000, 500
BANDS_M = ((300, 500), (500, 700), (700, 1000), (1000, 1500), (1500, 2000), (2000, 3000))


def main_part(world: StreetWorld) -> np.ndarray:
    """Junctions of the largest part; those that share a place (at a locked gate) left out."""
    part, nodes = world.network.node_part, world.network.nodes
    _, number, count = np.unique(nodes, axis=0, return_inverse=True, return_counts=True)
    is_alone = count[number.ravel()] == 1
    return np.flatnonzero((part == np.bincount(part).argmax()) & is_alone)


def all_vertices(world: StreetWorld) -> SnappedPoints:
    """Every vertex before contraction, as a place on its edge."""
    network = world.network
    xy, edge = shapely.get_coordinates(network.lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[np.flatnonzero(np.diff(edge, prepend=-1))] = 0.0
    along = np.cumsum(step)
    first = np.flatnonzero(np.diff(edge, prepend=-1))
    position = np.minimum(
        along - np.repeat(along[first], np.bincount(edge)), network.length_m[edge]
    )
    inside = np.ones(len(edge), dtype=bool)
    inside[first] = False
    inside[first[1:] - 1] = inside[-1] = False
    keep = inside & (network.edge_part[edge] >= 0)
    return SnappedPoints(
        edge[keep], position[keep], np.zeros(keep.sum()), network.edge_part[edge[keep]]
    )


class Peers:
    """networkx and, where installed, pandana over the junctions of a network."""

    def __init__(self, world: StreetWorld) -> None:
        network = world.network
        self.graph = nx.Graph()
        for a, b, w in zip(network.u.tolist(), network.v.tolist(), network.length_m, strict=True):
            if a != b and (not self.graph.has_edge(a, b) or self.graph[a][b]["weight"] > w):
                self.graph.add_edge(a, b, weight=float(w))
        self.pandana = None
        if find_spec("pandana"):
            import pandana

            nodes = pd.DataFrame(network.nodes, columns=["x", "y"])
            edges = pd.DataFrame({"w": network.length_m})
            self.pandana = pandana.Network(
                nodes.x, nodes.y, pd.Series(network.u), pd.Series(network.v), edges
            )
        else:
            print("pandana is not installed: its rows are missing")


def find_nearest(impedance: Impedance, places: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """The cost of each place to its nearest site, picked from the matrix."""
    costs = impedance.cost_matrix(places, sites).cost
    return costs[np.arange(len(places)), choose_lowest(costs)]


def bench_nodes(world: StreetWorld, peers: Peers) -> None:
    """Nearest of the sites' junctions for every junction: the same pairs for everyone."""
    network, nodes = world.network, main_part(world)
    sites = nodes[_nearest_rows(network.nodes[nodes], world.sites)]
    places = snap(network.nodes[sites], network)
    streets, a, b = StreetImpedance(network), network.nodes[nodes], network.nodes[sites]
    ours = find_nearest(streets, a, b)
    rows = [measure("junctions, this, attached", lambda: find_nearest(streets, a, b), runs=15)]
    theirs = nx.multi_source_dijkstra_path_length(peers.graph, set(sites.tolist()))
    plain = np.array([theirs[n] for n in nodes.tolist()])
    print(f"largest difference to networkx: {np.abs(ours - plain).max():.2e} m")
    rows.append(
        measure(
            "junctions, networkx",
            lambda: nx.multi_source_dijkstra_path_length(peers.graph, set(sites.tolist())),
            runs=3,
        )
    )
    if peers.pandana is not None:
        x, y = (pd.Series(network.nodes[sites, k]) for k in (0, 1))

        def ask() -> pd.DataFrame:
            peers.pandana.set_pois("sites", FAR_M, 1, x, y)
            return peers.pandana.nearest_pois(FAR_M, "sites", num_pois=1)

        found = ask()[1].to_numpy()
        print(f"largest difference to pandana: {np.abs(ours - found[nodes]).max():.2e} m")
        rows.append(measure("junctions, pandana", ask, runs=5))
    rows.append(
        measure("junctions, for service areas", lambda: reach_nodes(network, places), runs=15)
    )
    assert np.allclose(reach_nodes(network, places)[nodes], ours, atol=1e-6)
    at_sites, every = snap(world.sites, network), all_vertices(world)
    at_sites = at_sites.take(at_sites.is_attached)
    rows.append(
        measure(
            f"all {len(every) + network.n_nodes:,} vertices, this",
            lambda: choose_lowest(route_matrix(network, every, at_sites, np.inf)),
            runs=15,
        )
    )
    show(rows, peer=rows[1])


def bench_addresses(world: StreetWorld) -> None:
    streets = StreetImpedance(world.network)
    rows = [measure("attach all addresses", lambda: snap(world.places, world.network), runs=3)]
    find_nearest(streets, world.places, world.sites)
    rows.append(
        measure(
            f"nearest of {len(world.sites)} for {len(world.places):,} addresses, attached",
            lambda: find_nearest(streets, world.places, world.sites),
            runs=15,
        )
    )
    for threshold in (500.0, 1000.0):
        rows.append(
            measure(
                f"service area {threshold:.0f} m",
                lambda t=threshold: make_service_area(streets, world.sites, t),
                runs=3,
            )
        )
    show(rows)


def bench_matrix(world: StreetWorld, peers: Peers) -> None:
    """The same 8,000 x 500 pairs of junctions for everyone; networkx on a hundredth of them."""
    random, network, nodes = np.random.default_rng(1), world.network, main_part(world)
    origins = random.choice(nodes, N_ORIGINS)
    ends = random.choice(nodes, N_DESTINATIONS, replace=False)
    streets = StreetImpedance(network)
    a, b = network.nodes[origins], network.nodes[ends]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = [measure("matrix 8,000 x 500, this", lambda: streets.cost_matrix(a, b), runs=3)]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    added = (after - before) / 2**20
    print(f"peak memory {after / 2**20:.2f} GB, of which the matrix added {added:.2f}")
    ours = streets.cost_matrix(a, b).cost
    some = N_DESTINATIONS // 100
    timing = measure(
        "",
        lambda: [nx.single_source_dijkstra_path_length(peers.graph, int(e)) for e in ends[:some]],
        runs=1,
    )
    rows.append(
        Timing("matrix, networkx (a hundredth, times 100)", tuple(100 * s for s in timing.seconds))
    )
    for j, end in enumerate(ends[:some].tolist()):
        lengths = nx.single_source_dijkstra_path_length(peers.graph, end)
        wanted = np.array([lengths[n] for n in origins.tolist()])
        assert np.abs(ours[:, j] - wanted).max() < 1e-6, "networkx disagrees"
    if peers.pandana is not None:
        pairs = np.repeat(origins, N_DESTINATIONS), np.tile(ends, N_ORIGINS)
        found = peers.pandana.shortest_path_lengths(*pairs)
        difference = np.abs(np.array(found).reshape(ours.shape) - ours)
        print(f"largest difference to pandana: {difference.max():.2e} m")
        rows.append(
            measure("matrix, pandana", lambda: peers.pandana.shortest_path_lengths(*pairs), runs=2)
        )
    show(rows, peer=rows[1])


def bench_growth(world: StreetWorld) -> None:
    """1, 4 and 16 times the network, sites and addresses growing with it."""
    rows = []
    for n in (1, 2, 4):
        tiled = tile(world, n) if n > 1 else world
        streets = StreetImpedance(tiled.network)
        find_nearest(streets, tiled.places, tiled.sites)
        label = f"x {n * n}: {tiled.network.n_nodes:,} junctions"
        rows.append(
            measure(
                f"nearest, {label}, {len(tiled.places):,} addresses",
                lambda s=streets, w=tiled: find_nearest(s, w.places, w.sites),
                runs=5,
            )
        )
        some = tiled.places[:: max(1, len(tiled.places) // 2000)][:2000]
        rows.append(
            measure(
                f"matrix 2,000 x 50, {label}",
                lambda s=streets, p=some: s.cost_matrix(p, p[:50]),
                runs=3,
            )
        )
    show(rows)


def bench_contradictions() -> None:
    """Over all addresses of the pack: costs against drawn areas."""
    pack = load_pack()
    places, sites = read_places(pack), read_sites(pack, "2026")
    print(
        "| basis | threshold | covered | covered with cost above | beyond yet drawn | deepest m |"
    )
    print("|---|---|---|---|---|---|")
    for basis in ("mixed", "streets", "estimate"):
        impedance: Impedance = make_impedance(pack, "walk", "m", basis=basis)
        whole = impedance.cost_matrix(places, sites).cost.min(axis=1)
        for threshold in (500.0, 700.0, 1000.0):
            costs = impedance.cost_matrix(places, sites, limit=threshold).cost.min(axis=1)
            told = costs <= threshold
            wrong = int((told & (whole > threshold)).sum())
            area = make_service_area(impedance, sites, threshold).whole
            shapely.prepare(area)
            shapes = shapely.points(places[~told])
            inside = shapes[shapely.contains(area, shapes)]
            deepest = shapely.distance(inside, area.boundary).max(initial=0.0)
            print(
                f"| {basis} | {threshold:.0f} m | {told.sum():,} | {wrong} | {len(inside)} "
                f"| {deepest:.1f} |"
            )


def bench_detour(world: StreetWorld) -> None:
    """The detour factor as calibrated, at the nearest junction, and by length of the line."""
    streets = StreetImpedance(world.network)
    found = calibrate_detour_factor(streets, world.places)
    print(f"attached at the foot: {found}")
    random = np.random.default_rng(2)
    a, b = (world.places[random.integers(len(world.places), size=n)] for n in (400, 1500))
    nodes = main_part(world)
    at_a, at_b = (nodes[_nearest_rows(world.network.nodes[nodes], p)] for p in (a, b))
    straight = straight_lengths(a, b)
    walk_a = np.hypot(*(a - world.network.nodes[at_a]).T)
    walk_b = np.hypot(*(b - world.network.nodes[at_b]).T)
    ways = streets.cost_matrix(world.network.nodes[at_a], world.network.nodes[at_b]).cost
    ways += walk_a[:, None] + walk_b
    usable = (straight >= 300) & (straight <= 3000)
    print(
        "attached at the nearest junction: p10, p50, p90, mean",
        _spread(ways[usable] / straight[usable]),
    )
    costs = streets.cost_matrix(a, b).cost
    for low, high in BANDS_M:
        band = (straight >= low) & (straight < high) & np.isfinite(costs)
        print(f"{low}-{high} m: p10, p50, p90, mean", _spread(costs[band] / straight[band]))


def _spread(ratios: np.ndarray) -> str:
    low, median, high = np.quantile(ratios, [0.1, 0.5, 0.9])
    return f"{low:.2f} {median:.2f} {high:.2f} {ratios.mean():.2f}"


def _nearest_rows(nodes: np.ndarray, places: np.ndarray) -> np.ndarray:
    from scipy.spatial import KDTree

    return KDTree(nodes).query(places)[1]


def main() -> None:
    centre = open_centre(load_pack())
    for world in (centre, open_kaiserslautern()):
        if world is None:
            print("## Kaiserslautern: no raw data beside the checkout")
            continue
        print(
            f"\n## {world.name}: {world.network.n_nodes:,} junctions, {len(world.network.u):,} "
            f"edges, {len(world.places):,} addresses, {len(world.sites)} sites"
        )
        peers = Peers(world)
        bench_nodes(world, peers)
        bench_addresses(world)
        if not QUICK:
            bench_matrix(world, peers)
    print("\n## Growth")
    bench_growth(centre)
    print("\n## Costs against drawn areas, all addresses")
    bench_contradictions()
    print("\n## Detour factor of the centre")
    bench_detour(centre)


if __name__ == "__main__":
    main()
