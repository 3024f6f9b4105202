"""What is asked and what is answered: costs, weights, constraints, model; best sets and proof.

Symbols used throughout the room: demand point i with weight w_i, facility j, travel cost c_ij
(``inf`` = unreachable), y_j = 1 where facility j is opened. An *existing* facility is open already:
it serves, stays, and does not count towards p. A *required* one must be among the p opened.

Make coverage problems small without changing their answer.

Two reductions, both classical for set covering (Toregas & ReVelle 1972, "Optimal location under
time or distance constraints", Papers of the Regional Science Association 28):

- demand points covered by the very same facilities are merged into one with their summed weight;
- a facility whose covered demand is part of another's is dominated and can be left out. This keeps
  the optimum, not every tie, so ties are listed from the unreduced problem.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.errors import DuplicateIdError, Fault, InputError, UsageError, fault

Model = Literal["lscp", "mclp", "backup", "p-median", "p-center", "p-dispersion"]
MODELS: tuple[Model, ...] = get_args(Model)
THRESHOLD_MODELS: tuple[Model, ...] = ("lscp", "mclp", "backup")
CAPACITY_MODELS: tuple[Model, ...] = ("mclp", "p-median")

Floats = NDArray[np.float64]
Members = tuple[int, ...]
"""Columns of the facilities opened, ascending, without the existing ones."""


class SitingError(InputError, ValueError):
    """The siting problem contradicts itself: shapes, ids, indices or values."""


@dataclass(frozen=True)
class GroupRule:
    """At least ``at_least`` open facilities (existing ones count) among ``members`` (columns)."""

    name: str
    members: tuple[int, ...]
    at_least: int = 1


@dataclass(frozen=True)
class Constraints:
    """What a choice must keep to; all indices are columns of the cost matrix.

    Attributes
    ----------
    existing
        Open already and staying; not counted in p, not charged to the budget.
    required, excluded
        Must, must not be opened.
    groups
        Rules such as "at least one in district 7".
    site_cost, budget
        Cost of opening each facility, shape (n_facilities,), and its upper limit (inclusive).
    capacity
        Largest weight each facility can serve, shape (n_facilities,), ``inf`` = no limit. A demand
        point is served whole by one facility.
    """

    existing: tuple[int, ...] = ()
    required: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    groups: tuple[GroupRule, ...] = ()
    site_cost: Floats | None = None
    budget: float | None = None
    capacity: Floats | None = None


@dataclass(frozen=True, repr=False)
class SitingProblem(Brief):
    """Costs, weights and constraints.

    Attributes
    ----------
    cost
        Shape (n_demand, n_facilities), >= 0, ``inf`` = unreachable, any one unit.
    weights
        Shape (n_demand,), finite, >= 0. Points of weight 0 are nobody: they never make a problem
        infeasible and never decide a p-center.
    demand_ids, facility_ids
        Unique names of rows and columns.
    facility_cost
        Distances between facilities, shape (n_facilities, n_facilities), for p-dispersion only;
        of two directions the smaller counts.

    Raises
    ------
    SitingError
        If shapes differ, or a value is NaN, negative or (weights) infinite, or an index is unknown.
    DuplicateIdError
        If two rows or two columns share an id.
    """

    cost: Floats
    weights: Floats
    demand_ids: tuple[str, ...]
    facility_ids: tuple[str, ...]
    constraints: Constraints = field(default_factory=Constraints)
    facility_cost: Floats | None = None

    def __post_init__(self) -> None:
        shape = (len(self.demand_ids), len(self.facility_ids))
        _check_array("cost", self.cost, shape, is_infinite_allowed=True)
        _check_array("weights", self.weights, shape[:1], is_infinite_allowed=False)
        if self.facility_cost is not None:
            _check_array(
                "facility_cost", self.facility_cost, (shape[1], shape[1]), is_infinite_allowed=True
            )
        _check_unique(fault("demand"), self.demand_ids)
        _check_unique(fault("facility"), self.facility_ids)
        _check_constraints(self.constraints, shape[1])

    @property
    def n_facilities(self) -> int:
        """Number of columns."""
        return len(self.facility_ids)

    @property
    def candidates(self) -> Members:
        """Columns that may be opened: neither existing nor excluded."""
        barred = {*self.constraints.existing, *self.constraints.excluded}
        return tuple(j for j in range(self.n_facilities) if j not in barred)

    @property
    def optional(self) -> Members:
        """Candidates that are not required."""
        required = set(self.constraints.required)
        return tuple(j for j in self.candidates if j not in required)


@dataclass(frozen=True)
class SitingRequest:
    """Which model, with which numbers, and how much proof.

    Attributes
    ----------
    model
        One of :data:`MODELS`.
    p
        Number of facilities to open besides the existing ones. LSCP takes none; with a budget it
        may be left out ("as many as the budget allows").
    threshold
        Inclusive, in the unit of the costs; for LSCP, MCLP and backup coverage.
    time_limit_s
        Seconds for everything together; ``None`` = until proven.
    max_sets
        How many tied and near-optimal sets are listed at most.
    near_share
        What counts as near: within this share of the optimum.
    proof_time_s
        Seconds spent at most on finding further ties once the optimum is proven.
    is_full_cover_required
        Backup coverage only: everybody must be covered at least once (Hogan & ReVelle's BACOP1).

    Raises
    ------
    UsageError
        If the model is unknown or a number is missing or impossible.
    """

    model: Model
    p: int | None = None
    threshold: float | None = None
    time_limit_s: float | None = None
    max_sets: int = 100
    near_share: float = 0.01
    proof_time_s: float = 5.0
    is_full_cover_required: bool = False

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise UsageError(
                "model {model!r} is unknown",
                model=self.model,
                models=MODELS,
                how="Use one of {models}.",
            )
        if self.model == "lscp" and self.p is not None:
            raise UsageError("lscp finds the number of sites itself", how="Leave out p.")
        if self.p is not None and self.p < 1:
            raise UsageError("p is {p}", p=self.p, how="Open at least one site.")
        needs_threshold = self.model in THRESHOLD_MODELS
        if needs_threshold and self.threshold is None:
            raise UsageError(
                "{model} needs a threshold", model=self.model, how="Say for example 1000m."
            )
        if self.is_full_cover_required and self.model != "backup":
            raise UsageError("full cover is an option of backup coverage", how="Leave it out.")
        if self.threshold is not None and not self.threshold >= 0:
            raise UsageError(
                "threshold is {threshold}",
                threshold=self.threshold,
                how="Use a number of 0 or more.",
            )
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise UsageError("the time limit is not positive", how="Give seconds above 0.")
        if self.max_sets < 1 or not self.near_share >= 0:
            raise UsageError("max_sets or near_share is too small", how="Use 1 and 0 or more.")


def check_fit(problem: SitingProblem, request: SitingRequest) -> None:
    """Check what problem and request must agree on.

    Raises
    ------
    UsageError
        If p is missing, capacities meet a model without them, or p-dispersion lacks distances
        between facilities or has fewer than two sites to space out.
    SitingError
        If p-dispersion meets two facilities without a way between them.
    """
    constraints = problem.constraints
    if request.model != "lscp" and request.p is None and constraints.budget is None:
        raise UsageError("{model} needs p", model=request.model, how="Say how many sites to open.")
    if constraints.capacity is not None and request.model not in CAPACITY_MODELS:
        raise UsageError(
            "{model} knows no capacities",
            model=request.model,
            how="Use mclp or p-median, or leave them out.",
        )
    if request.model == "p-dispersion":
        if problem.facility_cost is None:
            raise UsageError(
                "p-dispersion needs the distances between facilities",
                how="Give a square matrix whose demand ids are the facility ids.",
            )
        if request.p is None or request.p + len(constraints.existing) < 2:
            raise UsageError("p-dispersion spaces out at least two sites", how="Raise p.")
        usable = np.array([*problem.candidates, *constraints.existing], dtype=np.intp)
        between = problem.facility_cost[np.ix_(usable, usable)]
        if np.isinf(np.minimum(between, between.T)[~np.eye(len(usable), dtype=bool)]).any():
            raise SitingError(
                "two facilities are unreachable from each other, so their distance is unknown",
                how="Give every pair a finite distance, or exclude one of them.",
            )


def _check_array(
    name: str, values: Floats, shape: tuple[int, ...], *, is_infinite_allowed: bool
) -> None:
    if values.shape != shape:
        raise SitingError(
            "{name} has shape {found}, expected {shape}",
            name=name,
            found=str(values.shape),
            shape=str(shape),
            how="Match it to the ids.",
        )
    if values.dtype != np.float64:
        raise SitingError(
            "{name} holds {dtype}", name=name, dtype=values.dtype, how="Convert it to float64."
        )
    if np.isnan(values).any() or (values < 0).any():
        raise SitingError(
            "{name} holds NaN or negative numbers", name=name, how="Use 0 or more, or inf."
        )
    if not is_infinite_allowed and np.isinf(values).any():
        raise SitingError("{name} holds infinite numbers", name=name, how="Use finite numbers.")


def _check_unique(kind: Fault, ids: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise DuplicateIdError(
                "{kind} id {name!r} appears twice",
                kind=kind,
                name=name,
                how="Give each its own id.",
            )
        seen.add(name)


def _check_constraints(constraints: Constraints, n_facilities: int) -> None:
    members = [j for rule in constraints.groups for j in rule.members]
    named = [*constraints.existing, *constraints.required, *constraints.excluded, *members]
    if any(not 0 <= j < n_facilities for j in named):
        raise SitingError("a constraint names a column that does not exist", how="Check indices.")
    required, excluded = set(constraints.required), set(constraints.excluded)
    if excluded & (required | set(constraints.existing)):
        raise SitingError(
            "a site is both excluded and required or existing", how="Choose one of the two."
        )
    if required & set(constraints.existing):
        raise SitingError("a site is both required and existing", how="Existing sites stay anyway.")
    if (constraints.budget is None) != (constraints.site_cost is None):
        raise SitingError("budget and site costs belong together", how="Give both or neither.")
    if constraints.site_cost is not None:
        _check_array("site_cost", constraints.site_cost, (n_facilities,), is_infinite_allowed=True)
    if constraints.budget is not None and not constraints.budget >= 0:
        raise SitingError("the budget is negative or NaN", how="Use 0 or more.")
    if constraints.capacity is not None:
        _check_array("capacity", constraints.capacity, (n_facilities,), is_infinite_allowed=True)


Status = Literal["optimal", "feasible", "infeasible"]


@dataclass(frozen=True)
class Scored:
    """A choice of columns and its objective, recomputed from the data."""

    members: Members
    objective: float


@dataclass(frozen=True)
class Search:
    """What a solver found, in columns.

    Attributes
    ----------
    found
        Distinct feasible sets, best first; none means infeasible.
    bound
        Proven limit of the objective (lower when minimising, upper when maximising).
    is_ties_exact
        ``found`` holds every optimal set.
    is_near_exact
        ``found`` holds every set within the near share.
    runner_up
        Best set that is not optimal, as far as known.
    is_runner_up_proven
        No set lies between the optimal ones and the runner-up.
    runner_ups
        Sets as good as the runner-up, itself included, where the search has kept them all.
    n_optimal
        Number of optimal sets where it is known without listing them all.
    method
        How it was found, for the reader of the certificate.
    """

    found: tuple[Scored, ...]
    bound: float
    is_ties_exact: bool
    is_near_exact: bool
    runner_up: Scored | None
    is_runner_up_proven: bool
    method: str
    n_optimal: int | None = None
    runner_ups: tuple[Scored, ...] = ()


@dataclass(frozen=True)
class SiteSet:
    """Ids of the facilities opened, in column order, with their objective."""

    members: tuple[str, ...]
    objective: float


InfeasibleKind = Literal[
    "no_candidates", "few_candidates", "many_required", "group", "budget", "unreachable", "together"
]


@dataclass(frozen=True)
class Infeasibility:
    """Why a problem has no answer.

    Attributes
    ----------
    kind
        ``no_candidates``: there is nobody to choose from. ``few_candidates``: more sites are asked
        for than there are candidates. ``many_required``: more are required than are to be opened.
        ``group``: a rule asks for more sites than are possible. ``budget``: the cheapest choice
        costs more. ``unreachable``: demand points reach no possible site. ``together``: each
        condition can be met, but not all at once.
    needed, available
        What is asked for and what there is: sites, or cost and budget; demand points concerned.
    names
        The rule, or the first demand points.
    """

    kind: InfeasibleKind
    needed: float = 0.0
    available: float = 0.0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class SitingResult(Brief):
    """The answer with its proof.

    Attributes
    ----------
    objective, bound, gap
        As defined for the model; ``gap`` is the distance between the two as a share of the
        objective, 0 where optimality is proven. ``None`` when infeasible.
    optimal_sets
        All optimal sets where ``is_n_optimal_exact``, in the order of their ids; otherwise those
        shown. When only "feasible", the best sets known.
    n_optimal_sets
        Their number; where not exact there are at least as many.
    near_optimal_sets
        Every set within the near share of the optimum, the optimal ones included, best first;
        where not ``is_near_exact`` only those shown.
    runner_up, runner_up_loss_share
        The best set that is not optimal, and what it loses as a share of the objective.
    runner_ups
        Every set that is as good as the runner-up, itself the first; where not
        ``are_runner_ups_exact`` only those that were met.
    assignments
        Demand id to the id of the facility that serves it in the first optimal set, or ``None``.
    existing
        Ids of the facilities that were open before.
    reason
        Why there is no answer.
    """

    model: Model
    p: int | None
    status: Status
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    optimal_sets: tuple[tuple[str, ...], ...] = ()
    n_optimal_sets: int = 0
    is_n_optimal_exact: bool = True
    near_optimal_sets: tuple[SiteSet, ...] = ()
    near_share: float = 0.01
    is_near_exact: bool = True
    runner_up: SiteSet | None = None
    is_runner_up_proven: bool = True
    runner_up_loss_share: float | None = None
    runner_ups: tuple[SiteSet, ...] = ()
    are_runner_ups_exact: bool = False
    assignments: Mapping[str, str | None] = field(default_factory=dict)
    existing: tuple[str, ...] = ()
    method: str = ""
    reason: Infeasibility | None = None

    @property
    def is_only_choice(self) -> bool:
        """Tell whether nothing else meets the conditions, so that there was nothing to choose."""
        is_complete = self.is_n_optimal_exact and self.is_runner_up_proven
        return is_complete and self.runner_up is None and self.n_optimal_sets == 1


@dataclass(frozen=True)
class Deadline:
    """A point in time after which a search stops and says what it has."""

    end_s: float

    def remaining_s(self) -> float:
        """Return the seconds left, ``inf`` without a limit, never below 0."""
        return max(0.0, self.end_s - time.monotonic())

    def is_over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self.end_s

    def at_most(self, seconds: float) -> Deadline:
        """Return a deadline that comes ``seconds`` from now at the latest."""
        return Deadline(min(self.end_s, time.monotonic() + seconds))


def start_deadline(limit_s: float | None) -> Deadline:
    """Return the end of a time limit that begins now; without a limit it never comes."""
    return Deadline(math.inf if limit_s is None else time.monotonic() + limit_s)


Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class MergedDemand:
    """Demand points with the same covering facilities, merged.

    Attributes
    ----------
    within
        Shape (n_merged, n_facilities).
    weights
        Shape (n_merged,): summed weights.
    uncoverable
        Weight that no facility covers; it is not among the rows.
    """

    within: Flags
    weights: Floats
    uncoverable: float


def merge_demand(within: Flags, weights: Floats) -> MergedDemand:
    """Merge rows with equal coverage; rows that nobody covers are counted apart."""
    is_coverable = within.any(axis=1)
    rows, kept = within[is_coverable], weights[is_coverable]
    lost = float(weights[~is_coverable].sum())
    if not len(rows):
        return MergedDemand(rows, kept, lost)
    packed = np.packbits(rows, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return MergedDemand(rows[first], np.bincount(group, weights=kept).astype(np.float64), lost)


def find_undominated(within: Flags) -> NDArray[np.intp]:
    """Return the columns whose covered rows are not part of another's; of equal ones the first.

    Parameters
    ----------
    within
        Shape (n_demand, n_facilities).
    """
    covered = within.astype(np.float32)
    common = covered.T @ covered
    return _find_unbeaten(common == np.diag(common)[:, None])


def find_hardest_rows(within: Flags) -> NDArray[np.intp]:
    """Return the rows that imply all others when everybody must be covered.

    A row whose covering facilities include all of another row's is covered along with it; of equal
    rows the first counts.
    """
    flags = within.astype(np.float32)
    common = flags @ flags.T
    return _find_unbeaten(common == np.diag(common)[None, :])


def _find_unbeaten(yields: Flags) -> NDArray[np.intp]:
    """Return the places that yield to no other; of those that yield to each other the first."""
    is_beaten = yields & ~np.triu(yields.T)
    unbeaten: NDArray[np.intp] = np.flatnonzero(~is_beaten.any(axis=1))
    return unbeaten
