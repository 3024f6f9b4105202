"""What is told of travel costs: speeds, lines, and where the estimate is too kind."""

from __future__ import annotations

import numpy as np
import pytest

from welcomemap.describe.assumptions import describe_assumptions
from welcomemap.travel.impedance import (
    ESTIMATE,
    STREETS,
    Assumption,
    CostMatrix,
    Speeds,
    list_assumptions,
    parse_threshold,
)

REGION = {
    "estimate_check": [
        {"threshold": "500m", "street_share": 0.7},
        {"threshold": "1000m", "street_share": 0.95},
    ],
    "speeds": {"walk_km_h": 6.0},
}


def matrix(basis: np.int8, *assumptions: Assumption) -> CostMatrix:
    cost = np.zeros((1, 1))
    return CostMatrix(cost, cost, cost, np.full((1, 1), basis), "m", assumptions)


@pytest.mark.parametrize(
    ("threshold", "is_told"),
    [("500m", True), ("300m", True), ("700m", True), ("800m", False), ("1000m", False),
     ("5min", True), ("10min", False), ("2000m", False)],
)  # fmt: skip
def test_a_short_threshold_is_told_to_be_estimated_kindly(threshold: str, is_told: bool) -> None:
    """5 min at 6 km/h are 500 m; 10 min are 1,000 m, where the check found little difference."""
    assumed = list_assumptions(REGION, matrix(ESTIMATE), [parse_threshold(threshold)], "walk")
    told = describe_assumptions(assumed)
    assert (told is not None) is is_told
    if told is not None:
        assert "70.0%" in told.in_language("en")
        assert "500 m" in told.in_language("en").replace("\N{NO-BREAK SPACE}", " ")


def test_streets_and_other_modes_are_not_told_about_the_estimate() -> None:
    short = [parse_threshold("500m")]
    assert list_assumptions(REGION, matrix(STREETS), short, "walk") == ()
    assert list_assumptions(REGION, matrix(ESTIMATE), short, "cycle") == ()
    assert list_assumptions({}, matrix(ESTIMATE), short, "walk") == ()


def test_what_the_cost_assumes_comes_first() -> None:
    speeds = Speeds(5.0, 15.0, "council")
    assumed = list_assumptions(REGION, matrix(ESTIMATE, speeds), [parse_threshold("500m")], "walk")
    told = describe_assumptions(assumed)
    assert told is not None
    assert told.in_language("en").startswith(
        "Assumed: 5.0 km/h on foot, 15 km/h by bicycle (council). Where ways are estimated"
    )
