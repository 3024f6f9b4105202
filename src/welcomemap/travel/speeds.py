"""How long does a length take? Speeds with their source, and minutes made from metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from welcomemap.crs import Points
from welcomemap.errors import UsageError
from welcomemap.travel.impedance import CostMatrix, Impedance, Mode, Unit
from welcomemap.wording import Text, join_texts

METRES_PER_KM, MINUTES_PER_H = 1000.0, 60.0


@dataclass(frozen=True)
class Speeds:
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
        for name, speed in (("walking", self.walk_km_h), ("cycling", self.cycle_km_h)):
            if not (np.isfinite(speed) and speed > 0):
                raise UsageError(
                    f"a {name} speed of {speed:g} km/h is impossible",
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
                how="Use a threshold in minutes with --mode transit.",
            )
        speed_km_h = self.walk_km_h if mode == "walk" else self.cycle_km_h
        return speed_km_h * METRES_PER_KM / MINUTES_PER_H

    def describe(self) -> Text:
        """Say the speeds and their source in a sentence."""
        walk, cycle = f"{self.walk_km_h:.1f}", f"{self.cycle_km_h:.0f}"
        return Text(
            f"Annahme: zu Fuß {walk.replace('.', ',')} km/h, mit dem Rad {cycle} km/h "
            f"({self.source}).",
            f"Assumed: {walk} km/h on foot, {cycle} km/h by bicycle ({self.source}).",
        )


def read_speeds(region: Mapping[str, Any]) -> Speeds:
    """Return the speeds a region pack states (``region["speeds"]``), else the defaults.

    ``speeds`` holds ``walk_km_h``, ``cycle_km_h`` and ``source``; all are optional.
    """
    stated = region.get("speeds")
    if not stated:
        return Speeds()
    default = Speeds()
    return Speeds(
        walk_km_h=float(stated.get("walk_km_h", default.walk_km_h)),
        cycle_km_h=float(stated.get("cycle_km_h", default.cycle_km_h)),
        source=str(stated.get("source", default.source)),
    )


def join_known(first: Text | None, second: Text | None) -> Text | None:
    """Return two statements one after the other, the one there is, or ``None`` without any."""
    return None if first is None and second is None else join_texts(first, second)


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
    assumptions: Text | None = None

    def __post_init__(self) -> None:
        if self.metres.unit != "m":
            raise UsageError(
                "minutes can only be made from metres", how="Wrap an impedance whose unit is m."
            )
        if not (np.isfinite(self.m_per_min) and self.m_per_min > 0):
            raise UsageError("a speed must be above 0", how="Give metres per minute above 0.")

    @property
    def unit(self) -> Unit:
        """Minutes."""
        return "min"

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
            join_known(found.assumptions, self.assumptions),
        )

    def to_metres(self, minutes: float) -> float:
        """Return the length walked or ridden in a time."""
        return minutes * self.m_per_min
