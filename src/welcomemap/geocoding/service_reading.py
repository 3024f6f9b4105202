"""What does the answer of each kind of service say, in the words of this program?

Field names as documented: Nominatim (nominatim.org, "Place output"), Photon (GeoJSON with
``properties``), Pelias (github.com/pelias/documentation, "response"). Anything of another shape
raises the errors listed in ``services.BROKEN_ANSWER``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from welcomemap.geocoding.service_answer import Precision, ServiceAnswer

MAX_FIELD_CHARACTERS = 200
NOMINATIM_STREETS = ("road", "pedestrian", "footway", "square", "path", "residential", "place")
TOWNS = ("city", "town", "village", "municipality", "locality", "ort", "stadt", "gemeinde")
GENERIC_FIELDS = {
    "street": ("street", "road", "strasse", "straße", "streetname", "street_name", "str"),
    "house_number": ("house_number", "housenumber", "hausnummer", "hnr", "number", "hausnr"),
    "postcode": ("postcode", "postalcode", "postal_code", "plz", "zip"),
    "town": TOWNS,
    "lat": ("lat", "latitude", "breite"),
    "lon": ("lon", "lng", "longitude", "laenge"),
}
LISTS = ("features", "results", "candidates", "items", "data")


def read_nominatim(locations: Iterable[Any] | None) -> tuple[ServiceAnswer, ...]:
    """Read geopy locations whose ``raw`` is Nominatim's JSON with address details."""
    answers = []
    for location in locations or ():
        raw = location.raw
        address = raw["address"]
        number = _text(address.get("house_number"))
        if raw.get("class") == "highway" or (number is None and raw.get("class") == "place"):
            precision: Precision = "street"
        elif number is None:
            precision = "area"
        else:
            precision = "interpolated" if raw.get("type") == "houses" else "house"
        answers.append(
            _build(raw["lat"], raw["lon"], _first(address, NOMINATIM_STREETS), number,
                   address.get("postcode"), _first(address, TOWNS), precision)
        )  # fmt: skip
    return tuple(answers)


def read_photon(locations: Iterable[Any] | None) -> tuple[ServiceAnswer, ...]:
    """Read geopy locations whose ``raw`` is a feature of Photon."""
    answers = []
    for location in locations or ():
        found = location.raw["properties"]
        lon, lat = location.raw["geometry"]["coordinates"][:2]
        is_street = found.get("osm_key") == "highway" or found.get("type") == "street"
        number = _text(found.get("housenumber"))
        precision: Precision = "house" if number else "street" if is_street else "area"
        street = found.get("street") or (found.get("name") if is_street else None)
        answers.append(
            _build(lat, lon, street, number, found.get("postcode"), _first(found, TOWNS), precision)
        )
    return tuple(answers)


def read_pelias(locations: Iterable[Any] | None) -> tuple[ServiceAnswer, ...]:
    """Read geopy locations whose ``raw`` is a feature of Pelias."""
    answers = []
    for location in locations or ():
        found = location.raw["properties"]
        lon, lat = location.raw["geometry"]["coordinates"][:2]
        number = _text(found.get("housenumber"))
        is_street = found.get("layer") == "street"
        precision: Precision = "street" if is_street else "area"
        if number and found.get("layer") in {"address", "venue"}:
            is_point = found.get("accuracy", "point") == "point"
            is_found = found.get("match_type", "exact") == "exact"
            precision = "house" if is_point and is_found else "interpolated"
        street = found.get("street") or (found.get("name") if is_street else None)
        answers.append(
            _build(lat, lon, street, number, found.get("postalcode"), _first(found, TOWNS),
                   precision)
        )  # fmt: skip
    return tuple(answers)


def read_generic(answer: Any) -> tuple[ServiceAnswer, ...]:
    """Read the answer of an own server: GeoJSON, or a list of objects with usual field names."""
    if isinstance(answer, Mapping):
        answer = next((answer[name] for name in LISTS if name in answer), [answer])
    answers = []
    for entry in list(answer):
        found = {str(k).lower(): v for k, v in (entry.get("properties") or entry).items()}
        nested = found.get("address")
        if isinstance(nested, Mapping):
            found |= {str(k).lower(): v for k, v in nested.items()}
        geometry = entry.get("geometry")
        if geometry:
            lon, lat = geometry["coordinates"][:2]
        else:
            lat, lon = (_first(found, GENERIC_FIELDS[name]) for name in ("lat", "lon"))
        number = _first(found, GENERIC_FIELDS["house_number"])
        answers.append(
            _build(lat, lon, _first(found, GENERIC_FIELDS["street"]), number,
                   _first(found, GENERIC_FIELDS["postcode"]), _first(found, TOWNS),
                   "house" if number else "street")
        )  # fmt: skip
    return tuple(answers)


def _build(
    lat: Any, lon: Any, street: Any, number: Any, postcode: Any, town: Any, precision: Precision
) -> ServiceAnswer:
    latitude, longitude = float(lat), float(lon)
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise ValueError("a coordinate is not finite")
    return ServiceAnswer(
        latitude, longitude, _text(street), _text(number), _text(postcode), _text(town), precision
    )


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := _text(fields.get(name))) is not None), None)


def _text(value: Any) -> str | None:
    if not isinstance(value, str | int | float):
        return None
    return str(value).strip()[:MAX_FIELD_CHARACTERS] or None
