"""Polygons and relations become one tiling: invented towns worked out by hand, and real ones."""

from __future__ import annotations

import gzip
import json
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Polygon, box, mapping

from tests.ingest.raw_files import require_raw
from welcomemap import extras
from welcomemap.crs import METRIC_CRS, WGS84
from welcomemap.errors import (
    ColumnValueError,
    ControlCharacterError,
    CoordinateError,
    CrsError,
    DuplicateIdError,
    EmptyTableError,
    EncodingError,
    GeometryError,
    InputError,
    MissingColumnError,
    MissingExtraError,
    MissingLayerError,
    SwappedCoordinatesError,
    TableError,
    TooLargeError,
)
from welcomemap.ingest import areas as module
from welcomemap.ingest.areas import (
    Areas,
    look_at_areas,
    make_one_area,
    read_areas,
)
from welcomemap.ingest.look import TownFiles, write_recipe
from welcomemap.ingest.osm_areas import find_osm_area, list_osm_areas, read_osm_areas
from welcomemap.ingest.town import build_town

EAST, NORTH = 500_000, 5_500_000
"""South-west corner of the invented towns in EPSG:25832: on 9 degrees east, where metres on the map
are 0.9996 of those on the ground. Areas are measured on the map, so squares have round ones."""


RING = [(9.0, 50.0), (9.1, 50.0), (9.1, 50.1), (9.0, 50.0)]


def square(x: float, y: float, width: float = 1000, height: float = 1000) -> Polygon:
    """Return a rectangle; all in metres from the corner of the town."""
    return box(x, y, x + width, y + height)


def write(
    path: Path,
    shapes: Sequence[shapely.Geometry | None],
    properties: Sequence[dict[str, Any]] | None = None,
    *,
    crs: str | None = METRIC_CRS,
    east: float = EAST,
) -> Path:
    """Write shapes in metres from the corner of the town, in EPSG:25832."""
    features = [
        {
            "type": "Feature",
            "properties": own,
            "geometry": shape
            and mapping(shapely.transform(shape, lambda xy: xy + np.array([east, NORTH]))),
        }
        for shape, own in zip(shapes, properties or [{}] * len(shapes), strict=True)
    ]
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(content), "utf-8")
    return path


def write_degrees(path: Path, rings: Sequence[Sequence[tuple[float, ...]]]) -> Path:
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [r]}}
        for r in rings
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def measure_km2(areas: Areas) -> list[float]:
    return [float(area) for area in areas.table.to_crs(METRIC_CRS).area / 1e6]


def require_tiling(areas: Areas) -> None:
    """Require what is said of every table, in degrees and in metres."""
    table = areas.table
    assert list(table.columns) == ["district", "name", "geometry"]
    assert table.crs == WGS84
    assert table["district"].is_monotonic_increasing
    assert table["district"].is_unique
    assert table["district"].min() >= 1
    assert set(table.geom_type) <= {"Polygon", "MultiPolygon"}
    for frame in (table, table.to_crs(METRIC_CRS)):
        assert frame.is_valid.all()
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "areas.geojson"


# --- polygons of a file ---


def test_three_squares_with_numbers_and_names(path: Path) -> None:
    properties: list[dict[str, Any]] = [
        {"nr": "03", "n": "C"},
        {"nr": 1, "n": " A\n x "},
        {"nr": 2.0, "n": None},
    ]
    write(path, [square(2000, 0), square(0, 0), square(1000, 0)], properties)
    areas = read_areas(path, METRIC_CRS, number="nr", name="n")
    require_tiling(areas)
    assert areas.table["district"].tolist() == [1, 2, 3]
    assert areas.table["name"].tolist() == ["A x", "2", "C"]
    assert measure_km2(areas) == pytest.approx([1, 1, 1], abs=1e-4)
    assert areas.table.geometry[0].centroid.x == pytest.approx(9.00695, abs=1e-4)
    assert (areas.overlap_km2, areas.gap_km2, areas.hole_km2) == (0, 0, 0)
    assert (areas.n_merged, areas.n_repaired, areas.clipped) == (0, 0, ())


def test_the_same_town_with_the_zone_before_its_eastings_and_packed(tmp_path: Path) -> None:
    """EPSG:4647 is EPSG:25832 with 32 million added to the easting, as its definition says."""
    shapes = [square(0, 0), square(1000, 0)]
    plain = read_areas(write(tmp_path / "a.json", shapes), METRIC_CRS)
    path = write(tmp_path / "b.geojson", shapes, crs="EPSG:4647", east=32_000_000 + EAST)
    packed = tmp_path / "b.geojson.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    for other in (path, packed):
        table = read_areas(other, METRIC_CRS).table
        assert table.geometry.geom_equals_exact(plain.table.geometry, 1.5e-7).all()


def test_heights_are_dropped(path: Path) -> None:
    rings = [[(9, 50, 0.0), (9.01, 50, 1.0), (9.01, 50.01, 2.0), (9, 50, 0.0)]]
    table = read_areas(write_degrees(path, rings), METRIC_CRS).table
    assert not table.has_z.any()


@pytest.mark.parametrize(
    ("crs", "shift_m"),
    [("EPSG:4979", 0), ("EPSG:4258", 0), ("urn:ogc:def:crs:OGC:1.3:CRS84", 0), ("EPSG:4314", 148)],
)
def test_degrees_of_another_datum(path: Path, crs: str, shift_m: float) -> None:
    """DHDN lies about 150 m from ETRS89 in Germany, which holds WGS 84 to less than a metre."""
    write_degrees(path, [RING])
    stated = json.loads(path.read_text("utf-8")) | {
        "crs": {"type": "name", "properties": {"name": crs}}
    }
    path.write_text(json.dumps(stated), "utf-8")
    found = read_areas(path, METRIC_CRS).table.to_crs(METRIC_CRS).geometry[0]
    plain = read_areas(write_degrees(path, [RING]), METRIC_CRS).table.to_crs(METRIC_CRS).geometry[0]
    assert found.centroid.distance(plain.centroid) == pytest.approx(shift_m, abs=4)
    if not shift_m:
        assert found.equals(plain)


def test_overlap_and_gap_are_measured_and_closed(path: Path) -> None:
    """5 m x 1 km lie under two areas; 10 m x 600 m between two of them under none.

    The gap is enclosed, for both areas reach the middle of it at its ends.
    """
    right = square(995, 0).difference(square(1985, 200, 20, 600))
    write(path, [square(0, 0), right, square(1995, 0)], [{"n": n} for n in "abc"])
    areas = read_areas(path, METRIC_CRS, name="n")
    require_tiling(areas)
    assert areas.overlap_km2 == pytest.approx(0.005, abs=1e-6)
    assert areas.gap_km2 == pytest.approx(0.006, abs=1e-6)
    assert areas.hole_km2 == 0
    assert sum(measure_km2(areas)) == pytest.approx(2.995, abs=1e-4)
    assert measure_km2(areas) == pytest.approx([1, 0.994, 1], abs=0.0065)


def test_less_than_ten_square_metres_are_mended_and_not_counted(path: Path) -> None:
    left = Polygon([(0, 0), (1000, 0), (999.98, 500), (1000, 1000), (0, 1000)])
    right = Polygon([(1000, 0), (2000, 0), (2000, 1000), (1000, 1000), (999.99, 700)])
    areas = read_areas(write(path, [left, right]), METRIC_CRS)
    require_tiling(areas)
    assert (areas.overlap_km2, areas.gap_km2) == (0, 0)
    assert not list(shapely.get_rings(shapely.union_all(areas.table.geometry))[1:])


def test_wide_ground_between_areas_and_drawn_holes_stay_open(path: Path) -> None:
    """A ring of two areas around 200 m x 200 m, and a third one with a hole of 20 m x 20 m."""
    ring = square(0, 0).difference(square(400, 400, 200, 200))
    halves = [ring.intersection(square(0, 0, 500)), ring.intersection(square(500, 0, 500))]
    apart = square(3000, 0).difference(square(3500, 500, 20, 20))
    areas = read_areas(write(path, [*halves, apart]), METRIC_CRS)
    require_tiling(areas)
    assert areas.hole_km2 == pytest.approx(0.04, abs=1e-6)
    assert areas.gap_km2 == 0
    assert measure_km2(areas) == pytest.approx([0.48, 0.48, 0.9996], abs=2e-5)


def test_an_area_in_the_hole_of_another(path: Path) -> None:
    inner = square(400, 400, 200, 200)
    shapes, names = [square(0, 0).difference(inner), inner], [{"n": "a"}, {"n": "b"}]
    areas = read_areas(write(path, shapes, names), METRIC_CRS, name="n")
    require_tiling(areas)
    assert measure_km2(areas) == pytest.approx([0.96, 0.04], abs=2e-5)
    assert areas.hole_km2 == areas.gap_km2 == 0


def test_parts_of_one_number_and_name_are_one_area_wherever_they_lie(path: Path) -> None:
    """The second comes twice, as some services list features."""
    shapes = [square(0, 0), square(5000, 0), square(5000, 0), square(1000, 0)]
    properties = [{"nr": 7, "n": n} for n in "aaa"] + [{"nr": 8, "n": "b"}]
    areas = read_areas(write(path, shapes, properties), METRIC_CRS, number="nr", name="n")
    require_tiling(areas)
    assert areas.table["district"].tolist() == [7, 8]
    assert measure_km2(areas) == pytest.approx([2, 1], abs=1e-4)
    assert areas.n_merged == 2
    assert areas.overlap_km2 == 0


def test_without_numbers_parts_of_one_name_are_one_area_if_they_touch(path: Path) -> None:
    """Half a metre apart is near enough; the fourth lies alone."""
    shapes = [square(0, 0), square(1000.5, 0), square(2000.5, 0), square(9000, 0)]
    areas = read_areas(write(path, shapes, [{"n": "a"}] * 4), METRIC_CRS, name="n")
    assert areas.table["name"].tolist() == ["a", "a"]
    assert measure_km2(areas) == pytest.approx([3, 1], abs=1e-3)
    assert areas.n_merged == 2


def test_one_number_with_two_names_is_an_error_that_names_both_rows(path: Path) -> None:
    properties: list[dict[str, Any]] = [
        {"nr": 1, "n": "a"},
        {"nr": 2, "n": "b"},
        {"nr": "01", "n": "c"},
    ]
    write(path, [square(0, 0), square(1000, 0), square(2000, 0)], properties)
    message = r"number 1 is that of a \(row 1\) and that of c \(areas.geojson, row 3\)"
    with pytest.raises(DuplicateIdError, match=message):
        read_areas(path, METRIC_CRS, number="nr", name="n")


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(6)), has_names=st.booleans())
def test_the_order_of_features_changes_nothing(
    tmp_path: Path, order: list[int], has_names: bool
) -> None:
    """By name, without case and umlauts; without names from west to east, then south to north."""
    path = tmp_path / "areas.geojson"
    shapes = [square(x * 1000, y * 1000) for x in range(2) for y in range(3)]
    names = ["Zoo", "Öd", "Ofen", "alt", "Übersee", "Uhlen"]
    write(path, [shapes[k] for k in order], [{"n": names[k]} for k in order])
    table = read_areas(path, METRIC_CRS, name="n" if has_names else "").table
    assert table["district"].tolist() == [1, 2, 3, 4, 5, 6]
    expected = ["alt", "Öd", "Ofen", "Übersee", "Uhlen", "Zoo"]
    assert table["name"].tolist() == (expected if has_names else list("123456"))
    metres = table.to_crs(METRIC_CRS).geometry.centroid
    assert [
        (round((p.x - EAST) / 1000 - 0.5), round((p.y - NORTH) / 1000 - 0.5)) for p in metres
    ] == ([(1, 0), (0, 1), (0, 2), (1, 1), (1, 2), (0, 0)] if has_names else [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)
    ])  # fmt: skip


metres = st.floats(-6, 6).map(lambda value: round(value, 2))


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(metres, min_size=32, max_size=32))
def test_sloppy_borders_become_a_tiling_that_leaves_every_point_where_it_was(
    tmp_path: Path, offsets: list[float]
) -> None:
    """Four areas around a point, each with corners of its own, up to 6 m off.

    A point that one of them alone covers stays in it, unless it lies within 5 cm of a border.
    """
    shapes = []
    for k, (x, y) in enumerate([(0, 0), (1000, 0), (0, 1000), (1000, 1000)]):
        corners = np.array([(x, y), (x + 1000, y), (x + 1000, y + 1000), (x, y + 1000)])
        shapes.append(Polygon(corners + np.array(offsets[8 * k : 8 * k + 8]).reshape(4, 2)))
    areas = read_areas(write(tmp_path / "areas.geojson", shapes), METRIC_CRS)
    require_tiling(areas)
    assert len(areas.table) == 4
    found = areas.table.to_crs(METRIC_CRS).geometry.to_numpy()
    found = shapely.transform(found, lambda xy: xy - np.array([EAST, NORTH]))
    along = np.linspace(-5, 2005, 40)
    across = np.concatenate([np.linspace(-7, 7, 15), np.linspace(990, 1010, 21)])
    points = [shapely.points(a, b) for a in along for b in across]
    points += [shapely.points(b, a) for a in along for b in across]
    order = [int(shapely.contains(found, shape.centroid).argmax()) for shape in shapes]
    covers = np.array([shapely.contains_properly(shape, points) for shape in shapes])
    borders = shapely.union_all([shape.boundary for shape in shapes])
    is_clear = (covers.sum(axis=0) == 1) & (shapely.distance(borders, points) > 0.05)
    assert is_clear.any()
    for point, owner in zip(
        np.array(points)[is_clear], covers[:, is_clear].argmax(axis=0), strict=True
    ):
        assert shapely.contains(found[order[owner]], point)
    whole = shapely.union_all(shapes)
    assert sum(shapely.area(found)) == pytest.approx(whole.area + areas.gap_km2 * 1e6, abs=200)


# --- polygons that cannot be used ---


def test_an_overlap_of_more_than_one_percent_names_the_two(path: Path) -> None:
    """20 m of 1 km are 2 %."""
    properties = [{"n": "a"}, {"n": "b"}, {"n": "c"}]
    write(path, [square(0, 0), square(995, 0), square(1975, 0)], properties)
    message = r"areas b and c overlap by 2.0% of the smaller one \(areas.geojson, row 3"
    with pytest.raises(GeometryError, match=message):
        read_areas(path, METRIC_CRS, name="n")


def test_a_town_and_its_districts_in_one_file(path: Path) -> None:
    write(path, [square(0, 0), square(1000, 0), square(0, 0, 2000)])
    with pytest.raises(GeometryError, match=r"overlap by 100.0%"):
        read_areas(path, METRIC_CRS)


def test_a_border_that_crosses_itself(path: Path) -> None:
    bow_tie = Polygon([(1000, 0), (2000, 1000), (2000, 0), (1000, 1000)])
    write(path, [square(0, 0), bow_tie], [{"n": "a"}, {"n": "b"}])
    message = r"border of the area b cannot be used: Self-intersection.*row 2, column geometry"
    with pytest.raises(GeometryError, match=message):
        read_areas(path, METRIC_CRS, name="n")


def test_a_loop_of_less_than_a_square_metre_is_mended(path: Path) -> None:
    """The border turns back for 1 cm over its last metre: half of 1 m x 2 cm at most."""
    looped = Polygon(
        [(0, 0), (1000, 0), (1000, 1000), (500, 1000), (500.5, 999.99), (500.5, 1000.01), (0, 1000)]
    )
    assert not looped.is_valid
    areas = read_areas(write(path, [looped, square(1000, 0)]), METRIC_CRS)
    require_tiling(areas)
    assert areas.n_repaired == 1
    assert measure_km2(areas) == pytest.approx([1, 1], abs=1e-4)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (None, "the feature is no polygon"),
        (shapely.Point(1500, 500), "the feature is no polygon"),
        (square(1000, 0, 0.5), r"the area 2 is nowhere 1 m wide"),
        (Polygon([(1000, 0), (1500, 0), (2000, 0), (1000, 0)]), "nowhere 1 m wide"),
    ],
)
def test_no_area(path: Path, shape: shapely.Geometry | None, message: str) -> None:
    write(path, [square(0, 0), shape])
    with pytest.raises(GeometryError, match=rf"{message}.*row 2, column geometry"):
        read_areas(path, METRIC_CRS)


def test_too_many_areas(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_AREAS", 2)
    shapes = [square(x, 0) for x in (0, 1000, 2000)]
    with pytest.raises(TooLargeError, match="there are 3 areas, at most 2 are taken"):
        read_areas(write(path, shapes), METRIC_CRS)
    one_number = write(path, shapes, [{"nr": 1}] * 3)
    assert len(read_areas(one_number, METRIC_CRS, number="nr").table) == 1


def test_too_many_polygons_are_refused_before_anything_is_computed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 50,000 that lie on each other nobody would see an end."""
    monkeypatch.setattr(module, "MAX_PARTS", 2)
    monkeypatch.setattr(module, "_weld", None)
    many = write(path, [square(0, 0)] * 3, [{"nr": 1}] * 3)
    with pytest.raises(TooLargeError, match="too many polygons, 3, at most 2"):
        read_areas(many, METRIC_CRS, number="nr")
    monkeypatch.setattr(module, "MAX_AREAS", 2)
    many = write(path, [square(0, 0)] * 3, [{"nr": k} for k in (1, 2, 3)])
    with pytest.raises(TooLargeError, match="there are 3 areas, at most 2"):
        read_areas(many, METRIC_CRS, number="nr")


# --- numbers and names that cannot be used ---


@pytest.mark.parametrize("value", [None, "", "x", 0, -1, 1.5, True, "1 a", "٣", [1], "1e3"])
def test_no_number(path: Path, value: object) -> None:
    write(path, [square(0, 0), square(1000, 0)], [{"nr": 1}, {"nr": value}])
    with pytest.raises(ColumnValueError, match=r"is no number of an area .*row 2, column nr"):
        read_areas(path, METRIC_CRS, number="nr")


@pytest.mark.parametrize("value", [None, "", " \n"])
def test_neither_number_nor_name(path: Path, value: object) -> None:
    write(path, [square(0, 0), square(1000, 0)], [{"n": "a"}, {"n": value}])
    with pytest.raises(ColumnValueError, match=r"neither a number nor a name .*row 2, column n"):
        read_areas(path, METRIC_CRS, name="n")


def test_a_name_that_nothing_can_print(path: Path) -> None:
    write(path, [square(0, 0), square(1000, 0)], [{"n": "a"}, {"n": "b\x00"}])
    with pytest.raises(ControlCharacterError, match=r"sign U\+0000.*row 2, column n"):
        read_areas(path, METRIC_CRS, name="n")


def test_a_property_that_is_not_there(path: Path) -> None:
    write(path, [square(0, 0)], [{"NR": 1, "Name": "a"}])
    with pytest.raises(MissingColumnError, match=r"column nummer.*: NR, Name"):
        read_areas(path, METRIC_CRS, number="nummer")


# --- coordinates of another system ---


@pytest.mark.parametrize("east", [EAST, 32_000_000 + EAST])
def test_metres_read_as_degrees(path: Path, east: float) -> None:
    write(path, [square(0, 0)], crs=None, east=east)
    message = r"positions are metres, and the file does not say .*row 1.*EPSG:4647"
    for read in (look_at_areas, lambda path: read_areas(path, METRIC_CRS)):
        with pytest.raises(CrsError, match=message):
            read(path)


def test_zone_prefixed_eastings_under_the_name_of_the_plain_system(path: Path) -> None:
    write(path, [square(0, 0)], crs="EPSG:25832", east=32_000_000 + EAST)
    with pytest.raises(CrsError, match=r"row 1"):
        read_areas(path, METRIC_CRS)


def test_swapped_axes(path: Path) -> None:
    rings = [RING, [(lat, lon) for lon, lat in RING]]
    with pytest.raises(SwappedCoordinatesError, match=r"are exchanged .*row 2, column geometry"):
        read_areas(write_degrees(path, rings), METRIC_CRS)


def test_swapped_axes_beyond_the_pole(path: Path) -> None:
    write_degrees(path, [[(lat, lon + 100) for lon, lat in RING]])
    with pytest.raises(SwappedCoordinatesError, match="row 1"):
        read_areas(path, METRIC_CRS)


@pytest.mark.parametrize(
    ("crs", "message"),
    [
        ("EPSG:31982", r"longitude 9.05, latitude 50.05, where EPSG:31982 is not in use"),
        ("EPSG:4326", "is not in metres"),
        ("EPSG:2225", "is not in metres"),  # US survey feet
        ("EPSG:99999", "nobody knows"),
        ("+proj=utm +zone=32 +nadgrids=/etc/passwd", "nobody knows"),
        ("", "nobody knows"),
    ],
)
def test_a_town_in_another_system(path: Path, crs: str, message: str) -> None:
    with pytest.raises(CrsError, match=message):
        read_areas(write_degrees(path, [RING]), crs)


def test_a_zone_is_used_beyond_its_edge_and_across_the_date_line(path: Path) -> None:
    """Poznań at 16.9 degrees east is measured in zone 32, and Taveuni lies on both sides."""
    poznan = [(lon + 7.8, lat + 2.4) for lon, lat in RING]
    assert len(read_areas(write_degrees(path, [poznan]), METRIC_CRS).table) == 1
    taveuni = [(-179.9, -16.9), (-179.8, -16.9), (-179.8, -16.8), (-179.9, -16.9)]
    assert len(read_areas(write_degrees(path, [taveuni]), "EPSG:32760").table) == 1


# --- files that cannot be used ---


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.geojson", b"", EmptyTableError, "the file is empty"),
        ("a.geojson", b" \n", EmptyTableError, "the file is empty"),
        ("a.geojson", b'{"features": []}', EmptyTableError, "holds no areas"),
        ("a.geojson", '{"n": "Öd"}'.encode("latin-1"), EncodingError, "not UTF-8"),
        ("a.geojson", b"\xff\xfe{\x00", EncodingError, "not UTF-8"),
        ("a.geojson", b'{"features": [', TableError, "JSON"),
        ("a.geojson", b"[]", TableError, "no list of features"),
        ("a.geojson.gz", b"no gzip", TableError, "cannot be read"),
        ("a.geojson.gz", gzip.compress(b"x" * 500, mtime=0)[:25], TableError, "cannot be read"),
        ("a.gpkg", b"SQLite format 3\x00", TableError, "the GeoPackage cannot be read"),
        ("a.kml", b"<kml/>", TableError, r"ends with '.kml'.*\.geojson"),
        ("areas", b"{}", TableError, r"ends with 'areas'"),
    ],
)
def test_no_file_of_areas(
    tmp_path: Path, name: str, content: bytes, error: type[InputError], message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message) as caught:
        read_areas(tmp_path / name, METRIC_CRS)
    assert caught.value.where is not None
    assert caught.value.where.file == name
    assert caught.value.how.endswith(".")


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(MissingLayerError, match=r"areas\.geojson"):
        look_at_areas(path)


def test_what_is_unpacked_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LAYER_BYTES", 1_000_000)
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b" " * 1_000_001))
    with pytest.raises(TooLargeError, match="more than 1 MB"):
        look_at_areas(tmp_path / "a.json.gz")


# --- a look into a file ---


@pytest.mark.parametrize(
    ("first", "second", "number", "name"),
    [
        ({"STB_NR": "01", "NAME": "a"}, {"STB_NR": "02", "NAME": "b"}, "STB_NR", "NAME"),
        ({"id": 5, "bezirk": 2, "bez": "a"}, {"id": 6, "bezirk": 1, "bez": "b"}, "bezirk", "bez"),
        ({"id": 5, "bezirk": 1}, {"id": 6, "bezirk": 1}, "id", None),
        ({"nummer": 1, "bezirk": "1"}, {"nummer": 1, "bezirk": "2"}, "bezirk", None),
        ({"Bezirksnr": 1}, {"Bezirksnr": None}, None, None),
        ({"Bezirk": "Mitte"}, {"Bezirk": "Nord"}, None, "Bezirk"),
        ({"area_bezirk": 900, "Name": "1"}, {"area_bezirk": 1200, "Name": "2"}, None, None),
        ({"x": 1, "y": "a", "name": "s"}, {"x": 2, "y": "b", "name": "s"}, None, None),
        ({"area": 7, "objectid": 1}, {"area": 8, "objectid": 2}, None, None),
        ({"GEN": "A", "AGS": "07312000"}, {"GEN": "B", "AGS": "07335000"}, "AGS", "GEN"),
    ],
)  # fmt: skip
def test_guesses_are_cautious(
    path: Path, first: dict[str, Any], second: dict[str, Any], number: str | None, name: str | None
) -> None:
    guess = look_at_areas(write(path, [square(0, 0), square(1000, 0)], [first, second]))
    assert (guess.n_features, guess.properties) == (2, tuple(first))
    assert (guess.number, guess.name) == (number, name)
    assert guess.bounds == pytest.approx((9.0, find_lat(0), 9.0277, find_lat(1000)), abs=1e-4)


def find_lat(y: float) -> float:
    """Return the latitude by the arc of the meridian, which is not how UTM is computed."""
    lat = Geod(ellps="GRS80").fwd(9, 0, 0, (NORTH + y) / 0.9996)[1]
    return float(lat)


# --- the whole extract ---


def test_one_area() -> None:
    areas = make_one_area(" Kaiserslautern ", (7.7, 49.4, 7.8, 49.5))
    require_tiling(areas)
    assert areas.table[["district", "name"]].to_numpy().tolist() == [[1, "Kaiserslautern"]]
    assert tuple(areas.table.total_bounds) == (7.7, 49.4, 7.8, 49.5)


@pytest.mark.parametrize(
    "bounds",
    [
        (7.8, 49.4, 7.7, 49.5),
        (7, 49, 7, 50),
        (0, 0, 181, 1),
        (0, 0, 1, 91),
        (0, 0, 1, float("nan")),
    ],
)
def test_no_rectangle(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(CoordinateError, match="is no rectangle in degrees"):
        make_one_area("x", bounds)


# --- OpenStreetMap ---

Tags = dict[str, str]


def write_osm(
    path: Path,
    relations: Sequence[tuple[Tags, Sequence[int]]],
    *,
    missing_ways: Sequence[int] = (),
    missing_nodes: Sequence[int] = (),
) -> Path:
    """Write three squares of 0.01 degrees in a row, whose borders are ways, and relations of them.

    Nodes 1-4 are the lower corners from west to east, 5-8 the upper ones. Ways 1-4 run upwards,
    11-13 and 21-23 along the lower and the upper side, and way 31 is a closed one in the first.
    """
    spots: dict[int, tuple[float, float]] = {
        1 + k + 4 * y: (k, y) for y in (0, 1) for k in range(4)
    }
    spots |= {31: (0.2, 0.2), 32: (0.4, 0.2), 33: (0.4, 0.4)}
    ways = {1 + k: [1 + k, 5 + k] for k in range(4)}
    ways |= {11 + k: [1 + k, 2 + k] for k in range(3)} | {21 + k: [5 + k, 6 + k] for k in range(3)}
    ways |= {31: [31, 32, 33, 31]}
    lines = ['<osm version="0.6">']
    for node, (x, y) in sorted(spots.items()):
        if node not in missing_nodes:
            at = f'lon="{9 + x / 100:.7f}" lat="{50 + y / 100:.7f}"'
            lines.append(f'<node id="{node}" version="1" {at}/>')
    for way, nodes in sorted(ways.items()):
        if way not in missing_ways:
            inner = "".join(f'<nd ref="{node}"/>' for node in nodes)
            lines.append(f'<way id="{way}" version="1">{inner}</way>')
    for number, (tags, members) in enumerate(relations, start=1):
        inner = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in members)
        common = {"type": "boundary", "boundary": "administrative", "admin_level": "9"}
        inner += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in (common | tags).items())
        lines.append(f'<relation id="{number}" version="1">{inner}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), "utf-8")
    return path


FIRST, SECOND, THIRD = [1, 11, 2, 21], [2, 12, 3, 22], [3, 13, 4, 23]


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return tmp_path / "town.osm"


def count_levels(path: Path) -> dict[int, int]:
    return {level: len(names) for level, names in list_osm_areas(path).items()}


@pytest.mark.parametrize(
    ("tags", "numbers"),
    [
        ([{"name": "C"}, {"name": "A"}, {"name": "B"}], {"A": 1, "B": 2, "C": 3}),
        ([{"name": n, "ref": r} for n, r in zip("CAB", ("7", "05", "6"), strict=True)],
         {"A": 5, "B": 6, "C": 7}),
        ([{"name": n, "ref": "1"} for n in "CAB"], {"A": 1, "B": 2, "C": 3}),
        ([{"name": n, "ref": "1"} for n in ("Bezirk 09 C", "Bezirk 12 A", "Bezirk 1")],
         {"Bezirk 1": 1, "Bezirk 09 C": 9, "Bezirk 12 A": 12}),
        ([{"name": n, "de:amtlicher_gemeindeschluessel": f"0916200{k}"}
          for k, n in enumerate("CAB")], {"C": 9162000, "A": 9162001, "B": 9162002}),
        ([{"name": "C"}, {"name": " "}, {"ref": "x"}],
         {"C": 1, "relation 2": 2, "relation 3": 3}),
    ],
)  # fmt: skip
def test_relations_are_numbered(extract: Path, tags: list[Tags], numbers: dict[str, int]) -> None:
    write_osm(extract, list(zip(tags, (FIRST, SECOND, THIRD), strict=True)))
    areas = read_osm_areas(extract, METRIC_CRS, level=9)
    require_tiling(areas)
    assert dict(zip(areas.table["name"], areas.table["district"], strict=True)) == numbers
    assert shapely.area(areas.table.geometry.to_numpy()) == pytest.approx([1e-4] * 3)
    assert areas.clipped == ()
    assert count_levels(extract) == {9: 3}


def test_levels_and_what_is_no_area_of_one(extract: Path) -> None:
    """A closed way, relations of another type, without a level, and of the level above."""
    write_osm(extract, [
        ({"name": "A"}, FIRST),
        ({"name": "town", "admin_level": "8"}, [1, 11, 12, 13, 4, 23, 22, 21]),
        ({"name": "route", "type": "route"}, SECOND),
        ({"name": "none", "admin_level": "9a"}, THIRD),
        ({"name": "parish", "boundary": "religious_administration"}, THIRD),
        ({"name": "lake", "type": "multipolygon"}, [31]),
    ])  # fmt: skip
    assert count_levels(extract) == {8: 1, 9: 2}
    whole = read_osm_areas(extract, METRIC_CRS, level=8).table
    assert shapely.symmetric_difference(whole.geometry[0], box(9, 50, 9.03, 50.01)).area < 1e-12


@pytest.mark.parametrize(
    ("missing", "clipped"),
    [
        ({"missing_ways": [4]}, ("C",)),
        ({"missing_ways": [3]}, ("B", "C")),
        ({"missing_nodes": [8]}, ("C",)),
    ],
)
def test_clipped_relations_are_named(
    extract: Path, missing: dict[str, Any], clipped: tuple[str, ...]
) -> None:
    relations = [({"name": n}, w) for n, w in zip("ABC", (FIRST, SECOND, THIRD), strict=True)]
    areas = read_osm_areas(write_osm(extract, relations, **missing), METRIC_CRS, level=9)
    assert areas.clipped == clipped
    assert areas.table["name"].tolist() == sorted(set("ABC") - set(clipped))


def test_a_relation_whose_ring_is_open_or_that_has_no_ways_is_clipped(extract: Path) -> None:
    write_osm(extract, [({"name": "A"}, FIRST), ({"name": "B"}, SECOND[:3]), ({"name": "C"}, [])])
    assert read_osm_areas(extract, METRIC_CRS, level=9).clipped == ("B", "C")


def test_those_within_bounds_alone(extract: Path) -> None:
    """The middle of the first lies within; the third is clipped, and so far off nobody cares."""
    relations = [({"name": n}, w) for n, w in zip("ABC", (FIRST, SECOND, THIRD), strict=True)]
    write_osm(extract, relations, missing_ways=[4])
    west, east = (8.999, 49.999, 9.012, 50.011), (9.015, 49.999, 9.035, 50.011)
    near = read_osm_areas(extract, METRIC_CRS, level=9, within=west)
    assert (near.table["name"].tolist(), near.clipped) == (["A"], ())
    far = read_osm_areas(extract, METRIC_CRS, level=9, within=east)
    assert (far.table["name"].tolist(), far.clipped) == (["B"], ("C",))
    with pytest.raises(CoordinateError):
        read_osm_areas(extract, METRIC_CRS, level=9, within=(9.035, 49.999, 9.015, 50.011))


def test_those_within_an_area_by_its_name(extract: Path) -> None:
    """The area of level 8 is that of the second; the others are another town's."""
    relations = [({"name": n}, w) for n, w in zip("ABC", (FIRST, SECOND, THIRD), strict=True)]
    town = ({"name": "Mitte", "admin_level": "8"}, SECOND)
    write_osm(extract, [*relations, town])
    mitte = find_osm_area(extract, "Mitte")
    found = read_osm_areas(extract, METRIC_CRS, level=9, within=mitte)
    assert found.table["name"].tolist() == ["B"]
    with pytest.raises(EmptyTableError, match="does not hold the administrative area Ost whole"):
        find_osm_area(extract, "Ost")


def test_of_two_towns_of_one_name_the_id_tells_which(extract: Path) -> None:
    """The first and the third lie apart; the second is a town and its own only district."""
    town = {"name": "Neustadt", "admin_level": "8"}
    write_osm(extract, [
        (town, FIRST), (town, THIRD), ({"name": "Mitte", "admin_level": "8"}, SECOND),
        ({"name": "Mitte", "admin_level": "10"}, SECOND),
    ])  # fmt: skip
    with pytest.raises(DuplicateIdError) as refused:
        find_osm_area(extract, "Neustadt")
    ids = re.findall(r"r[0-9]+ \(admin_level 8\)", str(refused.value))
    assert len(ids) == 2
    west, east = (find_osm_area(extract, each.split()[0]).bounds for each in ids)
    assert (west[0], east[0]) == (9.0, 9.02)
    assert find_osm_area(extract, "Mitte").bounds[0] == 9.01


def test_no_area_of_the_level(extract: Path) -> None:
    write_osm(extract, [({"name": "A"}, FIRST), ({"name": "B", "admin_level": "10"}, SECOND[:2])])
    with pytest.raises(EmptyTableError, match=r"no administrative area of level 8 \(town.osm"):
        read_osm_areas(extract, METRIC_CRS, level=8)
    with pytest.raises(EmptyTableError, match=r"none of .* level 10 whole: B \(town.osm"):
        read_osm_areas(extract, METRIC_CRS, level=10)
    assert list_osm_areas(write_osm(extract, [])) == {}


def test_relations_that_overlap_or_lie_elsewhere(extract: Path) -> None:
    write_osm(extract, [({"name": "A"}, FIRST), ({"name": "B"}, [1, 11, 12, 3, 22, 21])])
    with pytest.raises(GeometryError, match=r"areas A and B overlap by 100\.0%"):
        read_osm_areas(extract, METRIC_CRS, level=9)
    with pytest.raises(CrsError, match="is not in use"):
        read_osm_areas(extract, "EPSG:31982", level=9)


def test_no_extract(tmp_path: Path) -> None:
    for name in ("missing.osm", "areas.geojson"):
        with pytest.raises(InputError, match="no OpenStreetMap extract"):
            list_osm_areas(tmp_path / name)


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.pbf"])
def test_a_damaged_extract_is_areas_or_a_named_error(tmp_path: Path, suffix: str) -> None:
    relations = [({"name": n}, w) for n, w in zip("ABC", (FIRST, SECOND, THIRD), strict=True)]
    plain = write_osm(tmp_path / "plain.osm", relations)
    sound = plain.read_bytes()
    if suffix == ".osm.gz":
        sound = gzip.compress(sound, mtime=0)
    elif suffix == ".osm.pbf":
        with osmium.SimpleWriter(str(tmp_path / "sound.osm.pbf")) as writer:
            for element in osmium.FileProcessor(str(plain)):
                writer.add(element)
        sound = (tmp_path / "sound.osm.pbf").read_bytes()
    path, chance = tmp_path / f"extract{suffix}", random.Random(suffix)  # noqa: S311 - seeded
    path.write_bytes(sound)
    assert len(read_osm_areas(path, METRIC_CRS, level=9).table) == 3
    for _ in range(150):
        content = bytearray(sound)
        for _ in range(chance.choice((1, 1, 3, 10))):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        path.write_bytes(content)
        try:
            read_osm_areas(path, METRIC_CRS, level=9, within=(8.9, 49.9, 9.1, 50.1))
        except InputError as error:
            assert "\n" not in str(error)


def test_polygons_need_no_extra_and_relations_say_which(
    extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys, welcomemap.ingest.areas; sys.exit('osmium' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    monkeypatch.setitem(extras.MODULES, "ingest", ("no_such_module",))
    for read in (list_osm_areas, lambda path: read_osm_areas(path, METRIC_CRS, level=9)):
        with pytest.raises(MissingExtraError, match=r"welcomemap\[ingest\]"):
            read(extract)


# --- real towns ---

OFFICIAL_KM2 = [11.345, 7.181, 24.785, 12.646, 50.965, 19.680, 27.742, 21.041, 36.624, 5.315]
"""Areas of the Stadtbezirke in the README of the raw data."""


@pytest.mark.raw
@pytest.mark.parametrize("name", ["stadtbezirke_2025_simplified", "stadtteile_2025_simplified"])
def test_duesseldorf_has_the_official_areas(name: str) -> None:
    """The quarters, merged by the number of their district, are the districts."""
    path = require_raw() / "boundaries" / f"{name}.geojson"
    guess = look_at_areas(path)
    assert (guess.number, guess.name) == ("nummer", "name")
    areas = read_areas(path, METRIC_CRS, number="bezirk")
    require_tiling(areas)
    assert areas.table["district"].tolist() == list(range(1, 11))
    assert measure_km2(areas) == pytest.approx(OFFICIAL_KM2, abs=0.001)
    assert areas.n_merged == guess.n_features - 10
    with pytest.raises(DuplicateIdError, match=r"number 1 is that of Altstadt \(row 1\).*row 2"):
        read_areas(require_raw() / "boundaries" / "stadtteile_2025_simplified.geojson", METRIC_CRS,
                   number="bezirk", name="name")  # fmt: skip


@pytest.mark.raw
def test_kaiserslautern_has_its_known_area() -> None:
    """The town covers 139.7 km² as commonly given; the figure was not looked up at its source."""
    path = require_raw() / "testbeds" / "kaiserslautern_districts.geojson"
    guess = look_at_areas(path)
    assert (guess.n_features, guess.number, guess.name) == (10, None, "name")
    areas = read_areas(path, METRIC_CRS, name="name")
    require_tiling(areas)
    assert sum(measure_km2(areas)) == pytest.approx(139.7, rel=0.002)
    assert areas.table["name"].tolist()[-3:] == ["Mölschbach", "Morlautern", "Siegelbach"]
    assert (areas.overlap_km2, areas.gap_km2, areas.hole_km2) == (0, 0, 0)


class _Lines(osmium.SimpleHandler):
    """Members of the relations of level 10 and the lines of all ways."""

    def __init__(self) -> None:
        super().__init__()
        self.members: dict[str, list[int]] = {}
        self.lines: dict[int, shapely.Geometry] = {}

    def way(self, way: osmium.osm.Way) -> None:
        places = [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
        if len(places) == len(way.nodes):
            self.lines[way.id] = shapely.LineString(places)

    def relation(self, relation: osmium.osm.Relation) -> None:
        if relation.tags.get("admin_level") == "10":
            members = [member.ref for member in relation.members if member.type == "w"]
            self.members[relation.tags["name"]] = members


@pytest.mark.raw
def test_munich_against_rings_put_together_by_another_library() -> None:
    """Five quarters are whole; of eleven others, and of all districts, the extract lacks a part."""
    path = require_raw() / "testbeds" / "munich_old_town.osm.pbf"
    read = _Lines()
    read.apply_file(str(path), locations=True)
    expected = {
        name: shapely.union_all(
            shapely.get_parts(shapely.polygonize([read.lines[w] for w in ways]))
        )
        for name, ways in read.members.items()
        if all(way in read.lines for way in ways)
    }
    assert count_levels(path) == {10: 5}
    areas = read_osm_areas(path, METRIC_CRS, level=10)
    require_tiling(areas)
    assert set(areas.table["name"]) == set(expected)
    assert areas.table["name"].tolist() == [
        "Bezirksteil Angerviertel", "Bezirksteil Gärtnerplatz", "Bezirksteil Graggenau",
        "Bezirksteil Hackenviertel", "Bezirksteil Kreuzviertel",
    ]  # fmt: skip
    for name, shape in zip(areas.table["name"], areas.table.geometry, strict=True):
        assert shapely.symmetric_difference(shape, expected[name]).area < 1e-11
    assert set(areas.clipped) == set(read.members) - set(expected)
    assert len(areas.clipped) == 11
    with pytest.raises(EmptyTableError, match="Stadtbezirk 01 Altstadt-Lehel, Stadtbezirk 02"):
        read_osm_areas(path, METRIC_CRS, level=9)


@pytest.mark.raw
@pytest.mark.parametrize(
    "name", ["kaiserslautern.osm.gz", "heidelberg/heidelberg.osm.pbf", "porto_alegre/poa_osm.pbf"]
)
def test_real_extracts_without_borders(name: str) -> None:
    assert list_osm_areas(require_raw() / "testbeds" / name) == {}


def write_two_towns(extract: Path) -> Path:
    """Write an extract of the towns X and Y, a house in each and a way from one to the other."""
    write_osm(extract, [({"name": "X", "admin_level": "8"}, FIRST),
                        ({"name": "Y", "admin_level": "8"}, SECOND)])  # fmt: skip
    houses = "".join(
        f'<node id="{100 + k}" version="1" lon="{9.005 + k / 100}" lat="{50.003 + k / 500}">'
        f'<tag k="addr:street" v="Weg"/><tag k="addr:housenumber" v="{1 + k}"/></node>'
        for k in (0, 1)
    )
    ends = '<node id="{}" version="1" lon="{}" lat="{}"/>'
    houses += ends.format(110, 9.001, 50.001) + ends.format(111, 9.019, 50.009)
    refs = "".join(f'<nd ref="{node}"/>' for node in (110, 100, 101, 111))
    way = f'{refs}<tag k="highway" v="footway"/>'
    text = extract.read_text("utf-8").replace("<way ", houses + "<way ", 1)
    text = text.replace("<relation ", f'<way id="50" version="1">{way}</way><relation ', 1)
    extract.write_text(text, "utf-8")
    return extract


@pytest.mark.parametrize(("town", "inside"), [("X", [True, False]), ("Z", [True, True])])
def test_a_town_is_not_larger_than_its_border(
    extract: Path, tmp_path: Path, town: str, inside: list[bool]
) -> None:
    """The extract holds the border of X and Y: X is what lies within, of Z nothing is known."""
    looked = write_recipe(tmp_path / "new", town, TownFiles(write_two_towns(extract)))
    pack = build_town(looked.path, tmp_path / "pack").folder
    districts = gpd.read_file(pack / "districts.geojson")
    assert districts["name"].tolist() == [town]
    at = shapely.points([(9.005, 50.003), (9.015, 50.005)])
    assert shapely.intersects(districts.geometry[0], at).tolist() == inside
    addresses = gpd.read_parquet(pack / "addresses.parquet")
    told = dict(zip(addresses["house_number"], addresses["district"] > 0, strict=True))
    assert [told.get(number, False) for number in ("1", "2")] == inside
    guessed = [line.value for line in looked.parts["areas"] if line.key == "within"]
    assert guessed == (['"X"'] if town == "X" else [])
