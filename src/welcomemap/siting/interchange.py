"""A good choice quickly: exchange one chosen column for another while that helps.

Vertex substitution (Teitz & Bart 1968, "Heuristic methods for estimating the generalized vertex
median of a weighted graph", Operations Research 16(5)); gain, loss and correction of all exchanges
come from one pass over the entries (Whitaker 1983, INFOR 21; Resende & Werneck 2007, "A fast
swap-based local search procedure for location problems", Annals of Operations Research 150).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.clock import Clock
from welcomemap.siting.problem import Floats
from welcomemap.siting.star import Indices

NO_COLUMN = -1
ROUNDING = 1e-12


@dataclass(frozen=True)
class Exchange:
    """Entries sorted by column and what is needed to score exchanges.

    Attributes
    ----------
    values
        Shape (n_rows, n_columns), finite or ``big``.
    base
        Shape (n_rows,), at most ``big``.
    """

    values: Floats
    base: Floats

    def total(self, chosen: Indices) -> float:
        """Return the objective of a choice."""
        nearest = self.values[:, chosen].min(axis=1, initial=np.inf)
        return float(np.minimum(nearest, self.base).sum())


@dataclass(frozen=True)
class Rule:
    """At least ``needed`` of the chosen columns must be flagged."""

    is_member: NDArray[np.bool_]
    needed: int

    def is_kept(self, chosen: Indices) -> bool:
        """Tell whether a choice keeps the rule."""
        return int(self.is_member[chosen].sum()) >= self.needed


def forbid_exchanges(profit: Floats, rule: Rule, current: Indices, free: Indices) -> None:
    """Set the profit of exchanges that would break a rule to ``-inf``, in place."""
    inside = rule.is_member[current]
    if int(inside.sum()) <= rule.needed:
        profit[np.ix_(inside, ~rule.is_member[free])] = -np.inf


def improve(
    exchange: Exchange,
    chosen: Indices,
    kept: Indices,
    free: Indices,
    clock: Clock,
    rules: tuple[Rule, ...] = (),
) -> Indices:
    """Make the best exchange again and again until none helps.

    Parameters
    ----------
    exchange
        Values and base.
    chosen
        Columns to start from, without ``kept``.
    kept
        Columns that stay chosen whatever happens.
    free
        Columns that may be chosen.
    clock
        When to stop.
    rules
        What every choice on the way must keep to.
    """
    values = exchange.values
    current = chosen.copy()
    base = np.minimum(exchange.base, values[:, kept].min(axis=1, initial=np.inf))
    while len(current) and len(free) > len(current) and not clock.is_over():
        first, second, owner = two_nearest(values, base, current)
        profit = score_exchanges(values, free, current, first, second, owner)
        for rule in rules:
            forbid_exchanges(profit, rule, current, free)
        place, entering = np.unravel_index(int(profit.argmax()), profit.shape)
        if profit[place, entering] <= ROUNDING * float(first.sum()):
            break
        current[place] = free[entering]
    return np.sort(current)


def choose_greedily(
    exchange: Exchange, kept: Indices, free: Indices, left: int, clock: Clock
) -> Indices:
    """Choose the column that helps most, again and again."""
    nearest = np.minimum(exchange.base, exchange.values[:, kept].min(axis=1, initial=np.inf))
    columns = np.ascontiguousarray(exchange.values[:, free].T)
    is_left = np.ones(len(free), dtype=bool)
    gains = np.full(len(free), np.inf)
    chosen: list[int] = []
    while len(chosen) < left:
        # gains only shrink, so a column whose fresh gain still leads is the best (lazy greedy)
        while True:
            best = int(np.where(is_left, gains, -np.inf).argmax())
            fresh = float(np.maximum(nearest - columns[best], 0.0).sum())
            is_still_best = fresh >= np.where(is_left, gains, -np.inf).max() or gains[best] == fresh
            gains[best] = fresh
            if is_still_best or fresh >= np.where(is_left, gains, -np.inf).max():
                break
        is_left[best] = False
        chosen.append(int(free[best]))
        nearest = np.minimum(nearest, columns[best])
        if clock.is_over():
            rest = [int(j) for j in free[is_left]]
            chosen += rest[: left - len(chosen)]
    return np.array(sorted(chosen), dtype=np.intp)


def two_nearest(values: Floats, base: Floats, current: Indices) -> tuple[Floats, Floats, Indices]:
    """Return nearest and second nearest value of each row, and the place in ``current`` of the
    nearest column, :data:`NO_COLUMN` where the base is as near.
    """
    if not len(current):
        return base, base, np.full(len(base), NO_COLUMN, dtype=np.intp)
    mine = values[:, current]
    rows = np.arange(len(values))
    owner = mine.argmin(axis=1)
    first = mine[rows, owner]
    mine[rows, owner] = np.inf
    second = np.minimum(mine.min(axis=1), base)
    is_base = base <= first
    owner = np.where(is_base, NO_COLUMN, owner)
    return np.where(is_base, base, first), np.where(is_base, base, second), owner


def score_exchanges(
    values: Floats, free: Indices, current: Indices, first: Floats, second: Floats, owner: Indices
) -> Floats:
    """Return what each exchange gains, shape (n_current, n_free), ``-inf`` for columns chosen.

    Row: the place in ``current`` that is given up; column: the place in ``free`` that enters.
    """
    order = np.argsort(owner, kind="stable")
    block = values[np.ix_(order, free)]
    near, far = first[order, None], second[order, None]
    gain = np.maximum(near - block, 0.0).sum(axis=0)
    owners, starts = np.unique(owner[order], return_index=True)
    saved = np.add.reduceat(np.maximum(far - np.maximum(block, near), 0.0), starts, axis=0)
    loss = np.add.reduceat((far - near)[:, 0], starts)
    profit: Floats = np.tile(gain, (len(current), 1))
    is_real = owners != NO_COLUMN
    profit[owners[is_real]] += saved[is_real] - loss[is_real, None]
    profit[:, np.isin(free, current)] = -np.inf
    return profit
