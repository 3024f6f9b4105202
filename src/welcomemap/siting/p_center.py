"""p-center: the shortest worst way with p sites.

Vertex p-center (Hakimi 1964, Operations Research 12(3)), solved as a series of set covering
problems (Minieka 1970, "The m-center problem", SIAM Review 12(1))::

    minimise    r
    subject to  sum_{j : c_ij <= r} y_j >= 1    for every demand point i with weight > 0
                sum_j y_j = p,  y_j in {0, 1}

r is one of the costs in the matrix, so bisection over the distinct costs ends with the exact
optimum. Weights only say who counts (weight > 0), not how much. Existing facilities serve too.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.covering import (
    build_cover_program,
    find_next_center,
    list_covers,
    rows_to_cover,
    walk_covers,
)
from welcomemap.siting.milp import (
    Answer,
    LevelAnswer,
    find_first_level,
    make_time_error,
    solve_program,
)
from welcomemap.siting.objective import Objective, find_within
from welcomemap.siting.problem import Deadline, Floats, Members, Scored, Search


def search_p_center(objective: Objective, deadline: Deadline) -> Search:
    """Bisect the radius, then list the sets that reach it or come near.

    Raises
    ------
    NoAnswerError
        If the time is up before any feasible choice is known.
    """
    levels = _list_levels(objective)
    answer = find_first_level(
        levels,
        lambda radius: _try_radius(objective, radius, deadline),
        objective.score,
        _choose_greedily(objective),
    )
    if answer.members is None:
        if answer.is_proven:
            return Search((), math.nan, True, True, None, True, "bisection with HiGHS")
        raise make_time_error()
    radius = float(levels[answer.allowed])
    best = Scored(answer.members, radius)
    if not answer.is_proven:
        bound = float(levels[answer.possible])
        return Search((best,), bound, False, False, None, False, "bisection with HiGHS")
    return _list_ties(
        objective, best, levels, answer, deadline.at_most(objective.request.proof_time_s)
    )


def _list_levels(objective: Objective) -> Floats:
    """Return the distinct costs that can be the largest, ascending."""
    usable = [*objective.problem.constraints.existing, *objective.problem.candidates]
    cost = objective.cost[:, usable]
    if not cost.size:
        return np.array([0.0]) if not len(cost) else np.array([])
    lowest = cost.min(axis=1).max()
    levels: Floats = np.unique(cost[np.isfinite(cost) & (cost >= lowest)])
    return levels


def _try_radius(objective: Objective, radius: float, deadline: Deadline) -> Answer:
    within = _rows_at(objective, radius)
    if not within[:, list(objective.problem.candidates)].any(axis=1).all():
        return Answer(None, math.inf, True)
    is_padded = (
        objective.problem.constraints.budget is None and not objective.problem.constraints.groups
    )
    if is_padded:
        quick = _cover_greedily(objective, within)
        if quick is not None:
            return Answer(_pad(objective, quick), 0.0, True)
    program = build_cover_program(objective, within, is_count_free=is_padded)
    answer = solve_program(program, deadline)
    if answer.members is None or not is_padded or objective.request.p is None:
        return answer
    if len(answer.members) <= objective.request.p:
        return Answer(_pad(objective, answer.members), 0.0, True)
    return Answer(None, math.inf, answer.is_proven)


def _pad(objective: Objective, members: Members) -> Members:
    missing = (objective.request.p or 0) - len(members)
    spare = [j for j in objective.problem.optional if j not in members][:missing]
    return tuple(sorted((*members, *spare)))


def _choose_greedily(objective: Objective) -> Members | None:
    """Open, again and again, the nearest candidate of whoever is worst off."""
    constraints, p = objective.problem.constraints, objective.request.p
    if p is None or p < len(constraints.required) or not len(objective.cost):
        return None
    members = list(constraints.required)
    nearest = objective.cost[:, [*constraints.existing, *members]].min(axis=1, initial=np.inf)
    spare = list(objective.problem.optional)
    while len(members) < p and spare:
        worst = int(nearest.argmax())
        chosen = spare[int(objective.cost[worst, spare].argmin())]
        spare.remove(chosen)
        members.append(chosen)
        nearest = np.minimum(nearest, objective.cost[:, chosen])
    candidate = tuple(sorted(members))
    return candidate if objective.score(candidate) is not None else None


def _cover_greedily(objective: Objective, within: NDArray[np.bool_]) -> Members | None:
    """Cover by whoever covers most of the rest, ``None`` where p facilities are not enough."""
    members = list(objective.problem.constraints.required)
    left = within[~within[:, members].any(axis=1)]
    optional = np.array(objective.problem.optional, dtype=np.intp)
    while len(left):
        if len(members) >= (objective.request.p or 0):
            return None
        best = int(optional[left[:, optional].sum(axis=0).argmax()])
        left = left[~left[:, best]]
        members.append(best)
    return tuple(sorted(members))


def _list_ties(
    objective: Objective, best: Scored, levels: Floats, answer: LevelAnswer, deadline: Deadline
) -> Search:
    room = objective.request.max_sets
    rows = _rows_at(objective, best.objective)
    ties = walk_covers(objective, rows, best.members, room + 1, deadline)
    near, is_ties_complete, is_near_complete = ties, False, False
    if len(ties) <= room:
        near_reach = best.objective * (1 + objective.request.near_share)
        near, is_near_complete = _list_at(objective, near_reach, room, deadline)
        is_ties_complete = is_near_complete
        if not is_near_complete:
            listed, is_ties_complete = _list_at(objective, best.objective, room, deadline)
            ties = [*ties, *listed]
    scored = {members: objective.score(members) for members in {best.members, *ties, *near}}
    found = objective.order(
        Scored(members, value) for members, value in scored.items() if value is not None
    )
    worse = [item for item in found if item.objective > best.objective]
    runner_up = (
        worse[0] if is_near_complete and worse else find_next_center(objective, best, deadline)
    )
    is_next_level = runner_up is not None and (
        answer.allowed + 1 < len(levels) and runner_up.objective == levels[answer.allowed + 1]
    )
    is_all = is_near_complete and answer.allowed + 1 >= len(levels)
    return Search(
        found=tuple(found[:room]),
        bound=best.objective,
        is_ties_exact=is_ties_complete,
        is_near_exact=is_near_complete,
        runner_up=runner_up,
        is_runner_up_proven=is_next_level or is_all or (is_near_complete and bool(worse)),
        method="bisection with HiGHS, covers listed",
    )


def _rows_at(objective: Objective, radius: float) -> NDArray[np.bool_]:
    return rows_to_cover(find_within(objective.cost, radius), objective.problem.constraints)


def _list_at(
    objective: Objective, radius: float, room: int, deadline: Deadline
) -> tuple[list[Members], bool]:
    rows, p = _rows_at(objective, radius), objective.request.p
    sizes = [p] if p is not None else range(len(objective.problem.candidates) + 1)
    found: list[Members] = []
    is_complete = True
    for size in sizes:
        covers, is_all = list_covers(objective, rows, size, room - len(found), deadline)
        found += covers
        is_complete = is_complete and is_all
    return found, is_complete
