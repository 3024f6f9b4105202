"""The closed set of geocoding outcomes, and the typed result that carries one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from welcomemap.reasons import Reason


class Outcome(StrEnum):
    """What became of an address; the set is closed (see the command-line contract)."""

    EXACT = "exact"
    CORRECTED = "corrected"
    INTERPOLATED = "interpolated"
    NEAREST_NUMBER = "nearest_number"
    RANGE = "range"
    STREET = "street"
    PLACE = "place"
    AMBIGUOUS = "ambiguous"
    OUTSIDE = "outside"
    NOT_FOUND = "not_found"


GIVEN, SET_ON_MAP = "given", "set_on_map"
"""How a place is known that was never looked up: by its coordinates, or as a point on a map."""


def read_outcome(text: str | None) -> Outcome | None:
    """Return the outcome of a lookup; ``None`` where a place was not looked up."""
    return Outcome(text) if text in list(Outcome) else None


AT_A_HOUSE = (
    Outcome.EXACT,
    Outcome.CORRECTED,
    Outcome.PLACE,
    Outcome.RANGE,
    Outcome.INTERPOLATED,
    Outcome.NEAREST_NUMBER,
)
"""Outcomes that place an address at or beside a house; a street alone is no place for a site."""
GAZETTEER = "gazetteer"


@dataclass(frozen=True)
class Alternative:
    """One of several possible readings of an address."""

    label: str
    street: str
    house_number: str | None
    x: float | None
    y: float | None


@dataclass(frozen=True)
class GeocodeResult:
    """Where an address lies and how sure that is.

    Attributes
    ----------
    explanation
        What became of the address.
    x, y
        Metres in the region's metric CRS, ``None`` where there is no location.
    error_radius_m
        The true place lies within this distance for at least 95 % of such results.
    contradictions, notes
        What speaks against it, and what was read otherwise or left out.
    unread
        Words as typed for whose sake the house found was not taken for sure.
    """

    outcome: Outcome
    explanation: tuple[Reason, ...]
    matched: str | None = None
    street: str | None = None
    house_number: str | None = None
    postcode: str | None = None
    x: float | None = None
    y: float | None = None
    error_radius_m: float | None = None
    district: int | None = None
    quarter: str | None = None
    alternatives: tuple[Alternative, ...] = ()
    contradictions: tuple[Reason, ...] = ()
    source: str = GAZETTEER
    notes: tuple[Reason, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def is_located(self) -> bool:
        """Tell whether the result has coordinates."""
        return self.x is not None and self.y is not None


def is_at_a_house(result: GeocodeResult) -> bool:
    """Tell whether a result may be the place of a site: a stop or a part of a town is none."""
    return result.outcome in AT_A_HOUSE and result.source not in NO_HOUSES


NO_HOUSES = ("stops", "place_names")
"""Sources of places that people start from, and where nobody has an office."""


class AddressGeocoder(Protocol):
    """Whatever answers where an address lies: the gazetteer, with or without services behind it."""

    def geocode(self, text: str, *, stated_district: int | None = None) -> GeocodeResult:
        """Locate one address; raises ``UnreadableAddressError`` for what is no address."""
