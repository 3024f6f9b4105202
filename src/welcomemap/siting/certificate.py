"""Is a solution feasible, and what certifies it? Checked without the solver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from welcomemap.errors import quote
from welcomemap.siting.objective import Objective, assign_nearest
from welcomemap.siting.problem import (
    Floats,
    Infeasibility,
    Members,
    Scored,
    Search,
    SiteSet,
    SitingResult,
)

MAX_NAMED = 5


def explain_infeasible(objective: Objective) -> Infeasibility | None:
    """Return the first reason found why the problem has no answer, ``None`` if none is obvious."""
    return _explain_number(objective) or _explain_rules(objective) or _explain_reach(objective)


def _explain_number(objective: Objective) -> Infeasibility | None:
    problem, p = objective.problem, objective.request.p
    n, n_required = len(problem.candidates), len(problem.constraints.required)
    if p is None:
        return None
    if n == 0:
        return Infeasibility("no_candidates")
    if p > n:
        return Infeasibility("few_candidates", p, n)
    if n_required > p:
        return Infeasibility("many_required", n_required, p)
    return None


def _explain_rules(objective: Objective) -> Infeasibility | None:
    problem, constraints = objective.problem, objective.problem.constraints
    usable = {*problem.candidates, *constraints.existing}
    for rule in constraints.groups:
        available = len(usable.intersection(rule.members))
        if available < rule.at_least:
            return Infeasibility("group", rule.at_least, available, (quote(rule.name),))
    if constraints.budget is None or constraints.site_cost is None:
        return None
    needed = _cheapest(objective, constraints.site_cost)
    if needed > constraints.budget * (1 + 1e-9):
        return Infeasibility("budget", needed, constraints.budget)
    return None


def _cheapest(objective: Objective, site_cost: Floats) -> float:
    required = list(objective.problem.constraints.required)
    missing = max(0, (objective.request.p or 0) - len(required))
    others = np.sort(site_cost[list(objective.problem.optional)])[:missing]
    return float(site_cost[required].sum() + others.sum())


def _explain_reach(objective: Objective) -> Infeasibility | None:
    problem, model = objective.problem, objective.request.model
    usable = [*problem.candidates, *problem.constraints.existing]
    if model in ("p-median", "p-center"):
        reaches = np.isfinite(objective.cost[:, usable]).any(axis=1)
    elif model == "lscp" or (model == "backup" and objective.request.is_full_cover_required):
        reaches = objective.within[:, usable].any(axis=1)
    else:
        return None
    if reaches.all():
        return None
    rows = np.flatnonzero(problem.weights > 0)[~reaches]
    named = tuple(quote(problem.demand_ids[row]) for row in rows[:MAX_NAMED])
    return Infeasibility("unreachable", len(rows), names=named)


def certify(
    objective: Objective,
    search: Search,
    assign: Callable[[Members], dict[str, str | None]] | None = None,
) -> SitingResult:
    """Return the answer: objective, bound, gap, ties, near sets, runner-up and assignments."""
    if not search.found:
        return make_infeasible(objective, Infeasibility("together"), search.method)
    problem, found = objective.problem, objective.order(search.found)
    best = found[0]
    gap = find_gap(objective, best.objective, search.bound)
    ties = [item for item in found if objective.is_tied(item.objective, best.objective)]
    near = [item for item in found if objective.is_near(item.objective, best.objective)]
    assign = assign or partial(assign_nearest, problem, objective.request)
    runner_up = search.runner_up
    seconds = _list_runner_ups(objective, search, found, best)
    return SitingResult(
        model=objective.request.model,
        p=objective.request.p,
        status="optimal" if gap == 0 else "feasible",
        objective=best.objective,
        bound=best.objective if gap == 0 else search.bound,
        gap=gap,
        optimal_sets=tuple(_name(objective, item.members) for item in ties),
        n_optimal_sets=len(ties) if search.n_optimal is None else search.n_optimal,
        is_n_optimal_exact=search.is_ties_exact and gap == 0,
        near_optimal_sets=tuple(_show(objective, item) for item in near),
        near_share=objective.request.near_share,
        is_near_exact=search.is_near_exact and gap == 0,
        runner_up=None if runner_up is None else _show(objective, runner_up),
        is_runner_up_proven=search.is_runner_up_proven and gap == 0,
        runner_up_loss_share=None if runner_up is None else _loss(best, runner_up),
        runner_ups=tuple(_show(objective, item) for item in seconds),
        are_runner_ups_exact=bool(search.runner_ups) and search.is_runner_up_proven and gap == 0,
        assignments=assign(best.members),
        existing=_name(objective, problem.constraints.existing),
        method=search.method,
    )


def _list_runner_ups(
    objective: Objective, search: Search, found: Sequence[Scored], best: Scored
) -> list[Scored]:
    """Return the runner-up and every other set met that is as good."""
    first = search.runner_up
    if first is None:
        return []
    met = {item.members: item for item in (first, *search.runner_ups, *found)}
    return [
        item
        for item in met.values()
        if objective.is_tied(item.objective, first.objective)
        and not objective.is_tied(item.objective, best.objective)
    ]


def make_infeasible(
    objective: Objective, reason: Infeasibility, method: str = "check"
) -> SitingResult:
    """Return the answer that there is none, and why."""
    return SitingResult(
        model=objective.request.model,
        p=objective.request.p,
        status="infeasible",
        near_share=objective.request.near_share,
        existing=_name(objective, objective.problem.constraints.existing),
        method=method,
        reason=reason,
    )


def find_gap(objective: Objective, value: float, bound: float) -> float:
    """Return the distance of value and bound as a share of the value, 0 where they tie."""
    distance = objective.sense * (value - bound)
    if distance <= max(objective.tolerance, 0.0) * abs(value):
        return 0.0
    return distance / abs(value) if value else float("inf")


def _loss(best: Scored, other: Scored) -> float | None:
    if best.objective == 0:
        return None
    return abs(other.objective - best.objective) / abs(best.objective)


def _name(objective: Objective, members: Members) -> tuple[str, ...]:
    return tuple(objective.problem.facility_ids[j] for j in members)


def _show(objective: Objective, item: Scored) -> SiteSet:
    return SiteSet(_name(objective, item.members), item.objective)
