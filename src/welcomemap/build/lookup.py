"""Find the place of an address as published, with the program's own geocoder over the new layers.

Used for the few sites a pack publishes. What the geocoder cannot place at a house stays without a
place.
"""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from welcomemap.build.names import fold_street
from welcomemap.crs import METRIC_CRS, unproject_point
from welcomemap.errors import InputError
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome

OFFICIAL_ERROR_M = 10
"""Official coordinates of an entrance or building, given in whole metres."""
AT_A_HOUSE = (
    Outcome.EXACT,
    Outcome.CORRECTED,
    Outcome.PLACE,
    Outcome.RANGE,
    Outcome.INTERPOLATED,
    Outcome.NEAREST_NUMBER,
)
"""Outcomes that place an address at or beside a house; a street alone is no place for a site."""


@dataclass(frozen=True)
class Location:
    """Where a site lies: metres in the metric CRS, how it was found, and how far off it may be.

    Attributes
    ----------
    street, house_number
        The address it was found at.
    source
        Where the coordinates come from.
    """

    x: float
    y: float
    outcome: Outcome
    source: str
    error_radius_m: int
    street: str
    house_number: str

    def to_cells(self) -> dict[str, str]:
        """Return the cells ``lat, lon, location_outcome, location_source, error_radius_m``."""
        lat, lon = unproject_point(self.x, self.y)
        return {
            "lat": f"{lat:.7f}",
            "lon": f"{lon:.7f}",
            "location_outcome": self.outcome.value,
            "location_source": self.source,
            "error_radius_m": str(self.error_radius_m),
        }


NO_LOCATION = {
    "lat": "",
    "lon": "",
    "location_outcome": "",
    "location_source": "",
    "error_radius_m": "",
}


@dataclass(frozen=True)
class PlaceIndex:
    """The geocoder over the address layer and the advice offices of the pack being built.

    Attributes
    ----------
    official
        (Folded street, house number) of offices whose coordinates are official and of which the
        address layer knows no place.
    """

    geocoder: Geocoder
    official: AbstractSet[tuple[str, str]]
    points_source: str
    offices_source: str

    def find(self, text: str) -> Location | None:
        """Find an address or a named facility; None where it cannot be placed at a house."""
        if not text.strip():
            return None
        try:
            found = self.geocoder.geocode(text)
        except InputError:
            return None
        if found.outcome not in AT_A_HOUSE or found.x is None or found.y is None:
            return None
        return self._describe(found, found.x, found.y)

    def _describe(self, found: GeocodeResult, x: float, y: float) -> Location:
        street, number = found.street or "", found.house_number or ""
        is_official = (
            found.outcome is Outcome.PLACE or (fold_street(street), number) in self.official
        )
        source = self.offices_source if is_official else self.points_source
        if found.outcome in (Outcome.RANGE, Outcome.INTERPOLATED, Outcome.NEAREST_NUMBER):
            source = f"{source}: {found.explanation.en.rstrip('.')}"
        radius = OFFICIAL_ERROR_M if is_official else math.ceil(found.error_radius_m or 0)
        return Location(x, y, found.outcome, source, radius, street, number)


def index_places(
    addresses: gpd.GeoDataFrame,
    offices: pd.DataFrame,
    quarters: gpd.GeoDataFrame | None,
    *,
    town: str,
    points_source: str,
    offices_source: str,
) -> PlaceIndex:
    """Open the geocoder over the address layer and the advice offices (EPSG:4326 texts)."""
    gazetteer = Gazetteer.from_tables(
        addresses.to_crs(METRIC_CRS),
        town=town,
        crs=METRIC_CRS,
        quarters=None if quarters is None else quarters.to_crs(METRIC_CRS),
        facilities=offices,
    )
    placed = addresses[(addresses["location_quality"] == "point") & ~addresses.geometry.isna()]
    listed = {
        (fold_street(street), number)
        for street, number in zip(placed["street"], placed["house_number"], strict=True)
    }
    official = {
        (fold_street(street), number)
        for street, number in zip(offices["street"], offices["house_number"], strict=True)
    }
    return PlaceIndex(Geocoder(gazetteer), official - listed, points_source, offices_source)
