"""A fresh pack appears whole or not at all, and says what is new in it and what is not."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pytest
from shapely.geometry import Point, Polygon, box

from tests.ingest.official_server import OfficialServer, running_server, status, whole
from tests.schemas import require_schema
from tests.worlds import ORIGIN_X, ORIGIN_Y, load_rechteckstadt
from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.describe.contract import Updated, shape, to_builtins
from welcomemap.errors import (
    GeometryError,
    InputError,
    MissingColumnError,
    NetworkError,
    PackError,
    SwappedCoordinatesError,
    UsageError,
)
from welcomemap.ingest.changed_sites import undo_sites, update_sites
from welcomemap.ingest.duesseldorf import build_pack
from welcomemap.ingest.fetch import FetchedFileError, FetchSettings
from welcomemap.ingest.pack_folder import claim_target, publish_pack
from welcomemap.ingest.sources import SourceListError, read_sources
from welcomemap.ingest.update import update_sources
from welcomemap.region.pack import RegionPack, find_pack, load_pack
from welcomemap.region.schemas import STREET_EDGE_COLUMNS
from welcomemap.region.verify import seal_pack
from welcomemap.study.changed_sites import compare_list
from welcomemap.study.study import Study
from welcomemap.travel.factory import read_network

PATIENT = FetchSettings(read_timeout_s=2, sleep=lambda _: None)
QUARTER_BOUNDS = {
    11: (0, 0, 1060, 2000),
    12: (1060, 0, 2000, 2000),
    21: (2000, 0, 4000, 2000),
    31: (4000, 0, 6000, 2000),
}
"""The tiny city's quarters, the border of 011 and 012 moved 60 m east: 0.12 km² changes hands."""


def rectangle(bounds: tuple[float, ...]) -> Polygon:
    west, south, east, north = bounds
    return box(ORIGIN_X + west, ORIGIN_Y + south, ORIGIN_X + east, ORIGIN_Y + north)


def official_geojson(bounds: dict[int, tuple[float, ...]], **columns: list[Any]) -> bytes:
    table = gpd.GeoDataFrame(
        {"OBJECTID": range(1, len(bounds) + 1), "Nummer": [f"{n:03d}" for n in bounds], **columns},
        geometry=[rectangle(b) for b in bounds.values()],
        crs=METRIC_CRS,
    )
    text: str = table.to_crs("EPSG:4326").to_json()
    return text.encode()


def zipped_table() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("Zensus2022_100m.csv"), "cell;people\nA;3\nB;4\n")
        archive.writestr(zipfile.ZipInfo("readme.txt"), "one line\n")
    return buffer.getvalue()


@pytest.fixture
def server() -> Iterator[OfficialServer]:
    with running_server() as running:
        yield running


@pytest.fixture
def base(tmp_path: Path) -> RegionPack:
    return load_rechteckstadt(tmp_path / "base")


def write_list(path: Path, *entries: dict[str, object]) -> Path:
    defaults: dict[str, object] = {
        "title": "A title",
        "url": "",
        "page": "https://example.org",
        "kind": "csv",
        "layers": ["addresses"],
        "licence": "CC0-1.0",
        "publisher": "Rechteckstadt",
        "last_verified": "never",
    }
    lines = []
    for entry in entries:
        lines.append("[[source]]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in (defaults | entry).items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def quarters_entry(server: OfficialServer, content: bytes) -> dict[str, object]:
    url = server.serve("/stadtteile.geojson", whole(content))
    return {"name": "quarters", "url": url, "kind": "geojson", "layers": ["quarters", "districts"]}


def hidden_beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def content_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_fresh_pack_has_the_official_borders(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    sources = write_list(
        tmp_path / "list.toml",
        quarters_entry(server, official_geojson(QUARTER_BOUNDS)),
        {
            "name": "census_grid",
            "kind": "zip",
            "layers": ["demand_cells"],
            "url": server.serve("/census.zip", whole(zipped_table())),
        },
        {"name": "timetable", "kind": "zip", "layers": ["stops", "lines"]},
    )
    out = tmp_path / "fresh"
    result = update_sources(out, sources=sources, base=base, settings=PATIENT)

    pack = load_pack(out)
    quarters = pack.quarters.set_index("quarter")
    assert quarters["area_km2"].to_dict() == {"011": 2.12, "012": 1.88, "021": 4.0, "031": 4.0}
    assert quarters.geometry["011"].bounds[2] == pytest.approx(ORIGIN_X + 1060, abs=0.05)
    assert quarters["residents"].tolist() == base.quarters["residents"].tolist()
    assert pack.districts["area_km2"].tolist() == [4.0, 4.0, 4.0]
    assert pack.districts["name"].tolist() == base.districts["name"].tolist()
    assert len(pack.demand_cells) == len(base.demand_cells)
    new_gate = pack.demand_cells[pack.demand_cells["quarter"] == "012"]
    assert new_gate["residents"].sum() == 200
    assert new_gate.geometry.x.min() == pytest.approx(ORIGIN_X + 1061, abs=0.1)
    numbers = pack.addresses.set_index("house_number")
    # Numbers 101 to 106 stand at x = 1005 to 1055, west of the new border; 108 at x = 1075.
    assert numbers.loc[["100", "101", "106", "108"], "quarter"].tolist() == [
        "011",
        "011",
        "011",
        "012",
    ]

    for resource in pack.manifest["resources"]:
        content = (out / resource["path"]).read_bytes()
        assert resource["sha256"] == hashlib.sha256(content).hexdigest()
    answer = to_builtins(shape(Updated, result))
    require_schema("data-update", answer)
    assert {layer["name"] for layer in answer["layers"]} == {
        resource["name"] for resource in pack.manifest["resources"]
    }
    assert all(set(layer) == {"name", "rows", "sha256", "source"} for layer in answer["layers"])
    by_name = {layer["name"]: layer for layer in answer["layers"]}
    assert "/stadtteile.geojson" in by_name["districts"]["source"]
    assert by_name["addresses"]["source"] == "tiny world"
    timetable, borders, census = answer["warnings"]
    assert timetable.startswith("timetable: no address of the file is known")
    assert "0.120 km²" in borders
    assert "6 addresses change their quarter" in borders
    assert "20 are moved" in borders
    assert census.startswith("census_grid: fetched, checked (2 rows) and kept")

    kept = json.loads((out / "sources" / "sources.json").read_text("utf-8"))["files"]
    assert [file["name"] for file in kept] == ["quarters", "census_grid"]
    assert kept[1]["sha256"] == hashlib.sha256(zipped_table()).hexdigest()
    assert (out / kept[1]["path"]).read_bytes() == zipped_table()
    assert hidden_beside(tmp_path) == []


def write_extract(path: Path, width: int = 6000) -> bytes:
    """Streets every 100 m over the tiny city, and some that nobody may or can walk.

    On the street along y = 1000 stands a locked gate at x = 500; y = 1900 is a motorway, y = 1800
    a private road, y = 1700 a moving walkway eastwards.
    """
    nodes: dict[tuple[int, int], int] = {}
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for y in range(0, 2001, 100):
            for x in range(0, width + 1, 100):
                nodes[x, y] = len(nodes) + 1
                lat, lon = unproject(np.array([(ORIGIN_X + x, ORIGIN_Y + y)]))
                is_gate = (x, y) == (500, 1000)
                tags = {"barrier": "gate", "access": "private"} if is_gate else {}
                place = (float(lon[0]), float(lat[0]))
                writer.add_node(osmium.osm.mutable.Node(id=nodes[x, y], location=place, tags=tags))
        kinds = {
            1900: {"highway": "motorway"},
            1800: {"highway": "service", "access": "private"},
            1700: {"highway": "footway", "conveying": "forward"},
        }
        for y in range(0, 2001, 100):
            tags = kinds.get(y, {"highway": "residential", "name": f"Querstraße {y}"})
            refs = [nodes[x, y] for x in range(0, width + 1, 100)]
            writer.add_way(osmium.osm.mutable.Way(id=y + 1, nodes=refs, tags=tags))
        for x in range(0, width + 1, 100):
            tags = {"highway": "footway"}
            refs = [nodes[x, y] for y in range(0, 2001, 100)]
            writer.add_way(osmium.osm.mutable.Way(id=10_000 + x, nodes=refs, tags=tags))
    return path.read_bytes()


def streets_entry(server: OfficialServer, content: bytes) -> dict[str, object]:
    url = server.serve("/city.osm.pbf", whole(content))
    return {"name": "openstreetmap", "url": url, "kind": "pbf", "layers": ["street_edges"]}


def test_a_fresh_pack_has_the_streets_of_the_whole_region(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    entry = streets_entry(server, write_extract(tmp_path / "made.osm.pbf"))
    sources = write_list(tmp_path / "list.toml", entry)
    result = update_sources(tmp_path / "fresh", sources=sources, base=base, settings=PATIENT)
    assert "100.0% of the people live within 300 m" in str(result.warnings[0])

    pack = load_pack(tmp_path / "fresh")
    edges = pack.street_edges
    assert set(STREET_EDGE_COLUMNS) <= set(edges.columns)
    # 18 of 21 streets west-east, 61 footways south-north, without the four pieces at the gate.
    assert edges["length_m"].sum() == pytest.approx(18 * 6000 + 61 * 2000 - 400, abs=30)
    assert not edges.geometry.intersects(Point(ORIGIN_X + 500, ORIGIN_Y + 1000).buffer(50)).any()
    assert set(edges["way_id"]).isdisjoint({1901, 1801, 1701})
    assert "Querstraße 1000" in set(edges["name"])
    assert pack.street_extent.geometry.area.sum() == pytest.approx(12e6, rel=1e-4)
    network = read_network(pack)
    assert network.n_nodes == pytest.approx(61 * 18, abs=20)


def test_an_extract_of_half_the_region_is_refused(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    entry = streets_entry(server, write_extract(tmp_path / "made.osm.pbf", width=3000))
    sources = write_list(tmp_path / "list.toml", entry)
    with pytest.raises(GeometryError, match=r"only 5[0-9]\.\d% of the people"):
        update_sources(tmp_path / "fresh", sources=sources, base=base, settings=PATIENT)
    assert not (tmp_path / "fresh").exists()


def test_an_extract_of_another_place_is_refused(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    path = tmp_path / "far.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number in (1, 2):
            place = (11.5 + number / 100, 48.1)
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
        way = osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"highway": "residential"})
        writer.add_way(way)
    sources = write_list(tmp_path / "list.toml", streets_entry(server, path.read_bytes()))
    with pytest.raises(InputError, match="no street of the region"):
        update_sources(tmp_path / "fresh", sources=sources, base=base, settings=PATIENT)


def test_districts_that_differ_from_their_quarters_are_said(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    districts = {1: (0, 0, 2100, 2000), 2: (2100, 0, 4000, 2000), 3: (4000, 0, 6000, 2000)}
    url = server.serve("/bezirke.geojson", whole(official_geojson(districts)))
    sources = write_list(
        tmp_path / "list.toml",
        quarters_entry(server, official_geojson(QUARTER_BOUNDS)),
        {"name": "districts", "url": url, "kind": "geojson", "layers": ["districts"]},
    )
    result = update_sources(tmp_path / "fresh", sources=sources, base=base, settings=PATIENT)
    assert "differ on 0.200 km²" in str(result.warnings[-1])


def test_nothing_appears_where_one_source_fails_and_the_rest_is_kept(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    gone = server.url("/gone.csv")
    broken = server.serve("/broken.csv", status(500))
    entries = [
        quarters_entry(server, official_geojson(QUARTER_BOUNDS)),
        {"name": "register", "url": gone},
        {"name": "population", "url": broken},
    ]
    sources = write_list(tmp_path / "list.toml", *entries)
    out = tmp_path / "fresh"
    with pytest.raises(NetworkError, match=r"2 of 3 sources.*register: .*404.*population: .*500"):
        update_sources(out, sources=sources, base=base, settings=PATIENT)
    assert not out.exists()

    write_list(tmp_path / "list.toml", entries[0])
    update_sources(out, sources=sources, base=base, settings=PATIENT)
    assert load_pack(out).quarters["area_km2"].iloc[0] == 2.12
    assert "If-None-Match" in server.headers_sent_to("/stadtteile.geojson")[1]


def test_a_pack_that_is_there_is_replaced_only_by_a_whole_one(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    out = tmp_path / "fresh"
    good = quarters_entry(server, official_geojson(QUARTER_BOUNDS))
    sources = write_list(tmp_path / "list.toml", good)
    update_sources(out, sources=sources, base=base, settings=PATIENT)
    before = content_of(out)

    elsewhere = {n: (w + 90_000, s, e + 90_000, t) for n, (w, s, e, t) in QUARTER_BOUNDS.items()}
    server.serve("/stadtteile.geojson", whole(official_geojson(elsewhere)))
    with pytest.raises(GeometryError, match="differ by"):
        update_sources(out, sources=sources, base=base, settings=PATIENT)
    server.serve("/stadtteile.geojson", whole(b"<html>sorry</html>"))
    with pytest.raises(FetchedFileError):
        update_sources(out, sources=sources, base=base, settings=PATIENT)
    assert content_of(out) == before

    moved = QUARTER_BOUNDS | {11: (0, 0, 1075, 2000), 12: (1075, 0, 2000, 2000)}
    server.serve("/stadtteile.geojson", whole(official_geojson(moved)))
    update_sources(out, sources=sources, base=base, settings=PATIENT)
    assert load_pack(out).quarters["area_km2"].iloc[0] == 2.15
    assert hidden_beside(tmp_path) == []


def change_list(folder: Path, table: Path) -> None:
    """Take into the list of the pack that one of its two sites has closed."""
    table.write_text(
        "id,name,operator,address,stated_districts,status,valid_from,valid_to,source\n"
        "a2,Welcome Point 1,Verein,Hauptstraße 50,,open,,,tiny world\n",
        encoding="utf-8",
    )
    pack = load_pack(folder)
    update_sites(pack, compare_list(Study(pack), "2025", table, day=dt.date(2026, 11, 27)))


def test_an_update_keeps_the_list_of_sites_and_what_undoes_its_changes(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    folder, others = tmp_path / "mine", ("service_points.csv", "history/")
    shutil.copytree(base.folder, folder)
    seal_pack(load_pack(folder))
    published = (folder / "service_points.csv").read_bytes()
    change_list(folder, tmp_path / "list.csv")
    changed = {n: c for n, c in content_of(folder).items() if n.startswith(others)}
    assert changed["service_points.csv"] != published
    good = quarters_entry(server, official_geojson(QUARTER_BOUNDS))
    update_sources(folder, sources=write_list(tmp_path / "l.toml", good), settings=PATIENT)
    assert load_pack(folder).quarters["area_km2"].iloc[0] == 2.12
    assert {n: c for n, c in content_of(folder).items() if n.startswith(others)} == changed
    undo_sites(folder)
    assert (folder / "service_points.csv").read_bytes() == published
    assert load_pack(folder).quarters["area_km2"].iloc[0] == 2.12


def test_changes_of_the_list_are_not_lost_to_another_pack(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(base.folder, folder)
    seal_pack(load_pack(folder))
    change_list(folder, tmp_path / "list.csv")
    before = content_of(folder)
    good = quarters_entry(server, official_geojson(QUARTER_BOUNDS))
    sources = write_list(tmp_path / "l.toml", good)
    with pytest.raises(UsageError, match=r"1 change.*would be lost"):
        update_sources(folder, sources=sources, base=base, settings=PATIENT)
    with pytest.raises(UsageError, match=r"1 change.*would be lost"):
        build_pack(tmp_path / "raw", folder)
    assert content_of(folder) == before


def test_numbers_are_found_whatever_their_property_is_called(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    content = official_geojson(QUARTER_BOUNDS).replace(b"Nummer", b"STT_ID")
    sources = write_list(tmp_path / "list.toml", quarters_entry(server, content))
    update_sources(tmp_path / "fresh", sources=sources, base=base, settings=PATIENT)
    wrong = official_geojson(QUARTER_BOUNDS).replace(b'"021"', b'"022"')
    sources = write_list(tmp_path / "list.toml", quarters_entry(server, wrong))
    with pytest.raises(MissingColumnError, match="numbers of the 4 areas"):
        update_sources(tmp_path / "other", sources=sources, base=base, settings=PATIENT)


def test_exchanged_coordinates_are_named(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    content = json.loads(official_geojson(QUARTER_BOUNDS))
    for feature in content["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[point[::-1] for point in ring]]
    sources = write_list(
        tmp_path / "list.toml", quarters_entry(server, json.dumps(content).encode())
    )
    with pytest.raises(SwappedCoordinatesError):
        update_sources(tmp_path / "fresh", sources=sources, base=base, settings=PATIENT)
    assert not (tmp_path / "fresh").exists()


def test_borders_that_other_layers_do_not_fit_are_refused(
    server: OfficialServer, base: RegionPack, tmp_path: Path
) -> None:
    far = QUARTER_BOUNDS | {11: (0, 0, 1200, 2000), 12: (1200, 0, 2000, 2000)}
    sources = write_list(tmp_path / "list.toml", quarters_entry(server, official_geojson(far)))
    with pytest.raises(PackError, match="would be faulty: demand_cells"):
        update_sources(tmp_path / "fresh", sources=sources, base=base, settings=PATIENT)
    assert not (tmp_path / "fresh").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path, base: RegionPack) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="no region pack"):
        update_sources(folder, sources=write_list(tmp_path / "l.toml", {"name": "a"}), base=base)
    assert content_of(folder) == {"photo.jpg": b"x"}


def test_a_pack_moved_aside_by_a_crash_comes_back(tmp_path: Path) -> None:
    aside = tmp_path / ".fresh.replaced"
    aside.mkdir()
    (aside / "datapackage.json").write_text("{}")
    assert find_pack(tmp_path / "fresh") == aside
    with claim_target(tmp_path / "fresh"):
        assert content_of(tmp_path / "fresh") == {"datapackage.json": b"{}"}
    assert [path.name for path in tmp_path.iterdir()] == ["fresh"]


def test_a_fault_while_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), publish_pack(tmp_path / "fresh") as folder:
        (folder / "half").write_text("x")
        raise KeyError("half")
    assert list(tmp_path.iterdir()) == []


def test_the_list_that_comes_with_the_program_is_sound() -> None:
    sources = {source.name: source for source in read_sources()}
    assert {
        "quarters",
        "districts",
        "advice_offices",
        "openstreetmap",
        "census_grid",
        "timetable",
    } <= set(sources)
    assert sources["openstreetmap"].licence == "ODbL-1.0"
    assert all(source.url.startswith("https://") for source in sources.values() if source.url)
    assert {source.last_verified for source in sources.values()} == {"never"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": "../../etc"}, "name"),
        ({"url": "file:///etc/hostname"}, "url"),
        ({"url": "https://user:word@example.org/x"}, "url"),
        ({"kind": "exe"}, "kind"),
        ({"last_verified": "yesterday"}, "last_verified"),
        ({"sha256": "abc"}, "sha256"),
        ({"max_bytes": -1}, "max_bytes"),
        ({"licence": ""}, "licence"),
        ({"title": 3}, "title"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, change: dict[str, object], fault: str) -> None:
    path = write_list(tmp_path / "list.toml", {"name": "first"}, {"name": "second"} | change)
    with pytest.raises(SourceListError, match=fault) as caught:
        read_sources(path)
    assert "row 2" in str(caught.value)


@pytest.mark.parametrize("text", ["", "x = 1", "not toml at all", "source = 3"])
def test_a_list_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(SourceListError):
        read_sources(path)
    with pytest.raises(SourceListError, match="cannot be read"):
        read_sources(tmp_path / "absent.toml")


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceListError, match="two sources"):
        read_sources(write_list(tmp_path / "list.toml", {"name": "a"}, {"name": "a"}))
