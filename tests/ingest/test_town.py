"""A town's files become a pack that answers: an invented one worked out by hand, and real ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

import welcomemap as wm
from tests.ingest.raw_files import require_raw
from tests.schemas import require_schema
from welcomemap.cli import run
from welcomemap.crs import GRID_CRS, WGS84
from welcomemap.describe.kinds import KIND_WORDS
from welcomemap.errors import RecipeError, UsageError
from welcomemap.ingest.extract import FACILITY_TAGS
from welcomemap.ingest.look import TownFiles, guess_crs, write_recipe
from welcomemap.ingest.recipe import read_recipe
from welcomemap.ingest.town import build_town
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import check_pack
from welcomemap.study.alike import HOUSE_KINDS

WEST, SOUTH = 4_100_000, 2_950_000
"""South-west corner of the invented town in the European grid, on a 100 m line."""
HOUSES = {"1": 50, "2": 150, "3": 1150}
"""House numbers of its one street, and metres east of the corner; 100 m north of it."""


def to_degrees(x: float, y: float) -> tuple[float, float]:
    point = gpd.GeoSeries.from_xy([WEST + x], [SOUTH + y], crs=GRID_CRS).to_crs(WGS84).iloc[0]
    return float(point.x), float(point.y)


def write_extract(path: Path) -> Path:
    """A street from west to east through both districts, with three houses and a library."""
    nodes, number = [], 0

    def node(x: float, y: float, **tags: str) -> int:
        nonlocal number
        number += 1
        lon, lat = to_degrees(x, y)
        inner = "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())
        at = f'lat="{lat:.7f}" lon="{lon:.7f}"'
        nodes.append(f'<node id="{number}" version="1" {at}>{inner}</node>')
        return number

    street = [node(x, 100) for x in range(-100, 2101, 100)]
    for house, x in HOUSES.items():
        node(x, 110, addr__street="Lange Straße", addr__housenumber=house, addr__postcode="99001")
    node(1500, 110, amenity="library", name="Stadtbücherei", addr__street="Lange Straße",
         addr__housenumber="30")  # fmt: skip
    node(2150, 110, amenity="library", name="Bücherei der Nachbarn")
    ways = "".join(f'<nd ref="{one}"/>' for one in street)
    corners = (*to_degrees(-200, -200), *to_degrees(2200, 1200))
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><osm version="0.6" generator="test">'
        f'<bounds minlon="{corners[0]:.7f}" minlat="{corners[1]:.7f}" maxlon="{corners[2]:.7f}" '
        f'maxlat="{corners[3]:.7f}"/>' + "".join(nodes) + f'<way id="1" version="1">{ways}'
        '<tag k="highway" v="residential"/><tag k="name" v="Lange Straße"/></way></osm>', "utf-8",
    )  # fmt: skip
    return path


def write_town(folder: Path) -> TownFiles:
    """Two districts of 1 km², 30 people in the west and 12 in the east, and one service point."""
    areas = gpd.GeoDataFrame(
        {"nr": [1, 2], "bezirk": ["West", "Ost"]},
        geometry=[box(WEST, SOUTH, WEST + 1000, SOUTH + 1000),
                  box(WEST + 1000, SOUTH, WEST + 2000, SOUTH + 1000)],
        crs=GRID_CRS,
    ).to_crs(WGS84)  # fmt: skip
    districts = folder / "districts.geojson"
    districts.write_text(areas.to_json(), "utf-8")
    grid = folder / "grid.csv"
    rows = [(WEST + 50, 10), (WEST + 150, 20), (WEST + 1150, 12)]
    grid.write_text(
        "GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n"
        + "".join(
            f"CRS3035RES100mN{SOUTH + 100}E{x - 50};{x};{SOUTH + 150};{people}\n"
            for x, people in rows
        ),
        "utf-8",
    )
    sites = folder / "points.csv"
    sites.write_text("name;address\nHaus der Beratung;Lange Str. 1\n", "utf-8")
    return TownFiles(write_extract(folder / "town.osm"), districts, grid, sites)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    looked = write_recipe(folder / "recipe", "Erfundenhausen", write_town(folder))
    return build_town(looked.path, folder / "pack").folder


def test_the_pack_is_sound_and_names_what_it_knows(built: Path) -> None:
    pack = load_pack(built)
    assert [layer.name for layer in check_pack(pack).layers if layer.problems] == []
    assert pack.groups == ("residents",)
    assert (pack.name, pack.crs, pack.scenarios) == ("Erfundenhausen", "EPSG:25832", ("current",))
    licences = {str(r["name"]): r["licence"]["name"] for r in pack.manifest["resources"]}
    assert licences["addresses"] == licences["street_edges"] == "ODbL-1.0"
    assert "OpenStreetMap contributors" in (built / "LICENSE.md").read_text("utf-8")


def test_people_addresses_and_sites_are_those_of_the_files(built: Path) -> None:
    region = wm.open_region(built)
    assert region.districts.set_index("name")["residents"].to_dict() == {"West": 30, "Ost": 12}
    assert region.demand_cells["residents"].sum() == 42
    found = region.geocode(["Lange Straße 3", "Lange Str. 2", "Kurze Straße 1"])
    assert found["outcome"].tolist() == ["exact", "exact", "not_found"]
    assert found["district"].tolist()[:2] == [2, 1]
    (site,) = region.sites().itertuples()
    assert (site.name, site.location_outcome, site.district) == ("Haus der Beratung", "exact", 1)


def test_questions_are_answered_along_the_street(built: Path) -> None:
    """From house 3 to house 1 it is 1,100 m along the street, and 10 m at either end."""
    region = wm.open_region(built)
    near = region.nearest("Lange Straße 3", k=1).iloc[0]
    assert near["distance_m"] == pytest.approx(1100 + 20, abs=3)
    assert near["basis"] == "streets"
    shares = region.coverage(threshold=["500m", "1500m"]).query("area_kind == 'district'")
    assert shares.groupby("threshold")["covered"].apply(lambda c: c.round().tolist()).to_dict() == {
        "1500m": [30, 12], "500m": [30, 0],
    }  # fmt: skip
    assert region.gaps().districts.query("located_unserved").index.tolist() == [2]
    best = region.site(p=1)
    assert best.sites["name"].tolist() == ["Stadtbücherei"]


def test_the_same_files_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = build_town(built.parent / "recipe" / "recipe.toml", tmp_path / "again").folder
    names = sorted(path.name for path in built.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    for name in names:
        assert (again / name).read_bytes() == (built / name).read_bytes(), name


def test_a_stand_in_says_that_it_is_none(tmp_path: Path) -> None:
    files = write_town(tmp_path)
    looked = write_recipe(tmp_path, "Ohneort", TownFiles(files.osm, files.districts, files.grid))
    text = looked.path.read_text("utf-8")
    looked.path.write_text(text.replace('stand_in = ""', 'stand_in = "library"'), "utf-8")
    result = build_town(looked.path, tmp_path / "pack")
    assert any("stand in" in str(warning) for warning in result.warnings)
    sites = wm.open_region(tmp_path / "pack").sites()
    assert sites["name"].tolist() == ["Stadtbücherei"]
    assert sites["note"].str.startswith("Stand-in:").all()
    # Every sentence, map and paper calls them so.
    told = wm.open_region(tmp_path / "pack").gaps().tell("de")
    assert any("Platzhalter (Bibliothek)" in sentence for sentence in told)
    assert not any("Beratungsstelle" in sentence for sentence in told)
    # Where the files lie on this machine is nobody's business.
    assert str(tmp_path) not in (tmp_path / "pack" / "datapackage.json").read_text("utf-8")
    assert ".." not in (tmp_path / "pack" / "LICENSE.md").read_text("utf-8")
    assert sites["source"].str.contains("stand-in").all()


@pytest.mark.parametrize("part", ["osm", "sites", "districts"])
def test_a_part_may_be_absent_and_that_is_said(tmp_path: Path, part: str) -> None:
    files = write_town(tmp_path)
    given = {"osm": files.osm, "districts": files.districts, "grid": files.grid,
             "sites": files.sites} | {part: None}  # fmt: skip
    if part == "osm":
        lon, lat = to_degrees(50, 110)
        (tmp_path / "points.csv").write_text(f"name,lat,lon\nHaus,{lat:.6f},{lon:.6f}\n", "utf-8")
    looked = write_recipe(tmp_path, "Teilstadt", TownFiles(**given))
    assert looked.missing
    result = build_town(looked.path, tmp_path / "pack")
    assert result.warnings
    whose = [str(one) for one in result.warnings if "counted as its people, 42;" in str(one)]
    assert bool(whose) == (part == "districts")
    pack = load_pack(tmp_path / "pack")
    assert [layer.name for layer in check_pack(pack).layers if layer.problems] == []
    region = wm.open_region(tmp_path / "pack")
    assert region.demand_cells["residents"].sum() == pytest.approx(42)
    if part == "sites":
        with pytest.raises(wm.errors.MissingLayerError, match="service_points"):
            region.gaps()
    else:
        assert len(region.gaps().districts) == len(region.districts)


def test_nothing_is_left_of_a_build_that_fails(tmp_path: Path) -> None:
    files = write_town(tmp_path)
    looked = write_recipe(tmp_path, "Bruchstadt", files)
    (tmp_path / "grid.csv").write_text("a;b\n1;2\n", "utf-8")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(wm.errors.InputError):
        build_town(looked.path, tmp_path / "pack")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# --- people, from every kind of file ---


def edit_people(path: Path, **lines: object) -> None:
    """Set lines of the part people of a recipe, which holds them already or not."""
    head, _, rest = path.read_text("utf-8").partition("[people]\n")
    people, _, tail = rest.partition("\n\n")
    kept = [line for line in people.split("\n") if line.partition(" =")[0] not in lines]
    kept += [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
    path.write_text(head + "[people]\n" + "\n".join(kept) + "\n\n" + tail, "utf-8")


def write_kilometres(path: Path) -> None:
    """The same people as in the hectares, in two cells of 1 km."""
    rows = f"a;{WEST + 500};{SOUTH + 500};30\nb;{WEST + 1500};{SOUTH + 500};12\n"
    path.write_text("GITTER_ID_1km;x_mp_1km;y_mp_1km;Einwohner\n" + rows, "utf-8")


def tell_limits(pack: Path, layer: str) -> str:
    manifest = json.loads((pack / "datapackage.json").read_text("utf-8"))
    return next(str(r["limits"]) for r in manifest["resources"] if r["name"] == layer)


@pytest.mark.parametrize("is_measured", [False, True])
def test_the_error_of_spreading_stands_in_the_pack(tmp_path: Path, *, is_measured: bool) -> None:
    """By homes 15, 15 and 12 people in three cells, truly 10, 20 and 12: 5 of 42 misplaced."""
    files = write_town(tmp_path)
    truth = (tmp_path / "grid.csv").rename(tmp_path / "fine.csv")
    write_kilometres(tmp_path / "grid.csv")
    looked = write_recipe(tmp_path, "Grobstadt", files)
    if is_measured:
        edit_people(looked.path, truth=truth.name)
    build_town(looked.path, tmp_path / "pack")
    limits = tell_limits(tmp_path / "pack", "demand_cells")
    measured = (
        "Against fine.csv (2022, 3 cells): r = 0.327, mean absolute error 3.3 people a cell, 12% "
        "of the people in another cell than their own."
    )
    assert (measured in limits) is is_measured
    assert ("was not measured here" in limits) is not is_measured
    assert "100% of them are placed by homes" in limits


def test_official_totals_are_met_and_named(tmp_path: Path) -> None:
    looked = write_recipe(tmp_path, "Registerstadt", write_town(tmp_path))
    (tmp_path / "totals.csv").write_text(
        "number;residents;foreign_citizens\n1;60;6\n2;12;9\n", "utf-8"
    )
    edit_people(looked.path, totals="totals.csv", totals_source="Melderegister", totals_date="2024")
    result = build_town(looked.path, tmp_path / "pack")
    assert any("60 people by the totals, 30 by the grid" in str(one) for one in result.warnings)
    assert load_pack(tmp_path / "pack").region["has_official_totals"]
    region = wm.open_region(tmp_path / "pack")
    columns = ["residents", "foreign_citizens"]
    assert region.districts.set_index("name")[columns].to_numpy().tolist() == [[60, 6], [12, 9]]
    assert region.demand_cells[columns].to_numpy().tolist() == [[20, 2], [40, 4], [12, 9]]
    for layer in ("districts", "demand_cells"):
        told = "Scaled to official totals of 2 of 2 areas: Melderegister, 2024."
        assert told in tell_limits(tmp_path / "pack", layer)
    assert "Melderegister" in (tmp_path / "pack" / "LICENSE.md").read_text("utf-8")


def test_attributes_of_the_census_give_groups(tmp_path: Path) -> None:
    """Half of 10 and of 12 are young; of 20 it is not told: the mean of the town, half, stands."""
    looked = write_recipe(tmp_path, "Jungstadt", write_town(tmp_path))
    header = "GITTER_ID_100m;x_mp_100m;y_mp_100m;AnteilUnter18;werterlaeuternde_Zeichen\n"
    rows = ((50, "50,00;"), (150, "–;"), (1150, "50,0;KLAMMERN"))
    (tmp_path / "young.csv").write_text(
        header + "".join(f"x;{WEST + x};{SOUTH + 150};{value}\n" for x, value in rows), "utf-8"
    )
    edit_people(looked.path, attributes=["young.csv"])
    build_town(looked.path, tmp_path / "pack")
    region = wm.open_region(tmp_path / "pack")
    assert region.pack.groups == ("residents", "under_18")
    assert region.demand_cells["under_18"].tolist() == [5, 10, 6]
    told = "Of 3 values of groups in and around the town 1 are suppressed"
    assert told in tell_limits(tmp_path / "pack", "demand_cells")


def write_text_polygons(folder: Path) -> dict[str, object]:
    squares = [box(WEST + x, SOUTH, WEST + x + 1000, SOUTH + 1000) for x in (0, 1000)]
    shapes = gpd.GeoSeries(squares, crs=GRID_CRS).to_crs(WGS84)
    rows = "".join(f'"{shape.wkt}",{n}\n' for shape, n in zip(shapes, (30, 12), strict=True))
    (folder / "people.csv").write_text("wkt,residents\n" + rows, "utf-8")
    return {"file": "people.csv", "kind": "", "count": "residents"}


def write_hexagons(folder: Path) -> dict[str, object]:
    import h3

    (lon, lat), (lon2, lat2) = to_degrees(300, 500), to_degrees(1700, 500)
    ids = [h3.latlng_to_cell(lat, lon, 10), h3.latlng_to_cell(lat2, lon2, 10)]
    (folder / "people.csv").write_text(f"h3,people\n{ids[0]},30\n{ids[1]},12\n", "utf-8")
    return {"file": "people.csv", "kind": "h3", "ids": "h3", "count": "people"}


def write_pixels(folder: Path) -> dict[str, object]:
    import rasterio
    from affine import Affine

    x, y = 1000 * (WEST // 1000), 1000 * (SOUTH // 1000) + 1000
    with rasterio.open(
        folder / "people.tif", "w", driver="GTiff", height=1, width=2, count=1, dtype="float32",
        crs=GRID_CRS, transform=Affine(1000, 0, x, 0, -1000, y), nodata=-200,
    ) as target:  # fmt: skip
        target.write(np.array([[30, 12]], dtype="float32"), 1)
    return {"file": "people.tif", "kind": "raster"}


@pytest.mark.parametrize("write", [write_text_polygons, write_hexagons, write_pixels])
def test_every_kind_of_people_makes_a_pack(
    tmp_path: Path, write: Callable[[Path], dict[str, object]]
) -> None:
    looked = write_recipe(tmp_path, "Allerlei", write_town(tmp_path))
    edit_people(looked.path, **write(tmp_path))
    build_town(looked.path, tmp_path / "pack")
    region = wm.open_region(tmp_path / "pack")
    assert region.districts.set_index("name")["residents"].to_dict() == {"West": 30, "Ost": 12}
    by_homes = region.demand_cells.query("is_from_addresses")["residents"].tolist()
    assert by_homes == ([] if write is write_hexagons else [15, 15, 12]), "no home is near these"
    again = build_town(looked.path, tmp_path / "again").folder / "datapackage.json"
    assert again.read_bytes() == (tmp_path / "pack" / "datapackage.json").read_bytes()


def test_a_recipe_names_the_columns_of_hexagons(tmp_path: Path) -> None:
    files = write_town(tmp_path)
    write_hexagons(tmp_path)
    given = TownFiles(files.osm, files.districts, tmp_path / "people.csv", files.sites)
    looked = write_recipe(tmp_path, "Wabenstadt", given, language="en")
    people = read_recipe(looked.path).people
    assert (people.kind, people.ids, people.count, people.size_m) == ("h3", "h3", "", 0)
    grid = read_recipe(write_recipe(tmp_path / "b", "Kachelstadt", files).path).people
    assert (grid.source, grid.licence, grid.date) == (
        "© Statistisches Bundesamt (Destatis), Zensus 2022", "dl-de/by-2-0", "2022",
    )  # fmt: skip


HECTARES = "GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n"
POINTS = {"kind": "polygons", "count": "population", "size_m": 100.0}
SPOILED: dict[str, tuple[str, dict[str, object], str]] = {
    "another country": (HECTARES + "x;3200050;2000050;3\n", {},
                        "no cell of the file touches the town"),
    "degrees for metres": (HECTARES + f"x;{WEST + 50};{SOUTH + 50};3\nx;7.1;49.2;3\n", {},
                           "7.1 is not the middle of a cell of 100 m (grid.csv, row 2, column "
                           "x_mp_100m)"),
    "metres for degrees": ("id,lon,lat,population\na,356000,5670000,3\n", POINTS,
                           "a longitude in degrees is expected, not '356000' (grid.csv, row 1, "
                           "column lon)"),
    "points of another country": ("id,lon,lat,population\na,-51.2,-30.1,3\n", POINTS,
                                  "no cell of the file touches the town"),
    "polygons in metres": ('wkt,population\n"POLYGON ((356000 5670000, 357000 5670000, 357000 '
                           '5671000, 356000 5670000))",3\n', {"kind": ""},
                           "the polygon is not in degrees (grid.csv, row 1, column wkt)"),
    "hexagons of another country": ("h3,population\n89a901291abffff,3\n", {"kind": ""},
                                    "no cell of the file touches the town"),
    "Latin-1": (HECTARES + f"Zülpich;{WEST + 50};{SOUTH + 50};3\n", {},
                "the file is not UTF-8 (grid.csv, row 1)"),
    "empty": ("", {}, "the file is empty (grid.csv)"),
    "header alone": (HECTARES, {}, "the table has no rows (grid.csv)"),
    "features in metres": (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"n": 3}, '
        '"geometry": {"type": "Point", "coordinates": [356000, 5670000]}}]}',
        {"file": "grid.geojson", "kind": "", "count": "n", "size_m": 100.0},
        "a position is not longitude and latitude in degrees (grid.geojson, row 1"),
    "features in Latin-1": (
        '{"type": "FeatureCollection", "features": [], "name": "Zülpich"}',
        {"file": "grid.geojson", "kind": ""}, "the file is not UTF-8 (grid.geojson, row 1)"),
    "features of nothing": ("[]", {"file": "grid.geojson", "kind": ""}, "(grid.geojson)"),
    "no raster": ("people", {"file": "grid.tif", "kind": ""},
                  "the file cannot be read as a GeoTIFF"),
    "truth no finer": ("", {"truth": "grid.csv", "file": "good.csv"},
                       "a grid in cells of 100 m measures nothing about one in cells of 100 m"),
    "totals of nothing": ("a;b\n1;2\n", {"totals": "grid.csv", "file": "good.csv"},
                          "the totals name no group"),
    "attributes of another size": (
        "GITTER_ID_1km;x_mp_1km;y_mp_1km;AnteilUnter18\nx;4100500;2950500;3\n",
        {"attributes": ["grid.csv"], "file": "good.csv"}, "are 1000 m wide"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_spoiled_people_end_the_build_with_a_sentence(
    tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, lines, told = SPOILED[case]
    looked = write_recipe(tmp_path, "Bruchstadt", write_town(tmp_path))
    good = (tmp_path / "grid.csv").read_bytes()
    (tmp_path / "good.csv").write_bytes(good)
    edit_people(looked.path, **lines)
    content = good if case == "truth no finer" else text.encode("latin-1")
    (tmp_path / str(lines.get("file", "grid.csv")).replace("good", "grid")).write_bytes(content)
    before = sorted(path.name for path in tmp_path.iterdir())
    command = ["data", "build", str(looked.path), "--out", str(tmp_path / "pack")]
    assert run([*command, "--lang", "en"]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "grid." in error
    assert error.rstrip().endswith(".")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# --- the recipe ---


def test_a_recipe_is_toml_that_marks_what_is_guessed(tmp_path: Path) -> None:
    looked = write_recipe(tmp_path / "new", 'Stadt "am" Bach', write_town(tmp_path), language="en")
    text = looked.path.read_text("utf-8")
    values = tomllib.loads(text)
    assert values["region"]["name"] == 'Stadt "am" Bach'
    assert values["areas"] | {} == {
        "file": "../districts.geojson", "source": "", "licence": "", "date": "", "url": "",
        "number": "nr", "name": "bezirk",
    }  # fmt: skip
    (line,) = (line for line in text.splitlines() if line.startswith("number ="))
    assert "guessed" in line
    assert read_recipe(looked.path).region.crs == "EPSG:25832"


def test_a_recipe_is_not_written_over(tmp_path: Path) -> None:
    files = write_town(tmp_path)
    write_recipe(tmp_path, "A", files)
    with pytest.raises(UsageError, match="there is a recipe already"):
        write_recipe(tmp_path, "A", files)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('name = "Erfundenhausen"', "name = 3"), r"\$\.region\.name"),
        (('name = "Erfundenhausen"', ""), "name"),
        (("[areas]", "[area]"), "area"),
        (("[areas]", "[areas"), "this is no recipe"),
        (('id = "erfundenhausen"', 'id = "../../etc"'), r"region\.id"),
        (('name = "Erfundenhausen"', 'name = " "'), r"region\.name"),
        (('language = "de"', 'language = "xx"'), r"region\.language"),
        (('timezone = "Europe/Berlin"', 'timezone = "Mars/../X"'), "time zone Mars"),
        (('{ de = "Stadtbezirk", en = "district" }', '{ de = "Bezirk" }'), "en"),
        (("[1.23, 1.13, 1.47]", "[1.23, nan, 1.47]"), "detour_factor"),
        (("[1.23, 1.13, 1.47]", "[-1.23, 1.13, 1.47]"), "detour_factor"),
        (('file = "../grid.csv"', 'file = "../nothing.csv"'), "nothing.csv"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_where(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    looked = write_recipe(tmp_path / "new", "Erfundenhausen", write_town(tmp_path))
    text = looked.path.read_text("utf-8")
    assert change[0] in text
    looked.path.write_text(text.replace(*change), "utf-8")
    with pytest.raises(RecipeError, match=told):
        read_recipe(looked.path)


@pytest.mark.parametrize(
    ("lon", "lat", "crs"),
    [(6.78, 51.23, "EPSG:25832"), (13.4, 52.5, "EPSG:25833"), (-0.1, 51.5, "EPSG:25830"),
     (-51.2, -30.0, "EPSG:32722"), (139.7, 35.7, "EPSG:32654"), (180.0, 0.0, "EPSG:32660")],
)  # fmt: skip
def test_the_crs_is_that_of_the_zone(lon: float, lat: float, crs: str) -> None:
    """Zones as https://epsg.io lists them for the areas of use."""
    assert guess_crs(lon, lat) == crs


def test_the_command_line_makes_a_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = write_town(tmp_path)
    made = ["data", "new", str(tmp_path / "new"), "--name", "Neustadt", "--osm", str(files.osm),
            "--districts", str(files.districts), "--grid", str(files.grid), "--json"]  # fmt: skip
    assert run(made) == 0
    looked = json.loads(capsys.readouterr().out)
    assert "sites" in {part["layer"] for part in looked["missing"]}
    assert run(["data", "build", looked["path"], "--out", str(tmp_path / "pack"), "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    require_schema("data-build", built)
    assert {layer["name"] for layer in built["layers"]} >= {"districts", "addresses"}
    # Neither service points nor a timetable were given, and the extract has no green or water.
    costs = {layer["layer"]: layer["costs"] for layer in built["missing"]}
    assert set(costs) >= {"service_points", "stops", "timetable"}
    assert not set(costs) & {layer["name"] for layer in built["layers"] if layer["rows"]}
    assert costs["service_points"] == "who reaches a service point cannot be told"
    assert run(["data", "check", "--pack", str(tmp_path / "pack")]) == 0
    assert run(["data", "build", "--out", str(tmp_path / "x")]) == 2
    assert "either a recipe or --raw is expected" in capsys.readouterr().err


# --- real towns ---


@pytest.mark.raw
def test_duesseldorf_from_kilometres(tmp_path: Path) -> None:
    """The census of 2011 in 1 km, held against hectares of 2022 and met totals of the register.

    Spread evenly, cells of 2022 themselves have r = 0.548 and 45.5 % of the people misplaced.
    """
    raw = require_raw()
    looked = write_recipe(tmp_path, "Düsseldorf", TownFiles(
        None, raw / "boundaries" / "stadtbezirke_2025_simplified.geojson",
        raw / "population" / "zensus2011_1km_germany.parquet",
    ))  # fmt: skip
    table = pd.read_csv(raw / "statistics" / "stadtbezirk_2024.csv")[
        ["stadtbezirk", "pop_migbg_base_2024", "migration_background_2024"]
    ]
    table.columns = ["number", "residents", "migration_background"]
    table.to_csv(tmp_path / "totals.csv", index=False)
    truth = os.path.relpath(raw / "population" / "zensus2022_100m.csv", tmp_path)
    edit_people(looked.path, truth=truth, totals="totals.csv", totals_date="2024")
    build_town(looked.path, tmp_path / "pack")
    region = wm.open_region(tmp_path / "pack")
    sums = region.districts[["residents", "migration_background"]].sum()
    assert sums.tolist() == [658_350, 302_839]
    assert set(region.pack.groups) == {"residents", "migration_background", "foreign_citizens",
                                       "under_18", "over_65"}  # fmt: skip
    limits = tell_limits(tmp_path / "pack", "demand_cells")
    measured = re.search(r"\(2022, 7,674 cells\): r = ([0-9.]+), .* people a cell, (\d+)%", limits)
    assert measured
    assert float(measured[1]) == pytest.approx(0.548, abs=0.02)
    assert int(measured[2]) == pytest.approx(45.5, abs=2)


@pytest.mark.long
@pytest.mark.raw
def test_porto_alegre(tmp_path: Path) -> None:
    """Hexagons by their ids: all people of the list whose hexagons lie in the extract."""
    town = require_raw() / "testbeds" / "porto_alegre"
    looked = write_recipe(
        tmp_path, "Porto Alegre", TownFiles(town / "poa_osm.pbf", None, town / "poa_hexgrid.csv")
    )
    assert read_recipe(looked.path).people.ids == "id"
    result = build_town(looked.path, tmp_path / "pack")
    assert any("one home for" in str(warning) for warning in result.warnings)
    people = wm.open_region(tmp_path / "pack").districts["residents"].sum()
    listed = pd.read_csv(town / "poa_hexgrid.csv")["population"].sum()
    assert 0.98 * listed < people <= listed
    assert "was not measured here" in tell_limits(tmp_path / "pack", "demand_cells")


def test_a_town_has_the_ground_that_its_extract_holds(built: Path, tmp_path: Path) -> None:
    """Of the ground the extract of the invented town has nothing; a wood and a name are added."""
    assert not load_pack(built).has_layer("ground")
    shutil.copytree(built.parent, tmp_path / "town", ignore=shutil.ignore_patterns("pack"))
    extract = tmp_path / "town" / "town.osm"
    corners = [to_degrees(x, y) for x, y in ((100, 300), (500, 300), (500, 800), (100, 800))]
    nodes = "".join(
        f'<node id="{900 + k}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>'
        for k, (lon, lat) in enumerate(corners)
    )
    lon, lat = to_degrees(1500, 500)
    place = f'<node id="950" version="1" lat="{lat:.7f}" lon="{lon:.7f}">' + (
        '<tag k="place" v="village"/><tag k="name" v="Weiler"/></node>'
    )
    refs = "".join(f'<nd ref="{900 + k}"/>' for k in (0, 1, 2, 3, 0))
    wood = f'<way id="2" version="1">{refs}<tag k="landuse" v="forest"/></way>'
    text = extract.read_text("utf-8").replace('<way id="1"', f'{nodes}{place}<way id="1"')
    extract.write_text(text.replace("</osm>", f"{wood}</osm>"), "utf-8")
    result = build_town(tmp_path / "town" / "recipe" / "recipe.toml", tmp_path / "pack")
    pack = load_pack(result.folder)
    assert [layer.name for layer in check_pack(pack).layers if layer.problems] == []
    (row,) = pack.read_features("ground").itertuples()
    assert (row.kind, row.geometry.area) == ("green", pytest.approx(200_000, rel=0.01))
    assert pack.read_features("place_names")["name"].tolist() == ["Weiler"]
    (resource,) = (r for r in pack.manifest["resources"] if r["name"] == "ground")
    assert "simplified by 2 m" in resource["limits"]
    assert "water, built_up, railway, street." in resource["limits"]
    assert any("ground of the maps" in str(warning) for warning in result.warnings)


# --- lists of candidates, and of stand-ins ---


def name_candidates(tmp_path: Path, text: str, **lines: object) -> Path:
    """Write a list of candidates and a recipe that names it; return the recipe."""
    files = write_town(tmp_path)
    (tmp_path / "rooms.csv").write_text(text, "utf-8")
    given = replace(files, candidates=tmp_path / "rooms.csv")
    path = write_recipe(tmp_path / "new", "Raumstadt", given, language="en").path
    head, part, tail = path.read_text("utf-8").partition("[candidates]\n")
    for key, value in lines.items():
        tail = re.sub(rf"(?m)^{key} = .*$", f"{key} = {json.dumps(value)}", tail, count=1)
    path.write_text(head + part + tail, "utf-8")
    return path


LON, LAT = to_degrees(1150, 110)
ROOMS = (
    f"Nr;Bezeichnung;Adresse;Breite;Länge;kind\n7;Alte Post;Lange Str. 2;;;townhall\n"
    f"8;Laden;;{LAT:.6f};{LON:.6f};\n9;Nirgends;Kurze Straße 1;;;\n"
)


def test_candidates_of_a_list_are_located_by_the_pack(tmp_path: Path) -> None:
    path = name_candidates(tmp_path, ROOMS)
    part = read_recipe(path).candidates
    assert part.columns == {"id": "Nr", "name": "Bezeichnung", "address": "Adresse",
                            "lat": "Breite", "lon": "Länge"}  # fmt: skip
    result = build_town(path, tmp_path / "pack")
    table = load_pack(tmp_path / "pack").candidate_sites
    assert table["name"].tolist() == ["Alte Post", "Laden", "Nirgends"]
    # House 2 stands 150 m east of the corner, house 3 at 1,150 m.
    assert float(table["lon"][0]) == pytest.approx(to_degrees(150, 110)[0], abs=1e-5)
    assert table["location_outcome"].tolist() == ["exact", "", "not_found"]
    assert any("(1 of 3): Nirgends" in str(warning) for warning in result.warnings)
    limits = tell_limits(tmp_path / "pack", "candidate_sites")
    assert "rooms.csv" in limits
    assert "OpenStreetMap" not in limits
    assert load_pack(tmp_path / "pack").facilities["name"].tolist() == ["Stadtbücherei"]
    assert "OpenStreetMap" in tell_limits(tmp_path / "pack", "facilities")
    assert [x.name for x in check_pack(load_pack(tmp_path / "pack")).layers if x.problems] == []
    region = wm.open_region(tmp_path / "pack")
    assert set(region.site(p=1).sites["name"]) <= {"Alte Post", "Laden"}
    best = region.site(p=1, candidates="facilities")
    assert best.sites["name"].tolist() == ["Stadtbücherei"]


def test_a_stand_in_is_a_facility_and_no_entry_of_a_list(tmp_path: Path) -> None:
    """The list has a room that calls itself a library."""
    rooms = ROOMS.replace("townhall", "library")
    path = name_candidates(tmp_path, rooms)
    head, part, _ = path.read_text("utf-8").partition("[sites]\n")
    path.write_text(f'{head}{part}stand_in = "library"\n', "utf-8")
    build_town(path, tmp_path / "pack")
    assert load_pack(tmp_path / "pack").service_points["name"].tolist() == ["Stadtbücherei"]


@pytest.mark.parametrize(
    ("text", "lines", "told"),
    [
        (ROOMS, {"name": "Titel"}, "the column Titel is absent (rooms.csv"),
        (ROOMS.replace("8;", "7;"), {}, "the candidate id '7' is used twice"),
        ("Nr;Wert\n1;2\n", {}, "no column address, and no lat and lon (rooms.csv"),
        (ROOMS.replace(f"{LAT:.6f}", "48.1"), {}, "outside"),
    ],
)
def test_a_spoiled_list_of_candidates_is_named(
    tmp_path: Path, text: str, lines: dict[str, object], told: str
) -> None:
    path = name_candidates(tmp_path, text, **lines)
    with pytest.raises(wm.errors.InputError) as error:
        build_town(path, tmp_path / "pack")
    assert told in str(error.value)
    assert "rooms.csv" in str(error.value)
    assert not (tmp_path / "pack").exists()


def test_a_list_of_stand_ins_says_so_everywhere(tmp_path: Path) -> None:
    """One column may be id and name of a list that has little else."""
    files = write_town(tmp_path)
    (tmp_path / "sights.csv").write_text(f"id,latitude,lng\ntower,{LAT:.6f},{LON:.6f}\n", "utf-8")
    path = write_recipe(tmp_path, "Ohneliste", replace(files, sites=tmp_path / "sights.csv")).path
    text = path.read_text("utf-8")
    path.write_text(text.replace("are_stand_ins = false", "are_stand_ins = true"), "utf-8")
    part = read_recipe(path).sites
    assert part.columns == {"name": "id", "lat": "latitude", "lon": "lng"}
    result = build_town(path, tmp_path / "pack")
    assert any("sights.csv stand in" in str(warning) for warning in result.warnings)
    region = wm.open_region(tmp_path / "pack")
    (site,) = region.sites().itertuples()
    assert (site.name, site.district) == ("tower", 2)
    assert site.note == "Stand-in: no service point, an entry of sights.csv."
    assert site.source == "sights.csv (stand-in)"
    told = region.gaps().tell("en")
    assert any("stand-in (from a list)" in sentence for sentence in told)
    assert not any("advice office" in sentence for sentence in told)


# --- places without an address ---


def test_streets_are_found_where_a_pack_has_no_addresses(tmp_path: Path) -> None:
    files = write_town(tmp_path)
    text = (tmp_path / "town.osm").read_text("utf-8")
    (tmp_path / "town.osm").write_text(text.replace("addr:housenumber", "note"), "utf-8")
    path = write_recipe(tmp_path, "Namenlos", files).path
    build_town(path, tmp_path / "pack")
    region = wm.open_region(tmp_path / "pack")
    assert not region.pack.has_layer("addresses")
    found = region.geocode(["Lange Straße", "Lange Straße 3", "Kurze Straße"])
    assert found["outcome"].tolist() == ["street", "street", "not_found"]
    # It is 2.2 km long: half of it, and the houses beside it.
    assert found["error_radius_m"].tolist()[0] > 1000


# --- facilities ---


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "community_centre"}, "community_centre"),
        ({"amenity": "community_centre", "community_centre": "family_centre"}, "family_centre"),
        ({"amenity": "community_centre", "community_centre": "parish_hall"}, "parish_hall"),
        ({"amenity": "community_centre", "religion": "christian"}, "parish_hall"),
        ({"amenity": "social_facility", "social_facility": "outreach"}, "advice"),
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, "social_facility"),
        ({"office": "employment_agency"}, "employment_agency"),
        ({"office": "lawyer"}, ""),
        ({"amenity": "cafe", "community_centre": "family_centre"}, ""),
    ],
)
def test_the_kind_of_a_facility_is_read_from_its_tags(
    tmp_path: Path, tags: dict[str, str], kind: str
) -> None:
    """Kinds as the pages of the OpenStreetMap wiki describe their tags."""
    files = write_town(tmp_path)
    text = (tmp_path / "town.osm").read_text("utf-8")
    told = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    old = '<tag k="amenity" v="library"/><tag k="name" v="Stadtbücherei"/>'
    assert old in text
    changed = text.replace(old, told + '<tag k="name" v="Haus"/>')
    (tmp_path / "town.osm").write_text(changed, "utf-8")
    build_town(write_recipe(tmp_path, "Artstadt", files).path, tmp_path / "pack")
    pack = load_pack(tmp_path / "pack")
    found = pack.candidate_sites["kind"].tolist() if pack.has_layer("candidate_sites") else [""]
    assert found == [kind]
    assert pack.has_layer("advice_offices") is (kind == "advice")
    if kind == "advice":
        assert [x.name for x in check_pack(pack).layers if x.problems] == []
        (place,) = wm.open_region(pack.folder).geocode(["Haus, Lange Straße 30"]).itertuples()
        assert (place.outcome, place.district) == ("exact", 2)


def test_every_kind_of_facility_has_a_word_and_stands_in_the_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "any-town.md").read_text("utf-8")
    kinds = {kind for kind, _ in FACILITY_TAGS}
    assert kinds == set(KIND_WORDS) == HOUSE_KINDS
    for kind, tags in FACILITY_TAGS:
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{kind}` |"))
        assert all(f"{key}={value}" in row for key, value in tags.items()), (kind, tags)
