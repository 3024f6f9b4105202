"""Answers of the embedded pack against points that others published."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.ingest.raw_files import RAW
from welcomemap.crs import project
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.region.pack import RegionPack

CASES = Path(__file__).parents[3] / "shared" / "cases" / "geocoding"
HOUSES = {Outcome.EXACT, Outcome.CORRECTED, Outcome.INTERPOLATED, Outcome.NEAREST_NUMBER}
LARGEST_GROUNDS_M = 150.0
"""The point of a school or car park is the middle of its grounds, not the house on the street."""


@pytest.fixture(scope="module")
def geocoder(default_pack: RegionPack) -> Geocoder:
    """Without the pack's offices, whose official points would be compared with themselves."""
    return Geocoder(Gazetteer.from_pack(default_pack, has_facilities=False))


def read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        pytest.skip(f"{path.name} is not here")
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))


def away_m(found: GeocodeResult, lat: str, lon: str) -> float:
    x, y = project(float(lon), float(lat))[0]
    assert found.x is not None
    assert found.y is not None
    return float(np.hypot(found.x - x, found.y - y))


def test_rows_that_carried_other_streets_points(geocoder: Geocoder) -> None:
    for row in read(CASES / "wrong_clusters.csv"):
        for text in (row["address"], f"{row['address']}, Düsseldorf", f" {row['address']}"):
            found = geocoder.geocode(text)
            assert found.outcome not in HOUSES, text
            assert found.quarter not in row["must_not_quarter"].split(","), text
            assert all(s.x is None for s in geocoder.suggest(row["address"], 1))


@pytest.mark.parametrize(
    ("street", "numbers", "quarter"),
    [
        ("Wasserwerksweg", "1 12 20 42 57 59 60 75", None),
        ("Wattenscheider Straße", "2 3 8 10 17", None),
        ("Curieweg", "2 2a 9 17a 40", None),
        ("Curt-Beckmann-Straße", "10", None),
        ("Damaschkestraße", "3 9 28 36", None),
        ("Novalisstraße", "2 7 15 16 18 20", "051"),
        ("An Sankt Swidbert", "4 33 34a 37 40", "053"),
        ("Daneköthen", "1 10 11 17", "083"),
        ("Gerresheimer Straße", "82 84 99", "022"),
    ],
)
def test_streets_beside_the_missing_blocks(
    geocoder: Geocoder, street: str, numbers: str, quarter: str | None
) -> None:
    """Known, on no house; where the rest of the street is right, in its quarter."""
    for number in numbers.split():
        found = geocoder.geocode(f"{street} {number}")
        assert (found.outcome, found.house_number) == (Outcome.STREET, number)
        assert found.quarter == quarter
        assert (found.x is None) is (quarter is None)


def test_streets_that_stay(geocoder: Geocoder) -> None:
    """Right houses of the same streets, long roads, and streets beside the missing blocks."""
    for text in (
        "Novalisstraße 1", "Novalisstraße 12", "An Sankt Swidbert 1", "Daneköthen 18",
        "Gerresheimer Straße 86", "Kölner Landstraße 2", "Kölner Landstraße 435",
        "Corellistraße 25", "Wambachweg 22", "Zietenstraße 1", "Annweilerstraße 21",
        "Bergische Landstraße 610", "Lohauser Deich 90b", "Radeberger Straße 2",
    ):  # fmt: skip
        assert geocoder.geocode(text).outcome is Outcome.EXACT, text


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        # The raw point lies among the houses of another part of the street, which the list shows.
        ("Vennhauser Allee 20a", ("20", "30")), ("Vennhauser Allee 24", ("20", "30")),
        ("Vennhauser Allee 28", ("20", "30")),
        ("Kölner Landstraße 1", ("3",)),  # 5 m from Mergelgasse 1, among numbers 187 to 195
        ("Witzelstraße 2", ("4",)),  # on the very point of number 95
        ("Moltkestraße 122", ("120",)), ("Moltkestraße 124", ("120",)),
    ],
)  # fmt: skip
def test_houses_on_the_points_of_others_of_their_street(
    geocoder: Geocoder, text: str, beside: tuple[str, ...]
) -> None:
    """Not exact, and nearer to the houses next in the street than to their raw point."""
    found = geocoder.geocode(text)
    assert found.outcome in {Outcome.INTERPOLATED, Outcome.NEAREST_NUMBER}
    street = text.rsplit(" ", 1)[0]
    others = [geocoder.geocode(f"{street} {number}") for number in beside]
    assert all(other.outcome is Outcome.EXACT for other in others)
    assert found.x is not None
    assert found.y is not None
    away = [np.hypot(found.x - (o.x or 0), found.y - (o.y or 0)) for o in others]
    assert min(away) <= 150


def test_no_exact_school_is_off_its_grounds(geocoder: Geocoder) -> None:
    away = []
    for row in read(RAW / "service_points" / "schools.csv"):
        found = geocoder.geocode(f"{row['Strasse']}, {row['PLZ']} {row['Ort']}")
        if found.outcome in {Outcome.EXACT, Outcome.CORRECTED}:
            away.append(away_m(found, row["lat"], row["lon"]))
    assert len(away) >= 150
    assert max(away) <= LARGEST_GROUNDS_M
    assert np.median(away) <= 40


def test_exact_offices_lie_within_their_radius(geocoder: Geocoder) -> None:
    n_exact = 0
    for row in read(RAW / "service_points" / "advice_offices_register_2026.csv"):
        found = geocoder.geocode(f"{row['STRASSE']} {row['HAUSNUMMER']}, {row['PLZ']} Düsseldorf")
        if found.outcome is Outcome.EXACT:
            n_exact += 1
            assert away_m(found, row["LATITUDE"], row["LONGITUDE"]) <= (found.error_radius_m or 0)
    assert n_exact >= 21


@pytest.mark.parametrize(
    ("name", "street", "number"),
    [
        ("list_behindertenparken.csv", "adresse", ""),
        ("list_parkhaeuser.csv", "adresse_zufahrt", ""),
        ("list_pundr.csv", "strasse", "hausnummer"),
    ],
)
def test_exact_car_parks_lie_by_their_grounds(
    geocoder: Geocoder, name: str, street: str, number: str
) -> None:
    n_exact = 0
    for row in read(CASES / name):
        found = geocoder.geocode(f"{row[street]} {row.get(number, '')}{row.get('hs_zusatz', '')}")
        if found.outcome is Outcome.EXACT:
            n_exact += 1
            assert away_m(found, row["ref_breite"], row["ref_laenge"]) <= LARGEST_GROUNDS_M
    assert n_exact >= 6
