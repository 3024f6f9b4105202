"""The one door of the room: a problem and a request go in, a proven answer comes out."""

from __future__ import annotations

from welcomemap.siting.backup import build_backup
from welcomemap.siting.capacity import Allocator, build_capacitated
from welcomemap.siting.certificate import certify, make_infeasible
from welcomemap.siting.clock import Clock, start_clock
from welcomemap.siting.enumeration import is_enumerable, search_by_enumeration
from welcomemap.siting.feasibility import explain_infeasible
from welcomemap.siting.lscp import search_lscp
from welcomemap.siting.mclp import build_mclp, search_mclp
from welcomemap.siting.mixed_integer import search_by_milp
from welcomemap.siting.no_demand import has_no_demand, search_without_demand
from welcomemap.siting.objective import Judge, make_judge
from welcomemap.siting.p_center import search_p_center
from welcomemap.siting.p_dispersion import search_p_dispersion
from welcomemap.siting.p_median import build_p_median, search_p_median
from welcomemap.siting.problem import SitingProblem, SitingRequest, check_fit
from welcomemap.siting.result import Search, SitingResult


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
    judge = make_judge(problem, request)
    clock = start_clock(request.time_limit_s)
    reason = explain_infeasible(judge)
    if reason is not None:
        return make_infeasible(judge, reason)
    if problem.constraints.capacity is not None:
        allocator = Allocator(judge, build_capacitated(judge))
        search = search_by_milp(judge, allocator.capacitated.program, clock, allocator.score)
        return certify(judge, search, allocator.assign)
    if is_enumerable(judge):
        search = search_by_enumeration(judge)
    elif has_no_demand(judge):
        search = search_without_demand(judge)
    else:
        search = _search(judge, clock)
    return certify(judge, search)


def _search(judge: Judge, clock: Clock) -> Search:
    model = judge.request.model
    if model == "lscp":
        return search_lscp(judge, clock)
    if model == "p-center":
        return search_p_center(judge, clock)
    if model == "p-dispersion":
        return search_p_dispersion(judge, clock)
    constraints = judge.problem.constraints
    is_plain = judge.request.p is not None and constraints.budget is None
    if is_plain and model == "p-median":
        return search_p_median(judge, clock)
    if is_plain and model == "mclp":
        return search_mclp(judge, clock)
    build = {"mclp": build_mclp, "backup": build_backup, "p-median": build_p_median}[model]
    return search_by_milp(judge, build(judge), clock, judge.score)
