"""Access tags by the rules of the wiki, and real extracts against a second reader and networkx."""

from __future__ import annotations

import gzip
import itertools
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from pyproj import Geod
from scipy.spatial import KDTree

from welcomemap.crs import project, unproject
from welcomemap.errors import EmptyTableError, InputError
from welcomemap.travel.network import reach_nodes, snap
from welcomemap.travel.osm import is_node_blocked, read_directions, read_osm
from welcomemap.travel.streets import StreetImpedance

RAW = Path(
    os.environ.get("WELCOMEMAP_RAW") or Path(__file__).parents[2].parent / "shared" / "geodata"
)
KAISERSLAUTERN = RAW / "testbeds" / "kaiserslautern.osm.gz"
needs_raw = pytest.mark.skipif(
    not KAISERSLAUTERN.is_file(), reason="no raw data beside the checkout"
)
YES, NO, AHEAD, BACK = (True, True), (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("tags", "walk", "cycle"),
    [
        ({"highway": "residential"}, YES, YES),
        ({"highway": "footway"}, YES, NO),
        ({"highway": "footway", "bicycle": "yes"}, YES, YES),
        ({"highway": "cycleway"}, NO, YES),
        ({"highway": "cycleway", "foot": "designated"}, YES, YES),
        ({"highway": "steps"}, YES, NO),
        ({"highway": "steps", "conveying": "forward"}, AHEAD, NO),
        ({"highway": "motorway"}, NO, NO),
        ({"highway": "motorway", "foot": "yes"}, NO, NO),
        ({"highway": "primary", "motorroad": "yes"}, NO, NO),
        ({"highway": "trunk"}, NO, NO),
        ({"highway": "trunk", "sidewalk": "right"}, YES, NO),
        ({"highway": "primary", "foot": "use_sidepath", "bicycle": "use_sidepath"}, NO, NO),
        ({"highway": "service", "access": "private"}, NO, NO),
        ({"highway": "service", "access": "private", "foot": "yes"}, YES, NO),
        ({"highway": "service", "access": "customers"}, NO, NO),
        ({"highway": "track", "vehicle": "agricultural"}, YES, NO),
        ({"highway": "track", "vehicle": "agricultural", "bicycle": "yes"}, YES, YES),
        ({"highway": "path"}, YES, YES),
        ({"highway": "pedestrian"}, YES, NO),
        ({"highway": "residential", "oneway": "yes"}, YES, AHEAD),
        ({"highway": "residential", "oneway": "-1"}, YES, BACK),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, YES, YES),
        ({"highway": "residential", "oneway": "yes", "cycleway": "opposite_lane"}, YES, YES),
        ({"highway": "residential", "oneway": "yes", "cycleway:left:oneway": "no"}, YES, YES),
        ({"highway": "tertiary", "junction": "roundabout"}, YES, AHEAD),
        ({"highway": "footway", "bicycle": "dismount"}, YES, NO),
        ({"highway": "construction"}, NO, NO),
        ({"route": "ferry", "foot": "yes"}, NO, NO),
        ({}, NO, NO),
    ],
)
def test_access_tags(tags: dict[str, str], walk: tuple, cycle: tuple) -> None:
    assert read_directions(tags, "walk") == walk
    assert read_directions(tags, "cycle") == cycle


def test_gates_block_only_those_they_are_closed_to() -> None:
    gate = {"barrier": "gate", "access": "private"}
    assert is_node_blocked(gate, "walk")
    assert not is_node_blocked(gate | {"foot": "yes"}, "walk")
    assert is_node_blocked(gate | {"foot": "yes"}, "cycle")
    assert not is_node_blocked({"barrier": "bollard"}, "cycle")
    assert not is_node_blocked({"highway": "crossing"}, "walk")


def write_extract(path: Path, ways: list[tuple[list[int], dict[str, str]]], gates=()) -> Path:
    """Nodes 1, 2, 3, … lie 0.001 degrees apart on a grid of ten to a row."""
    parts = ['<osm version="0.6">']
    for n in range(1, 31):
        tag = '<tag k="barrier" v="gate"/><tag k="access" v="no"/>' if n in gates else ""
        lat, lon = 51.2 + (n - 1) // 10 * 0.001, 6.8 + (n - 1) % 10 * 0.001
        parts.append(f'<node id="{n}" version="1" lat="{lat:.4f}" lon="{lon:.4f}">{tag}</node>')
    for k, (nodes, tags) in enumerate(ways, 1):
        refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
        marks = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        parts.append(f'<way id="{k}" version="1">{refs}{marks}</way>')
    path.write_text("\n".join([*parts, "</osm>"]), encoding="utf-8")
    return path


def test_an_extract_becomes_junctions_and_edges(tmp_path: Path) -> None:
    street = {"highway": "residential"}
    path = write_extract(
        tmp_path / "a.osm",
        [
            ([1, 2, 3, 4], street),
            ([2, 12, 22], street),
            ([22, 23], street),
            ([5, 6], {"highway": "motorway"}),
            ([4, 99], street),
        ],
    )
    network = read_osm(path, "walk", min_part_m=0)
    assert len(network.u) == 3
    geod = Geod(ellps="GRS80")
    longest = sum(
        geod.inv(*a, *b)[2]
        for a, b in [((6.801, 51.2), (6.801, 51.202)), ((6.801, 51.202), (6.802, 51.202))]
    )
    assert network.length_m.max() == pytest.approx(longest, rel=5e-4)


def test_a_locked_gate_cuts_the_street(tmp_path: Path) -> None:
    street = {"highway": "residential"}
    ways = [([1, 2, 3, 4, 5], street), ([3, 13], street)]
    ends = project([6.8, 6.804, 6.802], [51.2, 51.2, 51.201])
    open_path = write_extract(tmp_path / "open.osm", ways)
    shut_path = write_extract(tmp_path / "shut.osm", ways, gates=(3,))
    is_open = StreetImpedance(read_osm(open_path, "walk", min_part_m=0)).cost_matrix(ends, ends)
    is_shut = StreetImpedance(read_osm(shut_path, "walk", min_part_m=0)).cost_matrix(ends, ends)
    assert np.isfinite(is_open.cost).all()
    assert np.isinf(is_shut.cost[~np.eye(3, dtype=bool)]).all()


def test_files_that_are_no_extract_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no OpenStreetMap extract"):
        read_osm(tmp_path / "missing.osm.pbf", "walk")
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="cannot be read"):
        read_osm(broken, "walk")
    with pytest.raises(EmptyTableError):
        read_osm(write_extract(tmp_path / "empty.osm", [([1, 2], {"highway": "motorway"})]), "walk")


def read_plainly() -> tuple[nx.DiGraph, dict[int, tuple[float, float]]]:
    """The whole town vertex by vertex, read as XML, lengths on the ellipsoid."""
    places, graph, blocked = {}, nx.DiGraph(), set()
    with gzip.open(KAISERSLAUTERN) as handle:
        for _, element in ET.iterparse(handle):  # noqa: S314 - our own raw file
            if element.tag not in {"node", "way"}:
                continue
            tags = {tag.get("k"): tag.get("v") for tag in element.findall("tag")}
            if element.tag == "node":
                places[int(element.get("id"))] = (
                    float(element.get("lon")),
                    float(element.get("lat")),
                )
                if is_node_blocked(tags, "cycle"):
                    blocked.add(int(element.get("id")))
            elif element.tag == "way":
                ahead, back = read_directions(tags, "cycle")
                nodes = [int(nd.get("ref")) for nd in element.findall("nd")]
                nodes = [n for n in nodes if n in places]
                for a, b in itertools.pairwise(nodes):
                    if a in blocked or b in blocked:
                        continue
                    if ahead:
                        graph.add_edge(a, b)
                    if back:
                        graph.add_edge(b, a)
    geod = Geod(ellps="GRS80")
    tails = np.array([(*places[a], *places[b]) for a, b in graph.edges])
    lengths = geod.inv(tails[:, 0], tails[:, 1], tails[:, 2], tails[:, 3])[2]
    nx.set_edge_attributes(graph, dict(zip(graph.edges, lengths, strict=True)), "weight")
    return graph, places


@needs_raw
@pytest.mark.raw
def test_kaiserslautern_equals_a_second_reader_and_networkx() -> None:
    network = read_osm(KAISERSLAUTERN, "cycle")
    graph, places = read_plainly()
    ids = np.array(list(graph.nodes))
    lon_lat = np.array([places[n] for n in ids])
    tree = KDTree(project(lon_lat[:, 0], lon_lat[:, 1]))
    part = np.bincount(network.node_part).argmax()
    own = np.flatnonzero(network.node_part == part)
    distance, match = tree.query(network.nodes[own])
    at_gates = distance > 0.01
    assert at_gates.sum() < 10, "only dead ends at locked gates are missing from the second graph"
    own, match = own[~at_gates], match[~at_gates]
    sites = np.random.default_rng(0).choice(own, 5, replace=False)
    reach = reach_nodes(network, snap(network.nodes[sites], network))
    site_ids = ids[tree.query(network.nodes[sites])[1]]
    expected = nx.multi_source_dijkstra_path_length(graph.reverse(), set(site_ids.tolist()))
    wanted = np.array([expected[n] for n in ids[match]])
    np.testing.assert_allclose(reach[own], wanted, rtol=5e-4, atol=0.01)


@needs_raw
@pytest.mark.raw
def test_binary_extract_of_munich_lies_in_munich() -> None:
    network = read_osm(RAW / "testbeds" / "munich_old_town.osm.pbf", "walk", crs="EPSG:25832")
    lat, lon = unproject(network.nodes)
    assert (lat > 48.12).all()
    assert (lat < 48.16).all()
    assert (lon > 11.55).all()
    assert (lon < 11.60).all()
    main = np.bincount(network.node_part).max()
    assert main > 0.95 * network.n_nodes
