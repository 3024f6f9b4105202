"""p-dispersion: p sites as far apart as possible.

Kuby 1987, "Programming models for facility dispersion", Geographical Analysis 19(4), solved as a
series of node packing problems (Sayah & Irnich 2017, European Journal of Operational Research
256(1))::

    maximise    r
    subject to  y_j + y_k <= 1    for every pair with d_jk < r
                sum_j y_j = p,  y_j in {0, 1}

d_jk is the distance between facilities j and k, the smaller of both directions. r is one of these
distances, so bisection over the distinct ones ends with the exact optimum. Existing facilities keep
their distance too. Demand plays no part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from welcomemap.siting.covering import SetLister, to_bits
from welcomemap.siting.milp import (
    Answer,
    ProgramBuilder,
    find_first_level,
    make_time_error,
    solve_program,
)
from welcomemap.siting.objective import Objective
from welcomemap.siting.problem import Deadline, Floats, Members, Scored, Search

METHOD = "bisection with HiGHS, packings listed"


def search_p_dispersion(objective: Objective, deadline: Deadline) -> Search:
    """Bisect the distance, then list the sets that reach it or come near.

    Raises
    ------
    NoAnswerError
        If the time is up before any feasible choice is known.
    """
    between = _symmetric(objective)
    usable = [*objective.problem.constraints.existing, *objective.problem.candidates]
    pairs = between[np.ix_(usable, usable)][np.triu_indices(len(usable), k=1)]
    levels = np.unique(pairs)[::-1]
    answer = find_first_level(
        levels,
        lambda distance: _try_distance(objective, between, distance, deadline),
        objective.score,
        _choose_greedily(objective, between),
    )
    if answer.members is None:
        if answer.is_proven:
            return Search((), math.nan, True, True, None, True, METHOD)
        raise make_time_error()
    best = Scored(answer.members, float(levels[answer.allowed]))
    if not answer.is_proven:
        return Search((best,), float(levels[answer.possible]), False, False, None, False, METHOD)
    return _list_ties(objective, between, best, deadline.at_most(objective.request.proof_time_s))


def _symmetric(objective: Objective) -> Floats:
    given = objective.problem.facility_cost
    if given is None:
        return np.zeros((objective.problem.n_facilities, objective.problem.n_facilities))
    smaller: Floats = np.minimum(given, given.T)
    return smaller


def _try_distance(
    objective: Objective, between: Floats, distance: float, deadline: Deadline
) -> Answer:
    constraints = objective.problem.constraints
    existing = list(constraints.existing)
    standing = between[np.ix_(existing, existing)]
    if len(existing) > 1 and standing[np.triu_indices(len(existing), k=1)].min() < distance:
        return Answer(None, -math.inf, True)
    builder = ProgramBuilder(objective)
    columns = list(builder.columns)
    close = np.triu(between[np.ix_(columns, columns)] < distance, k=1)
    one, other = np.nonzero(close)
    n = len(one)
    builder.add_rows(
        np.concatenate([np.arange(n), np.arange(n)]),
        np.concatenate([one, other]),
        np.ones(2 * n),
        np.full(n, -np.inf),
        np.ones(n),
    )
    barred = np.flatnonzero((between[np.ix_(columns, existing)] < distance).any(axis=1))
    builder.add_rows(
        np.arange(len(barred)),
        barred,
        np.ones(len(barred)),
        np.zeros(len(barred)),
        np.zeros(len(barred)),
    )
    return solve_program(builder.build(size=0.0), deadline)


def _choose_greedily(objective: Objective, between: Floats) -> Members | None:
    """Open, again and again, the candidate farthest from all that are open."""
    constraints, p = objective.problem.constraints, objective.request.p
    if p is None or p < len(constraints.required) or p > len(objective.problem.candidates):
        return None
    spare = list(objective.problem.optional)
    members = list(constraints.required)
    while len(members) < p:
        opened = [*constraints.existing, *members]
        if opened:
            apart = between[np.ix_(spare, opened)].min(axis=1)
        else:
            apart = between[np.ix_(spare, spare)].max(axis=1)
        members.append(spare.pop(int(apart.argmax())))
    candidate = tuple(sorted(members))
    return candidate if objective.score(candidate) is not None else None


@dataclass(kw_only=True)
class _PackingLister(SetLister):
    """List all sets of ``size`` pairwise compatible facilities, each once."""

    compatible: tuple[int, ...]

    def list_from(self, chosen: Members, free: int, left: int) -> None:
        if not self.may_go_on():
            return
        if left == 0:
            self.keep(tuple(sorted(chosen)))
            return
        while free.bit_count() >= left and self.is_complete:
            bit = free & -free
            free ^= bit
            j = bit.bit_length() - 1
            self.list_from((*chosen, j), free & self.compatible[j], left - 1)


def _list_ties(objective: Objective, between: Floats, best: Scored, deadline: Deadline) -> Search:
    room = objective.request.max_sets
    near, is_near_complete = _list_at(
        objective, between, best.objective, room, deadline, is_near=True
    )
    ties, is_ties_complete = near, is_near_complete
    if not is_near_complete:
        ties, is_ties_complete = _list_at(
            objective, between, best.objective, room, deadline, is_near=False
        )
    scored = {members: objective.score(members) for members in {best.members, *ties, *near}}
    found = objective.order(
        Scored(members, value) for members, value in scored.items() if value is not None
    )
    worse = [item for item in found if item.objective < best.objective]
    return Search(
        found=tuple(found[:room]),
        bound=best.objective,
        is_ties_exact=is_ties_complete,
        is_near_exact=is_near_complete,
        runner_up=worse[0] if worse else _worsen(objective, best),
        is_runner_up_proven=is_near_complete and bool(worse),
        method=METHOD,
    )


def _list_at(
    objective: Objective,
    between: Floats,
    best: float,
    room: int,
    deadline: Deadline,
    *,
    is_near: bool,
) -> tuple[list[Members], bool]:
    constraints = objective.problem.constraints
    level = best - (objective.request.near_share * best * (1 + 1e-9) if is_near else 0.0)
    fits = between >= level
    np.fill_diagonal(fits, val=False)
    compatible = tuple(map(to_bits, fits))
    free = sum(1 << j for j in objective.problem.optional)
    for j in (*constraints.existing, *constraints.required):
        free &= compatible[j]
    lister = _PackingLister(
        objective=objective, room=room, deadline=deadline, compatible=compatible
    )
    left = (objective.request.p or 0) - len(constraints.required)
    if left >= 0:
        lister.list_from(constraints.required, free, left)
    return lister.found, lister.is_complete


def _worsen(objective: Objective, best: Scored) -> Scored | None:
    """Return the best set one exchange away that is worse than the optimum."""
    worse: Scored | None = None
    for leaving in set(best.members) - set(objective.problem.constraints.required):
        stay = [j for j in best.members if j != leaving]
        for entering in set(objective.problem.optional) - set(best.members):
            members = tuple(sorted((*stay, entering)))
            value = objective.score(members)
            if value is None or value >= best.objective:
                continue
            if worse is None or (-value, members) < (-worse.objective, worse.members):
                worse = Scored(members, value)
    return worse
