"""A postcode is inferred where it is clear, and left empty where it is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from welcomemap.ingest.addresses import PostcodeAreas, infer_postcodes


@pytest.fixture
def areas() -> PostcodeAreas:
    """10001 at x = 0 and 10002 at x = 1000, both with a radius of 500 m."""
    return PostcodeAreas(
        codes=("10001", "10002"),
        points=np.array([[0.0, 0.0], [1000.0, 0.0]]),
        radius_m=np.array([500.0, 500.0]),
        of_quarter={
            "011": {"10001": 60.0, "10002": 40.0},
            "012": {"10002": 99.5, "10001": 0.5},
            "013": {"10001": 60.0, "99999": 40.0},
        },
    )


@pytest.mark.parametrize(
    ("x", "quarter", "expected"),
    [
        (100.0, "011", "10001"),
        (900.0, "011", "10002"),
        (375.0, "011", "10001"),
        (376.0, "011", ""),
        (500.0, "011", ""),
        (0.0, "012", "10002"),
        (0.0, "099", ""),
        (0.0, "", ""),
    ],
)
def test_nearest_only_where_it_is_clear(
    areas: PostcodeAreas, x: float, quarter: str, expected: str
) -> None:
    assert infer_postcodes(np.array([[x, 0.0]]), pd.Series([quarter]), areas) == [expected]


def test_order_of_the_answers_is_that_of_the_points(areas: PostcodeAreas) -> None:
    points = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 0.0]])
    quarters = pd.Series(["012", "011", "011"], index=[7, 3, 5])
    assert infer_postcodes(points, quarters, areas) == ["10002", "10002", "10001"]
