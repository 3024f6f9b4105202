"""How does the answer change with p, with the threshold, and with whose needs count?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from welcomemap.siting.objective import make_judge
from welcomemap.siting.problem import Floats, SitingProblem, SitingRequest
from welcomemap.siting.result import SitingResult, number_or_none
from welcomemap.siting.solve import solve


@dataclass(frozen=True)
class Variation:
    """The answer when one thing is changed, and how the first choice fares then.

    Attributes
    ----------
    kind, value
        What was changed, and to what.
    result
        The answer under the change.
    chosen_objective
        What the first choice is worth under the change; ``None`` where it is not feasible or has
        another number of sites.
    chosen_loss_share
        What the first choice loses against the best under the change, 0 where it is still optimal.
    sites_kept
        Ids that are in both first choices.
    """

    kind: Literal["p", "threshold", "group"]
    value: int | float | str
    result: SitingResult
    chosen_objective: float | None
    chosen_loss_share: float | None
    sites_kept: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the change, its answer and the fate of the first choice."""
        return {
            self.kind: self.value,
            "status": self.result.status,
            "objective": number_or_none(self.result.objective),
            "optimal_set": list(self.result.optimal_sets[0]) if self.result.optimal_sets else None,
            "n_optimal_sets": self.result.n_optimal_sets,
            "chosen_objective": number_or_none(self.chosen_objective),
            "chosen_loss_share": number_or_none(self.chosen_loss_share),
            "sites_kept": list(self.sites_kept),
        }


def vary_p(
    problem: SitingProblem, request: SitingRequest, chosen: tuple[str, ...], values: Iterable[int]
) -> tuple[Variation, ...]:
    """Answer again for other numbers of sites."""
    return tuple(
        _vary("p", p, problem, replace(request, p=p), chosen, is_size_changed=p != request.p)
        for p in values
    )


def vary_threshold(
    problem: SitingProblem, request: SitingRequest, chosen: tuple[str, ...], values: Iterable[float]
) -> tuple[Variation, ...]:
    """Answer again for other thresholds, in the unit of the costs."""
    return tuple(
        _vary("threshold", value, problem, replace(request, threshold=value), chosen)
        for value in values
    )


def vary_group(
    problem: SitingProblem,
    request: SitingRequest,
    chosen: tuple[str, ...],
    weights_by_group: Mapping[str, Floats],
) -> tuple[Variation, ...]:
    """Answer again with the weights of other groups, each of shape (n_demand,)."""
    return tuple(
        _vary("group", group, replace(problem, weights=weights), request, chosen)
        for group, weights in weights_by_group.items()
    )


def _vary(
    kind: Literal["p", "threshold", "group"],
    value: int | float | str,
    problem: SitingProblem,
    request: SitingRequest,
    chosen: tuple[str, ...],
    *,
    is_size_changed: bool = False,
) -> Variation:
    result = solve(problem, request)
    members = tuple(sorted(problem.facility_ids.index(name) for name in chosen))
    has_capacity = problem.constraints.capacity is not None
    worth = None
    if not is_size_changed and not has_capacity:
        worth = make_judge(problem, request).score(members)
    best = result.objective
    loss = None
    if worth is not None and best is not None:
        loss = abs(worth - best) / abs(best) if best else float(worth != best)
    first = result.optimal_sets[0] if result.optimal_sets else ()
    kept = tuple(name for name in first if name in set(chosen))
    return Variation(kind, value, result, worth, loss, kept)
