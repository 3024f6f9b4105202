"""What ``welcomemap site`` does once its options are read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from welcomemap.errors import UsageError, quote

if TYPE_CHECKING:
    from welcomemap.pack.load import RegionPack
    from welcomemap.siting.problem import Constraints, Model, SitingProblem
    from welcomemap.siting.result import SitingResult
    from welcomemap.study import SiteRequest
    from welcomemap.study.siting import SitingAnswer


def site_on_matrix(
    costs: Path, demand: Path | None, model: str, p: int | None, threshold: str | None,
    time_limit_s: float, *, required: tuple[str, ...], excluded: tuple[str, ...],
) -> SitingResult:  # fmt: skip
    """Solve a siting problem on plain matrices, in the matrix's own unit."""
    from welcomemap.siting.matrix_files import read_matrix_problem
    from welcomemap.siting.problem import SitingRequest
    from welcomemap.siting.solve import solve

    if demand is None:
        raise UsageError(
            "--cost-matrix needs --demand", how="Name a CSV file with the columns demand,weight."
        )
    request = SitingRequest(
        cast("Model", model), p, None if threshold is None else _read_cutoff(threshold),
        time_limit_s,
    )  # fmt: skip
    problem = read_matrix_problem(costs, demand)
    constraints = _constrain(problem, required, excluded)
    return solve(replace(problem, constraints=constraints), request)


def site_in_region(region: RegionPack, request: SiteRequest) -> SitingAnswer:
    """Solve a siting problem of a region."""
    from welcomemap.study import Study

    return Study(region).choose_sites(request)


def _constrain(
    problem: SitingProblem, required: tuple[str, ...], excluded: tuple[str, ...]
) -> Constraints:
    from welcomemap.siting.problem import Constraints

    columns = {name: j for j, name in enumerate(problem.facility_ids)}
    for name in (*required, *excluded):
        if name not in columns:
            raise UsageError(f"no facility {quote(name)!r}", how="Use ids of the cost matrix.")
    return Constraints(
        required=tuple(sorted(columns[name] for name in required)),
        excluded=tuple(sorted(columns[name] for name in excluded)),
    )


def _read_cutoff(text: str) -> float:
    match = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*(?:m|min)?\s*", text)
    if match is None:
        raise UsageError(
            f"threshold {quote(text)!r} is not understood", how="Write a number such as 5000."
        )
    return float(match[1])
