"""Prove the best choice, or list all choices up to a limit, by dividing the problem.

Each part is a :class:`~welcomemap.siting.star.Star`: some columns opened, some closed, the rest
free. Its Lagrangian bound discards it, decides columns in it, or names the column to divide on;
what is small enough is scored subset by subset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import comb

import numpy as np

from welcomemap.siting.clock import Clock
from welcomemap.siting.enumeration import fold_subsets, list_subsets
from welcomemap.siting.lagrangian import AGAIN_PLAN, NODE_PLAN, SAFETY, Dual, climb, find_decided
from welcomemap.siting.problem import Floats, Members
from welcomemap.siting.star import Indices, Star, close_columns, open_columns

MAX_LEAF_SUBSETS = 400
MAX_ROUNDS = 6
WORTH_ANOTHER_CLIMB = 0.1


@dataclass(frozen=True)
class Part:
    """A part of the search: what is left of the problem, its multipliers, bound and choice."""

    star: Star
    multipliers: Floats
    chosen: Members
    bound: float


@dataclass
class Division:
    """A depth-first search for all choices whose objective stays within a limit.

    Attributes
    ----------
    values, base
        The full problem: shape (n_rows, n_columns) and (n_rows,).
    target
        Best objective known (for the step size).
    limit
        Only choices of at most this objective are of interest.
    take
        Is given each choice found with its objective; returns the limit from then on.
    clock
        When to stop.
    is_allowed
        Further condition on a complete choice.
    """

    values: Floats
    base: Floats
    target: float
    limit: float
    take: Callable[[Members, float], float]
    clock: Clock
    is_allowed: Callable[[Members], bool]
    n_parts: int = 0
    open_bounds: list[float] = field(default_factory=list)

    def run(self, root: Part) -> bool:
        """Search; return whether everything was looked at.

        Otherwise ``open_bounds`` holds the bounds of the parts that remain.
        """
        stack = [root]
        while stack:
            if self.clock.is_over() or self.limit == -np.inf:
                self.open_bounds = [part.bound for part in stack]
                return False
            self.n_parts += 1
            stack += self._divide(stack.pop())
        return True

    def _divide(self, part: Part) -> list[Part]:
        if self._is_hopeless(part.bound):
            return []
        star, chosen, multipliers = part.star, part.chosen, part.multipliers
        plan = NODE_PLAN
        for _ in range(MAX_ROUNDS):
            if star.is_impossible:
                return []
            if self._is_leaf(star):
                self._score_leaf(star, chosen)
                return []
            dual = climb(star, multipliers, self.target, plan, self._is_enough)
            if self._is_hopeless(dual.bound):
                return []
            multipliers = dual.multipliers
            opened, closed = find_decided(star, dual, self.limit)
            if not len(opened) and not len(closed):
                break
            n_before = len(star.free)
            star = open_columns(close_columns(star, closed), opened)
            chosen = (*chosen, *(int(j) for j in opened))
            plan = AGAIN_PLAN
            if len(opened) + len(closed) < WORTH_ANOTHER_CLIMB * n_before:
                break
        if self._is_leaf(star):
            self._score_leaf(star, chosen)
            return []
        return self._split(star, dual, part.star, multipliers, chosen)

    def _split(
        self, star: Star, dual: Dual, earlier: Star, multipliers: Floats, chosen: Members
    ) -> list[Part]:
        popularity = np.zeros(star.n_columns)
        place = np.isin(earlier.free, star.free)
        if len(dual.popularity) == len(earlier.free):
            popularity[earlier.free[place]] = dual.popularity[place]
        column = int(star.free[popularity[star.free].argmax()])
        picked = np.array([column], dtype=np.intp)
        bound = dual.bound
        return [
            Part(close_columns(star, picked), multipliers, chosen, bound),
            Part(open_columns(star, picked), multipliers, (*chosen, column), bound),
        ]

    def _is_hopeless(self, bound: float) -> bool:
        return bound > self.limit + SAFETY * abs(self.limit)

    def _is_enough(self, bound: float) -> bool:
        return self._is_hopeless(bound) or self.clock.is_over()

    def _is_leaf(self, star: Star) -> bool:
        n = len(star.free)
        return star.left <= 0 or star.left >= n or comb(n, star.left) <= MAX_LEAF_SUBSETS

    def _score_leaf(self, star: Star, chosen: Members) -> None:
        n = len(star.free)
        if not 0 <= star.left <= n:
            return
        start = np.minimum(self.values[:, list(chosen)].min(axis=1, initial=np.inf), self.base)
        columns = np.ascontiguousarray(self.values[:, star.free].T)
        totals = np.concatenate(
            [block.sum(axis=1) for block in fold_subsets(columns, start, star.left, np.minimum)]
        )
        subsets: Indices | None = None
        for k in np.flatnonzero(totals <= self.limit + SAFETY * abs(self.limit)):
            subsets = list_subsets(n, star.left) if subsets is None else subsets
            members = tuple(sorted((*chosen, *(int(j) for j in star.free[subsets[k]]))))
            is_within = totals[k] <= self.limit + SAFETY * abs(self.limit)
            if is_within and self.is_allowed(members):
                self.limit = self.take(members, float(totals[k]))
