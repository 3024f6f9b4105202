"""Feeds of timetables: an invented one worked out by hand, spoiled ones, and three real ones."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import welcomemap as wm
from tests.ingest.raw_files import require_raw
from tests.ingest.test_town import to_degrees, write_town
from welcomemap.cli import run
from welcomemap.crs import WGS84
from welcomemap.errors import InputError
from welcomemap.ingest.look import TownFiles, write_recipe
from welcomemap.ingest.pack_folder import write_layer
from welcomemap.ingest.recipe import read_recipe
from welcomemap.ingest.timetable import Timetable, look_at_feed, read_timetable
from welcomemap.ingest.town import build_town
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import check_pack, seal_pack
from welcomemap.travel.transit import make_line_network

CRS = "EPSG:25832"
PLACES = {"w": 50, "m": 450, "e": 1250, "far": 9000}
"""Stops on the one street of the invented town, metres east of its corner; ``far`` is outside."""


def stop_rows() -> str:
    rows = []
    for name, x in PLACES.items():
        lon, lat = to_degrees(x, 100)
        rows.append(f'{name},"Halt ""{name}"", Ort",{lat:.7f},{lon:.7f},0,')
    lon, lat = to_degrees(50, 110)
    rows += [f"hub,Hauptplatz,{lat:.7f},{lon:.7f},1,", "w2,,,,0,hub"]
    return "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n" + "\n".join(rows)


FEED: Mapping[str, str] = {
    "agency": "agency_id, agency_name\r\nA,Bahnen der Stadt\r\n",
    "routes": (
        "route_id,agency_id,route_short_name,route_long_name,route_type\n"
        "r1,A,1,West - Ost,0\nr1b,A,1,West - Ost,0\nr2,A,,Nachtbus,704\n"
    ),
    "stops": stop_rows(),
    "trips": (
        "route_id,service_id,trip_id\nr1,week,t1\nr1b,week,t2\nr2,once,t3\nr1,never,t4\n"
    ),
    # From w by m to e; the times at m are blank. Then back; and by night from m far away.
    "stop_times": (
        "trip_id,stop_id,stop_sequence,arrival_time,departure_time\n"
        "t1,w,5,08:00:00,08:00:00\nt1,m,10,,\nt1,e,20,08:10:00,08:12:00\n"
        "t2,e,1,9:00:00,9:00:00\nt2,m,2,9:05:00,9:06:00\nt2,w2,3,9:10:00,9:10:00\n"
        "t3,m,1,25:30:00,25:30:00\nt3,e,2,25:33:00,25:34:00\nt3,far,3,26:00:00,26:00:00\n"
        "t4,w,1,10:00:00,10:00:00\nt4,e,2,10:10:00,10:10:00\n"
    ),
    "calendar": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "week,1,1,1,1,1,0,0,20260601,20260614\nnever,0,0,0,0,0,0,0,20260601,20260614\n"
    ),
    # 4 June 2026 was Corpus Christi, a Thursday.
    "calendar_dates": "service_id,date,exception_type\nweek,20260604,2\nonce,20260606,1\n",
}  # fmt: skip


def write_feed(path: Path, **changed: str | None) -> Path:
    files = {**FEED, **changed}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            if text is not None:
                archive.writestr(f"{name}.txt", text)
    return path


def town() -> shapely.Geometry:
    corners = [to_degrees(x, y) for x, y in ((0, 0), (2000, 0), (2000, 1000), (0, 1000))]
    return gpd.GeoSeries([shapely.Polygon(corners)], crs=WGS84).to_crs(CRS).iloc[0]


def read(*paths: Path, margin_m: float = 100.0) -> Timetable:
    return read_timetable(paths, town(), CRS, margin_m=margin_m)


def list_calls(found: Timetable) -> dict[int, list[tuple[str, int, int]]]:
    rows = found.layers["timetable"]
    return {
        int(trip): list(zip(one["stop_id"], one["arrival_s"], one["departure_s"], strict=True))
        for trip, one in rows.groupby("trip_id")
    }


def test_calls_lines_and_days_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    """From w to m are 400 m of 1,200: a third of the ten minutes. 25:33 is past midnight."""
    found = read(write_feed(tmp_path / "gtfs.zip"))
    h, m = 3600, 60
    assert list_calls(found) == {
        0: [("w", 8 * h, 8 * h), ("m", 8 * h + 200, 8 * h + 200),
            ("e", 8 * h + 10 * m, 8 * h + 12 * m)],
        1: [("e", 9 * h, 9 * h), ("m", 9 * h + 5 * m, 9 * h + 6 * m),
            ("w2", 9 * h + 10 * m, 9 * h + 10 * m)],
        2: [("m", 25 * h + 30 * m, 25 * h + 30 * m), ("e", 25 * h + 33 * m, 25 * h + 34 * m)],
    }  # fmt: skip
    rows = found.layers["timetable"]
    assert rows["is_estimated"].to_numpy().nonzero()[0].tolist() == [1]
    assert rows["sequence"].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    assert rows["line"].tolist() == ["1"] * 6 + ["Nachtbus"] * 2
    lines = found.layers["lines"]
    assert lines.to_numpy().tolist() == [["1", "tram", "2"], ["Nachtbus", "bus", "1"]]
    days = {row.service_id: row for row in found.layers["service_days"].itertuples()}
    of_trip = rows.groupby("trip_id")["service_id"].first().astype(str).tolist()
    week, once = days[of_trip[0]], days[of_trip[2]]
    # Two weeks from a Monday, without one Thursday; the Sundays at the end are no days of it.
    assert (week.first_day, week.last_day, week.days) == (
        "2026-06-01", "2026-06-12", "111010011111",
    )  # fmt: skip
    assert (once.first_day, once.last_day, once.days) == ("2026-06-06", "2026-06-06", "1")
    assert of_trip[0] == of_trip[1]
    assert (found.n_trips, found.n_cut, found.estimated_share) == (3, 1, 1 / 8)
    assert found.feed_days == ((dt.date(2026, 6, 1), dt.date(2026, 6, 12)),)
    assert found.warnings == ()


def test_stops_are_those_served_with_their_names_and_modes(tmp_path: Path) -> None:
    """A platform without name and place has those of its station; a station is no stop."""
    stops = read(write_feed(tmp_path / "gtfs.zip")).layers["stops"].set_index("stop_id")
    assert stops.index.tolist() == ["e", "m", "w", "w2"]
    assert stops["name"].tolist() == ['Halt "e", Ort', 'Halt "m", Ort', 'Halt "w", Ort',
                                      "Hauptplatz"]  # fmt: skip
    assert stops["modes"].tolist() == ["bus;tram", "bus;tram", "tram", "tram"]
    assert stops.geometry["w"].distance(stops.geometry["e"]) == pytest.approx(1200, abs=3)
    assert set(stops["source"]) == {"gtfs.zip"}


def test_a_branch_of_a_line_follows_after_a_gap(tmp_path: Path) -> None:
    """The way back halts at w2, which the way there does not."""
    order = read(write_feed(tmp_path / "gtfs.zip")).layers["line_stops"]
    assert order.query("line == '1'")[["sequence", "stop_id"]].to_numpy().tolist() == [
        ["0", "e"], ["1", "m"], ["2", "w2"], ["4", "w"], ["5", "m"], ["6", "e"],
    ]  # fmt: skip


def test_a_vehicle_does_not_ride_over_the_gap_of_a_branch(tmp_path: Path) -> None:
    layers = read(write_feed(tmp_path / "gtfs.zip")).layers
    stops = layers["stops"]
    places = shapely.get_coordinates(stops.geometry.to_numpy())
    network = make_line_network(layers["lines"], layers["line_stops"], stops, places)
    runs = [np.array(network.stop_ids)[network.served[network.line == k]].tolist()
            for k in range(len(network.mode))]  # fmt: skip
    assert runs == [["e", "m", "w2"], ["w", "m", "e"], ["m", "e"]]
    assert network.mode == ("tram", "tram", "bus")


def test_a_margin_keeps_stops_around_the_town(tmp_path: Path) -> None:
    found = read(write_feed(tmp_path / "gtfs.zip"), margin_m=8000)
    assert "far" in set(found.layers["stops"]["stop_id"])
    assert found.n_cut == 0


def test_trips_at_intervals_stand_once_for_each_departure(tmp_path: Path) -> None:
    """Every 20 minutes from 6:00 until before 7:00: three trips, each as long as the pattern."""
    text = "trip_id,start_time,end_time,headway_secs\nt1,06:00:00,07:00:00,1200\n"
    calls = list_calls(read(write_feed(tmp_path / "gtfs.zip", frequencies=text)))
    starts = [trip[0][2] for trip in calls.values() if trip[0][0] == "w"]
    assert starts == [6 * 3600, 6 * 3600 + 1200, 6 * 3600 + 2400]
    assert calls[1][-1] == ("e", 6 * 3600 + 1800, 6 * 3600 + 1920)
    assert len(calls) == 5


def test_intervals_that_overlap_start_one_trip_at_a_time(tmp_path: Path) -> None:
    """Both rows start one at 6:20, so there are 6:00, 6:20 and 6:40."""
    text = (
        "trip_id,start_time,end_time,headway_secs\n"
        "t1,06:00:00,06:40:00,1200\nt1,06:20:00,07:00:00,1200\n"
    )
    calls = list_calls(read(write_feed(tmp_path / "gtfs.zip", frequencies=text)))
    starts = [trip[0][2] for trip in calls.values() if trip[0][0] == "w"]
    assert starts == [6 * 3600, 6 * 3600 + 1200, 6 * 3600 + 2400]
    assert max(map(len, calls.values())) == 3


@pytest.mark.parametrize(
    ("row", "n_trips"),
    [pytest.param("elsewhere,06:00:00,07:00:00,600", 3, id="of trips that are not kept"),
     pytest.param("t1,07:00:00,07:00:00,600", 2, id="without a departure")],
)  # fmt: skip
def test_intervals_without_a_trip_of_the_town_add_none(
    tmp_path: Path, row: str, n_trips: int
) -> None:
    text = f"trip_id,start_time,end_time,headway_secs\n{row}\n"
    found = read(write_feed(tmp_path / "gtfs.zip", frequencies=text))
    assert found.n_trips == n_trips


def test_two_feeds_are_joined_without_mixing_their_ids(tmp_path: Path) -> None:
    first = write_feed(tmp_path / "a.zip")
    second = write_feed(
        tmp_path / "b.zip", agency="agency_id,agency_name\nA,Andere\n",
        calendar=FEED["calendar"].replace("20260601", "20260518"),
    )  # fmt: skip
    found = read(first, second)
    assert found.n_trips == 6
    assert set(found.layers["stops"]["stop_id"]) == {
        *("e", "m", "w", "w2"), *("2:e", "2:m", "2:w", "2:w2"),
    }  # fmt: skip
    assert found.layers["lines"]["line"].tolist() == [
        "1 (Andere)", "1 (Bahnen der Stadt)", "Nachtbus (Andere)", "Nachtbus (Bahnen der Stadt)",
    ]  # fmt: skip
    assert [days[0] for days in found.feed_days] == [dt.date(2026, 6, 1), dt.date(2026, 5, 18)]
    # The single day of both feeds is the same, and one row.
    assert len(found.layers["service_days"]) == 3


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp1252"])
def test_names_with_a_mark_before_them_or_in_latin_1_are_read(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "gtfs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FEED.items():
            archive.writestr(f"{name}.txt", text.replace("Hauptplatz", "Königsplatz").encode(codec))
    found = read(path)
    assert "Königsplatz" in set(found.layers["stops"]["name"])
    assert [str(one) for one in found.warnings] == ([] if codec == "utf-8-sig" else [
        "gtfs.zip is not in UTF-8 and is read as Windows-1252: look at its names"])  # fmt: skip


SPOILED: Mapping[str, tuple[dict[str, str | None], str]] = {
    "no times": ({"stop_times": None}, "the feed has no stop_times.txt (gtfs.zip"),
    "no days": ({"calendar": None, "calendar_dates": None}, "the feed has no calendar.txt"),
    "no stops": ({"stops": None}, "the feed has no stops.txt"),
    "missing column": (
        {"stop_times": "trip_id,stop_id,arrival_time,departure_time\nt1,w,8:00:00,8:00:00\n"},
        "the column stop_sequence is absent"),
    "unknown stop": (
        {"stop_times": FEED["stop_times"].replace("t1,m,", "t1,nowhere,")},
        "a stop of stops.txt is expected, not 'nowhere' (gtfs.zip: stop_times.txt, row 2"),
    "unknown trip": (
        {"stop_times": FEED["stop_times"].replace("t3,m,", "t9,m,")},
        "a trip of trips.txt is expected, not 't9' (gtfs.zip: stop_times.txt, row 7"),
    "unknown route": (
        {"trips": FEED["trips"].replace("r2,", "r9,")},
        "a route of routes.txt is expected, not 'r9' (gtfs.zip: trips.txt, row 3"),
    "unknown service": (
        {"trips": FEED["trips"].replace(",once,", ",twice,")},
        "a service of the calendar is expected, not 'twice'"),
    "no time": (
        {"stop_times": FEED["stop_times"].replace("08:10:00", "ten past")},
        "a time such as 07:30:00, or nothing is expected, not 'ten past'"),
    "no date": (
        {"calendar_dates": "service_id,date,exception_type\nweek,2026-06-04,2\n"},
        "a day such as 20260131 is expected, not '2026-06-04'"),
    "no degrees": (
        {"stops": FEED["stops"].replace("w2,,,,0,hub", "w2,,x,,0,")}, "degrees is expected"),
    "one id twice": (
        {"trips": FEED["trips"] + "r1,week,t1\n"}, "the id t1 stands twice (gtfs.zip: trips.txt"),
    "ragged": (
        {"stop_times": FEED["stop_times"] + "t1,w\n"}, "the file cannot be read as a table"),
    "never": (
        {"calendar": FEED["calendar"].replace("1,1,1,1,1", "0,0,0,0,0"),
         "calendar_dates": None, "trips": "route_id,service_id,trip_id\nr1,week,t1\n"},
        "no trip of the feed runs on any day"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_feed_ends_the_build_with_a_sentence(
    tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changed, told = SPOILED[case]
    good = write_feed(tmp_path / "gtfs.zip")
    looked = write_recipe(tmp_path / "new", "Bruchstadt", with_feeds(tmp_path, good))
    write_feed(good, **changed)
    command = ["data", "build", str(looked.path), "--out", str(tmp_path / "pack"), "--lang", "en"]
    assert run(command) == 2
    error = capsys.readouterr().err
    assert told in error
    assert not (tmp_path / "pack").exists()


def with_feeds(folder: Path, *feeds: Path) -> TownFiles:
    files = write_town(folder)
    return TownFiles(files.osm, files.districts, files.grid, files.sites, timetables=feeds)


@pytest.mark.parametrize("cut", ["text", "half"])
def test_what_is_no_archive_or_half_of_one_is_named(tmp_path: Path, cut: str) -> None:
    path = write_feed(tmp_path / "gtfs.zip")
    content = b"stop_id" if cut == "text" else path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(content)
    with pytest.raises(InputError, match="the archive cannot be read"):
        look_at_feed(path)


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gtfs.zip"
    with zipfile.ZipFile(path, "w") as archive:  # stored, so that its bytes can be found
        for name, text in FEED.items():
            archive.writestr(f"{name}.txt", text)
    path.write_bytes(path.read_bytes().replace(b"t1,m,10", b"t1,m,19"))
    with pytest.raises(InputError, match="the archive cannot be read: Bad CRC-32"):
        read(path)


def test_a_feed_of_elsewhere_is_named(tmp_path: Path) -> None:
    path = write_feed(tmp_path / "gtfs.zip")
    elsewhere = shapely.box(500_000, 5_600_000, 501_000, 5_601_000)
    with pytest.raises(InputError, match="no stop of the feed lies in or near the town"):
        read_timetable([path], elsewhere, CRS, margin_m=3000)


def test_trips_whose_times_run_back_are_left_out_and_counted(tmp_path: Path) -> None:
    text = FEED["stop_times"].replace("9:05:00,9:06:00", "8:05:00,8:06:00")
    found = read(write_feed(tmp_path / "gtfs.zip", stop_times=text))
    assert found.n_trips == 2
    (warning,) = map(str, found.warnings)
    assert warning == ("trips of gtfs.zip that are left out (a time before the one before): 1")


def test_a_feed_for_decades_is_cut_and_says_so(tmp_path: Path) -> None:
    text = FEED["calendar"].replace("week,1,1,1,1,1,0,0,20260601,20260614",
                                    "week,1,1,1,1,1,0,0,20260601,20991231")  # fmt: skip
    found = read(write_feed(tmp_path / "gtfs.zip", calendar=text))
    assert found.feed_days[0][1] < dt.date(2030, 1, 1)
    assert "three years" in str(found.warnings[0])


# --- in a pack ---


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    looked = write_recipe(
        folder / "recipe", "Erfundenhausen", with_feeds(folder, write_feed(folder / "gtfs.zip"))
    )
    return build_town(looked.path, folder / "pack").folder


def test_a_recipe_names_the_feed_and_what_it_holds(tmp_path: Path) -> None:
    feeds = (write_feed(tmp_path / "a.zip"), write_feed(tmp_path / "b.zip"))
    path = write_recipe(tmp_path / "r", "Ort", with_feeds(tmp_path, *feeds), language="en").path
    part = read_recipe(path).timetable
    assert part.files == ("../a.zip", "../b.zip")
    assert (part.source, part.date) == ("Bahnen der Stadt", "2026-06-01")
    told = "Bahnen der Stadt: lines 3, stops 6, trips 4, from 2026-06-01 to 2026-06-12"
    assert path.read_text("utf-8").count(told) == 2


def test_the_pack_with_a_timetable_is_sound_and_says_when_it_holds(served: Path) -> None:
    pack = load_pack(served)
    assert [layer.name for layer in check_pack(pack).layers if layer.problems] == []
    assert len(pack.timetable) == 8
    assert pack.timetable.dtypes["departure_s"] == np.int32
    assert len(pack.service_days) == 2
    limits = {r["name"]: r["limits"] for r in pack.manifest["resources"]}
    assert "valid from 2026-06-01 to 2026-06-12" in limits["timetable"]
    assert "12% of the times are estimated" in limits["timetable"]
    assert "of 1 of them the calls farther out are left out" in limits["timetable"]
    assert "Bahnen der Stadt" in (served / "LICENSE.md").read_text("utf-8")


def test_the_same_feed_gives_the_same_bytes(served: Path, tmp_path: Path) -> None:
    again = build_town(served.parent / "recipe" / "recipe.toml", tmp_path / "again").folder
    for name in ("timetable.parquet", "service_days.csv", "stops.geojson", "line_stops.csv"):
        assert (again / name).read_bytes() == (served / name).read_bytes(), name


def test_a_call_at_an_unknown_stop_is_found_by_the_check(served: Path, tmp_path: Path) -> None:
    pack = load_pack(served)
    spoiled = pack.timetable.assign(stop_id=pack.timetable["stop_id"].replace("w2", "w3"))
    for file in served.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    write_layer(tmp_path / "timetable.parquet", spoiled)
    seal_pack(load_pack(tmp_path))
    (found,) = (x for x in check_pack(load_pack(tmp_path)).layers if x.name == "timetable")
    assert any("w3 is not in the layer stops" in str(problem) for problem in found.problems)


def test_ways_by_tram_are_told_where_there_are_lines(served: Path) -> None:
    """A tram of 17 km/h rides 1,200 m in 4 min; walking 1,100 m at 5 km/h takes over 13."""
    region = wm.open_region(served)
    rode = region.nearest("Lange Straße 3", k=1, mode="transit").iloc[0]
    walked = region.nearest("Lange Straße 3", k=1).iloc[0]
    assert rode["duration_min"] <= walked["duration_min"]
    assert rode["basis"] in ("estimate", "streets")


def test_a_town_without_a_timetable_says_so(tmp_path: Path) -> None:
    looked = write_recipe(tmp_path, "Ohnebus", write_town(tmp_path), language="en")
    assert any("--gtfs" in str(one) for one in looked.missing)
    result = build_town(looked.path, tmp_path / "pack")
    assert any("no timetable is named" in str(one) for one in result.warnings)


# --- real feeds, counted with the csv module alone ---


def count(path: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"{name}.txt").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), skipinitialspace=True))


HEIDELBERG = ("heidelberg/gtfs_2022.zip",)
PORTO_ALEGRE = ("porto_alegre/poa_eptc.zip", "porto_alegre/poa_trensurb.zip")


@pytest.mark.raw
@pytest.mark.parametrize(
    ("names", "crs", "bounds"),
    [(HEIDELBERG, CRS, (8.3, 49.2, 9.0, 49.7)),
     (PORTO_ALEGRE, "EPSG:32722", (-52.0, -31.0, -50.0, -29.0))],
)  # fmt: skip
def test_a_real_feed_is_read_whole(
    names: tuple[str, ...], crs: str, bounds: tuple[float, float, float, float]
) -> None:
    paths = [require_raw() / "testbeds" / name for name in names]
    area = gpd.GeoSeries([shapely.box(*bounds)], crs=WGS84).to_crs(crs).iloc[0]
    found = read_timetable(paths, area, crs, margin_m=0)
    times = [count(path, "stop_times") for path in paths]
    calls = found.layers["timetable"]
    assert len(calls) == sum(map(len, times))
    assert found.n_trips == sum(len(count(path, "trips")) for path in paths)
    assert found.n_cut == 0
    assert calls["is_estimated"].sum() == sum(not row["arrival_time"] for t in times for row in t)
    served = sum(len({row["stop_id"] for row in t}) for t in times)
    assert len(found.layers["stops"]) == served
    assert len(found.layers["lines"]) == sum(len(count(path, "routes")) for path in paths)
    # All stated departures, as seconds, whatever trip they are of.
    stated = sorted(
        int(h) * 3600 + int(m) * 60 + int(s)
        for t in times for row in t if row["departure_time"]
        for h, m, s in [row["departure_time"].strip().split(":")]
    )  # fmt: skip
    kept = calls.loc[~calls["is_estimated"], "departure_s"]
    assert sorted(kept.tolist()) == stated
    within = calls.groupby("trip_id")["arrival_s"].diff().dropna()
    assert (within >= 0).all()


@pytest.mark.raw
def test_heidelberg_runs_on_single_dates_alone() -> None:
    """Its calendar has no weekday at all: each day of each trip stands in calendar_dates."""
    path = require_raw() / "testbeds" / HEIDELBERG[0]
    facts = look_at_feed(path)
    assert (facts.n_lines, facts.n_stops, facts.n_trips) == (7, 392, 1480)
    assert (facts.first_day, facts.last_day) == (dt.date(2022, 6, 12), dt.date(2022, 12, 10))
    area = gpd.GeoSeries([shapely.box(8.3, 49.2, 9.0, 49.7)], crs=WGS84).to_crs(CRS).iloc[0]
    found = read_timetable([path], area, CRS, margin_m=0)
    on = pd.Series([row["service_id"] for row in count(path, "calendar_dates")]).value_counts()
    services = pd.Series([row["service_id"] for row in count(path, "trips")])
    days = found.layers["service_days"].set_index("service_id")["days"].str.count("1")
    first = found.layers["timetable"].drop_duplicates("trip_id")
    assert int(first["service_id"].astype(str).map(days).sum()) == int(services.map(on).sum())
