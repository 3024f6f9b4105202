"""Streets against networkx, Floyd, an analytic grid city and hand-worked corner cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from tests.travel.oracles import networkx_costs, random_network
from welcomemap.errors import EmptyTableError, GeometryError
from welcomemap.travel.network import (
    Segments,
    StreetNetwork,
    make_network,
    make_network_from_lines,
    reach_nodes,
    simplify,
    snap,
)
from welcomemap.travel.streets import StreetImpedance, StreetSpread

SEEDS = st.integers(0, 10_000)


def grid(n: int = 6, step: float = 100.0) -> StreetNetwork:
    """n x n junctions, streets along both axes."""
    at = {(i, j): i * n + j for i in range(n) for j in range(n)}
    u, v, lines = [], [], []
    for (i, j), node in at.items():
        for other in ((i + 1, j), (i, j + 1)):
            if other in at:
                u.append(node)
                v.append(at[other])
                lines.append(LineString([(i * step, j * step), (other[0] * step, other[1] * step)]))
    return make_network(u, v, lines, min_part_m=0)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, one_way=st.sampled_from([0.0, 0.5]))
def test_costs_equal_networkx_on_split_edges(seed: int, one_way: float) -> None:
    network = random_network(seed, one_way=one_way)
    points = np.random.default_rng(seed + 1).uniform(0, 1000, size=(7, 2))
    points[6] = points[5]
    streets = StreetImpedance(network, attach_limit_m=1e9)
    if not snap(points, network, limit_m=1e9).is_attached.all():
        return
    expected = networkx_costs(network, points)
    np.testing.assert_allclose(streets.cost_matrix(points, points).cost, expected, atol=1e-6)
    np.testing.assert_allclose(
        streets.cost_matrix(points[:2], points).cost, expected[:2], atol=1e-6
    )
    nearest = streets.cost_matrix(points[:4], points[4:]).cost.min(axis=1)
    np.testing.assert_allclose(nearest, expected[:4, 4:].min(axis=1), atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_junction_lengths_equal_floyd(seed: int) -> None:
    network = random_network(seed, one_way=0.4)
    n = network.n_nodes
    lengths = np.full((n, n), np.inf)
    np.fill_diagonal(lengths, 0)
    for k in range(len(network.u)):
        a, b, w = network.u[k], network.v[k], network.length_m[k]
        if network.is_forward[k]:
            lengths[a, b] = min(lengths[a, b], w)
        if network.is_backward[k]:
            lengths[b, a] = min(lengths[b, a], w)
    for k, i, j in itertools.product(range(n), repeat=3):
        lengths[i, j] = min(lengths[i, j], lengths[i, k] + lengths[k, j])
    if not len(network.attachable):
        return
    nodes = np.unique(network.u[network.attachable])
    places = snap(network.nodes[nodes], network)
    reach = reach_nodes(network, places)
    np.testing.assert_allclose(reach, lengths[:, nodes].min(axis=1), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    a=st.tuples(st.floats(0, 500), st.integers(0, 5)),
    b=st.tuples(st.integers(0, 5), st.floats(0, 500)),
)
def test_grid_city_is_measured_in_taxicab_metric(a, b) -> None:
    """Between a place on a street along x and one on a street along y the way is |dx| + |dy|."""
    streets = StreetImpedance(grid())
    one, other = np.array([[a[0], a[1] * 100.0]]), np.array([[b[0] * 100.0, b[1]]])
    cost = streets.cost_matrix(one, other).cost[0, 0]
    assert cost == pytest.approx(np.abs(one - other).sum(), abs=1e-6)


def test_places_on_parallel_streets_go_by_the_nearer_crossing() -> None:
    streets = StreetImpedance(grid())
    places = np.array([(130.0, 100.0), (140.0, 200.0), (180.0, 200.0)])
    cost = streets.cost_matrix(places, places).cost
    assert cost[0, 1] == pytest.approx(30 + 100 + 40)
    assert cost[0, 2] == pytest.approx(70 + 100 + 20)
    assert cost[1, 2] == pytest.approx(40)


def test_moving_everything_changes_nothing() -> None:
    network, shift = random_network(5), np.array([345_000.0, 5_677_000.0])
    moved = make_network(
        network.u,
        network.v,
        [LineString(np.array(line.coords) + shift) for line in network.lines],
        min_part_m=0,
    )
    points = np.random.default_rng(0).uniform(0, 1000, size=(20, 2))
    here = StreetImpedance(network).cost_matrix(points, points).cost
    there = StreetImpedance(moved).cost_matrix(points + shift, points + shift).cost
    np.testing.assert_allclose(here, there, atol=1e-6)


def test_foot_lies_on_the_edge_and_not_at_the_nearest_junction() -> None:
    long_street = make_network(
        [0, 1], [1, 2], [LineString([(0, 0), (1000, 0)]), LineString([(1000, 0), (1000, 10)])]
    )
    found = snap(np.array([(400.0, 30.0), (400.0, 201.0), (-100.0, 0.0)]), long_street)
    assert found.edge.tolist() == [0, -1, 0]
    assert found.position_m[0] == 400
    assert found.offset_m[[0, 2]].tolist() == [30, 100]


def test_one_way_street_is_longer_against_traffic() -> None:
    network = make_network(
        [0, 1, 2],
        [1, 2, 0],
        [
            LineString([(0, 0), (100, 0)]),
            LineString([(100, 0), (100, 100)]),
            LineString([(100, 100), (0, 100), (0, 0)]),
        ],
        is_backward=np.array([False, False, False]),
        min_part_m=0,
    )
    streets = StreetImpedance(network, "cycle")
    places = np.array([(20.0, 0.0), (80.0, 0.0)])
    cost = streets.cost_matrix(places, places).cost
    assert cost[0, 1] == pytest.approx(60)
    assert cost[1, 0] == pytest.approx(340)
    assert streets.cost_matrix(places[1:], places[:1]).cost[0, 0] == pytest.approx(340)
    assert streets.cost_matrix(places[:1], places[1:]).cost[0, 0] == pytest.approx(60)


def test_pieces_without_connection_are_unreachable_and_small_ones_not_attached_to() -> None:
    lines = [
        LineString([(0, 0), (2000, 0)]),
        LineString([(0, 100), (2000, 100)]),
        LineString([(0, 10), (50, 10)]),
    ]
    network = make_network([0, 2, 4], [1, 3, 5], lines)
    streets = StreetImpedance(network)
    places = np.array([(20.0, 9.0), (20.0, 95.0), (1500.0, -10.0)])
    found = streets.snap(places)
    assert found.edge.tolist() == [0, 1, 0]
    cost = streets.cost_matrix(places, places).cost
    assert np.isinf(cost[0, 1])
    assert cost[0, 2] == pytest.approx(9 + 1480 + 10)
    assert np.isinf(streets.cost_matrix(places[:1], places[1:2]).cost).all()


def test_places_with_no_street_between_them_are_walked_between_directly() -> None:
    network = make_network([0], [1], [LineString([(0, 0), (2000, 0)])])
    places = np.array([(500.0, 100.0), (500.0, 130.0), (500.0, -100.0)])
    cost = StreetImpedance(network).cost_matrix(places, places).cost
    assert cost[0, 1] == pytest.approx(30)
    assert cost[0, 2] == pytest.approx(200)
    found = StreetImpedance(network).cost_matrix(places[:1], places[1:]).cost[0]
    assert (found.min(), found.argmin()) == (pytest.approx(30), 0)


def test_spread_is_a_share_and_a_fixed_length_above_the_straight_line() -> None:
    lower, upper = StreetSpread(0.05, 20).apply(
        np.array([1000.0, 0.0, np.inf]), np.array([990.0, 0.0, 5.0])
    )
    assert lower.tolist() == [990.0, 0.0, np.inf]
    assert upper.tolist() == [1070.0, 0.0, np.inf]


def test_contraction_keeps_lengths_and_drops_vertices_between_junctions() -> None:
    ways = [
        np.array([(0, 0), (50, 0), (100, 0)]),
        np.array([(100, 0), (100, 80)]),
        np.array([(100, 80), (60, 80), (0, 80), (0, 0)]),
        np.array([(0, 0), (-70, 0)]),
        np.array([(500, 0), (600, 0), (600, 100), (500, 0)]),
    ]
    network = make_network_from_lines([way.astype(float) for way in ways], min_part_m=0)
    assert sorted(network.length_m.round(6).tolist()) == pytest.approx(
        sorted([360.0, 70.0, 200 + 100 * 2**0.5])
    )
    assert len(network.u) == 3
    rings = network.u == network.v
    assert rings.sum() == 2


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_contraction_changes_no_cost(seed: int) -> None:
    """The same segments with every vertex kept as a node, by Floyd, give the same lengths."""
    random = np.random.default_rng(seed)
    vertices = random.uniform(0, 1000, size=(12, 2))
    a, b = random.integers(12, size=(2, 14))
    kind = random.uniform(size=14)
    segments = Segments(vertices, a, b, kind > 0.25, kind < 0.75)
    if not ((a != b) & (segments.is_forward | segments.is_backward)).any():
        return
    network = simplify(segments, min_part_m=0)
    lengths = np.full((12, 12), np.inf)
    np.fill_diagonal(lengths, 0)
    for k in range(14):
        w = np.hypot(*(vertices[a[k]] - vertices[b[k]]))
        if segments.is_forward[k]:
            lengths[a[k], b[k]] = min(lengths[a[k], b[k]], w)
        if segments.is_backward[k]:
            lengths[b[k], a[k]] = min(lengths[b[k], a[k]], w)
    for k, i, j in itertools.product(range(12), repeat=3):
        lengths[i, j] = min(lengths[i, j], lengths[i, k] + lengths[k, j])
    own = [int(np.argmin(np.hypot(*(vertices - node).T))) for node in network.nodes]
    places = snap(network.nodes, network)
    for k in np.flatnonzero(places.is_attached):
        one = places.take(np.array([k]))
        if one.offset_m[0] > 1e-9:
            continue
        reach = reach_nodes(network, one)
        np.testing.assert_allclose(reach, lengths[own, own[k]], atol=1e-6)


def test_bad_networks_are_named() -> None:
    line = LineString([(0, 0), (1, 0)])
    with pytest.raises(GeometryError, match="does not end at its nodes"):
        make_network([0, 1], [1, 2], [line, LineString([(5, 5), (6, 6)])])
    with pytest.raises(GeometryError, match="is not a line"):
        make_network([0], [1], [line.buffer(1)])
    with pytest.raises(EmptyTableError):
        make_network_from_lines([])
