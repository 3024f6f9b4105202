"""When nobody is there (all weights are 0), every choice is as good as any other."""

from __future__ import annotations

from itertools import combinations, islice
from math import comb

from welcomemap.siting.objective import Judge
from welcomemap.siting.result import Scored, Search


def has_no_demand(judge: Judge) -> bool:
    """Tell whether all weights are 0 and only the number of sites is asked for."""
    constraints = judge.problem.constraints
    is_plain = not constraints.groups and constraints.budget is None
    is_about_demand = judge.request.model not in ("lscp", "p-dispersion")
    return is_plain and is_about_demand and not len(judge.weights)


def search_without_demand(judge: Judge) -> Search:
    """Count all choices of p candidates and list the first of them, each with objective 0."""
    required = judge.problem.constraints.required
    optional = judge.problem.optional
    missing = (judge.request.p or 0) - len(required)
    n_choices = comb(len(optional), missing)
    listed = islice(combinations(optional, missing), judge.request.max_sets)
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
