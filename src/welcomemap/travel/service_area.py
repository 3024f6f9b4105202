"""What is reachable within a threshold? Areas for the eye.

Whether a person is covered is never read from these polygons: it follows from the routed cost of
that person's own place (:func:`welcomemap.travel.impedance.is_within`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from welcomemap.crs import Points
from welcomemap.errors import UsageError
from welcomemap.travel.choose import as_points
from welcomemap.travel.estimate import EstimateImpedance
from welcomemap.travel.impedance import Impedance
from welcomemap.travel.mixed import MixedImpedance
from welcomemap.travel.reached import draw_streets, measure_reach
from welcomemap.travel.sight import draw_around
from welcomemap.travel.speeds import TimedImpedance
from welcomemap.travel.streets import StreetImpedance

Floats = NDArray[np.float64]

WIDTH_M = 30.0
"""Reached streets are drawn this wide to either side."""

FILL_M = 80.0
"""Courtyards are filled in where all streets around are reached this long before the end."""

TOLERANCE_M = 25.0
"""No place farther than the threshold lies deeper than this inside the drawn area."""


@dataclass(frozen=True)
class ServiceArea:
    """What is reachable within a threshold, (multi)polygons in the metric CRS, maybe empty.

    Attributes
    ----------
    streets
        Drawn from reached parts of streets.
    estimate
        Drawn from the straight line and the detour factor: dashed on maps.
    tolerance_m
        How deep inside the area a place beyond the threshold may lie.
    """

    streets: Any
    estimate: Any
    tolerance_m: float = TOLERANCE_M

    @property
    def whole(self) -> Any:
        """Both parts together."""
        return shapely.union_all([self.streets, self.estimate])


def make_service_area(
    impedance: Impedance, sites: Points, threshold: float, *, spent: Floats | None = None
) -> ServiceArea:
    """Draw what is reachable within a threshold of any of the sites.

    Parameters
    ----------
    impedance
        One of this package's impedances on foot or by bicycle, in metres or minutes.
    sites
        Shape (n, 2), metric CRS.
    threshold
        In the impedance's unit.
    spent
        Cost already spent at each site, shape (n,), in the impedance's unit; default none.

    Raises
    ------
    UsageError
        If the impedance is of another kind.
    """
    sites = as_points(sites)
    used = np.zeros(len(sites)) if spent is None else np.asarray(spent, dtype=np.float64)
    if isinstance(impedance, TimedImpedance):
        to_metres = impedance.m_per_min
        return make_service_area(
            impedance.metres, sites, threshold * to_metres, spent=used * to_metres
        )
    if isinstance(impedance, EstimateImpedance):
        return ServiceArea(shapely.Polygon(), _draw_estimate(impedance, sites, threshold - used))
    if isinstance(impedance, StreetImpedance):
        return ServiceArea(_draw_streets(impedance, sites, threshold, used), shapely.Polygon())
    if isinstance(impedance, MixedImpedance):
        return _draw_mixed(impedance, sites, threshold, used)
    raise UsageError(
        "a service area cannot be drawn for this kind of cost",
        how="Use walking or cycling, or draw the areas around the reached stops.",
    )


def _draw_estimate(impedance: EstimateImpedance, sites: Points, left_m: Floats) -> Any:
    radius_m = left_m / impedance.factor.estimate
    return shapely.union_all(
        [draw_around(impedance.barrier, site, r) for site, r in zip(sites, radius_m, strict=True)]
    )


def _draw_streets(
    impedance: StreetImpedance, sites: Points, threshold_m: float, spent_m: Floats
) -> Any:
    places = impedance.attach(sites)
    usable = np.flatnonzero(places.is_attached & (spent_m <= threshold_m))
    if not len(usable):
        return shapely.Polygon()
    reach = measure_reach(
        impedance.network, places.take(usable), spent_m[usable], limit_m=threshold_m
    )
    return draw_streets(reach, threshold_m, WIDTH_M, FILL_M)


def _draw_mixed(
    impedance: MixedImpedance, sites: Points, threshold_m: float, spent_m: Floats
) -> ServiceArea:
    """Draw streets inside the known area for sites in it; estimates for all other pairs."""
    is_known = impedance.find_known_part(sites, impedance.streets.attach(sites)) >= 0
    streets = _draw_streets(impedance.streets, sites[is_known], threshold_m, spent_m[is_known])
    left_m = threshold_m - spent_m
    outside = _draw_estimate(impedance.estimate, sites[is_known], left_m[is_known])
    elsewhere = _draw_estimate(impedance.estimate, sites[~is_known], left_m[~is_known])
    estimate = shapely.union_all([shapely.difference(outside, impedance.extent), elsewhere])
    return ServiceArea(shapely.intersection(streets, impedance.extent), estimate)
