"""Find the place of an address as published, by exact comparison of normalised names only.

Used for the few sites a pack publishes. What is not found that way stays without a place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from welcomemap.build.address_names import normalise_house_number, order_house_number
from welcomemap.build.names import fold_street, make_slug
from welcomemap.crs import METRIC_CRS, project, unproject
from welcomemap.geocoding.outcome import Outcome

ADDRESS_ERROR_M = 36
"""Largest distance found between address list and register: 21 addresses, median 6 m, max 36 m."""
OFFICIAL_ERROR_M = 10
"""Official coordinates of an entrance or building, given in whole metres."""
_ADDRESS = re.compile(
    r"(?P<street>.*?[^\d\s,])\s+(?P<number>\d+\s*[a-zA-Z]?(?:\s*-\s*\d+\s*[a-zA-Z]?)?)"
)


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
        lat, lon = unproject(np.array([[self.x, self.y]]))
        return {
            "lat": f"{lat[0]:.7f}", "lon": f"{lon[0]:.7f}",
            "location_outcome": self.outcome.value, "location_source": self.source,
            "error_radius_m": str(self.error_radius_m),
        }  # fmt: skip


NO_LOCATION = {
    "lat": "", "lon": "", "location_outcome": "", "location_source": "", "error_radius_m": "",
}  # fmt: skip


@dataclass(frozen=True)
class PlaceIndex:
    """Good address points and named offices, by folded name.

    Attributes
    ----------
    points
        (Folded street, house number) → (x, y, street as the list spells it).
    offices
        The same for offices with official coordinates.
    named
        Slug of a facility's name → key into ``offices``.
    """

    points: Mapping[tuple[str, str], tuple[float, float, str]]
    offices: Mapping[tuple[str, str], tuple[float, float, str]]
    named: Mapping[str, tuple[str, str]]
    points_source: str
    offices_source: str

    def find(self, text: str) -> Location | None:
        """Find an address or a named facility; None where neither is known exactly."""
        named = self.named.get(make_slug(text))
        if named is not None:
            return self._locate(named, Outcome.PLACE, text)
        parsed = _ADDRESS.fullmatch(" ".join(text.split()))
        if parsed is None:
            return None
        street, number = parsed["street"], normalise_house_number(parsed["number"])
        key = (fold_street(street), number)
        if key in self.points or key in self.offices:
            return self._locate(key, Outcome.EXACT, street)
        if "-" in number:
            return self._find_range(key)
        return self._interpolate(key)

    def _locate(self, key: tuple[str, str], outcome: Outcome, spelled: str) -> Location:
        is_listed = key in self.points and outcome is not Outcome.PLACE
        x, y, street = self.points[key] if is_listed else self.offices[key]
        if outcome is Outcome.EXACT and street.casefold() != spelled.casefold():
            outcome = Outcome.CORRECTED
        source = self.points_source if is_listed else self.offices_source
        radius = ADDRESS_ERROR_M if is_listed else OFFICIAL_ERROR_M
        return Location(x, y, outcome, source, radius, street, key[1])

    def _find_range(self, key: tuple[str, str]) -> Location | None:
        ends = [self.points.get((key[0], number)) for number in key[1].split("-")]
        if ends[0] is None or ends[1] is None:
            return None
        (x0, y0, street), (x1, y1, _) = ends[0], ends[1]
        apart = float(np.hypot(x1 - x0, y1 - y0))
        return Location(
            (x0 + x1) / 2, (y0 + y1) / 2, Outcome.RANGE,
            f"{self.points_source}: middle between the ends of the range",
            round(apart / 2) + ADDRESS_ERROR_M, street, key[1],
        )  # fmt: skip

    def _interpolate(self, key: tuple[str, str]) -> Location | None:
        """Place a missing number between its neighbours on the same side of the street."""
        wanted = order_house_number(key[1])[0]
        side = {
            int(number): point
            for (street, number), point in self.points.items()
            if street == key[0] and number.isdigit() and int(number) % 2 == wanted % 2
        }
        below, above = [n for n in side if n < wanted], [n for n in side if n > wanted]
        if not below or not above:
            return None
        low, high = max(below), min(above)
        (x0, y0, street), (x1, y1, _) = side[low], side[high]
        part = (wanted - low) / (high - low)
        return Location(
            x0 + part * (x1 - x0), y0 + part * (y1 - y0), Outcome.INTERPOLATED,
            f"{self.points_source}: interpolated between numbers {low} and {high}",
            round(float(np.hypot(x1 - x0, y1 - y0))) + ADDRESS_ERROR_M, street, key[1],
        )  # fmt: skip


def index_places(
    addresses: gpd.GeoDataFrame, offices: pd.DataFrame, *, points_source: str, offices_source: str
) -> PlaceIndex:
    """Index the good points of the address layer and the advice offices (EPSG:4326 texts)."""
    good = addresses[(addresses["location_quality"] == "point") & (addresses["house_number"] != "")]
    points = {
        (fold_street(street), number): (float(point.x), float(point.y), str(street))
        for street, number, point in zip(
            good["street"], good["house_number"], good.to_crs(METRIC_CRS).geometry, strict=True
        )
    }
    xy = project(offices["lon"].astype(float), offices["lat"].astype(float))
    keys = [
        (fold_street(s), n) for s, n in zip(offices["street"], offices["house_number"], strict=True)
    ]
    places = [(round(float(x), 1), round(float(y), 1)) for x, y in xy]
    return PlaceIndex(
        points=points,
        offices={
            key: (*place, str(street))
            for key, place, street in zip(keys, places, offices["street"], strict=True)
        },
        named={
            make_slug(name): key
            for name, key in zip(offices["facility"], keys, strict=True)
            if name
        },
        points_source=points_source,
        offices_source=offices_source,
    )  # fmt: skip
