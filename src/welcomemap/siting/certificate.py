"""Turn what a search found into an answer with its proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from welcomemap.siting.feasibility import NO_CHOICE
from welcomemap.siting.objective import Judge, assign_nearest
from welcomemap.siting.problem import Members
from welcomemap.siting.result import Scored, Search, SiteSet, SitingResult
from welcomemap.wording import Text


def certify(
    judge: Judge,
    search: Search,
    assign: Callable[[Members], dict[str, str | None]] | None = None,
) -> SitingResult:
    """Return the answer: objective, bound, gap, ties, near sets, runner-up and assignments."""
    if not search.found:
        return make_infeasible(judge, search.reason or NO_CHOICE, search.method)
    problem, found = judge.problem, judge.order(search.found)
    best = found[0]
    gap = find_gap(judge, best.objective, search.bound)
    ties = [item for item in found if judge.is_tied(item.objective, best.objective)]
    near = [item for item in found if judge.is_near(item.objective, best.objective)]
    assign = assign or partial(assign_nearest, problem, judge.request)
    runner_up = search.runner_up
    seconds = _list_runner_ups(judge, search, found, best)
    return SitingResult(
        model=judge.request.model,
        p=judge.request.p,
        status="optimal" if gap == 0 else "feasible",
        objective=best.objective,
        bound=best.objective if gap == 0 else search.bound,
        gap=gap,
        optimal_sets=tuple(_name(judge, item.members) for item in ties),
        n_optimal_sets=len(ties) if search.n_optimal is None else search.n_optimal,
        is_n_optimal_exact=search.is_ties_exact and gap == 0,
        near_optimal_sets=tuple(_show(judge, item) for item in near),
        near_share=judge.request.near_share,
        is_near_exact=search.is_near_exact and gap == 0,
        runner_up=None if runner_up is None else _show(judge, runner_up),
        is_runner_up_proven=search.is_runner_up_proven and gap == 0,
        runner_up_loss_share=None if runner_up is None else _loss(best, runner_up),
        runner_ups=tuple(_show(judge, item) for item in seconds),
        are_runner_ups_exact=bool(search.runner_ups) and search.is_runner_up_proven and gap == 0,
        assignments=assign(best.members),
        existing=_name(judge, problem.constraints.existing),
        method=search.method,
    )


def _list_runner_ups(
    judge: Judge, search: Search, found: Sequence[Scored], best: Scored
) -> list[Scored]:
    """Return the runner-up and every other set met that is as good."""
    first = search.runner_up
    if first is None:
        return []
    met = {item.members: item for item in (first, *search.runner_ups, *found)}
    return [
        item
        for item in met.values()
        if judge.is_tied(item.objective, first.objective)
        and not judge.is_tied(item.objective, best.objective)
    ]


def make_infeasible(judge: Judge, reason: Text, method: str = "check") -> SitingResult:
    """Return the answer that there is none, and why."""
    return SitingResult(
        model=judge.request.model,
        p=judge.request.p,
        status="infeasible",
        near_share=judge.request.near_share,
        existing=_name(judge, judge.problem.constraints.existing),
        method=method,
        reason=reason,
    )


def find_gap(judge: Judge, objective: float, bound: float) -> float:
    """Return the distance of objective and bound as a share of the objective, 0 where they tie."""
    distance = judge.sense * (objective - bound)
    if distance <= max(judge.tolerance, 0.0) * abs(objective):
        return 0.0
    return distance / abs(objective) if objective else float("inf")


def _loss(best: Scored, other: Scored) -> float | None:
    if best.objective == 0:
        return None
    return abs(other.objective - best.objective) / abs(best.objective)


def _name(judge: Judge, members: Members) -> tuple[str, ...]:
    return tuple(judge.problem.facility_ids[j] for j in members)


def _show(judge: Judge, item: Scored) -> SiteSet:
    return SiteSet(_name(judge, item.members), item.objective)
