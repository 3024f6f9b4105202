"""Feeds of GTFS: a line worked out by hand, what spoils a feed, and real ones by plain counting."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pyproj import Transformer
from shapely.geometry import box

import welcomemap as wm
from tests.ingest.raw_files import require_raw
from tests.ingest.test_town import to_degrees, write_town
from welcomemap.errors import InputError
from welcomemap.ingest.look import write_recipe
from welcomemap.ingest.timetable import build_timetable, read_feed, tell_days
from welcomemap.ingest.town import build_town
from welcomemap.region.verify import check_pack

METRIC = "EPSG:25832"
EAST, NORTH = 478_000.0, 5_473_000.0
TOWN = box(EAST - 50, NORTH - 50, EAST + 2050, NORTH + 50)


def at(east_m: float) -> tuple[float, float]:
    """Latitude and longitude of a place on the invented line."""
    lon, lat = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True).transform(
        EAST + east_m, NORTH
    )
    return lat, lon


def list_stops() -> str:
    """Five stops 500 m apart, two platforms of the third, and one far outside."""
    rows = ["stop_id,stop_name,stop_lat,stop_lon,parent_station"]
    for name, east_m, parent in (
        ("A", 0, ""), ("B", 500, ""), ("C", 1000, ""), ("C1", 1005, "C"), ("C2", 995, "C"),
        ("D", 1500, ""), ("E", 2000, ""), ("X", 9000, ""),
    ):  # fmt: skip
        lat, lon = at(east_m)
        rows.append(f"{name},Halt {name},{lat:.7f},{lon:.7f},{parent}")
    return "\n".join(rows)


TRIPS = {
    "t1": ("r5", "A", "B", "C1", "D", "E", "X"),
    "t2": ("r5", "A", "B", "C2", "D", "E"),
    "t3": ("r5", "E", "D", "C", "B", "A"),
    "t4": ("night", "A", "E"),
    "t5": ("bus5", "B", "D"),
}
"""Trip → route and stops: t1 and t2 are one pattern, once platforms count as their station."""


def write_feed(path: Path, **changed: str | bytes | None) -> Path:
    times = ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"]
    for trip, (_, *stops) in TRIPS.items():
        # Written backwards, and beyond midnight: the order of a trip is that of its numbers.
        times += [
            f"{trip},25:{k:02d}:00,25:{k:02d}:00,{stop},{k * 10}"
            for k, stop in reversed(list(enumerate(stops)))
        ]
    content: dict[str, str | bytes | None] = {
        "stops": "\ufeff" + list_stops(),
        "routes": "route_id,route_short_name,route_long_name,route_type\n"
        "r5,5,,0\nbus5,5,,700\nnight,,Nachtbus,3",
        "trips": "route_id,service_id,trip_id\n"
        + "\n".join(f"{route},s,{trip}" for trip, (route, *_) in TRIPS.items()),
        "stop_times": "\n".join(times),
        "calendar_dates": "service_id,date,exception_type\n"
        "s,20240301,1\ns,20240229,1\ns,20991231,2",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (content | changed).items():
            if text is not None:
                archive.writestr(f"{name}.txt", text)
    return path


def test_the_main_pattern_of_each_line_is_kept(tmp_path: Path) -> None:
    feed = read_feed(write_feed(tmp_path / "feed.zip"))
    layers = build_timetable([feed], TOWN, METRIC, "the town's buses")
    lines = layers["lines"].set_index("line")
    assert lines["mode"].to_dict() == {"5 (bus)": "bus", "5 (tram)": "tram", "Nachtbus": "bus"}
    assert lines["trip_count"].to_dict() == {"5 (bus)": "1", "5 (tram)": "3", "Nachtbus": "1"}
    order = layers["line_stops"].groupby("line")["stop_id"].agg(list).to_dict()
    assert order == {"5 (tram)": ["A", "B", "C", "D", "E"], "5 (bus)": ["B", "D"],
                     "Nachtbus": ["A", "E"]}  # fmt: skip
    stops = layers["stops"].set_index("stop_id")
    assert stops["modes"].to_dict() == {
        "A": "bus;tram", "B": "bus;tram", "C": "tram", "D": "bus;tram", "E": "bus;tram",
    }  # fmt: skip
    assert stops.geometry["E"].x - stops.geometry["A"].x == pytest.approx(2000, abs=0.2)
    assert tell_days([feed]) == {"first_day": "2024-02-29", "last_day": "2024-03-01"}


def test_two_feeds_keep_their_own_stops(tmp_path: Path) -> None:
    feeds = [read_feed(write_feed(tmp_path / f"{name}.zip")) for name in "ab"]
    layers = build_timetable(feeds, TOWN, METRIC, "both")
    assert len(layers["stops"]) == 10
    assert layers["stops"]["stop_id"].is_unique
    assert layers["lines"].set_index("line")["trip_count"]["5 (tram)"] == "6"


SPOILED: Mapping[str, tuple[dict[str, str | bytes | None], str]] = {
    "no stop_times": ({"stop_times": None}, "has no stop_times.txt"),
    "no stops": ({"stops": None}, "has no stops.txt"),
    "a column": ({"trips": "route_id\nr5"}, "trips.txt of the timetable lacks the column trip_id"),
    "no rows": ({"routes": "route_id,route_type"}, "routes.txt of the timetable has no rows"),
    "empty": ({"routes": ""}, "routes.txt of the timetable is no table"),
    "another stop": ({"stop_times": "trip_id,stop_id,stop_sequence\nt1,Z,1"}, "names the stop Z"),
    "Latin-1": ({"stops": "stop_id,stop_name\n1,Süd".encode("latin-1")}, "is not UTF-8"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_feed_is_named(tmp_path: Path, case: str) -> None:
    changed, told = SPOILED[case]
    with pytest.raises(InputError, match=told) as refused:
        read_feed(write_feed(tmp_path / "feed.zip", **changed))
    assert "feed.zip" in str(refused.value)


def test_a_torn_archive_is_named(tmp_path: Path) -> None:
    path = write_feed(tmp_path / "feed.zip")
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(InputError, match="the timetable cannot be read"):
        read_feed(path)


def test_a_feed_of_elsewhere_is_named(tmp_path: Path) -> None:
    feed = read_feed(write_feed(tmp_path / "feed.zip"))
    with pytest.raises(InputError, match="no stop of the timetable lies in the town"):
        build_timetable([feed], box(0, 0, 1, 1), METRIC, "")


def test_a_place_that_is_none_is_named(tmp_path: Path) -> None:
    stops = list_stops().replace(f"{at(500)[0]:.7f}", "north")
    feed = read_feed(write_feed(tmp_path / "feed.zip", stops=stops))
    with pytest.raises(InputError, match=r"'north' of a stop is none in degrees.*stop_lat"):
        build_timetable([feed], TOWN, METRIC, "")


def read_plain(path: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


@pytest.mark.raw
def test_heidelberg_by_plain_counting() -> None:
    """7 routes, 392 stops, 1,480 trips, valid 12 June to 10 December 2022 by single days."""
    path = require_raw() / "testbeds/heidelberg/gtfs_2022.zip"
    feed = read_feed(path)
    assert (len(feed.routes), len(feed.stops), len(feed.trips)) == (7, 392, 1480)
    assert tell_days([feed]) == {"first_day": "2022-06-12", "last_day": "2022-12-10"}
    everywhere = box(4e5, 5.4e6, 5.5e5, 5.6e6)
    layers = build_timetable([feed], everywhere, METRIC, "VRN")
    assert layers["lines"]["trip_count"].astype(int).sum() == 1480
    served = {row["stop_id"] for row in read_plain(path, "stop_times.txt")}
    parents = {row["stop_id"]: row["parent_station"] or row["stop_id"]
               for row in read_plain(path, "stops.txt")}  # fmt: skip
    assert set(layers["line_stops"]["stop_id"]) <= {parents[stop] for stop in served}
    assert len(layers["lines"]) == 7


@pytest.mark.raw
def test_porto_alegre_has_two_feeds() -> None:
    folder = require_raw() / "testbeds/porto_alegre"
    feeds = [read_feed(folder / f"poa_{name}.zip") for name in ("eptc", "trensurb")]
    layers = build_timetable(feeds, box(3e5, 6.5e6, 6e5, 6.8e6), "EPSG:32722", "")
    n_trips = sum(
        len({row["trip_id"] for row in read_plain(folder / f"poa_{name}.zip", "stop_times.txt")})
        for name in ("eptc", "trensurb")
    )
    assert layers["lines"]["trip_count"].astype(int).sum() == pytest.approx(n_trips, rel=0.02)
    assert {"bus", "train"} == set(layers["lines"]["mode"])


def test_a_town_with_a_timetable_answers_by_bus(tmp_path: Path) -> None:
    """The stops of the invented town: its recipe names the feed, and people can ride."""
    files = write_town(tmp_path)
    rows = ["stop_id,stop_name,stop_lat,stop_lon"]
    for name, x in (("A", 50), ("B", 1000), ("C", 1450)):
        lon, lat = to_degrees(x, 90)
        rows.append(f"{name},Halt {name},{lat:.7f},{lon:.7f}")
    feed = write_feed(
        tmp_path / "feed.zip",
        stops="\n".join(rows),
        stop_times="trip_id,stop_id,stop_sequence\n"
        + "\n".join(f"t1,{stop},{k}" for k, stop in enumerate("ABC")),
        trips="route_id,trip_id\nr5,t1",
    )
    looked = write_recipe(
        tmp_path / "recipe", "Neustadt", replace(files, timetables=(feed,)), crs=""
    )
    assert not any("timetable" in str(one) for one in looked.missing)
    build_town(looked.path, tmp_path / "pack")
    region = wm.open_region(tmp_path / "pack")
    assert [layer.name for layer in check_pack(region.pack).layers if layer.problems] == []
    assert region.pack.lines["line"].tolist() == ["5"]
    found = region.nearest("Lange Straße 1", k=1, mode="transit")
    assert found["duration_min"].notna().all()
