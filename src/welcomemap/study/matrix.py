"""Siting on plain matrices, for anyone with their own distances."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from welcomemap.errors import UsageError, quote
from welcomemap.siting.matrix_files import read_matrix_problem
from welcomemap.siting.problem import Constraints, SitingProblem, SitingRequest
from welcomemap.siting.result import SitingResult
from welcomemap.siting.sensitivity import Variation
from welcomemap.siting.solve import solve
from welcomemap.study.facilities import FacilityFacts, read_facilities
from welcomemap.study.limits import check_known, limit_problem
from welcomemap.study.sensitivity import find_variations
from welcomemap.study.site_words import Wording, tell_choice
from welcomemap.study.siting import show_explanation
from welcomemap.wording import Text


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


@dataclass(frozen=True)
class MatrixAnswer:
    """The proof of the siting room, how it changes, and all of it in sentences."""

    result: SitingResult
    variations: tuple[Variation, ...]
    sentences: tuple[Text, ...]

    @property
    def status(self) -> str:
        """``optimal``, ``feasible`` or ``infeasible``."""
        return self.result.status

    def to_json(self) -> dict[str, Any]:
        """Return the keys of the command-line contract, ``sensitivity`` and ``sentences``."""
        return {**self.result.to_json(), **show_explanation(self.variations, self.sentences)}


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
        required=_columns(problem, request.required), excluded=_columns(problem, request.excluded)
    )
    problem = limit_problem(replace(problem, constraints=constraints), facts, request.budget)
    result = solve(problem, request.asked)
    variations = find_variations(problem, request.asked, result, is_wanted=request.is_varied)
    words = Wording(name=str, total_weight=float(problem.weights.sum()))
    return MatrixAnswer(result, variations, tell_choice(result, variations, words))


def _columns(problem: SitingProblem, names: Collection[str]) -> tuple[int, ...]:
    columns = {name: j for j, name in enumerate(problem.facility_ids)}
    for name in names:
        if name not in columns:
            raise UsageError(f"no facility {quote(name)!r}", how="Use ids of the cost matrix.")
    return tuple(sorted({columns[name] for name in names}))
