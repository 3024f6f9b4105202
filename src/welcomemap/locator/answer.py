"""What a resident is answered: the address, and the service points as seen from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from welcomemap.crs import unproject_point
from welcomemap.geocoding.outcome import GeocodeResult
from welcomemap.geocoding.result_json import result_to_json
from welcomemap.locator.reported import Reported
from welcomemap.pack.row_notes import RowNote
from welcomemap.travel.impedance import Mode
from welcomemap.wording import Text


@dataclass(frozen=True)
class NearbySite:
    """A service point as seen from an address.

    Attributes
    ----------
    distance_m, interval_m
        Way to the site in metres, estimate and interval; ``None`` for public transport.
    duration_min, interval_min
        The same in minutes. The intervals include the uncertainty of the address.
    basis
        ``streets``, ``estimate`` or ``mixed``.
    is_open_now
        ``None`` where nobody can know, see :func:`welcomemap.locator.opening_hours.is_open`, or
        where reports contradict the list.
    reported
        What dated reports say against the list. Where they say that the site has moved, and the new
        address could be located, then place, district and way are those of the new address.
    """

    id: str
    name: str
    operator: str
    address: str
    x: float
    y: float
    district: int | None
    stated_districts: str
    status: str
    distance_m: float | None
    interval_m: tuple[float, float] | None
    duration_min: float
    interval_min: tuple[float, float]
    basis: str
    is_open_now: bool | None
    valid_from: str | None
    valid_to: str | None
    facts: Mapping[str, str] = field(default_factory=dict)
    reported: Reported = field(default_factory=Reported)

    @property
    def is_disputed(self) -> bool:
        """Tell whether the list or a dated report doubts that the site is where the list has it."""
        return self.status == "disputed" or bool(self.reported.reports)

    @property
    def address_to_go_to(self) -> str:
        """The address where the site is by the latest word on it."""
        return self.reported.moved_to or self.address

    @property
    def is_way_to_old_place(self) -> bool:
        """Tell whether it has moved and the new place is not known: the way is to the old one."""
        return self.reported.moved_to is not None and self.reported.place is None

    def to_json(self, crs: str) -> dict[str, Any]:
        """Return the keys of the command-line contract; lengths to 0.1 m, times to 0.1 min."""
        lat, lon = unproject_point(self.x, self.y, crs=crs)
        return {
            "id": self.id,
            "name": self.name,
            "operator": self.operator,
            "address": self.address,
            "lat": lat,
            "lon": lon,
            "district": self.district,
            "status": self.status,
            "is_disputed": self.is_disputed,
            "moved_to": self.reported.moved_to,
            "located_at": "address" if self.reported.place is None else "moved_to",
            "reports": [report.to_json() for report in self.reported.reports],
            "distance_m": None if self.distance_m is None else round(self.distance_m, 1),
            "duration_min": round(self.duration_min, 1),
            "interval_m": None
            if self.interval_m is None
            else [round(bound, 1) for bound in self.interval_m],
            "interval_min": [round(bound, 1) for bound in self.interval_min],
            "basis": self.basis,
            "is_open_now": self.is_open_now,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "stated_districts": self.stated_districts or None,
            **{name: self.facts.get(name) or None for name in FACTS},
        }


FACTS = ("phone", "url", "opening_hours", "opening_hours_as_of", "languages", "note", "source")
"""Columns of a service point that are passed on as they stand."""


@dataclass(frozen=True)
class LocatorAnswer:
    """What became of the address, and the sites near it, nearest first (maybe none).

    ``assumptions`` say what the times assume beyond the data, such as speeds.
    """

    address: GeocodeResult
    scenario: str
    mode: Mode
    sites: tuple[NearbySite, ...]
    assumptions: Text | None = None
    list_notes: tuple[RowNote, ...] = ()

    def to_json(self, crs: str) -> dict[str, Any]:
        """Return the keys of the command-line contract."""
        return {
            "address": result_to_json(self.address, crs),
            "scenario": self.scenario,
            "mode": self.mode,
            "sites": [site.to_json(crs) for site in self.sites],
            "assumptions": None if self.assumptions is None else self.assumptions.to_json(),
            "list_notes": [note.to_json() for note in self.list_notes],
        }
