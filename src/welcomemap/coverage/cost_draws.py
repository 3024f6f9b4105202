"""Draw travel costs again and again: which cells lie within thresholds, draw by draw.

Random numbers are keyed by seed, destination and cell, not by their order of use. So the same cell
gets the same luck whatever the scenario, the thresholds and the other destinations are: in every
single draw one more site never lowers coverage, and differences between scenarios are not noise.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.uncertainty_model import R_BOTH_95, Z_P90, UncertaintyModel
from welcomemap.crs import Points
from welcomemap.travel.impedance import STREETS, CostMatrix, is_within

Draws = NDArray[np.float32]
_COMMON, _DESTINATION, _PLACE, _WIDE, _NARROW, _CELL, _SPREAD, _ACCESS = range(8)
_NORMAL_CUT = 4.0
_SHORT_WAY_M = 100.0


@dataclass(frozen=True, eq=False)
class Destinations:
    """Places people travel to: ids, (n, 2) points in metres, and 95 % error radii (NaN unknown)."""

    ids: tuple[str, ...]
    points: Points
    error_radius_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ids)

    def select(self, chosen: NDArray[np.bool_]) -> Destinations:
        """Return the destinations that are chosen."""
        ids = tuple(name for name, is_chosen in zip(self.ids, chosen, strict=True) if is_chosen)
        return Destinations(ids, self.points[chosen], self.error_radius_m[chosen])


def key_of(name: str) -> int:
    """Turn an id into a number that is the same on every machine."""
    return zlib.crc32(name.encode())


def draw_normal(model: UncertaintyModel, key: Sequence[int], rows: int) -> Draws:
    """Draw standard normal numbers, (rows, n_draws), that depend on seed and key only.

    They are cut off at four standard deviations, so that what cannot happen can be left out.
    """
    generator = np.random.default_rng([model.seed, *key])
    drawn = generator.standard_normal((rows, model.draws), dtype=np.float32)
    return np.clip(drawn, -_NORMAL_CUT, _NORMAL_CUT, out=drawn)


@dataclass(frozen=True, eq=False)
class CostDraws:
    """Everything the draws of one cost matrix need; made by :func:`prepare_draws`.

    Arrays of pairs have the shape (n_cells, n_destinations): a pair is ``certain`` if it is within
    all thresholds in every draw, ``possible`` if it is within one in some draw. ``luck`` arrays are
    standard normal numbers times the standard deviation of their part of the detour's error,
    ``displacement`` is (n_destinations, 2, n_draws) in units of cost, as is ``access``
    (n_destinations, n_draws), which only pairs that are an estimate get.
    """

    model: UncertaintyModel
    thresholds: tuple[float, ...]
    cost: NDArray[np.float32]
    spread_low: NDArray[np.float32]
    spread_high: NDArray[np.float32]
    direction: NDArray[np.float32]
    certain: NDArray[np.bool_]
    possible: NDArray[np.bool_]
    cost_per_m: NDArray[np.float32]
    wide_square: NDArray[np.intp]
    narrow_square: NDArray[np.intp]
    wide_luck: Draws
    narrow_luck: Draws
    destination_luck: Draws
    displacement: NDArray[np.float32]
    access: Draws
    is_estimate: NDArray[np.bool_]

    def iterate_squares(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Give the wide squares of the city: the key of each, and the numbers of its cells."""
        order = np.argsort(self.wide_square, kind="stable")
        ends = np.cumsum(np.bincount(self.wide_square))
        for key, cells in enumerate(np.split(order, ends[:-1])):
            if len(cells):
                yield key, cells

    def draw_within(
        self, cells: NDArray[np.intp], key: int, columns: NDArray[np.intp] | None = None
    ) -> NDArray[np.bool_]:
        """Tell which cells reach a destination, draw by draw: (n_thresholds, n_rows, n_draws).

        Where all draws agree on all cells the last axis has the length 1.

        Parameters
        ----------
        cells, key
            Cells of a square and its key, from :meth:`iterate_squares`.
        columns
            Numbers of the destinations of which one must be reached; all if ``None``.
        """
        wanted = np.arange(self.cost.shape[1]) if columns is None else columns
        certain = np.asarray(self.certain[np.ix_(cells, wanted)].any(axis=1))
        is_open: NDArray[np.bool_] = self.possible[np.ix_(cells, wanted)] & ~certain[:, np.newaxis]
        n_draws = self.model.draws if is_open.any() else 1
        within = np.zeros((len(self.thresholds), len(cells), n_draws), dtype=np.bool_)
        within[:, certain] = True
        if not is_open.any():
            return within
        luck, shift = self._draw_cells(cells, key)
        for column, number in enumerate(wanted):
            rows = np.flatnonzero(is_open[:, column])
            if len(rows):
                cost = self._draw_cost(cells[rows], number, luck[rows], shift[rows])
                for slot, threshold in enumerate(self.thresholds):
                    within[slot, rows] |= is_within(cost, threshold)
        return within

    def _draw_cells(self, cells: NDArray[np.intp], key: int) -> tuple[Draws, Draws]:
        """Return what all ways of a cell share: detour's error, and its people's shift in m."""
        luck = draw_normal(self.model, (_CELL, key), len(cells))
        luck *= np.float32(self.model.cell_variance**0.5)
        luck += self.wide_luck[self.wide_square[cells]]
        luck += self.narrow_luck[self.narrow_square[cells]]
        shift = draw_normal(self.model, (_SPREAD, key), len(cells))
        shift *= np.float32(self.model.cell_spread_m)
        return luck, shift

    def _draw_cost(
        self, cells: NDArray[np.intp], destination: int, luck: Draws, shift: Draws
    ) -> Draws:
        cut = np.float32(self.model.detour_cut)
        drawn: Draws = np.clip(luck + self.destination_luck[destination], -cut, cut)
        low = self.spread_low[cells, destination, np.newaxis]
        high = self.spread_high[cells, destination, np.newaxis]
        drawn *= np.where(drawn < 0, low, high)
        np.exp(drawn, out=drawn)
        drawn *= self.cost[cells, destination, np.newaxis]
        drawn += shift * self.cost_per_m[destination]
        drawn -= self.direction[cells, destination] @ self.displacement[destination]
        drawn += self.is_estimate[cells, destination, np.newaxis] * self.access[destination]
        np.maximum(drawn, np.float32(0), out=drawn)
        return drawn


def prepare_draws(
    origins: Points,
    destinations: Destinations,
    matrix: CostMatrix,
    thresholds: Sequence[float],
    model: UncertaintyModel,
) -> CostDraws:
    """Draw what does not depend on the cell, and find the pairs that matter.

    Parameters
    ----------
    origins
        Demand cells, (n_cells, 2), metres.
    matrix
        Costs of shape (n_cells, n_destinations) with intervals, in the thresholds' unit.
    """
    spread_low, spread_high = _detour_spreads(matrix)
    away = origins[:, np.newaxis] - destinations.points[np.newaxis]
    distance_m = np.hypot(away[..., 0], away[..., 1])
    cost_per_m = _cost_per_m(matrix.cost, distance_m)
    site_sd_m = _site_sd_m(destinations, model)
    slack = _NORMAL_CUT * cost_per_m * (model.cell_spread_m + 2**0.5 * site_sd_m)
    least = matrix.cost * np.exp(-model.detour_cut * spread_low) - slack
    access = _draw_access(model, destinations, cost_per_m)
    most = matrix.cost * np.exp(model.detour_cut * spread_high) + slack
    most += access.max(axis=1, initial=0)
    wide_square = _number_squares(origins, model.wide_square_m)
    narrow_square = _number_squares(origins, model.narrow_square_m)
    return CostDraws(
        model=model,
        thresholds=tuple(thresholds),
        cost=matrix.cost.astype(np.float32),
        spread_low=spread_low.astype(np.float32),
        spread_high=spread_high.astype(np.float32),
        direction=(away / np.maximum(distance_m, 1e-6)[..., np.newaxis]).astype(np.float32),
        certain=is_within(most, min(thresholds)) & np.isfinite(matrix.cost),
        possible=is_within(least, max(thresholds)) & np.isfinite(matrix.cost),
        cost_per_m=cost_per_m.astype(np.float32),
        wide_square=wide_square,
        narrow_square=narrow_square,
        wide_luck=_draw_squares(model, _WIDE, wide_square, model.wide_variance),
        narrow_luck=_draw_squares(model, _NARROW, narrow_square, model.narrow_variance),
        destination_luck=_draw_destinations(model, destinations),
        displacement=_draw_displacements(model, destinations, cost_per_m * site_sd_m),
        access=access,
        is_estimate=matrix.basis != STREETS,
    )


def _detour_spreads(matrix: CostMatrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the log standard deviations below and above the estimate; 0 where cost is 0 or inf."""
    spreads = [np.zeros(matrix.cost.shape), np.zeros(matrix.cost.shape)]
    has_spread = (matrix.lower > 0) & np.isfinite(matrix.cost) & np.isfinite(matrix.upper)
    cost = matrix.cost[has_spread]
    spreads[0][has_spread] = np.log(cost / matrix.lower[has_spread]) / Z_P90
    spreads[1][has_spread] = np.log(matrix.upper[has_spread] / cost) / Z_P90
    return np.maximum(spreads[0], 0), np.maximum(spreads[1], 0)


def _cost_per_m(cost: NDArray[np.float64], distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the typical cost of one metre on the way to each destination, (n_destinations,)."""
    rates = np.zeros(cost.shape[1])
    for number in range(cost.shape[1]):
        is_typical = (distance_m[:, number] >= _SHORT_WAY_M) & np.isfinite(cost[:, number])
        if is_typical.any():
            rates[number] = np.median(cost[is_typical, number] / distance_m[is_typical, number])
    return rates


def _site_sd_m(destinations: Destinations, model: UncertaintyModel) -> NDArray[np.float64]:
    radius = destinations.error_radius_m
    return np.where(np.isnan(radius), model.site_error_radius_m, radius) / R_BOTH_95


def _number_squares(points: Points, size_m: float) -> NDArray[np.intp]:
    """Number the squares of a grid that starts at the south-west corner of the points."""
    if not len(points):
        return np.zeros(0, dtype=np.intp)
    grid = np.floor((points - points.min(axis=0)) / size_m)
    numbers: NDArray[np.intp] = np.unique(grid, axis=0, return_inverse=True)[1].reshape(-1)
    return numbers


def _draw_squares(
    model: UncertaintyModel, kind: int, squares: NDArray[np.intp], variance: float
) -> Draws:
    n_squares = int(squares.max()) + 1 if len(squares) else 0
    return draw_normal(model, (kind,), n_squares) * np.float32(variance**0.5)


def _draw_destinations(model: UncertaintyModel, destinations: Destinations) -> Draws:
    """Return the detour's error by destination, the city-wide part included."""
    common = draw_normal(model, (_COMMON,), 1) * np.float32(model.common_variance**0.5)
    own = [draw_normal(model, (_DESTINATION, key_of(name)), 1) for name in destinations.ids]
    if not own:
        return np.zeros((0, model.draws), dtype=np.float32)
    return common + np.concatenate(own) * np.float32(model.destination_variance**0.5)


def _draw_access(
    model: UncertaintyModel, destinations: Destinations, cost_per_m: NDArray[np.float64]
) -> Draws:
    """Return what estimated ways leave out between door, street and site, in units of cost."""
    drawn = np.zeros((len(destinations), model.draws), dtype=np.float32)
    for number, name in enumerate(destinations.ids):
        luck = draw_normal(model, (_ACCESS, key_of(name)), 1)[0]
        drawn[number] = model.access_m * cost_per_m[number] * np.exp(model.access_log_sd * luck)
    return drawn


def _draw_displacements(
    model: UncertaintyModel, destinations: Destinations, sd: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the location error of destinations in x and y, in units of cost."""
    drawn = np.zeros((len(destinations), 2, model.draws), dtype=np.float32)
    for number, name in enumerate(destinations.ids):
        drawn[number] = draw_normal(model, (_PLACE, key_of(name)), 2) * np.float32(sd[number])
    return drawn
