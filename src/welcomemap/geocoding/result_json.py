"""A geocoding result as the JSON of the command-line contract: ``lat``, ``lon`` in WGS 84."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from welcomemap.crs import unproject_point

if TYPE_CHECKING:
    from welcomemap.geocoding.outcome import GeocodeResult
    from welcomemap.geocoding.suggest import Suggestion


def result_to_json(
    result: GeocodeResult, crs: str, quarter_names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write a result with the keys of ``geocode --address`` and, added, the name of the quarter.

    Parameters
    ----------
    crs
        Metric CRS of the result's ``x``, ``y``.
    quarter_names
        Name of each quarter by code, such as :attr:`Gazetteer.quarter_names`.
    """
    lat, lon = _lat_lon(result.x, result.y, crs)
    radius = result.error_radius_m
    return {
        "outcome": result.outcome.value,
        "matched": result.matched,
        "street": result.street,
        "house_number": result.house_number,
        "lat": lat,
        "lon": lon,
        "error_radius_m": None if radius is None else round(radius, 1),
        "district": result.district,
        "quarter": result.quarter,
        "quarter_name": (quarter_names or {}).get(result.quarter or ""),
        "postcode": result.postcode,
        "alternatives": [
            place_to_json(a.label, a.street, a.house_number, a.x, a.y, crs)
            for a in result.alternatives
        ],
        "source": result.source,
    }


def suggestion_to_json(suggestion: Suggestion, crs: str) -> dict[str, Any]:
    """Write a suggestion with the keys of ``suggest``."""
    return place_to_json(
        suggestion.label, suggestion.street, suggestion.house_number,
        suggestion.x, suggestion.y, crs,
    )  # fmt: skip


def place_to_json(
    label: str, street: str, house_number: str | None, x: float | None, y: float | None, crs: str
) -> dict[str, Any]:
    """Write a labelled place."""
    lat, lon = _lat_lon(x, y, crs)
    return {
        "label": label, "street": street, "house_number": house_number, "lat": lat, "lon": lon
    }  # fmt: skip


def _lat_lon(x: float | None, y: float | None, crs: str) -> tuple[float | None, float | None]:
    if x is None or y is None:
        return None, None
    return unproject_point(x, y, crs=crs)
