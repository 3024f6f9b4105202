"""Anywhere: how many more people would a site at each place reach?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from welcomemap.crs import Points
from welcomemap.errors import UsageError
from welcomemap.siting.problem import Floats
from welcomemap.travel.impedance import is_within

ROUNDING = 1e-9


def gain_by_place(
    reach: csr_array | NDArray[np.bool_], weights: Floats, already_covered: NDArray[np.bool_]
) -> Floats:
    """Return the weight each place would newly cover.

    Parameters
    ----------
    reach
        Shape (n_places, n_demand), true (1) where the demand point is within the threshold of the
        place; sparse or dense.
    weights
        Shape (n_demand,) for one group, or (n_demand, n_groups).
    already_covered
        Shape (n_demand,): covered by an existing site.

    Returns
    -------
    array
        Shape (n_places,) or (n_places, n_groups).

    Raises
    ------
    UsageError
        If the shapes do not fit.
    """
    n_demand = reach.shape[1]
    if len(weights) != n_demand or already_covered.shape != (n_demand,):
        raise UsageError(
            f"reach has {n_demand} demand points, weights {len(weights)}, covered "
            f"{len(already_covered)}",
            how="Use the same demand points in the same order.",
        )
    is_open = ~already_covered if weights.ndim == 1 else ~already_covered[:, None]
    gain: Floats = np.asarray(reach @ np.where(is_open, weights, 0.0), dtype=np.float64)
    return gain


def find_reach(places: Points, demand: Points, radius_m: float) -> csr_array:
    """Return which demand points lie within an inclusive straight-line radius of each place.

    Parameters
    ----------
    places, demand
        Shapes (n_places, 2) and (n_demand, 2): x, y in metres in one metric CRS.
    radius_m
        For an estimate of walking distance: the threshold divided by the detour factor.

    Returns
    -------
    csr_array
        Shape (n_places, n_demand), 1.0 where within.
    """
    tree = cKDTree(demand)
    near = tree.query_ball_point(places, radius_m * (1 + ROUNDING) + ROUNDING)
    counts = np.array([len(found) for found in near], dtype=np.intp)
    at = np.repeat(np.arange(len(places)), counts)
    to = np.concatenate([np.asarray(found, dtype=np.intp) for found in near]) if len(near) else at
    distance = np.hypot(*(places[at] - demand[to]).T)
    inside = is_within(distance, radius_m)
    return csr_array(
        (np.ones(int(inside.sum())), (at[inside], to[inside])), shape=(len(places), len(demand))
    )
