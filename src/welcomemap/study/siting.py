"""Where should the next sites open, in a region or on a plain cost matrix?"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.coverage.demand import Demand
from welcomemap.crs import Points, unproject_point
from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    MissingColumnError,
    NoAnswerError,
    Place,
    UsageError,
    fault,
)
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import RowNote
from welcomemap.siting.matrix_files import read_matrix_problem
from welcomemap.siting.objective import make_objective
from welcomemap.siting.problem import (
    THRESHOLD_MODELS,
    Constraints,
    Floats,
    GroupRule,
    Model,
    SitingProblem,
    SitingRequest,
    SitingResult,
)
from welcomemap.siting.solve import Variation, solve, vary_group, vary_p, vary_threshold
from welcomemap.study.candidates import CandidateSites, join_candidates
from welcomemap.study.requests import CAPACITY, SiteRequest
from welcomemap.tabular import read_number, read_table
from welcomemap.travel.impedance import (
    Assumption,
    CostMatrix,
    Impedance,
    is_within,
    list_assumptions,
)

ID_COLUMNS = ("id", "facility")
COST = "cost"


@dataclass(frozen=True)
class FacilityFacts:
    """Numbers by id of facility; an id that is missing is not known, never zero.

    Attributes
    ----------
    capacity
        Largest number of people (or any other unit of demand) it can serve.
    cost
        Cost of opening it, in the unit of the budget.
    """

    capacity: Mapping[str, float] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)


def read_facilities(path: Path) -> FacilityFacts:
    """Read a CSV or XLSX table with ``id`` (or ``facility``) and ``capacity``, ``cost`` or both.

    An empty cell means not known.

    Raises
    ------
    UsageError
        If the file does not exist.
    TableError
        If a column is missing, an id appears twice, or a cell is no number of 0 or more.
    """
    if not path.is_file():
        raise UsageError(
            "no file {path!r}", path=path, how="Name a CSV or XLSX file with id, capacity, cost."
        )
    sheet = read_table(path)
    frame = sheet.frame
    ids = next((name for name in ID_COLUMNS if name in frame.columns), None)
    if ids is None or not {CAPACITY, COST} & set(frame.columns):
        raise MissingColumnError(
            "the table needs a column id, and capacity or cost", where=Place(path),
            how="Write the header as id,capacity,cost.",
        )  # fmt: skip
    for warning in (*sheet.warnings, *sheet.warn_unread((*ID_COLUMNS, CAPACITY, COST))):
        warnings.warn(warning, stacklevel=2)
    found: dict[str, dict[str, float]] = {CAPACITY: {}, COST: {}}
    seen: set[str] = set()
    for row, cells in enumerate(frame.to_dict("records"), start=1):
        name = str(cells[ids]).strip()
        if name in seen:
            raise DuplicateIdError(
                "facility {name!r} appears twice",
                name=name,
                where=Place(path, row, ids),
                how="Give each facility one row.",
            )
        seen.add(name)
        for column, numbers in found.items():
            text = str(cells.get(column, "")).strip()
            if text:
                numbers[name] = _read_number(text, Place(path, row, column))
    return FacilityFacts(found[CAPACITY], found[COST])


def read_numbers(frame: pd.DataFrame, column: str) -> dict[str, float]:
    """Return a column of numbers by the id of its row; empty cells are left out.

    Raises
    ------
    ColumnValueError
        If a cell is no number of 0 or more.
    """
    return {
        str(name): _read_number(str(text).strip(), Place(row=row, column=column))
        for row, (name, text) in enumerate(zip(frame["id"], frame[column], strict=True), start=1)
        if str(text).strip() not in ("", "nan")
    }


def _read_number(text: str, where: Place) -> float:
    try:
        number = read_number(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise ColumnValueError(
            "the value {text!r} is not a number of 0 or more",
            text=text,
            where=where,
            how="Write a number such as 5000, or leave the cell empty where it is not known.",
        )
    return number


def limit_problem(
    problem: SitingProblem, facts: FacilityFacts, budget: float | None
) -> SitingProblem:
    """Add capacities and a budget; under a budget a site of unknown cost cannot be chosen.

    Raises
    ------
    UsageError
        If there is a budget and no site has a cost, or a required one has none.
    """
    known = {name: value for name, value in facts.capacity.items() if name in problem.facility_ids}
    capacity = np.array([known.get(name, np.inf) for name in problem.facility_ids])
    constraints = replace(problem.constraints, capacity=capacity if known else None)
    if budget is None:
        return replace(problem, constraints=constraints)
    unpriced = {problem.facility_ids.index(name) for name in find_unpriced(problem, facts)}
    missing = sorted(unpriced.intersection(constraints.required))
    if missing or not set(problem.candidates) - unpriced:
        mend = fault("Give --facilities FILE with the columns id and cost.")
        if not missing:
            raise UsageError(
                "there is a budget, but the costs of the sites are not known", how=mend
            )
        raise UsageError(
            "there is a budget, but the cost of {site} is not known",
            site=problem.facility_ids[missing[0]],
            how=mend,
        )
    constraints = replace(
        constraints,
        site_cost=np.array([facts.cost.get(name, 0.0) for name in problem.facility_ids]),
        budget=budget,
        excluded=tuple(sorted(unpriced.union(constraints.excluded))),
    )
    return replace(problem, constraints=constraints)


def gather_facts(request: SiteRequest, sites: CandidateSites) -> FacilityFacts:
    """Return capacity and cost by id: of the candidates' own columns, then of the table.

    Raises
    ------
    UsageError
        If the table names a site that is none of these.
    TableError
        If a capacity or cost is no number of 0 or more.
    """
    rows = pd.DataFrame(
        {"id": sites.ids} | {
            column: [facts.get(column, "") for facts in sites.facts] for column in (CAPACITY, COST)
        }
    )  # fmt: skip
    capacity, cost = read_numbers(rows, CAPACITY), read_numbers(rows, COST)
    if request.facilities is not None:
        stated = read_facilities(Path(request.facilities))
        check_known(stated, sites.ids)
        capacity, cost = capacity | dict(stated.capacity), cost | dict(stated.cost)
    return FacilityFacts(capacity, cost)


def check_known(facts: FacilityFacts, ids: Collection[str]) -> None:
    """Check that a table names only known facilities: a mistyped id would have no limit.

    Raises
    ------
    UsageError
        If it names another.
    """
    for name in (*facts.capacity, *facts.cost):
        if name not in ids:
            raise UsageError(
                "facility {name!r} of the table is none of the sites",
                name=name,
                how="Use the ids of service points and candidates.",
            )


def find_unpriced(problem: SitingProblem, facts: FacilityFacts) -> tuple[str, ...]:
    """Return the ids of possible sites whose cost is not known."""
    standing = {problem.facility_ids[j] for j in problem.constraints.existing}
    return tuple(
        name for name in problem.facility_ids if name not in facts.cost and name not in standing
    )


MAX_VARIED_PAIRS = 600_000
"""Up to so many pairs of demand point and facility the answer is varied without being asked to."""
TIME_LIMIT_S = 10.0
PROOF_TIME_S = 1.0
THRESHOLD_FACTORS = (0.5, 0.7, 1.5)


def find_variations(
    problem: SitingProblem,
    request: SitingRequest,
    result: SitingResult,
    by_group: Callable[[], tuple[SitingProblem, Mapping[str, Floats]]] | None = None,
    *,
    is_wanted: bool | None = None,
) -> tuple[Variation, ...]:
    """Answer again with one site fewer and more, other thresholds, and other groups.

    Parameters
    ----------
    by_group
        Returns a problem with every demand point of every group, and the groups' weights; without
        it the group is not varied.
    is_wanted
        ``None`` varies only problems of at most :data:`MAX_PAIRS` pairs, whatever the machine.

    Returns
    -------
    tuple
        Empty where there is no choice to vary. A variation for which nothing is found within
        :data:`TIME_LIMIT_S` is left out.
    """
    is_small = problem.cost.size <= MAX_VARIED_PAIRS
    if not result.optimal_sets or not (is_small if is_wanted is None else is_wanted):
        return ()
    limit_s = min(request.time_limit_s or TIME_LIMIT_S, TIME_LIMIT_S)
    quick = replace(request, time_limit_s=limit_s, proof_time_s=PROOF_TIME_S)
    chosen = result.optimal_sets[0]
    found: list[Variation] = []
    for answer in _list_questions(problem, quick, chosen, by_group):
        try:
            found += answer()
        except NoAnswerError:
            continue
    return tuple(found)


def _list_questions(
    problem: SitingProblem,
    request: SitingRequest,
    chosen: tuple[str, ...],
    by_group: Callable[[], tuple[SitingProblem, Mapping[str, Floats]]] | None,
) -> Iterator[Callable[[], tuple[Variation, ...]]]:
    for p in _other_numbers(problem, request):
        yield partial(vary_p, problem, request, chosen, [p])
    if request.model in THRESHOLD_MODELS and request.threshold:
        for factor in THRESHOLD_FACTORS:
            value = float(f"{request.threshold * factor:.6g}")
            yield partial(vary_threshold, problem, request, chosen, [value])
    if by_group is not None and request.model != "p-dispersion":
        everybody, weights = by_group()
        for group, weight in weights.items():
            yield partial(vary_group, everybody, request, chosen, {group: weight})


def _other_numbers(problem: SitingProblem, request: SitingRequest) -> Iterator[int]:
    if request.p is None:
        return
    constraints = problem.constraints
    least = 2 - len(constraints.existing) if request.model == "p-dispersion" else 1
    for p in (request.p - 1, request.p + 1):
        if max(1, least, len(constraints.required)) <= p <= len(problem.candidates):
            yield p


COVERING_MODELS = ("lscp", "mclp")
"""Models for which a way beyond the threshold is as good as none."""
PAIRS_AT_ONCE = 8_000_000
MAX_PAIRS = 20_000_000
"""Demand points times facilities that are worked on at once, each way to the metre."""
MAX_COVERING_PAIRS = 70_000_000
"""The same where only ways within a threshold count (float64: 0.6 GB)."""


@dataclass(frozen=True)
class SitePlace:
    """Where a candidate or a service point lies, in degrees; ``None`` where that is not known.

    ``place_notes`` are what is to be known of its row.
    """

    name: str
    lat: float | None
    lon: float | None
    district: int | None
    location_outcome: str | None
    address: str | None
    place_notes: tuple[RowNote, ...]


@dataclass(frozen=True, repr=False)
class SitingAnswer(Brief):
    """The proof of the siting room, and where its sites lie.

    Attributes
    ----------
    places
        Of each site that any set in the result names, by id.
    left_out
        Candidates without a known place, which no set can hold.
    variations
        How the answer changes with p, threshold and group.
    standing
        Objective of the existing sites alone (coverage models).
    covered
        People of the group who reach an open site within the threshold with the first optimal set,
        whatever the model's own objective is; ``None`` where there is no set.
    spent
        Cost of the first optimal set, where there is a budget.
    unpriced
        Sites whose cost is not known, which no set can hold under a budget.
    assumptions
        What the travel costs assume.
    total_weight
        People of the group who count.
    competing
        Candidates with a known place that were not excluded.
    list_notes
        What is to be known about rows of the scenario's list.
    """

    request: SiteRequest
    result: SitingResult
    places: Mapping[str, SitePlace]
    left_out: tuple[str, ...]
    variations: tuple[Variation, ...] = ()
    standing: float | None = None
    covered: float | None = None
    spent: float | None = None
    unpriced: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    total_weight: float = 0.0
    competing: CandidateSites | None = None
    list_notes: tuple[RowNote, ...] = ()


def choose_sites(
    request: SiteRequest, demand: Demand, cell_ids: NDArray[np.object_], existing: CandidateSites,
    candidates: CandidateSites, impedance: Impedance, pack: RegionPack,
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
    pack
        For its CRS and what is known of its estimates.

    Raises
    ------
    UsageError
        If a required or excluded id or district is unknown, or the problem is too large.
    NoAnswerError
        If there is no candidate with a place.
    """
    _require_districts(request, demand)
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
    places = _find_places(result, variations, sites, pack.crs)
    standing = _score_existing(counted, asked)
    spent = None
    if request.budget is not None and result.optimal_sets:
        spent = sum(facts.cost.get(name, 0.0) for name in result.optimal_sets[0])
    unpriced = () if request.budget is None else find_unpriced(problem, facts)
    kept = [k for k, name in enumerate(candidates.ids) if name not in request.excluded]
    return SitingAnswer(
        request, result, places, left_out, variations, standing,
        _count_covered(counted, result, request.threshold.value), spent, unpriced,
        list_assumptions(pack.region, matrix, [request.threshold], impedance.mode),
        float(counted.weights.sum()), candidates.pick(kept),
    )  # fmt: skip


def _score_existing(problem: SitingProblem, request: SitingRequest) -> float | None:
    if request.model not in ("mclp", "backup"):
        return None
    free = replace(problem, constraints=Constraints(existing=problem.constraints.existing))
    return make_objective(free, replace(request, p=None)).score(())


def _count_covered(problem: SitingProblem, result: SitingResult, threshold: float) -> float | None:
    """Return the people within reach of the sites that stay and those of the first optimal set."""
    if not result.optimal_sets:
        return None
    chosen = {problem.facility_ids.index(name) for name in result.optimal_sets[0]}
    columns = sorted(chosen | set(problem.constraints.existing))
    if not columns:
        return 0.0
    nearest = problem.cost[:, columns].min(axis=1)
    return float(problem.weights[is_within(nearest, threshold)].sum())


def _weights_of_others(demand: Demand, group: str) -> dict[str, NDArray[np.float64]]:
    return {
        other: np.ascontiguousarray(demand.weight_of(other), dtype=np.float64)
        for other in demand.groups
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
            "{n_cells} demand cells times {n_sites} sites are too many",
            n_cells=len(demand.points),
            n_sites=len(sites),
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
    return limit_problem(problem, facts, request.budget), matrix


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
    assumptions: tuple[Assumption, ...] = ()
    for start in range(0, len(sites), step):
        columns = slice(start, start + step)
        part = impedance.cost_matrix(demand.points, sites.points[columns], limit=limit)
        cost[:, columns], basis[:, columns] = part.cost, part.basis
        assumptions = part.assumptions
    return CostMatrix(cost, cost, cost, basis, impedance.unit, assumptions)


def _require_districts(request: SiteRequest, demand: Demand) -> None:
    """Require that each district in which a site must lie is one of the region.

    Raises
    ------
    UsageError
        If one is not.
    """
    known = demand.districts.ids
    for district in request.require_districts:
        if district not in known:
            raise UsageError(
                "there is no district {district}",
                district=district,
                known=known,
                how="Choose from {known}.",
            )


def _district_rule(district: int, sites: CandidateSites) -> GroupRule:
    members = tuple(int(j) for j in np.flatnonzero(sites.districts == district))
    return GroupRule(f"district {district}", members)


def _columns(
    names: tuple[str, ...], sites: CandidateSites, kept: tuple[int, ...]
) -> tuple[int, ...]:
    columns = []
    for name in names:
        if name not in sites.ids:
            raise UsageError("no site {name!r}", name=name, how="Use the id of a candidate.")
        column = sites.ids.index(name)
        if column not in kept:
            columns.append(column)
    return tuple(sorted(columns))


def _find_places(
    result: SitingResult, variations: Sequence[Variation], sites: CandidateSites, crs: str
) -> dict[str, SitePlace]:
    named = {name for members in result.optimal_sets for name in members}
    named |= {name for near in result.near_optimal_sets for name in near.members}
    for variation in variations:
        named |= set(variation.result.optimal_sets[0] if variation.result.optimal_sets else ())
    named |= {name for second in result.runner_ups for name in second.members}
    named |= set(result.existing)
    return {name: find_place(sites, sites.ids.index(name), crs) for name in sorted(named)}


def find_place(sites: CandidateSites, number: int, crs: str) -> SitePlace:
    """Return name, position, district and location of one candidate."""
    x, y = (float(value) for value in sites.points[number])
    is_located = not (math.isnan(x) or math.isnan(y))
    lat, lon = unproject_point(x, y, crs=crs) if is_located else (None, None)
    district = int(sites.districts[number])
    return SitePlace(
        name=sites.names[number],
        lat=lat,
        lon=lon,
        district=district if district >= 0 else None,
        location_outcome=sites.location_outcomes[number] or None,
        address=sites.facts[number].get("address") or None,
        place_notes=tuple(sites.notes_of(number)),
    )


def gain_by_cell(
    demand: Demand, group: str, covered: NDArray[np.bool_], threshold: float, impedance: Impedance,
    *, places: Points, chunk: int = 500, tell: Callable[[float], None] | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """Return how many more people of a group a site at each place would reach, shape (n_places,).

    Parameters
    ----------
    covered
        Which demand cells are within reach already, (n_cells,).
    threshold
        In the unit of the impedance.
    places
        Their x and y, (n_places, 2).
    chunk
        So many places are worked on at once.
    tell
        Is told the share (0-1) that is done.
    """
    weights = np.where(covered, 0.0, demand.weight_of(group))
    open_cells = np.flatnonzero(weights > 0)
    gains = np.zeros(len(places))
    for start in range(0, len(places), chunk):
        if tell is not None:
            tell(start / len(places))
        costs = impedance.cost_matrix(
            demand.points[open_cells], places[start : start + chunk], limit=threshold
        ).cost
        gains[start : start + chunk] = weights[open_cells] @ is_within(costs, threshold)
    return gains


@dataclass(frozen=True)
class MatrixRequest:
    """Two CSV files and what is asked of them.

    Attributes
    ----------
    costs, demand
        See :mod:`welcomemap.siting.matrix_files`.
    asked
        Model, p, threshold (in the matrix's own unit) and time limit.
    required, excluded
        Ids of facilities.
    facilities, budget, is_varied
        As in :class:`welcomemap.study.requests.SiteRequest`.
    """

    costs: Path
    demand: Path
    asked: SitingRequest
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    facilities: str | None = None
    budget: float | None = None
    is_varied: bool | None = None


@dataclass(frozen=True, repr=False)
class MatrixAnswer(Brief):
    """The proof of the siting room, how it changes, and the demand that counts."""

    result: SitingResult
    variations: tuple[Variation, ...]
    total_weight: float


def choose_on_matrix(request: MatrixRequest) -> MatrixAnswer:
    """Choose facilities of a cost matrix.

    Raises
    ------
    TableError
        If a file breaks its contract.
    UsageError
        If an id is unknown, or the request is incomplete.
    NoAnswerError
        If a time limit ended before any feasible choice was known.
    """
    problem = read_matrix_problem(request.costs, request.demand)
    facts = FacilityFacts()
    if request.facilities is not None:
        facts = read_facilities(Path(request.facilities))
        check_known(facts, problem.facility_ids)
    constraints = Constraints(
        required=_find_columns(problem, request.required),
        excluded=_find_columns(problem, request.excluded),
    )
    problem = limit_problem(replace(problem, constraints=constraints), facts, request.budget)
    result = solve(problem, request.asked)
    variations = find_variations(problem, request.asked, result, is_wanted=request.is_varied)
    return MatrixAnswer(result, variations, float(problem.weights.sum()))


def _find_columns(problem: SitingProblem, names: Collection[str]) -> tuple[int, ...]:
    columns = {name: j for j, name in enumerate(problem.facility_ids)}
    for name in names:
        if name not in columns:
            raise UsageError("no facility {name!r}", name=name, how="Use ids of the cost matrix.")
    return tuple(sorted({columns[name] for name in names}))
