"""Stops and named places as origins: what people say where nobody knows their house number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from welcomemap.crs import Points
from welcomemap.geocoding.street_match import street_key
from welcomemap.region.pack import RegionPack

MIN_KEY = 4
"""Shorter keys name no place."""
SAME_STOP_M = 400.0
"""Platforms of one name within this of the first of them are one stop."""
PLATFORM_M = 30.0
"""Half the length of a tram, and the way across the road."""
LEAST_PLACE_M, MOST_PLACE_M = 500.0, 3000.0
"""Bounds of how far a named place is taken to reach."""
STOPS, PLACES = "stops", "place_names"
SHORT_FORMS = (
    (re.compile(r"\bhbf\b", re.I), "Hauptbahnhof"),
    (re.compile(r"\bbh?f\b", re.I), "Bahnhof"),
)
"""What timetables and people write for stations in German."""
_REMARK = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class NamedPlace:
    """A stop or a named place: its middle in metres and the radius that holds it.

    Attributes
    ----------
    source
        The layer it is of, :data:`STOPS` or :data:`PLACES`.
    error_radius_m
        Of a stop it holds all platforms. A named place has no border: it is taken to reach as far
        as to the nearest other one, within :data:`LEAST_PLACE_M` and :data:`MOST_PLACE_M`.
    """

    name: str
    source: str
    x: float
    y: float
    error_radius_m: float


class NamedPlaces:
    """Stops and named places by the key of their names; read when first asked for."""

    def __init__(self, read: Callable[[], list[NamedPlace]] | None = None, town: str = "") -> None:
        self._read = read
        self._town = re.compile(rf"^\s*{re.escape(town)}\b", re.I)

    @classmethod
    def from_pack(cls, pack: RegionPack) -> NamedPlaces:
        """Return those of the layers ``stops`` and ``place_names``, as far as a pack has them."""
        return cls(lambda: _read_places(pack), str(pack.region["name"]))

    def find(self, name: str) -> tuple[NamedPlace, ...]:
        """Return what is called so in normal spelling; named places only where no stop is.

        A stop called ``Neustadt, Markt`` is found as ``Markt``, too, one called ``Neustadt Rathaus
        (West)/Hbf`` as ``Rathaus`` and ``Hauptbahnhof``, where none is called so itself.
        """
        key = place_key(name)
        found = self._by_key.get(key, ()) if len(key) >= MIN_KEY else ()
        stops = tuple(place for place in found if place.source == STOPS)
        if found or len(key) < MIN_KEY:
            return stops or found
        return self._by_part.get(key, ())

    @cached_property
    def _places(self) -> list[NamedPlace]:
        return [] if self._read is None else self._read()

    @cached_property
    def _by_key(self) -> dict[str, tuple[NamedPlace, ...]]:
        return _group_by_key(
            (place_key(name), place)
            for place in self._places
            for name in (place.name, behind_comma(place.name) if place.source == STOPS else "")
        )

    @cached_property
    def _by_part(self) -> dict[str, tuple[NamedPlace, ...]]:
        """Stops by the parts of their names, without remarks and the name of the town."""
        stops = [place for place in self._places if place.source == STOPS]
        return _group_by_key(
            (place_key(self._town.sub("", part)), place)
            for place in stops
            for part in _REMARK.sub(" ", behind_comma(place.name) or place.name).split("/")
        )


def place_key(name: str) -> str:
    """Return the key under which all normal spellings of the name of a place fall together.

    Examples
    --------
    >>> place_key("Hbf"), place_key("Markt-Pl.")
    ('hauptbahnhof', 'marktplatz')
    """
    for short, whole in SHORT_FORMS:
        name = short.sub(whole, name)
    return street_key(name)


def behind_comma(name: str) -> str:
    """Return what a stop is called behind the name of its town; empty where no comma is.

    Examples
    --------
    >>> behind_comma("Neustadt, Markt"), behind_comma("Markt")
    ('Markt', '')
    """
    return name.partition(",")[2].strip()


def _group_by_key(
    keyed: Iterable[tuple[str, NamedPlace]],
) -> dict[str, tuple[NamedPlace, ...]]:
    found: dict[str, dict[NamedPlace, None]] = {}
    for key, place in keyed:
        if key:
            found.setdefault(key, {})[place] = None
    return {key: tuple(places) for key, places in found.items()}


def _read_places(pack: RegionPack) -> list[NamedPlace]:
    found: list[NamedPlace] = []
    if pack.has_layer(STOPS):
        stops = pack.stops
        points = shapely.get_coordinates(stops.geometry.to_numpy())
        found += group_stops(stops["name"].astype(str), points)
    if pack.has_layer(PLACES):
        places = pack.read_features(PLACES)
        points = shapely.get_coordinates(places.geometry.to_numpy())
        found += list(_bound_places(places["name"].astype(str).tolist(), points))
    return found


def group_stops(names: pd.Series, points: Points) -> list[NamedPlace]:
    """Return platforms of one name as one stop, several where they are far apart.

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [80.0, 0.0], [5000.0, 0.0]])
    >>> [(s.x, s.error_radius_m) for s in group_stops(pd.Series(["Markt"] * 3), points)]
    [(40.0, 70.0), (5000.0, 30.0)]
    """
    found = []
    for name, rows in names.reset_index(drop=True).groupby(names.to_numpy()).groups.items():
        left = points[rows.to_numpy()]
        while len(left):
            is_same = np.hypot(*(left - left[0]).T) <= SAME_STOP_M
            platforms, left = left[is_same], left[~is_same]
            x, y = (float(value) for value in platforms.mean(axis=0))
            reach = float(np.hypot(*(platforms - (x, y)).T).max())
            found.append(NamedPlace(str(name), STOPS, x, y, reach + PLATFORM_M))
    return found


def _bound_places(names: list[str], points: Points) -> Iterator[NamedPlace]:
    next_m = np.full(len(points), MOST_PLACE_M)
    if len(points) > 1:
        # Most packs and questions need none: it takes as long to load as an address to find.
        from scipy.spatial import cKDTree  # noqa: PLC0415 - see above

        next_m = cKDTree(points).query(points, k=2)[0][:, 1]
    reach = np.clip(next_m, LEAST_PLACE_M, MOST_PLACE_M)
    for name, (x, y), radius in zip(names, points.tolist(), reach.tolist(), strict=True):
        yield NamedPlace(name, PLACES, x, y, radius)
