"""Where should the next sites open in a region? Builds the siting problem and answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.demand import Demand
from welcomemap.crs import Points, unproject
from welcomemap.errors import NoAnswerError, UsageError, quote
from welcomemap.pack.row_notes import RowNote
from welcomemap.siting.objective import make_judge
from welcomemap.siting.problem import (
    Constraints,
    GroupRule,
    Model,
    SitingProblem,
    SitingRequest,
)
from welcomemap.siting.result import SitingResult, number_or_none
from welcomemap.siting.sensitivity import Variation
from welcomemap.siting.solve import solve
from welcomemap.study.alike import tell_mixture
from welcomemap.study.assumptions import tell_assumptions
from welcomemap.study.candidates import CandidateSites, join_candidates
from welcomemap.study.facilities import FacilityFacts
from welcomemap.study.limits import find_unpriced, gather_facts, limit_problem
from welcomemap.study.requests import SiteRequest
from welcomemap.study.sensitivity import find_variations
from welcomemap.study.site_words import Wording, is_only_choice, name_by, tell_choice
from welcomemap.tables import GROUPS
from welcomemap.travel.impedance import CostMatrix, Impedance, is_within
from welcomemap.wording import Text

COVERING_MODELS = ("lscp", "mclp")
"""Models for which a way beyond the threshold is as good as none."""
PAIRS_AT_ONCE = 8_000_000
MAX_PAIRS = 20_000_000
"""Demand points times facilities that are worked on at once, each way to the metre."""
MAX_COVERING_PAIRS = 70_000_000
"""The same where only ways within a threshold count (float64: 0.6 GB)."""


@dataclass(frozen=True)
class SitingAnswer:
    """The proof of the siting room, and where its sites lie.

    Attributes
    ----------
    places
        Id of each site that any set in the result names to its facts: name, lat, lon, district,
        how it was located.
    left_out
        Candidates without a known place, which no set can hold.
    variations
        How the answer changes with p, threshold and group.
    standing
        Objective of the existing sites alone (coverage models).
    spent
        Cost of the first optimal set, where there is a budget.
    unpriced
        Sites whose cost is not known, which no set can hold under a budget.
    assumptions
        What the travel costs assume.
    list_notes
        What is to be known about rows of the scenario's list.
    """

    request: SiteRequest
    result: SitingResult
    places: Mapping[str, Mapping[str, Any]]
    left_out: tuple[str, ...]
    variations: tuple[Variation, ...] = ()
    sentences: tuple[Text, ...] = ()
    standing: float | None = None
    spent: float | None = None
    unpriced: tuple[str, ...] = ()
    assumptions: Text | None = None
    list_notes: tuple[RowNote, ...] = ()

    @property
    def status(self) -> str:
        """``optimal``, ``feasible`` or ``infeasible``."""
        return self.result.status

    def to_json(self) -> dict[str, Any]:
        """Return the keys of the command-line contract and the region's own."""
        return {
            **self.result.to_json(),
            "scenario": self.request.scenario,
            "mode": self.request.mode,
            "threshold": str(self.request.threshold),
            "group": self.request.group,
            "keep_existing": self.request.keep_existing,
            "places": {name: dict(facts) for name, facts in self.places.items()},
            "left_out": list(self.left_out),
            "existing_objective": number_or_none(self.standing),
            "budget": self.request.budget,
            "spent": number_or_none(self.spent),
            "unpriced": list(self.unpriced),
            **show_explanation(self.variations, self.sentences),
            "assumptions": None if self.assumptions is None else self.assumptions.to_json(),
            "list_notes": [note.to_json() for note in self.list_notes],
        }


def show_explanation(variations: Sequence[Variation], sentences: Sequence[Text]) -> dict[str, Any]:
    """Return the keys ``sensitivity`` and ``sentences``."""
    return {
        "sensitivity": [variation.to_json() for variation in variations],
        "sentences": {
            "de": [sentence.de for sentence in sentences],
            "en": [sentence.en for sentence in sentences],
        },
    }


def choose_sites(
    request: SiteRequest, demand: Demand, cell_ids: NDArray[np.object_], existing: CandidateSites,
    candidates: CandidateSites, impedance: Impedance, crs: str,
    region: Mapping[str, Any] | None = None,
) -> SitingAnswer:  # fmt: skip
    """Choose among candidates, with the existing sites staying or competing.

    Parameters
    ----------
    demand
        Demand cells; the request's group is their weight.
    cell_ids
        Ids of the demand cells, (n_cells,).
    existing
        Sites of the scenario that serve people. With ``keep_existing`` they stay and count, without
        they are candidates like all others.
    region
        The pack's region, for what is known of its estimates.

    Raises
    ------
    UsageError
        If a required or excluded id is unknown, or the problem is too large.
    NoAnswerError
        If there is no candidate with a place.
    """
    left_out = tuple(
        name for name, ok in zip(candidates.ids, candidates.is_located, strict=True) if not ok
    )
    candidates = candidates.pick(np.flatnonzero(candidates.is_located))
    sites = join_candidates(existing, candidates)
    if not len(candidates) and request.keep_existing:
        raise NoAnswerError(
            "there is no candidate with a known place", how="Name other candidates."
        )
    facts = gather_facts(request, sites)
    problem, matrix = _build_problem(
        request, demand, cell_ids, sites, len(existing), impedance, facts
    )
    asked = SitingRequest(
        cast("Model", request.model), request.p, request.threshold.value, request.time_limit_s
    )
    counted = _select_rows(problem, demand.weight_of(request.group), cell_ids)
    result = solve(counted, asked)
    variations = find_variations(
        counted, asked, result,
        lambda: (problem, _weights_of_others(demand, request.group)),
        is_wanted=request.is_varied,
    )  # fmt: skip
    places = _describe_places(result, variations, sites, crs)
    standing = _score_existing(counted, asked)
    words = Wording(
        name=name_by(places), total_weight=float(counted.weights.sum()), standing=standing,
        threshold=request.threshold, mode=impedance.mode, group=request.group,
    )  # fmt: skip
    spent = None
    if request.budget is not None and result.optimal_sets:
        spent = sum(facts.cost.get(name, 0.0) for name in result.optimal_sets[0])
    unpriced = () if request.budget is None else find_unpriced(problem, facts)
    mixed = () if is_only_choice(result) else _tell_mixture(request, candidates)
    return SitingAnswer(
        request, result, places, left_out, variations,
        (*tell_choice(result, variations, words), *mixed), standing, spent, unpriced,
        tell_assumptions(region or {}, matrix, [request.threshold], impedance.mode),
    )  # fmt: skip


def _tell_mixture(request: SiteRequest, candidates: CandidateSites) -> tuple[Text, ...]:
    kept = [k for k, name in enumerate(candidates.ids) if name not in request.excluded]
    mixture = tell_mixture(candidates.pick(kept))
    return () if mixture is None else (mixture,)


def _score_existing(problem: SitingProblem, request: SitingRequest) -> float | None:
    if request.model not in ("mclp", "backup"):
        return None
    free = replace(problem, constraints=Constraints(existing=problem.constraints.existing))
    return make_judge(free, replace(request, p=None)).score(())


def _weights_of_others(demand: Demand, group: str) -> dict[str, NDArray[np.float64]]:
    return {
        other: np.ascontiguousarray(demand.weight_of(other), dtype=np.float64)
        for other in GROUPS
        if other != group
    }


def _select_rows(
    problem: SitingProblem, weights: NDArray[np.float64], cell_ids: NDArray[np.object_]
) -> SitingProblem:
    """Keep the demand cells where people of the group live."""
    lived_in = weights > 0
    return replace(
        problem,
        cost=np.ascontiguousarray(problem.cost[lived_in]),
        weights=np.ascontiguousarray(weights[lived_in], dtype=np.float64),
        demand_ids=tuple(str(name) for name in cell_ids[lived_in]),
    )


def _build_problem(
    request: SiteRequest, demand: Demand, cell_ids: NDArray[np.object_], sites: CandidateSites,
    n_existing: int, impedance: Impedance, facts: FacilityFacts,
) -> tuple[SitingProblem, CostMatrix]:  # fmt: skip
    """Return the problem with all demand cells, weighted by the group, and its travel cost."""
    limit = MAX_COVERING_PAIRS if request.model in COVERING_MODELS else MAX_PAIRS
    if len(demand.points) * len(sites) > limit:
        raise UsageError(
            f"{len(demand.points)} demand cells times {len(sites)} sites are too many",
            how="Choose fewer candidates.",
        )
    matrix = _measure(request, demand, sites, impedance)
    between = None
    if request.model == "p-dispersion":
        between = impedance.cost_matrix(sites.points, sites.points).cost
        np.fill_diagonal(between, 0.0)
    kept = tuple(range(n_existing)) if request.keep_existing else ()
    problem = SitingProblem(
        cost=np.ascontiguousarray(matrix.cost, dtype=np.float64),
        weights=np.ascontiguousarray(demand.weight_of(request.group), dtype=np.float64),
        demand_ids=tuple(str(name) for name in cell_ids),
        facility_ids=sites.ids,
        constraints=Constraints(
            existing=kept,
            required=_columns(request.required, sites, kept),
            excluded=_columns(request.excluded, sites, kept),
            groups=tuple(_district_rule(d, sites) for d in request.require_districts),
        ),
        facility_cost=between,
    )
    limited = limit_problem(problem, facts, request.budget)
    return limited, matrix


def _measure(
    request: SiteRequest, demand: Demand, sites: CandidateSites, impedance: Impedance
) -> CostMatrix:
    """Measure all ways; of many ways only what the model needs, in parts that memory holds."""
    if len(demand.points) * len(sites) <= PAIRS_AT_ONCE:
        return impedance.cost_matrix(demand.points, sites.points)
    limit = request.threshold.value if request.model in COVERING_MODELS else np.inf
    cost = np.empty((len(demand.points), len(sites)))
    basis = np.empty(cost.shape, dtype=np.int8)
    step = max(1, PAIRS_AT_ONCE // len(demand.points))
    assumptions = None
    for start in range(0, len(sites), step):
        columns = slice(start, start + step)
        part = impedance.cost_matrix(demand.points, sites.points[columns], limit=limit)
        cost[:, columns], basis[:, columns] = part.cost, part.basis
        assumptions = part.assumptions
    return CostMatrix(cost, cost, cost, basis, impedance.unit, assumptions)


def _district_rule(district: int, sites: CandidateSites) -> GroupRule:
    members = tuple(int(j) for j in np.flatnonzero(sites.districts == district))
    return GroupRule(f"district {district}", members)


def _columns(
    names: tuple[str, ...], sites: CandidateSites, kept: tuple[int, ...]
) -> tuple[int, ...]:
    columns = []
    for name in names:
        if name not in sites.ids:
            raise UsageError(f"no site {quote(name)!r}", how="Use the id of a candidate.")
        column = sites.ids.index(name)
        if column not in kept:
            columns.append(column)
    return tuple(sorted(columns))


def _describe_places(
    result: SitingResult, variations: Sequence[Variation], sites: CandidateSites, crs: str
) -> dict[str, dict[str, Any]]:
    named = {name for members in result.optimal_sets for name in members}
    named |= {name for near in result.near_optimal_sets for name in near.members}
    for variation in variations:
        named |= set(variation.result.optimal_sets[0] if variation.result.optimal_sets else ())
    named |= {name for second in result.runner_ups for name in second.members}
    named |= set(result.existing)
    return {name: describe_place(sites, sites.ids.index(name), crs) for name in sorted(named)}


def describe_place(sites: CandidateSites, number: int, crs: str) -> dict[str, Any]:
    """Return name, position, district and location of one candidate for JSON."""
    points: Points = sites.points[number : number + 1]
    place: dict[str, Any] = {"name": sites.names[number], "lat": None, "lon": None}
    if not np.isnan(points).any():
        lat, lon = unproject(points, crs=crs)
        place |= {"lat": round(float(lat[0]), 7), "lon": round(float(lon[0]), 7)}
    district = int(sites.districts[number])
    return place | {
        "district": district if district >= 0 else None,
        "location_outcome": sites.location_outcomes[number] or None,
        "address": sites.facts[number].get("address") or None,
        "place_notes": [note.to_json() for note in sites.notes_of(number)],
    }


def gain_by_cell(
    demand: Demand, group: str, covered: NDArray[np.bool_], threshold: float, impedance: Impedance,
    *, places: Points | None = None, chunk: int = 500,
) -> NDArray[np.float64]:  # fmt: skip
    """Return how many more people of a group a site at each place would reach, shape (n_places,).

    Parameters
    ----------
    covered
        Which demand cells are within reach already, (n_cells,).
    threshold
        In the unit of the impedance.
    places
        Default: the demand cells themselves ("anywhere").
    """
    at = demand.points if places is None else places
    weights = np.where(covered, 0.0, demand.weight_of(group))
    open_cells = np.flatnonzero(weights > 0)
    gains = np.zeros(len(at))
    for start in range(0, len(at), chunk):
        costs = impedance.cost_matrix(
            demand.points[open_cells], at[start : start + chunk], limit=threshold
        ).cost
        gains[start : start + chunk] = weights[open_cells] @ is_within(costs, threshold)
    return gains
