"""Solve p-median and MCLP: good choice, bound, proof, ties.

Greedy choice and exchanges give a solution, the Lagrangian ascent a bound and further solutions,
dividing the problem closes the gap; then all ties and near choices are listed the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from welcomemap.siting.branch_and_bound import Division, Part
from welcomemap.siting.clock import Clock
from welcomemap.siting.interchange import (
    Exchange,
    Rule,
    choose_greedily,
    forbid_exchanges,
    improve,
    score_exchanges,
    two_nearest,
)
from welcomemap.siting.lagrangian import ROOT_PLAN, climb
from welcomemap.siting.problem import Floats, Members
from welcomemap.siting.star import Indices, Quota, make_star

ENTRIES_PER_SITE = 4
PROMISING = 1.02
"""A choice from the ascent is improved when it is within 2 % of the best."""
FLOAT_STEP = 1e-9


@dataclass(frozen=True)
class Choice:
    """Columns chosen (required ones included) and the sum of row minima."""

    members: Members
    total: float


@dataclass
class StarSearch:
    """One search; the best choice and the bound get better as it goes.

    Attributes
    ----------
    values
        Shape (n_rows, n_columns), ``inf`` = impossible.
    base
        Shape (n_rows,), ``inf`` where nothing stands yet.
    required, optional
        Columns that must, and may, be chosen.
    p
        How many are chosen in all.
    clock
        When to stop.
    rules
        What a choice, without the required columns, must keep to.
    """

    values: Floats
    base: Floats
    required: Indices
    optional: Indices
    p: int
    clock: Clock
    rules: tuple[Rule, ...] = ()
    best: Choice = field(init=False)
    bound: float = field(init=False, default=-math.inf)
    n_parts: int = field(init=False, default=0)
    step: float = field(init=False, default=0.0)
    _exchange: Exchange = field(init=False)
    _root: Part | None = field(init=False, default=None)
    _tried: set[Members] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        finite = np.where(np.isfinite(self.values), self.values, 0.0)
        standing = np.where(np.isfinite(self.base), self.base, 0.0)
        self._big = 2 * float(np.maximum(finite.max(axis=1, initial=0), standing).sum()) + 1.0
        self._exchange = Exchange(
            np.where(np.isfinite(self.values), self.values, self._big),
            np.where(np.isfinite(self.base), self.base, self._big),
        )
        self.step = find_step(self.values)
        self.best = Choice((), math.inf)

    @property
    def is_feasible(self) -> bool:
        """Tell whether the best choice serves every row."""
        return self.best.total < self._big

    @property
    def left(self) -> int:
        """How many columns are to be chosen besides the required ones."""
        return self.p - len(self.required)

    def start(self) -> None:
        """Find a good choice."""
        chosen = choose_greedily(
            self._exchange, self.required, self.optional, self.left, self.clock
        )
        self._offer(chosen, is_improved=True)

    def adopt(self, members: Members) -> None:
        """Take a choice known from elsewhere and improve it."""
        self._offer(np.setdiff1d(np.array(members, dtype=np.intp), self.required), is_improved=True)

    def prove(self) -> None:
        """Raise the bound and divide the problem until it meets the best choice, or time is up."""
        if not self.has_other_choices():
            self.bound = self.best.total
            return
        root = self._make_root()
        dual = climb(
            root.star, root.multipliers, self.best.total, ROOT_PLAN, self._is_decided, self._show
        )
        ranked = root.star.free[np.argsort(-dual.popularity, kind="stable")]
        self._offer(ranked[: self.left], is_improved=True)
        self._root = Part(root.star, dual.multipliers, root.chosen, dual.bound)
        self._set_bound(dual.bound)
        if self._is_decided(dual.bound):
            return
        division = self._division(self._better_limit(), self._take_better, self.clock)
        is_complete = division.run(self._root)
        self.n_parts += division.n_parts
        self._set_bound(
            self.best.total if is_complete else min(division.open_bounds, default=-np.inf)
        )

    def list_within(self, limit: float, room: int, clock: Clock) -> tuple[list[Choice], bool]:
        """Return choices with a total up to ``limit``, and whether these are all."""
        found: list[Choice] = []
        if not self.has_other_choices():
            return [self.best], True

        def take(members: Members, total: float) -> float:
            if len(found) >= room:
                return -math.inf
            found.append(Choice(members, total))
            return limit

        root = self._root or self._make_root()
        division = self._division(limit, take, clock)
        is_complete = division.run(root) and division.limit != -math.inf
        return found, is_complete

    def has_other_choices(self) -> bool:
        """Tell whether anything but one single choice is possible."""
        return 0 < self.left < len(self.optional)

    def list_neighbours(self, members: Members, most: int) -> list[Choice]:
        """Return at most so many of the choices one exchange away, best first."""
        current = np.setdiff1d(np.array(members, dtype=np.intp), self.required)
        if not len(current) or len(self.optional) <= len(current):
            return []
        values = self._exchange.values
        base = np.minimum(self._exchange.base, values[:, self.required].min(axis=1, initial=np.inf))
        first, second, owner = two_nearest(values, base, current)
        profit = score_exchanges(values, self.optional, current, first, second, owner)
        for rule in self.rules:
            forbid_exchanges(profit, rule, current, self.optional)
        total = float(first.sum())
        places, entering = np.nonzero(np.isfinite(profit))
        order = np.argsort(-profit[places, entering], kind="stable")[:most]
        return [
            Choice(
                tuple(sorted({*members, int(self.optional[k])} - {int(current[place])})),
                total - float(profit[place, k]),
            )
            for place, k in zip(places[order], entering[order], strict=True)
        ]

    def _division(
        self, limit: float, take: Callable[[Members, float], float], clock: Clock
    ) -> Division:
        return Division(
            self.values, self.base, self.best.total, limit, take, clock, self._is_allowed
        )

    def _make_root(self) -> Part:
        base = np.minimum(self.base, self.values[:, self.required].min(axis=1, initial=np.inf))
        chosen = np.array(self.best.members, dtype=np.intp)
        _, second, _ = two_nearest(self._exchange.values, self._exchange.base, chosen)
        n = len(self.optional)
        depth = min(n - 1, ENTRIES_PER_SITE * n // max(self.left, 1) + 2)
        reach = np.partition(self._exchange.values[:, self.optional], depth, axis=1)[:, depth]
        ceiling = np.minimum(base, np.minimum(np.maximum(reach, second), self.best.total + 1.0))
        star = make_star(self.values, ceiling, self.optional, self.left, self._find_quotas())
        members = tuple(int(j) for j in self.required)
        return Part(star, np.minimum(second, ceiling), members, -math.inf)

    def _find_quotas(self) -> tuple[Quota, ...]:
        """Return the rules that do not overlap; the others are checked on complete choices."""
        taken = np.zeros(self.values.shape[1], dtype=bool)
        quotas = []
        for rule in self.rules:
            if not (taken & rule.is_member).any():
                quotas.append(Quota(rule.is_member, rule.needed))
                taken |= rule.is_member
        return tuple(quotas)

    def _is_allowed(self, members: Members) -> bool:
        chosen = np.setdiff1d(np.array(members, dtype=np.intp), self.required)
        return all(rule.is_kept(chosen) for rule in self.rules)

    def _show(self, selected: Indices) -> float:
        self._offer(selected, is_improved=False)
        return self.best.total

    def _offer(self, chosen: Indices, *, is_improved: bool) -> None:
        """Score a choice without the required columns; improve it where that is promising."""
        whole = np.sort(np.concatenate([self.required, chosen]))
        total = self._exchange.total(whole)
        key = tuple(int(j) for j in whole)
        is_new = key not in self._tried
        if is_new and (is_improved or total < PROMISING * self.best.total):
            self._tried.add(key)
            chosen = improve(
                self._exchange, chosen, self.required, self.optional, self.clock, self.rules
            )
            whole = np.sort(np.concatenate([self.required, chosen]))
            total = self._exchange.total(whole)
        if not all(rule.is_kept(chosen) for rule in self.rules):
            return
        if total < self.best.total:
            self.best = Choice(tuple(int(j) for j in whole), total)

    def _better_limit(self) -> float:
        """Return the largest total that would be a real improvement."""
        if self.step:
            return self.best.total - self.step * (1 - 1e-6)
        return self.best.total * (1 - FLOAT_STEP)

    def _take_better(self, members: Members, total: float) -> float:
        if total < self.best.total:
            self.best = Choice(members, total)
        return self._better_limit()

    def _is_decided(self, bound: float) -> bool:
        return bound > self._better_limit() or self.clock.is_over()

    def _set_bound(self, bound: float) -> None:
        if self.step and bound > -math.inf:
            bound = math.ceil(bound / self.step - 1e-6) * self.step
        if bound > self._better_limit():
            bound = self.best.total
        self.bound = max(self.bound, min(bound, self.best.total))


def find_step(values: Floats) -> float:
    """Return the largest whole number that divides all values, 0 where some are not whole."""
    finite = np.unique(values[np.isfinite(values)])
    if not len(finite) or finite[-1] >= 2**40 or (finite != np.floor(finite)).any():
        return 0.0
    return float(np.gcd.reduce(finite.astype(np.int64)))
