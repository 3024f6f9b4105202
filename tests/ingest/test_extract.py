"""What an extract holds: each rule on a world drawn by hand, and counts on real files."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import box

from tests.cases import short
from tests.ingest.raw_files import require_raw
from welcomemap.crs import METRIC_CRS, WGS84, project, unproject
from welcomemap.errors import GeometryError, InputError
from welcomemap.ingest.extract import (
    Extract,
    assign_areas,
    build_streets,
    look_at_extract,
    may_be_home,
    read_extract,
)
from welcomemap.region.contracts import find_table_problems
from welcomemap.region.layers import read_geojson, read_layer_bytes
from welcomemap.travel.network import make_network
from welcomemap.travel.streets import StreetImpedance

X, Y = 410_000.0, 5_477_000.0
"""South-west corner of the world drawn by hand, in EPSG:25832."""
Spot = tuple[float, float]
Tags = Mapping[str, str]
STREET = {"addr:street": "Lange Straße"}


class World:
    """An OpenStreetMap file in the making; places are metres from the corner."""

    def __init__(self, bounds: tuple[Spot, Spot] | None = ((-100, -100), (1100, 1100))) -> None:
        self.bounds = bounds
        self.nodes: list[str] = []
        self.ways: list[str] = []
        self.relations: list[str] = []
        self._ids: dict[Spot, int] = {}

    def node(self, spot: Spot, tags: Tags | None = None, stamp: str = "") -> int:
        """Add a node of its own; ways share those of the same place."""
        number = len(self.nodes) + 1
        lat, lon = (v[0] for v in unproject(np.array([[X + spot[0], Y + spot[1]]])))
        when = f' timestamp="{stamp}"' if stamp else ""
        place = f'<node id="{number}" version="1"{when} lat="{lat:.7f}" lon="{lon:.7f}">'
        self.nodes.append(place + _write_tags(tags or {}) + "</node>")
        return number

    def way(self, spots: Sequence[Spot], tags: Tags | None = None) -> int:
        for spot in spots:
            if spot not in self._ids:
                self._ids[spot] = self.node(spot)
        refs = "".join(f'<nd ref="{self._ids[spot]}"/>' for spot in spots)
        number = len(self.ways) + 1
        self.ways.append(f'<way id="{number}" version="1">{refs}{_write_tags(tags or {})}</way>')
        return number

    def gate(self, spot: Spot, tags: Tags) -> None:
        self._ids[spot] = self.node(spot, tags)

    def relation(self, members: Iterable[tuple[int, str]], tags: Tags) -> int:
        inner = "".join(f'<member type="way" ref="{r}" role="{role}"/>' for r, role in members)
        number = len(self.relations) + 1
        written = inner + _write_tags(tags)
        self.relations.append(f'<relation id="{number}" version="1">{written}</relation>')
        return number

    def write(self, path: Path) -> Path:
        head = ""
        if self.bounds is not None:
            corners = np.array(self.bounds) + np.array([X, Y])
            (south, north), (west, east) = unproject(corners)
            head = f'<bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>'
        body = "".join((*self.nodes, *self.ways, *self.relations))
        text = f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{head}{body}</osm>'
        path.write_text(text, "utf-8")
        return path

    def read(self, folder: Path, bounds: tuple[Spot, Spot] = ((0, 0), (1000, 1000))) -> Extract:
        return read_extract(self.write(folder / "world.osm"), to_degrees(bounds), METRIC_CRS)


def _write_tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def to_degrees(bounds: tuple[Spot, Spot]) -> tuple[float, float, float, float]:
    (south, north), (west, east) = unproject(np.array(bounds) + np.array([X, Y]))
    return float(west), float(south), float(east), float(north)


def house(number: str, **others: str) -> dict[str, str]:
    return STREET | {"addr:housenumber": number} | others


def ring(x: float, y: float, width: float = 20, height: float = 10) -> list[Spot]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]


@pytest.fixture
def world() -> World:
    made = World()
    made.way([(0, 500), (500, 500), (1000, 500)], {"highway": "residential", "name": "Langer Weg"})
    return made


def relative(addresses: gpd.GeoDataFrame) -> dict[str, tuple[float, float]]:
    spots = shapely.get_coordinates(addresses.geometry.to_numpy()) - (X, Y)
    rows = zip(addresses["house_number"], np.round(spots).tolist(), strict=True)
    return {number: (spot[0], spot[1]) for number, spot in rows}


def areas_of(*bounds: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    shapes = [box(X + w, Y + s, X + e, Y + n) for w, s, e, n in bounds]
    numbers = range(1, len(shapes) + 1)
    return gpd.GeoDataFrame({"district": numbers}, geometry=shapes, crs=METRIC_CRS).to_crs(WGS84)


def test_addresses_are_nodes_outlines_and_relations(world: World, tmp_path: Path) -> None:
    world.node((10, 20), house("2", **{"addr:postcode": " 67655 "}))
    world.way(ring(100, 100), house("4 A", building="house"))
    outer = world.way(ring(200, 200, 40, 40))
    inner = world.way(ring(210, 210, 20, 20))
    world.relation(
        [(outer, "outer"), (inner, "inner")],
        house("6", type="multipolygon", building="apartments"),
    )
    world.node((300, 300), {"addr:place": "Insel  Rügen", "addr:housenumber": "1"})
    extract = world.read(tmp_path)
    rows = extract.addresses
    assert rows[["street", "house_number"]].to_numpy().tolist() == [
        ["Insel Rügen", "1"], ["Lange Straße", "2"], ["Lange Straße", "4a"], ["Lange Straße", "6"],
    ]  # fmt: skip
    assert relative(rows) == {"1": (300, 300), "2": (10, 20), "4a": (110, 105), "6": (220, 220)}
    assert rows["postcode"].tolist() == ["", "67655", "", ""]
    assert rows["is_residential"].all()
    assert set(rows["location_quality"]) == {"point"}
    assert rows.crs == METRIC_CRS


def test_what_is_left_out_is_counted(world: World, tmp_path: Path) -> None:
    world.node((10, 10), {"addr:housenumber": "9"})
    world.node((20, 10), house("Hinterhaus"))
    world.node((30, 10), house("3;x"))
    world.node((2000, 10), house("5"))
    world.way([(0, 600), (200, 600)], {"addr:interpolation": "odd"})
    kept = world.way(ring(300, 300))
    world.relation([(kept, "outer"), (999, "outer")], house("7", type="site"))
    world.node((400, 400), {"amenity": "place_of_worship"})
    extract = world.read(tmp_path)
    left = extract.left_out
    assert extract.addresses["house_number"].tolist() == ["3"]
    assert (left.n_without_street, left.n_unreadable, left.n_outside) == (1, 2, 1)
    assert (left.n_without_place, left.n_interpolations, left.n_nameless_facilities) == (1, 1, 1)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("2;4", ["2", "4"]), ("2,4", ["2", "4"]), ("8-10", ["8-10"]), ("41a, 41b;", ["41a", "41b"]),
     ("10;9", ["9", "10"]), ("99- 103", ["99-103"])],
)  # fmt: skip
def test_a_list_is_several_addresses(
    world: World, tmp_path: Path, text: str, numbers: list[str]
) -> None:
    world.node((10, 10), house(text))
    rows = world.read(tmp_path).addresses
    assert rows["house_number"].tolist() == numbers
    assert len(set(rows.geometry)) == 1


def test_one_number_at_one_site_is_one_row_and_of_the_node(world: World, tmp_path: Path) -> None:
    world.way(ring(100, 100), house("1", building="office"))
    world.node((105, 100), house("1", **{"addr:postcode": "1"}))
    world.node((108, 100), house("1", shop="books"))
    extract = world.read(tmp_path)
    assert relative(extract.addresses) == {"1": (105, 100)}
    assert extract.left_out.n_doubles == 2
    assert extract.addresses["postcode"].tolist() == ["1"]
    assert not extract.addresses["is_residential"].any()


def test_sites_fifty_metres_apart_are_suspect(world: World, tmp_path: Path) -> None:
    world.node((100, 100), house("1"))
    world.node((149, 100), house("1"))
    world.node((100, 200), house("2"))
    world.node((152, 200), house("2"))
    extract = world.read(tmp_path)
    assert extract.addresses["location_quality"].tolist() == ["point", "suspect", "suspect"]
    rows = assign_areas(extract.addresses, areas_of((0, 0, 1000, 1000)))
    assert rows["location_quality"].tolist() == ["point", "suspect"]
    assert relative(rows) == {"1": (100, 100), "2": (100, 200)}


def test_the_same_address_of_a_neighbouring_town_is_not_meant(world: World, tmp_path: Path) -> None:
    world.node((900, 100), house("1"))  # comes first, and lies outside
    world.node((100, 100), house("1"))
    world.node((900, 200), house("50"))  # its street ends before in the town
    world.node((900, 300), {"addr:street": "Andere Straße", "addr:housenumber": "8"})
    rows = assign_areas(world.read(tmp_path).addresses, areas_of((0, 0, 500, 500)))
    found = rows[["street", "house_number", "quarter", "district", "location_quality"]]
    assert found.to_numpy().tolist() == [
        ["Andere Straße", "8", "", 0, "point"],
        ["Lange Straße", "1", "1", 1, "point"],
    ]


def test_an_address_at_two_places_has_an_area_only_if_both_lie_in_it(
    world: World, tmp_path: Path
) -> None:
    world.node((100, 100), house("1"))
    world.node((700, 100), house("1"))
    world.node((100, 200), house("2"))
    world.node((300, 200), house("2"))
    halves = areas_of((0, 0, 500, 1000), (500, 0, 1000, 1000))
    rows = assign_areas(world.read(tmp_path).addresses, halves)
    assert rows[["district", "quarter", "location_quality"]].to_numpy().tolist() == [
        [0, "", "suspect"], [1, "1", "suspect"],
    ]  # fmt: skip


def test_on_a_border_the_first_area_has_the_address() -> None:
    spot = gpd.GeoDataFrame(
        {"street": ["Weg"], "house_number": ["1"], "is_residential": [True], "postcode": [""],
         "is_postcode_inferred": [False]},
        geometry=[shapely.Point(X + 500, Y + 5)], crs=METRIC_CRS,
    )  # fmt: skip
    halves = areas_of((500, 0, 1000, 1000), (0, 0, 500, 1000)).to_crs(METRIC_CRS)
    halves = halves.set_geometry(shapely.set_precision(halves.geometry.to_numpy(), 1.0))
    assert assign_areas(spot, halves)["district"].tolist() == [1]


@pytest.mark.parametrize(
    ("tags", "is_home"),
    [
        ({}, True), ({"building": "yes"}, True), ({"building": "terrace"}, True),
        ({"building": "apartments", "shop": "books", "amenity": "cafe"}, True),
        ({"building": "yes", "shop": "books"}, True), ({"building": "yes", "office": "it"}, True),
        ({"building": "yes", "amenity": "restaurant"}, True),
        ({"building": "yes", "amenity": "school"}, False),
        ({"building": "yes", "tourism": "hotel"}, False),
        ({"building": "industrial"}, False), ({"building": "garage"}, False),
        ({"building": "Schuppen"}, False), ({"shop": "books"}, False),
        ({"amenity": "cafe"}, False), ({"building": "no", "office": "it"}, False),
        ({"building": "no", "shop": "no"}, True),
    ],
)  # fmt: skip
def test_homes_by_tags(tags: Tags, is_home: bool) -> None:
    assert may_be_home(tags) is is_home


def test_homes_are_addresses_and_buildings_without_one(world: World, tmp_path: Path) -> None:
    world.way(ring(10, 10), {"building": "apartments"})  # its three doors are the homes
    for x in (10, 15, 20):
        world.node((x, 10), house(str(x)))
    world.way(ring(100, 0), {"building": "yes"})  # the shop is none, the house is
    world.node((105, 5), house("21", shop="books"))
    world.way(ring(200, 0), {"building": "yes"})
    world.way(ring(300, 0), {"building": "garage"})
    world.way(ring(400, 0), {"building": "industrial"})  # a plain address in it is none
    world.node((405, 5), house("31"))
    world.way(ring(500, 0), house("41", building="house"))  # and its door is the same home
    world.node((500, 5), house("41"))
    world.node((600, 5), house("51"))  # no building known
    extract = world.read(tmp_path)
    homes = np.round(extract.homes - (X, Y)).tolist()
    assert homes == [[10, 10], [15, 10], [20, 10], [110, 5], [210, 5], [500, 5], [600, 5]]
    lived_in = extract.addresses.set_index("house_number")["is_residential"]
    assert lived_in.to_dict() == {
        "10": True, "15": True, "20": True, "21": False, "31": False, "41": True, "51": True,
    }  # fmt: skip


@pytest.mark.parametrize(("width", "n_homes"), [(5.9, 0), (6.1, 1)])
def test_a_shed_without_an_address_is_no_home(
    world: World, tmp_path: Path, width: float, n_homes: int
) -> None:
    """Outlines of 29.5 and 30.5 m²; with an address both are homes."""
    world.way(ring(100, 100, width, 5), {"building": "yes"})
    assert len(world.read(tmp_path).homes) == n_homes
    world.way(ring(300, 100, width, 5), {"building": "yes"} | house("3"))
    assert len(world.read(tmp_path).homes) == n_homes + 1


def test_facilities_by_tags(world: World, tmp_path: Path) -> None:
    world.node((10, 10), {"amenity": "library", "name": "Bücherei", **house("3")})
    world.way(ring(100, 100), {"amenity": "townhall", "building": "yes", "name": "Rathaus"})
    world.node((20, 10), {"office": "ngo", "operator": "Verein  e. V."})
    world.node((30, 10), {"office": "lawyer", "name": "Anwältin"})
    world.node((5000, 10), {"amenity": "library", "name": "Weit weg"})
    found = world.read(tmp_path).facilities
    assert found.drop(columns=["lat", "lon"]).to_numpy().tolist() == [
        ["library", "Bücherei", "Lange Straße", "3", "n4"],
        ["ngo", "Verein e. V.", "", "", "n9"],
        ["townhall", "Rathaus", "", "", "w2"],
    ]
    spots = project(found["lon"], found["lat"]) - (X, Y)
    assert np.round(spots).tolist() == [[10, 10], [20, 10], [110, 105]]


def test_streets_are_open_on_foot_and_end_at_gates(tmp_path: Path) -> None:
    world = World()
    world.gate((500, 500), {"barrier": "gate", "access": "private"})
    world.way([(0, 500), (500, 500), (1000, 500)], {"highway": "residential", "name": "Weg"})
    world.way([(0, 0), (0, 500)], {"highway": "motorway"})
    world.way([(0, 100), (900, 100)], {"highway": "steps", "oneway:foot": "yes"})
    world.way([(0, 200), (900, 200)], {"highway": "footway", "access": "private"})
    world.way([(600, 300), (700, 300), (800, 300)], {"highway": "path"})
    extract = world.read(tmp_path)
    assert extract.ways["id"].tolist() == ["5"]  # with a gate in the middle nothing is left of 1
    assert extract.ways["name"].tolist() == [""]
    edges, _ = build_streets(extract, box(X, Y, X + 1000, Y + 1000))
    assert edges["length_m"].tolist() == [pytest.approx(200, abs=0.1)]


def test_ways_that_do_not_touch_the_bounds_are_left_out(world: World, tmp_path: Path) -> None:
    world.way([(1500, 0), (1500, 900)], {"highway": "path"})
    assert world.read(tmp_path).ways["id"].tolist() == ["1"]


def test_the_outline_of_a_square_drawn_as_a_relation_is_walked(
    world: World, tmp_path: Path
) -> None:
    edge = world.way([(500, 500), (600, 500), (600, 600), (500, 600), (500, 500)])
    square = {"type": "multipolygon", "highway": "pedestrian", "name": "Platz"}
    world.relation([(edge, "outer")], square)
    edges, _ = build_streets(world.read(tmp_path), box(X, Y, X + 1000, Y + 1000))
    assert edges.loc[edges["name"] == "Platz", "length_m"].sum() == pytest.approx(400, abs=0.5)
    assert edges["is_main_part"].all()


def cross(extract: Extract, start: Spot, end: Spot) -> float:
    """Metres along the streets of an extract between two places on them."""
    town = box(X, Y, X + 1000, Y + 1000)
    edges, _ = build_streets(extract, town)
    streets = StreetImpedance(
        make_network(
            edges["u"].to_numpy(np.int32), edges["v"].to_numpy(np.int32),
            edges.geometry.to_numpy(), min_part_m=0,
        )
    )  # fmt: skip
    places = np.array([start, end]) + np.array([X, Y])
    return float(streets.cost_matrix(places[:1], places[1:]).cost[0, 0])


SQUARE = [(400, 500), (600, 500), (600, 700), (400, 700), (400, 500)]


def draw_square(world: World, outline: list[Spot], tags: Tags) -> None:
    """A street leads to its south-western corner and one away from its north-eastern one."""
    world.way(outline, tags)
    world.way([(300, 500), (400, 500)], {"highway": "residential"})
    world.way([(600, 700), (700, 700)], {"highway": "residential"})


@pytest.mark.parametrize(
    ("tags", "metres"),
    [
        ({"highway": "pedestrian", "area": "yes"}, 200 + np.hypot(200, 200)),
        ({"highway": "pedestrian"}, 200 + 400),
        ({"highway": "pedestrian", "area": "no"}, 200 + 400),
    ],
)
def test_a_square_is_crossed_and_a_ring_of_streets_is_not(
    tmp_path: Path, tags: Tags, metres: float
) -> None:
    world = World()
    draw_square(world, SQUARE, tags)
    assert cross(world.read(tmp_path), (300, 500), (700, 700)) == pytest.approx(metres, rel=1e-3)


def test_a_hole_in_a_square_is_walked_around(tmp_path: Path) -> None:
    world = World()
    outer = world.way(SQUARE)
    inner = world.way(ring(450, 550, 100, 100))
    world.relation(
        [(outer, "outer"), (inner, "inner")], {"type": "multipolygon", "highway": "pedestrian"}
    )
    world.way([(300, 500), (400, 500)], {"highway": "residential"})
    world.way([(600, 700), (700, 700)], {"highway": "residential"})
    found = cross(world.read(tmp_path), (300, 500), (700, 700))
    assert found == pytest.approx(600, rel=1e-3)


def test_a_corner_hides_what_is_behind_it(tmp_path: Path) -> None:
    """An L of 200 m without its north-western quarter: in sight is only the inner corner."""
    world = World()
    corner = [(400, 500), (600, 500), (600, 700), (500, 700), (500, 600), (400, 600), (400, 500)]
    world.way(corner, {"highway": "pedestrian", "area": "yes"})
    world.way([(300, 600), (400, 600)], {"highway": "residential"})
    world.way([(500, 700), (500, 800)], {"highway": "residential"})
    found = cross(world.read(tmp_path), (300, 600), (500, 800))
    assert found == pytest.approx(100 + 100 + 100 + 100, rel=1e-3)


def test_steps_are_marked(tmp_path: Path) -> None:
    world = World()
    world.way([(0, 500), (400, 500)], {"highway": "footway"})
    world.way([(400, 500), (430, 500)], {"highway": "steps"})
    world.way([(430, 500), (900, 500)], {"highway": "footway", "wheelchair": "limited"})
    edges, _ = build_streets(world.read(tmp_path), box(X, Y, X + 1000, Y + 1000))
    lengths = edges.groupby("is_step_free")["length_m"].sum().to_dict()
    assert lengths == pytest.approx({False: 30, True: 870}, rel=1e-3)


@pytest.mark.parametrize(("margin_m", "n_streets"), [(100, 1), (200, 2), (300, 3)])
def test_streets_are_kept_as_far_around_the_town_as_asked(
    tmp_path: Path, margin_m: float, n_streets: int
) -> None:
    """Streets 50, 150 and 250 m west of a town of 100 m."""
    world = World(None)
    for x in (450, 350, 250):
        world.way([(x, 500), (x, 520)], {"highway": "residential"})
    extract = world.read(tmp_path)
    town = box(X + 500, Y + 500, X + 600, Y + 600)
    whole = replace(extract, covered=box(7, 49, 8, 50))
    edges, _ = build_streets(whole, town, margin_m=margin_m)
    assert len(edges) == n_streets


def draw_grid(world: World, spots: Iterable[Spot], step: float) -> None:
    """Add a street from each place to its neighbours in the east and in the north."""
    known = set(spots)
    for x, y in sorted(known):
        for end in ((x + step, y), (x, y + step)):
            if end in known:
                world.way([(x, y), end], {"highway": "residential"})


def test_an_extract_that_ends_inside_the_town_says_which_share_it_covers(tmp_path: Path) -> None:
    """Streets every 200 m in the western half of a town of 8 km x 4 km; a road leads on east."""
    world = World(bounds=None)
    draw_grid(world, [(x, y) for x in range(0, 4001, 200) for y in range(0, 4001, 200)], 200)
    world.way([(x, 2000) for x in range(4000, 8001, 200)], {"highway": "secondary"})
    extract = world.read(tmp_path, ((-1500, -1500), (9500, 5500)))
    town = box(X, Y, X + 8000, Y + 4000)
    edges, extent = build_streets(extract, town)
    assert extent.area.sum() / town.area == pytest.approx(0.5, abs=0.01)
    assert find_table_problems("street_extent", extent) == []
    assert edges["length_m"].sum() == pytest.approx(2 * 21 * 4000 + 4000, rel=1e-3)
    west, south, east, north = look_at_extract(extract.path).bounds
    spots = project([west, east], [south, north]) - (X, Y)
    assert spots == pytest.approx(np.array([[0, 0], [4000, 4000]]), abs=80)  # north is not up


def test_a_corner_without_streets_is_not_covered(tmp_path: Path) -> None:
    """Extracts are cut along polygons, though their bounds are a rectangle."""
    world = World(bounds=((0, 0), (10_000, 10_000)))
    steps = range(0, 10_001, 250)
    draw_grid(world, [(x, y) for x in steps for y in steps if x + y <= 12_000], 250)
    extract = world.read(tmp_path, ((0, 0), (10_000, 10_000)))
    town = box(X, Y, X + 10_000, Y + 10_000)
    _, extent = build_streets(extract, town)
    # Of the square the triangle of 8 km x 8 km is missing; cells are about a kilometre wide.
    assert extent.area.sum() / town.area == pytest.approx(0.68, abs=0.06)
    assert not extent.contains(shapely.Point(X + 9000, Y + 9000)).any()


def test_an_extract_elsewhere_covers_nothing(world: World, tmp_path: Path) -> None:
    extract = world.read(tmp_path)
    with pytest.raises(GeometryError, match="no data in the area") as caught:
        build_streets(extract, box(X + 50_000, Y, X + 51_000, Y + 1000))
    assert caught.value.where is not None
    assert caught.value.where.file == "world.osm"


def test_a_town_without_addresses_and_facilities_has_empty_tables(
    world: World, tmp_path: Path
) -> None:
    extract = world.read(tmp_path)
    rows = assign_areas(extract.addresses, areas_of((0, 0, 1000, 1000)))
    assert (len(rows), extract.homes.shape, len(extract.facilities)) == (0, (0, 2), 0)


def test_times_that_say_nothing_are_none(world: World, tmp_path: Path) -> None:
    stated = {"addr:housenumber": "1"}
    world.node((1, 1), stated, stamp="2106-02-07T06:28:15Z")
    world.node((1, 1), stated, stamp="1970-01-01T00:00:00Z")
    assert look_at_extract(world.write(tmp_path / "a.osm")).newest is None
    world.node((1, 1), stated, stamp="2020-05-06T07:08:09Z")
    world.node((1, 1), stated, stamp="2019-05-06T07:08:09Z")
    facts = look_at_extract(world.write(tmp_path / "b.osm"))
    assert facts.newest == datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert (facts.n_addresses, facts.n_ways, facts.n_areas) == (4, 1, {})


def test_bounds_of_half_the_globe_are_not_believed(world: World, tmp_path: Path) -> None:
    path = world.write(tmp_path / "a.osm")
    text = re.sub(
        "<bounds[^>]*>", '<bounds minlon="0" minlat="0" maxlon="180" maxlat="90"/>',
        path.read_text("utf-8"),
    )  # fmt: skip
    path.write_text(text, "utf-8")
    found = look_at_extract(path).bounds
    assert found == pytest.approx(to_degrees(((0, 500), (1000, 500))), abs=1e-5)


ORDERS = st.permutations(range(6))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS)
def test_the_order_of_the_file_changes_nothing(tmp_path: Path, order: list[int]) -> None:
    world = World()
    world.way([(0, 500), (1000, 500)], {"highway": "path"})
    for number, x in (("2", 0), ("2", 30), ("2", 60), ("10", 10), ("1;3", 20), ("3", 300)):
        world.node((x, 100), house(number))
    first = world.read(tmp_path)
    world.nodes = [*world.nodes[:2], *(world.nodes[2 + k] for k in order)]
    again = world.read(tmp_path)
    assert again.addresses.equals(first.addresses)
    assert (again.homes == first.homes).all()


def test_every_kind_of_file_says_the_same(world: World, tmp_path: Path) -> None:
    world.node((1, 1), house("1"))
    world.way(ring(100, 100), house("3", amenity="school", name="Schule", building="school"))
    plain = world.read(tmp_path)
    zipped, packed = tmp_path / "a.osm.gz", tmp_path / "a.osm.pbf"
    zipped.write_bytes(gzip.compress(plain.path.read_bytes()))
    with osmium.SimpleWriter(str(packed)) as writer:
        for element in osmium.FileProcessor(plain.path):
            writer.add(element)
    for path in (zipped, packed):
        again = read_extract(path, to_degrees(((0, 0), (1000, 1000))))
        assert again.addresses.equals(plain.addresses)
        assert again.facilities.equals(plain.facilities)
        assert again.ways.equals(plain.ways)


@pytest.mark.parametrize("name", ["a.osm", "a.osm.gz", "a.osm.pbf", "a.osm.bz2"])
@pytest.mark.parametrize("content", [b"", b"<osm><node", b"\x00\xff" * 500, b"{}"])
def test_damaged_files_are_named(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for read in (look_at_extract, lambda p: read_extract(p, (0.0, 0.0, 1.0, 1.0))):
        with pytest.raises(InputError) as caught:
            read(path)
        assert caught.value.where is not None
        assert caught.value.where.file == name
        assert caught.value.how


@pytest.mark.parametrize("name", ["missing.osm.pbf", "town.geojson", "town.gz"])
def test_other_files_are_named(tmp_path: Path, name: str) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(InputError, match="no OpenStreetMap extract"):
        look_at_extract(tmp_path / name)


def test_an_extract_without_streets_is_named(world: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no street of the region \(world.osm\)"):
        world.read(tmp_path, ((50_000, 0), (51_000, 1000)))
    empty = World()
    empty.node((1, 1), house("1"))
    with pytest.raises(InputError, match="no way that is open on foot"):
        look_at_extract(empty.write(tmp_path / "empty.osm"))


TESTBEDS = {
    "kaiserslautern": ("kaiserslautern.osm.gz", "EPSG:25832"),
    "munich": ("munich_old_town.osm.pbf", "EPSG:25832"),
    "heidelberg": ("heidelberg/heidelberg.osm.pbf", "EPSG:25832"),
    "porto_alegre": ("porto_alegre/poa_osm.pbf", "EPSG:31982"),
}


def real_file(name: str) -> tuple[Path, str]:
    file, crs = TESTBEDS[name]
    return require_raw() / "testbeds" / file, crs


def read_real(name: str) -> Extract:
    path, crs = real_file(name)
    return read_extract(path, look_at_extract(path).bounds, crs)


@pytest.mark.raw
def test_kaiserslautern_has_every_address_that_its_text_has() -> None:
    """Counted in the XML by its lines, without any library for it."""
    path, _ = real_file("kaiserslautern")
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    values = re.findall(r'k="addr:housenumber" v="([^"]*)"', text)
    facts = look_at_extract(path)
    assert facts.n_addresses == len(values) == 11_159
    assert facts.n_buildings == len(re.findall(r'k="building" v="(?!no")', text))
    assert facts.newest is None  # the times of this file are all 2106
    extract = read_extract(path, (7.7171, 49.4183, 7.8206, 49.457), "EPSG:25832")
    left = extract.left_out
    n_numbers = sum(len(re.findall(r"[^;,]+", value)) for value in values)
    n_left = left.n_without_street + left.n_unreadable + left.n_outside + left.n_doubles
    assert (left.n_outside, left.n_without_place, n_numbers) == (0, 0, 11_159 + 14)
    assert len(extract.addresses) == n_numbers - n_left


@pytest.mark.raw
def test_kaiserslautern_lies_in_one_district_and_its_extract_ends_inside_the_town() -> None:
    path, crs = real_file("kaiserslautern")
    file = require_raw() / "testbeds" / "kaiserslautern_districts.geojson"
    areas = read_geojson(read_layer_bytes(file, None), file)
    areas["district"] = range(1, len(areas) + 1)
    town = areas.to_crs(crs).geometry.union_all()
    around = gpd.GeoSeries([town.buffer(1500)], crs=crs).to_crs(WGS84).total_bounds
    extract = read_extract(path, tuple(around), crs)
    rows = assign_areas(extract.addresses, areas, crs)
    assert rows["district"].nunique() == 1
    assert find_table_problems("addresses", rows) == []
    edges, extent = build_streets(extract, town, crs)
    assert find_table_problems("street_edges", edges) == []
    share = extent.area.sum() / town.area
    # README: 7.7171-7.8206 E, 49.4183-49.457 N, a box of 32 km² whose corners hold no street.
    known = gpd.GeoSeries([box(7.7171, 49.4183, 7.8206, 49.457)], crs=WGS84).to_crs(crs).iloc[0]
    assert extent.union_all().difference(known).area < 1e5
    assert 0.75 < extent.area.sum() / known.area < 0.9
    assert share == pytest.approx(0.19, abs=0.02)
    assert extent.union_all().buffer(60).covers(rows.geometry.to_numpy()).mean() > 0.999


@pytest.mark.raw
def test_munich_has_its_house_numbers_and_squares() -> None:
    path, crs = real_file("munich")
    facts = look_at_extract(path)
    assert facts.n_addresses == 3_267
    assert facts.newest == datetime(2020, 7, 20, 12, 44, 3, tzinfo=UTC)
    assert facts.bounds == pytest.approx((11.5656571, 48.1314385, 11.5861277, 48.1433940))
    assert facts.n_areas["9"] == 4
    extract = read_extract(path, facts.bounds, crs)
    # Two house numbers stand on relations of the type site, which are no areas.
    assert extract.left_out.n_without_place == 2
    town_hall = extract.facilities.query("kind == 'townhall'")
    assert town_hall["name"].tolist() == ["Neues Rathaus"]
    assert town_hall["lat"].iloc[0] == pytest.approx(48.1376, abs=5e-4)
    assert town_hall["lon"].iloc[0] == pytest.approx(11.5760, abs=5e-4)


@pytest.mark.long
@pytest.mark.raw
def test_heidelberg_is_not_as_large_as_its_header_and_its_routes() -> None:
    """The header states a quarter of the globe, and routes reach from 7.7 to 9.1 degrees east."""
    path, crs = real_file("heidelberg")
    facts = look_at_extract(path)
    west, south, east, north = facts.bounds
    assert 8.55 < west < 8.62
    assert 8.84 < east < 8.90
    assert 49.32 < south < 49.35
    assert 49.50 < north < 49.53
    assert facts.n_addresses == 516 + 108 + 9  # README: 624 on nodes and ways; and 9 relations
    left = read_extract(path, facts.bounds, crs).left_out
    assert left.n_interpolations == 46


@pytest.mark.raw
def test_the_bounds_of_porto_alegre_are_found_though_not_stated() -> None:
    path, _ = real_file("porto_alegre")
    found = look_at_extract(path).bounds
    assert found == pytest.approx((-51.26, -30.11, -51.14, -30.0), abs=1e-4)


@pytest.mark.raw
@pytest.mark.parametrize("name", short(["kaiserslautern"], TESTBEDS))
def test_streets_of_real_files_are_as_long_as_their_ways(name: str) -> None:
    """Against lengths on the ellipsoid: a projection is off by 0.1 %, doubled pieces count once."""
    extract = read_real(name)
    _, crs = TESTBEDS[name]
    west, south, east, north = extract.covered.bounds
    area = gpd.GeoSeries([box(west, south, east, north)], crs=WGS84).to_crs(crs).iloc[0]
    edges, extent = build_streets(extract, area, crs)
    geod = Geod(ellps="GRS80")
    walked = sum(geod.geometry_length(line) for line in extract.ways.geometry)
    assert 0.98 < edges["length_m"].sum() / walked < 1.001
    assert edges["is_main_part"].mean() > 0.95
    assert edges.crs == extent.crs == crs
    again = read_real(name)
    assert again.addresses.equals(extract.addresses)
    assert (again.homes == extract.homes).all()


@pytest.mark.raw
@pytest.mark.parametrize("name", ["munich", "heidelberg", "kaiserslautern"])
def test_truncated_real_files_are_named(name: str, tmp_path: Path) -> None:
    path, crs = real_file(name)
    cut = tmp_path / path.name
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_extract(cut, (7.0, 48.0, 12.0, 50.0), crs)
    assert caught.value.where is not None
    assert caught.value.where.file == path.name
