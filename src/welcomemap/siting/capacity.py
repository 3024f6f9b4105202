"""Who is served by whom when facilities are limited.

Each demand point is served whole by one facility (single-source assignment), so that a table can
say where people are sent. Formulations: :mod:`welcomemap.siting.p_median` and
:mod:`welcomemap.siting.mclp`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.clock import start_clock
from welcomemap.siting.mixed_integer import Program, ProgramBuilder, solve_program
from welcomemap.siting.objective import Judge
from welcomemap.siting.problem import Floats, Members


@dataclass(frozen=True)
class CapacitatedProgram:
    """A program with assignment variables, and which pair each of them stands for.

    Attributes
    ----------
    program
        y_j first, then one binary variable a pair.
    rows, facilities
        Demand row and facility column of each pair.
    first
        Number of the first pair's variable.
    """

    program: Program
    rows: NDArray[np.intp]
    facilities: NDArray[np.intp]
    first: int


@dataclass
class Allocator:
    """Score choices under capacities, each once; keeps the assignments of those it scored."""

    judge: Judge
    capacitated: CapacitatedProgram
    known: dict[Members, tuple[float, NDArray[np.intp]] | None] = field(default_factory=dict)

    def score(self, members: Members) -> float | None:
        """Return the objective of the best assignment to ``members``, ``None`` if there is none."""
        if members not in self.known:
            self.known[members] = self._allocate(members)
        allocation = self.known[members]
        return None if allocation is None else allocation[0]

    def assign(self, members: Members) -> dict[str, str | None]:
        """Return demand id to facility id; ``None`` where nobody serves."""
        problem = self.judge.problem
        served: dict[str, str | None] = dict.fromkeys(problem.demand_ids)
        self.score(members)
        allocation = self.known[members]
        if allocation is None:
            return served
        for row, facility in zip(np.flatnonzero(problem.weights > 0), allocation[1], strict=True):
            if facility >= 0:
                served[problem.demand_ids[row]] = problem.facility_ids[facility]
        return served

    def _allocate(self, members: Members) -> tuple[float, NDArray[np.intp]] | None:
        if not self.judge.is_allowed(members):
            return None
        program = self.capacitated.program
        is_open = np.isin(np.array(program.columns, dtype=np.intp), members).astype(np.float64)
        lower, upper = program.variable_lower.copy(), program.variable_upper.copy()
        lower[: len(is_open)] = upper[: len(is_open)] = is_open
        fixed = replace(program, variable_lower=lower, variable_upper=upper)
        answer = solve_program(fixed, start_clock(None))
        if answer.values is None:
            return None
        chosen = np.flatnonzero(answer.values[self.capacitated.first :] > 0.5)
        facility = np.full(len(self.judge.weights), -1, dtype=np.intp)
        facility[self.capacitated.rows[chosen]] = self.capacitated.facilities[chosen]
        return self._total(facility), facility

    def _total(self, facility: NDArray[np.intp]) -> float:
        served = facility >= 0
        weights = self.judge.weights[served]
        if self.judge.request.model == "mclp":
            return float(weights.sum())
        return float(self.judge.cost[served, facility[served]] @ weights)


def build_capacitated(judge: Judge) -> CapacitatedProgram:
    """Return the capacitated MCLP or p-median with one binary variable for each usable pair."""
    builder = ProgramBuilder(judge)
    constraints = judge.problem.constraints
    usable = np.array([*builder.columns, *constraints.existing], dtype=np.intp)
    is_cover = judge.request.model == "mclp"
    is_pair = (judge.within if is_cover else np.isfinite(judge.cost))[:, usable]
    rows, position = np.nonzero(is_pair)
    facilities = usable[position]
    value = judge.weights[rows]
    cost = -value if is_cover else value * judge.cost[rows, facilities]
    pairs = builder.add_variables(cost, np.zeros(len(rows)), np.ones(len(rows)), is_integer=True)
    n, n_new = len(judge.weights), len(builder.columns)
    builder.add_rows(rows, pairs, np.ones(len(rows)), np.full(n, float(not is_cover)), np.ones(n))
    _add_capacity_rows(builder, judge, position, pairs, value, usable)
    is_new = position < n_new
    links = np.arange(int(is_new.sum()))
    builder.add_rows(
        np.concatenate([links, links]),
        np.concatenate([pairs[is_new], position[is_new]]),
        np.concatenate([np.ones(len(links)), np.full(len(links), -1.0)]),
        np.full(len(links), -np.inf),
        np.zeros(len(links)),
    )
    return CapacitatedProgram(builder.build(size=_size(judge, cost)), rows, facilities, int(n_new))


def _add_capacity_rows(
    builder: ProgramBuilder,
    judge: Judge,
    position: NDArray[np.intp],
    pairs: NDArray[np.intp],
    value: Floats,
    usable: NDArray[np.intp],
) -> None:
    capacity = judge.problem.constraints.capacity
    if capacity is None:
        return
    n_new = len(builder.columns)
    limit = np.minimum(capacity[usable], judge.weights.sum())
    builder.add_rows(
        np.concatenate([position, np.arange(n_new)]),
        np.concatenate([pairs, np.arange(n_new)]),
        np.concatenate([value, -limit[:n_new]]),
        np.full(len(usable), -np.inf),
        np.concatenate([np.zeros(n_new), limit[n_new:]]),
    )


def _size(judge: Judge, cost: Floats) -> float:
    if judge.request.model == "mclp":
        return float(judge.weights.sum())
    return float(np.abs(cost).mean()) * max(1, len(judge.weights)) if len(cost) else 1.0
