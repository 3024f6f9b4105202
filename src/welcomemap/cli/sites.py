"""What ``welcomemap site`` does once its options are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

from welcomemap.errors import UsageError, quote

if TYPE_CHECKING:
    from welcomemap.region.pack import RegionPack
    from welcomemap.siting.problem import Model
    from welcomemap.study.requests import SiteRequest
    from welcomemap.study.siting import MatrixAnswer, SitingAnswer


def site_on_matrix(
    costs: Path, demand: Path | None, model: str, p: int | None, threshold: str | None,
    time_limit_s: float, *, required: tuple[str, ...], excluded: tuple[str, ...],
    facilities: Path | None, budget: float | None, is_varied: bool | None,
) -> MatrixAnswer:  # fmt: skip
    """Solve a siting problem on plain matrices, in the matrix's own unit."""
    from welcomemap.siting.problem import SitingRequest
    from welcomemap.study.siting import MatrixRequest, choose_on_matrix

    if demand is None:
        raise UsageError(
            "--cost-matrix needs --demand", how="Name a CSV file with the columns demand,weight."
        )
    asked = SitingRequest(
        cast("Model", model), p, None if threshold is None else _read_cutoff(threshold),
        time_limit_s,
    )  # fmt: skip
    return choose_on_matrix(
        MatrixRequest(
            costs, demand, asked, required, excluded,
            None if facilities is None else str(facilities), budget, is_varied,
        )
    )  # fmt: skip


def site_in_region(region: RegionPack, request: SiteRequest) -> SitingAnswer:
    """Solve a siting problem of a region."""
    from welcomemap.study.study import Study

    return Study(region).choose_sites(request)


def _read_cutoff(text: str) -> float:
    match = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*(?:m|min)?\s*", text)
    if match is None:
        raise UsageError(
            f"threshold {quote(text)!r} is not understood", how="Write a number such as 5000."
        )
    return float(match[1])
