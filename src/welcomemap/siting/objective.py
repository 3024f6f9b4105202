"""What is a choice worth? Each model's objective, computed from the data, never from a solver.

When are two objectives equal? Where all weighted costs are whole numbers and their total stays
below 2**53, sums are exact and two objectives tie only when equal. Otherwise they tie when they
differ by at most 1e-9 of the larger: far above the rounding of a double-precision sum (about 1e-16
a term), far below anything a council could weigh. p-center and p-dispersion pick a number from the
matrix, so they compare exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.problem import (
    THRESHOLD_MODELS,
    Floats,
    Members,
    Model,
    Scored,
    SitingProblem,
    SitingRequest,
)
from welcomemap.travel.impedance import is_within

RELATIVE_TOLERANCE = 1e-9
SENSE: dict[Model, int] = {
    "lscp": 1,
    "mclp": -1,
    "backup": -1,
    "p-median": 1,
    "p-center": 1,
    "p-dispersion": -1,
}
"""1 where less is better, -1 where more is better."""
EXACT_MODELS: tuple[Model, ...] = ("lscp", "p-center", "p-dispersion")


@dataclass(frozen=True)
class Objective:
    """Objective and feasibility of a choice, from the rows with positive weight only.

    Attributes
    ----------
    cost
        Shape (n_rows, n_facilities).
    weights
        Shape (n_rows,), all > 0.
    tolerance
        Relative tolerance of ties: 0 where sums are exact.
    """

    problem: SitingProblem
    request: SitingRequest
    cost: Floats
    weights: Floats
    tolerance: float

    @property
    def sense(self) -> int:
        """1 where less is better, -1 where more is better."""
        return SENSE[self.request.model]

    @property
    def within(self) -> NDArray[np.bool_]:
        """Who is within the threshold of whom, shape (n_rows, n_facilities)."""
        return find_within(self.cost, self.request.threshold)

    def score(self, members: Members) -> float | None:
        """Return the objective of opening ``members``, ``None`` where that is not feasible.

        Capacities are not looked at here, see :mod:`welcomemap.siting.milp`.
        """
        if not self.is_allowed(members):
            return None
        opened = [*self.problem.constraints.existing, *members]
        if self.request.model == "p-dispersion":
            return smallest_distance(self.problem, opened)
        if self.request.model in ("p-median", "p-center"):
            return self._score_travel(opened)
        return self._score_coverage(opened, len(members))

    def is_allowed(self, members: Members) -> bool:
        """Tell whether a choice has the right number and keeps all rules but capacities."""
        constraints = self.problem.constraints
        if self.request.p is not None and len(members) != self.request.p:
            return False
        chosen = set(members)
        if not chosen.issuperset(constraints.required):
            return False
        if constraints.site_cost is not None and constraints.budget is not None:
            spent = float(constraints.site_cost[list(members)].sum())
            if spent > constraints.budget * (1 + RELATIVE_TOLERANCE):
                return False
        opened = chosen | set(constraints.existing)
        return all(len(opened.intersection(r.members)) >= r.at_least for r in constraints.groups)

    def is_tied(self, one: float, other: float) -> bool:
        """Tell whether two objectives count as equal (see the module)."""
        return abs(one - other) <= self.tolerance * max(abs(one), abs(other))

    def order(self, found: Iterable[Scored]) -> list[Scored]:
        """Sort choices best first, and those that tie by the ids of their facilities.

        How a sum was rounded, in which order and in which unit, moves no choice before another.
        """
        ordered = sorted(found, key=lambda item: self.sense * item.objective)
        groups: list[list[Scored]] = []
        for item in ordered:
            if groups and self.is_tied(item.objective, groups[-1][0].objective):
                groups[-1].append(item)
            else:
                groups.append([item])
        return [item for group in groups for item in sorted(group, key=self._list_ids)]

    def _list_ids(self, item: Scored) -> list[str]:
        return sorted(self.problem.facility_ids[j] for j in item.members)

    def is_near(self, objective: float, best: float) -> bool:
        """Tell whether an objective lies within the near share of the best."""
        slack = self.request.near_share * abs(best) * (1 + RELATIVE_TOLERANCE)
        return self.sense * (objective - best) <= slack or self.is_tied(objective, best)

    def _score_travel(self, opened: list[int]) -> float | None:
        nearest = self.cost[:, opened].min(axis=1, initial=np.inf)
        if np.isinf(nearest).any():
            return None
        if self.request.model == "p-median":
            return float(nearest @ self.weights)
        return float(nearest.max(initial=0.0))

    def _score_coverage(self, opened: list[int], n_members: int) -> float | None:
        times = find_within(self.cost[:, opened], self.request.threshold).sum(axis=1)
        needs_all = self.request.model == "lscp" or self.request.is_full_cover_required
        if needs_all and not (times >= 1).all():
            return None
        if self.request.model == "lscp":
            return float(n_members)
        return float(self.weights[times >= (1 if self.request.model == "mclp" else 2)].sum())


def find_within(cost: Floats, threshold: float | None) -> NDArray[np.bool_]:
    """Tell which costs are finite, and within an inclusive threshold where there is one."""
    within: NDArray[np.bool_] = np.isfinite(cost)
    return within if threshold is None else within & is_within(cost, threshold)


def make_objective(problem: SitingProblem, request: SitingRequest) -> Objective:
    """Set aside the rows without weight and find the tolerance of ties."""
    rows = problem.weights > 0
    cost, weights = problem.cost[rows], problem.weights[rows]
    is_exact = request.model in EXACT_MODELS or has_exact_sums(cost, weights, request.model)
    return Objective(problem, request, cost, weights, 0.0 if is_exact else RELATIVE_TOLERANCE)


def has_exact_sums(cost: Floats, weights: Floats, model: Model) -> bool:
    """Tell whether every objective is a sum of whole numbers below 2**53."""
    if (weights != np.floor(weights)).any():
        return False
    if model in ("mclp", "backup"):
        return float(weights.sum()) < 2**53
    finite = np.where(np.isfinite(cost), cost, 0.0)
    if (finite != np.floor(finite)).any():
        return False
    return float(weights @ finite.max(axis=1, initial=0.0)) < 2**53


def smallest_distance(problem: SitingProblem, opened: list[int]) -> float | None:
    """Return the smallest distance between two of the open facilities, in either direction."""
    if problem.facility_cost is None or len(opened) < 2:
        return None
    between = problem.facility_cost[np.ix_(opened, opened)].copy()
    np.fill_diagonal(between, np.inf)
    return float(between.min())


def assign_nearest(
    problem: SitingProblem, request: SitingRequest, members: Members
) -> dict[str, str | None]:
    """Return who goes where: the nearest open facility (of tied ones the first column).

    In coverage models only a facility within the threshold serves; nobody is sent to one that is
    unreachable.
    """
    opened = sorted([*problem.constraints.existing, *members])
    if not opened:
        return dict.fromkeys(problem.demand_ids)
    cost = problem.cost[:, opened]
    first = cost.argmin(axis=1)
    nearest = cost[np.arange(len(cost)), first]
    served = find_within(nearest, request.threshold if request.model in THRESHOLD_MODELS else None)
    return {
        demand: problem.facility_ids[opened[k]] if is_served else None
        for demand, k, is_served in zip(problem.demand_ids, first, served, strict=True)
    }
