"""Choose again under many draws: how often is each set the best p-median?

Every draw scores all subsets of p columns, so each answer is exact. Subsets are put together from
two halves whose row minima are computed once a draw; numba, where installed (extra ``fast``), runs
the inner sum without temporary arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import comb

import numpy as np
from numpy.typing import NDArray

from welcomemap.errors import UsageError
from welcomemap.siting.enumeration import list_subsets
from welcomemap.siting.problem import Floats

Indices = NDArray[np.intp]
MAX_REDRAWN_SUBSETS = 100_000


@dataclass(frozen=True)
class Redrawn:
    """The best set under each draw.

    Attributes
    ----------
    subsets
        Shape (n_subsets, p): all sets, lexicographic.
    best
        Shape (n_draws,): row of ``subsets`` that is best; of ties the first.
    objective
        Shape (n_draws,).
    """

    subsets: Indices
    best: Indices
    objective: Floats

    def share_by_subset(self) -> Floats:
        """Return in what share of the draws each set is the best."""
        counts: Floats = np.bincount(self.best, minlength=len(self.subsets)) / len(self.best)
        return counts


def choose_again(draws: Iterable[Floats], weights: Floats, p: int) -> Redrawn:
    """Solve a p-median exactly for each draw of the costs.

    Parameters
    ----------
    draws
        Cost matrices, each of shape (n_demand, n_facilities), finite.
    weights
        Shape (n_demand,).
    p
        How many to open.

    Raises
    ------
    UsageError
        If there are no draws, or more than 100,000 sets to choose from.
    """
    total_of = make_scorer()
    subsets: Indices | None = None
    best: list[int] = []
    objective: list[float] = []
    for cost in draws:
        if subsets is None:
            subsets = _list_bounded(cost.shape[1], p)
            halves = _split(subsets)
        weighted = np.ascontiguousarray((cost * weights[:, None]).T)
        totals = total_of(_fold(weighted, halves[0]), _fold(weighted, halves[1]), *halves[2:])
        best.append(int(totals.argmin()))
        objective.append(float(totals[best[-1]]))
    if subsets is None:
        raise UsageError("there are no draws", how="Give at least one cost matrix.")
    return Redrawn(subsets, np.array(best, dtype=np.intp), np.array(objective))


Scorer = Callable[[Floats, Floats, Indices, Indices], Floats]


@cache
def make_scorer() -> Scorer:
    """Return the compiled sum where numba is installed, else the one in numpy."""
    return _compile() if find_spec("numba") is not None else sum_of_minima


def sum_of_minima(one: Floats, other: Floats, left: Indices, right: Indices) -> Floats:
    """Return ``sum(min(one[left[k]], other[right[k]]))`` for each k.

    Parameters
    ----------
    one, other
        Shape (n_halves, n_demand).
    left, right
        Shape (n_subsets,), ``left`` ascending.
    """
    block = np.empty((len(left), one.shape[1]))
    starts = np.flatnonzero(np.diff(left, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(left)], strict=True):
        # in lexicographic order the second halves of one first half follow each other
        tail = other[right[start] : right[start] + end - start]
        np.minimum(one[left[start]], tail, out=block[start:end])
    totals: Floats = block @ np.ones(one.shape[1])
    return totals


def _compile() -> Scorer:
    from numba import njit  # noqa: PLC0415 - optional extra

    # numba ships no types, so its decorator is untyped where it is installed
    @njit(fastmath=True, cache=False)  # type: ignore[untyped-decorator, unused-ignore]
    def sum_compiled(one: Floats, other: Floats, left: Indices, right: Indices) -> Floats:
        totals = np.empty(len(left))
        for k in range(len(left)):
            a, b, total = one[left[k]], other[right[k]], 0.0
            for i in range(len(a)):
                total += min(a[i], b[i])
            totals[k] = total
        return totals

    compiled: Scorer = sum_compiled
    return compiled


def _list_bounded(n: int, p: int) -> Indices:
    count = comb(n, p)
    if not 0 < count <= MAX_REDRAWN_SUBSETS:
        raise UsageError(f"{count:,} sets to choose from", how="Use fewer candidates or another p.")
    return list_subsets(n, p)


def _split(subsets: Indices) -> tuple[Indices, Indices, Indices, Indices]:
    """Return the distinct first and second halves, and which ones make up each subset."""
    middle = subsets.shape[1] // 2
    first, left = np.unique(subsets[:, :middle], axis=0, return_inverse=True)
    second, right = np.unique(subsets[:, middle:], axis=0, return_inverse=True)
    return first, second, left.ravel().astype(np.intp), right.ravel().astype(np.intp)


def _fold(weighted: Floats, halves: Indices) -> Floats:
    if halves.shape[1] == 0:
        return np.full((1, weighted.shape[1]), np.inf)
    folded: Floats = weighted[halves[:, 0]]
    for k in range(1, halves.shape[1]):
        folded = np.minimum(folded, weighted[halves[:, k]])
    return folded
