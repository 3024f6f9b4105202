"""Candidates side by side in a region: reach, travel cost, stops and space, with the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from welcomemap.brief import Brief
from welcomemap.coverage.accessibility import AccessibilityModel, is_serving, number_in_cell
from welcomemap.coverage.demand import require_group
from welcomemap.coverage.marginal import Gains, simulate_gains
from welcomemap.coverage.uncertainty import Destinations, UncertaintyModel
from welcomemap.crs import Points
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import RowNote
from welcomemap.region.schemas import GROUPS, without_groups
from welcomemap.siting.compare import Candidate, Comparison, compare, describe_reach, judge_space
from welcomemap.siting.ranking import Criterion
from welcomemap.study.candidates import CandidateSites
from welcomemap.study.requests import CompareRequest
from welcomemap.study.siting import SitePlace, find_place
from welcomemap.travel.impedance import (
    Assumption,
    CostMatrix,
    Impedance,
    is_within,
    list_assumptions,
)

SAME_STOP_M = 150.0
"""Platforms and sources of one stop lie no farther apart than this."""
NEAREST_TRIED = 8


@dataclass(frozen=True)
class NearestStop:
    """A stop as seen from a place; ``lines`` are those the pack knows, never all there are."""

    stop_id: str
    name: str
    distance_m: float
    lines: tuple[str, ...]


def find_nearest_stops(
    pack: RegionPack, points: Points, walk: Impedance
) -> tuple[NearestStop | None, ...]:
    """Find the nearest stop of each place on foot; ``None`` where the pack has no stops.

    Parameters
    ----------
    points
        (n, 2) x, y in metres in the pack's metric CRS.
    walk
        Walking cost in metres.
    """
    if not pack.has_layer("stops") or not len(points) or pack.stops.empty:
        return (None,) * len(points)
    stops = pack.stops
    at = np.column_stack([stops.geometry.x, stops.geometry.y])
    tree = cKDTree(at)
    lines = _lines_by_stop(pack)
    ids, names = stops["stop_id"].astype(str).tolist(), stops["name"].astype(str).tolist()
    found = []
    for point in points:
        near = np.atleast_1d(tree.query(point, k=min(NEAREST_TRIED, len(at)))[1])
        costs = walk.cost_matrix(point[np.newaxis, :], at[near]).cost[0]
        best = int(near[int(costs.argmin())])
        same = tree.query_ball_point(at[best], SAME_STOP_M)
        known = sorted({line for k in same for line in lines.get(ids[k], ())})
        found.append(NearestStop(ids[best], names[best], float(costs.min()), tuple(known)))
    return tuple(found)


def _lines_by_stop(pack: RegionPack) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    if pack.has_layer("line_stops"):
        rows = pack.line_stops
        for stop, line in zip(rows["stop_id"], rows["line"], strict=True):
            found.setdefault(str(stop), set()).add(str(line))
    return found


CRITERIA: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(GROUPS, True)
    | {"mean_cost": False, "p90_cost": False, "stop_distance_m": False, "n_lines": True,
       "overlap_share": False}
)  # fmt: skip
"""Criteria by name: whether more is better; people gained come first, by group."""


def usual_weights(group: str) -> tuple[tuple[str, float], ...]:
    """Return the weights that hold where none are given: of what a group gains, and the stop.

    Equal weights; any other choice is a decision that people should take.
    """
    return ((group, 1.0), ("mean_cost", 1.0), ("stop_distance_m", 1.0))


@dataclass(frozen=True)
class Requirement:
    """What a kind of facility needs in one respect, and what a candidate has.

    ``is_met`` is ``None`` where the candidate's value is not known.
    """

    name: str
    needed: float
    given: float | None

    @property
    def is_met(self) -> bool | None:
        """Tell whether it is met."""
        return None if self.given is None else self.given >= self.needed


def list_requirements(candidate: Candidate, needed: Mapping[str, Any]) -> tuple[Requirement, ...]:
    """Return the space a candidate needs and has; empty where nothing is required of its kind."""
    given = {"area_m2": candidate.area_m2, "rooms": candidate.rooms}
    return tuple(
        Requirement(name, float(needed[name]), None if value is None else float(value))
        for name, value in given.items()
        if name in needed
    )


@dataclass(frozen=True, repr=False)
class ComparisonAnswer(Brief):
    """The comparison, where each candidate lies, and what its gains may be.

    Attributes
    ----------
    places, stops
        By candidate, in order.
    gains
        Gains in all draws; candidates in order.
    left_out
        Candidates without a known place, which cannot be compared.
    requirements
        What each kind of facility needs, as the pack states it.
    assumptions
        What the travel costs assume.
    """

    request: CompareRequest
    comparison: Comparison
    sites: CandidateSites
    places: tuple[SitePlace, ...]
    stops: tuple[NearestStop | None, ...]
    gains: Gains
    left_out: tuple[str, ...]
    requirements: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    list_notes: tuple[RowNote, ...] = ()

    def list_needs(self, k: int) -> tuple[Requirement, ...]:
        """Return what the candidate's kind of facility needs, and what it has."""
        needed = self.requirements.get(self.sites.facts[k].get("kind") or "", {})
        return list_requirements(self.comparison.candidates[k], needed)


def pick_candidates(sites: CandidateSites, ids: Sequence[str]) -> CandidateSites:
    """Return the candidates with these ids, in this order; all of them where none is named.

    Raises
    ------
    UsageError
        If an id is unknown.
    """
    if not ids:
        return sites
    for name in ids:
        if name not in sites.ids:
            raise UsageError(
                "no candidate {name!r}", name=name, known=sites.ids[:20], how="Known ids: {known}."
            )
    return sites.pick([sites.ids.index(name) for name in dict.fromkeys(ids)])


def compare_candidates(
    request: CompareRequest,
    accessibility: AccessibilityModel,
    candidates: CandidateSites,
    impedance: Impedance,
    walk: Impedance,
    pack: RegionPack,
) -> ComparisonAnswer:
    """Compare candidates that have a place; the others are named as left out.

    Parameters
    ----------
    walk
        Walking cost in metres, for the way to the stops.
    pack
        For its stops and lines, its CRS, and what it says a kind of facility needs
        (``region["requirements"]``: by kind ``area_m2`` and ``rooms``, at least).

    Raises
    ------
    UsageError
        If there is nothing to compare, or a group or a weight's name is unknown.
    """
    require_group(request.group, accessibility.demand.groups)
    left_out = tuple(
        name for name, ok in zip(candidates.ids, candidates.is_located, strict=True) if not ok
    )
    sites = candidates.pick(np.flatnonzero(candidates.is_located))
    if left_out and not len(sites):
        raise UsageError(
            "no candidate has a known place: {left_out}",
            left_out=left_out,
            how="Give lat and lon, or a full address that the region knows.",
        )
    matrix = impedance.cost_matrix(accessibility.demand.points, sites.points)
    stops = find_nearest_stops(pack, sites.points, walk)
    described = _describe(
        request, accessibility, sites, matrix, stops, pack.region.get("requirements", {})
    )
    gains = simulate_gains(
        accessibility,
        Destinations(sites.ids, sites.points, sites.error_radius_m),
        matrix,
        request.threshold,
        accessibility.demand.groups,
        model=UncertaintyModel(seed=request.seed),
    )
    comparison = _rank(request, described, gains)
    places = tuple(find_place(sites, k, pack.crs) for k in range(len(sites)))
    return ComparisonAnswer(
        request, comparison, sites, places, stops, gains, left_out,
        pack.region.get("requirements", {}),
        list_assumptions(pack.region, matrix, [request.threshold], accessibility.mode),
        accessibility.list_notes,
    )  # fmt: skip


def weigh_again(
    answer: ComparisonAnswer, weights: tuple[tuple[str, float], ...]
) -> ComparisonAnswer:
    """Rank the same candidates with other weights; what they bring is not computed again.

    Raises
    ------
    UsageError
        If a weight's name is unknown, one is negative or all are 0.
    """
    request = replace(answer.request, weights=weights)
    ranked = _rank(request, answer.comparison.candidates, answer.gains)
    return replace(answer, request=request, comparison=ranked)


def _rank(request: CompareRequest, described: Sequence[Candidate], gains: Gains) -> Comparison:
    criteria = _read_criteria(request, gains.groups)
    return compare(
        described,
        criteria,
        {criterion.key: [_value(c, criterion.key) for c in described] for criterion in criteria},
        group=request.group,
        gained_draws=gains.drawn[:, gains.groups.index(request.group)].T.astype(np.float64),
        seed=request.seed,
    )


def _describe(
    request: CompareRequest, accessibility: AccessibilityModel, sites: CandidateSites,
    matrix: CostMatrix, stops: Sequence[NearestStop | None],
    requirements: Mapping[str, Mapping[str, Any]],
) -> list[Candidate]:  # fmt: skip
    demand = accessibility.demand
    covered = is_within(accessibility.nearest().cost, request.threshold.value)
    weights = {group: demand.weight_of(group) for group in demand.groups}
    described = []
    for k, name in enumerate(sites.ids):
        stop, facts = stops[k], sites.facts[k]
        area_m2, rooms = number_in_cell(facts.get("area_m2")), number_in_cell(facts.get("rooms"))
        needed = requirements.get(facts.get("kind") or "", {})
        described.append(
            Candidate(
                id=name,
                name=sites.names[k],
                location_outcome=sites.location_outcomes[k] or None,
                reach=describe_reach(
                    matrix.cost[:, k], covered, weights, request.threshold.value, request.group
                ),
                districts_served=_serve_districts(accessibility, sites, matrix, k, request),
                stop_distance_m=None if stop is None else stop.distance_m,
                n_lines=None if stop is None or not stop.lines else len(stop.lines),
                area_m2=area_m2,
                rooms=None if rooms is None else int(rooms),
                is_step_free={"true": True, "false": False}.get(facts.get("is_step_free", "")),
                meets_requirements=judge_space(
                    area_m2, None if rooms is None else int(rooms),
                    number_in_cell(needed.get("area_m2")), _whole(needed.get("rooms")),
                ),
            )
        )  # fmt: skip
    return described


def _serve_districts(
    accessibility: AccessibilityModel, sites: CandidateSites, matrix: CostMatrix, k: int,
    request: CompareRequest,
) -> dict[int, bool | None]:  # fmt: skip
    """Tell for the districts without a site whether the candidate lies in them or reaches them."""
    people = accessibility.demand.weight_of(request.group)
    within = is_within(matrix.cost[:, k], request.threshold.value)
    districts = accessibility.demand.districts
    occupied = {point.district for point in accessibility.points if is_serving(point)}
    served: dict[int, bool | None] = {}
    for number, district in enumerate(districts.ids):
        if district in occupied:
            continue
        reaches = bool(people[within & (districts.index == number)].sum() > 0)
        served[int(district)] = int(sites.districts[k]) == district or reaches
    return served


def _read_criteria(request: CompareRequest, groups: Sequence[str]) -> list[Criterion]:
    criteria = []
    known = without_groups(CRITERIA, groups)
    for name, weight in request.weights or usual_weights(request.group):
        if name in GROUPS:
            require_group(name, groups)
        if name not in known:
            raise UsageError(
                "unknown criterion {name!r}",
                name=name,
                criteria=known,
                how="Choose from {criteria}.",
            )
        criteria.append(Criterion(name, CRITERIA[name], weight))
    return criteria


def _value(candidate: Candidate, criterion: str) -> float | None:
    if criterion in GROUPS:
        return candidate.reach.gained[criterion]
    holder: object = candidate.reach if hasattr(candidate.reach, criterion) else candidate
    value = getattr(holder, criterion)
    return None if value is None else float(value)


def _whole(value: object) -> int | None:
    number = number_in_cell(value)
    return None if number is None else int(number)
