"""Hexagons and polygons of a table are areas; whom areas leave out is told. Worked out by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import h3
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import box, mapping

import welcomemap as wm
from tests.ingest.test_town import tell_limits, write_extract
from welcomemap.cli import run
from welcomemap.errors import CoordinateError, MissingColumnError, UsageError
from welcomemap.ingest.areas import look_at_areas, read_areas
from welcomemap.ingest.look import TownFiles, write_recipe
from welcomemap.ingest.pack_folder import BuildResult
from welcomemap.ingest.town import build_town
from welcomemap.region.layers import read_geojson
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import check_pack

MIDDLE = "89a901291abffff"
RING = sorted(set(h3.grid_disk(MIDDLE, 1)) - {MIDDLE})
FAR = h3.latlng_to_cell(-30.2, -51.15, 9)
CRS = "EPSG:32722"


def write_table(path: Path, people: Mapping[str, int]) -> Path:
    rows = "".join(f"{cell},{count}\n" for cell, count in people.items())
    path.write_text("id,population\n" + rows, "utf-8")
    return path


def draw(cell: str, off: float = 0.0) -> shapely.Polygon:
    return shapely.Polygon([(lon + off, lat) for lat, lon in h3.cell_to_boundary(cell)])


def write_texts(path: Path, shapes: Mapping[str, shapely.Geometry]) -> Path:
    rows = "".join(f'{name},"{shape.wkt}"\n' for name, shape in shapes.items())
    path.write_text("name,wkt\n" + rows, "utf-8")
    return path


def build(tmp_path: Path, areas: Path, grid: Path, sites: str = "") -> BuildResult:
    """Build a pack with one site in the first hexagon of the ring."""
    lat, lon = h3.cell_to_latlng(RING[0])
    (tmp_path / "sites.csv").write_text(f"name,lat,lon\nOffice,{lat},{lon}\n{sites}", "utf-8")
    files = TownFiles(None, areas, grid, tmp_path / "sites.csv")
    looked = write_recipe(tmp_path / "new", "Ring", files, crs=CRS, language="en")
    return build_town(looked.path, tmp_path / "pack")


def test_hexagons_are_counted_and_called_by_their_ids(tmp_path: Path) -> None:
    """Whatever the order of the rows; the open middle measures what the library of H3 says."""
    path = write_table(tmp_path / "a.csv", dict.fromkeys(reversed(RING), 5))
    guess = look_at_areas(path)
    assert (guess.ids, guess.name, guess.number, guess.n_features) == ("id", "id", None, 6)
    areas = read_areas(path, CRS)
    assert areas.table["name"].tolist() == RING
    assert areas.table["district"].tolist() == [1, 2, 3, 4, 5, 6]
    assert areas.hole_km2 == pytest.approx(h3.cell_area(MIDDLE, "km^2"), rel=0.01)
    assert read_areas(path, CRS, ids="id").table.equals(areas.table)


def test_polygons_as_text_that_touch_nearly_become_a_tiling(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    shapes = {cell: draw(cell, chance.uniform(-1e-7, 1e-7)) for cell in RING}
    path = write_texts(tmp_path / "a.csv", shapes)
    guess = look_at_areas(path)
    assert (guess.ids, guess.name, guess.properties) == ("", "name", ("name",))
    areas = read_areas(path, CRS, name="name")
    found = areas.table.geometry.to_numpy()
    assert shapely.coverage_is_valid(found)
    assert len(shapely.get_rings(shapely.union_all(found))) == 2
    whole = shapely.union_all([draw(cell) for cell in RING])
    assert shapely.union_all(found).area == pytest.approx(whole.area, rel=1e-4)


def test_a_table_that_draws_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\nA,7,51\n", "utf-8")
    with pytest.raises(MissingColumnError, match="no column of the table draws areas"):
        read_areas(path, CRS)


def test_one_file_is_areas_and_people_and_an_empty_middle_is_no_fault(tmp_path: Path) -> None:
    """Five people in each of six hexagons around one in which nobody lives."""
    path = write_table(tmp_path / "a.csv", dict.fromkeys(RING, 5))
    result = build(tmp_path, path, path)
    pack = load_pack(result.folder)
    assert [layer.name for layer in check_pack(pack).layers if layer.problems] == []
    region = wm.open_region(result.folder)
    assert region.districts["residents"].tolist() == [5] * 6
    gaps = region.gaps().districts
    assert gaps["located_unserved"].tolist() == [False] + [True] * 5
    covered = region.coverage(threshold=["5000m"]).query("area_kind == 'district'")
    assert covered["covered"].round().tolist() == [5] * 6
    assert not any("live in ground" in str(one) for one in result.warnings)
    assert not any("seems made" in str(one) for one in result.warnings)


def test_a_hexagon_where_nobody_lives_is_no_fault(tmp_path: Path) -> None:
    people = dict.fromkeys(RING, 5) | {RING[3]: 0}
    path = write_table(tmp_path / "a.csv", people)
    region = wm.open_region(build(tmp_path, path, path).folder)
    assert region.districts["residents"].tolist() == list(people.values())
    assert region.gaps().districts["located_unserved"].sum() >= 4
    everybody = region.coverage(threshold=["5000m"])
    assert everybody["covered"].max() == pytest.approx(25)


def test_people_whom_the_areas_enclose_and_leave_out_are_told(tmp_path: Path) -> None:
    """The grid has 40 people in the middle, which is no area."""
    areas = write_table(tmp_path / "a.csv", dict.fromkeys(RING, 0))
    grid = write_table(tmp_path / "g.csv", dict.fromkeys(RING, 50) | {MIDDLE: 40})
    result = build(tmp_path, areas, grid)
    (told,) = (str(one) for one in result.warnings if "live in ground" in str(one))
    lat, lon = h3.cell_to_latlng(MIDDLE)
    assert told.startswith("40 people")
    place = re.search(r"40 at (-[0-9.]+), (-[0-9.]+)", told)
    assert place
    assert [float(one) for one in place.groups()] == pytest.approx([lat, lon], abs=5e-4)
    assert "40 people of the grid" in tell_limits(result.folder, "districts")


@pytest.mark.parametrize(("far", "is_told"), [(1, False), (30, True), (400, False)])
def test_people_outside_are_told_of_a_grid_of_the_town_alone(
    tmp_path: Path, far: int, is_told: bool
) -> None:
    """300 people inside: of 301 nearly all, of 330 a notable share less, of 700 not even half."""
    areas = write_table(tmp_path / "a.csv", dict.fromkeys(RING, 0))
    grid = write_table(tmp_path / "g.csv", dict.fromkeys(RING, 50) | {FAR: far})
    result = build(tmp_path, areas, grid)
    told = [str(one) for one in result.warnings if "seems made" in str(one)]
    assert len(told) == is_told
    if is_told:
        lat = h3.cell_to_latlng(FAR)[0]
        assert f"{far} of its people" in told[0]
        assert f"{lat:.3f}" in told[0]
        assert f"{far} of its people" in tell_limits(result.folder, "districts")


def test_the_grid_of_another_country_is_a_named_error(tmp_path: Path) -> None:
    areas = write_table(tmp_path / "a.csv", dict.fromkeys(RING, 0))
    grid = write_table(tmp_path / "g.csv", {h3.latlng_to_cell(51.2, 6.8, 9): 50})
    with pytest.raises(CoordinateError, match="no cell of the file touches the town"):
        build(tmp_path, areas, grid)


def test_a_site_just_outside_is_left_out_and_named(tmp_path: Path) -> None:
    path = write_table(tmp_path / "a.csv", dict.fromkeys(RING, 5))
    result = build(tmp_path, path, path, "Neighbour,-30.07,-51.16\n")
    assert wm.open_region(result.folder).sites()["name"].tolist() == ["Office"]
    assert any("(1 of 2): row 2 (Neighbour)" in str(one) for one in result.warnings)


def test_a_site_far_away_is_an_error(tmp_path: Path) -> None:
    path = write_table(tmp_path / "a.csv", dict.fromkeys(RING, 5))
    with pytest.raises(CoordinateError, match="outside"):
        build(tmp_path, path, path, "Elsewhere,-31.07,-51.16\n")


@pytest.mark.parametrize("code", [4314, 4258, 4674, 4326])
def test_degrees_of_another_datum_become_wgs84_for_every_reader(code: int) -> None:
    """As PROJ says it point by point; DHDN lies over 100 m off."""
    square = box(9.0, 50.0, 9.01, 50.01)
    value = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}},
        "features": [{"type": "Feature", "properties": {}, "geometry": mapping(square)}],
    }
    table = read_geojson(json.dumps(value).encode(), Path("a.geojson"))
    shift = Transformer.from_crs(code, 4326, always_xy=True)
    expected = shapely.transform(square, shift.transform, interleaved=False)
    assert table.crs.to_epsg() == 4326
    assert shapely.hausdorff_distance(table.geometry[0], expected) < 1e-9
    assert (shapely.hausdorff_distance(square, table.geometry[0]) > 5e-4) == (code == 4314)


def test_the_recipe_tells_the_levels_of_the_extract(tmp_path: Path) -> None:
    """The extract of the invented town holds no border."""
    extract = write_extract(tmp_path / "town.osm")
    looked = write_recipe(tmp_path / "new", "X", TownFiles(extract), language="en")
    assert "# osm_level =   # the extract holds no administrative area" in looked.path.read_text()
    with pytest.raises(UsageError, match="administrative areas are those of an extract"):
        write_recipe(tmp_path / "b", "X", TownFiles(extract, tmp_path / "a.csv", osm_level=9))


def test_a_level_is_chosen_on_the_command_line(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "town.osm")
    given = ("--osm-level", "9", "--within", "Y")
    assert (
        run(["data", "new", str(tmp_path / "n"), "--name", "X", "--osm", str(extract), *given]) == 0
    )
    text = (tmp_path / "n" / "recipe.toml").read_text("utf-8")
    assert "\nosm_level = 9" in text
    assert '\nwithin = "Y"' in text
