"""LSCP: cover everyone with the fewest sites.

Location set covering problem (Toregas, Swain, ReVelle & Bergman 1971, "The location of emergency
service facilities", Operations Research 19(6))::

    minimise    sum_j y_j
    subject to  sum_{j in N_i} y_j >= 1    for every demand point i with weight > 0
                y_j in {0, 1}

with N_i = {j : c_ij <= threshold}. Points within the threshold of an existing facility are covered
from the start; the objective counts the sites to open, not the existing ones. A point that no
candidate covers makes the problem infeasible, and the reason names it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.clock import Clock
from welcomemap.siting.cover_exchange import walk_covers
from welcomemap.siting.covering_sets import list_covers
from welcomemap.siting.mixed_integer import (
    Program,
    ProgramBuilder,
    make_time_error,
    solve_program,
)
from welcomemap.siting.objective import Judge
from welcomemap.siting.problem import Constraints, Members
from welcomemap.siting.reduce import find_hardest_rows, find_undominated
from welcomemap.siting.result import Scored, Search

MAX_ROWS_COMPARED = 4000


def search_lscp(judge: Judge, clock: Clock) -> Search:
    """Find the fewest sites by HiGHS on the reduced problem, then list all sets of that number.

    Raises
    ------
    NoAnswerError
        If the time is up before any cover is known.
    """
    within = rows_to_cover(judge.within, judge.problem.constraints)
    answer = solve_program(build_cover_program(judge, within), clock)
    if answer.members is None:
        if answer.is_proven:
            return Search((), math.nan, True, True, None, True, "HiGHS")
        raise make_time_error()
    best = Scored(answer.members, float(len(answer.members)))
    bound = best.objective if answer.is_proven else math.ceil(answer.bound - 1e-6)
    if bound < best.objective:
        return Search((best,), bound, False, False, None, False, "HiGHS")
    later = clock.at_most(judge.request.proof_time_s)
    covers, is_complete = _list_ties(judge, within, best, later)
    found = {best.members, *covers} if len(covers) < judge.request.max_sets else set(covers)
    runner_up = _add_one(judge, best.members)
    return Search(
        found=tuple(judge.order(Scored(members, best.objective) for members in found)),
        bound=best.objective,
        is_ties_exact=is_complete,
        is_near_exact=is_complete and best.objective * judge.request.near_share < 1,
        runner_up=runner_up,
        is_runner_up_proven=runner_up is not None or _has_no_more(judge, best.members),
        method="HiGHS, covers listed",
    )


def _list_ties(
    judge: Judge, within: NDArray[np.bool_], best: Scored, clock: Clock
) -> tuple[list[Members], bool]:
    """Walk from cover to cover by exchanges; only where that ends soon, search for the rest."""
    room, problem = judge.request.max_sets, judge.problem
    movable = (problem.constraints.required, problem.optional)
    covers = walk_covers(within, best.members, movable, judge.is_allowed, room + 1, clock)
    if len(covers) > room:
        return covers[:room], False
    listed, is_complete = list_covers(
        within,
        len(best.members),
        required=problem.constraints.required,
        optional=problem.optional,
        is_wanted=judge.is_allowed,
        room=room,
        clock=clock,
    )
    return list(dict.fromkeys([*covers, *listed]))[:room], is_complete


def rows_to_cover(within: NDArray[np.bool_], constraints: Constraints) -> NDArray[np.bool_]:
    """Drop the rows that existing facilities cover, and those implied by harder ones."""
    rows = within[~within[:, list(constraints.existing)].any(axis=1)]
    rows = np.unique(rows, axis=0) if len(rows) > MAX_ROWS_COMPARED else rows
    return rows[find_hardest_rows(rows)] if len(rows) <= MAX_ROWS_COMPARED else rows


def build_cover_program(
    judge: Judge, within: NDArray[np.bool_], *, is_count_free: bool = False
) -> Program:
    """Return: fewest sites that cover all rows; dominated sites stay closed where that is safe.

    ``is_count_free`` leaves out "exactly p" (a cover with fewer sites is filled up later).
    """
    builder = ProgramBuilder(judge, is_count_free=is_count_free)
    columns = np.array(builder.columns, dtype=np.intp)
    at, inside = np.nonzero(within[:, columns])
    builder.add_rows(
        at, inside, np.ones(len(at)), np.ones(len(within)), np.full(len(within), np.inf)
    )
    builder.set_site_cost(np.ones(len(columns)))
    program = builder.build(size=max(1.0, float(len(columns))))
    constraints = judge.problem.constraints
    is_counted = judge.request.p is not None and not is_count_free
    is_plain = not constraints.groups and constraints.budget is None and not is_counted
    if is_plain and len(columns):
        kept = np.zeros(len(columns), dtype=bool)
        kept[find_undominated(within[:, columns])] = True
        kept |= program.variable_lower[: len(columns)] > 0
        program.variable_upper[: len(columns)][~kept] = 0.0
    return program


def _add_one(judge: Judge, members: Members) -> Scored | None:
    for j in judge.problem.optional:
        more = tuple(sorted((*members, j)))
        if j not in members and judge.is_allowed(more):
            return Scored(more, float(len(more)))
    return None


def _has_no_more(judge: Judge, members: Members) -> bool:
    return len(members) == len(judge.problem.candidates)
