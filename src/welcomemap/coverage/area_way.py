"""How far the people of an area have it, and to which service point: asked once, for all answers.

The figures of a result and the sentence beside them both come from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.distribution import describe_costs
from welcomemap.coverage.situation import Situation
from welcomemap.travel.impedance import ESTIMATE, STREETS, Threshold, is_within

BasisKind = Literal["streets", "estimate", "mixed"]


@dataclass(frozen=True, eq=False)
class AreaWay:
    """The way of the people of an area to their nearest service point.

    Attributes
    ----------
    people, out_of_reach
        People of the group, and those of them beyond the threshold.
    nearest_site
        Id of the service point that is nearest for the most people out of reach (of all people
        where nobody is); ``None`` where they reach none.
    median_cost
        Median over all people of the area; ``None`` where it falls on people who reach none.
    basis
        What the ways of all people of the area rest on.
    cells
        Demand cells out of reach; all of the area where nobody is.
    """

    people: float
    out_of_reach: float
    nearest_site: str | None
    median_cost: float | None
    basis: BasisKind
    cells: NDArray[np.intp]


def find_way(
    situation: Situation, threshold: Threshold, group: str, inside: NDArray[np.intp]
) -> AreaWay:
    """Describe the way of the people of a group in some demand cells, as published."""
    nearest = situation.nearest()
    people = situation.demand.weight_of(group)
    is_out = ~is_within(nearest.cost[inside], threshold.value) & (people[inside] > 0)
    cells = inside[is_out] if is_out.any() else inside
    return AreaWay(
        people=float(people[inside].sum()),
        out_of_reach=float(people[inside][is_out].sum()),
        nearest_site=_find_usual_site(situation, people, cells),
        median_cost=describe_costs(nearest.cost[inside], people[inside]).median,
        basis=_name_basis(nearest.basis[inside][people[inside] > 0]),
        cells=cells,
    )


def _find_usual_site(
    situation: Situation, people: NDArray[np.float64], cells: NDArray[np.intp]
) -> str | None:
    index = situation.nearest().index[cells]
    is_reached = index >= 0
    if not is_reached.any():
        return None
    votes = np.bincount(index[is_reached], weights=people[cells][is_reached])
    return situation.destinations.ids[int(votes.argmax())]


def _name_basis(basis: NDArray[np.int8]) -> BasisKind:
    if (basis == STREETS).all():
        return "streets"
    return "estimate" if (basis == ESTIMATE).all() else "mixed"
