"""People of grids are those of the files: written by hand, and real ones."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import box

from tests.ingest.people_files import (
    HEADER_2011,
    HEADER_2011_100M,
    HEADER_2022,
    SOUTH,
    TOWN,
    WEST,
    row_2022,
    write,
    write_features,
)
from tests.ingest.raw_files import require_raw
from welcomemap import errors
from welcomemap.crs import GRID_CRS, WGS84
from welcomemap.ingest import large_table
from welcomemap.ingest.people import PeopleGrid, add_attributes, look_at_people, read_people

GERMANY = (5.5, 47.2, 15.5, 55.1)

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


def test_hectares_of_2011_and_those_where_nobody_knows(tmp_path: Path) -> None:
    """As the description of the file says: -1 for empty or suppressed; no real one was met."""
    path = write(
        tmp_path,
        HEADER_2011_100M
        + f"100mN31160E41040;{WEST + 50};{SOUTH + 50};-1\n"
        + f"100mN31160E41041;{WEST + 150};{SOUTH + 50};12\n",
    )
    grid = read_people(path, bounds=TOWN)
    assert grid.table[["cell_id", "residents"]].to_numpy().tolist() == [["100mN31160E41041", 12]]
    assert (grid.size_m, grid.year, grid.groups) == (100, 2011, ("residents",))
    guess = look_at_people(path)
    assert (guess.kind, guess.n_rows) == ("census2011_100m", 2)


def test_a_country_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows keep their numbers across pieces, and so does a byte that is no UTF-8."""
    monkeypatch.setattr(large_table, "BLOCK_BYTES", 500)
    rows = [row_2022(WEST + 50 + 100 * k, SOUTH + 50, k + 1) for k in range(99)]
    path = write(tmp_path, HEADER_2022 + "".join(rows))
    grid = read_people(path, bounds=GERMANY)
    assert sorted(grid.table["residents"]) == list(range(1, 100))
    assert look_at_people(path).n_rows == 99
    rows[70] = row_2022(WEST + 7050, SOUTH + 50, "viele")
    with pytest.raises(errors.ColumnValueError) as caught:
        read_people(write(tmp_path, HEADER_2022 + "".join(rows)), bounds=TOWN)
    assert caught.value.where == errors.Place(path, row=71, column="Einwohner")
    rows[70] = "ü" + rows[70]
    with pytest.raises(errors.EncodingError) as other:
        read_people(write(tmp_path, HEADER_2022 + "".join(rows), encoding="latin-1"), bounds=TOWN)
    assert other.value.where == errors.Place(path, row=71)


def test_a_table_of_any_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_table, "MAX_BYTES", 40)
    with pytest.raises(errors.TooLargeError, match="more than"):
        look_at_people(write(tmp_path, HEADER_2022))


# --- attributes of the census of 2022 ---


def write_attribute(folder: Path, column: str, rows: list[str], size: str = "100m") -> Path:
    header = f"GITTER_ID_{size};x_mp_{size};y_mp_{size};{column};werterlaeuternde_Zeichen\n"
    return write(folder, header + "".join(f"{row}\n" for row in rows), f"{column}.csv")


def make_hectares(folder: Path) -> PeopleGrid:
    """Three cells of 40, 10 and 5 people, side by side."""
    rows = [row_2022(WEST + 50 + 100 * k, SOUTH + 50, n) for k, n in enumerate((40, 10, 5))]
    return read_people(write(folder, HEADER_2022 + "".join(rows)), bounds=TOWN)


def cell(k: int, value: str, remark: str = "") -> str:
    return f"CRS3035RES100m;{WEST + 50 + 100 * k};{SOUTH + 50};{value};{remark}"


def test_attributes_give_groups_and_suppressed_ones_stay_unknown(tmp_path: Path) -> None:
    """25 % of 40 and 10 % of 10; suppressed, absent, uncertain, and a cell where nobody lives."""
    grid = make_hectares(tmp_path)
    young = write_attribute(
        tmp_path, "AnteilUnter18", [cell(0, "25,00"), cell(1, "10,0", "KLAMMERN"), cell(2, "–"),
                                    cell(7, "50,00")],
    )  # fmt: skip
    foreign = write_attribute(tmp_path, "AnteilAuslaender", [cell(0, "12,5"), cell(2, "100")])
    found = add_attributes(grid, [young, foreign])
    assert found.groups == ("residents", "foreign_citizens", "under_18")
    assert found.table["under_18"].tolist() == pytest.approx([10, 1, math.nan], nan_ok=True)
    assert found.table["foreign_citizens"].tolist() == pytest.approx([5, math.nan, 5], nan_ok=True)
    assert (found.n_uncertain, grid.n_uncertain, grid.groups) == (1, 0, ("residents",))


@pytest.mark.parametrize(
    ("column", "rows", "size", "kind", "told", "row"),
    [
        ("AnteilUnter18", ["x;4104500;3116500;12,5;"], "1km", errors.TableError,
         "are 1000 m wide, those of the people 100 m", None),
        ("AnteilUnter18", ["x;3200050;2000050;12,5;"], "100m", errors.CoordinateError,
         "no cell of the attributes is one of the town's", None),
        ("AnteilUnter18", ["x;6.8;51.1;12,5;"], "100m", errors.CoordinateError,
         "6.8 is not the middle", 1),
        ("AnteilUnter18", [cell(0, "viele")], "100m", errors.ColumnValueError, "not 'viele'", 1),
        ("AnteilUnter18", [cell(1, "5"), cell(0, "100,5")], "100m", errors.ColumnValueError,
         "share from 0 to 100", 2),
        ("AnteilUnter18", [cell(0, "5"), cell(0, "5")], "100m", errors.DuplicateIdError,
         "stands twice", 2),
        ("AnteilUnter18", [cell(0, "–")], "100m", errors.EmptyTableError, "are suppressed", None),
        ("Durchschnittsalter", [cell(0, "41,2")], "100m", errors.MissingColumnError,
         "no attribute of a known kind", None),
    ],
)  # fmt: skip
def test_attributes_that_do_not_fit(
    tmp_path: Path, column: str, rows: list[str], size: str, kind: type[errors.InputError],
    told: str, row: int | None,
) -> None:  # fmt: skip
    path = write_attribute(tmp_path, column, rows, size)
    with pytest.raises(kind, match=told) as caught:
        add_attributes(make_hectares(tmp_path), [path])
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.row) == (f"{column}.csv", row)


def test_attributes_of_another_grid_and_of_one_group_twice(tmp_path: Path) -> None:
    grid, path = make_hectares(tmp_path), write_attribute(tmp_path, "AnteilUnter18", [cell(0, "5")])
    with pytest.raises(errors.UsageError, match="the column AnteilUnter18 is in"):
        add_attributes(grid, [path, path])
    other = write(tmp_path, HEADER_2011_100M + row_2022(WEST + 50, SOUTH + 50, 3))
    with pytest.raises(errors.UsageError, match="attributes belong to the grid of the census"):
        add_attributes(read_people(other, bounds=TOWN), [path])


# --- polygons, hexagons and points ---


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


def test_polygons_as_text(tmp_path: Path) -> None:
    rows = [
        "a;POLYGON ((6.8 51, 6.81 51, 6.81 51.01, 6.8 51.01, 6.8 51));12",
        "b;SRID=4326;MULTIPOLYGON(((6.81 51, 6.82 51, 6.82 51.01, 6.81 51.01, 6.81 51)));3.5",
    ]
    text = "name;geom;einwohner\n" + rows[0] + '\nb;"' + rows[1][2:].rpartition(";")[0] + '";3.5\n'
    path = write(tmp_path, text)
    guess = look_at_people(path)
    assert (guess.kind, guess.count, guess.n_rows, guess.ids) == ("polygons", "einwohner", 2, "")
    grid = read_people(path, bounds=TOWN)
    assert grid.table[["cell_id", "residents"]].to_numpy().tolist() == [["1", 12.0], ["2", 3.5]]
    assert grid.table.geometry.iloc[1].bounds == (6.81, 51, 6.82, 51.01)


@pytest.mark.parametrize(
    ("shape", "kind", "told"),
    [
        ("POLYGON ((6.8 51, 6.81", errors.GeometryError, "is no polygon"),
        ("POLYGON EMPTY", errors.GeometryError, "is no polygon"),
        ("POINT (6.8 51)", errors.GeometryError, "neither a point like all others"),
        ("POLYGON ((6 51, 7 52, 7 51, 6 52, 6 51))", errors.GeometryError, "valid polygon"),
        ("POLYGON ((356000 5670000, 357000 5670000, 357000 5671000, 356000 5670000))",
         errors.CoordinateError, "not in degrees"),
        ("SRID=25832;POLYGON ((3 5, 4 5, 4 6, 3 5))", errors.CoordinateError, "in EPSG:25832"),
    ],
)  # fmt: skip
def test_texts_that_are_no_polygons_in_degrees(
    tmp_path: Path, shape: str, kind: type[errors.InputError], told: str
) -> None:
    square = "POLYGON ((6.8 51, 6.81 51, 6.81 51.01, 6.8 51))"
    rows = "".join(f'"{one}",5\n' for one in [*[square] * 100, shape])
    path = write(tmp_path, "wkt,population\n" + rows)
    with pytest.raises(kind, match=told) as caught:
        read_people(path, bounds=TOWN)
    assert caught.value.where is not None
    assert caught.value.where.row == 101


def test_hexagons_by_their_ids_alone(tmp_path: Path) -> None:
    """At 30° S a hexagon of resolution 9 has 0.09 km²: its root is 300 m."""
    path = write(tmp_path, "hex,people\n89a901291abffff,12\n89a9012a3cfffff,0\n")
    town = (-51.3, -30.2, -51.0, -29.9)
    grid = read_people(path, bounds=town, count="people")
    assert grid.table[["cell_id", "residents"]].to_numpy().tolist() == [["89a901291abffff", 12]]
    assert grid.size_m == pytest.approx(300, rel=0.02)
    guess = look_at_people(path)
    assert (guess.kind, guess.ids, guess.count, guess.n_rows) == ("h3", "hex", "", 2)
    other = write(tmp_path, "hex,population\n89a901291abffff,12\nnothing,3\n")
    with pytest.raises(errors.ColumnValueError, match="'nothing' is no H3 id") as caught:
        read_people(other, bounds=town, ids="hex")
    assert caught.value.where == errors.Place(other, row=2, column="hex")
    with pytest.raises(errors.MissingColumnError, match="no column holds H3 ids"):
        read_people(other, bounds=town, kind="h3")
    with pytest.raises(errors.MissingColumnError, match="the column cell is absent"):
        read_people(other, bounds=town, kind="h3", ids="cell")


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
    "no id": (HEADER_2022.replace("GITTER_ID", "GITTER") + row_2022(WEST + 50, SOUTH + 50, 1),
              errors.MissingColumnError, "the column GITTER_ID_100m is absent", None,
              "GITTER_ID_100m"),
    "less than suppressed in 2011": (HEADER_2011_100M + row_2022(WEST + 50, SOUTH + 50, -2),
                                     errors.ColumnValueError, "not '-2'", 1, "Einwohner"),
    "no number": (HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, "nan"), errors.ColumnValueError,
                  "not 'nan'", 1, "Einwohner"),
    "thousands": (HEADER_2022 + row_2022(WEST + 50, SOUTH + 50, "1,234"), errors.ColumnValueError,
                  "not '1,234'", 1, "Einwohner"),
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
    with pytest.raises(errors.UsageError, match="geojson are of the kind polygons"):
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
    with pytest.raises(errors.TableError, match="the file cannot be read"):
        look_at_people(tmp_path / "nothing.csv")


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
