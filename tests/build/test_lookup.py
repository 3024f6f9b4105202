"""Addresses as published are found exactly, between the ends of a range, or not at all."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from tests.worlds import at
from welcomemap.build.lookup import PlaceIndex, index_places
from welcomemap.build.names import fold_street
from welcomemap.crs import METRIC_CRS, unproject


@pytest.fixture(scope="module")
def places() -> PlaceIndex:
    rows = [
        ("Hauptstraße", "2", "point", (0, 0)), ("Hauptstraße", "8", "point", (90, 0)),
        ("Hauptstraße", "19", "point", (0, 60)), ("Hauptstraße", "21", "point", (80, 60)),
        ("Hauptstraße", "5", "suspect", (5000, 0)), ("Am Tor-Weg", "1", "point", (7, 7)),
        ("Neue Gasse", "3", "street", (1, 1)),
    ]  # fmt: skip
    addresses = gpd.GeoDataFrame(
        [(s, n, q, Point(*at(*p))) for s, n, q, p in rows],
        columns=["street", "house_number", "location_quality", "geometry"], crs=METRIC_CRS,
    )  # fmt: skip
    lat, lon = unproject(pd.DataFrame([at(500, 500)]).to_numpy())
    offices = pd.DataFrame(
        [("Marktplatz", "7", "Haus am Markt", str(lat[0]), str(lon[0]))],
        columns=["street", "house_number", "facility", "lat", "lon"],
    )
    return index_places(addresses, offices, points_source="list", offices_source="register")


@pytest.mark.parametrize(
    ("text", "outcome", "position", "radius"),
    [
        ("Hauptstraße 2", "exact", (0, 0), 36),
        ("hauptstraße 2", "exact", (0, 0), 36),
        ("Hauptstr. 2", "corrected", (0, 0), 36),
        ("Am-Tor-Weg 1", "corrected", (7, 7), 36),
        ("Haus am Markt", "place", (500, 500), 10),
        ("Marktplatz 7", "exact", (500, 500), 10),
        ("Hauptstraße 19-21", "range", (40, 60), 76),
        ("Hauptstraße 4", "interpolated", (30, 0), 126),
    ],
)
def test_found(
    places: PlaceIndex, text: str, outcome: str, position: tuple[float, float], radius: int
) -> None:
    found = places.find(text)
    assert found is not None
    assert found.outcome.value == outcome
    assert (found.x, found.y) == pytest.approx(at(*position), abs=0.1)
    assert found.error_radius_m == radius


@pytest.mark.parametrize(
    "text",
    ["", "Hauptstraße", "Nirgendwo 3", "Hauptstraße 1", "Hauptstraße 22", "Neue Gasse 3",
     "Hauptstraße 2-99", "<b>Hauptstraße</b> 2", "2"],
)  # fmt: skip
def test_not_found_rather_than_guessed(places: PlaceIndex, text: str) -> None:
    assert places.find(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heinz-Schmöle Straße", "Heinz-Schmöle-Straße"), ("Kölner Str.", "Koelner Straße"),
        ("Merowingerstr.", "Merowinger Straße"), ("Weststrasse", "Weststraße"),
    ],
)  # fmt: skip
def test_spellings_of_one_street(one: str, other: str) -> None:
    assert fold_street(one) == fold_street(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Stromweg", "Strohmweg"), ("Stratenweg", "Straßenweg"), ("Straße", "Weg")]
)
def test_different_streets_stay_different(one: str, other: str) -> None:
    assert fold_street(one) != fold_street(other)
