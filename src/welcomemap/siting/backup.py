"""Backup coverage: the most people who still reach a site when the nearest one closes.

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

import numpy as np

from welcomemap.siting.mclp import with_offset
from welcomemap.siting.mixed_integer import Program, ProgramBuilder
from welcomemap.siting.objective import Judge


def build_backup(judge: Judge) -> Program:
    """Return the program; points covered twice by existing facilities are taken off."""
    builder = ProgramBuilder(judge)
    within = judge.within
    standing = within[:, list(judge.problem.constraints.existing)].sum(axis=1)
    is_open = standing < 2
    columns = np.array(builder.columns, dtype=np.intp)
    inside, already, weights = (
        within[is_open][:, columns],
        standing[is_open],
        judge.weights[is_open],
    )
    n = len(weights)
    twice = builder.add_variables(-weights, np.zeros(n), np.ones(n), is_integer=True)
    at_least = np.full(n, float(judge.request.is_full_cover_required))
    once = builder.add_variables(np.zeros(n), at_least, np.ones(n), is_integer=False)
    at, sites = np.nonzero(inside)
    rows = np.arange(n)
    builder.add_rows(
        np.concatenate([rows, rows, at]),
        np.concatenate([once, twice, sites]),
        np.concatenate([np.ones(2 * n), np.full(len(at), -1.0)]),
        np.full(n, -np.inf),
        already.astype(np.float64),
    )
    builder.add_rows(
        np.concatenate([rows, rows]),
        np.concatenate([twice, once]),
        np.concatenate([np.ones(n), np.full(n, -1.0)]),
        np.full(n, -np.inf),
        np.zeros(n),
    )
    program = builder.build(size=float(weights.sum()))
    return with_offset(program, float(judge.weights[~is_open].sum()))
