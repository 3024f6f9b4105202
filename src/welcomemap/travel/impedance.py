"""The protocol of travel cost, and the one place where a threshold is tested."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import UsageError, quote
from welcomemap.wording import Text

Unit = Literal["m", "min"]
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


def parse_threshold(text: str) -> Threshold:
    """Read ``1000m`` or ``15min``.

    Raises
    ------
    UsageError
        If the text is not a non-negative number with at most two decimals followed by ``m`` or
        ``min``. Three would be a German thousands separator as often as not.
    """
    match = re.fullmatch(r"\s*(\d{1,7}(?:\.\d{1,2})?)\s*(m|min)\s*", text)
    if match is None:
        raise UsageError(
            f"threshold {quote(text)!r} is not understood", how="Write it as 1000m or 15min."
        )
    return Threshold(float(match[1]), "min" if match[2] == "min" else "m")


def is_within(cost: NDArray[np.floating[Any]], threshold: float) -> NDArray[np.bool_]:
    """Tell which costs lie within an inclusive threshold (``cost <= threshold``), any shape."""
    within: NDArray[np.bool_] = np.asarray(cost) <= threshold
    return within


@dataclass(frozen=True)
class CostMatrix:
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
        What the costs assume beyond the data, such as speeds; ``None`` if nothing.
    """

    cost: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    basis: NDArray[np.int8]
    unit: Unit
    assumptions: Text | None = None


@dataclass(frozen=True)
class NearestCost:
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
