"""The one door of the room: a problem and a request go in, a proven answer comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import comb
from typing import Literal

from welcomemap.siting.certificate import certify, explain_infeasible, make_infeasible
from welcomemap.siting.covering import search_lscp
from welcomemap.siting.enumeration import is_enumerable, search_by_enumeration
from welcomemap.siting.milp import build_capacitated, search_by_milp
from welcomemap.siting.objective import Objective, make_objective
from welcomemap.siting.p_center import search_p_center
from welcomemap.siting.p_dispersion import search_p_dispersion
from welcomemap.siting.p_median import (
    build_backup,
    build_mclp,
    build_p_median,
    search_mclp,
    search_p_median,
)
from welcomemap.siting.problem import (
    Deadline,
    Floats,
    Scored,
    Search,
    SitingProblem,
    SitingRequest,
    SitingResult,
    check_fit,
    start_deadline,
)


def has_no_demand(objective: Objective) -> bool:
    """Tell whether all weights are 0 and only the number of sites is asked for."""
    constraints = objective.problem.constraints
    is_plain = not constraints.groups and constraints.budget is None
    is_about_demand = objective.request.model not in ("lscp", "p-dispersion")
    return is_plain and is_about_demand and not len(objective.weights)


def search_without_demand(objective: Objective) -> Search:
    """Count all choices of p candidates and list the first of them, each with objective 0."""
    required = objective.problem.constraints.required
    optional = objective.problem.optional
    missing = (objective.request.p or 0) - len(required)
    n_choices = comb(len(optional), missing)
    listed = islice(combinations(optional, missing), objective.request.max_sets)
    found = tuple(Scored(tuple(sorted((*required, *more))), 0.0) for more in listed)
    return Search(
        found=found,
        bound=0.0,
        is_ties_exact=True,
        is_near_exact=len(found) == n_choices,
        runner_up=None,
        is_runner_up_proven=True,
        method="nobody to serve",
        n_optimal=n_choices,
    )


def solve(problem: SitingProblem, request: SitingRequest) -> SitingResult:
    """Find the best sites, all ties, the near sets and the runner-up, and prove it.

    Parameters
    ----------
    problem
        Costs, weights and constraints.
    request
        Model, p, threshold and limits.

    Returns
    -------
    SitingResult
        Status ``optimal``; ``feasible`` with its true gap where the time limit ended the search;
        ``infeasible`` with the reason where no choice meets the constraints.

    Raises
    ------
    UsageError
        If problem and request do not fit together.
    NoAnswerError
        If a time limit ended before any feasible choice was known.
    """
    check_fit(problem, request)
    objective = make_objective(problem, request)
    deadline = start_deadline(request.time_limit_s)
    reason = explain_infeasible(objective)
    if reason is not None:
        return make_infeasible(objective, reason)
    if problem.constraints.capacity is not None:
        allocator = build_capacitated(objective)
        search = search_by_milp(objective, allocator.program, deadline, allocator.score)
        return certify(objective, search, allocator.assign)
    if is_enumerable(objective):
        search = search_by_enumeration(objective)
    elif has_no_demand(objective):
        search = search_without_demand(objective)
    else:
        search = _search(objective, deadline)
    return certify(objective, search)


def _search(objective: Objective, deadline: Deadline) -> Search:
    model = objective.request.model
    if model == "lscp":
        return search_lscp(objective, deadline)
    if model == "p-center":
        return search_p_center(objective, deadline)
    if model == "p-dispersion":
        return search_p_dispersion(objective, deadline)
    constraints = objective.problem.constraints
    is_plain = objective.request.p is not None and constraints.budget is None
    if is_plain and model == "p-median":
        return search_p_median(objective, deadline)
    if is_plain and model == "mclp":
        return search_mclp(objective, deadline)
    build = {"mclp": build_mclp, "backup": build_backup, "p-median": build_p_median}[model]
    return search_by_milp(objective, build(objective), deadline, objective.score)


@dataclass(frozen=True)
class Variation:
    """The answer when one thing is changed, and how the first choice fares then.

    Attributes
    ----------
    kind, value
        What was changed, and to what.
    result
        The answer under the change.
    chosen_objective
        What the first choice is worth under the change; ``None`` where it is not feasible or has
        another number of sites.
    chosen_loss_share
        What the first choice loses against the best under the change, 0 where it is still optimal.
    sites_kept
        Ids that are in both first choices.
    """

    kind: Literal["p", "threshold", "group"]
    value: int | float | str
    result: SitingResult
    chosen_objective: float | None
    chosen_loss_share: float | None
    sites_kept: tuple[str, ...]


def vary_p(
    problem: SitingProblem, request: SitingRequest, chosen: tuple[str, ...], values: Iterable[int]
) -> tuple[Variation, ...]:
    """Answer again for other numbers of sites."""
    return tuple(
        _vary("p", p, problem, replace(request, p=p), chosen, is_size_changed=p != request.p)
        for p in values
    )


def vary_threshold(
    problem: SitingProblem, request: SitingRequest, chosen: tuple[str, ...], values: Iterable[float]
) -> tuple[Variation, ...]:
    """Answer again for other thresholds, in the unit of the costs."""
    return tuple(
        _vary("threshold", value, problem, replace(request, threshold=value), chosen)
        for value in values
    )


def vary_group(
    problem: SitingProblem,
    request: SitingRequest,
    chosen: tuple[str, ...],
    weights_by_group: Mapping[str, Floats],
) -> tuple[Variation, ...]:
    """Answer again with the weights of other groups, each of shape (n_demand,)."""
    return tuple(
        _vary("group", group, replace(problem, weights=weights), request, chosen)
        for group, weights in weights_by_group.items()
    )


def _vary(
    kind: Literal["p", "threshold", "group"],
    value: int | float | str,
    problem: SitingProblem,
    request: SitingRequest,
    chosen: tuple[str, ...],
    *,
    is_size_changed: bool = False,
) -> Variation:
    result = solve(problem, request)
    members = tuple(sorted(problem.facility_ids.index(name) for name in chosen))
    has_capacity = problem.constraints.capacity is not None
    worth = None
    if not is_size_changed and not has_capacity:
        worth = make_objective(problem, request).score(members)
    best = result.objective
    loss = None
    if worth is not None and best is not None:
        loss = abs(worth - best) / abs(best) if best else float(worth != best)
    first = result.optimal_sets[0] if result.optimal_sets else ()
    kept = tuple(name for name in first if name in set(chosen))
    return Variation(kind, value, result, worth, loss, kept)
