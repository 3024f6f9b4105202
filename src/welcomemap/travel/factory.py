"""Which impedance answers a question about a region? By mode, unit and basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

from welcomemap.errors import MissingLayerError, UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.travel.estimate import Barrier, EstimateImpedance, make_barrier, read_detour_factor
from welcomemap.travel.impedance import (
    MODES,
    UNITS,
    Assumption,
    Impedance,
    Mode,
    Speeds,
    TimedImpedance,
    Unit,
    read_speeds,
)
from welcomemap.travel.network import StreetNetwork, make_network
from welcomemap.travel.streets import MixedImpedance, StreetImpedance
from welcomemap.travel.transit import LineNetwork, TransitImpedance, make_line_network

Basis = Literal["mixed", "estimate", "streets"]
BASES: tuple[Basis, ...] = ("mixed", "estimate", "streets")


@dataclass(frozen=True)
class UntaggedCycling(Assumption):
    """Streets do not say where cycling is allowed: each counts, in both directions."""


def make_impedance(
    pack: RegionPack,
    mode: Mode,
    unit: Unit,
    *,
    basis: Basis = "mixed",
    speeds: Speeds | None = None,
) -> Impedance:
    """Build the impedance of a region for a mode and a unit.

    Parameters
    ----------
    pack
        The region. A region without a river or without known streets is estimated without them.
    mode
        ``walk``, ``cycle`` or ``transit``.
    unit
        ``m`` for thresholds such as ``1000m``, ``min`` for ``15min``.
    basis
        ``mixed`` (streets where known, else the estimate), ``estimate`` or ``streets``.
    speeds
        Default: those the pack states, see :func:`welcomemap.travel.impedance.read_speeds`.

    Raises
    ------
    UsageError
        If mode or basis is unknown, or transit is asked for in metres.
    MissingLayerError
        If basis is ``streets`` and the pack has none.
    """
    if unit not in UNITS:
        raise UsageError("unit {unit!r} is not understood", unit=unit, how="Use m or min.")
    if mode not in MODES or basis not in BASES:
        raise UsageError(
            "mode {mode} with basis {basis} is not understood",
            mode=mode,
            basis=basis,
            modes=MODES,
            bases=BASES,
            how="Modes are {modes}; bases are {bases}.",
        )
    chosen = speeds if speeds is not None else read_speeds(pack.region)
    if mode == "transit":
        return _make_transit(pack, unit, basis, chosen)
    metres = _make_metres(pack, mode, basis)
    return metres if unit == "m" else _time(metres, chosen)


def _time(metres: Impedance, speeds: Speeds) -> TimedImpedance:
    return TimedImpedance(metres, speeds.m_per_min(metres.mode), (speeds,))


def _make_transit(pack: RegionPack, unit: Unit, basis: Basis, speeds: Speeds) -> Impedance:
    if unit != "min":
        raise UsageError(
            "public transport is measured in minutes", how="Use a threshold such as 15min."
        )
    walk = _time(_make_metres(pack, "walk", basis), speeds)
    return TransitImpedance(walk, read_line_network(pack))


def read_line_network(pack: RegionPack) -> LineNetwork:
    """Return the lines of a pack and the stops they serve.

    Raises
    ------
    MissingLayerError
        If the pack has no lines.
    PackError
        If a line serves a stop that the pack does not hold.
    """
    for layer in ("lines", "line_stops", "stops"):
        if not pack.has_layer(layer):
            raise MissingLayerError(
                "the pack has no layer {layer}",
                layer=layer,
                how="Use walk or cycle (--mode on the command line).",
            )
    places = shapely.get_coordinates(pack.stops.geometry.to_numpy())
    return make_line_network(pack.lines, pack.line_stops, pack.stops, places)


def _make_metres(pack: RegionPack, mode: Mode, basis: Basis) -> Impedance:
    if basis == "streets":
        return _make_streets(pack, mode)
    estimate = EstimateImpedance(read_detour_factor(pack.region), read_barrier(pack, mode), mode)
    if basis == "estimate" or not has_streets(pack):
        return estimate
    streets = _make_streets(pack, mode)
    return MixedImpedance(streets, estimate, read_extent(pack))


def _make_streets(pack: RegionPack, mode: Mode) -> StreetImpedance:
    assumptions = (UntaggedCycling(),) if mode == "cycle" else ()
    return StreetImpedance(read_network(pack), mode, assumptions=assumptions)


def has_streets(pack: RegionPack) -> bool:
    """Tell whether the pack knows streets and where they are complete."""
    return pack.has_layer("street_edges") and pack.has_layer("street_extent")


def list_districts_without_streets(pack: RegionPack) -> tuple[int, ...]:
    """Return the districts of a pack with streets in which no street is known."""
    if not has_streets(pack):
        return ()
    edges = shapely.STRtree(pack.street_edges.geometry.to_numpy())
    districts = pack.districts
    found = edges.query(districts.geometry.to_numpy(), predicate="intersects")[0]
    numbers = districts["district"].to_numpy()
    return tuple(int(number) for number in np.delete(numbers, np.unique(found)))


def read_barrier(pack: RegionPack, mode: Mode) -> Barrier:
    """Return the river of a pack with the crossings a mode can use; empty without a river."""
    if not pack.has_layer("river"):
        return make_barrier([])
    crossings: list[Any] = []
    if pack.has_layer("river_crossings"):
        table = pack.river_crossings
        usable = table["is_cyclable" if mode == "cycle" else "is_walkable"].astype(bool)
        crossings = list(table.geometry[usable.to_numpy()])
    return make_barrier(list(pack.river.geometry), crossings)


def read_network(pack: RegionPack) -> StreetNetwork:
    """Return the street network of a pack.

    Its streets carry no access tags: every one counts in both directions, on foot and by bicycle.

    Raises
    ------
    MissingLayerError
        If the pack has no streets.
    """
    if not pack.has_layer("street_edges"):
        raise MissingLayerError(
            "the pack has no layer street_edges", how="Use the basis mixed or estimate."
        )
    edges = pack.street_edges
    return make_network(
        edges["u"].to_numpy(np.int32), edges["v"].to_numpy(np.int32), edges.geometry.to_numpy()
    )


def read_extent(pack: RegionPack) -> Any:
    """Return the area in which the streets of a pack are complete, a (multi)polygon."""
    return shapely.union_all(pack.street_extent.geometry.to_numpy())
