"""Rank candidates by several criteria, and say how far the ranking can be trusted.

Each criterion is scaled to 0-1 between the worst and the best candidate (min-max); where all are
equal it decides nothing. A score is the weighted mean. An unknown value is anywhere between 0 and
1: the score becomes an interval, and the ranking uses its middle. It is never taken for zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.errors import UsageError
from welcomemap.siting.problem import Floats

N_WEIGHTINGS = 2000


@dataclass(frozen=True)
class Criterion:
    """What counts, which way, and how much.

    Attributes
    ----------
    key
        Name in tables and JSON.
    is_more_better
        Whether larger values are better.
    weight
        Named weight, >= 0; only the proportion to the others matters.
    """

    key: str
    is_more_better: bool
    weight: float


@dataclass(frozen=True)
class Ranking:
    """Scores and their sensitivity, arrays in the order of the candidates.

    Attributes
    ----------
    low, high
        Score with every unknown at its worst and at its best, 0-1.
    rank
        1 = best by the middle of the interval; equal scores share a rank.
    first_share
        In what share of random weightings (and random values for what is unknown) each candidate
        comes first; ties are split. Sums to 1.
    pareto
        Candidates that no other beats or equals everywhere and beats somewhere.
    """

    low: Floats
    high: Floats
    rank: NDArray[np.intp]
    first_share: Floats
    pareto: NDArray[np.bool_]


def rank_candidates(
    values: Mapping[str, Sequence[float | None]], criteria: Sequence[Criterion], *, seed: int = 0
) -> Ranking:
    """Rank candidates.

    Parameters
    ----------
    values
        For each criterion's key one value for each candidate, ``None`` = unknown.
    criteria
        What counts.
    seed
        Start of the random weightings (uniform over all weightings, i.e. Dirichlet(1, …, 1)).

    Raises
    ------
    UsageError
        If a criterion has no values, lengths differ, or all weights are 0.
    """
    table = _make_table(values, criteria)
    weights = np.array([criterion.weight for criterion in criteria], dtype=np.float64)
    if (weights < 0).any() or not weights.sum() > 0:
        raise UsageError("all weights are 0 or one is negative", how="Weigh a criterion above 0.")
    weights = weights / weights.sum()
    scaled = _scale(table)
    low = np.nan_to_num(scaled, nan=0.0) @ weights
    high = np.nan_to_num(scaled, nan=1.0) @ weights
    middle = np.round((low + high) / 2, 12)
    rank = np.array([1 + int((middle > score).sum()) for score in middle], dtype=np.intp)
    return Ranking(low, high, rank, _share_first(scaled, seed), find_pareto(table))


def find_pareto(table: Floats) -> NDArray[np.bool_]:
    """Tell which rows no other row dominates.

    Parameters
    ----------
    table
        Shape (n_candidates, n_criteria), larger is better, NaN = unknown. What is unknown cannot be
        compared, so it never lets a candidate be dominated.
    """
    is_as_good = (table[:, None, :] >= table[None, :, :]).all(axis=2)
    is_better = (table[:, None, :] > table[None, :, :]).any(axis=2)
    is_dominated: NDArray[np.bool_] = np.asarray((is_as_good & is_better).any(axis=0))
    return ~is_dominated


def share_best(draws: Floats) -> Floats:
    """Return in what share of the draws each candidate is best; ties are split.

    Parameters
    ----------
    draws
        Shape (n_draws, n_candidates): the objective of each candidate under each draw, for instance
        people gained. All candidates must share the draws.

    Raises
    ------
    UsageError
        If there are no draws or a value is NaN.
    """
    if draws.ndim != 2 or not draws.size or np.isnan(draws).any():
        raise UsageError("there are no draws, or some are NaN", how="Draw every candidate's value.")
    is_best = draws == draws.max(axis=1, keepdims=True)
    shares: Floats = (is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares


def _make_table(
    values: Mapping[str, Sequence[float | None]], criteria: Sequence[Criterion]
) -> Floats:
    columns = []
    for criterion in criteria:
        if criterion.key not in values:
            raise UsageError(
                "no values for {criterion}",
                criterion=criterion.key,
                how="Give one for each candidate.",
            )
        column = np.array(
            [np.nan if value is None else value for value in values[criterion.key]], dtype=float
        )
        columns.append(column if criterion.is_more_better else -column)
    if len({len(column) for column in columns}) != 1:
        raise UsageError(
            "criteria have different numbers of candidates", how="Give one value for each."
        )
    return np.stack(columns, axis=1)


def _scale(table: Floats) -> Floats:
    """Scale each column to 0-1; a column without differences becomes 0.5 where known."""
    known = np.isfinite(table)
    low = np.where(known, table, np.inf).min(axis=0)
    high = np.where(known, table, -np.inf).max(axis=0)
    span = high - low
    is_flat = ~(span > 0)
    with np.errstate(invalid="ignore"):
        scaled = (table - low) / np.where(is_flat, 1.0, span)
    scaled[:, is_flat] = 0.5
    scaled[np.isnan(table)] = np.nan
    clipped: Floats = np.clip(scaled, 0.0, 1.0)
    return clipped


def _share_first(scaled: Floats, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    weightings = generator.dirichlet(np.ones(scaled.shape[1]), size=N_WEIGHTINGS)
    unknown = generator.random((N_WEIGHTINGS, *scaled.shape))
    filled = np.where(np.isnan(scaled)[None], unknown, np.nan_to_num(scaled)[None])
    scores = np.round(np.einsum("dck,dk->dc", filled, weightings), 12)
    return share_best(scores)
