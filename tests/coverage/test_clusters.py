"""Contiguous clusters against a flood fill by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree

from tests.coverage.small import make_demand
from welcomemap.coverage.demand import find_neighbours, label_clusters, place_in_grid

grids = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=6)


def flood_fill(cells: set[tuple[int, int]]) -> list[set[tuple[int, int]]]:
    clusters = []
    left = set(cells)
    while left:
        todo, cluster = [left.pop()], set()
        while todo:
            row, column = todo.pop()
            cluster.add((row, column))
            around = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= around
            todo += around
        clusters.append(cluster)
    return clusters


@given(grids)
@settings(max_examples=80, deadline=None)
def test_clusters_are_what_a_flood_fill_finds(grid: list[list[bool]]) -> None:
    places = [(r, c) for r, row in enumerate(grid) for c in range(len(row))]
    demand = make_demand([(100.0 * c, 100.0 * r) for r, c in places], [1] * len(places))
    is_member = np.array([grid[r][c] for r, c in places])
    count, labels = label_clusters(find_neighbours(demand), is_member)
    expected = flood_fill(
        {place for place, member in zip(places, is_member, strict=True) if member}
    )
    found = [{places[i] for i in np.flatnonzero(labels == number)} for number in range(count)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
    assert (labels[~is_member] == -1).all()


def test_clusters_end_at_the_border_of_an_area_if_asked() -> None:
    demand = make_demand([(0, 0), (100, 0), (200, 0)], [1, 1, 1], [0, 0, 1], [0, 1])
    everybody = np.ones(3, dtype=bool)
    assert label_clusters(find_neighbours(demand), everybody)[0] == 1
    count, labels = label_clusters(find_neighbours(demand), everybody, demand.districts.index)
    assert count == 2
    assert labels.tolist() == [0, 0, 1]


def test_the_grid_is_read_from_ids_and_parts_of_one_cell_are_neighbours() -> None:
    ids = pd.Series(
        ["100mN31286E40955", "100mN31286E40956", "100mN31286E40956", "100mN31288E40956"]
    )
    grid = place_in_grid(ids)
    assert grid is not None
    assert grid.tolist() == [[0, 0], [0, 1], [0, 1], [2, 1]]
    in_metres = place_in_grid(pd.Series(["0050-0150", "0150-0150", "0050-1950"]))
    assert in_metres is not None
    assert in_metres.tolist() == [[0, 0], [1, 0], [0, 18]]
    assert place_in_grid(pd.Series(["a", "b"])) is None


def test_no_cells_have_no_neighbours() -> None:
    assert find_neighbours(make_demand([], [])).shape == (0, 2)
    count, labels = label_clusters(np.zeros((0, 2), dtype=np.intp), np.zeros(3, dtype=bool))
    assert count == 0
    assert labels.tolist() == [-1, -1, -1]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=30))
@settings(max_examples=80, deadline=None)
def test_neighbours_in_a_grid_are_those_that_a_tree_finds(
    cells: list[tuple[int, int]],
) -> None:
    demand = make_demand([(0.0, 0.0)] * len(cells), [1] * len(cells))
    grid = np.array(cells, dtype=np.int64)
    found = find_neighbours(replace(demand, grid=grid - grid.min(axis=0)))
    expected = KDTree(grid.astype(float)).query_pairs(1.0, p=np.inf)
    assert sorted(tuple(sorted(pair)) for pair in found.tolist()) == sorted(expected)
