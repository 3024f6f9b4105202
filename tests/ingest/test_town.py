"""A town's files become a pack that answers: an invented one worked out by hand, and real ones."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

import welcomemap as wm
from welcomemap.cli import run
from welcomemap.crs import GRID_CRS, WGS84
from welcomemap.errors import RecipeError, UsageError
from welcomemap.ingest.look import TownFiles, guess_crs, write_recipe
from welcomemap.ingest.recipe import read_recipe
from welcomemap.ingest.town import build_town
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import check_pack

RAW = Path(os.environ.get("WELCOMEMAP_RAW", Path(__file__).parents[3] / "shared" / "geodata"))
needs_raw = pytest.mark.skipif(not RAW.is_dir(), reason="the raw data lies beside the checkout")
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
    assert any("Platzhalter (library)" in sentence for sentence in told)
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
    assert [text for text in looked["missing"] if text.startswith("sites")]
    assert run(["data", "build", looked["path"], "--out", str(tmp_path / "pack"), "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert {layer["name"] for layer in built["layers"]} >= {"districts", "addresses"}
    assert run(["data", "check", "--pack", str(tmp_path / "pack")]) == 0
    assert run(["data", "build", "--out", str(tmp_path / "x")]) == 2
    assert "either a recipe or --raw is expected" in capsys.readouterr().err


# --- real towns ---


@needs_raw
def test_kaiserslautern(tmp_path: Path) -> None:
    """Its extract of 2014 covers the centre only: five of ten districts have no streets."""
    towns = RAW / "testbeds"
    looked = write_recipe(tmp_path, "Kaiserslautern", TownFiles(
        towns / "kaiserslautern.osm.gz", towns / "kaiserslautern_districts.geojson",
        RAW / "population" / "zensus2011_1km_germany.parquet",
    ))  # fmt: skip
    text = looked.path.read_text("utf-8")
    looked.path.write_text(text.replace('stand_in = ""', 'stand_in = "library"'), "utf-8")
    result = build_town(looked.path, tmp_path / "pack")
    assert any("covers" in str(warning) for warning in result.warnings)
    region = wm.open_region(tmp_path / "pack")
    assert region.pack.groups == ("residents", "foreign_citizens", "under_18", "over_65")
    people = region.districts.set_index("name")["residents"]
    assert len(people) == 10
    # The census of 2011 counted 97,162: www.statistikportal.de, municipality key 07312000.
    assert people.sum() == pytest.approx(97_162, rel=0.03)
    addresses = region.pack.addresses
    in_centre = addresses["district"] == region.districts.set_index("name").loc[
        "Innenstadt", "district"
    ]  # fmt: skip
    assert in_centre.mean() > 0.99
    assert len(region.gaps().districts) == 10
    assert pd.notna(region.nearest("Fruchthallstraße 10", k=1)["distance_m"]).all()
