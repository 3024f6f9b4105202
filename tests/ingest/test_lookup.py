"""Addresses as published are found at a house, each saying how, or not at all."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from tests.worlds import at
from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.ingest.raw import fold_street
from welcomemap.ingest.sites import PlaceIndex, index_places
from welcomemap.region.schemas import ADVICE_OFFICE_COLUMNS


@pytest.fixture(scope="module")
def places() -> PlaceIndex:
    rows = [
        ("Hauptstraße", "2", "point", (0, 0)),
        ("Hauptstraße", "8", "point", (90, 0)),
        ("Hauptstraße", "19", "point", (0, 60)),
        ("Hauptstraße", "21", "point", (80, 60)),
        ("Hauptstraße", "5", "suspect", (5000, 0)),
        ("Am Tor-Weg", "1", "point", (7, 7)),
        ("Neue Gasse", "3", "street", (1, 1)),
    ]
    addresses = gpd.GeoDataFrame(
        [(s, n, q, Point(*at(*p))) for s, n, q, p in rows],
        columns=["street", "house_number", "location_quality", "geometry"],
        crs=METRIC_CRS,
    )
    lat, lon = unproject(pd.DataFrame([at(500, 500)]).to_numpy())
    offices = pd.DataFrame(
        [("Marktplatz", "7", "Haus am Markt", str(lat[0]), str(lon[0]))],
        columns=["street", "house_number", "name", "lat", "lon"],
    )
    offices = offices.reindex(columns=list(ADVICE_OFFICE_COLUMNS), fill_value="")
    return index_places(
        addresses.assign(quarter="", district=0, postcode="", is_residential=True),
        offices,
        None,
        town="Rechteckstadt",
        points_source="list",
        offices_source="register",
    )


@pytest.mark.parametrize(
    ("text", "outcome", "position", "source"),
    [
        ("Hauptstraße 2", "exact", (0, 0), "list"),
        ("Hauptstr. 2", "exact", (0, 0), "list"),
        ("Am-Tor-Weg 1", "exact", (7, 7), "list"),
        ("Haus am Markt", "place", (500, 500), "register"),
        ("Marktplatz 7", "exact", (500, 500), "register"),
        ("Hauptstraße 19-21", "range", (40, 60), "list"),
        ("Hauptstraße 4", "interpolated", (30, 0), "list"),
    ],
)
def test_found(
    places: PlaceIndex, text: str, outcome: str, position: tuple[float, float], source: str
) -> None:
    found = places.find(text)
    assert found is not None
    assert found.outcome.value == outcome
    assert (found.x, found.y) == pytest.approx(at(*position), abs=0.1)
    assert found.source.startswith(source)
    assert found.error_radius_m >= 10


@pytest.mark.parametrize(
    "text",
    ["", "Hauptstraße", "Nirgendwo 3", "Neue Gasse 3", "<script>x</script>", "2", "\0"],
)
def test_not_found_rather_than_guessed(places: PlaceIndex, text: str) -> None:
    assert places.find(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heinz-Schmöle Straße", "Heinz-Schmöle-Straße"),
        ("Kölner Str.", "Koelner Straße"),
        ("Merowingerstr.", "Merowinger Straße"),
        ("Weststrasse", "Weststraße"),
    ],
)
def test_spellings_of_one_street(one: str, other: str) -> None:
    assert fold_street(one) == fold_street(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Stromweg", "Strohmweg"), ("Stratenweg", "Straßenweg"), ("Straße", "Weg")]
)
def test_different_streets_stay_different(one: str, other: str) -> None:
    assert fold_street(one) != fold_street(other)
