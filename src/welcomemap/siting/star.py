"""The problem that p-median and MCLP share: pick p columns so that the row minima sum to least.

    minimise  sum_i min(base_i, min_{j chosen} value_ij)

p-median: value = w_i c_ij, base = w_i times the cost to the nearest existing facility (or inf).
MCLP: value = 0 where covered, else w_i; base = w_i (Church & ReVelle 1976, "Theoretical and
computational links between the p-median, location set-covering, and the maximal covering location
problem", Geographical Analysis 8(4)).

Only entries below the base matter, so a problem is kept as those entries alone, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.problem import Floats

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Quota:
    """At least ``needed`` of the columns flagged must still be chosen; quotas never overlap."""

    is_member: Flags
    needed: int


@dataclass(frozen=True)
class Star:
    """Entries below the base, and what is left to choose.

    Attributes
    ----------
    rows, columns, values
        Shape (n_entries,): sorted by row; every value is below the base of its row.
    base
        Shape (n_rows,): value of a row while nothing is chosen, may be ``inf``.
    n_columns
        Number of columns.
    free
        Columns that may still be chosen, ascending.
    left
        How many of them must be chosen.
    quotas
        Which of them must be among those.
    """

    rows: Indices
    columns: Indices
    values: Floats
    base: Floats
    n_columns: int
    free: Indices
    left: int
    quotas: tuple[Quota, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.base)

    @property
    def is_impossible(self) -> bool:
        """Tell whether the free columns cannot fill the quotas."""
        needed = sum(quota.needed for quota in self.quotas)
        return needed > self.left or any(
            int(quota.is_member[self.free].sum()) < quota.needed for quota in self.quotas
        )


def make_star(
    values: Floats, base: Floats, free: Indices, left: int, quotas: tuple[Quota, ...] = ()
) -> Star:
    """Keep the entries of the free columns that lie below the base.

    Parameters
    ----------
    values
        Shape (n_rows, n_columns), ``inf`` = impossible.
    base
        Shape (n_rows,).
    free
        Columns to choose from.
    left, quotas
        How many to choose, and which of them at least.
    """
    is_free = np.zeros(values.shape[1], dtype=bool)
    is_free[free] = True
    rows, columns = np.nonzero((values < base[:, None]) & is_free)
    return Star(
        rows, columns, values[rows, columns], base, values.shape[1], np.sort(free), left, quotas
    )


def open_columns(star: Star, chosen: Indices) -> Star:
    """Choose columns: lower the base where they are better, and keep the entries below it."""
    is_chosen = np.zeros(star.n_columns, dtype=bool)
    is_chosen[chosen] = True
    mine = is_chosen[star.columns]
    base = star.base.copy()
    np.minimum.at(base, star.rows[mine], star.values[mine])
    kept = (star.values < base[star.rows]) & ~mine
    free = star.free[~is_chosen[star.free]]
    return Star(
        star.rows[kept],
        star.columns[kept],
        star.values[kept],
        base,
        star.n_columns,
        free,
        star.left - len(chosen),
        tuple(
            replace(quota, needed=max(0, quota.needed - int(quota.is_member[chosen].sum())))
            for quota in star.quotas
        ),
    )


def close_columns(star: Star, closed: Indices) -> Star:
    """Give up columns."""
    is_closed = np.zeros(star.n_columns, dtype=bool)
    is_closed[closed] = True
    kept = ~is_closed[star.columns]
    free = star.free[~is_closed[star.free]]
    return Star(
        star.rows[kept],
        star.columns[kept],
        star.values[kept],
        star.base,
        star.n_columns,
        free,
        star.left,
        star.quotas,
    )
