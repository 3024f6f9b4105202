"""How sure the covered share of an area is: a seeded Monte Carlo simulation.

What moves in a draw, by how much and why is told in :mod:`welcomemap.coverage.uncertainty_model`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.borders import NearBorder, is_beyond
from welcomemap.coverage.cost_draws import CostDraws, Draws, draw_normal, key_of
from welcomemap.coverage.demand import AreaKind, Demand
from welcomemap.coverage.reach import divide
from welcomemap.coverage.uncertainty_model import Z_BOTH_95, UncertaintyModel
from welcomemap.tables import GROUPS

_PEOPLE, _BORDER = 10, 12
_MEAN_ABSOLUTE_TO_SD = (np.pi / 2) ** 0.5
DrawSlots = Callable[[NDArray[np.intp], int], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class ReachDraws:
    """Covered people in every draw, (n_slots, n_quarters, n_groups, n_draws).

    A slot is a threshold, or what :func:`simulate_counts` was asked to count.
    """

    demand: Demand
    model: UncertaintyModel
    covered: NDArray[np.float64]

    def select_slots(self, slots: slice) -> ReachDraws:
        """Return some of the slots."""
        return ReachDraws(self.demand, self.model, self.covered[slots])

    def covered_by(self, kind: AreaKind) -> NDArray[np.float64]:
        """Sum the draws over the areas of a kind: (n_slots, n_areas, n_groups, n_draws)."""
        if kind == "quarter":
            return self.covered
        n_slots, n_quarters, n_groups, n_draws = self.covered.shape
        summed = np.zeros((n_slots, len(self.demand.areas(kind)), n_groups, n_draws))
        for quarter in range(n_quarters):
            area = 0 if kind == "city" else self.demand.district_of_quarter[quarter]
            summed[:, area] += self.covered[:, quarter]
        return summed

    def shares_by(self, kind: AreaKind) -> NDArray[np.float64]:
        """Return the covered shares in every draw; NaN where no one of the group lives."""
        totals = self.demand.totals(kind)[np.newaxis, :, :, np.newaxis]
        return divide(self.covered_by(kind), totals)

    def share_interval(
        self, kind: AreaKind, estimate: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lower and upper bound of shares, widened where needed to hold the estimate.

        Parameters
        ----------
        estimate
            Shares of shape (n_slots, n_areas, n_groups), 0-1; NaN stays NaN.
        """
        lower, upper = np.quantile(self.shares_by(kind), self.model.bounds, axis=-1)
        return np.minimum(lower, estimate), np.maximum(upper, estimate)

    def probability_unserved(self, kind: AreaKind) -> NDArray[np.float64]:
        """Return how probable a share below ``unserved_below_share`` is, 0-1; NaN without people.

        Shape (n_slots, n_areas, n_groups). This is about reach, not about where sites lie.
        """
        shares = self.shares_by(kind)
        is_below = (shares < self.model.unserved_below_share).mean(axis=-1)
        return np.where(np.isnan(shares).any(axis=-1), np.nan, is_below)


def simulate_counts(
    demand: Demand,
    draws: CostDraws,
    near_border: NearBorder,
    draw_slots: DrawSlots,
    n_slots: int,
) -> ReachDraws:
    """Count the people of each quarter and group of whom something is true, in every draw.

    Cells near the border of their quarter may change sides in a draw. The error of the people per
    cell moves each quarter's share by its first-order (delta method) standard deviation for a ratio
    of sums. The share is applied to the quarter's official sum of people, so the sums stay
    official.

    Parameters
    ----------
    draw_slots
        Takes the numbers of cells and the key of their draws, and tells what is true of them:
        (n_slots, n_rows, n_draws), or 1 instead of n_draws where all draws agree. A slot may be a
        threshold, a candidate, or gain and loss.
    """
    count = _Count(demand, draws.model, n_slots)
    neighbour = np.full(len(demand), -1, dtype=np.intp)
    distance_m = np.full(len(demand), np.inf)
    if draws.model.border_uncertainty_m > 0:
        neighbour[near_border.point] = near_border.neighbour
        distance_m[near_border.point] = near_border.distance_m
    for key, cells in draws.iterate_squares():
        slots = draw_slots(cells, key)
        beyond = _draw_beyond(draws.model, distance_m[cells], key)
        pairs = np.column_stack([demand.quarters.index[cells], neighbour[cells]])
        for own, other in np.unique(pairs, axis=0):
            rows = np.flatnonzero((pairs == (own, other)).all(axis=1))
            if other < 0:
                count.add(own, cells[rows], slots[:, rows])
            else:
                count.add(own, cells[rows], slots[:, rows], ~beyond[rows])
                count.add(other, cells[rows], slots[:, rows], beyond[rows])
    return ReachDraws(demand, draws.model, count.covered_people())


def _draw_beyond(
    model: UncertaintyModel, distance_m: NDArray[np.float64], key: int
) -> NDArray[np.bool_]:
    """Tell which cells belong to the quarter beyond the border, (n_rows, n_draws)."""
    beyond = np.zeros((len(distance_m), model.draws), dtype=np.bool_)
    rows = np.flatnonzero(np.isfinite(distance_m))
    if len(rows):
        near = NearBorder(rows, rows, distance_m[rows])
        luck = draw_normal(model, (_BORDER, key), len(rows))
        beyond[rows] = is_beyond(near, luck, model.border_uncertainty_m / Z_BOTH_95)
    return beyond


@dataclass(eq=False)
class _Count:
    """Sums over cells by quarter in every draw: of people, and of the variance of their number.

    ``everybody`` and ``counted`` have the shapes (n_quarters, 2 n_groups, n_draws) and
    (n_slots, n_quarters, 2 n_groups, n_draws); the second half of the groups' axis are variances.
    """

    demand: Demand
    model: UncertaintyModel
    n_slots: int
    sums: NDArray[np.float32] = field(init=False)
    everybody: NDArray[np.float64] = field(init=False)
    counted: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        weights = self.demand.weights
        groups = self.demand.groups
        errors = np.column_stack([_people_error(self.demand, g, self.model) for g in groups])
        self.sums = _make_exact(np.hstack([weights, (weights * errors) ** 2]), self.demand)
        shape = (len(self.demand.quarters), self.sums.shape[1], self.model.draws)
        self.everybody = np.zeros(shape)
        self.counted = np.zeros((self.n_slots, *shape))

    def add(
        self,
        quarter: int,
        cells: NDArray[np.intp],
        slots: NDArray[np.bool_],
        is_here: NDArray[np.bool_] | None = None,
    ) -> None:
        """Count cells in a quarter, in all draws or in those in which they are here."""
        sums = self.sums[cells].T
        if is_here is None:
            self.everybody[quarter] += sums.sum(axis=1, keepdims=True)
        elif is_here.any():
            self.everybody[quarter] += sums @ is_here.astype(np.float32)
        else:
            return
        for slot, is_true in enumerate(slots):
            if is_true.any():
                counted = is_true if is_here is None else is_true & is_here
                self.counted[slot, quarter] += sums @ counted.astype(np.float32)

    def covered_people(self) -> NDArray[np.float64]:
        """Apply the counted share of each quarter, with its error, to the official people."""
        n_groups = len(self.demand.groups)
        people, variance = self.everybody[:, :n_groups], self.everybody[:, n_groups:]
        has_people = np.broadcast_to(people > 0, self.counted[:, :, :n_groups].shape)
        share = np.zeros(has_people.shape)
        np.divide(self.counted[:, :, :n_groups], people, out=share, where=has_people)
        share = np.clip(share, 0, 1)
        of_counted = self.counted[:, :, n_groups:]
        spread = (1 - 2 * share) * of_counted + share**2 * variance
        sd = np.zeros(has_people.shape)
        np.divide(np.sqrt(np.maximum(spread, 0)), people, out=sd, where=has_people)
        luck = np.stack([self._draw_people(key_of(group)) for group in self.demand.groups], axis=1)
        covered: NDArray[np.float64] = np.clip(share + sd * luck, 0, 1)
        return covered * self.demand.totals("quarter")[:, :, np.newaxis]

    def _draw_people(self, key: int) -> Draws:
        return draw_normal(self.model, (_PEOPLE, key), len(self.demand.quarters))


def _make_exact(values: NDArray[np.float64], demand: Demand) -> NDArray[np.float32]:
    """Round each column to a binary fraction so coarse that no order of adding changes a sum.

    A sum of float32 is exact while it needs no more than 24 bits; beyond that it would depend on
    the processor and on which other groups are asked for. Sums go over one quarter and what of its
    neighbours may belong to it, so the step is about 2**-22 of the largest quarter.
    """
    most = 2 * demand.sum_by_area(values, "quarter").max(axis=0, initial=np.finfo(np.float64).tiny)
    step = np.exp2(np.ceil(np.log2(most)) - np.finfo(np.float32).nmant)
    rounded: NDArray[np.float64] = np.rint(values / step) * step
    return rounded.astype(np.float32)


def _people_error(demand: Demand, group: str, model: UncertaintyModel) -> NDArray[np.float64]:
    """Return the relative standard deviation of the people of a group in each cell, (n_cells,)."""
    people = np.maximum(demand.count_everybody(), 1.0)
    relative = model.census_error_people * _MEAN_ABSOLUTE_TO_SD / people
    error = np.hypot(relative, model.census_error_share)
    of_group = 0.0 if group == GROUPS[0] else model.group_error_share
    relative_sd: NDArray[np.float64] = np.hypot(error, of_group)
    return relative_sd
