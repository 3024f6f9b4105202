"""Counts of cells scaled and rounded until they sum to official totals.

Iterative proportional fitting after Deming and Stephan (1940), "On a least squares adjustment of a
sampled frequency table when the expected marginal totals are known", Annals of Mathematical
Statistics 11(4); rounding by largest remainders, one category after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Weights = NDArray[np.float64]

UNITS_PER_PERSON = 1000
"""People of cells are rounded to 1/1000."""
MAX_ROUNDS = 2000
CONVERGED = 1e-9
SMALLEST = 1e-9
"""Prior weight that stands for zero, so that any totals can be met."""


def rake_table(prior: Weights, row_totals: Weights, column_totals: Weights) -> Weights:
    """Scale a table until its rows and columns sum to the given totals.

    Parameters
    ----------
    prior
        Non-negative weights, shape (n_cells, n_categories).
    row_totals, column_totals
        People of each cell and of each category; both must have the same sum.

    Returns
    -------
    array, shape (n_cells, n_categories)
        Sums of rows within 1e-9 of the largest total, of columns to rounding.
    """
    table = np.where(column_totals > 0, np.maximum(prior, SMALLEST), 0.0)
    used = column_totals > 0
    scale = max(float(row_totals.max(initial=0.0)), 1.0)
    for _ in range(MAX_ROUNDS):
        table = table * (row_totals / table.sum(axis=1))[:, None]
        table[:, used] *= column_totals[used] / table[:, used].sum(axis=0)
        if np.abs(table.sum(axis=1) - row_totals).max() <= CONVERGED * scale:
            break
    return table


def round_to_total(values: Weights, total: int, room: Counts | None = None) -> Counts:
    """Round values to whole units that sum to ``total``, the largest remainders upwards.

    Parameters
    ----------
    values
        Non-negative, shape (n,).
    total
        Sum to reach; must not exceed the sum of ``room``.
    room
        Largest unit count allowed in each place, shape (n,).

    Examples
    --------
    >>> round_to_total(np.array([1.2, 1.6, 0.2]), 3).tolist()
    [1, 2, 0]
    """
    rounded = np.floor(values + 1e-6).astype(np.int64)
    if room is not None:
        rounded = np.minimum(rounded, room)
    remainder = np.round(values - rounded, 6)
    order = np.lexsort((np.arange(len(values)), -remainder))
    while (missing := total - int(rounded.sum())) != 0:
        step = 1 if missing > 0 else -1
        usable = order if step > 0 else order[::-1]
        if step < 0:
            usable = usable[rounded[usable] > 0]
        elif room is not None:
            usable = usable[rounded[usable] < room[usable]]
        rounded[usable[: abs(missing)]] += step
    return rounded


def round_table(table: Weights, row_totals: Counts, column_totals: Counts) -> Counts:
    """Round a raked table so that rows and columns still sum exactly.

    The last category is what the others leave of each row, so its column sums by itself.
    """
    left = row_totals.copy()
    columns = []
    for category in range(table.shape[1] - 1):
        column = round_to_total(table[:, category], int(column_totals[category]), left)
        columns.append(column)
        left = left - column
    return np.column_stack([*columns, left])


def fit_groups(shares: Weights, residents: Counts, totals: Sequence[int]) -> Counts:
    """Return whole counts of groups that exclude each other, and of the rest, last.

    Parameters
    ----------
    shares
        Of each cell and group before fitting, 0-1, shape (n_cells, n_groups).
    residents
        Of each cell, more than 0: what its counts sum to.
    totals
        Of each group; together at most all residents.

    Returns
    -------
    array, shape (n_cells, n_groups + 1)

    Examples
    --------
    >>> fit_groups(np.array([[0.5], [0.1]]), np.array([10, 10]), [6]).tolist()
    [[5, 5], [1, 9]]
    """
    rest = np.maximum(1 - shares.sum(axis=1), 0.01)
    prior: Weights = np.column_stack([shares, rest]) * residents[:, None].astype(np.float64)
    columns: Counts = np.array([*totals, int(residents.sum()) - sum(totals)], dtype=np.int64)
    fitted = rake_table(prior, residents.astype(np.float64), columns.astype(np.float64))
    return round_table(fitted, residents, columns)
