"""Score every subset: exact, with all ties known, where there are few enough of them.

Subsets come in lexicographic order. All that share their first p - 1 members are folded in one
vectorised step from the fold of that prefix (minimum of costs, or sum of coverages).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.objective import Objective
from welcomemap.siting.problem import Floats, Scored, Search

MAX_SUBSETS = 400_000
MAX_WORK = 400_000_000
"""Subsets, and subsets times demand points, that are still scored one by one (about a second)."""
BLOCK_VALUES = 100_000
MAX_TAIL_VALUES = 8_000_000


@lru_cache(maxsize=8)
def list_subsets(n: int, p: int) -> NDArray[np.intp]:
    """Return all p-subsets of 0 … n-1 in lexicographic order, shape (n_subsets, p)."""
    count = comb(n, p)
    flat = (j for subset in combinations(range(n), p) for j in subset)
    subsets = np.fromiter(flat, dtype=np.intp, count=count * p).reshape(count, p)
    subsets.flags.writeable = False
    return subsets


def fold_subsets(columns: Floats, start: Floats, p: int, fold: np.ufunc) -> Iterator[Floats]:
    """Yield blocks of rows, one row per p-subset: ``start`` folded with its columns.

    Parameters
    ----------
    columns
        Shape (n_facilities, n_demand), C-contiguous.
    start
        Shape (n_demand,): the fold of what is open already.
    p
        Size of the subsets.
    fold
        ``np.minimum`` or ``np.add``.

    Yields
    ------
    array
        Shape (k, n_demand), overwritten by the next block.
    """
    n, width = columns.shape
    if p == 0:
        yield start[None, :]
        return
    length = 2 if p > 2 and n * n * width <= MAX_TAIL_VALUES else 1
    tails = columns
    if length == 2:
        pairs = list_subsets(n, 2)
        tails = fold(columns[pairs[:, 0]], columns[pairs[:, 1]])
    room = max(1, BLOCK_VALUES // max(width, 1))
    buffer = np.empty((room, width))
    filled = 0
    for lowest, partial in _fold_prefixes(columns, start, p - length, fold):
        # subsets of the columns from ``lowest`` on stand at the end of the list
        at = len(tails) - comb(n - lowest, length)
        while at < len(tails):
            end = min(len(tails), at + room - filled)
            fold(partial, tails[at:end], out=buffer[filled : filled + end - at])
            filled += end - at
            at = end
            if filled == room:
                yield buffer
                filled = 0
    if filled:
        yield buffer[:filled]


def is_enumerable(objective: Objective) -> bool:
    """Tell whether scoring every subset is fast enough to be the method of choice."""
    if objective.problem.constraints.capacity is not None:
        return False
    n = len(objective.problem.optional)
    count = sum(comb(n, size) for size in _sizes(objective))
    return count <= MAX_SUBSETS and count * max(len(objective.weights), 1) <= MAX_WORK


def search_by_enumeration(objective: Objective) -> Search:
    """Score every allowed subset and return all that tie or come near."""
    found: list[Scored] = []
    for size in _sizes(objective):
        subsets, values = _score_size(objective, size)
        found += _keep_interesting(objective, subsets, values)
    return make_search(objective, found)


def make_search(objective: Objective, found: list[Scored]) -> Search:
    """Sort what an exhaustive search kept and name runner-up and ties."""
    found = objective.order(found)
    if not found:
        return Search((), np.nan, True, True, None, True, "enumeration")
    best = found[0].objective
    near = [scored for scored in found if objective.is_near(scored.objective, best)]
    worse = [scored for scored in found if not objective.is_tied(scored.objective, best)]
    n_optimal = sum(objective.is_tied(scored.objective, best) for scored in near)
    shown = max(objective.request.max_sets, 1)
    return Search(
        found=tuple(near[:shown]),
        bound=best,
        is_ties_exact=True,
        is_near_exact=len(near) <= shown,
        runner_up=worse[0] if worse else None,
        is_runner_up_proven=True,
        method="enumeration",
        n_optimal=n_optimal,
        runner_ups=tuple(
            scored for scored in worse if objective.is_tied(scored.objective, worse[0].objective)
        ),
    )


def _sizes(objective: Objective) -> list[int]:
    required = len(objective.problem.constraints.required)
    if objective.request.p is not None:
        size = objective.request.p - required
        return [size] if 0 <= size <= len(objective.problem.optional) else []
    return list(range(len(objective.problem.optional) + 1))


def _score_size(objective: Objective, size: int) -> tuple[NDArray[np.intp], Floats]:
    """Return member columns (n_subsets, required + size) and objectives, NaN where not feasible."""
    problem = objective.problem
    optional = np.array(problem.optional, dtype=np.intp)
    chosen = optional[list_subsets(len(optional), size)]
    required = np.array(problem.constraints.required, dtype=np.intp)
    always = np.broadcast_to(required, (len(chosen), len(required)))
    members = np.sort(np.concatenate([always, chosen], axis=1), axis=1)
    standing = [*problem.constraints.existing, *problem.constraints.required]
    if objective.request.model == "p-dispersion":
        values = _score_spacing(objective, members)
    else:
        values = np.concatenate(list(_score_blocks(objective, optional, standing, size)))
    values[~_allowed(objective, members)] = np.nan
    return members, values


def _score_blocks(
    objective: Objective, optional: NDArray[np.intp], standing: list[int], size: int
) -> Iterator[Floats]:
    model, weights = objective.request.model, objective.weights
    if model in ("p-median", "p-center"):
        columns = np.ascontiguousarray(objective.cost[:, optional].T)
        start = objective.cost[:, standing].min(axis=1, initial=np.inf)
        for block in fold_subsets(columns, start, size, np.minimum):
            values = block @ weights if model == "p-median" else block.max(axis=1, initial=0)
            values[np.isinf(values)] = np.nan
            yield values
        return
    within = objective.within
    columns = np.ascontiguousarray(within[:, optional].T, dtype=np.float64)
    start = within[:, standing].sum(axis=1, dtype=np.float64)
    for block in fold_subsets(columns, start, size, np.add):
        is_full = (block >= 1).all(axis=1)
        if model == "lscp":
            values = np.where(
                is_full, float(size + len(objective.problem.constraints.required)), np.nan
            )
        else:
            values = (block >= (1 if model == "mclp" else 2)) @ weights
            if objective.request.is_full_cover_required and model == "backup":
                values = np.where(is_full, values, np.nan)
        yield values


def _score_spacing(objective: Objective, members: NDArray[np.intp]) -> Floats:
    between = objective.problem.facility_cost
    if between is None:
        return np.full(len(members), np.nan)
    existing = np.array(objective.problem.constraints.existing, dtype=np.intp)
    opened = np.concatenate(
        [np.broadcast_to(existing, (len(members), len(existing))), members], axis=1
    )
    values = np.full(len(members), np.inf)
    for one, other in combinations(range(opened.shape[1]), 2):
        first, second = opened[:, one], opened[:, other]
        np.minimum(values, between[first, second], out=values)
        np.minimum(values, between[second, first], out=values)
    return values


def _allowed(objective: Objective, members: NDArray[np.intp]) -> NDArray[np.bool_]:
    constraints = objective.problem.constraints
    if constraints.budget is None and not constraints.groups:
        return np.ones(len(members), dtype=bool)
    return np.array([objective.is_allowed(tuple(map(int, row))) for row in members], dtype=bool)


def _keep_interesting(
    objective: Objective, subsets: NDArray[np.intp], values: Floats
) -> list[Scored]:
    """Keep the ties and near sets of this size, and the best that is worse than them."""
    feasible = np.flatnonzero(~np.isnan(values))
    if not len(feasible):
        return []
    signed = objective.sense * values[feasible]
    best = float(signed.min())
    slack = max(objective.request.near_share, objective.tolerance) * abs(best) * (1 + 1e-9)
    is_kept = signed <= best + slack
    if not is_kept.all():
        is_kept |= signed == signed[~is_kept].min()
        worse = signed > best + objective.tolerance * abs(best)
        if worse.any():
            next_best = float(signed[worse].min())
            is_kept |= worse & (signed <= next_best + objective.tolerance * abs(next_best))
    return [Scored(tuple(map(int, subsets[k])), float(values[k])) for k in feasible[is_kept]]


def _fold_prefixes(
    columns: Floats, start: Floats, length: int, fold: np.ufunc
) -> Iterator[tuple[int, Floats]]:
    """Yield, for each prefix of ``length`` members, the next possible member and the fold."""
    n = len(columns)
    if length == 0:
        yield 0, start
        return
    folds = [start, *(np.empty_like(start) for _ in range(length))]
    previous: tuple[int, ...] = (-1,) * length
    for prefix in combinations(range(n - 1), length):
        changed = next(k for k in range(length) if prefix[k] != previous[k])
        for k in range(changed, length):
            fold(folds[k], columns[prefix[k]], out=folds[k + 1])
        previous = prefix
        yield prefix[-1] + 1, folds[length]
