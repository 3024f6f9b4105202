"""What limits a choice of sites: how many people each can serve, and what they may cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from welcomemap.errors import UsageError, quote
from welcomemap.siting.problem import SitingProblem
from welcomemap.study.candidates import CandidateSites
from welcomemap.study.facilities import (
    CAPACITY,
    COST,
    FacilityFacts,
    read_facilities,
    read_numbers,
)
from welcomemap.study.requests import SiteRequest


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
        named = f" of {quote(problem.facility_ids[missing[0]])}" if missing else "s of the sites"
        raise UsageError(
            f"there is a budget, but the cost{named} is not known",
            how="Give --facilities FILE with the columns id and cost.",
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
                f"facility {quote(name)!r} of the table is none of the sites",
                how="Use the ids of service points and candidates.",
            )


def find_unpriced(problem: SitingProblem, facts: FacilityFacts) -> tuple[str, ...]:
    """Return the ids of possible sites whose cost is not known."""
    standing = {problem.facility_ids[j] for j in problem.constraints.existing}
    return tuple(
        name for name in problem.facility_ids if name not in facts.cost and name not in standing
    )
