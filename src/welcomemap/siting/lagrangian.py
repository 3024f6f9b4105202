"""A lower bound for p-median and MCLP, and which columns it decides.

Relaxing "every row is served once" with multipliers lambda (Cornuéjols, Fisher & Nemhauser 1977,
"Location of bank accounts to optimize float", Management Science 23(8))::

    L(lambda) = sum_i lambda_i + sum of the p smallest rho_j,
    rho_j     = sum_i min(0, value_ij - lambda_i),      lambda_i <= base_i

Every lambda gives a valid bound, so no rounding of the ascent can make it wrong; it is found by
subgradient steps (Held, Wolfe & Crowder 1974, "Validation of subgradient optimization",
Mathematical Programming 6). A column is decided when taking or leaving it lifts the bound above
the best known solution (Beasley 1985, "A note on solving large p-median problems",
European Journal of Operational Research 21(2)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from welcomemap.siting.problem import Floats
from welcomemap.siting.star import Indices, Star

SAFETY = 1e-12
"""Relative rounding allowed for in a bound before it may exclude anything."""


@dataclass(frozen=True)
class Dual:
    """A bound with its multipliers.

    Attributes
    ----------
    bound
        Lower bound of the star's optimum.
    multipliers
        Shape (n_rows,).
    reduced
        rho_j of the free columns, shape (n_free,), in the order of ``star.free``.
    is_selected
        Which of the free columns are among the smallest.
    popularity
        How often each free column was among the smallest, 0-1, recent steps weighing more.
    """

    bound: float
    multipliers: Floats
    reduced: Floats
    is_selected: np.ndarray[tuple[int], np.dtype[np.bool_]]
    popularity: Floats


@dataclass(frozen=True)
class AscentPlan:
    """How long to climb: steps at most, first step size, and after how many failures to shrink."""

    n_steps: int
    step: float
    patience: int
    smallest_step: float


ROOT_PLAN = AscentPlan(n_steps=1500, step=1.0, patience=10, smallest_step=0.001)
AGAIN_PLAN = AscentPlan(n_steps=300, step=0.1, patience=8, smallest_step=0.001)
NODE_PLAN = AscentPlan(n_steps=80, step=0.1, patience=5, smallest_step=0.004)
SHRINK, DEFLECTION = 0.7, 0.7
SHOW_EVERY = 10


def climb(
    star: Star,
    multipliers: Floats,
    target: float,
    plan: AscentPlan,
    is_enough: Callable[[float], bool],
    show: Callable[[Indices], float] | None = None,
) -> Dual:
    """Raise the bound by subgradient steps towards ``target`` (the best known objective).

    Parameters
    ----------
    star
        The problem; ``base`` finite.
    multipliers
        Where to start, shape (n_rows,); clipped at the base.
    target
        Objective of the best known solution.
    plan
        Length of the climb.
    is_enough
        Tells whether a bound already decides the question, or the time is up.
    show
        Is given the columns selected now and then (for a heuristic) and returns the new target.
    """
    n_rows, n_free = star.n_rows, len(star.free)
    place = np.full(star.n_columns, -1, dtype=np.intp)
    place[star.free] = np.arange(n_free)
    columns = place[star.columns]
    counts = np.bincount(star.rows, minlength=n_rows)
    members = [(np.flatnonzero(q.is_member[star.free]), q.needed) for q in star.quotas if q.needed]
    has_entry = counts > 0
    current = np.where(has_entry, np.minimum(multipliers, star.base), star.base)
    direction, popularity = np.zeros(n_rows), np.zeros(n_free)
    best = Dual(-np.inf, current, np.zeros(n_free), np.zeros(n_free, dtype=bool), popularity)
    step, failures = plan.step, 0
    for number in range(plan.n_steps):
        shifted = star.values - np.repeat(current, counts)
        is_below = shifted < 0
        reduced = _sum_by(columns, np.minimum(shifted, 0.0), n_free)
        selected = _select(reduced, star.left, members)
        is_selected = np.zeros(n_free, dtype=bool)
        is_selected[selected] = True
        bound = float(current.sum() + reduced[selected].sum())
        popularity += 0.05 * (is_selected - popularity)
        failures += 1
        if bound > best.bound:
            best = Dual(bound, current, reduced, is_selected, popularity)
            failures = 0
        if failures >= plan.patience:
            step, failures = step * SHRINK, 0
        if step < plan.smallest_step or is_enough(best.bound):
            break
        served = np.bincount(star.rows[is_below & is_selected[columns]], minlength=n_rows)
        slope = np.where(has_entry, 1.0 - served, 0.0)
        slope[(slope > 0) & (current >= star.base)] = 0.0
        if not slope.any():
            break
        direction = slope + DEFLECTION * direction
        if show is not None and number % SHOW_EVERY == SHOW_EVERY - 1:
            target = show(star.free[selected])
        length = (
            step * max(target - bound, 1e-9 * abs(target)) / float(direction @ direction + 1e-9)
        )
        current = np.where(has_entry, np.minimum(current + length * direction, star.base), current)
    return best


def find_decided(star: Star, dual: Dual, limit: float) -> tuple[Indices, Indices]:
    """Return columns that must be open, and columns that must stay closed, to reach ``limit``.

    A column is decided only where the opposite choice pushes the bound above ``limit``.
    """
    slack = limit - dual.bound + SAFETY * abs(limit)
    selected, others = dual.is_selected, ~dual.is_selected
    if not others.any() or not selected.any():
        empty = np.array([], dtype=np.intp)
        return empty, empty
    worst_in = dual.reduced[selected].max()
    best_out = dual.reduced[others].min()
    must_close = others & (dual.reduced - worst_in > slack)
    must_open = selected & (best_out - dual.reduced > slack)
    return star.free[must_open], star.free[must_close]


def _sum_by(labels: Indices, values: Floats, n_labels: int) -> Floats:
    sums: Floats = np.bincount(labels, values, n_labels).astype(np.float64, copy=False)
    return sums


def _select(reduced: Floats, left: int, quotas: list[tuple[Indices, int]]) -> Indices:
    """Return the ``left`` smallest, among them the smallest of each quota.

    Choices that fill disjoint quotas are the bases of a matroid, so this greedy choice is the
    cheapest, and exchanging one column for another moves from any of them to any other.
    """
    if left <= 0:
        return np.array([], dtype=np.intp)
    if left >= len(reduced):
        return np.arange(len(reduced))
    if not quotas:
        return np.argpartition(reduced, left - 1)[:left]
    must = np.concatenate([m[np.argsort(reduced[m], kind="stable")[:k]] for m, k in quotas])
    rest = np.setdiff1d(np.arange(len(reduced)), must)
    more = rest[np.argsort(reduced[rest], kind="stable")[: left - len(must)]]
    return np.concatenate([must, more])
