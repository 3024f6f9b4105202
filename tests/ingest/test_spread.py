"""People live where homes are: worked out by hand, and against real hectares."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from tests.ingest.people_files import HEADER_2022, SOUTH, WEST, write, write_features
from tests.ingest.raw_files import require_raw
from welcomemap import errors
from welcomemap.crs import GRID_CRS, WGS84, project
from welcomemap.ingest.people import PeopleGrid, look_at_people, read_people
from welcomemap.ingest.spread import (
    SpreadPeople,
    measure_against,
    measure_spread_error,
    spread_people,
)
from welcomemap.region.layers import read_geojson

CORNER = np.array([WEST, SOUTH])

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


def test_cells_off_the_lines_of_the_european_grid() -> None:
    """Two pixels of 250 m that share a hectare, in the grid's own CRS: homes in both of them."""
    shapes = [box(WEST + x, SOUTH, WEST + x + 250, SOUTH + 250) for x in (0, 250)]
    table = gpd.GeoDataFrame(
        {"cell_id": ["r0c0", "r0c1"], "x": [WEST + 125.0, WEST + 375.0], "y": SOUTH + 125.0,
         "residents": [8.0, 4.0]}, geometry=shapes, crs=GRID_CRS,
    )  # fmt: skip
    grid = PeopleGrid(table, 250.0, ("residents",), GRID_CRS, None, "", "")
    areas = make_areas(box(0, 0, 500, 250))
    people = spread(grid, areas, [(240, 10), (10, 10), (260, 10)])
    assert people.cells[["cell_id", "residents"]].to_numpy().tolist() == [
        ["r0c0-100mN31160E41040", 4], ["r0c0-100mN31160E41042", 4], ["r0c1-100mN31160E41042", 4],
    ]  # fmt: skip


def test_a_finer_grid_measures_in_its_own_cells() -> None:
    """Of 12 people spread evenly over a square of 200 m, 9 truly live in one of its four hectares.

    Twice as many in all were counted by the finer grid: 18 and 2, 2, 2 against 6 each.
    """
    square = box(0, 0, 200, 200)
    areas = make_areas(square)
    table = gpd.GeoDataFrame(
        {"cell_id": ["p"], "x": WEST + 100.0, "y": SOUTH + 100.0, "residents": [12.0]},
        geometry=[box(WEST, SOUTH, WEST + 200, SOUTH + 200)], crs=GRID_CRS,
    )  # fmt: skip
    coarse = PeopleGrid(table, 200.0, ("residents",), GRID_CRS, None, "", "")
    people = spread(coarse, areas, [])
    corners = [(0, 0, 18), (0, 100, 2), (100, 0, 2), (100, 100, 2)]
    fine = make_grid([(x, y, {"residents": n}) for x, y, n in corners], 100.0)
    found = measure_against(people, fine, areas, np.empty((0, 2)), GRID_CRS)
    assert (found.n_cells, found.mean_absolute, found.misplaced_share) == (4, 6.0, 0.5)
    assert found.correlation == 0


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


@pytest.mark.parametrize("kind", ["h3", "polygons"])
def test_porto_alegre(kind: str) -> None:
    """Of H3's resolution 9: hexagons of 0.09-0.1 km² there; all people of the list are kept.

    Whether they are drawn by their ids, or around their middles.
    """
    path = require_raw() / "testbeds" / "porto_alegre" / "poa_hexgrid.csv"
    with path.open(encoding="utf-8") as handle:
        listed = {row["id"]: float(row["population"]) for row in csv.DictReader(handle)}
    guess = look_at_people(path)
    assert (guess.kind, guess.ids, guess.count, guess.n_rows) == ("h3", "id", "population", 1227)
    grid = read_people(path, bounds=guess.bounds, kind=kind, size_m=330)
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
