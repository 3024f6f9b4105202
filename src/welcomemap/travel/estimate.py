"""How far is it where no streets are known? Straight line times detour factor, around the river."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import floyd_warshall

from welcomemap.crs import Points
from welcomemap.errors import PackError, UsageError
from welcomemap.travel.impedance import (
    ESTIMATE,
    CostMatrix,
    Impedance,
    Mode,
    Unit,
    as_points,
    cut_beyond,
)

SIMPLIFY_M = 10.0
"""Bends of a schematic barrier finer than this are dropped."""

CLEARANCE_M = 1.0
"""A way around a bend keeps this distance from the bend's vertex."""

Floats = NDArray[np.float64]
_PAIRS_PER_CHUNK = 4_000_000
_PAIRS_IN_CACHE = 16_384


@dataclass(frozen=True, eq=False)
class Barrier:
    """Lines nobody crosses except at crossings. Coordinates in metres in the metric CRS.

    Attributes
    ----------
    starts, ends
        Pieces of the lines, each of shape (n, 2).
    nodes
        Turning points of ways around the barrier, shape (k, 2): both ends of every crossing, then
        a point beside each bend. An open end of a line has none: it is where the barrier leaves
        the region, and nobody is led around it.
    crossings
        Node numbers and length in metres of each crossing, ``((a, b, length_m), …)``.
    """

    starts: Points
    ends: Points
    nodes: Points
    crossings: tuple[tuple[int, int, float], ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to go around."""
        return len(self.starts) == 0

    @cached_property
    def node_lengths(self) -> Floats:
        """Shortest lengths between the nodes in metres, shape (k, k), ``inf`` where cut off."""
        lengths = self._visible_lengths(self.nodes, self.nodes)
        np.fill_diagonal(lengths, 0.0)
        lengths = np.minimum(lengths, lengths.T)
        for a, b, length_m in self.crossings:
            lengths[a, b] = lengths[b, a] = min(length_m, lengths[a, b])
        shortest: Floats = floyd_warshall(lengths) if len(lengths) else lengths
        return shortest

    def is_blocked(self, points: Points, target: Floats) -> NDArray[np.bool_]:
        """Tell which straight lines from points (n, 2) to one target (2,) cross the barrier.

        The pieces of the barrier are intervals of direction as seen from the target; only points
        whose direction falls into the interval of a piece are tested against it.
        """
        blocked = np.zeros(len(points), dtype=bool)
        if self.is_empty or not len(points):
            return blocked
        seen = points - target
        direction = np.arctan2(seen[:, 1], seen[:, 0])
        order = np.argsort(direction, kind="stable")
        point, piece = self._pairs_in_sight(direction[order], target)
        point = order[point]
        start, along = self.starts[piece] - target, self.ends[piece] - self.starts[piece]
        side_point = _cross(along, seen[point] - start)
        side_target = _cross(along, -start)
        blocked[point[(side_point * side_target) < 0]] = True
        return blocked

    def _pairs_in_sight(
        self, directions: Floats, target: Floats
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return (number in the sorted directions, piece) where the piece covers the direction."""
        a, b = self.starts - target, self.ends - target
        from_a, from_b = np.arctan2(a[:, 1], a[:, 0]), np.arctan2(b[:, 1], b[:, 0])
        turn = np.mod(from_b - from_a + np.pi, 2 * np.pi) - np.pi
        low = np.where(turn >= 0, from_a, from_b)
        high = np.where(turn >= 0, from_b, from_a)
        wraps = high < low
        first = np.searchsorted(directions, low)
        last = np.where(wraps, len(directions), np.searchsorted(directions, high))
        wrapped_last = np.where(wraps, np.searchsorted(directions, high), 0)
        pieces = np.arange(len(a))
        begin = np.concatenate([first, np.zeros(len(a), dtype=first.dtype)])
        count = np.concatenate([np.maximum(last - first, 0), wrapped_last])
        total = int(count.sum())
        offset = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        return np.repeat(begin, count) + offset, np.repeat(np.concatenate([pieces, pieces]), count)

    def lengths(self, origins: Points, destinations: Points, limit_m: float = np.inf) -> Floats:
        """Return shortest lengths in metres around the barrier, shape (n, m), ``inf`` if cut off.

        Places that are not known (NaN) are cut off from everything. Pairs farther apart than
        ``limit_m`` as the crow flies may be given as ``inf``.
        """
        if len(destinations) > len(origins):
            return self.lengths(destinations, origins, limit_m).T
        direct = self._visible_lengths(origins, destinations, limit_m)
        if self.is_empty:
            return direct
        blocked = ~np.isfinite(direct)
        if np.isfinite(limit_m):
            blocked &= straight_lengths(origins, destinations) <= limit_m
        rows, columns = np.flatnonzero(blocked.any(axis=1)), np.flatnonzero(blocked.any(axis=0))
        if len(rows) and len(self.nodes):
            around = self.lengths_around(origins[rows], destinations[columns])
            block = np.ix_(rows, columns)
            direct[block] = np.minimum(direct[block], around)
        return direct

    def lengths_around(self, origins: Points, destinations: Points) -> Floats:
        """Return shortest lengths in metres of ways that turn at one node at least, (n, m)."""
        best = np.full((len(origins), len(destinations)), np.inf)
        to_nodes = self._visible_lengths(self.nodes, destinations)
        beyond = np.full_like(to_nodes, np.inf)
        for node, lengths_m in enumerate(to_nodes):
            np.minimum(beyond, self.node_lengths[:, node, None] + lengths_m, out=beyond)
        rows = max(1, _PAIRS_PER_CHUNK // max(1, len(destinations)))
        first = self._visible_lengths(origins, self.nodes)
        for begin in range(0, len(origins), rows):
            chunk = best[begin : begin + rows]
            for node in range(len(self.nodes)):
                leg = first[begin : begin + rows, node]
                np.minimum(chunk, leg[:, None] + beyond[node], out=chunk)
        return best

    def _visible_lengths(self, points: Points, targets: Points, limit_m: float = np.inf) -> Floats:
        """Return straight lengths (n, m) in metres, ``inf`` where the barrier lies between."""
        if len(points) < len(targets):
            return self._visible_lengths(targets, points, limit_m).T
        straight = straight_lengths(points, targets)
        if self.is_empty or not straight.size:
            return straight
        for j, target in enumerate(targets):
            rows = np.flatnonzero(straight[:, j] <= limit_m)
            straight[rows[self.is_blocked(points[rows], target)], j] = np.inf
        return straight


def straight_lengths(origins: Points, destinations: Points) -> Floats:
    """Return straight lengths in metres, shape (n, m); ``inf`` for places not known (NaN)."""
    # The same to the last digit as scipy's cdist, which takes longer to import than all lengths of
    # a command take to measure; by rows that stay in the processor's cache.
    begin, end = origins.reshape(-1, 2), destinations.reshape(-1, 2)
    lengths: Floats = np.empty((len(begin), len(end)))
    rows = max(1, _PAIRS_IN_CACHE // max(1, len(end)))
    for row in range(0, len(begin), rows):
        chunk, leg = lengths[row : row + rows], begin[row : row + rows]
        np.subtract.outer(leg[:, 0], end[:, 0], out=chunk)
        north = np.subtract.outer(leg[:, 1], end[:, 1])
        chunk *= chunk
        north *= north
        chunk += north
        np.sqrt(chunk, out=chunk)
    lengths[np.isnan(lengths)] = np.inf
    return lengths


def make_barrier(
    lines: Iterable[Any], crossings: Sequence[Any] = (), *, simplify_m: float = SIMPLIFY_M
) -> Barrier:
    """Build a barrier from LineStrings (or polygons, whose outline counts) and its crossings.

    Parameters
    ----------
    lines
        Shapely geometries in the metric CRS.
    crossings
        LineStrings from bank to bank; their ends must lie on either side of the barrier.
    simplify_m
        Tolerance of the Douglas-Peucker simplification in metres.
    """
    merged = shapely.line_merge(
        shapely.union_all([g.boundary if g.geom_type.endswith("Polygon") else g for g in lines])
    )
    parts = [
        shapely.get_coordinates(shapely.simplify(part, simplify_m))
        for part in shapely.get_parts(merged)
    ]
    starts = [part[:-1] for part in parts]
    ends = [part[1:] for part in parts]
    nodes: list[Floats] = []
    links = []
    for line in crossings:
        bank = shapely.get_coordinates(line)[[0, -1]]
        links.append((len(nodes), len(nodes) + 1, float(line.length)))
        nodes.extend(bank)
    for part in parts:
        nodes.extend(_points_beside_bends(part))
    return Barrier(
        np.concatenate(starts) if starts else np.empty((0, 2)),
        np.concatenate(ends) if ends else np.empty((0, 2)),
        np.array(nodes, dtype=np.float64).reshape(-1, 2),
        tuple(links),
    )


def _points_beside_bends(line: Points) -> list[Floats]:
    """Return a point on the outer side of each bend: shortest ways turn nowhere else."""
    is_ring = bool(np.array_equal(line[0], line[-1]))
    middle = line[:-1] if is_ring else line[1:-1]
    before = np.roll(middle, 1, axis=0) if is_ring else line[:-2]
    after = np.roll(middle, -1, axis=0) if is_ring else line[2:]
    into, out = middle - before, after - middle
    into /= np.linalg.norm(into, axis=1, keepdims=True)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    outward = into - out
    size = np.linalg.norm(outward, axis=1)
    return [
        vertex + CLEARANCE_M * push / length
        for vertex, push, length in zip(middle, outward, size, strict=True)
        if length > 1e-9
    ]


def _cross(a: Floats, b: Floats) -> Floats:
    product: Floats = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return product


_PARTNERS = 5


@dataclass(frozen=True)
class DetourFactor:
    """Way on streets divided by straight line: median, 10th and 90th percentile.

    Raises
    ------
    UsageError
        Unless ``1 <= lower <= estimate <= upper``.
    """

    estimate: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not 1.0 <= self.lower <= self.estimate <= self.upper < np.inf:
            raise UsageError(
                "detour factors {lower:g}, {estimate:g}, {upper:g} are impossible",
                lower=self.lower,
                estimate=self.estimate,
                upper=self.upper,
                how="Give 1 <= lower <= estimate <= upper.",
            )


def read_detour_factor(region: Mapping[str, Any]) -> DetourFactor:
    """Return the detour factor of a region: ``region["detour_factor"] = [est, lo, hi]``.

    Raises
    ------
    PackError
        If the region does not state three numbers.
    """
    stated = region.get("detour_factor")
    if stated is None or len(stated) != 3:
        raise PackError(
            "the region states no detour factor",
            how="Add detour_factor: [estimate, lower, upper] to region in datapackage.json.",
        )
    return DetourFactor(*(float(value) for value in stated))


@dataclass(frozen=True, eq=False)
class EstimateImpedance:
    """Metres as the crow walks: shortest line around the barrier times the detour factor.

    Costs are symmetric. Lines that cut a bend of the river are led around it or over its
    crossings. ``lower`` and ``upper`` are the same line times the 10th and 90th percentile of the
    factor, so about one way in ten is shorter and one in ten longer than the interval.

    One factor for all lengths is a simplification: detours are relatively longer on short ways.
    On the network the default factor was measured on, the median is 1.4 at 300 to 500 m, 1.3 at
    700 to 1,000 m and 1.2 at 2 to 3 km (see ``benchmarks/bench_travel.py``).
    """

    factor: DetourFactor
    barrier: Barrier = field(default_factory=lambda: make_barrier([]))
    mode: Mode = "walk"
    unit: ClassVar[Unit] = "m"

    def cost_matrix(
        self, origins: Points, destinations: Points, *, limit: float = np.inf
    ) -> CostMatrix:
        """Return estimated metres of each origin to each destination."""
        lengths = self.barrier.lengths(
            as_points(origins), as_points(destinations), limit / self.factor.lower
        )
        cost, lower, upper = (
            lengths * factor
            for factor in (self.factor.estimate, self.factor.lower, self.factor.upper)
        )
        basis = np.full(cost.shape, ESTIMATE)
        return cut_beyond(limit, CostMatrix(cost, lower, upper, basis, "m"))


@dataclass(frozen=True)
class Calibration:
    """The detour factor measured on a known network, over ``n_pairs`` pairs of places."""

    factor: DetourFactor
    mean: float
    n_pairs: int


def calibrate_detour_factor(
    streets: Impedance,
    places: Points,
    *,
    n_pairs: int = 1500,
    between_m: tuple[float, float] = (300.0, 3000.0),
    seed: int = 1,
) -> Calibration:
    """Measure way on streets divided by straight line between random places.

    Parameters
    ----------
    streets
        Impedance in metres over a network that is complete around ``places``.
    places
        Addresses in the network, shape (n, 2), metric CRS.
    n_pairs
        How many pairs to look for, five to an origin; pairs without a way do not count.
    between_m
        Least and greatest straight length of a pair in metres.
    seed
        Seed of the random choice.

    Raises
    ------
    UsageError
        If ``streets`` does not count in metres, or no pair has a way.
    """
    if streets.unit != "m":
        raise UsageError("a detour factor needs metres", how="Give an impedance whose unit is m.")
    random = np.random.default_rng(seed)
    origins = places[random.integers(len(places), size=max(1, n_pairs // _PARTNERS))]
    chosen = [_choose_partners(origin, places, between_m, random) for origin in origins]
    own = np.repeat(np.arange(len(origins)), [len(partners) for partners in chosen])
    ends = places[np.concatenate(chosen)]
    ways = streets.cost_matrix(origins, ends).cost[own, np.arange(len(ends))]
    ratios = ways / np.hypot(*(origins[own] - ends).T)
    ratios = np.maximum(1.0, ratios[np.isfinite(ratios)])
    if not len(ratios):
        raise UsageError("no two places have a way between them", how="Give places on streets.")
    low, median, high = np.quantile(ratios, [0.1, 0.5, 0.9])
    factor = DetourFactor(float(median), float(low), float(high))
    return Calibration(factor, float(ratios.mean()), len(ratios))


def _choose_partners(
    origin: NDArray[np.float64],
    places: Points,
    between_m: tuple[float, float],
    random: np.random.Generator,
) -> NDArray[np.intp]:
    straight = np.hypot(*(places - origin).T)
    there = np.flatnonzero((straight >= between_m[0]) & (straight <= between_m[1]))
    return random.choice(there, size=_PARTNERS) if len(there) else there
