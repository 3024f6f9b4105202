"""What travel costs assume beyond the data, and where the estimate is known to be too kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from welcomemap.travel.impedance import (
    STREETS,
    Assumption,
    CostMatrix,
    Threshold,
    parse_threshold,
    read_speeds,
)

TOLD_BELOW_SHARE = 0.9
"""The estimate is said to be too kind where streets give less than this share of its coverage."""


@dataclass(frozen=True)
class KindEstimate(Assumption):
    """Where ways are estimated, streets let only ``street_share`` (0-1) of the people arrive."""

    threshold: Threshold
    street_share: float


def list_assumptions(
    region: Mapping[str, Any], matrix: CostMatrix, thresholds: Iterable[Threshold], mode: str
) -> tuple[Assumption, ...]:
    """Return what a travel cost assumes; empty where it assumes nothing worth telling.

    Parameters
    ----------
    region
        The pack's region; its ``estimate_check`` lists, by threshold on foot, what share of the
        estimate's coverage streets give.
    matrix
        The travel cost that was used.
    """
    if mode != "walk" or not has_estimates(matrix.basis):
        return matrix.assumptions
    checks = _find_checks(region, thresholds)
    return (*matrix.assumptions, *(KindEstimate(at, share) for at, share in checks))


def has_estimates(basis: NDArray[np.int8]) -> bool:
    """Tell whether any travel cost rests on the estimate, wholly or in part."""
    return bool((basis != STREETS).any())


def _find_checks(
    region: Mapping[str, Any], thresholds: Iterable[Threshold]
) -> list[tuple[Threshold, float]]:
    """Return the checks nearest to the thresholds that found the estimate too kind, each once."""
    checks = [
        (parse_threshold(str(row["threshold"])), float(row["street_share"]))
        for row in region.get("estimate_check", ())
    ]
    checks = [check for check in checks if check[0].unit == "m"]
    found: dict[Threshold, float] = {}
    for threshold in thresholds:
        length_m = _to_metres(region, threshold)
        if not checks or length_m > max(check.value for check, _ in checks):
            continue
        nearest, share = min(checks, key=lambda check: abs(check[0].value - length_m))
        if share < TOLD_BELOW_SHARE:
            found[nearest] = share
    return sorted(found.items(), key=lambda item: item[0].value)


def _to_metres(region: Mapping[str, Any], threshold: Threshold) -> float:
    if threshold.unit == "m":
        return threshold.value
    return threshold.value * read_speeds(region).m_per_min("walk")
