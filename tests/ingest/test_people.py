"""People of grids are those of the files, and live where homes are: by hand, and on real ones."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from tests.ingest.raw_files import require_raw
from welcomemap import errors
from welcomemap.crs import GRID_CRS, WGS84, project
from welcomemap.ingest.people import (
    PeopleGrid,
    SpreadPeople,
    look_at_people,
    measure_spread_error,
    read_people,
    spread_people,
)
from welcomemap.region.layers import read_geojson

WEST, SOUTH = 4_104_000, 3_116_000
"""South-west corner of the invented town in the European grid, on a 1 km line."""
CORNER = np.array([WEST, SOUTH])
TOWN = (6.80, 51.00, 7.00, 51.20)
"""Around it, in degrees."""
GERMANY = (5.5, 47.2, 15.5, 55.1)
HEADER_2022 = "GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n"
HEADER_2011 = (
    "Gitter_ID_1km;x_mp_1km;y_mp_1km;Einwohner;Frauen_A;Alter_D;unter18_A;ab65_A;Auslaender_A\n"
)


def write(folder: Path, text: str, name: str = "grid.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def row_2022(x: int, y: int, people: object) -> str:
    return f"CRS3035RES100mN{y - 50}E{x - 50};{x};{y};{people}\n"


# --- reading ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_cells_of_2022_are_named_as_the_census_does(tmp_path: Path, encoding: str) -> None:
    path = write(
        tmp_path,
        HEADER_2022
        + row_2022(WEST + 150, SOUTH + 250, 7)
        + row_2022(WEST + 50, SOUTH + 50, "–")
        + row_2022(WEST + 250, SOUTH + 50, "")
        + row_2022(4_600_050, SOUTH + 50, 99),
        encoding=encoding,
    )
    grid = read_people(path, bounds=TOWN)
    assert grid.table[["cell_id", "x", "y", "residents"]].to_numpy().tolist() == [
        ["100mN31162E41041", WEST + 150, SOUTH + 250, 7.0]
    ]
    assert grid.table.geometry.iloc[0].equals(box(WEST + 100, SOUTH + 200, WEST + 200, SOUTH + 300))
    assert (grid.size_m, grid.groups, grid.crs, grid.year) == (100, ("residents",), GRID_CRS, 2022)
    assert grid.source == "© Statistisches Bundesamt (Destatis), Zensus 2022"
    assert grid.licence == "dl-de/by-2-0"


@pytest.mark.parametrize(
    ("size", "x", "y", "name"),
    [("1km", 4104500, 3116500, "1kmN3116E4104"), ("10km", 4105000, 3115000, "10kmN311E410")],
)
def test_wider_cells_of_2022(tmp_path: Path, size: str, x: int, y: int, name: str) -> None:
    text = HEADER_2022.replace("100m", size) + f"x;{x};{y};1234\n"
    path = write(tmp_path, text)
    grid = read_people(path, bounds=TOWN)
    assert grid.table["cell_id"].tolist() == [name]
    assert grid.size_m == {"1km": 1000, "10km": 10_000}[size]
    assert math.sqrt(grid.table.geometry.iloc[0].area) == grid.size_m
    guess = look_at_people(path)
    assert (guess.kind, guess.size_m, guess.n_rows) == ("census2022", grid.size_m, 1)
    assert guess.columns == tuple(HEADER_2022.replace("100m", size).strip().split(";"))


def test_shares_of_2011_become_people_and_suppressed_ones_stay_unknown(tmp_path: Path) -> None:
    """As the description of the file says, decimals with a comma; no real one was met."""
    path = write(
        tmp_path,
        HEADER_2011
        + "1kmN3116E4104;4104500;3116500;200;51,5;40,1;20,5;25,0;10,0\n"
        + "1kmN3116E4105;4105500;3116500;50;50,0;41,0;-9;-1;-9,0\n"
        + "1kmN3116E4106;4106500;3116500;-1;-1;-1;-1;-1;-1\n",
    )
    grid = read_people(path, bounds=TOWN)
    assert grid.groups == ("residents", "foreign_citizens", "under_18", "over_65")
    assert grid.table["cell_id"].tolist() == ["1kmN3116E4104", "1kmN3116E4105"]
    people = grid.table[list(grid.groups)].to_numpy()
    assert people[0].tolist() == pytest.approx([200, 20, 41, 50])
    assert people[1][0] == 50
    assert np.isnan(people[1][1:]).all()
    assert (grid.year, grid.source) == (2011, "© Statistisches Bundesamt, Wiesbaden 2018")
    assert look_at_people(path).kind == "census2011_1km"


def test_a_group_that_is_suppressed_everywhere_is_not_known(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER_2011 + "1kmN3116E4104;4104500;3116500;4;50;40;-9;25;10\n")
    assert read_people(path, bounds=TOWN).groups == ("residents", "foreign_citizens", "over_65")


def test_only_cells_that_touch_the_bounds_are_kept(tmp_path: Path) -> None:
    """Against each square's own outline in degrees."""
    across, along = range(4_100_500, 4_110_500, 1000), range(3_110_500, 3_125_500, 1000)
    middles = [(x, y) for x in across for y in along]
    rows = "".join(f"x;{x};{y};5\n" for x, y in middles)
    path = write(tmp_path, HEADER_2022.replace("100m", "1km") + rows)
    bounds = (6.85, 51.10, 6.90, 51.15)
    squares = gpd.GeoSeries(
        [box(x - 500, y - 500, x + 500, y + 500).segmentize(20) for x, y in middles], crs=GRID_CRS
    ).to_crs(WGS84)
    kept = read_people(path, bounds=bounds).table[["x", "y"]].to_numpy().tolist()
    is_near = squares.intersects(box(*bounds))
    expected = [[x, y] for (x, y), near in zip(middles, is_near, strict=True) if near]
    assert sorted(kept) == sorted(expected)
    assert 0 < len(kept) < len(middles)


def write_features(folder: Path, shapes: list[object], people: list[object]) -> Path:
    features = [
        {"type": "Feature", "properties": {"id": f"p{k}", "pop": n},
         "geometry": shapely.geometry.mapping(shape)}
        for k, (shape, n) in enumerate(zip(shapes, people, strict=True))
    ]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return write(folder, text, "cells.geojson")


def test_polygons_with_a_count(tmp_path: Path) -> None:
    areas = [box(6.8, 51.0, 6.81, 51.01), box(6.81, 51.0, 6.82, 51.01), box(8, 50, 8.1, 50.1)]
    path = write_features(tmp_path, areas, [12, 3.5, 8])
    grid = read_people(path, bounds=TOWN, count="pop")
    assert grid.table[["cell_id", "residents"]].to_numpy().tolist() == [["p0", 12.0], ["p1", 3.5]]
    assert grid.table[["x", "y"]].to_numpy().tolist() == [
        pytest.approx([6.805, 51.005]), pytest.approx([6.815, 51.005]),
    ]  # fmt: skip
    # 0.01° of longitude at 51° N are 702 m, of latitude 1,112 m: a root of 884 m.
    assert grid.size_m == pytest.approx(884, rel=0.01)
    assert (grid.crs, grid.year, grid.source, grid.licence) == (WGS84, None, "", "")
    guess = look_at_people(path)
    assert (guess.kind, guess.count, guess.n_rows) == ("polygons", "", 3)
    assert guess.bounds == pytest.approx((6.8, 50, 8.1, 51.01))


def to_degrees(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    points = gpd.GeoSeries.from_xy(x, y, crs="EPSG:32722").to_crs(WGS84)
    return [(float(p.x), float(p.y)) for p in points]


@pytest.mark.parametrize("is_hexagon", [False, True])
def test_points_stand_for_the_squares_and_hexagons_they_are_the_middles_of(
    tmp_path: Path, is_hexagon: bool
) -> None:
    """A hexagon whose neighbours are 300 m away has √3/2 · 300² m²."""
    column, row = (a.ravel() for a in np.meshgrid(np.arange(7), np.arange(7)))
    x = 478_000 + 300.0 * (column + (row % 2 / 2 if is_hexagon else 0))
    y = 6_677_000 + 300.0 * row * (math.sqrt(3) / 2 if is_hexagon else 1)
    places = to_degrees(x, y)
    rows = "".join(f"h{k:02},{lon:.9f},{lat:.9f},{k}\n" for k, (lon, lat) in enumerate(places))
    path = write(tmp_path, "id,lon,lat,population\n" + rows)
    grid = read_people(path, bounds=(-52, -31, -50, -29), size_m=300)
    assert len(grid.table) == 48, "nobody lives in the first"
    shapes = grid.table.set_index("cell_id").geometry.to_crs("EPSG:32722")
    inner = [f"h{k:02}" for k in range(49) if 0 < k % 7 < 6 and 0 < k // 7 < 6]
    expected = 300**2 * (math.sqrt(3) / 2 if is_hexagon else 1)
    assert shapes[inner].area.to_numpy() == pytest.approx(np.full(25, expected), rel=2e-3)
    assert shapes.area.max() <= 1.01 * math.pi * 300**2 / 2
    assert look_at_people(path).size_m == pytest.approx(300, rel=1e-3)


def test_one_point_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "id;lon;lat;einwohner\na;6.9;51.1;5\n")
    grid = read_people(path, bounds=TOWN, size_m=100)
    assert grid.table["residents"].tolist() == [5]
    assert grid.table.geometry.to_crs(GRID_CRS).area.iloc[0] == pytest.approx(15_708, rel=0.01)


# --- bad input ---


POINT_HEADER = "id,lon,lat,population\n"
BAD_TABLES = {
    "empty": ("", errors.EmptyTableError, "the file is empty", None, None),
    "no rows": (HEADER_2022, errors.EmptyTableError, "the table has no rows", None, None),
    "other columns": ("a;b\n1;2\n", errors.TableError, "no population grid .* columns a, b",
                      None, None),
    "no people": ("GITTER_ID_100m;x_mp_100m;y_mp_100m\nx;1;2\n", errors.MissingColumnError,
                  "the column Einwohner is absent", None, "Einwohner"),
    "100 m of 2011": (HEADER_2022.replace("GITTER", "Gitter") + row_2022(WEST + 50, SOUTH + 50, -1),
                      errors.MissingColumnError, "the column GITTER_ID_100m is absent", None,
                      "GITTER_ID_100m"),
    "a word": (HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, 3)
               + row_2022(WEST + 150, SOUTH + 50, "viele"),
               errors.ColumnValueError, "number of people of 0 or more is expected, not 'viele'", 2,
               "Einwohner"),
    "negative": (HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, -3), errors.ColumnValueError,
                 "not '-3'", 1, "Einwohner"),
    "infinite": (HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, "inf"), errors.ColumnValueError,
                 "not 'inf'", 1, "Einwohner"),
    "no middle": (HEADER_2022 + f"x;;{SOUTH + 50};3\n", errors.ColumnValueError,
                  "a coordinate in metres is expected, not ''", 1, "x_mp_100m"),
    "degrees": (HEADER_2022 + "x;6.8;51.1;3\n", errors.CoordinateError,
                "6.8 is not the middle of a cell of 100 m", 1, "x_mp_100m"),
    "corners": (HEADER_2022 + f"x;{WEST};{SOUTH};3\n", errors.CoordinateError,
                "is not the middle of a cell", 1, "x_mp_100m"),
    "another country": (HEADER_2022 + row_2022(3_200_050, 2_000_050, 3), errors.CoordinateError,
                        "no cell of the file touches the town", None, None),
    "twice": (HEADER_2022 + 2 * row_2022(WEST + 50, SOUTH + 50, 3), errors.DuplicateIdError,
              "the cell 100mN31160E41040 stands twice", 2, None),
    "nobody": (HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, "–"), errors.EmptyTableError,
               "nobody lives in the cells of the town", None, None),
    "ragged": (HEADER_2022 + "x;1\n", errors.TableError, "cannot be read as a table", None, None),
    "column twice": (HEADER_2022.replace("y_mp", "x_mp") + "x;1;2;3\n", errors.TableError,
                     "the column x_mp_100m stands twice", None, "x_mp_100m"),
    "share": (HEADER_2011 + "a;4104500;3116500;4;50;40;101;25;10\n", errors.ColumnValueError,
              "a share from 0 to 100 percent is expected, not '101'", 1, "unter18_A"),
    "less than suppressed": (HEADER_2011 + "a;4104500;3116500;-2;50;40;1;25;10\n",
                             errors.ColumnValueError, "not '-2'", 1, "Einwohner"),
    "metres": (POINT_HEADER + "a,356000,5670000,3\n", errors.ColumnValueError,
               "a longitude in degrees is expected, not '356000'", 1, "lon"),
    "exchanged": (POINT_HEADER + "a,6.8,151.1,3\n", errors.ColumnValueError,
                  "a latitude in degrees is expected", 1, "lat"),
    "no latitude": ("id,lon,population\na,6.8,3\n", errors.MissingColumnError,
                    "the column lat is absent", None, "lat"),
    "no count": ("id,lon,lat\na,6.8,51.1\n", errors.MissingColumnError,
                 "the column population is absent", None, "population"),
    "negative at a point": (POINT_HEADER + "a,6.8,51.1,-3\n", errors.ColumnValueError, "not '-3'",
                            1, "population"),
    "one place": (POINT_HEADER + "a,6.8,51.1,3\nb,6.9,51.1,3\nc,6.8,51.1,3\n",
                  errors.DuplicateIdError, "two points lie at one place", 3, None),
    "one name": (POINT_HEADER + "a,6.8,51.1,3\na,6.9,51.1,3\n", errors.DuplicateIdError,
                 "the cell a stands twice", 2, None),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables_are_named(tmp_path: Path, case: str) -> None:
    text, kind, told, row, column = BAD_TABLES[case]
    path = write(tmp_path, text)
    with pytest.raises(kind) as caught:
        read_people(path, bounds=TOWN, size_m=100)
    assert re.search(told, caught.value.what), caught.value.what
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.row, caught.value.where.column) == (
        "grid.csv", row, column,
    )  # fmt: skip
    assert caught.value.how.endswith(".")
    assert not caught.value.what.endswith(".")


def test_latin_1_is_named_with_its_row(tmp_path: Path) -> None:
    rows = row_2022(WEST + 50, SOUTH + 50, 3) + "ü;1;2;3\n"
    path = write(tmp_path, HEADER_2022 + rows, encoding="latin-1")
    with pytest.raises(errors.EncodingError) as caught:
        read_people(path, bounds=TOWN)
    assert caught.value.where == errors.Place(path, row=2)


def test_a_zip_is_told_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "Zensus2022.zip"
    path.write_bytes(b"PK\x03\x04\x14\x00\x00\x00\x08\x00\xe9\xb2\xff")
    with pytest.raises(errors.EncodingError, match="unpacked"):
        look_at_people(path)


def test_points_without_a_size_say_how_far_the_next_is(tmp_path: Path) -> None:
    path = write(tmp_path, POINT_HEADER + "a,6.8,51.1,3\nb,6.8,51.11,3\n")
    with pytest.raises(errors.UsageError, match=r"the next point is 111\d m away"):
        read_people(path, bounds=TOWN)


def test_a_kind_nobody_knows_and_one_that_does_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, 3))
    with pytest.raises(errors.UsageError, match="no kind of population grid called 'ghs'"):
        read_people(path, bounds=TOWN, kind="ghs")
    with pytest.raises(errors.MissingColumnError, match="x_mp_1km"):
        read_people(path, bounds=TOWN, kind="census2011_1km")
    features = write_features(tmp_path, [box(6.8, 51, 6.9, 51.1)], [3])
    with pytest.raises(errors.UsageError, match="features are of the kind polygons"):
        read_people(features, bounds=TOWN, kind="census2022")


@pytest.mark.parametrize(
    "bounds",
    [
        (356_000, 5_670_000, 357_000, 5_680_000),
        (7, 51, 6, 52),
        (6, 52, 7, 51),
        (6, 51, 7, math.nan),
    ],
)
def test_bounds_are_degrees(tmp_path: Path, bounds: tuple[float, float, float, float]) -> None:
    path = write(tmp_path, HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, 3))
    with pytest.raises(errors.CoordinateError, match="bounds of the town are not degrees"):
        read_people(path, bounds=bounds)


def test_features_that_are_no_cells(tmp_path: Path) -> None:
    square, bow = box(6.8, 51, 6.9, 51.1), shapely.Polygon([(6, 51), (7, 52), (7, 51), (6, 52)])
    line, point = shapely.LineString([(6, 51), (7, 52)]), shapely.Point(6.8, 51)
    for bad in (bow, line, point):
        path = write_features(tmp_path, [square, bad], [1, 2])
        with pytest.raises(errors.GeometryError) as caught:
            read_people(path, bounds=TOWN, count="pop")
        assert caught.value.where == errors.Place(path, row=2, column="geometry")
    path = write_features(tmp_path, [square, square], [1, "viele"])
    with pytest.raises(errors.ColumnValueError, match="not 'viele'"):
        read_people(path, bounds=TOWN, count="pop")
    path = write(tmp_path, '{"type": "FeatureCollection", "features": []}', "cells.geojson")
    with pytest.raises(errors.EmptyTableError, match="no features"):
        look_at_people(path)


def test_parquet_of_another_form(tmp_path: Path) -> None:
    path = tmp_path / "grid.parquet"
    pq.write_table(pa.table({"x": [4104500], "residents": [5]}), path)
    with pytest.raises(errors.TableError, match="no population grid"):
        look_at_people(path)
    with pytest.raises(errors.MissingColumnError, match="the column y is absent"):
        read_people(path, bounds=TOWN, kind="census2011_1km")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(errors.TableError):
        look_at_people(path)
    with pytest.raises(errors.MissingLayerError):
        look_at_people(tmp_path / "nothing.csv")


# --- spreading, worked by hand ---


def make_grid(cells: list[tuple[int, int, dict[str, float]]], size_m: float = 1000.0) -> PeopleGrid:
    """Cells by their south-west corner, in metres from that of the town."""
    groups = tuple(cells[0][2])
    half = int(size_m / 2)
    corner = [(WEST + x, SOUTH + y) for x, y, _ in cells]
    names = [f"1kmN{y // 1000}E{x // 1000}" if size_m == 1000 else f"100mN{y // 100}E{x // 100}"
             for x, y in corner]  # fmt: skip
    table = gpd.GeoDataFrame(
        {"cell_id": names, "x": [x + half for x, _ in corner], "y": [y + half for _, y in corner]}
        | {group: [float(people[group]) for *_, people in cells] for group in groups},
        geometry=[box(x, y, x + size_m, y + size_m) for x, y in corner],
        crs=GRID_CRS,
    )
    return PeopleGrid(table, size_m, groups, GRID_CRS, 2022, "", "")


def make_areas(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    moved = [shapely.transform(shape, lambda c: c + CORNER) for shape in shapes]
    return gpd.GeoDataFrame(
        {"district": range(1, len(shapes) + 1), "name": "x"}, geometry=moved, crs=GRID_CRS
    )


def spread(
    grid: PeopleGrid, areas: gpd.GeoDataFrame, homes: list[tuple[float, float]]
) -> SpreadPeople:
    at = np.array(homes, dtype=float).reshape(-1, 2) + CORNER
    return spread_people(grid, areas, at, GRID_CRS)


def list_cells(people: SpreadPeople) -> dict[tuple[str, int], float]:
    """Residents by hectare (north and east of the town's corner) and district."""
    found = people.cells
    names = found["cell_id"].str.extract(r"N(\d+)E(\d+)$").astype(int) - [SOUTH // 100, WEST // 100]
    keys = [f"{n},{e}" for n, e in names.to_numpy()]
    return dict(zip(zip(keys, found["district"], strict=True), found["residents"], strict=True))


def test_people_live_where_homes_are_in_proportion_to_them() -> None:
    """Two districts share a cell of 60: three homes west, one of them alone, and one east."""
    areas = make_areas(box(0, 0, 500, 1000), box(500, 0, 1000, 1000))
    homes = [(110, 110), (190, 190), (410, 950), (820, 20)]
    people = spread(make_grid([(0, 0, {"residents": 60})]), areas, homes)
    assert list_cells(people) == {("1,1", 1): 30, ("9,4", 1): 15, ("0,8", 2): 15}
    assert people.totals["residents"].to_dict() == {1: 45, 2: 15}
    assert people.cells["quarter"].tolist() == ["1", "1", "2"]
    assert people.cells["is_from_addresses"].all()
    points = shapely.get_coordinates(people.cells.geometry) - [WEST, SOUTH]
    assert points.tolist() == [[150, 150], [410, 950], [820, 20]]
    assert (people.outside_people, people.homes_share, people.people_per_home) == (0, 1, 15)


def test_without_homes_people_live_evenly_on_the_ground_inside() -> None:
    areas = make_areas(box(0, 0, 1000, 250), box(0, 250, 1000, 1000))
    people = spread(make_grid([(0, 0, {"residents": 100})]), areas, [])
    cells = list_cells(people)
    assert cells["0,0", 1] == cells["5,5", 2] == 1
    assert cells["2,7", 1] == cells["2,7", 2] == 0.5
    assert people.totals["residents"].to_dict() == {1: 25, 2: 75}
    assert not people.cells["is_from_addresses"].any()
    assert people.homes_share == 0
    assert math.isnan(people.people_per_home)


@pytest.mark.parametrize(
    ("homes", "inside"),
    [
        ([], 25),
        ([(10, 10)], 25),
        ([(900, 10)], 25),
        ([(10, 10), (20, 20), (900, 10)], 67),
    ],
    ids=["no home", "homes inside alone", "homes outside alone", "on both sides"],
)
def test_of_a_cell_on_the_border_the_part_inside_counts(
    homes: list[tuple[float, float]], inside: int
) -> None:
    """A quarter of the ground is inside; with homes on both sides, two of three of them."""
    grid = make_grid([(0, 0, {"residents": 100})])
    people = spread(grid, make_areas(box(0, 0, 250, 1000)), homes)
    assert people.totals["residents"].tolist() == [inside]
    assert people.outside_people == pytest.approx(100 - inside, abs=0.5)


def test_cells_that_no_area_touches_are_not_the_towns() -> None:
    grid = make_grid([(0, 0, {"residents": 10}), (5000, 0, {"residents": 99})])
    people = spread(grid, make_areas(box(0, 0, 1000, 1000)), [(5100, 100)])
    assert (people.totals["residents"].tolist(), people.outside_people) == ([10], 0)
    with pytest.raises(errors.CoordinateError, match="nobody of the grid lives in the areas"):
        spread(grid, make_areas(box(9000, 0, 9900, 1000)), [])


def test_hectares_are_kept_and_split_at_borders() -> None:
    """One with homes, two to one; one without, by area 30 to 70; one whole."""
    grid = make_grid([(0, 0, {"residents": 9}), (0, 100, {"residents": 10}),
                      (200, 0, {"residents": 7})], 100.0)  # fmt: skip
    areas = make_areas(box(0, 0, 30, 500), box(30, 0, 500, 500))
    people = spread(grid, areas, [(10, 10), (20, 10), (90, 90)])
    assert list_cells(people) == {
        ("0,0", 1): 6, ("0,0", 2): 3, ("1,0", 1): 3, ("1,0", 2): 7, ("0,2", 2): 7,
    }  # fmt: skip
    assert not people.cells["is_from_addresses"].any(), "the census itself counted them there"
    assert people.homes_share == pytest.approx(9 / 26)


def test_slivers_without_homes_get_nobody() -> None:
    areas = make_areas(box(0, 0, 4, 100), box(4, 0, 100, 100))
    people = spread(make_grid([(0, 0, {"residents": 50})], 100.0), areas, [])
    assert people.totals["residents"].to_dict() == {1: 0, 2: 50}


def test_suppressed_shares_are_those_of_the_town() -> None:
    """Known: 30 of 100 and 10 of 300 foreign citizens, so 10 % of the 50 whose share is not."""
    counts = [(100, 30.0), (300, 10.0), (50, math.nan)]
    grid = make_grid(
        [(k * 1000, 0, {"residents": n, "foreign_citizens": f}) for k, (n, f) in enumerate(counts)]
    )
    areas = make_areas(*(box(k * 1000, 0, k * 1000 + 1000, 1000) for k in range(3)))
    people = spread(grid, areas, [(50, 50), (150, 50), (2050, 50)])
    assert people.totals["foreign_citizens"].tolist() == [30, 10, 5]
    first = people.cells[people.cells["district"] == 1]
    assert first["foreign_citizens"].tolist() == [15, 15]


def test_a_mean_share_gives_way_to_the_known_share_of_the_other_age() -> None:
    """Of the second cell 90 % are children: of the town's 40 % of 65 and over, 10 % fit."""
    grid = make_grid([
        (0, 0, {"residents": 100, "under_18": 20, "over_65": 40}),
        (1000, 0, {"residents": 100, "under_18": 90, "over_65": math.nan}),
    ])  # fmt: skip
    areas = make_areas(box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000))
    totals = spread(grid, areas, []).totals
    assert totals["over_65"].tolist() == [40, 10]


def test_a_place_between_homes_lies_in_its_district() -> None:
    """Two homes in the arms of a U, whose mean is in the other district: the first stands."""
    inner = box(40, 40, 60, 100)
    areas = make_areas(box(0, 0, 100, 100) - inner, inner)
    people = spread(make_grid([(0, 0, {"residents": 4})], 100.0), areas, [(80, 70), (20, 70)])
    (point,) = shapely.get_coordinates(people.cells.geometry) - [WEST, SOUTH]
    assert point.tolist() == [20, 70]


def test_polygons_of_another_continent(tmp_path: Path) -> None:
    """Two squares of 300 m in Porto Alegre: homes in one of them, evenly in the other."""
    x, y = corner = np.array([478_000, 6_677_000])
    squares = gpd.GeoSeries(
        [box(x, y, x + 300, y + 300), box(x + 300, y, x + 600, y + 300)], crs="EPSG:32722"
    )
    path = write_features(tmp_path, squares.to_crs(WGS84).tolist(), [8, 9])
    grid = read_people(path, bounds=(-52, -31, -50, -29), count="pop")
    areas = gpd.GeoDataFrame(
        {"district": [7], "name": ["Centro"]},
        geometry=[box(*(corner - 99), *(corner + 999))], crs="EPSG:32722",
    ).to_crs(WGS84)  # fmt: skip
    homes = corner + np.array([[10, 10], [20, 20], [30, 30], [250, 150]])
    people = spread_people(grid, areas, homes, "EPSG:32722")
    cells = people.cells.set_index("cell_id")["residents"]
    first = cells[cells.index.str.startswith("p0")]
    assert first.to_dict() == {"p0-100mN66770E04780": 6, "p0-100mN66771E04782": 2}
    second = cells[cells.index.str.startswith("p1") & (cells > 0.5)]
    assert second.to_numpy() == pytest.approx(np.ones(9), abs=0.02)
    assert (people.totals.index.tolist(), people.totals["residents"].tolist()) == ([7], [17])


# --- spreading, in general ---


@st.composite
def towns(draw: st.DrawFn) -> tuple[PeopleGrid, gpd.GeoDataFrame, list[tuple[float, float]]]:
    """Up to six cells of 1 km with suppressed shares, three districts, homes off every line."""
    cells = []
    for column in range(3):
        for row in range(2):
            residents = draw(st.integers(1, 3000))
            young = draw(st.integers(0, residents))
            people = {
                "residents": residents,
                "foreign_citizens": draw(st.integers(0, residents) | st.just(math.nan)),
                "under_18": young,
                "over_65": draw(st.integers(0, residents - young) | st.just(math.nan)),
            }
            if not cells:
                people |= {"foreign_citizens": residents // 3, "over_65": (residents - young) // 2}
            if draw(st.booleans()) or not cells:
                cells.append((column * 1000, row * 1000, people))
    first, second = sorted((draw(st.integers(300, 1400)), draw(st.integers(1500, 2700))))
    areas = make_areas(
        box(0, 0, first, 1800), box(first, 0, second, 2000), box(second, 100, 3000, 2000)
    )
    east, north = st.integers(-300, 3300), st.integers(-300, 2300)
    homes = draw(st.lists(st.tuples(east, north), max_size=30))
    return make_grid(cells), areas, [(x + 0.31, y + 0.37) for x, y in homes]


@settings(deadline=None, max_examples=40)
@given(towns())
def test_sums_groups_and_places(
    town: tuple[PeopleGrid, gpd.GeoDataFrame, list[tuple[float, float]]],
) -> None:
    grid, areas, homes = town
    try:
        people = spread(grid, areas, homes)
    except errors.CoordinateError:
        return
    cells, totals = people.cells, people.totals
    assert not cells.duplicated(["cell_id", "quarter"]).any()
    units = (cells[list(grid.groups)] * 1000).round().astype(int)
    assert np.allclose(units / 1000, cells[list(grid.groups)], atol=1e-9)
    summed = units.groupby(cells["district"]).sum().reindex(totals.index).fillna(0)
    assert (summed == totals * 1000).to_numpy().all()
    for table in (units, totals):
        assert (table >= 0).to_numpy().all()
        assert (table["foreign_citizens"] <= table["residents"]).all()
        assert (table["under_18"] + table["over_65"] <= table["residents"]).all()
    shapes = areas.set_index("district").geometry.reindex(cells["district"]).to_numpy()
    assert shapely.intersects(shapes, cells.geometry.to_numpy()).all()
    inside, outside = totals["residents"].sum(), people.outside_people
    assert inside + outside <= grid.table["residents"].sum() + 0.5
    assert 0 <= people.homes_share <= 1


@settings(deadline=None, max_examples=40)
@given(towns())
def test_homes_carry_what_a_count_by_hand_says(
    town: tuple[PeopleGrid, gpd.GeoDataFrame, list[tuple[float, float]]],
) -> None:
    """Home by home, in cells with a home inside: people of the cell, shared among its homes."""
    grid, areas, homes = town
    ground = areas.geometry.tolist()
    hectares: Counter[tuple[str, int]] = Counter()
    for cell in grid.table.itertuples():
        owners = []
        for x, y in homes:
            point = shapely.Point(WEST + x, SOUTH + y)
            if cell.geometry.contains(point):
                district = next((k for k, s in enumerate(ground, 1) if s.contains(point)), 0)
                owners.append((f"{int(y // 100)},{int(x // 100)}", district))
        known = [owner for owner in owners if owner[1]]
        if not known:
            continue
        area = sum(cell.geometry.intersection(shape).area for shape in ground) / 1e6
        share = len(known) / len(owners) if len(known) < len(owners) else area
        for owner in known:
            hectares[owner] += cell.residents * share / len(known)
    try:
        found = spread(grid, areas, homes)
    except errors.CoordinateError:
        return
    cells = list_cells(found)
    for owner, expected in hectares.items():
        whole = found.totals["residents"][owner[1]]
        assert cells.get(owner, 0) == pytest.approx(expected, abs=0.002 + expected / max(whole, 1))


@settings(deadline=None, max_examples=15)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_homes_and_areas_does_not_matter(
    town: tuple[PeopleGrid, gpd.GeoDataFrame, list[tuple[float, float]]], chance: object
) -> None:
    grid, areas, homes = town
    try:
        people = spread(grid, areas, homes)
    except errors.CoordinateError:
        return
    shuffled = list(homes)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    again = spread(grid, areas.iloc[::-1], shuffled)
    pd.testing.assert_frame_equal(people.cells, again.cells)
    pd.testing.assert_frame_equal(people.totals, again.totals)


# --- real files ---


def test_the_census_of_2022_around_duesseldorf() -> None:
    """9,602 cells and 704,228 residents: README of the raw data."""
    path = require_raw() / "population" / "zensus2022_100m.csv"
    grid = read_people(path, bounds=GERMANY)
    assert (len(grid.table), grid.table["residents"].sum()) == (9602, 704_228)
    guess = look_at_people(path)
    assert (guess.kind, guess.size_m, guess.n_rows) == ("census2022", 100, 9602)
    assert guess.groups == ("residents",)
    with pytest.raises(errors.CoordinateError, match="no cell of the file touches the town"):
        read_people(path, bounds=(-51.3, -30.2, -51.0, -29.9))


def test_two_files_of_the_census_of_2011_agree() -> None:
    """That of all Germany against that of Düsseldorf, where the latter has people."""
    folder = require_raw() / "population"
    path = folder / "zensus2011_1km_germany.parquet"
    grid = read_people(path, bounds=(6.5, 51.0, 7.1, 51.5))
    ours = grid.table.set_index(["x", "y"])[list(grid.groups)]
    with (folder / "zensus2011_1km.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if int(row["Einwohner"]) > 0]
    assert len(rows) > 200
    for row in rows:
        found = ours.loc[(float(row["x"]), float(row["y"]))]
        assert found["residents"] == int(row["Einwohner"])
        shares = (row["Auslaender_A"], row["unter18_A"], row["ab65_A"])
        expected = [
            float(s) * found["residents"] / 100 if float(s) >= 0 else math.nan for s in shares
        ]
        assert found.iloc[1:].tolist() == pytest.approx(expected, nan_ok=True)
    guess = look_at_people(path)
    assert (guess.kind, guess.n_rows, guess.size_m) == ("census2011_1km", 214_633, 1000)


def test_kaiserslautern() -> None:
    """97,162 residents in 2011 (statistikportal.de, 07312000); on the border, by area."""
    raw = require_raw()
    path = raw / "testbeds" / "kaiserslautern_districts.geojson"
    areas = read_geojson(path.read_bytes(), path)[["name", "geometry"]]
    areas["district"] = range(1, len(areas) + 1)
    west, south, east, north = areas.total_bounds
    grid = read_people(
        raw / "population" / "zensus2011_1km_germany.parquet", bounds=(west, south, east, north)
    )
    people = spread_people(grid, areas, np.empty((0, 2)), "EPSG:25832")
    assert people.totals["residents"].sum() == pytest.approx(97_162, rel=0.015)
    assert people.totals["residents"].min() > 0
    assert (people.totals["under_18"] + people.totals["over_65"] < people.totals["residents"]).all()


def test_porto_alegre() -> None:
    """Of H3's resolution 9: hexagons of 0.09-0.1 km² there; all people of the list are kept."""
    path = require_raw() / "testbeds" / "porto_alegre" / "poa_hexgrid.csv"
    with path.open(encoding="utf-8") as handle:
        listed = {row["id"]: float(row["population"]) for row in csv.DictReader(handle)}
    guess = look_at_people(path)
    assert (guess.kind, guess.count, guess.n_rows) == ("polygons", "population", 1227)
    grid = read_people(path, bounds=guess.bounds, size_m=guess.size_m)
    assert grid.table.set_index("cell_id")["residents"].to_dict() == {
        name: people for name, people in listed.items() if people
    }
    assert grid.table.geometry.to_crs("EPSG:32722").area.median() == pytest.approx(90e3, rel=0.05)
    town = gpd.GeoDataFrame(
        {"district": [1], "name": ["Porto Alegre"]}, geometry=[box(-51.3, -30.2, -51, -29.9)],
        crs=WGS84,
    )  # fmt: skip
    people = spread_people(grid, town, np.empty((0, 2)), "EPSG:32722")
    assert people.totals["residents"].tolist() == [sum(listed.values())]


def read_homes(raw: Path) -> np.ndarray:
    """Residential addresses of Düsseldorf with a place of their own."""
    with (raw / "addresses" / "addresses_2018.csv").open(encoding="utf-8") as handle:
        rows = [
            (float(row["lon"]), float(row["lat"]))
            for row in csv.DictReader(handle)
            if row["residential"] == "ja" and row["lat"] and int(row["coord_shared_by"]) < 4
        ]
    lon, lat = np.array(rows).T
    return project(lon, lat)


def test_how_far_spread_people_are_from_real_hectares(tmp_path: Path) -> None:
    """The figures that the module states: by homes a quarter are misplaced, evenly nearly half."""
    raw = require_raw()
    path = raw / "boundaries" / "stadtbezirke_2025_simplified.geojson"
    areas = read_geojson(path.read_bytes(), path)
    areas["district"] = areas["bezirk"].astype(int)
    west, south, east, north = areas.total_bounds
    bounds = (west, south, east, north)
    fine = read_people(raw / "population" / "zensus2022_100m.csv", bounds=bounds)
    summed: Counter[tuple[int, int]] = Counter()
    for x, y, people in fine.table[["x", "y", "residents"]].to_numpy():
        summed[int(x // 1000) * 1000 + 500, int(y // 1000) * 1000 + 500] += int(people)
    rows = "".join(f"x;{x};{y};{people}\n" for (x, y), people in summed.items())
    coarse = read_people(write(tmp_path, HEADER_2022.replace("100m", "1km") + rows), bounds=bounds)
    homes = read_homes(raw)
    true = spread_people(fine, areas, homes, "EPSG:25832")
    # 611,053 residents have their cell's middle in the city: README of the raw data.
    assert true.totals["residents"].sum() == pytest.approx(611_053, rel=0.002)
    assert len(homes) == 71_077

    def measure(homes: np.ndarray) -> tuple[float, float, float]:
        spread = spread_people(coarse, areas, homes, "EPSG:25832")
        found = measure_spread_error(spread.cells, true.cells)
        assert found.n_cells == 7674
        return found.correlation, found.mean_absolute, found.misplaced_share

    nobody = np.empty((0, 2))
    few = homes[np.random.default_rng(0).random(len(homes)) < 0.02]
    assert measure(homes) == pytest.approx((0.682, 37.4, 0.243), rel=0.01)
    assert measure(nobody) == pytest.approx((0.548, 46.2, 0.455), rel=0.01)
    assert measure(few) == pytest.approx((0.219, 125.0, 0.796), rel=0.01)
