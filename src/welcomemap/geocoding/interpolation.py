"""Where is a house whose own place is not known? From its neighbours, with an honest radius.

The radii are measured, not guessed: ``benchmarks/calibrate_geocoding.py`` hides a tenth of the
known houses, places them from the rest and prints the constants below; the tests repeat it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from welcomemap.geocoding.address import NumberPart
from welcomemap.geocoding.outcome import Outcome

EXACT_RADIUS_M = 40.0
"""Largest distance between address list and official register was 36 m (n = 21, see benchmark)."""
BETWEEN_RADIUS_M, BETWEEN_RADIUS_SHARE = 15.0, 0.6
"""Between two houses d metres apart: radius = 15 m + 0.6 d (inside: 98 %, in Essen 99 %)."""
BESIDE_RADIUS_M, BESIDE_RADIUS_PER_NUMBER_M = 50.0, 20.0
"""Beside the last house known on the same side, n numbers away: radius = 50 m + 20 n m."""
ACROSS_RADIUS_M, ACROSS_RADIUS_PER_NUMBER_M = 150.0, 30.0
"""Where only the other side of the street is known: radius = 150 m + 30 n m."""
SAME_PLOT_RADIUS_M = 95.0
"""Another suffix of the same number; added to the spread of the known ones."""
MAX_BEYOND = 20
"""Further than this beyond the last known number no house is guessed."""
FAR_RADIUS_PER_NUMBER_M, MAX_FAR_RADIUS_M = 15.0, 4000.0
"""On a street whose known numbers end n before: its radius + 15 n m, at most + 4 km (inside: 98 %
and more in both cities with the upper tenth, quarter or half of all numbers hidden)."""
MAX_GAP_M = 800.0
"""Houses further apart than this are not interpolated between."""
STREET_QUANTILE = 0.97
STREET_MARGIN_M = 40.0
FEW_HOUSES = 2.0
"""A street known by n houses only may reach further: radius x (1 + 2 / n) + 40 m."""


@dataclass(frozen=True)
class Known:
    """A located house: its number, place in metres and row in the gazetteer."""

    part: NumberPart
    x: float
    y: float
    row: int


@dataclass(frozen=True)
class Placement:
    """A derived place. ``used`` are the houses it rests on, nearest first."""

    outcome: Outcome
    x: float
    y: float
    error_radius_m: float
    used: tuple[Known, ...]


def order_value(part: NumberPart) -> float:
    """Return a number that orders houses along a street: 2 < 2a < 2b < 3."""
    suffix = part.suffix
    if not suffix:
        return float(part.number)
    if suffix[0].isalpha():
        return part.number + min((ord(suffix[0]) - 96) / 30, 0.95)
    if suffix.startswith(" "):
        top, _, bottom = suffix.strip().partition("/")
        return part.number + int(top) / int(bottom)
    return part.number + 0.01


class StreetHouses:
    """The located houses of one street, in the order of their numbers, by side."""

    def __init__(self, known: Sequence[Known]) -> None:
        ordered = sorted(known, key=lambda k: (order_value(k.part), k.part.suffix))
        self._all = ordered
        self._sides = ([k for k in ordered if k.part.number % 2 == 0],
                       [k for k in ordered if k.part.number % 2 == 1])  # fmt: skip

    def far_radius_m(self, parts: Sequence[NumberPart]) -> float:
        """Return how much wider the street's radius must be for numbers beyond the known ones."""
        if not self._all:
            return 0.0
        low, high = self._all[0].part.number, self._all[-1].part.number
        beyond = max((max(low - p.number, p.number - high, 0) for p in parts), default=0)
        return min(FAR_RADIUS_PER_NUMBER_M * beyond, MAX_FAR_RADIUS_M)

    def place(self, part: NumberPart) -> Placement | None:
        """Place a house from its neighbours; ``None`` where none is near enough.

        A known house of the same number and suffix is not used: the caller asks because it has no
        usable place of its own.
        """
        side = [k for k in self._sides[part.number % 2] if k.part != part]
        same_plot = [k for k in side if k.part.number == part.number]
        if same_plot and part.suffix:
            return _beside_same_number(part, same_plot)
        between = _between(part, side)
        if between is not None:
            return between
        return _beside_same_number(part, same_plot) if same_plot else self._nearest(part)

    def _nearest(self, part: NumberPart) -> Placement | None:
        def steps_to(other: Known) -> int:
            return abs(other.part.number - part.number)

        others = [k for k in self._all if k.part != part]
        beyond = min(map(steps_to, others), default=MAX_BEYOND + 1)
        if beyond > MAX_BEYOND:
            return None
        side = self._sides[part.number % 2]
        same_side = [k for k in side if k.part != part and steps_to(k) <= beyond + 2]
        chosen = min(same_side or others, key=steps_to)
        steps = steps_to(chosen)
        radius = (
            BESIDE_RADIUS_M + BESIDE_RADIUS_PER_NUMBER_M * steps
            if same_side
            else ACROSS_RADIUS_M + ACROSS_RADIUS_PER_NUMBER_M * steps
        )
        return Placement(Outcome.NEAREST_NUMBER, chosen.x, chosen.y, radius, (chosen,))

    @cached_property
    def middle(self) -> tuple[Known, float] | None:
        """Return the house in the middle of the street and the radius that holds the street."""
        if not self._all:
            return None
        index, radius = middle_of(np.array([(k.x, k.y) for k in self._all]))
        return self._all[index], radius


def middle_of(points: NDArray[np.float64]) -> tuple[int, float]:
    """Return the most central of some points (n, 2) and the radius around it that holds them."""
    centre = np.median(points, axis=0)
    index = int(np.argmin(np.hypot(*(points - centre).T)))
    distances = np.hypot(*(points - points[index]).T)
    radius = float(np.quantile(distances, STREET_QUANTILE, method="higher"))
    few = 1 + FEW_HOUSES / len(points)
    return index, radius * few + STREET_MARGIN_M


def _beside_same_number(part: NumberPart, same: list[Known]) -> Placement:
    """Place 175f from 175e and 175g, or from the nearest suffix."""
    between = _between(part, same)
    if between is not None:
        return between
    value = order_value(part)
    nearest = min(same, key=lambda k: abs(order_value(k.part) - value))
    spread = max(float(np.hypot(k.x - nearest.x, k.y - nearest.y)) for k in same)
    radius = SAME_PLOT_RADIUS_M + spread
    return Placement(Outcome.NEAREST_NUMBER, nearest.x, nearest.y, radius, (nearest,))


def _between(part: NumberPart, side: list[Known]) -> Placement | None:
    values = [order_value(k.part) for k in side]
    value = order_value(part)
    index = bisect_left(values, value)
    if index == 0 or index == len(side):
        return None
    low, high = side[index - 1], side[index]
    gap_m = float(np.hypot(high.x - low.x, high.y - low.y))
    if gap_m > MAX_GAP_M:
        return None
    share = (value - values[index - 1]) / (values[index] - values[index - 1])
    x, y = low.x + share * (high.x - low.x), low.y + share * (high.y - low.y)
    used = (low, high) if share <= 0.5 else (high, low)
    radius = BETWEEN_RADIUS_M + BETWEEN_RADIUS_SHARE * gap_m
    return Placement(Outcome.INTERPOLATED, x, y, radius, used)
