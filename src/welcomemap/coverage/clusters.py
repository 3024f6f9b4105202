"""Contiguous clusters of demand cells that no service point reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from welcomemap.coverage.demand import Demand

NEIGHBOUR_M = 150.0
"""Where ids do not tell the grid, points nearer than one and a half 100 m cells are neighbours."""


def find_neighbours(demand: Demand) -> NDArray[np.intp]:
    """Return pairs of neighbouring demand cells, (n_pairs, 2).

    Neighbours share a side or a corner, or are parts of the same cell in two quarters.
    """
    if len(demand) < 2:
        return np.zeros((0, 2), dtype=np.intp)
    if demand.grid is None:
        return np.asarray(KDTree(demand.points).query_pairs(NEIGHBOUR_M, output_type="ndarray"))
    grid = KDTree(demand.grid.astype(np.float64))
    return np.asarray(grid.query_pairs(1.0, p=np.inf, output_type="ndarray"))


def label_clusters(
    neighbours: NDArray[np.intp],
    is_member: NDArray[np.bool_],
    split_by: NDArray[np.intp] | None = None,
) -> tuple[int, NDArray[np.intp]]:
    """Number the contiguous clusters of the member cells.

    Parameters
    ----------
    neighbours
        Pairs of neighbouring cells, (n_pairs, 2).
    is_member
        Which cells belong to a cluster, (n_cells,).
    split_by
        Area of each cell, (n_cells,): a cluster then ends at the border of an area.

    Returns
    -------
    Number of clusters, and the cluster of each cell, -1 for others, (n_cells,).
    """
    first, second = neighbours[:, 0], neighbours[:, 1]
    is_link = is_member[first] & is_member[second]
    if split_by is not None:
        is_link &= split_by[first] == split_by[second]
    n_cells = len(is_member)
    links = coo_array(
        (np.ones(int(is_link.sum()), dtype=np.int8), (first[is_link], second[is_link])),
        shape=(n_cells, n_cells),
    )
    component = connected_components(links, directed=False)[1]
    labels = np.full(n_cells, -1, dtype=np.intp)
    found, numbers = np.unique(component[is_member], return_inverse=True)
    labels[is_member] = numbers
    return len(found), labels
