"""Locate the addresses of a list, such as a scenario of service points."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult


def locate_addresses(
    geocoder: Geocoder, addresses: Sequence[str], stated_districts: Sequence[int | None]
) -> list[GeocodeResult]:
    """Geocode addresses, each with the district its list says it serves, if it says one.

    Raises
    ------
    UnreadableAddressError
        If a text cannot be an address at all.
    """
    return [
        geocoder.geocode(address, stated_district=district)
        for address, district in zip(addresses, stated_districts, strict=True)
    ]
