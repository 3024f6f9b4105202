"""Turn a search for the best choice into a proof with ties, near choices and runner-up."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from welcomemap.siting.clock import Clock
from welcomemap.siting.interchange import Rule
from welcomemap.siting.lscp import build_cover_program, rows_to_cover
from welcomemap.siting.mixed_integer import make_time_error, solve_program
from welcomemap.siting.objective import Judge
from welcomemap.siting.problem import Members, SitingProblem
from welcomemap.siting.result import Scored, Search
from welcomemap.siting.star_search import StarSearch

METHOD = "exchanges, Lagrangian bound, branch and bound"
TIE_SLACK = 2e-9
"""Relative slack of totals when ties are listed; the judge decides afterwards."""
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


def start_star(judge: Judge, search: StarSearch) -> bool:
    """Find a first choice; return whether one exists that keeps the rules and serves everybody.

    Raises
    ------
    NoAnswerError
        If the time is up before that is known.
    """
    search.start()
    if search.is_feasible:
        return True
    needs_all = judge.request.model == "p-median"
    rows = np.isfinite(judge.cost) if needs_all else judge.within[:0]
    rows = rows_to_cover(rows, judge.problem.constraints)
    answer = solve_program(build_cover_program(judge, rows), search.clock)
    if answer.members is None and answer.is_proven:
        return False
    if answer.members is None:
        raise make_time_error()
    search.adopt(answer.members)
    return search.is_feasible


def prove_star(judge: Judge, search: StarSearch, to_objective: Callable[[float], float]) -> Search:
    """Prove the optimum, then list ties and near choices.

    Parameters
    ----------
    judge
        Scores choices anew.
    search
        A search that has found a first choice.
    to_objective
        Turns a sum of row minima into the model's objective.
    """
    search.prove()
    best = _score(judge, search.best.members)
    if search.bound < search.best.total:
        bound = to_objective(search.bound)
        return Search((best,), bound, False, False, None, False, METHOD)
    clock = search.clock.at_most(judge.request.proof_time_s)
    ties, is_ties_exact = _list_ties(judge, search, best, clock)
    is_listed = is_ties_exact and len(ties) < judge.request.max_sets
    runner_up, is_proven = _prove_runner_up(judge, search, best, clock, is_listed=is_listed)
    near, is_near_exact = ties, False
    if is_listed:
        near, is_near_exact = _list_near(judge, search, best, clock)
    found = judge.order({item.members: item for item in (best, *ties, *near)}.values())
    worse = [item for item in found if not judge.is_tied(item.objective, best.objective)]
    if is_near_exact and worse:
        runner_up, is_proven = worse[0], True
    return Search(
        found=tuple(found[: judge.request.max_sets]),
        bound=best.objective,
        is_ties_exact=is_ties_exact,
        is_near_exact=is_near_exact,
        runner_up=runner_up,
        is_runner_up_proven=is_proven,
        method=METHOD,
    )


def _list_ties(
    judge: Judge, search: StarSearch, best: Scored, clock: Clock
) -> tuple[list[Scored], bool]:
    """Walk from tie to tie by exchanges; only where that ends soon, search for the rest."""
    room = judge.request.max_sets
    ties = {best.members: best}
    waiting = [best.members]
    while waiting and len(ties) <= room and not clock.is_over():
        for choice in search.list_neighbours(waiting.pop(0), MAX_NEIGHBOURS):
            if choice.members in ties or not _is_close(search, choice.total, TIE_SLACK):
                continue
            scored = _score(judge, choice.members)
            if judge.is_tied(scored.objective, best.objective):
                ties[choice.members] = scored
                waiting.append(choice.members)
    if len(ties) > room:
        return list(ties.values())[:room], False
    limit = search.best.total * (1 + TIE_SLACK)
    choices, is_complete = search.list_within(limit, room + 1, clock)
    for choice in choices:
        scored = _score(judge, choice.members)
        if judge.is_tied(scored.objective, best.objective):
            ties[choice.members] = scored
    return list(ties.values())[:room], is_complete and len(ties) <= room


def _list_near(
    judge: Judge, search: StarSearch, best: Scored, clock: Clock
) -> tuple[list[Scored], bool]:
    slack = judge.request.near_share * abs(best.objective)
    limit = (search.best.total + slack) * (1 + TIE_SLACK)
    choices, is_complete = search.list_within(limit, judge.request.max_sets + 1, clock)
    scored = [_score(judge, choice.members) for choice in choices]
    near = [item for item in scored if judge.is_near(item.objective, best.objective)]
    is_all = is_complete and len(near) <= judge.request.max_sets
    return near, is_all


def _prove_runner_up(
    judge: Judge, search: StarSearch, best: Scored, clock: Clock, *, is_listed: bool
) -> tuple[Scored | None, bool]:
    """Take the best worse choice one exchange away, then look for any choice between."""
    if not search.has_other_choices():
        return None, True
    runner_up = _find_neighbour(judge, search, best)
    if runner_up is None or _is_next(search, best, runner_up) or not is_listed:
        return runner_up, runner_up is not None and _is_next(search, best, runner_up)
    loss = abs(runner_up.objective - best.objective)
    limit = (search.best.total + loss) * (1 + TIE_SLACK)
    choices, is_complete = search.list_within(limit, 10 * judge.request.max_sets, clock)
    scored = [_score(judge, choice.members) for choice in choices]
    worse = [item for item in scored if not judge.is_tied(item.objective, best.objective)]
    return judge.order([runner_up, *worse])[0], is_complete


def _find_neighbour(judge: Judge, search: StarSearch, best: Scored) -> Scored | None:
    next_best: list[Scored] = []
    for choice in search.list_neighbours(best.members, MAX_NEIGHBOURS):
        scored = _score(judge, choice.members)
        is_feasible = math.isfinite(scored.objective)
        if not is_feasible or judge.is_tied(scored.objective, best.objective):
            continue
        if next_best and not judge.is_tied(scored.objective, next_best[0].objective):
            break
        next_best.append(scored)
    return judge.order(next_best)[0] if next_best else None


def _is_next(search: StarSearch, best: Scored, other: Scored) -> bool:
    """Tell whether no objective can lie between the two (whole numbers one step apart)."""
    return search.step > 0 and abs(other.objective - best.objective) <= search.step


def _is_close(search: StarSearch, total: float, share: float) -> bool:
    return total - search.best.total <= share * max(abs(search.best.total), abs(total)) + 1e-12


def _score(judge: Judge, members: Members) -> Scored:
    objective = judge.score(members)
    return Scored(members, math.inf * judge.sense if objective is None else objective)
