"""Every damage to a pack is found, and named with file, row and column; a sound pack passes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.affinity import translate
from shapely.geometry import Point, Polygon

from tests.worlds import _demand_cells, _districts, at, rectangle, write_rechteckstadt
from welcomemap.describe.contract import CheckedLayer, shape, to_builtins
from welcomemap.files import hash_file
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.verify import MAX_PROBLEMS, CheckResult, check_pack

EMBEDDED = Path(__file__).parents[2] / "geodata"
MAX_PACK_BYTES = 12_000_000


@pytest.fixture
def tiny(tiny_pack: RegionPack, tmp_path: Path) -> Path:
    """A copy of the tiny pack, to be damaged."""
    return Path(shutil.copytree(tiny_pack.folder, tmp_path / "pack"))


@pytest.fixture(scope="module")
def embedded() -> CheckResult:
    return check_pack(load_pack(EMBEDDED))


def problems_of(folder: Path) -> list[str]:
    result = check_pack(load_pack(folder))
    found = [str(problem) for layer in result.layers for problem in layer.problems]
    assert result.ok == (not found)
    return found


def edit_manifest(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    edit(manifest)
    path.write_text(json.dumps(manifest), "utf-8")


def seal(folder: Path) -> None:
    """Record hashes and rows anew, so that only the damage itself is found."""

    def renew(manifest: dict[str, Any]) -> None:
        for resource in manifest["resources"]:
            path = folder / resource["path"]
            if path.is_file():
                resource["sha256"] = hash_file(path)
            resource.pop("rows", None)

    edit_manifest(folder, renew)


def edit_rows(folder: Path, layer: str, edit: Callable[[pd.DataFrame], object]) -> None:
    path = folder / f"{layer}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    edit(table)
    table.to_csv(path, index=False)
    seal(folder)


def edit_features(folder: Path, layer: str, edit: Callable[[list[dict[str, Any]]], object]) -> None:
    path = folder / f"{layer}.geojson"
    value = json.loads(path.read_text("utf-8"))
    edit(value["features"])
    path.write_text(json.dumps(value), "utf-8")
    seal(folder)


def test_a_second_pack_of_another_town_is_sound(tiny: Path) -> None:
    assert problems_of(tiny) == []


def test_the_embedded_pack_is_sound_and_small(embedded: CheckResult) -> None:
    assert [problem for layer in embedded.layers for problem in layer.problems] == []
    assert embedded.ok
    assert sum(p.stat().st_size for p in EMBEDDED.iterdir()) <= MAX_PACK_BYTES


def test_contract_of_the_result(embedded: CheckResult) -> None:
    layers = [to_builtins(shape(CheckedLayer, layer)) for layer in embedded.layers]
    keys = {"name", "path", "rows", "sha256", "licence", "source", "date", "ok", "problems"}
    assert all(set(layer) == keys for layer in layers)
    for layer in layers:
        assert layer["licence"] and layer["source"] and layer["date"]
        assert layer["rows"] > 0


def test_a_changed_byte(tiny: Path) -> None:
    path = tiny / "lines.csv"
    path.write_text(path.read_text("utf-8").replace("100", "101"), "utf-8")
    (problem,) = problems_of(tiny)
    assert problem.startswith("lines.csv: ")
    assert "sha256 differs" in problem


def test_a_missing_file(tiny: Path) -> None:
    (tiny / "stops.geojson").unlink()
    (problem,) = problems_of(tiny)
    assert "layer stops has no file (stops.geojson)" in problem


def test_a_needed_layer_not_named(tiny: Path) -> None:
    def drop(manifest: dict[str, Any]) -> None:
        manifest["resources"] = [r for r in manifest["resources"] if r["name"] != "demand_cells"]

    edit_manifest(tiny, drop)
    (problem,) = problems_of(tiny)
    assert "no layer demand_cells" in problem


def test_a_row_lost(tiny: Path) -> None:
    path = tiny / "advice_offices.csv"
    path.write_text(
        path.read_text("utf-8") + path.read_text("utf-8").splitlines()[1] + "\n", "utf-8"
    )
    found = problems_of(tiny)
    assert any("rows in the file: 2, in the manifest: 1" in problem for problem in found)
    assert any("column id: o1 stands in an earlier row already" in problem for problem in found)


@pytest.mark.parametrize(
    ("column", "row", "value", "message"),
    [
        ("status", 0, "offen", "row 1, column status: offen stands where one of open, planned"),
        ("lat", 1, "51,2", "row 2, column lat: 51,2 stands where a number from -90 to 90"),
        ("id", 1, "a", "row 2, column id: a stands in an earlier row already"),
        ("valid_from", 0, "31.3.2019", "row 1, column valid_from: 31.3.2019 stands where a date"),
        ("stated_districts", 0, "1,2", "row 1, column stated_districts: 1,2 stands where"),
        ("name", 3, "  ", "row 4, column name: "),
        ("scenario", 0, "1999", "row 1, column scenario: scenario 1999 is not one of 2020, 2025"),
        ("lat", 0, "", "row 1, column lat: site a has only one of lat and lon"),
    ],
)
def test_a_wrong_cell(tiny: Path, column: str, row: int, value: str, message: str) -> None:
    def spoil(table: pd.DataFrame) -> None:
        table.loc[row, column] = value

    edit_rows(tiny, "service_points", spoil)
    (problem,) = problems_of(tiny)
    assert f"service_points.csv, {message}" in problem


def test_a_missing_column(tiny: Path) -> None:
    edit_rows(tiny, "service_points", lambda table: table.pop("status"))
    (problem,) = problems_of(tiny)
    assert problem == "service_points.csv, column status: the column status is absent; add it."


@pytest.mark.parametrize(
    ("lat", "lon", "message"),
    [
        ("51.2552", "6.7190", "lies 1"),
        ("6.71", "51.25", "lies outside the region; exchange lat and lon"),
        ("48.1", "11.6", "lies outside the region; correct lat and lon"),
        ("0", "180", "lies outside the region; correct lat and lon"),
        ("-90", "-99", "lies outside the region; correct lat and lon"),
    ],
)
def test_a_site_in_the_wrong_place(tiny: Path, lat: str, lon: str, message: str) -> None:
    """Site a lies in district 1; 1.5 km east of its eastern border is district 2."""
    position = gpd.GeoSeries([Point(*at(3500, 1000))], crs="EPSG:25832").to_crs("EPSG:4326")
    if message == "lies 1":
        lat, lon = str(position.y.iloc[0]), str(position.x.iloc[0])

    def move(table: pd.DataFrame) -> None:
        table.loc[0, ["lat", "lon"]] = [lat, lon]
        table["district"] = ["1", "2", "3", "1", "2"]

    edit_rows(tiny, "service_points", move)
    (problem,) = problems_of(tiny)
    assert f"site a {message}" in problem
    assert "service_points.csv, row 1" in problem


def test_a_site_just_across_the_border_is_within_its_uncertainty(tiny: Path) -> None:
    position = gpd.GeoSeries([Point(*at(2020, 1000))], crs="EPSG:25832").to_crs("EPSG:4326")

    def move(table: pd.DataFrame) -> None:
        table.loc[0, ["lat", "lon"]] = [str(position.y.iloc[0]), str(position.x.iloc[0])]
        table["district"] = ["1", "2", "3", "1", "2"]

    edit_rows(tiny, "service_points", move)
    assert problems_of(tiny) == []


def test_a_district_nobody_knows(tiny: Path) -> None:
    def spoil(table: pd.DataFrame) -> None:
        table["district"] = ["9", "2", "", "1", "2"]

    edit_rows(tiny, "service_points", spoil)
    (problem,) = problems_of(tiny)
    assert "district 9 of site a is not in the layer districts" in problem


def test_an_overlap_of_districts(tmp_path: Path) -> None:
    """District 1 reaches 1 m into district 2, along 2,000 m."""
    folder = write_rechteckstadt(tmp_path / "pack", districts=wider_district((0, 0, 2001, 2000)))
    found = problems_of(folder)
    assert (
        "districts.geojson, row 1, column geometry: districts 1 and 2 overlap by 2,000 m²"
        in found[0]
    )
    assert any("district 1 and its quarters differ by 2,000 m²" in problem for problem in found)


def test_an_overlap_of_ten_square_metres_is_tolerated(tmp_path: Path) -> None:
    folder = write_rechteckstadt(
        tmp_path / "pack", districts=wider_district((0, 0, 2000.004, 2000))
    )
    assert problems_of(folder) == []


def test_a_gap_between_districts(tmp_path: Path) -> None:
    """A hole of 10 m by 10 m in the middle of district 2."""
    districts = wider_district((0, 0, 2000, 2000))
    hole = rectangle((2500, 500, 2510, 510)).exterior.coords
    districts.loc[1, "geometry"] = Polygon(districts.geometry[1].exterior.coords, [hole])
    found = problems_of(write_rechteckstadt(tmp_path / "pack", districts=districts))
    assert "districts 2 enclose a gap of 100 m²" in found[0]


def wider_district(bounds: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    districts = _districts()
    districts.loc[0, "geometry"] = rectangle(bounds)
    return districts


def test_an_unclosed_polygon(tiny: Path) -> None:
    edit_features(tiny, "districts", lambda f: f[1]["geometry"]["coordinates"][0].pop())
    (problem,) = problems_of(tiny)
    assert problem.startswith("the polygon is not closed (districts.geojson, row 2")


def test_a_polygon_that_crosses_itself(tiny: Path) -> None:
    def twist(features: list[dict[str, Any]]) -> None:
        ring = features[0]["geometry"]["coordinates"][0]
        ring[1], ring[2] = ring[2], ring[1]

    edit_features(tiny, "districts", twist)
    assert (
        "districts.geojson, row 1, column geometry: the geometry is invalid" in problems_of(tiny)[0]
    )


@pytest.mark.parametrize(
    ("coordinates", "message"),
    [
        ([["a", "b"]], "not pairs of numbers"),
        ([], "not pairs of numbers"),
        ([[[400.0, 1.0], [2.0, 1.0], [2.0, 2.0], [400.0, 1.0]]], "not longitude and latitude"),
    ],
)
def test_impossible_coordinates(tiny: Path, coordinates: object, message: str) -> None:
    def spoil(features: list[dict[str, Any]]) -> None:
        features[2]["geometry"]["coordinates"] = coordinates

    edit_features(tiny, "quarters", spoil)
    (problem,) = problems_of(tiny)
    assert message in problem
    assert "quarters.geojson, row 3" in problem


def test_a_wrong_kind_of_geometry(tiny: Path) -> None:
    edit_features(
        tiny, "river", lambda f: f[0].update(geometry={"type": "Point", "coordinates": [6.7, 51.2]})
    )
    (problem,) = problems_of(tiny)
    assert "river.geojson, row 1, column geometry: a Point stands where a LineString" in problem


def test_people_that_do_not_add_up(tiny: Path) -> None:
    edit_features(tiny, "districts", lambda f: f[0]["properties"].update(residents=401))
    (problem,) = problems_of(tiny)
    assert "districts.geojson, row 1, column residents: residents of district 1 is 401" in problem


def test_cells_that_lost_a_person(tmp_path: Path) -> None:
    cells = _demand_cells()
    cells.loc[0, "over_65"] = 0.1
    (problem,) = problems_of(write_rechteckstadt(tmp_path / "pack", demand_cells=cells))
    assert "quarters.geojson, row 1, column over_65" in problem
    assert "demand_cells sum to 39.900" in problem


def test_a_cell_moved_out_of_its_quarter(tmp_path: Path) -> None:
    cells = _demand_cells()
    cells.loc[0, "geometry"] = translate(cells.geometry[0], 2000)
    (problem,) = problems_of(write_rechteckstadt(tmp_path / "pack", demand_cells=cells))
    assert (
        "demand_cells.parquet, row 1, column quarter: the place lies outside quarter 011" in problem
    )


def test_a_line_that_stops_nowhere(tiny: Path) -> None:
    def spoil(table: pd.DataFrame) -> None:
        table.loc[2, "stop_id"] = "s99"

    edit_rows(tiny, "line_stops", spoil)
    (problem,) = problems_of(tiny)
    assert "line_stops.csv, row 3, column stop_id: s99 is not in the layer stops" in problem


@pytest.mark.parametrize("name", ["stops.geojson", "addresses.parquet", "lines.csv"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe broken", b'{"type": "FeatureCollection"'])
def test_a_file_that_is_no_table(tiny: Path, name: str, content: bytes) -> None:
    (tiny / name).write_bytes(content)
    found = problems_of(tiny)
    assert len(found) >= 2
    assert all(name in problem for problem in found)


def test_many_problems_are_counted_not_listed(tiny: Path) -> None:
    path = tiny / "line_stops.csv"
    table = pd.concat([pd.read_csv(path, dtype=str)] * 10, ignore_index=True)
    table["sequence"], table["stop_id"] = [str(k) for k in range(60)], ""
    table.to_csv(path, index=False)
    seal(tiny)
    found = problems_of(tiny)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == "Problems not shown: 40."
