"""MCLP: cover the most people with p sites.

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
"""

from __future__ import annotations

import math

import numpy as np

from welcomemap.siting.clock import Clock
from welcomemap.siting.mixed_integer import Program, ProgramBuilder
from welcomemap.siting.objective import Judge
from welcomemap.siting.reduce import merge_demand
from welcomemap.siting.result import Search
from welcomemap.siting.star_proof import list_rules, prove_star, start_star
from welcomemap.siting.star_search import StarSearch


def search_mclp(judge: Judge, clock: Clock) -> Search:
    """Solve an MCLP with given p and without budget and capacities.

    It is a p-median in which a point costs nothing where covered and its weight where not (see
    :mod:`welcomemap.siting.star`).
    """
    constraints = judge.problem.constraints
    within = judge.within
    is_served = within[:, list(constraints.existing)].any(axis=1)
    merged = merge_demand(within[~is_served], judge.weights[~is_served])
    search = StarSearch(
        values=np.where(merged.within, 0.0, merged.weights[:, None]),
        base=merged.weights,
        required=np.array(constraints.required, dtype=np.intp),
        optional=np.array(judge.problem.optional, dtype=np.intp),
        p=judge.request.p or 0,
        clock=clock,
        rules=list_rules(judge.problem),
    )
    if not start_star(judge, search):
        return Search((), math.nan, True, True, None, True, "HiGHS")
    coverable = float(judge.weights.sum()) - merged.uncoverable
    return prove_star(judge, search, lambda missed: coverable - missed)


def build_mclp(judge: Judge) -> Program:
    """Return the program without capacities, merged demand, existing facilities taken off."""
    builder = ProgramBuilder(judge)
    within = judge.within
    is_served = within[:, list(judge.problem.constraints.existing)].any(axis=1)
    columns = np.array(builder.columns, dtype=np.intp)
    merged = merge_demand(within[~is_served][:, columns], judge.weights[~is_served])
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
    program = builder.build(size=float(merged.weights.sum()))
    return with_offset(program, float(judge.weights[is_served].sum()))


def with_offset(program: Program, offset: float) -> Program:
    """Return the program with a constant added to its objective."""
    return Program(**{**vars(program), "offset": offset})
