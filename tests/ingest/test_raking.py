"""Raked tables keep both margins; rounded ones keep them to the last unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from welcomemap.ingest.raking import rake_table, round_table, round_to_total


def test_hand_worked_table() -> None:
    """Two cells of 10 and 30 people, 20 in group A: odds ratio of the prior is kept at 3."""
    prior = np.array([[3.0, 1.0], [1.0, 1.0]])
    table = rake_table(prior, np.array([10.0, 30.0]), np.array([20.0, 20.0]))
    assert table.sum(axis=1) == pytest.approx([10, 30])
    assert table.sum(axis=0) == pytest.approx([20, 20])
    odds = (table[0, 0] / table[0, 1]) / (table[1, 0] / table[1, 1])
    assert odds == pytest.approx(3.0)


def test_even_prior_gives_independence() -> None:
    table = rake_table(np.ones((2, 2)), np.array([10.0, 30.0]), np.array([10.0, 30.0]))
    assert table == pytest.approx(np.array([[2.5, 7.5], [7.5, 22.5]]))


@pytest.mark.parametrize(
    ("values", "total", "expected"),
    [
        ([1.2, 1.6, 0.2], 3, [1, 2, 0]),
        ([0.5, 0.5], 1, [1, 0]),
        ([0.5, 0.5, 0.5, 0.5], 2, [1, 1, 0, 0]),
        ([2.0, 3.0], 5, [2, 3]),
    ],
)
def test_largest_remainders_go_up_and_ties_go_to_the_first(
    values: list[float], total: int, expected: list[int]
) -> None:
    assert round_to_total(np.array(values), total).tolist() == expected


def test_rounding_respects_room() -> None:
    rounded = round_to_total(np.array([0.9, 0.8, 0.3]), 2, np.array([1, 0, 5]))
    assert rounded.tolist() == [1, 0, 1]


@st.composite
def raking_problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 25))
    rows = np.array(draw(st.lists(st.integers(1, 5000), min_size=n, max_size=n)))
    total = int(rows.sum())
    first = draw(st.integers(0, total))
    second = draw(st.integers(0, total - first))
    weights = st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)
    prior = np.column_stack([draw(weights), draw(weights), draw(weights)])
    return prior, rows, np.array([first, second, total - first - second])


@settings(deadline=None, max_examples=60)
@given(raking_problems())
def test_every_margin_is_exact_and_nothing_negative(
    problem: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    prior, rows, columns = problem
    raked = rake_table(prior * rows[:, None], rows.astype(float), columns.astype(float))
    rounded = round_table(raked, rows, columns)
    assert (rounded >= 0).all()
    assert (rounded.sum(axis=1) == rows).all()
    assert (rounded.sum(axis=0) == columns).all()
    assert np.abs(rounded[:, 0] - raked[:, 0]).max() <= 1 + 1e-5
