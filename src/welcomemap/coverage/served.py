"""The three meanings of *served*, kept apart.

located
    a service point lies in the district;
stated
    the list says that a service point serves the district, wherever it lies;
reach
    people get there within a threshold (:mod:`welcomemap.coverage.reach`).

None follows from another, and no function here turns one into another. A list of service points is
taken as published; where other dated sources dispute it, the other reading is carried beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from welcomemap.coverage.cost_draws import Destinations
from welcomemap.tables import SERVING_STATUSES
from welcomemap.wording import Text


@dataclass(frozen=True)
class ServicePoint:
    """A service point as coverage sees it.

    Attributes
    ----------
    x, y
        Metres in the metric CRS, ``None`` where its place is not known.
    district
        District it lies in; ``None`` where that is not known or outside the region.
    stated_districts
        Districts the list says it serves; empty where the list says nothing.
    is_near_border
        So near a district border that its district is uncertain.
    is_published, runs_in_other_reading
        Whether it is in operation as published, and as the sources say that dispute the list. Both
        are true for a service point that nobody disputes, and for one that only moved.
    disputes
        What other dated sources say against the list; empty where none does.
    later
        What sources say that are younger than the list: true or not, the list could not know it.
    """

    id: str
    name: str
    address: str
    status: str
    x: float | None
    y: float | None
    district: int | None
    stated_districts: tuple[int, ...] = ()
    error_radius_m: float | None = None
    is_near_border: bool = False
    is_published: bool = True
    runs_in_other_reading: bool = True
    disputes: tuple[Text, ...] = ()
    later: tuple[Text, ...] = ()

    @property
    def is_located(self) -> bool:
        """Tell whether its place is known."""
        return self.x is not None and self.y is not None

    @property
    def is_disputed(self) -> bool:
        """Tell whether the published list and another source disagree about it."""
        return bool(self.disputes)

    @property
    def reports(self) -> tuple[Text, ...]:
        """What dated sources say that is not in the list, whether older or younger than it."""
        return (*self.disputes, *self.later)


def is_serving(point: ServicePoint, *, as_published: bool = True) -> bool:
    """Tell whether a service point is in operation, as published or in the other reading."""
    runs = point.is_published if as_published else point.runs_in_other_reading
    return runs and point.status in SERVING_STATUSES


def find_located(
    points: Sequence[ServicePoint], district: int, *, as_published: bool = True
) -> tuple[str, ...]:
    """Return the ids of the service points in operation that lie in a district."""
    return tuple(
        point.id
        for point in points
        if is_serving(point, as_published=as_published)
        and point.is_located
        and point.district == district
    )


def find_stated(
    points: Sequence[ServicePoint], district: int, *, as_published: bool = True
) -> tuple[str, ...] | None:
    """Return the ids of those in operation that the list says serve a district.

    ``None`` where the list states nothing about any district: then nobody knows.
    """
    if not any(point.stated_districts for point in points):
        return None
    return tuple(
        point.id
        for point in points
        if is_serving(point, as_published=as_published) and district in point.stated_districts
    )


def find_stated_elsewhere(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of those in operation said to serve a district that lie in another one."""
    return tuple(
        point.id
        for point in points
        if is_serving(point)
        and district in point.stated_districts
        and point.district is not None
        and point.district != district
    )


def find_planned(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of planned service points in a district, or meant to serve it."""
    return tuple(
        point.id for point in points if point.status == "planned" and _concerns(point, district)
    )


def find_disputed(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of disputed service points in a district, or said to serve it."""
    return tuple(point.id for point in points if point.is_disputed and _concerns(point, district))


def find_near_border(points: Sequence[ServicePoint], district: int) -> tuple[str, ...]:
    """Return the ids of service points of a district that lie too near its border to be sure."""
    return tuple(
        point.id for point in points if point.is_near_border and point.district == district
    )


def name_site(point: ServicePoint) -> str:
    """Return what a service point is called in a sentence: its street and number."""
    return point.address.split(",")[0] or point.name or point.id


def place_destinations(points: Sequence[ServicePoint]) -> tuple[Destinations, list[ServicePoint]]:
    """Return those people can travel to, in either reading: as arrays, and as service points.

    Planned and closed ones, and those whose place is not known, are left out: they serve nobody.
    """
    reachable = [
        point
        for point in points
        if point.is_located and (is_serving(point) or is_serving(point, as_published=False))
    ]
    places = np.array([[point.x, point.y] for point in reachable], dtype=np.float64)
    radius = [np.nan if p.error_radius_m is None else p.error_radius_m for p in reachable]
    ids = tuple(point.id for point in reachable)
    destinations = Destinations(ids, places.reshape(-1, 2), np.array(radius, dtype=np.float64))
    return destinations, reachable


def _concerns(point: ServicePoint, district: int) -> bool:
    return point.district == district or district in point.stated_districts
