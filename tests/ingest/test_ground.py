"""The ground of maps: areas known by hand, what is missing, and a budget that holds."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.raw_files import require_raw
from tests.ingest.test_extract import World, X, Y, ring
from welcomemap.crs import METRIC_CRS
from welcomemap.errors import InputError
from welcomemap.ingest.extract import look_at_extract
from welcomemap.ingest.ground import FINEST_M, Ground, read_ground
from welcomemap.ingest.pack_folder import encode_layer
from welcomemap.region.contracts import find_table_problems

TOWN = (X, Y, X + 1000, Y + 1000)
RESIDENTIAL = {"landuse": "residential"}


def read(world: World, folder: Path, **options: int) -> Ground:
    return read_ground(world.write(folder / "world.osm"), TOWN, METRIC_CRS, **options)


def areas(ground: Ground) -> dict[str, float]:
    polygons = ground.shapes[shapely.get_dimensions(ground.shapes.geometry) == 2]
    return polygons.geometry.area.groupby(polygons["class"]).sum().to_dict()


def lengths(ground: Ground) -> dict[str, float]:
    lines = ground.shapes[shapely.get_dimensions(ground.shapes.geometry) == 1]
    return lines.geometry.length.groupby(lines["class"]).sum().to_dict()


def make_layered() -> World:
    """Homes on 1 km², in it a wood of 400 m with a lake of 200 × 100 and half a park."""
    world = World()
    world.way(ring(0, 0, 1000, 1000), RESIDENTIAL)
    world.way(ring(0, 0, 400, 400), {"natural": "wood"})
    world.way(ring(200, 0, 400, 400), {"leisure": "park", "name": "Park"})
    world.way(ring(100, 100, 200, 100), {"natural": "water", "name": "See"})
    return world


def test_of_areas_over_each_other_the_first_in_order_has_the_place(tmp_path: Path) -> None:
    ground = read(make_layered(), tmp_path)
    assert areas(ground) == pytest.approx(
        {"water": 20_000, "wood": 140_000, "open": 80_000, "residential": 760_000}, rel=0.01
    )
    assert shapely.coverage_is_valid(ground.shapes.geometry.to_numpy())
    names = ground.shapes.set_index("class")["name"]
    assert (names["water"], names["open"]) == ("See", "")


def test_a_hole_of_a_relation_stays_open_and_a_torn_one_is_counted(tmp_path: Path) -> None:
    world = World()
    outer = world.way(ring(0, 0, 500, 500))
    inner = world.way(ring(100, 100, 200, 200))
    forest = {"type": "multipolygon", "landuse": "forest"}
    world.relation([(outer, "outer"), (inner, "inner")], forest)
    world.relation([(world.way([(600, 600), (700, 600)]), "outer")], forest)
    ground = read(world, tmp_path)
    assert areas(ground) == pytest.approx({"wood": 250_000 - 40_000}, rel=0.01)
    assert ground.n_open == 1


def test_buildings_near_each_other_are_a_block_where_no_land_is_drawn(tmp_path: Path) -> None:
    """Walls 30 m apart: one block that ends 5 m from the walls, 80 by 30 m; 60 m apart: two."""
    world = World()
    for x in (0, 50, 800, 880):
        world.way(ring(x, 500, 20, 20), {"building": "yes"})
    world.way(ring(0, 0, 200, 200), {"landuse": "industrial"})
    world.way(ring(50, 50, 20, 20), {"building": "yes"})
    ground = read(world, tmp_path)
    blocks = ground.shapes[ground.shapes["class"] == "blocks"].geometry.area.round().tolist()
    assert sorted(blocks) == [900, 900, 2400]
    assert areas(ground)["work"] == pytest.approx(40_000, rel=0.01)


def test_a_handful_of_buildings_is_no_built_up_land(tmp_path: Path) -> None:
    world = World()
    world.way(ring(0, 0, 20, 20), {"building": "yes"})
    world.way([(0, 500), (1000, 500)], {"highway": "primary"})
    ground = read(world, tmp_path)
    assert ground.missing == ("water", "green", "built_up", "railway", "place_names")
    assert lengths(ground) == {"primary": 1000}


def test_lines_are_drawn_by_their_class_and_none_underground(tmp_path: Path) -> None:
    world = World()
    for k, tags in enumerate([
        {"railway": "rail"}, {"railway": "rail", "service": "yard"}, {"railway": "light_rail"},
        {"railway": "subway", "tunnel": "yes"}, {"railway": "tram"}, {"railway": "abandoned"},
        {"waterway": "river", "name": "Bach"}, {"waterway": "stream"},
        {"highway": "secondary", "bridge": "yes"}, {"highway": "residential"},
    ]):  # fmt: skip
        world.way([(0, 100 * k), (100 * (k + 1), 100 * k)], tags)
    ground = read(world, tmp_path)
    assert lengths(ground) == {"rail": 100 + 300, "tram": 500, "river": 700, "secondary": 900}
    assert ground.shapes.set_index("class")["name"]["river"] == "Bach"


def test_all_ends_at_the_margin_around_the_town(tmp_path: Path) -> None:
    world = World(bounds=None)
    world.way(ring(-9000, -9000, 20_000, 20_000), {"landuse": "meadow"})
    world.way([(-9000, 500), (9000, 500)], {"highway": "primary"})
    ground = read(world, tmp_path)
    assert areas(ground) == pytest.approx({"open": 4000.0**2}, rel=0.01)
    assert lengths(ground) == {"primary": pytest.approx(4000, abs=2)}


def test_places_are_ranked_and_each_is_named_once(tmp_path: Path) -> None:
    world = World()
    for k, (name, place, people) in enumerate([
        ("Klein", "suburb", ""), ("Groß", "suburb", "12.000"), ("Stadt", "town", "about 5000"),
        ("Groß", "neighbourhood", ""), ("Hof", "farm", ""), ("", "suburb", ""),
    ]):  # fmt: skip
        world.node((100 * k, 100), {"place": place, "name": name, "population": people})
    world.node((9000, 100), {"place": "city", "name": "Fern"})
    world.way(ring(0, 500, 300, 300), {"place": "quarter", "name": "Viertel"})
    places = read(world, tmp_path).places
    assert places["name"].tolist() == ["Stadt", "Groß", "Klein", "Viertel"]
    assert places["rank"].tolist() == [1, 2, 3, 4]
    assert places["population"].tolist() == ["", "12000", "", ""]
    assert find_table_problems("place_names", places) == []


def make_ragged(n: int) -> World:
    """A wood with a border of n teeth, 40 m deep."""
    world = World()
    edge = [(1000 * k / n, 500.0 + 40 * (k % 2) + 30 * math.sin(k)) for k in range(n + 1)]
    world.way([*edge, (1000.0, 0.0), (0.0, 0.0), edge[0]], {"natural": "wood"})
    return world


@given(most=st.integers(5_000, 16_000))
@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_budget_holds_by_a_coarser_tolerance(tmp_path: Path, most: int) -> None:
    ground = read(make_ragged(900), tmp_path, most_bytes=most)
    size = len(encode_layer(".parquet", ground.shapes)) + len(
        encode_layer(".geojson", ground.places)
    )
    assert size <= most
    assert areas(ground)["wood"] == pytest.approx(520_000, rel=0.05)
    again = read(make_ragged(900), tmp_path, most_bytes=size - 1)
    assert again.tolerance_m > ground.tolerance_m >= FINEST_M


def test_the_layer_keeps_its_contract_and_its_bytes(tmp_path: Path) -> None:
    first, second = (read(make_layered(), tmp_path) for _ in range(2))
    assert find_table_problems("ground", first.shapes) == []
    assert encode_layer(".parquet", first.shapes) == encode_layer(".parquet", second.shapes)
    spots = shapely.get_coordinates(first.shapes.geometry.to_numpy())
    assert (spots == spots.round()).all()


def test_a_damaged_extract_is_named(tmp_path: Path) -> None:
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(b"no extract")
    with pytest.raises(InputError, match="cannot be read"):
        read_ground(path, TOWN)


@pytest.mark.parametrize(
    ("file", "crs", "missing"),
    [
        ("testbeds/kaiserslautern.osm.gz", "EPSG:25832", ()),
        (
            "testbeds/heidelberg/heidelberg.osm.pbf",
            "EPSG:25832",
            ("water", "built_up", "place_names"),
        ),
        ("testbeds/porto_alegre/poa_osm.pbf", "EPSG:32722", ("green", "built_up", "place_names")),
    ],
)
def test_what_a_real_extract_lacks_is_told(file: str, crs: str, missing: tuple[str, ...]) -> None:
    """Counted in the files: no building but a dozen, no ``place``, and in Heidelberg no water."""
    path = require_raw() / file

    box = gpd.GeoSeries([shapely.box(*look_at_extract(path).bounds)], crs=4326).to_crs(crs)
    west, south, east, north = map(float, box.total_bounds)
    ground = read_ground(path, (west, south, east, north), crs)
    assert set(missing) <= set(ground.missing)
    assert bool(missing) is bool(ground.missing)
    assert len(encode_layer(".parquet", ground.shapes)) <= 3_000_000
    assert shapely.is_valid(ground.shapes.geometry).all()
