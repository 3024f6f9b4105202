"""p-median: the least total travel with p sites.

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
"""

from __future__ import annotations

import math

import numpy as np

from welcomemap.siting.clock import Clock
from welcomemap.siting.mixed_integer import Program, ProgramBuilder
from welcomemap.siting.objective import Judge
from welcomemap.siting.result import Search
from welcomemap.siting.star_proof import list_rules, prove_star, start_star
from welcomemap.siting.star_search import StarSearch


def search_p_median(judge: Judge, clock: Clock) -> Search:
    """Solve a p-median with given p and without budget and capacities.

    Raises
    ------
    NoAnswerError
        If the time is up before a choice is known that serves everybody.
    """
    constraints = judge.problem.constraints
    weights = judge.weights[:, None]
    standing = judge.cost[:, list(constraints.existing)].min(axis=1, initial=np.inf)
    search = StarSearch(
        values=judge.cost * weights,
        base=standing * judge.weights,
        required=np.array(constraints.required, dtype=np.intp),
        optional=np.array(judge.problem.optional, dtype=np.intp),
        p=judge.request.p or 0,
        clock=clock,
        rules=list_rules(judge.problem),
    )
    if not start_star(judge, search):
        return Search((), math.nan, True, True, None, True, "HiGHS")
    return prove_star(judge, search, lambda total: total)


def build_p_median(judge: Judge) -> Program:
    """Return the program without capacities; pairs worse than an existing facility are left out."""
    builder = ProgramBuilder(judge)
    standing = judge.cost[:, list(judge.problem.constraints.existing)].min(axis=1, initial=np.inf)
    columns = np.array(builder.columns, dtype=np.intp)
    cost = judge.cost[:, columns]
    rows, sites = np.nonzero(np.isfinite(cost) & (cost < standing[:, None]))
    n = len(judge.weights)
    value = judge.weights[rows] * cost[rows, sites]
    pairs = builder.add_variables(value, np.zeros(len(rows)), np.ones(len(rows)), is_integer=False)
    has_standing = np.flatnonzero(np.isfinite(standing))
    stay = builder.add_variables(
        judge.weights[has_standing] * standing[has_standing],
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
    links = np.arange(len(rows))
    builder.add_rows(
        np.concatenate([links, links]),
        np.concatenate([pairs, sites]),
        np.concatenate([np.ones(len(links)), np.full(len(links), -1.0)]),
        np.full(len(links), -np.inf),
        np.zeros(len(links)),
    )
    size = float(value.mean()) * max(1, n) if len(value) else 1.0
    return builder.build(size=size)
