"""What travel costs assume beyond the data, and where the estimate is known to be too kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.words import word_threshold
from welcomemap.travel.impedance import (
    STREETS,
    CostMatrix,
    Threshold,
    join_known,
    parse_threshold,
    read_speeds,
)
from welcomemap.wording import Text, format_share

TOLD_BELOW_SHARE = 0.9
"""The estimate is said to be too kind where streets give less than this share of its coverage."""


def tell_assumptions(
    region: Mapping[str, Any], matrix: CostMatrix, thresholds: Iterable[Threshold], mode: str
) -> Text | None:
    """Say what a travel cost assumes; ``None`` where it assumes nothing worth telling.

    Parameters
    ----------
    region
        The pack's region; its ``estimate_check`` lists, by threshold on foot, what share of the
        estimate's coverage streets give.
    matrix
        The travel cost that was used.
    """
    told = matrix.assumptions
    if mode != "walk" or not has_estimates(matrix.basis):
        return told
    for check in _find_checks(region, thresholds):
        told = join_known(told, _tell_check(check))
    return told


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


def _tell_check(check: tuple[Threshold, float]) -> Text:
    threshold, share = check
    return Text(
        "Wo geschätzt wird, ist die Schätzung für kurze Wege eher zu günstig: Bei "
        f"{word_threshold(threshold, 'de')} erreichen auf bekannten Straßen im Median nur "
        f"{format_share(share, 'de')} der Menschen ihr Ziel, die die Schätzung nennt. Die Spanne "
        "berücksichtigt das, der einzelne Wert nicht.",
        "Where ways are estimated, the estimate is rather too kind for short ways: within "
        f"{word_threshold(threshold, 'en')}, known streets let only {format_share(share, 'en')} "
        "(median) of the people arrive whom the estimate counts. The interval allows for that, the "
        "single figure does not.",
    )
