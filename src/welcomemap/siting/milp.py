"""Mixed-integer formulations solved by HiGHS, capacities and threshold bisection included.

HiGHS (Huangfu & Hall 2018, through ``scipy.optimize.milp``) runs with relative gap 0. Its objective
is never reported: the chosen set is scored anew from the data. Each set found is forbidden by a cut
and the program solved again, until the next best is worse than anything asked for. HiGHS itself
works to 1e-6; programs are scaled so that this is less than a millionth of a percent of the
objective, and the certificate names the method.

Where facilities are limited, each demand point is served whole by one of them (single-source
assignment), so that a table can say where people are sent. Formulations:
:mod:`welcomemap.siting.p_median`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from welcomemap.errors import NoAnswerError
from welcomemap.siting.objective import RELATIVE_TOLERANCE, Objective
from welcomemap.siting.problem import Deadline, Floats, Members, Scored, Search, start_deadline

SCALED_OBJECTIVE = 1e4
OPTIMAL, LIMIT_REACHED, INFEASIBLE = 0, 1, 2
"""Status codes of ``scipy.optimize.milp``."""


@dataclass(frozen=True)
class Program:
    """Minimise ``objective @ x`` where ``lower <= rows @ x <= upper``; y_j come first.

    Attributes
    ----------
    columns
        Facility of each of the first variables (the candidates).
    scale
        The true objective divided by the program's, with sense (negative when maximising).
    """

    columns: Members
    objective: Floats
    rows: csr_array
    lower: Floats
    upper: Floats
    variable_lower: Floats
    variable_upper: Floats
    is_integer: NDArray[np.bool_]
    scale: float
    offset: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What HiGHS says of one program.

    The set (``None`` = none found), its bound, and whether that is the optimum.
    """

    members: Members | None
    bound: float
    is_proven: bool
    values: Floats | None = None


class ProgramBuilder:
    """Collect variables and rows of a program; rows are given as (row, column, value) triples."""

    def __init__(self, objective: Objective, *, is_count_free: bool = False) -> None:
        self.objective = objective
        self.p = None if is_count_free else objective.request.p
        self.columns = objective.problem.candidates
        self.position = {j: k for k, j in enumerate(self.columns)}
        self.n_variables = 0
        self.n_rows = 0
        self._parts: list[tuple[NDArray[np.intp], NDArray[np.intp], Floats]] = []
        self._row_bounds: list[tuple[Floats, Floats]] = []
        self._variables: list[tuple[Floats, Floats, Floats, NDArray[np.bool_]]] = []
        required = set(objective.problem.constraints.required)
        lower = np.array([float(j in required) for j in self.columns])
        self.add_variables(np.zeros(len(lower)), lower, np.ones(len(lower)), is_integer=True)
        self._add_choice_rows()

    def add_variables(
        self, cost: Floats, lower: Floats, upper: Floats, *, is_integer: bool
    ) -> NDArray[np.intp]:
        """Add variables and return their numbers."""
        first = self.n_variables
        self.n_variables += len(cost)
        self._variables.append((cost, lower, upper, np.full(len(cost), is_integer)))
        return np.arange(first, self.n_variables)

    def set_site_cost(self, cost: Floats) -> None:
        """Give the y_j a cost in the objective."""
        _, lower, upper, is_integer = self._variables[0]
        self._variables[0] = (cost, lower, upper, is_integer)

    def add_rows(
        self,
        rows: Sequence[int] | NDArray[np.intp],
        columns: Sequence[int] | NDArray[np.intp],
        values: Sequence[float] | Floats,
        lower: Floats,
        upper: Floats,
    ) -> None:
        """Add ``len(lower)`` rows; ``rows`` counts from 0 within this call."""
        self._parts.append(
            (
                np.asarray(rows, dtype=np.intp) + self.n_rows,
                np.asarray(columns, dtype=np.intp),
                np.asarray(values, dtype=np.float64),
            )
        )
        self._row_bounds.append((lower, upper))
        self.n_rows += len(lower)

    def add_links(self, lesser: NDArray[np.intp], greater: NDArray[np.intp]) -> None:
        """Add a row ``lesser <= greater`` for each pair of variables."""
        n = len(lesser)
        self.add_rows(
            np.concatenate([np.arange(n), np.arange(n)]),
            np.concatenate([lesser, greater]),
            np.concatenate([np.ones(n), np.full(n, -1.0)]),
            np.full(n, -np.inf),
            np.zeros(n),
        )

    def build(self, *, size: float, offset: float = 0.0) -> Program:
        """Return the program; ``size`` is the order of magnitude of its objective (> 0).

        ``offset`` is a constant added to that objective.
        """
        factor = SCALED_OBJECTIVE / size if size > 0 else 1.0
        cost, lower, upper, is_integer = (
            np.concatenate([variables[k] for variables in self._variables]) for k in range(4)
        )
        at, columns, values = (np.concatenate([part[k] for part in self._parts]) for k in range(3))
        rows = csr_array((values, (at, columns)), shape=(self.n_rows, self.n_variables))
        row_lower, row_upper = (np.concatenate([b[k] for b in self._row_bounds]) for k in range(2))
        return Program(
            self.columns,
            cost * factor,
            rows,
            row_lower,
            row_upper,
            lower,
            upper,
            is_integer,
            self.objective.sense / factor,
            offset,
        )

    def _add_choice_rows(self) -> None:
        """Add the number of sites, the budget and the groups."""
        constraints, p = self.objective.problem.constraints, self.p
        n = len(self.columns)
        count = np.array([0.0 if p is None else float(p)])
        limit = np.array([float(n) if p is None else float(p)])
        self.add_rows([0] * n, range(n), np.ones(n), count, limit)
        if constraints.site_cost is not None and constraints.budget is not None:
            cost = constraints.site_cost[list(self.columns)]
            ceiling = np.array([constraints.budget * (1 + RELATIVE_TOLERANCE)])
            affordable = np.where(np.isfinite(cost), cost, ceiling[0] + 1.0)
            self.add_rows([0] * n, range(n), affordable, np.array([-np.inf]), ceiling)
        for rule in constraints.groups:
            open_already = len(set(rule.members) & set(constraints.existing))
            inside = [self.position[j] for j in dict.fromkeys(rule.members) if j in self.position]
            needed = np.array([float(rule.at_least - open_already)])
            self.add_rows(
                [0] * len(inside), inside, np.ones(len(inside)), needed, np.array([np.inf])
            )


def solve_program(program: Program, deadline: Deadline) -> Answer:
    """Solve one program within the time left."""
    sign = 1.0 if program.scale > 0 else -1.0
    if deadline.is_over():
        return Answer(None, -math.inf * sign, False)
    if not len(program.objective):
        is_feasible = bool(((program.lower <= 0) & (program.upper >= 0)).all())
        bound = program.offset if is_feasible else math.inf * sign
        return Answer(() if is_feasible else None, bound, True, np.empty(0))
    options: dict[str, float] = {"mip_rel_gap": 0.0}
    if math.isfinite(deadline.remaining_s()):
        options["time_limit"] = deadline.remaining_s()
    result = milp(
        program.objective,
        constraints=LinearConstraint(program.rows, program.lower, program.upper),
        bounds=Bounds(program.variable_lower, program.variable_upper),
        integrality=program.is_integer.astype(np.int8),
        options=options,
    )
    if result.status == INFEASIBLE:
        return Answer(None, math.inf * sign, True)
    bound = -math.inf * sign
    if result.mip_dual_bound is not None:
        bound = program.offset + float(result.mip_dual_bound) * program.scale
    if result.x is None:
        return Answer(None, bound, False)
    chosen = np.flatnonzero(result.x[: len(program.columns)] > 0.5)
    members = tuple(program.columns[k] for k in chosen)
    return Answer(members, bound, result.status == OPTIMAL, result.x)


def forbid(program: Program, members: Members) -> Program:
    """Return the program without the choice ``members`` (a no-good cut)."""
    inside = np.isin(np.array(program.columns, dtype=np.intp), members)
    row = np.zeros((1, program.rows.shape[1]))
    row[0, : len(inside)] = np.where(inside, 1.0, -1.0)
    return replace(
        program,
        rows=csr_array(vstack([program.rows, csr_array(row)])),
        lower=np.append(program.lower, -np.inf),
        upper=np.append(program.upper, len(members) - 1.0),
    )


def search_by_milp(
    objective: Objective,
    program: Program,
    deadline: Deadline,
    score: Callable[[Members], float | None],
) -> Search:
    """Find the optimum, then tie after tie and near sets, each forbidden once found.

    Raises
    ------
    NoAnswerError
        If the time is up before any feasible set is known and infeasibility is not proven.
    """
    answer = solve_program(program, deadline)
    if answer.members is None:
        if answer.is_proven:
            return Search((), math.nan, True, True, None, True, "HiGHS")
        raise make_time_error()
    found = [_score_anew(answer.members, score)]
    if not answer.is_proven:
        return Search(tuple(found), answer.bound, False, False, None, False, "HiGHS")
    best = found[0].objective
    later = deadline.at_most(objective.request.proof_time_s)
    is_exhausted = False
    while len(found) <= objective.request.max_sets and not is_exhausted:
        program = forbid(program, found[-1].members)
        answer = solve_program(program, later)
        if answer.members is None or not answer.is_proven:
            is_exhausted = answer.is_proven
            break
        found.append(_score_anew(answer.members, score))
        is_exhausted = not objective.is_near(found[-1].objective, best)
    return _conclude(objective, found, is_exhausted=is_exhausted)


def _conclude(objective: Objective, found: list[Scored], *, is_exhausted: bool) -> Search:
    """Sort sets that were found best first one after the other, and say what they prove."""
    ordered = objective.order(found)
    best = ordered[0].objective
    worse = [scored for scored in ordered if not objective.is_tied(scored.objective, best)]
    near = [scored for scored in ordered if objective.is_near(scored.objective, best)]
    return Search(
        found=tuple(near),
        bound=best,
        is_ties_exact=is_exhausted or bool(worse),
        is_near_exact=is_exhausted,
        runner_up=worse[0] if worse else None,
        is_runner_up_proven=is_exhausted or bool(worse),
        method="HiGHS",
    )


def make_time_error() -> NoAnswerError:
    """Return the error for a time limit that left nothing to show."""
    return NoAnswerError(
        "the time limit ended before any feasible choice was found or excluded",
        how="Allow more time or fewer candidates.",
    )


def _score_anew(members: Members, score: Callable[[Members], float | None]) -> Scored:
    objective = score(members)
    if objective is None:
        raise NoAnswerError(
            "the solver's choice breaks a constraint when checked against the data",
            how="Rescale costs and weights to numbers between 0.001 and 1,000,000.",
        )
    return Scored(members, objective)


@dataclass
class Allocator:
    """Score choices under capacities, each once; keeps the assignments of those it scored.

    Attributes
    ----------
    program
        A program with assignment variables: y_j first, then one binary variable a pair.
    rows, facilities
        Demand row and facility column of each pair.
    first
        Number of the first pair's variable.
    """

    objective: Objective
    program: Program
    rows: NDArray[np.intp]
    facilities: NDArray[np.intp]
    first: int
    known: dict[Members, tuple[float, NDArray[np.intp]] | None] = field(default_factory=dict)

    def score(self, members: Members) -> float | None:
        """Return the objective of the best assignment to ``members``, ``None`` if there is none."""
        if members not in self.known:
            self.known[members] = self._allocate(members)
        allocation = self.known[members]
        return None if allocation is None else allocation[0]

    def assign(self, members: Members) -> dict[str, str | None]:
        """Return demand id to facility id; ``None`` where nobody serves."""
        problem = self.objective.problem
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
        if not self.objective.is_allowed(members):
            return None
        program = self.program
        is_open = np.isin(np.array(program.columns, dtype=np.intp), members).astype(np.float64)
        lower, upper = program.variable_lower.copy(), program.variable_upper.copy()
        lower[: len(is_open)] = upper[: len(is_open)] = is_open
        fixed = replace(program, variable_lower=lower, variable_upper=upper)
        answer = solve_program(fixed, start_deadline(None))
        if answer.values is None:
            return None
        chosen = np.flatnonzero(answer.values[self.first :] > 0.5)
        facility = np.full(len(self.objective.weights), -1, dtype=np.intp)
        facility[self.rows[chosen]] = self.facilities[chosen]
        return self._total(facility), facility

    def _total(self, facility: NDArray[np.intp]) -> float:
        served = facility >= 0
        weights = self.objective.weights[served]
        if self.objective.request.model == "mclp":
            return float(weights.sum())
        return float(self.objective.cost[served, facility[served]] @ weights)


def build_capacitated(objective: Objective) -> Allocator:
    """Return the capacitated MCLP or p-median with one binary variable for each usable pair."""
    builder = ProgramBuilder(objective)
    constraints = objective.problem.constraints
    usable = np.array([*builder.columns, *constraints.existing], dtype=np.intp)
    is_cover = objective.request.model == "mclp"
    is_pair = (objective.within if is_cover else np.isfinite(objective.cost))[:, usable]
    rows, position = np.nonzero(is_pair)
    facilities = usable[position]
    value = objective.weights[rows]
    cost = -value if is_cover else value * objective.cost[rows, facilities]
    pairs = builder.add_variables(cost, np.zeros(len(rows)), np.ones(len(rows)), is_integer=True)
    n, n_new = len(objective.weights), len(builder.columns)
    builder.add_rows(rows, pairs, np.ones(len(rows)), np.full(n, float(not is_cover)), np.ones(n))
    _add_capacity_rows(builder, objective, position, pairs, value, usable)
    is_new = position < n_new
    builder.add_links(pairs[is_new], position[is_new])
    return Allocator(objective, builder.build(size=_size(objective, cost)), rows, facilities, n_new)


def _add_capacity_rows(
    builder: ProgramBuilder,
    objective: Objective,
    position: NDArray[np.intp],
    pairs: NDArray[np.intp],
    value: Floats,
    usable: NDArray[np.intp],
) -> None:
    capacity = objective.problem.constraints.capacity
    if capacity is None:
        return
    n_new = len(builder.columns)
    limit = np.minimum(capacity[usable], objective.weights.sum())
    builder.add_rows(
        np.concatenate([position, np.arange(n_new)]),
        np.concatenate([pairs, np.arange(n_new)]),
        np.concatenate([value, -limit[:n_new]]),
        np.full(len(usable), -np.inf),
        np.concatenate([np.zeros(n_new), limit[n_new:]]),
    )


def _size(objective: Objective, cost: Floats) -> float:
    if objective.request.model == "mclp":
        return float(objective.weights.sum())
    return float(np.abs(cost).mean()) * max(1, len(objective.weights)) if len(cost) else 1.0


@dataclass(frozen=True)
class LevelAnswer:
    """The first level known to allow a choice, and the first not proven impossible.

    Attributes
    ----------
    members
        A choice at level ``allowed``, ``None`` where none is known.
    allowed, possible
        Positions in the list of levels; equal where proven.
    """

    members: Members | None
    allowed: int
    possible: int

    @property
    def is_proven(self) -> bool:
        """Tell whether no better level is possible."""
        return self.allowed == self.possible


def find_first_level(
    levels: Floats,
    try_level: Callable[[float], Answer],
    reached: Callable[[Members], float | None],
    first: Members | None,
) -> LevelAnswer:
    """Bisect levels, ordered from most wanted to most lenient.

    Parameters
    ----------
    levels
        Distinct levels, best first.
    try_level
        Looks for a choice at a level.
    reached
        The level a choice really reaches; may be better than asked for.
    first
        A choice known beforehand.
    """
    position = {float(level): k for k, level in enumerate(levels)}
    possible, allowed, members = 0, len(levels), None
    level = None if first is None else reached(first)
    if level is not None:
        members, allowed = first, position[level]
    while possible < allowed:
        middle = (possible + allowed) // 2
        answer = try_level(float(levels[middle]))
        level = None if answer.members is None else reached(answer.members)
        if level is not None:
            members, allowed = answer.members, min(allowed, position[level])
        elif answer.is_proven:
            possible = middle + 1
        else:
            break
    return LevelAnswer(members, allowed, possible)
