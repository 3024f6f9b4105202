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
from welcomemap.siting.objective import Judge
from welcomemap.siting.problem import Clock, Floats, Members, Scored, Search

METHOD = "bisection with HiGHS, packings listed"


def search_p_dispersion(judge: Judge, clock: Clock) -> Search:
    """Bisect the distance, then list the sets that reach it or come near.

    Raises
    ------
    NoAnswerError
        If the time is up before any feasible choice is known.
    """
    between = _symmetric(judge)
    usable = [*judge.problem.constraints.existing, *judge.problem.candidates]
    pairs = between[np.ix_(usable, usable)][np.triu_indices(len(usable), k=1)]
    levels = np.unique(pairs)[::-1]
    answer = find_first_level(
        levels,
        lambda distance: _try_distance(judge, between, distance, clock),
        judge.score,
        _choose_greedily(judge, between),
    )
    if answer.members is None:
        if answer.is_proven:
            return Search((), math.nan, True, True, None, True, METHOD)
        raise make_time_error()
    best = Scored(answer.members, float(levels[answer.allowed]))
    if not answer.is_proven:
        return Search((best,), float(levels[answer.possible]), False, False, None, False, METHOD)
    return _list_ties(judge, between, best, clock.at_most(judge.request.proof_time_s))


def _symmetric(judge: Judge) -> Floats:
    given = judge.problem.facility_cost
    if given is None:
        return np.zeros((judge.problem.n_facilities, judge.problem.n_facilities))
    smaller: Floats = np.minimum(given, given.T)
    return smaller


def _try_distance(judge: Judge, between: Floats, distance: float, clock: Clock) -> Answer:
    constraints = judge.problem.constraints
    existing = list(constraints.existing)
    standing = between[np.ix_(existing, existing)]
    if len(existing) > 1 and standing[np.triu_indices(len(existing), k=1)].min() < distance:
        return Answer(None, -math.inf, True)
    builder = ProgramBuilder(judge)
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
    return solve_program(builder.build(size=0.0), clock)


def _choose_greedily(judge: Judge, between: Floats) -> Members | None:
    """Open, again and again, the candidate farthest from all that are open."""
    constraints, p = judge.problem.constraints, judge.request.p
    if p is None or p < len(constraints.required) or p > len(judge.problem.candidates):
        return None
    spare = list(judge.problem.optional)
    members = list(constraints.required)
    while len(members) < p:
        opened = [*constraints.existing, *members]
        if opened:
            apart = between[np.ix_(spare, opened)].min(axis=1)
        else:
            apart = between[np.ix_(spare, spare)].max(axis=1)
        members.append(spare.pop(int(apart.argmax())))
    candidate = tuple(sorted(members))
    return candidate if judge.score(candidate) is not None else None


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


def _list_ties(judge: Judge, between: Floats, best: Scored, clock: Clock) -> Search:
    room = judge.request.max_sets
    near, is_near_complete = _list_at(judge, between, best.objective, room, clock, is_near=True)
    ties, is_ties_complete = near, is_near_complete
    if not is_near_complete:
        ties, is_ties_complete = _list_at(
            judge, between, best.objective, room, clock, is_near=False
        )
    scored = {members: judge.score(members) for members in {best.members, *ties, *near}}
    found = judge.order(
        Scored(members, value) for members, value in scored.items() if value is not None
    )
    worse = [item for item in found if item.objective < best.objective]
    return Search(
        found=tuple(found[:room]),
        bound=best.objective,
        is_ties_exact=is_ties_complete,
        is_near_exact=is_near_complete,
        runner_up=worse[0] if worse else _worsen(judge, best),
        is_runner_up_proven=is_near_complete and bool(worse),
        method=METHOD,
    )


def _list_at(
    judge: Judge, between: Floats, best: float, room: int, clock: Clock, *, is_near: bool
) -> tuple[list[Members], bool]:
    constraints = judge.problem.constraints
    level = best - (judge.request.near_share * best * (1 + 1e-9) if is_near else 0.0)
    fits = between >= level
    np.fill_diagonal(fits, val=False)
    compatible = tuple(map(to_bits, fits))
    free = sum(1 << j for j in judge.problem.optional)
    for j in (*constraints.existing, *constraints.required):
        free &= compatible[j]
    lister = _PackingLister(judge=judge, room=room, clock=clock, compatible=compatible)
    left = (judge.request.p or 0) - len(constraints.required)
    if left >= 0:
        lister.list_from(constraints.required, free, left)
    return lister.found, lister.is_complete


def _worsen(judge: Judge, best: Scored) -> Scored | None:
    """Return the best set one exchange away that is worse than the optimum."""
    worse: Scored | None = None
    for leaving in set(best.members) - set(judge.problem.constraints.required):
        stay = [j for j in best.members if j != leaving]
        for entering in set(judge.problem.optional) - set(best.members):
            members = tuple(sorted((*stay, entering)))
            value = judge.score(members)
            if value is None or value >= best.objective:
                continue
            if worse is None or (-value, members) < (-worse.objective, worse.members):
                worse = Scored(members, value)
    return worse
