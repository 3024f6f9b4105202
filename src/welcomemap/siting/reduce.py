"""Make coverage problems small without changing their answer.

Two reductions, both classical for set covering (Toregas & ReVelle 1972, "Optimal location under
time or distance constraints", Papers of the Regional Science Association 28):

- demand points covered by the very same facilities are merged into one with their summed weight;
- a facility whose covered demand is part of another's is dominated and can be left out. This keeps
  the optimum, not every tie, so ties are listed from the unreduced problem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.problem import Floats

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class MergedDemand:
    """Demand points with the same covering facilities, merged.

    Attributes
    ----------
    within
        Shape (n_merged, n_facilities).
    weights
        Shape (n_merged,): summed weights.
    uncoverable
        Weight that no facility covers; it is not among the rows.
    """

    within: Flags
    weights: Floats
    uncoverable: float


def merge_demand(within: Flags, weights: Floats) -> MergedDemand:
    """Merge rows with equal coverage; rows that nobody covers are counted apart."""
    is_coverable = within.any(axis=1)
    rows, kept = within[is_coverable], weights[is_coverable]
    lost = float(weights[~is_coverable].sum())
    if not len(rows):
        return MergedDemand(rows, kept, lost)
    packed = np.packbits(rows, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return MergedDemand(rows[first], np.bincount(group, weights=kept).astype(np.float64), lost)


def find_undominated(within: Flags) -> NDArray[np.intp]:
    """Return the columns whose covered rows are not part of another's; of equal ones the first.

    Parameters
    ----------
    within
        Shape (n_demand, n_facilities).
    """
    covered = within.astype(np.float32)
    common = covered.T @ covered
    size = np.diag(common)
    is_part = common == size[:, None]
    is_equal = is_part & is_part.T
    order = np.arange(within.shape[1])
    is_beaten = (is_part & ~is_equal) | (is_equal & (order[None, :] < order[:, None]))
    undominated: NDArray[np.intp] = np.flatnonzero(~is_beaten.any(axis=1))
    return undominated


def find_hardest_rows(within: Flags) -> NDArray[np.intp]:
    """Return the rows that imply all others when everybody must be covered.

    A row whose covering facilities include all of another row's is covered along with it; of equal
    rows the first counts.
    """
    flags = within.astype(np.float32)
    common = flags @ flags.T
    size = np.diag(common)
    contains = common == size[None, :]
    is_equal = contains & contains.T
    order = np.arange(len(within))
    is_implied = (contains & ~is_equal) | (is_equal & (order[None, :] < order[:, None]))
    rows: NDArray[np.intp] = np.flatnonzero(~is_implied.any(axis=1))
    return rows
