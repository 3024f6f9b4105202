"""Travel cost of any kind: its protocol, the test of a threshold, speeds and minutes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from welcomemap.brief import Brief
from welcomemap.crs import Points
from welcomemap.errors import UsageError, fault

Unit = Literal["m", "min"]
UNITS: tuple[Unit, ...] = ("m", "min")
Mode = Literal["walk", "cycle", "transit"]
MODES: tuple[Mode, ...] = ("walk", "cycle", "transit")

ESTIMATE, STREETS, MIXED = np.int8(0), np.int8(1), np.int8(2)
BASIS_NAMES = ("estimate", "streets", "mixed")
"""What a cost rests on: straight line and detour factor, streets, or partly both."""


@dataclass(frozen=True)
class Threshold:
    """An inclusive cut-off in metres or minutes."""

    value: float
    unit: Unit

    def __str__(self) -> str:
        return f"{self.value:.10g}{self.unit}"


DECIMAL = r"\d{1,7}(?:\.\d{1,2}|,\d)?"
DECIMAL_KM = r"\d{1,4}(?:[.,]\d{1,2})?|0[.,]\d{1,3}"
WRITTEN: tuple[tuple[str, Unit, int], ...] = (
    (rf"({DECIMAL})\s*(?:m|met(?:er|re)s?|metern)", "m", 1),
    (rf"({DECIMAL_KM})\s*(?:km|kilomet(?:er|re)s?|kilometern)", "m", 1000),
    (rf"({DECIMAL})\s*(?:mins?\.?|minutes?|minuten?)", "min", 1),
)
"""How people write thresholds, and how many metres or minutes the unit has.

Three decimals are a thousands separator as often as not, and two digits after a comma are often a
second threshold (``5,10min``); kilometres with two are lengths.
"""


def parse_threshold(text: str) -> Threshold:
    """Read ``1000m``, ``15min``, ``1.5km``, or as people write them: ``1,5 km``, ``15 minutes``.

    Kilometres are told in metres from then on.

    Raises
    ------
    UsageError
        If the text is not one non-negative number followed by metres, kilometres or minutes.
    """
    shown = text if isinstance(text, str) else str(text)
    for pattern, unit, factor in WRITTEN:
        match = re.fullmatch(pattern, shown.strip(), re.IGNORECASE)
        if match is not None:
            return Threshold(float(Decimal(match[1].replace(",", ".")) * factor), unit)
    raise UsageError(
        "threshold {text!r} is not understood",
        text=shown,
        how="Write it as 1000m, 1.5km or 15min: one number without thousands separators, in "
        "metres, kilometres or minutes.",
    )


def is_within(cost: NDArray[np.floating[Any]], threshold: float) -> NDArray[np.bool_]:
    """Tell which costs lie within an inclusive threshold (``cost <= threshold``), any shape."""
    within: NDArray[np.bool_] = np.asarray(cost) <= threshold
    return within


@dataclass(frozen=True)
class Assumption:
    """Something that a travel cost assumes beyond the data; each kind is a class with its figures.

    :mod:`welcomemap.describe.assumptions` says them in words.
    """


@dataclass(frozen=True, repr=False)
class CostMatrix(Brief):
    """Travel cost from origins to destinations, all arrays of shape (n_origins, n_destinations).

    Attributes
    ----------
    cost, lower, upper
        Estimate and interval in ``unit``; unreachable is ``inf`` in all three.
    basis
        int8 codes, see :data:`BASIS_NAMES`.
    unit
        ``m`` or ``min``.
    assumptions
        What the costs assume beyond the data, such as speeds; empty if nothing.
    """

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    basis: NDArray[np.int8]
    unit: Unit
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, repr=False)
class NearestCost(Brief):
    """The nearest destination of each origin, all arrays of shape (n_origins,).

    ``index`` is the destination's number, -1 where none is reachable (cost ``inf``); of tied
    destinations the lowest number counts. Other attributes as in :class:`CostMatrix`.
    """

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    basis: NDArray[np.int8]
    index: NDArray[np.intp]
    unit: Unit


class Impedance(Protocol):
    """Travel cost of any kind: estimate, streets, both, lines, later a timetable.

    Points are (n, 2) arrays of x, y in metres in the region's metric CRS. Costs beyond ``limit``
    (in ``unit``) may be given as ``inf``.
    """

    @property
    def unit(self) -> Unit:
        """Unit of the cost."""

    @property
    def mode(self) -> Mode:
        """Mode of travel."""

    def cost_matrix(
        self, origins: Points, destinations: Points, *, limit: float = np.inf
    ) -> CostMatrix:
        """Return the cost of each origin to each destination."""


TIE_M = 1e-6
"""Costs that differ by no more than this are tied (metres, far below any precision)."""

Floats = NDArray[np.float64]


def choose_lowest(costs: Floats) -> NDArray[np.intp]:
    """Return the column of the least cost in each row, the lowest of tied ones, -1 where none."""
    if costs.shape[1] == 0:
        return np.full(len(costs), -1, dtype=np.intp)
    least = costs.min(axis=1)
    index: NDArray[np.intp] = (costs <= (least + TIE_M)[:, None]).argmax(axis=1)
    index[~np.isfinite(least)] = -1
    return index


def cut_beyond(limit: float, matrix: CostMatrix) -> CostMatrix:
    """Set costs to ``inf`` in place where even their lower end lies beyond the limit.

    Costs above the limit whose interval reaches below it stay, so that an interval of coverage
    at this limit can still be formed.
    """
    if np.isfinite(limit):
        beyond = matrix.lower > limit
        matrix.cost[beyond] = matrix.lower[beyond] = matrix.upper[beyond] = np.inf
    return matrix


def as_points(points: Points) -> Points:
    """Return coordinates as a contiguous float array of shape (n, 2); an empty one stays empty."""
    return np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)


METRES_PER_KM, MINUTES_PER_H = 1000.0, 60.0


@dataclass(frozen=True)
class Speeds(Assumption):
    """Speeds on foot and by bicycle in km/h, and where they come from.

    The default walking speed is 1.2 m/s, the middle of the mean gait speeds of healthy adults,
    0.94 m/s (women of 80 to 99) to 1.43 m/s (men of 40 to 49): Bohannon and Williams Andrews,
    Normal walking speed: a descriptive meta-analysis, Physiotherapy 97 (2011) 182-189,
    doi:10.1016/j.physio.2010.12.004. The default cycling speed of 12 km/h is that of the routing
    engine R5 (parameter ``bike_speed`` of r5r); it leaves time for lights and locking.

    Raises
    ------
    UsageError
        If a speed is not positive and finite.
    """

    walk_km_h: float = 4.32
    cycle_km_h: float = 12.0
    source: str = (
        "walking 1.2 m/s: Bohannon and Williams Andrews 2011, doi:10.1016/j.physio.2010.12.004; "
        "cycling 12 km/h: default of the routing engine R5"
    )

    def __post_init__(self) -> None:
        for mode, speed in (
            (fault("walking"), self.walk_km_h),
            (fault("cycling"), self.cycle_km_h),
        ):
            if not (np.isfinite(speed) and speed > 0):
                raise UsageError(
                    "a {mode} speed of {speed:g} km/h is impossible",
                    mode=mode,
                    speed=speed,
                    how="Give a speed above 0 km/h.",
                )

    def m_per_min(self, mode: Mode) -> float:
        """Return the speed of a mode in metres per minute.

        Raises
        ------
        UsageError
            For transit, which has no single speed.
        """
        if mode == "transit":
            raise UsageError(
                "public transport has no single speed",
                how="Use a threshold in minutes with public transport.",
            )
        speed_km_h = self.walk_km_h if mode == "walk" else self.cycle_km_h
        return speed_km_h * METRES_PER_KM / MINUTES_PER_H


def read_speeds(region: Mapping[str, Any]) -> Speeds:
    """Return the speeds a region pack states (``region["speeds"]``), else the defaults.

    ``speeds`` holds ``walk_km_h``, ``cycle_km_h`` and ``source``; all are optional.
    """
    stated, default = region.get("speeds") or {}, Speeds()
    return Speeds(
        walk_km_h=float(stated.get("walk_km_h", default.walk_km_h)),
        cycle_km_h=float(stated.get("cycle_km_h", default.cycle_km_h)),
        source=str(stated.get("source", default.source)),
    )


@dataclass(frozen=True)
class TimedImpedance:
    """Minutes for the metres of another impedance at one constant speed.

    The interval is that of the length; it says nothing about how people's speeds differ.

    Raises
    ------
    UsageError
        If ``metres`` does not count in metres, or the speed is not positive and finite.
    """

    metres: Impedance
    m_per_min: float
    assumptions: tuple[Assumption, ...] = ()
    unit: ClassVar[Unit] = "min"

    def __post_init__(self) -> None:
        if self.metres.unit != "m":
            raise UsageError(
                "minutes can only be made from metres", how="Wrap an impedance whose unit is m."
            )
        if not (np.isfinite(self.m_per_min) and self.m_per_min > 0):
            raise UsageError("a speed must be above 0", how="Give metres per minute above 0.")

    @property
    def mode(self) -> Mode:
        """Mode of the wrapped impedance."""
        return self.metres.mode

    def cost_matrix(
        self, origins: Points, destinations: Points, *, limit: float = np.inf
    ) -> CostMatrix:
        """Return minutes from each origin to each destination, ``limit`` in minutes."""
        found = self.metres.cost_matrix(origins, destinations, limit=self.to_metres(limit))
        return CostMatrix(
            found.cost / self.m_per_min,
            found.lower / self.m_per_min,
            found.upper / self.m_per_min,
            found.basis,
            "min",
            (*found.assumptions, *self.assumptions),
        )

    def to_metres(self, minutes: float) -> float:
        """Return the length walked or ridden in a time."""
        return minutes * self.m_per_min


TOLD_BELOW_SHARE = 0.9
"""The estimate is said to be too kind where streets give less than this share of its coverage."""


@dataclass(frozen=True)
class KindEstimate(Assumption):
    """Where ways are estimated, streets let only ``street_share`` (0-1) of the people arrive."""

    threshold: Threshold
    street_share: float


def list_assumptions(
    region: Mapping[str, Any], matrix: CostMatrix, thresholds: Iterable[Threshold], mode: str
) -> tuple[Assumption, ...]:
    """Return what a travel cost assumes; empty where it assumes nothing worth telling.

    Parameters
    ----------
    region
        The pack's region; its ``estimate_check`` lists, by threshold on foot, what share of the
        estimate's coverage streets give.
    matrix
        The travel cost that was used.
    """
    if mode != "walk" or not has_estimates(matrix.basis):
        return matrix.assumptions
    checks = _find_checks(region, thresholds)
    return (*matrix.assumptions, *(KindEstimate(at, share) for at, share in checks))


def has_estimates(basis: NDArray[np.int8]) -> bool:
    """Tell whether any travel cost rests on the estimate, wholly or in part."""
    return bool((basis != STREETS).any())


def _find_checks(
    region: Mapping[str, Any], thresholds: Iterable[Threshold]
) -> list[tuple[Threshold, float]]:
    """Return the checks nearest to the thresholds that found the estimate too kind, each once."""
    checks = [
        (parse_threshold(str(row["threshold"])), float(row["street_share"]))
        for row in region.get("estimate_check", ())
    ]
    checks = [check for check in checks if check[0].unit == "m"]
    found: dict[Threshold, float] = {}
    for threshold in thresholds:
        length_m = _to_metres(region, threshold)
        if not checks or length_m > max(check.value for check, _ in checks):
            continue
        nearest, share = min(checks, key=lambda check: abs(check[0].value - length_m))
        if share < TOLD_BELOW_SHARE:
            found[nearest] = share
    return sorted(found.items(), key=lambda item: item[0].value)


def _to_metres(region: Mapping[str, Any], threshold: Threshold) -> float:
    if threshold.unit == "m":
        return threshold.value
    return threshold.value * read_speeds(region).m_per_min("walk")
