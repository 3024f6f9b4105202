"""p-median and MCLP by one kernel: pick p columns so that the row minima sum to least.

Greedy choice and exchanges give a solution, the Lagrangian ascent a bound and further solutions,
dividing the problem closes the gap; then all ties and near choices are listed the same way.

minimise  sum_i min(base_i, min_{j chosen} value_ij)

p-median: value = w_i c_ij, base = w_i times the cost to the nearest existing facility (or inf).
MCLP: value = 0 where covered, else w_i; base = w_i (Church & ReVelle 1976, "Theoretical and
computational links between the p-median, location set-covering, and the maximal covering location
problem", Geographical Analysis 8(4)).

Only entries below the base matter, so a problem is kept as those entries alone, row by row.

*Exchange.* Vertex substitution (Teitz & Bart 1968, "Heuristic methods for estimating the
generalized vertex median of a weighted graph", Operations Research 16(5)); gain, loss and
correction of all exchanges come from one pass over the entries (Whitaker 1983, INFOR 21; Resende &
Werneck 2007, "A fast swap-based local search procedure for location problems", Annals of Operations
Research 150).

*Bound.* Relaxing "every row is served once" with multipliers lambda (Cornuéjols, Fisher & Nemhauser
1977, "Location of bank accounts to optimize float", Management Science 23(8))::

    L(lambda) = sum_i lambda_i + sum of the p smallest rho_j,
    rho_j     = sum_i min(0, value_ij - lambda_i),      lambda_i <= base_i

Every lambda gives a valid bound, so no rounding of the ascent can make it wrong; it is found by
subgradient steps (Held, Wolfe & Crowder 1974, "Validation of subgradient optimization",
Mathematical Programming 6). A column is decided when taking or leaving it lifts the bound above
the best known solution (Beasley 1985, "A note on solving large p-median problems",
European Journal of Operational Research 21(2)).

*Branch and bound.* Each node is a :class:`MedianKernel`: some columns opened, some closed, the rest
free. Its Lagrangian bound discards it, decides columns in it, or names the column to branch on;
what is small enough is scored subset by subset.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import comb

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.enumeration import fold_subsets, list_subsets
from welcomemap.siting.problem import Deadline, Floats, Members

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """At least ``needed`` of the chosen columns must be flagged."""

    is_member: Flags
    needed: int

    def is_kept(self, chosen: Indices) -> bool:
        """Tell whether a choice keeps the rule."""
        return int(self.is_member[chosen].sum()) >= self.needed


@dataclass(frozen=True)
class MedianKernel:
    """Entries below the base, and what is left to choose.

    Attributes
    ----------
    rows, columns, values
        Shape (n_entries,): sorted by row; every value is below the base of its row.
    base
        Shape (n_rows,): value of a row while nothing is chosen, may be ``inf``.
    n_columns
        Number of columns.
    free
        Columns that may still be chosen, ascending.
    left
        How many of them must be chosen.
    quotas
        Which of them must still be among those; quotas never overlap.
    """

    rows: Indices
    columns: Indices
    values: Floats
    base: Floats
    n_columns: int
    free: Indices
    left: int
    quotas: tuple[Rule, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.base)

    @property
    def is_impossible(self) -> bool:
        """Tell whether the free columns cannot fill the quotas."""
        needed = sum(quota.needed for quota in self.quotas)
        return needed > self.left or any(
            int(quota.is_member[self.free].sum()) < quota.needed for quota in self.quotas
        )


def make_star(
    values: Floats, base: Floats, free: Indices, left: int, quotas: tuple[Rule, ...]
) -> MedianKernel:
    """Keep the entries of the free columns that lie below the base.

    Parameters
    ----------
    values
        Shape (n_rows, n_columns), ``inf`` = impossible.
    base
        Shape (n_rows,).
    free
        Columns to choose from.
    left, quotas
        How many to choose, and which of them at least.
    """
    is_free = np.zeros(values.shape[1], dtype=bool)
    is_free[free] = True
    rows, columns = np.nonzero((values < base[:, None]) & is_free)
    return MedianKernel(
        rows, columns, values[rows, columns], base, values.shape[1], np.sort(free), left, quotas
    )


def open_columns(kernel: MedianKernel, chosen: Indices) -> MedianKernel:
    """Choose columns: lower the base where they are better, and keep the entries below it."""
    is_chosen = np.zeros(kernel.n_columns, dtype=bool)
    is_chosen[chosen] = True
    mine = is_chosen[kernel.columns]
    base = kernel.base.copy()
    np.minimum.at(base, kernel.rows[mine], kernel.values[mine])
    quotas = tuple(
        replace(quota, needed=max(0, quota.needed - int(quota.is_member[chosen].sum())))
        for quota in kernel.quotas
    )
    opened = replace(kernel, base=base, left=kernel.left - len(chosen), quotas=quotas)
    return _keep(opened, (kernel.values < base[kernel.rows]) & ~mine, ~is_chosen)


def close_columns(kernel: MedianKernel, closed: Indices) -> MedianKernel:
    """Give up columns."""
    is_closed = np.zeros(kernel.n_columns, dtype=bool)
    is_closed[closed] = True
    return _keep(kernel, ~is_closed[kernel.columns], ~is_closed)


def _keep(kernel: MedianKernel, entries: Flags, columns: Flags) -> MedianKernel:
    return replace(
        kernel,
        rows=kernel.rows[entries],
        columns=kernel.columns[entries],
        values=kernel.values[entries],
        free=kernel.free[columns[kernel.free]],
    )


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
    deadline: Deadline,
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
    deadline
        When to stop.
    rules
        What every choice on the way must keep to.
    """
    values = exchange.values
    current = chosen.copy()
    base = np.minimum(exchange.base, values[:, kept].min(axis=1, initial=np.inf))
    while len(current) and len(free) > len(current) and not deadline.is_over():
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
    exchange: Exchange, kept: Indices, free: Indices, left: int, deadline: Deadline
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
        if deadline.is_over():
            rest = [int(j) for j in free[is_left]]
            chosen += rest[: left - len(chosen)]
    return np.array(sorted(chosen), dtype=np.intp)


def two_nearest(values: Floats, base: Floats, current: Indices) -> tuple[Floats, Floats, Indices]:
    """Return nearest and second nearest value of each row, and which column is the nearest.

    Columns are told by their place in ``current``; :data:`NO_COLUMN` where the base is as near.
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


SAFETY = 1e-12
"""Relative rounding allowed for in a bound before it may exclude anything."""


@dataclass(frozen=True)
class Dual:
    """A bound with its multipliers.

    Attributes
    ----------
    bound
        Lower bound of the kernel's optimum.
    multipliers
        Shape (n_rows,).
    reduced
        rho_j of the free columns, shape (n_free,), in the order of ``kernel.free``.
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
    """How long to ascend: steps at most, first step size, and after how many failures to shrink."""

    n_steps: int
    step: float
    patience: int
    smallest_step: float


ROOT_PLAN = AscentPlan(n_steps=1500, step=1.0, patience=10, smallest_step=0.001)
AGAIN_PLAN = AscentPlan(n_steps=300, step=0.1, patience=8, smallest_step=0.001)
NODE_PLAN = AscentPlan(n_steps=80, step=0.1, patience=5, smallest_step=0.004)
SHRINK, DEFLECTION = 0.7, 0.7
SHOW_EVERY = 10


def ascend_subgradient(
    kernel: MedianKernel,
    multipliers: Floats,
    target: float,
    plan: AscentPlan,
    is_enough: Callable[[float], bool],
    show: Callable[[Indices], float] | None = None,
) -> Dual:
    """Raise the bound by subgradient steps towards ``target`` (the best known objective).

    Parameters
    ----------
    kernel
        The problem; ``base`` finite, and some but not all of its free columns to be chosen.
    multipliers
        Where to start, shape (n_rows,); clipped at the base.
    target
        Objective of the best known solution.
    plan
        Length of the ascent.
    is_enough
        Tells whether a bound already decides the question, or the time is up.
    show
        Is given the columns selected now and then (for a heuristic) and returns the new target.
    """
    n_rows, n_free = kernel.n_rows, len(kernel.free)
    place = np.full(kernel.n_columns, -1, dtype=np.intp)
    place[kernel.free] = np.arange(n_free)
    columns = place[kernel.columns]
    counts = np.bincount(kernel.rows, minlength=n_rows)
    members = [
        (np.flatnonzero(q.is_member[kernel.free]), q.needed) for q in kernel.quotas if q.needed
    ]
    has_entry = counts > 0
    current = np.where(has_entry, np.minimum(multipliers, kernel.base), kernel.base)
    direction, popularity = np.zeros(n_rows), np.zeros(n_free)
    best = Dual(-np.inf, current, np.zeros(n_free), np.zeros(n_free, dtype=bool), popularity)
    step, failures = plan.step, 0
    for number in range(plan.n_steps):
        shifted = kernel.values - np.repeat(current, counts)
        is_below = shifted < 0
        reduced = _sum_by(columns, np.minimum(shifted, 0.0), n_free)
        selected = _select(reduced, kernel.left, members)
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
        served = np.bincount(kernel.rows[is_below & is_selected[columns]], minlength=n_rows)
        slope = np.where(has_entry, 1.0 - served, 0.0)
        slope[(slope > 0) & (current >= kernel.base)] = 0.0
        if not slope.any():
            break
        direction = slope + DEFLECTION * direction
        if show is not None and number % SHOW_EVERY == SHOW_EVERY - 1:
            target = show(kernel.free[selected])
        length = (
            step * max(target - bound, 1e-9 * abs(target)) / float(direction @ direction + 1e-9)
        )
        current = np.where(
            has_entry, np.minimum(current + length * direction, kernel.base), current
        )
    return best


def find_decided(kernel: MedianKernel, dual: Dual, limit: float) -> tuple[Indices, Indices]:
    """Return columns that must be open, and columns that must stay closed, to reach ``limit``.

    A column is decided only where the opposite choice pushes the bound above ``limit``.
    """
    slack = limit - dual.bound + SAFETY * abs(limit)
    selected, others = dual.is_selected, ~dual.is_selected
    worst_in = dual.reduced[selected].max()
    best_out = dual.reduced[others].min()
    must_close = others & (dual.reduced - worst_in > slack)
    must_open = selected & (best_out - dual.reduced > slack)
    return kernel.free[must_open], kernel.free[must_close]


def _sum_by(labels: Indices, values: Floats, n_labels: int) -> Floats:
    sums: Floats = np.bincount(labels, values, n_labels).astype(np.float64, copy=False)
    return sums


def _select(reduced: Floats, left: int, quotas: list[tuple[Indices, int]]) -> Indices:
    """Return the ``left`` smallest (some, not all), among them the smallest of each quota.

    Choices that fill disjoint quotas are the bases of a matroid, so this greedy choice is the
    cheapest, and exchanging one column for another moves from any of them to any other.
    """
    if not quotas:
        return np.argpartition(reduced, left - 1)[:left]
    must = np.concatenate([m[np.argsort(reduced[m], kind="stable")[:k]] for m, k in quotas])
    rest = np.setdiff1d(np.arange(len(reduced)), must)
    more = rest[np.argsort(reduced[rest], kind="stable")[: left - len(must)]]
    return np.concatenate([must, more])


MAX_LEAF_SUBSETS = 400
MAX_ROUNDS = 6
WORTH_ANOTHER_ASCENT = 0.1


@dataclass(frozen=True)
class Node:
    """A part of the search: what is left of the problem, its multipliers, bound and choice."""

    kernel: MedianKernel
    multipliers: Floats
    chosen: Members
    bound: float


@dataclass
class BranchAndBound:
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
    deadline
        When to stop.
    is_allowed
        Further condition on a complete choice.
    """

    values: Floats
    base: Floats
    target: float
    limit: float
    take: Callable[[Members, float], float]
    deadline: Deadline
    is_allowed: Callable[[Members], bool]
    open_bounds: list[float] = field(default_factory=list)

    def run(self, root: Node) -> bool:
        """Search; return whether everything was looked at.

        Otherwise ``open_bounds`` holds the bounds of the parts that remain.
        """
        stack = [root]
        while stack:
            if self.deadline.is_over() or self.limit == -np.inf:
                self.open_bounds = [part.bound for part in stack]
                return False
            stack += self._divide(stack.pop())
        return True

    def _divide(self, part: Node) -> list[Node]:
        if self._is_hopeless(part.bound):
            return []
        kernel, chosen, multipliers = part.kernel, part.chosen, part.multipliers
        plan = NODE_PLAN
        for _ in range(MAX_ROUNDS):
            if kernel.is_impossible:
                return []
            if self._is_leaf(kernel):
                self._score_leaf(kernel, chosen)
                return []
            dual = ascend_subgradient(kernel, multipliers, self.target, plan, self._is_enough)
            if self._is_hopeless(dual.bound):
                return []
            multipliers = dual.multipliers
            opened, closed = find_decided(kernel, dual, self.limit)
            if not len(opened) and not len(closed):
                break
            n_before = len(kernel.free)
            kernel = open_columns(close_columns(kernel, closed), opened)
            chosen = (*chosen, *(int(j) for j in opened))
            plan = AGAIN_PLAN
            if len(opened) + len(closed) < WORTH_ANOTHER_ASCENT * n_before:
                break
        if self._is_leaf(kernel):
            self._score_leaf(kernel, chosen)
            return []
        return self._split(kernel, dual, part.kernel, multipliers, chosen)

    def _split(
        self,
        kernel: MedianKernel,
        dual: Dual,
        earlier: MedianKernel,
        multipliers: Floats,
        chosen: Members,
    ) -> list[Node]:
        popularity = np.zeros(kernel.n_columns)
        place = np.isin(earlier.free, kernel.free)
        if len(dual.popularity) == len(earlier.free):
            popularity[earlier.free[place]] = dual.popularity[place]
        column = int(kernel.free[popularity[kernel.free].argmax()])
        picked = np.array([column], dtype=np.intp)
        bound = dual.bound
        return [
            Node(close_columns(kernel, picked), multipliers, chosen, bound),
            Node(open_columns(kernel, picked), multipliers, (*chosen, column), bound),
        ]

    def _is_hopeless(self, bound: float) -> bool:
        return bound > self.limit + SAFETY * abs(self.limit)

    def _is_enough(self, bound: float) -> bool:
        return self._is_hopeless(bound) or self.deadline.is_over()

    def _is_leaf(self, kernel: MedianKernel) -> bool:
        n = len(kernel.free)
        return kernel.left <= 0 or kernel.left >= n or comb(n, kernel.left) <= MAX_LEAF_SUBSETS

    def _score_leaf(self, kernel: MedianKernel, chosen: Members) -> None:
        n = len(kernel.free)
        if not 0 <= kernel.left <= n:
            return
        start = np.minimum(self.values[:, list(chosen)].min(axis=1, initial=np.inf), self.base)
        columns = np.ascontiguousarray(self.values[:, kernel.free].T)
        totals = np.concatenate(
            [block.sum(axis=1) for block in fold_subsets(columns, start, kernel.left, np.minimum)]
        )
        subsets: Indices | None = None
        for k in np.flatnonzero(totals <= self.limit + SAFETY * abs(self.limit)):
            subsets = list_subsets(n, kernel.left) if subsets is None else subsets
            members = tuple(sorted((*chosen, *(int(j) for j in kernel.free[subsets[k]]))))
            is_within = totals[k] <= self.limit + SAFETY * abs(self.limit)
            if is_within and self.is_allowed(members):
                self.limit = self.take(members, float(totals[k]))


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
class MedianSearch:
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
    deadline
        When to stop.
    rules
        What a choice, without the required columns, must keep to.
    """

    values: Floats
    base: Floats
    required: Indices
    optional: Indices
    p: int
    deadline: Deadline
    rules: tuple[Rule, ...] = ()
    best: Choice = field(init=False)
    bound: float = field(init=False, default=-math.inf)
    step: float = field(init=False, default=0.0)
    _exchange: Exchange = field(init=False)
    _root: Node | None = field(init=False, default=None)
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
            self._exchange, self.required, self.optional, self.left, self.deadline
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
        dual = ascend_subgradient(
            root.kernel, root.multipliers, self.best.total, ROOT_PLAN, self._is_decided, self._show
        )
        ranked = root.kernel.free[np.argsort(-dual.popularity, kind="stable")]
        self._offer(ranked[: self.left], is_improved=True)
        self._root = Node(root.kernel, dual.multipliers, root.chosen, dual.bound)
        self._set_bound(dual.bound)
        if self._is_decided(dual.bound):
            return
        division = self._division(self._better_limit(), self._take_better, self.deadline)
        is_complete = division.run(self._root)
        self._set_bound(
            self.best.total if is_complete else min(division.open_bounds, default=-np.inf)
        )

    def list_within(self, limit: float, room: int, deadline: Deadline) -> tuple[list[Choice], bool]:
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
        division = self._division(limit, take, deadline)
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
        self, limit: float, take: Callable[[Members, float], float], deadline: Deadline
    ) -> BranchAndBound:
        return BranchAndBound(
            self.values, self.base, self.best.total, limit, take, deadline, self._is_allowed
        )

    def _make_root(self) -> Node:
        base = np.minimum(self.base, self.values[:, self.required].min(axis=1, initial=np.inf))
        chosen = np.array(self.best.members, dtype=np.intp)
        _, second, _ = two_nearest(self._exchange.values, self._exchange.base, chosen)
        n = len(self.optional)
        depth = min(n - 1, ENTRIES_PER_SITE * n // max(self.left, 1) + 2)
        reach = np.partition(self._exchange.values[:, self.optional], depth, axis=1)[:, depth]
        ceiling = np.minimum(base, np.minimum(np.maximum(reach, second), self.best.total + 1.0))
        kernel = make_star(self.values, ceiling, self.optional, self.left, self._find_quotas())
        members = tuple(int(j) for j in self.required)
        return Node(kernel, np.minimum(second, ceiling), members, -math.inf)

    def _find_quotas(self) -> tuple[Rule, ...]:
        """Return the rules that do not overlap; the others are checked on complete choices."""
        taken = np.zeros(self.values.shape[1], dtype=bool)
        quotas = []
        for rule in self.rules:
            if not (taken & rule.is_member).any():
                quotas.append(rule)
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
                self._exchange, chosen, self.required, self.optional, self.deadline, self.rules
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
        return bound > self._better_limit() or self.deadline.is_over()

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
