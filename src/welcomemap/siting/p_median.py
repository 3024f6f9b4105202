"""p-median, and the covering models that share its kernel: MCLP and backup coverage.

Hakimi 1964 (Operations Research 12(3)); as a program ReVelle & Swain 1970, "Central facilities
location", Geographical Analysis 2(1)::

    minimise    sum_ij w_i c_ij x_ij
    subject to  sum_j x_ij = 1,  x_ij <= y_j,  sum_j y_j = p
                x_ij >= 0,  y_j in {0, 1}

Everybody with weight > 0 must reach an open facility: where a point is unreachable for every choice
of p facilities the problem is infeasible, never "infinitely far". Points of weight 0 may stay
unreached. Existing facilities serve too.

With capacities (Mulvey & Beck 1984, "Solving capacitated clustering problems", European Journal of
Operational Research 18(3)) also ``sum_i w_i x_ij <= Q_j y_j`` and ``x_ij in {0, 1}``.

MCLP: cover the most people with p sites.

Maximal covering location problem (Church & ReVelle 1974, "The maximal covering location problem",
Papers of the Regional Science Association 32)::

    maximise    sum_i w_i z_i
    subject to  z_i <= sum_{j in N_i} y_j
                sum_j y_j = p
                0 <= z_i <= 1,  y_j in {0, 1}

with N_i = {j : c_ij <= threshold}, inclusive. Points within the threshold of an existing facility
count as covered. Points with equal N_i are merged first.

With capacities Q_j (Current & Storbeck 1988, "Capacitated covering models", Environment and
Planning B 15) each point is served whole by one facility within the threshold or not at all::

    maximise    sum_ij w_i x_ij
    subject to  sum_j x_ij <= 1,  x_ij <= y_j,  sum_i w_i x_ij <= Q_j y_j,  x_ij in {0, 1}

Backup coverage: the most people who still reach a site when the nearest one closes.

After Hogan & ReVelle 1986, "Concepts and applications of backup coverage", Management Science
32(11)::

    maximise    sum_i w_i u_i
    subject to  v_i + u_i <= e_i + sum_{j in N_i} y_j
                u_i <= v_i <= 1
                sum_j y_j = p,  y_j in {0, 1}

v_i: covered at least once, u_i: at least twice, e_i: existing facilities within the threshold of i.
Their BACOP1 also demands v_i = 1 for everyone (``is_full_cover_required``). The objective is the
weight covered at least twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from welcomemap.siting.covering import build_cover_program, rows_to_cover
from welcomemap.siting.lagrangian import MedianSearch, Rule
from welcomemap.siting.milp import Program, ProgramBuilder, make_time_error, solve_program
from welcomemap.siting.objective import Objective
from welcomemap.siting.problem import (
    Deadline,
    Floats,
    Members,
    Scored,
    Search,
    SitingProblem,
    merge_demand,
)

METHOD = "exchanges, Lagrangian bound, branch and bound"
TIE_SLACK = 2e-9
"""Relative slack of totals when ties are listed; the objective decides afterwards."""
MAX_NEIGHBOURS = 2000


def list_rules(problem: SitingProblem) -> tuple[Rule, ...]:
    """Return the group rules that existing and required facilities do not fill already."""
    standing = {*problem.constraints.existing, *problem.constraints.required}
    rules = []
    for group in problem.constraints.groups:
        needed = group.at_least - len(standing.intersection(group.members))
        is_member = np.zeros(problem.n_facilities, dtype=bool)
        is_member[list(set(group.members).intersection(problem.optional))] = True
        if needed > 0:
            rules.append(Rule(is_member, needed))
    return tuple(rules)


def start_star(objective: Objective, search: MedianSearch) -> bool:
    """Find a first choice; return whether one exists that keeps the rules and serves everybody.

    Raises
    ------
    NoAnswerError
        If the time is up before that is known.
    """
    search.start()
    if search.is_feasible:
        return True
    needs_all = objective.request.model == "p-median"
    rows = np.isfinite(objective.cost) if needs_all else objective.within[:0]
    rows = rows_to_cover(rows, objective.problem.constraints)
    answer = solve_program(build_cover_program(objective, rows), search.deadline)
    if answer.members is None and answer.is_proven:
        return False
    if answer.members is None:
        raise make_time_error()
    search.adopt(answer.members)
    return search.is_feasible


def prove_star(
    objective: Objective, search: MedianSearch, to_objective: Callable[[float], float]
) -> Search:
    """Prove the optimum, then list ties and near choices.

    Parameters
    ----------
    objective
        Scores choices anew.
    search
        A search that has found a first choice.
    to_objective
        Turns a sum of row minima into the model's objective.
    """
    search.prove()
    best = _score(objective, search.best.members)
    if search.bound < search.best.total:
        bound = to_objective(search.bound)
        return Search((best,), bound, False, False, None, False, METHOD)
    deadline = search.deadline.at_most(objective.request.proof_time_s)
    ties, is_ties_exact = _list_ties(objective, search, best, deadline)
    is_listed = is_ties_exact and len(ties) < objective.request.max_sets
    runner_up, is_proven = _prove_runner_up(objective, search, best, deadline, is_listed=is_listed)
    near, is_near_exact = ties, False
    if is_listed:
        near, is_near_exact = _list_near(objective, search, best, deadline)
    found = objective.order({item.members: item for item in (best, *ties, *near)}.values())
    worse = [item for item in found if not objective.is_tied(item.objective, best.objective)]
    if is_near_exact and worse:
        runner_up, is_proven = worse[0], True
    return Search(
        found=tuple(found[: objective.request.max_sets]),
        bound=best.objective,
        is_ties_exact=is_ties_exact,
        is_near_exact=is_near_exact,
        runner_up=runner_up,
        is_runner_up_proven=is_proven,
        method=METHOD,
    )


def _list_ties(
    objective: Objective, search: MedianSearch, best: Scored, deadline: Deadline
) -> tuple[list[Scored], bool]:
    """Walk from tie to tie by exchanges; only where that ends soon, search for the rest."""
    room = objective.request.max_sets
    ties = {best.members: best}
    waiting = [best.members]
    while waiting and len(ties) <= room and not deadline.is_over():
        for choice in search.list_neighbours(waiting.pop(0), MAX_NEIGHBOURS):
            if choice.members in ties or not _is_close(search, choice.total, TIE_SLACK):
                continue
            scored = _score(objective, choice.members)
            if objective.is_tied(scored.objective, best.objective):
                ties[choice.members] = scored
                waiting.append(choice.members)
    if len(ties) > room:
        return list(ties.values())[:room], False
    limit = search.best.total * (1 + TIE_SLACK)
    choices, is_complete = search.list_within(limit, room + 1, deadline)
    for choice in choices:
        scored = _score(objective, choice.members)
        if objective.is_tied(scored.objective, best.objective):
            ties[choice.members] = scored
    return list(ties.values())[:room], is_complete and len(ties) <= room


def _list_near(
    objective: Objective, search: MedianSearch, best: Scored, deadline: Deadline
) -> tuple[list[Scored], bool]:
    slack = objective.request.near_share * abs(best.objective)
    limit = (search.best.total + slack) * (1 + TIE_SLACK)
    choices, is_complete = search.list_within(limit, objective.request.max_sets + 1, deadline)
    scored = [_score(objective, choice.members) for choice in choices]
    near = [item for item in scored if objective.is_near(item.objective, best.objective)]
    is_all = is_complete and len(near) <= objective.request.max_sets
    return near, is_all


def _prove_runner_up(
    objective: Objective, search: MedianSearch, best: Scored, deadline: Deadline, *, is_listed: bool
) -> tuple[Scored | None, bool]:
    """Take the best worse choice one exchange away, then look for any choice between."""
    if not search.has_other_choices():
        return None, True
    runner_up = _find_neighbour(objective, search, best)
    if runner_up is None or _is_next(search, best, runner_up) or not is_listed:
        return runner_up, runner_up is not None and _is_next(search, best, runner_up)
    loss = abs(runner_up.objective - best.objective)
    limit = (search.best.total + loss) * (1 + TIE_SLACK)
    choices, is_complete = search.list_within(limit, 10 * objective.request.max_sets, deadline)
    scored = [_score(objective, choice.members) for choice in choices]
    worse = [item for item in scored if not objective.is_tied(item.objective, best.objective)]
    return objective.order([runner_up, *worse])[0], is_complete


def _find_neighbour(objective: Objective, search: MedianSearch, best: Scored) -> Scored | None:
    next_best: list[Scored] = []
    for choice in search.list_neighbours(best.members, MAX_NEIGHBOURS):
        scored = _score(objective, choice.members)
        is_feasible = math.isfinite(scored.objective)
        if not is_feasible or objective.is_tied(scored.objective, best.objective):
            continue
        if next_best and not objective.is_tied(scored.objective, next_best[0].objective):
            break
        next_best.append(scored)
    return objective.order(next_best)[0] if next_best else None


def _is_next(search: MedianSearch, best: Scored, other: Scored) -> bool:
    """Tell whether no objective can lie between the two (whole numbers one step apart)."""
    return search.step > 0 and abs(other.objective - best.objective) <= search.step


def _is_close(search: MedianSearch, total: float, share: float) -> bool:
    return total - search.best.total <= share * max(abs(search.best.total), abs(total)) + 1e-12


def _score(objective: Objective, members: Members) -> Scored:
    value = objective.score(members)
    return Scored(members, math.inf * objective.sense if value is None else value)


def search_p_median(objective: Objective, deadline: Deadline) -> Search:
    """Solve a p-median with given p and without budget and capacities.

    Raises
    ------
    NoAnswerError
        If the time is up before a choice is known that serves everybody.
    """
    standing = objective.cost[:, list(objective.problem.constraints.existing)].min(
        axis=1, initial=np.inf
    )
    values, base = objective.cost * objective.weights[:, None], standing * objective.weights
    return _search_star(objective, values, base, deadline, lambda total: total)


def _search_star(
    objective: Objective,
    values: Floats,
    base: Floats,
    deadline: Deadline,
    to_objective: Callable[[float], float],
) -> Search:
    search = MedianSearch(
        values=values,
        base=base,
        required=np.array(objective.problem.constraints.required, dtype=np.intp),
        optional=np.array(objective.problem.optional, dtype=np.intp),
        p=objective.request.p or 0,
        deadline=deadline,
        rules=list_rules(objective.problem),
    )
    if not start_star(objective, search):
        return Search((), math.nan, True, True, None, True, "HiGHS")
    return prove_star(objective, search, to_objective)


def build_p_median(objective: Objective) -> Program:
    """Return the program without capacities; pairs worse than an existing facility are left out."""
    builder = ProgramBuilder(objective)
    standing = objective.cost[:, list(objective.problem.constraints.existing)].min(
        axis=1, initial=np.inf
    )
    columns = np.array(builder.columns, dtype=np.intp)
    cost = objective.cost[:, columns]
    rows, sites = np.nonzero(np.isfinite(cost) & (cost < standing[:, None]))
    n = len(objective.weights)
    value = objective.weights[rows] * cost[rows, sites]
    pairs = builder.add_variables(value, np.zeros(len(rows)), np.ones(len(rows)), is_integer=False)
    has_standing = np.flatnonzero(np.isfinite(standing))
    stay = builder.add_variables(
        objective.weights[has_standing] * standing[has_standing],
        np.zeros(len(has_standing)),
        np.ones(len(has_standing)),
        is_integer=False,
    )
    builder.add_rows(
        np.concatenate([rows, has_standing]),
        np.concatenate([pairs, stay]),
        np.ones(len(rows) + len(has_standing)),
        np.ones(n),
        np.ones(n),
    )
    builder.add_links(pairs, sites)
    size = float(value.mean()) * max(1, n) if len(value) else 1.0
    return builder.build(size=size)


def search_mclp(objective: Objective, deadline: Deadline) -> Search:
    """Solve an MCLP with given p and without budget and capacities.

    It is a p-median in which a point costs nothing where covered and its weight where not (see
    :mod:`welcomemap.siting.lagrangian`).
    """
    within = objective.within
    is_served = within[:, list(objective.problem.constraints.existing)].any(axis=1)
    merged = merge_demand(within[~is_served], objective.weights[~is_served])
    values = np.where(merged.within, 0.0, merged.weights[:, None])
    coverable = float(objective.weights.sum()) - merged.uncoverable
    return _search_star(
        objective, values, merged.weights, deadline, lambda missed: coverable - missed
    )


def build_mclp(objective: Objective) -> Program:
    """Return the program without capacities, merged demand, existing facilities taken off."""
    builder = ProgramBuilder(objective)
    within = objective.within
    is_served = within[:, list(objective.problem.constraints.existing)].any(axis=1)
    columns = np.array(builder.columns, dtype=np.intp)
    merged = merge_demand(within[~is_served][:, columns], objective.weights[~is_served])
    n = len(merged.weights)
    covered = builder.add_variables(-merged.weights, np.zeros(n), np.ones(n), is_integer=False)
    at, inside = np.nonzero(merged.within)
    builder.add_rows(
        np.concatenate([np.arange(n), at]),
        np.concatenate([covered, inside]),
        np.concatenate([np.ones(n), np.full(len(at), -1.0)]),
        np.full(n, -np.inf),
        np.zeros(n),
    )
    served = float(objective.weights[is_served].sum())
    return builder.build(size=float(merged.weights.sum()), offset=served)


def build_backup(objective: Objective) -> Program:
    """Return the program; points covered twice by existing facilities are taken off."""
    builder = ProgramBuilder(objective)
    within = objective.within
    standing = within[:, list(objective.problem.constraints.existing)].sum(axis=1)
    is_open = standing < 2
    columns = np.array(builder.columns, dtype=np.intp)
    inside, weights = within[is_open][:, columns], objective.weights[is_open]
    n = len(weights)
    twice = builder.add_variables(-weights, np.zeros(n), np.ones(n), is_integer=True)
    at_least = np.full(n, float(objective.request.is_full_cover_required))
    once = builder.add_variables(np.zeros(n), at_least, np.ones(n), is_integer=False)
    at, sites = np.nonzero(inside)
    rows = np.arange(n)
    builder.add_rows(
        np.concatenate([rows, rows, at]),
        np.concatenate([once, twice, sites]),
        np.concatenate([np.ones(2 * n), np.full(len(at), -1.0)]),
        np.full(n, -np.inf),
        standing[is_open].astype(np.float64),
    )
    builder.add_links(twice, once)
    served = float(objective.weights[~is_open].sum())
    return builder.build(size=float(weights.sum()), offset=served)
