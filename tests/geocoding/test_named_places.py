"""Stops and named places answer where no address does, and say how far off they may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import pytest

import welcomemap as wm
from tests.worlds import at, write_rechteckstadt
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.named_places import NamedPlace, NamedPlaces
from welcomemap.geocoding.outcome import GeocodeResult, Outcome, is_at_a_house
from welcomemap.region.pack import load_pack

PLACES = [
    NamedPlace("Neustadt, Markt", "stops", 1000.0, 1000.0, 60.0),
    NamedPlace("Altdorf, Brunnen", "stops", 4000.0, 1000.0, 40.0),
    NamedPlace("Neubau, Brunnen", "stops", 1000.0, 1500.0, 60.0),
    NamedPlace("Wiesental", "place_names", 2000.0, 500.0, 900.0),
    NamedPlace("Hafen", "place_names", 2000.0, 500.0, 900.0),
    NamedPlace("Hafen", "stops", 2100.0, 500.0, 50.0),
    NamedPlace("Fernau, Bahnhof", "stops", 90_000.0, 1000.0, 50.0),
]


@pytest.fixture(scope="module")
def geocoder(tmp_path_factory: pytest.TempPathFactory) -> Geocoder:
    """The tiny world, with stops and places that are moved to where it lies."""
    pack = load_pack(write_rechteckstadt(tmp_path_factory.mktemp("world")))
    places = [(place, at(place.x, place.y)) for place in PLACES]
    moved = [replace(place, x=x, y=y) for place, (x, y) in places]
    own = Geocoder.from_pack(pack).gazetteer
    return Geocoder(replace(own, named=NamedPlaces(lambda: moved)))


def test_a_stop_is_found_by_its_whole_name_and_says_that_it_is_none(geocoder: Geocoder) -> None:
    found = geocoder.geocode("Neustadt, Markt")
    assert (found.outcome, found.matched, found.source) == (
        Outcome.PLACE, "Neustadt, Markt", "stops",
    )  # fmt: skip
    assert (found.error_radius_m, found.house_number) == (60.0, None)
    assert found.district is not None
    assert [type(note).__name__ for note in found.notes] == ["PlatformsWithin"]
    assert not is_at_a_house(found)
    # There are towns called Neustadt, and without such a stop one of them is meant.
    assert geocoder.geocode("Neustadt, Brunnen").outcome is Outcome.OUTSIDE


def test_half_a_name_that_several_stops_have_is_ambiguous(geocoder: Geocoder) -> None:
    found = geocoder.geocode("Brunnen")
    assert found.outcome is Outcome.AMBIGUOUS
    assert found.x is None
    labels = [one.label for one in found.alternatives]
    assert [label.partition(" (")[0] for label in labels] == ["Altdorf, Brunnen", "Neubau, Brunnen"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Rathaus", "Heimstadt, Rathaus/Bergbahn"),
        ("bergbahn", "Heimstadt, Rathaus/Bergbahn"),
        ("Hauptbahnhof", "Heimstadt, Hbf (West)"),
        ("Hbf", "Heimstadt, Hbf (West)"),
        ("Ostbf", None),
        ("Bahnhof Ost", "Heimstadt Bf. Ost"),
        ("Hafenamt", "Heimstadt Hafenamt"),
        ("Markt", "Heimstadt, Markt"),
        ("West", None),
        ("Heimstadt", None),
        ("er Ring", None),
    ],
)
def test_a_stop_is_found_by_what_people_call_it(text: str, meant: str | None) -> None:
    """A part between strokes, the short form of a station, without the town and a remark.

    Who says ``Markt`` means the stop called so, not the one at the corner of Markt and Tor.
    """
    names = ["Heimstadt, Rathaus/Bergbahn", "Heimstadt, Hbf (West)", "Heimstadt Bf. Ost",
             "Heimstadt Hafenamt", "Heimstadter Ring", "Heimstadt, Markt",
             "Heimstadt, Markt/Tor"]  # fmt: skip
    stops = [NamedPlace(name, "stops", 1.0, 2.0, 30.0) for name in names]
    found = NamedPlaces(lambda: stops, "Heimstadt").find(text)
    assert [place.name for place in found] == ([] if meant is None else [meant])


def test_half_a_name_means_no_stop_of_another_town(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Bahnhof").outcome is Outcome.NOT_FOUND
    assert geocoder.geocode("Fernau, Bahnhof").matched == "Fernau, Bahnhof"


def test_a_stop_goes_before_a_place_of_its_name(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Hafen").source == "stops"
    found = geocoder.geocode("wiesental")
    assert (found.outcome, found.source, found.error_radius_m) == (
        Outcome.PLACE, "place_names", 900.0,
    )  # fmt: skip
    assert not is_at_a_house(found)


@pytest.mark.parametrize("text", ["Neustadt, Markt 5", "Wiesental 3", "Mark"])
def test_a_house_number_or_a_part_of_a_name_is_no_stop(geocoder: Geocoder, text: str) -> None:
    assert geocoder.geocode(text).source == "gazetteer"


def test_an_address_goes_before_a_stop_of_its_name(geocoder: Geocoder) -> None:
    """Whatever the list answers with is not changed by a stop called so."""
    street = geocoder.gazetteer.streets[0]
    stop = NamedPlace(street, "stops", *at(3000, 1000), 10.0)
    besides = Geocoder(replace(geocoder.gazetteer, named=NamedPlaces(lambda: [stop])))
    assert besides.geocode(street) == geocoder.geocode(street)
    assert geocoder.geocode(street).source == "gazetteer"


def test_a_site_is_not_put_at_a_stop() -> None:
    at_house = GeocodeResult(Outcome.PLACE, (), x=0.0, y=0.0)
    assert is_at_a_house(at_house)
    assert not is_at_a_house(replace(at_house, source="stops"))
    assert not is_at_a_house(replace(at_house, outcome=Outcome.STREET))


def test_named_places_of_a_pack_reach_as_far_as_the_next_one() -> None:
    """500 m at least and 3 km at most: places 800 m apart, and one 20 km away."""
    points = gpd.points_from_xy(*zip(*(at(x, 0) for x in (0, 800, 20_000)), strict=True))
    table = gpd.GeoDataFrame({"name": ["Erste", "Zweite", "Dritte"]}, geometry=points)
    named = NamedPlaces.from_pack(Fake(table))  # type: ignore[arg-type]
    radii = [named.find(name)[0].error_radius_m for name in ("Erste", "Zweite", "Dritte")]
    assert radii == pytest.approx([800, 800, 3000])


class Fake:
    """A pack of named places alone."""

    region = MappingProxyType({"name": "Rechteckstadt"})

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        self.table = table

    def has_layer(self, name: str) -> bool:
        return name == "place_names"

    def read_features(self, name: str) -> pd.DataFrame:
        return self.table if name == "place_names" else pd.DataFrame()


def test_people_start_from_a_stop_of_the_pack(tmp_path: Path) -> None:
    """Halt 2 stands at (2500, 1000); it has one platform, and 30 m is its half length."""
    region = wm.open_region(write_rechteckstadt(tmp_path))
    (found,) = region.geocode(["Halt 2"]).itertuples()
    assert (found.outcome, found.matched, found.error_radius_m) == ("place", "Halt 2", 30.0)
    sites = region.nearest("Halt 2")
    assert sites["distance_m"].is_monotonic_increasing
    assert len(sites) > 0
