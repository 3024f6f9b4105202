"""Ways become junctions and edges: hand-worked crossings, and properties on the real network."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from shapely.geometry import LineString

from tests.ingest.raw_files import require_raw
from welcomemap.crs import METRIC_CRS, WGS84
from welcomemap.ingest.duesseldorf import read_recipe
from welcomemap.ingest.networks import connect_ways, read_ways, select_ways
from welcomemap.ingest.raw import RawFolder

E, N = 6.80, 51.22


def make_ways(*lines: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    """Ways 1, 2 … through points given in hundredths of a degree from a place in the city."""
    shapes = [LineString([(E + x / 100, N + y / 100) for x, y in line]) for line in lines]
    numbers = range(1, len(lines) + 1)
    return gpd.GeoDataFrame(
        {"id": [f"way/{k}" for k in numbers], "name": [f"Weg {k}" for k in numbers]},
        geometry=shapes,
        crs=WGS84,
    )


def test_a_crossing_with_a_shared_vertex_cuts_both_ways() -> None:
    edges = connect_ways(make_ways([(0, 1), (1, 1), (2, 1)], [(1, 0), (1, 1), (1, 2)]))
    assert len(edges) == 4
    nodes = np.concatenate([edges["u"], edges["v"]])
    assert sorted(np.bincount(nodes).tolist()) == [1, 1, 1, 1, 4]


def test_a_crossing_without_a_shared_vertex_is_a_bridge() -> None:
    edges = connect_ways(make_ways([(0, 1), (2, 1)], [(1, 0), (1, 2)]))
    assert len(edges) == 2
    assert len(set(edges["u"]) | set(edges["v"])) == 4


def test_ways_end_to_end_become_one_edge_named_after_the_longer() -> None:
    edges = connect_ways(make_ways([(0, 0), (1, 0)], [(1, 0), (2, 0), (4, 0)]))
    assert len(edges) == 1
    assert edges["name"].tolist() == ["Weg 2"]
    assert edges["way_id"].tolist() == [2]
    assert len(edges.geometry.iloc[0].coords) == 4


def test_an_edge_has_steps_as_a_whole_or_not_at_all() -> None:
    ways = make_ways([(0, 0), (1, 0)], [(1, 0), (2, 0), (3, 0)], [(3, 0), (4, 0)])
    ways["is_step_free"] = [True, False, True]
    edges = connect_ways(ways)
    assert edges.set_index("name")["is_step_free"].to_dict() == {
        "Weg 1": True, "Weg 2": False, "Weg 3": True,
    }  # fmt: skip
    assert "is_step_free" not in connect_ways(ways.drop(columns="is_step_free"))


def test_a_ramp_along_the_same_piece_makes_up_for_steps() -> None:
    ways = make_ways([(0, 0), (1, 0)], [(1, 0), (0, 0)])
    for step_free in ([True, False], [False, True]):
        ways["is_step_free"] = step_free
        assert connect_ways(ways)["is_step_free"].tolist() == [True]


def test_a_ring_without_junction_is_one_loop() -> None:
    edges = connect_ways(make_ways([(0, 0), (1, 0), (1, 1), (0, 0)]))
    assert len(edges) == 1
    assert edges["u"].tolist() == edges["v"].tolist()


def test_a_ring_on_a_stem_keeps_the_ring_whole() -> None:
    edges = connect_ways(make_ways([(0, 0), (1, 0)], [(1, 0), (2, 0), (2, 1), (1, 0)]))
    loops = edges[edges["u"] == edges["v"]]
    assert (len(edges), len(loops)) == (2, 1)


def test_the_same_piece_drawn_twice_counts_once() -> None:
    edges = connect_ways(make_ways([(0, 0), (1, 0)], [(1, 0), (0, 0)]))
    assert len(edges) == 1


def test_the_largest_part_is_marked() -> None:
    edges = connect_ways(
        make_ways([(0, 0), (1, 0)], [(1, 0), (2, 0)], [(1, 0), (1, 1)], [(5, 5), (6, 5)])
    )
    assert edges.set_index("name")["is_main_part"].to_dict() == {
        "Weg 1": True,
        "Weg 2": True,
        "Weg 3": True,
        "Weg 4": False,
    }


@pytest.mark.raw
@pytest.mark.long  # the committed pack, made anew, is held against its bytes in every run
def test_the_real_network_loses_nothing() -> None:
    raw, recipe = RawFolder(require_raw()), read_recipe()["streets"]
    ways = raw.read_features("streets/central_ways_2023.geojson.gz", ("id", "name"))
    known = read_ways(raw, recipe)
    edges = connect_ways(known[known["id"].isin(ways["id"])].reset_index(drop=True))
    kept = ways[~ways["name"].isin(recipe["not_for_feet"])].to_crs(METRIC_CRS)
    assert len(ways) - len(kept) == 53
    assert not edges["name"].isin(recipe["not_for_feet"]).any()
    assert edges["length_m"].sum() == pytest.approx(edges.length.sum(), rel=1e-6)
    # Some pieces are drawn by two ways and count once: a little less than all ways together.
    assert 0.99 < edges["length_m"].sum() / kept.length.sum() <= 1.0
    graph = nx.MultiGraph(zip(edges["u"], edges["v"], strict=True))
    main = max(nx.connected_components(graph), key=len)
    assert set(edges.loc[edges["is_main_part"], "u"]) <= main
    assert edges["is_main_part"].mean() > 0.95
    assert not any(d == 2 for node, d in graph.degree if not graph.has_edge(node, node))


def test_ways_beside_an_area_are_kept_and_others_are_not() -> None:
    ways = make_ways([(0, 0), (1, 0)], [(0, 5), (1, 5)])
    area = ways.geometry.to_crs(METRIC_CRS).iloc[0].buffer(1)
    assert select_ways(ways, area)["id"].tolist() == ["way/1"]
