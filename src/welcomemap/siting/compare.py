"""Candidates side by side: what each would bring, which comes first, and whether that is sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.errors import UsageError
from welcomemap.siting.objective import find_within
from welcomemap.siting.problem import Floats
from welcomemap.siting.ranking import Criterion, Ranking, rank_candidates, share_best

DECISION_SHARE = 0.8
"""A candidate is recommended when it comes first in at least this share of the draws."""
WEIGHTING_SHARE = 0.5
"""… and in at least this share of all weightings: else the weights decide, not the data."""


@dataclass(frozen=True)
class CandidateCoverage:
    """What one candidate changes for the people, under one threshold.

    Attributes
    ----------
    gained
        For each group the weight newly within the threshold.
    overlap_share
        Share of the weight within the candidate's threshold that existing sites reach already;
        ``None`` where it reaches nobody.
    mean_cost, p90_cost
        Weighted mean and 90th percentile of the cost to the candidate, of those who can reach it;
        ``None`` where nobody can.
    """

    gained: Mapping[str, float]
    overlap_share: float | None
    mean_cost: float | None
    p90_cost: float | None


@dataclass(frozen=True)
class Candidate:
    """One candidate as it is compared; ``None`` = unknown, never zero.

    Attributes
    ----------
    id, name, location_outcome
        From the candidate list; the outcome says how its place is known.
    reach
        See :func:`describe_reach`.
    districts_served
        District number to whether the site lies in it or reaches it; ``None`` = unknown.
    stop_distance_m, n_lines
        Way to the nearest stop and lines there.
    area_m2, rooms, is_step_free
        Of the building.
    meets_requirements
        Against stated requirements, see :func:`judge_space`.
    """

    id: str
    name: str
    location_outcome: str | None
    reach: CandidateCoverage
    districts_served: Mapping[int, bool | None] = field(default_factory=dict)
    stop_distance_m: float | None = None
    n_lines: int | None = None
    area_m2: float | None = None
    rooms: int | None = None
    is_step_free: bool | None = None
    meets_requirements: bool | None = None


@dataclass(frozen=True, repr=False)
class Comparison(Brief):
    """Candidates with ranking and how sure it is.

    Attributes
    ----------
    p_best
        For each candidate the share (0-1) of the simulated draws in which this candidate gains the
        most people of the group, ties split; ``None`` where nothing was drawn.
    is_decided
        Whether the data decide for one candidate.
    group
        The group whose gain is judged.
    values
        For each criterion's key the values that are compared, ``None`` = unknown.
    """

    candidates: tuple[Candidate, ...]
    criteria: tuple[Criterion, ...]
    ranking: Ranking
    p_best: Floats | None
    is_decided: bool
    group: str = "residents"
    values: Mapping[str, Sequence[float | None]] = field(default_factory=dict)

    @property
    def pareto(self) -> list[str]:
        """Ids of the candidates that none beats in all criteria."""
        kept = zip(self.candidates, self.ranking.pareto, strict=True)
        return [candidate.id for candidate, is_kept in kept if is_kept]

    @property
    def gained(self) -> list[float]:
        """People of the group newly within reach of each candidate."""
        return [candidate.reach.gained.get(self.group, 0.0) for candidate in self.candidates]


def describe_reach(
    cost: Floats,
    covered: NDArray[np.bool_],
    weights_by_group: Mapping[str, Floats],
    threshold: float,
    base_group: str = "residents",
) -> CandidateCoverage:
    """Return what a candidate brings.

    Parameters
    ----------
    cost
        Shape (n_demand,): cost to the candidate, ``inf`` = unreachable.
    covered
        Shape (n_demand,): within the threshold of an existing site already.
    weights_by_group
        Arrays of shape (n_demand,).
    threshold
        Inclusive, in the unit of the cost.
    base_group
        The group whose mean, percentile and overlap are given.

    Raises
    ------
    UsageError
        If the base group has no weights.
    """
    if base_group not in weights_by_group:
        raise UsageError(
            "group {base_group} has no weights",
            base_group=base_group,
            how="Give the weights of the group.",
        )
    within = find_within(cost, threshold)
    gained = {g: float(w[within & ~covered].sum()) for g, w in weights_by_group.items()}
    weights = weights_by_group[base_group]
    reached = float(weights[within].sum())
    overlap = float(weights[within & covered].sum()) / reached if reached > 0 else None
    counted = np.isfinite(cost) & (weights > 0)
    if not counted.any():
        return CandidateCoverage(gained, overlap, None, None)
    costs, counts = cost[counted], weights[counted]
    order = np.argsort(costs, kind="stable")
    share = np.cumsum(counts[order]) / counts.sum()
    p90 = float(costs[order][int(np.searchsorted(share, 0.9 - 1e-12))])
    return CandidateCoverage(gained, overlap, float((costs * counts).sum() / counts.sum()), p90)


def judge_space(
    area_m2: float | None, rooms: int | None, least_area_m2: float | None, least_rooms: int | None
) -> bool | None:
    """Tell whether a building meets the stated space; unknown unless every stated point is known.

    One point that is known to fail decides even where the other is unknown.
    """
    points = [(area_m2, least_area_m2), (rooms, least_rooms)]
    stated = [(given, least) for given, least in points if least is not None]
    if any(given is not None and given < least for given, least in stated):
        return False
    if not stated or any(given is None for given, _ in stated):
        return None
    return True


def compare(
    candidates: Sequence[Candidate],
    criteria: Sequence[Criterion],
    values: Mapping[str, Sequence[float | None]],
    *,
    group: str = "residents",
    gained_draws: Floats | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare candidates and say which one to prefer, or that the data cannot decide.

    Parameters
    ----------
    candidates
        At least one.
    criteria, values
        What counts, and each candidate's value in the order of ``candidates`` (``None`` unknown).
    group
        The group whose gain is judged.
    gained_draws
        Shape (n_draws, n_candidates): people of the group gained, under the same draws of what is
        uncertain for all candidates.
    seed
        Start of the random weightings.

    Raises
    ------
    UsageError
        If there are no candidates or the lengths do not match.
    """
    if not candidates:
        raise UsageError("there is nothing to compare", how="Name at least one candidate.")
    if any(len(column) != len(candidates) for column in values.values()):
        raise UsageError("values and candidates differ in number", how="Give one value for each.")
    if gained_draws is not None and gained_draws.shape[1:] != (len(candidates),):
        raise UsageError("draws and candidates differ in number", how="Draw every candidate.")
    ranking = rank_candidates(values, criteria, seed=seed)
    p_best = None if gained_draws is None else share_best(gained_draws)
    first = _find_first(ranking)
    is_decided = first is not None and _is_sure(ranking, p_best, first)
    return Comparison(
        tuple(candidates), tuple(criteria), ranking, p_best, is_decided, group, dict(values)
    )


def _find_first(ranking: Ranking) -> int | None:
    first = np.flatnonzero(ranking.rank == 1)
    return int(first[0]) if len(first) == 1 else None


def _is_sure(ranking: Ranking, p_best: Floats | None, first: int) -> bool:
    """Tell whether one leads whatever the unknowns are, in most weightings and most draws."""
    others = np.delete(ranking.high, first)
    if not len(others) or ranking.low[first] <= others.max():
        return False
    if ranking.first_share[first] < WEIGHTING_SHARE:
        return False
    return p_best is None or bool(p_best[first] >= DECISION_SHARE)
