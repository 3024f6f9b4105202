"""How sure is a covered share? What is uncertain, by how much, and seeded draws of it.

Six things move in each draw:

detour
    The way is longer than the straight line by a factor that is known as a spread only. The travel
    cost's interval is read as its 10th and 90th percentile, and the cost drawn from a two-piece
    log-normal distribution through lower bound, estimate (the median) and upper bound, cut off at
    three standard deviations. Streets known exactly have a narrow interval and hardly move.

    How the errors of different ways hang together decides how wide the interval of a *share* is:
    independent errors would cancel, equal ones would not. Measured on the central street network
    (200 addresses as destinations, 2,000 as origins, 0.3-1.3 km apart; correlation of normal
    scores of the detour between origins of one destination): 0.91 for origins 0-50 m apart, 0.81
    at 50-100 m, 0.66 at 100-200 m, 0.53 at 200-300 m, 0.41 at 300-400 m, 0.25 at 400-600 m, 0.09
    at 600-800 m, 0 beyond. The shares of variance below (squares of 800 m 0.60, squares of 300 m
    0.20, city-wide 0.05, destination 0.05, the single cell the rest) come within 0.10 of these. The
    city-wide part is an assumption: the network of the centre says nothing about other quarters.

access
    Estimated ways leave out how one gets from the door to the street and from the street to the
    site. Compared with streets the estimate therefore covers too many people, the more so the
    shorter the threshold. A draw adds to every estimated way of a destination a length with median
    45 m and a log standard deviation of 0.5. Ways on streets have it already.

location of sites
    Normal, so that ``error_radius_m`` holds 95 % of the errors; 36 m where it is not known (the
    largest error found of the address list against the official coordinates).

location of people
    A cell stands for people spread over 100 m: standard deviation 100 m / sqrt(12) along the way.

borders
    The borders of the pack are known to 30 m (read as the 95 % bound). Cells and sites that lie
    nearer than that may belong to the neighbour.

census
    How the people of a quarter are spread over its cells is known to what the pack states
    (``people_error``): a mean error in people a cell, and a share of them. In Düsseldorf counts of
    2022 were changed by a few people for privacy (2 are taken), and cells change: by 20 % from 2011
    to 2022, so by 10 % in two and a half years, if changes add up as those of a random walk do
    (:func:`welcomemap.ingest.demand_cells.measure_census_change`). A pack that states nothing gets
    6.4 people and 25 %. The sum of a quarter is official and stays. Groups other than residents get
    another 30 % a cell.

Checked against the streets where they are complete (120 addresses drawn at random as sites, each
alone): the 90 % interval made from the estimate held the number of people that streets give in 93 %
of cases at 500 m and 700 m, and in 89 % at 1,000 m. The estimate itself lies near the upper end of
its interval there: streets give 0.77, 0.86 and 0.91 of it (medians). Access length and shares of
variance were chosen on this same network, so it is no proof for other quarters.
``benchmarks/calibrate_coverage.py`` measures all of this.

Limits: errors of the official figures, of opening, of steep or unlit ways and of people's pace are
not in it. Ways of one cell to two sites share their local error, so a second site nearby makes no
figure look surer than it is. Disputed sites are not given a probability, as none is known: both
readings are computed instead.

Random numbers are keyed by seed, destination and cell, not by their order of use. So the same cell
gets the same normal deviates whatever the scenario, the thresholds and the other destinations are:
in every single draw one more site never lowers coverage, and differences between scenarios are not
noise.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from welcomemap.coverage.demand import AreaKind, Demand
from welcomemap.coverage.reach import CoverageCounts, Interval, divide, known, measure_reach
from welcomemap.crs import Points
from welcomemap.errors import UsageError
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.impedance import STREETS, CostMatrix, NearestCost, Threshold, is_within

Z_P90 = 1.2815515655446004
"""Standard normal quantile of 90 %."""
Z_BOTH_95 = 1.959963984540054
"""A normal error stays within this many standard deviations in 95 % of cases."""
R_BOTH_95 = 2.447746830680816
"""The same for the distance of a two-dimensional error: sqrt(-2 ln 0.05)."""


@dataclass(frozen=True)
class UncertaintyModel:
    """Settings of the simulation; the module says where each figure comes from.

    ``access_m`` and ``access_log_sd`` are median and log standard deviation of the access length.
    ``*_variance`` are the parts of the detour's variance shared city-wide, by destination, by
    squares of ``wide_square_m`` and ``narrow_square_m``; the rest belongs to the single cell.
    ``interval`` is the probability an interval holds, half of the rest on either side. Where
    ``borders_move``, they do so by what the pack states (``border_uncertainty_m``). Errors of the
    census that are ``None`` are those of the pack, too (:attr:`Demand.people_error`).
    """

    draws: int = 1000
    seed: int = 1
    interval: float = 0.9
    common_variance: float = 0.05
    destination_variance: float = 0.05
    wide_variance: float = 0.60
    narrow_variance: float = 0.20
    wide_square_m: float = 800.0
    narrow_square_m: float = 300.0
    detour_cut: float = 3.0
    access_m: float = 45.0
    access_log_sd: float = 0.5
    cell_size_m: float = 100.0
    site_error_radius_m: float = 36.0
    borders_move: bool = True
    census_error_people: float | None = None
    census_error_share: float | None = None
    group_error_share: float = 0.30
    unserved_below_share: float = 0.01

    def __post_init__(self) -> None:
        if self.draws < 1 or not 0 < self.interval < 1:
            raise UsageError(
                "{draws} draws and an interval of {interval:g} are not possible",
                draws=self.draws,
                interval=self.interval,
                how="Take at least 1 draw and an interval between 0 and 1.",
            )
        if self.cell_variance < 0:
            raise UsageError(
                "the parts of the detour's variance sum to more than 1", how="Lower one of them."
            )

    @property
    def cell_variance(self) -> float:
        """Part of the detour's variance that belongs to the single cell."""
        shared = self.common_variance + self.destination_variance
        return round(1.0 - shared - self.wide_variance - self.narrow_variance, 9)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper probability of the interval."""
        return (1 - self.interval) / 2, (1 + self.interval) / 2

    @property
    def cell_spread_m(self) -> float:
        """Standard deviation of where in a cell somebody lives, along one direction."""
        return float(self.cell_size_m / 12**0.5)


FAR_FACTOR = 1.6
"""Beyond this many border uncertainties (over three standard deviations) nothing changes sides."""


@dataclass(frozen=True, eq=False)
class NearBorder:
    """Points near a border: number of the point, the area beyond, and metres to it.

    All arrays have the shape (n_near,), one entry per point, with its nearest other area.
    ``border_m``: the true border lies within so many metres of the one drawn, 95 % of the time.
    """

    point: NDArray[np.intp]
    neighbour: NDArray[np.intp]
    distance_m: NDArray[np.float64]
    border_m: float


def find_near_border(
    points: Points,
    own: NDArray[np.intp],
    areas: Sequence[BaseGeometry],
    within_m: float,
    border_m: float,
) -> NearBorder:
    """Find the points within some metres of an area that is not their own.

    Parameters
    ----------
    points
        (n, 2), metres in the metric CRS; NaN rows are ignored.
    own
        Number of the area each point belongs to, -1 for none, (n,).
    areas
        Polygons in the same CRS. The outer border of the region has nobody beyond it.
    """
    placed = np.flatnonzero(np.isfinite(points).all(axis=1))
    places = shapely.points(points[placed])
    tree = shapely.STRtree(list(areas))
    found, area = tree.query(places, predicate="dwithin", distance=within_m)
    is_other = own[placed[found]] != area
    found, area = found[is_other], area[is_other]
    distance_m = shapely.distance(places[found], np.asarray(areas, dtype=object)[area])
    nearest_first = np.lexsort((area, distance_m, found))
    _, first = np.unique(found[nearest_first], return_index=True)
    chosen = nearest_first[first]
    beyond = area[chosen].astype(np.intp)
    return NearBorder(placed[found[chosen]], beyond, distance_m[chosen], border_m)


def is_beyond(
    near: NearBorder, deviates: NDArray[np.floating], sd_m: float | NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which points near a border lie beyond it, draw by draw.

    Parameters
    ----------
    deviates
        Standard normal numbers, (n_near, n_draws).
    sd_m
        Standard deviation of the border's place against the point's, metres: one, or (n_near,).
    """
    beyond: NDArray[np.bool_] = (
        deviates * np.reshape(sd_m, (-1, 1)) > near.distance_m[:, np.newaxis]
    )
    return beyond


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

    def join(self, other: Destinations) -> Destinations:
        """Return these and others after them."""
        return Destinations(
            self.ids + other.ids,
            np.concatenate([self.points, other.points]),
            np.concatenate([self.error_radius_m, other.error_radius_m]),
        )


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
    all thresholds in every draw, ``possible`` if it is within one in some draw. Its ``deviates``
    are standard normal numbers times the standard deviation of their part of the detour's error,
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
    wide_deviates: Draws
    narrow_deviates: Draws
    destination_deviates: Draws
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
        deviates, shift = self._draw_cells(cells, key)
        for column, number in enumerate(wanted):
            rows = np.flatnonzero(is_open[:, column])
            if len(rows):
                cost = self._draw_cost(cells[rows], number, deviates[rows], shift[rows])
                for slot, threshold in enumerate(self.thresholds):
                    within[slot, rows] |= is_within(cost, threshold)
        return within

    def _draw_cells(self, cells: NDArray[np.intp], key: int) -> tuple[Draws, Draws]:
        """Return what all ways of a cell share: detour's error, and its people's shift in m."""
        deviates = draw_normal(self.model, (_CELL, key), len(cells))
        deviates *= np.float32(self.model.cell_variance**0.5)
        deviates += self.wide_deviates[self.wide_square[cells]]
        deviates += self.narrow_deviates[self.narrow_square[cells]]
        shift = draw_normal(self.model, (_SPREAD, key), len(cells))
        shift *= np.float32(self.model.cell_spread_m)
        return deviates, shift

    def _draw_cost(
        self, cells: NDArray[np.intp], destination: int, deviates: Draws, shift: Draws
    ) -> Draws:
        cut = np.float32(self.model.detour_cut)
        drawn: Draws = np.clip(deviates + self.destination_deviates[destination], -cut, cut)
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
    site_sd_m = find_site_sd_m(destinations, model)
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
        wide_deviates=_draw_squares(model, _WIDE, wide_square, model.wide_variance),
        narrow_deviates=_draw_squares(model, _NARROW, narrow_square, model.narrow_variance),
        destination_deviates=_draw_destinations(model, destinations),
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


def find_site_sd_m(destinations: Destinations, model: UncertaintyModel) -> NDArray[np.float64]:
    """Return the standard deviation of each destination's place along one direction, metres."""
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
        deviates = draw_normal(model, (_ACCESS, key_of(name)), 1)[0]
        drawn[number] = model.access_m * cost_per_m[number] * np.exp(model.access_log_sd * deviates)
    return drawn


def _draw_displacements(
    model: UncertaintyModel, destinations: Destinations, sd: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the location error of destinations in x and y, in units of cost."""
    drawn = np.zeros((len(destinations), 2, model.draws), dtype=np.float32)
    for number, name in enumerate(destinations.ids):
        drawn[number] = draw_normal(model, (_PLACE, key_of(name)), 2) * np.float32(sd[number])
    return drawn


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


@dataclass(frozen=True, eq=False)
class Reading:
    """Reach in one reading with intervals; arrays (n_thresholds, n_areas, n_groups)."""

    reach: CoverageCounts
    share: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def share_at(self, at: tuple[int, ...]) -> tuple[float | None, Interval | None]:
        """Return a share and its interval, both ``None`` where no one lives."""
        share = known(float(self.share[at]))
        return share, None if share is None else (float(self.lower[at]), float(self.upper[at]))


def read_reach(
    draws: ReachDraws, nearest: NearestCost, thresholds: Sequence[Threshold], kind: AreaKind
) -> Reading:
    """Measure reach in the reading that the draws are of."""
    reach = measure_reach(draws.demand, nearest, thresholds, kind)
    return Reading(reach, reach.share, *draws.share_interval(kind, reach.share))


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
    if draws.model.borders_move:
        neighbour[near_border.point] = near_border.neighbour
        distance_m[near_border.point] = near_border.distance_m
    for key, cells in draws.iterate_squares():
        slots = draw_slots(cells, key)
        beyond = _draw_beyond(draws.model, distance_m[cells], near_border.border_m, key)
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
    model: UncertaintyModel, distance_m: NDArray[np.float64], border_m: float, key: int
) -> NDArray[np.bool_]:
    """Tell which cells belong to the quarter beyond the border, (n_rows, n_draws)."""
    beyond = np.zeros((len(distance_m), model.draws), dtype=np.bool_)
    rows = np.flatnonzero(np.isfinite(distance_m))
    if len(rows):
        near = NearBorder(rows, rows, distance_m[rows], border_m)
        deviates = draw_normal(model, (_BORDER, key), len(rows))
        beyond[rows] = is_beyond(near, deviates, border_m / Z_BOTH_95)
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
        deviates = np.stack(
            [self._draw_people(key_of(group)) for group in self.demand.groups], axis=1
        )
        covered: NDArray[np.float64] = np.clip(share + sd * deviates, 0, 1)
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
    stated, share = demand.people_error
    if model.census_error_people is not None:
        stated = model.census_error_people
    if model.census_error_share is not None:
        share = model.census_error_share
    people = np.maximum(demand.count_everybody(), 1.0)
    error = np.hypot(stated * _MEAN_ABSOLUTE_TO_SD / people, share)
    of_group = 0.0 if group == GROUPS[0] else model.group_error_share
    relative_sd: NDArray[np.float64] = np.hypot(error, of_group)
    return relative_sd
