"""What is answered: the best sets, the proof, and who goes where."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from welcomemap.siting.problem import Members, Model
from welcomemap.wording import Text

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
    reason: Text | None = None
    runner_ups: tuple[Scored, ...] = ()


@dataclass(frozen=True)
class SiteSet:
    """Ids of the facilities opened, in column order, with their objective."""

    members: tuple[str, ...]
    objective: float

    def to_json(self) -> dict[str, object]:
        """Return ``set`` and ``objective``."""
        return {"set": list(self.members), "objective": number_or_none(self.objective)}


@dataclass(frozen=True)
class SitingResult:
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
        Why there is no answer, or what limits it.
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
    reason: Text | None = None

    def to_json(self) -> dict[str, object]:
        """Return the keys of the command-line contract and what explains them."""
        return {
            "model": self.model,
            "p": self.p,
            "status": self.status,
            "objective": number_or_none(self.objective),
            "bound": number_or_none(self.bound),
            "gap": number_or_none(self.gap),
            "optimal_sets": [list(members) for members in self.optimal_sets],
            "n_optimal_sets": self.n_optimal_sets,
            "n_optimal_sets_is_exact": self.is_n_optimal_exact,
            "near_optimal_sets": [near.to_json() for near in self.near_optimal_sets],
            "near_share": self.near_share,
            "near_optimal_sets_is_exact": self.is_near_exact,
            "runner_up": None if self.runner_up is None else self.runner_up.to_json(),
            "runner_up_is_proven": self.is_runner_up_proven,
            "runner_up_loss_share": number_or_none(self.runner_up_loss_share),
            "runner_ups": [second.to_json() for second in self.runner_ups],
            "runner_ups_are_exact": self.are_runner_ups_exact,
            "assignments": dict(self.assignments),
            "existing": list(self.existing),
            "method": self.method,
            "reason": None if self.reason is None else self.reason.to_json(),
        }


def number_or_none(value: float | None) -> float | None:
    """Return the number, or ``None`` where JSON knows no such number (inf, NaN)."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)
