"""Catchments, and the floating catchment of Luo and Wang's own figure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coverage.small import make_costs, make_demand
from welcomemap.coverage.catchment import allocate_demand, measure_floating_catchment
from welcomemap.errors import UsageError
from welcomemap.travel.impedance import Threshold

FIGURE_A = [20, 20, 20, 20, 40, 20, 20, 40, 20, 20, 40]
FIGURE_B = [40, 40, 40, 20, 20, 40, 40, 20, 40, 40, 20]


def test_floating_catchment_gives_the_published_figure() -> None:
    """Luo and Wang 2003, figure 3: one person a tract, one physician each at a and b, 30 min."""
    matrix = make_costs(list(zip(FIGURE_A, FIGURE_B, strict=True)), unit="min")
    found = measure_floating_catchment(matrix, np.ones(11), np.ones(2), Threshold(30, "min"))
    expected = [1 / 8, 1 / 8, 1 / 8, 3 / 8, 1 / 4, 1 / 8, 1 / 8, 1 / 4, 1 / 8, 1 / 8, 1 / 4]
    np.testing.assert_allclose(found, expected)


@given(st.integers(1, 12), st.integers(0, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_floating_catchment_hands_out_what_somebody_reaches(n: int, m: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = make_costs(random.integers(0, 2000, (n, m)).tolist() if m else [[]] * n)
    people, capacity = (
        random.integers(0, 9, n).astype(float),
        random.integers(0, 9, m).astype(float),
    )
    found = measure_floating_catchment(matrix, people, capacity, Threshold(1000, "m"))
    by_hand = np.zeros(n)
    handed_out = 0.0
    for j in range(m):
        reaching = [k for k in range(n) if matrix.cost[k, j] <= 1000]
        demand = sum(people[k] for k in reaching)
        if demand > 0:
            handed_out += capacity[j]
            for k in reaching:
                by_hand[k] += capacity[j] / demand
    np.testing.assert_allclose(found, by_hand)
    assert found @ people == pytest.approx(handed_out)


def test_an_unknown_capacity_is_an_error_not_zero() -> None:
    matrix = make_costs([[1.0]])
    with pytest.raises(UsageError, match="capacity"):
        measure_floating_catchment(matrix, np.ones(1), np.array([np.nan]), Threshold(5, "m"))


def test_catchments_cross_district_borders() -> None:
    """Two districts; half of district 1 has its nearest facility in district 2."""
    demand = make_demand([(0, 0), (900, 0), (1100, 0)], [5, 7, 11], [0, 0, 1], [0, 1])
    matrix = make_costs([[10, 1100], [910, 200], [1110, 0]])
    found = allocate_demand(demand, matrix)
    assert found.people[:, :, 0].tolist() == [[5, 7], [0, 11]]
    assert found.unallocated.sum() == 0
    near = allocate_demand(demand, matrix, Threshold(100, "m"))
    assert near.people[:, :, 0].tolist() == [[5, 0], [0, 11]]
    assert near.unallocated[:, 0].tolist() == [7, 0]


def test_ties_go_to_the_first_and_are_reported() -> None:
    demand = make_demand([(0, 0), (1, 0)], [2, 3])
    found = allocate_demand(demand, make_costs([[4, 4], [5, 4]]))
    assert found.facility.tolist() == [0, 1]
    assert found.is_tied.tolist() == [True, False]


@pytest.mark.parametrize("cost", [[[np.inf], [np.inf]], [[], []]])
def test_unreachable_people_are_left_over(cost: list[list[float]]) -> None:
    demand = make_demand([(0, 0), (1, 0)], [2, 3])
    found = allocate_demand(demand, make_costs(cost))
    assert found.unallocated[0, 0] == 5
    assert found.people.sum() == 0


@given(st.integers(1, 15), st.integers(0, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_everybody_is_allocated_once_or_left_over(n: int, m: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    demand = make_demand(
        random.uniform(0, 1000, (n, 2)).tolist(),
        random.integers(0, 9, n).tolist(),
        random.integers(0, 3, n).tolist(),
        [0, 1, 1],
    )
    matrix = make_costs(random.integers(0, 2000, (n, m)).tolist() if m else [[]] * n)
    found = allocate_demand(demand, matrix, Threshold(1000, "m"))
    total = found.people.sum(axis=1) + found.unallocated
    np.testing.assert_allclose(total, demand.totals("district"))
