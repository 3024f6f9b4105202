"""How sure the covered share of an area is: a seeded Monte Carlo simulation.

What moves in a draw, by how much and why is told in :mod:`welcomemap.coverage.uncertainty_model`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.borders import NearBorder, is_beyond
from welcomemap.coverage.cost_draws import CostDraws, Draws, draw_normal, key_of
from welcomemap.coverage.demand import AreaKind, Demand
from welcomemap.coverage.reach import divide
from welcomemap.coverage.uncertainty_model import Z_BOTH_95, UncertaintyModel
from welcomemap.tables import GROUPS

_PEOPLE, _GROUP, _BORDER = 10, 11, 12
_MEAN_ABSOLUTE_TO_SD = (np.pi / 2) ** 0.5
_FROM_TO = np.array([[-1.0], [1.0]])
DrawSlots = Callable[[NDArray[np.intp], int], NDArray[np.bool_]]
NO_BORDERS = NearBorder(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0))


@dataclass(frozen=True, eq=False)
class ReachDraws:
    """Covered people in every draw, (n_slots, n_quarters, n_groups, n_draws).

    A slot is a threshold, or what :func:`simulate_counts` was asked to count.
    """

    demand: Demand
    model: UncertaintyModel
    covered: NDArray[np.float64]

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


def simulate_reach(
    demand: Demand, draws: CostDraws, near_border: NearBorder = NO_BORDERS
) -> ReachDraws:
    """Count the people of each quarter and group who reach a destination, in every draw.

    Parameters
    ----------
    near_border
        Demand cells near the border of their quarter, and the quarter beyond.
    """
    return simulate_counts(demand, draws, near_border, draws.draw_within, len(draws.thresholds))


def simulate_counts(
    demand: Demand,
    draws: CostDraws,
    near_border: NearBorder,
    draw_slots: DrawSlots,
    n_slots: int,
) -> ReachDraws:
    """Count the people of each quarter and group of whom something is true, in every draw.

    In each draw the people of a quarter are spread anew over its cells and cells near its border
    may change sides; the share that results is applied to the quarter's official sum of people, so
    the sums stay official.

    Parameters
    ----------
    draw_slots
        Takes the numbers of cells and the key of their draws, and tells what is true of them:
        (n_slots, n_rows, n_draws). A slot may be a threshold, a candidate, or gain and loss.
    """
    count = _Count(demand, draws.model, n_slots)
    for quarter, cells in iterate_quarters(demand):
        within = draw_slots(cells, quarter)
        moves = _draw_moves(demand, draws.model, near_border, cells, quarter)
        is_open = bool((draws.possible[cells] & ~draws.certain[cells]).any())
        weights = draw_people(demand, draws.model, cells, quarter if is_open else None)
        for group, people in enumerate(weights):
            count.add(quarter, group, people, within)
            for move in moves:
                count.move(quarter, group, people, within, move)
    return ReachDraws(demand, draws.model, count.covered_people())


def iterate_quarters(demand: Demand) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Give the number of each quarter and the numbers of its cells."""
    order = np.argsort(demand.quarters.index, kind="stable")
    ends = np.cumsum(np.bincount(demand.quarters.index, minlength=len(demand.quarters)))
    for quarter, cells in enumerate(np.split(order, ends[:-1])):
        if len(cells):
            yield quarter, cells


def draw_people(
    demand: Demand, model: UncertaintyModel, cells: NDArray[np.intp], key: int | None
) -> Iterator[Draws]:
    """Draw the people of cells, group by group: (n_rows, n_draws) each.

    ``None`` as key gives everybody where they are, for cells whose coverage is beyond doubt.
    """
    if key is None:
        for column in demand.weights[cells].T:
            yield np.broadcast_to(column[:, np.newaxis], (len(cells), model.draws)).astype(
                np.float32
            )
        return
    residents = demand.weights[cells].max(axis=1, initial=0)
    relative = model.census_error_people * _MEAN_ABSOLUTE_TO_SD / np.maximum(residents, 1.0)
    errors = np.hypot(relative, model.census_error_share)
    spread = _draw_factor(model, (_PEOPLE, key), errors)
    for slot, group in enumerate(demand.groups):
        drawn = spread * demand.weights[cells, slot, np.newaxis].astype(np.float32)
        if group != GROUPS[0]:
            own = np.full(len(cells), model.group_error_share)
            drawn *= _draw_factor(model, (_GROUP, key_of(group), key), own)
        yield drawn


def _draw_factor(model: UncertaintyModel, key: Sequence[int], errors: NDArray[np.float64]) -> Draws:
    """Draw log-normal factors with mean 1 and given coefficients of variation, one per row."""
    sd = np.sqrt(np.log1p(errors**2))[:, np.newaxis].astype(np.float32)
    drawn = draw_normal(model, key, len(errors))
    drawn *= sd
    drawn -= sd**2 / 2
    return np.exp(drawn, out=drawn)


@dataclass(frozen=True, eq=False)
class _Move:
    """Cells of a quarter that may belong to one other quarter: rows, and in which draws."""

    to_quarter: int
    rows: NDArray[np.intp]
    is_moved: NDArray[np.bool_]


def _draw_moves(
    demand: Demand, model: UncertaintyModel, near: NearBorder, cells: NDArray[np.intp], key: int
) -> list[_Move]:
    row_of_cell = np.full(len(demand), -1, dtype=np.intp)
    row_of_cell[cells] = np.arange(len(cells))
    here = np.flatnonzero(row_of_cell[near.point] >= 0)
    if not len(here) or model.border_uncertainty_m <= 0:
        return []
    luck = draw_normal(model, (_BORDER, key), len(cells))[row_of_cell[near.point[here]]]
    mine = NearBorder(near.point[here], near.neighbour[here], near.distance_m[here])
    beyond = is_beyond(mine, luck, model.border_uncertainty_m / Z_BOTH_95)
    return [
        _Move(
            int(quarter), row_of_cell[mine.point[mine.neighbour == quarter]],
            beyond[mine.neighbour == quarter],
        )
        for quarter in np.unique(mine.neighbour)
    ]  # fmt: skip


class _Count:
    """Sums of people and of covered people, by quarter and group, in every draw."""

    def __init__(self, demand: Demand, model: UncertaintyModel, n_slots: int) -> None:
        shape = (len(demand.quarters), len(demand.groups), model.draws)
        self._official = demand.totals("quarter")[:, :, np.newaxis]
        self._people = np.zeros(shape)
        self._covered = np.zeros((n_slots, *shape))

    def add(self, quarter: int, group: int, people: Draws, within: NDArray[np.bool_]) -> None:
        """Count the people of a quarter's cells where they are."""
        self._people[quarter, group] += people.sum(axis=0)
        for slot, is_within_draw in enumerate(within):
            self._covered[slot, quarter, group] += _sum_where(people, is_within_draw)

    def move(
        self, quarter: int, group: int, people: Draws, within: NDArray[np.bool_], move: _Move
    ) -> None:
        """Count some cells in the neighbouring quarter instead, in the draws in which they move."""
        moved = people[move.rows] * move.is_moved
        self._people[[quarter, move.to_quarter], group] += moved.sum(axis=0) * _FROM_TO
        for slot, is_within_draw in enumerate(within):
            taken = _sum_where(moved, is_within_draw[move.rows])
            self._covered[slot, [quarter, move.to_quarter], group] += taken * _FROM_TO

    def covered_people(self) -> NDArray[np.float64]:
        """Apply the covered share of each quarter to its official sum of people."""
        shares = np.divide(
            self._covered, self._people[np.newaxis],
            out=np.zeros_like(self._covered),
            where=np.broadcast_to(self._people > 0, self._covered.shape),
        )  # fmt: skip
        covered: NDArray[np.float64] = np.clip(shares, 0, 1) * self._official
        return covered


def _sum_where(people: Draws, is_counted: NDArray[np.bool_]) -> NDArray[np.float32]:
    if not is_counted.any():
        return np.zeros(people.shape[1], dtype=np.float32)
    summed: NDArray[np.float32] = np.einsum("id,id->d", people, is_counted)
    return summed
