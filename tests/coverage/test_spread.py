"""Spread and inequality of travel cost: published examples, closed forms, one person at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from welcomemap.coverage.reach import (
    measure_concentration,
    measure_gini,
    measure_palma,
    summarise_costs,
    weighted_quantile,
)

people = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=12
)


def one_by_one(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Write each person down: travel cost, and what people are ranked by."""
    cost = np.array([cost for cost, count, _ in rows for _ in range(count)], dtype=float)
    rank_by = np.array([rank for _, count, rank in rows for _ in range(count)], dtype=float)
    return cost, rank_by


def columns(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    cost, count, rank = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return cost, count, rank


@given(people)
@settings(max_examples=100, deadline=None)
def test_gini_is_half_the_relative_mean_difference_of_all_pairs(
    rows: list[tuple[int, int, int]],
) -> None:
    cost, _ = one_by_one(rows)
    found = measure_gini(*columns(rows)[:2])
    if not cost.sum():
        assert found is None
        return
    by_pairs = np.abs(cost[:, None] - cost[None]).mean() / (2 * cost.mean())
    assert found == pytest.approx(by_pairs, abs=1e-12)


def test_gini_of_closed_forms() -> None:
    """Uniform on 0-1: 1/3; exponential: 1/2; one bears all of n: 1 - 1/n; all the same: 0."""
    uniform = (np.arange(100_000) + 0.5) / 100_000
    ones = np.ones(100_000)
    assert measure_gini(uniform, ones) == pytest.approx(1 / 3, abs=1e-4)
    assert measure_gini(-np.log(1 - uniform), ones) == pytest.approx(1 / 2, abs=1e-3)
    assert measure_gini(np.array([0.0, 0, 0, 9]), np.ones(4)) == pytest.approx(0.75)
    assert measure_gini(np.full(7, 3.0), np.arange(7.0)) == 0


@given(people)
@settings(max_examples=100, deadline=None)
def test_palma_is_the_tenth_with_the_most_over_the_four_tenths_with_the_least(
    rows: list[tuple[int, int, int]],
) -> None:
    cost, _ = one_by_one(rows)
    found = measure_palma(*columns(rows)[:2])
    # Ten copies of each person make every cut fall between two persons.
    ordered = np.sort(np.repeat(cost, 10))
    tenth = len(ordered) // 10
    least = ordered[: 4 * tenth].sum()
    if not least:
        assert found is None
        return
    assert found == pytest.approx(ordered[len(ordered) - tenth :].sum() / least)


def test_palma_of_a_society_of_ten() -> None:
    """1 to 10: the tenth bears 10, the four with the least 1 + 2 + 3 + 4."""
    assert measure_palma(np.arange(1.0, 11), np.ones(10)) == pytest.approx(1.0)
    assert measure_palma(np.full(10, 5.0), np.ones(10)) == pytest.approx(0.25)


def test_concentration_gives_the_published_example() -> None:
    """Under-five deaths by wealth in India 1982-92: -0.1694.

    World Bank, Quantitative Techniques for Health Equity Analysis, technical note 7, table 1.
    """
    births = np.array([29_939.0, 28_776, 26_528, 24_689, 19_739])
    rate = np.array([154.7, 152.9, 119.5, 86.9, 54.3])
    found = measure_concentration(rate, births, np.arange(5.0))
    assert found == pytest.approx(-0.1694, abs=5e-5)


@given(people)
@settings(max_examples=100, deadline=None)
def test_concentration_is_the_covariance_with_the_average_rank_of_ties(
    rows: list[tuple[int, int, int]],
) -> None:
    cost, rank_by = one_by_one(rows)
    found = measure_concentration(*columns(rows))
    if not cost.sum():
        assert found is None
        return
    below = (rank_by[None] < rank_by[:, None]).mean(axis=1)
    same = (rank_by[None] == rank_by[:, None]).mean(axis=1)
    rank = below + same / 2
    by_hand = 2 * np.mean((cost - cost.mean()) * (rank - rank.mean())) / cost.mean()
    assert found == pytest.approx(by_hand, abs=1e-12)


def test_concentration_by_cost_itself_is_gini() -> None:
    cost, count = np.array([100.0, 250, 900, 1300]), np.array([3.0, 1, 4, 2])
    assert measure_concentration(cost, count, cost) == pytest.approx(measure_gini(cost, count))


@given(people, st.sampled_from([0.1, 0.25, 0.5, 0.9, 1.0]))
@settings(max_examples=100, deadline=None)
def test_quantiles_are_those_of_the_people_one_by_one(
    rows: list[tuple[int, int, int]], share: float
) -> None:
    cost, _ = one_by_one(rows)
    found = weighted_quantile(*columns(rows)[:2], share)[0]
    if not len(cost):
        assert np.isnan(found)
        return
    assert found == np.quantile(cost, share, method="inverted_cdf")


def test_people_without_a_way_are_reported_and_not_averaged() -> None:
    found = summarise_costs(np.array([100.0, 300, np.inf]), np.array([3.0, 3, 4]))
    assert (found.people, found.median, found.p90, found.mean) == (10, 300, None, 200)
    assert found.unreachable_share == pytest.approx(0.4)


def test_nobody_has_no_median() -> None:
    found = summarise_costs(np.array([100.0]), np.array([0.0]))
    assert (found.median, found.mean, found.unreachable_share) == (None, None, None)


def test_unreachable_people_have_no_part_in_inequality() -> None:
    cost, count = np.array([1.0, 3, np.inf]), np.array([1.0, 1, 5])
    assert measure_gini(cost, count) == pytest.approx(0.25)
    assert measure_gini(np.array([np.inf]), np.ones(1)) is None
    assert measure_palma(np.array([np.inf]), np.ones(1)) is None
    assert measure_concentration(cost, count, np.array([0.0, 1, 2])) == pytest.approx(0.25)
