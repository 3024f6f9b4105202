"""What the browser decodes is what was drawn."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box

from tests.cartography.drawn import at, make_area
from welcomemap.cartography.geometry import (
    encode_lines,
    encode_polygons,
    find_bounds,
    list_grid_squares,
    merge_cells,
    place_labels,
    simplify_together,
)
from welcomemap.cartography.layers import label_areas
from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.errors import UsageError
from welcomemap.wording import open_translator


def decode(numbers: list[int]) -> np.ndarray:
    """Add up as the browser does."""
    pairs = np.array(numbers, dtype=float).reshape(-1, 2)
    return np.cumsum(pairs, axis=0) / 100_000


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 20_000), st.floats(0, 20_000)), min_size=1, max_size=30))
def test_decoded_points_lie_within_a_metre(points: list[tuple[float, float]]) -> None:
    metres = np.array([at(*point) for point in points])
    (line,) = encode_lines(LineString([*metres, metres[-1]]), crs=METRIC_CRS)
    decoded = decode(line)
    lat, lon = unproject(metres, crs=METRIC_CRS)
    expected = np.column_stack([lat, lon])
    kept = [key for key, _ in itertools.groupby(np.rint(expected * 100_000).tolist())]
    assert len(decoded) == len(kept)
    assert np.allclose(decoded, np.array(kept) / 100_000, atol=1e-9)


def test_polygons_keep_their_holes_and_parts() -> None:
    shape = box(*at(0, 0), *at(1000, 1000)).difference(box(*at(300, 300), *at(600, 600)))
    both = shapely.union(shape, box(*at(2000, 0), *at(2500, 500)))
    encoded = encode_polygons(both, crs=METRIC_CRS)
    assert sorted(len(rings) for rings in encoded) == [1, 2]
    assert all(len(ring) == 8 for rings in encoded for ring in rings)


def test_what_is_no_polygon_is_left_out() -> None:
    assert encode_polygons(Point(at(1, 1)), crs=METRIC_CRS) == []
    assert encode_polygons(MultiPoint([at(1, 1)]), crs=METRIC_CRS) == []
    assert encode_polygons(Polygon(), crs=METRIC_CRS) == []


def test_borders_stay_shared_when_simplified() -> None:
    wave = [at(1000 + 0.5 * (k % 2), 40 * k) for k in range(51)]
    left = Polygon([at(0, 0), *wave, at(0, 2000)])
    right = Polygon([at(2000, 0), *wave, at(2000, 2000)])
    a, b = simplify_together([left, right], tolerance_m=5.0)
    assert shapely.get_num_coordinates(a) < shapely.get_num_coordinates(left)
    assert shapely.intersection(a, b).area == 0.0
    assert shapely.union(a, b).area == pytest.approx(a.area + b.area)
    assert shapely.union(a, b).geom_type == "Polygon"


def test_bounds_hold_every_corner() -> None:
    (south, west), (north, east) = find_bounds([box(*at(0, 0), *at(6000, 2000))], crs=METRIC_CRS)
    lat, lon = unproject(np.array([at(0, 0), at(6000, 0), at(0, 2000), at(6000, 2000)]))
    assert south <= lat.min() + 1e-5
    assert north >= lat.max() - 1e-5
    assert west <= lon.min() + 1e-5
    assert east >= lon.max() - 1e-5


def test_the_best_place_for_a_label_is_the_middle_of_a_square() -> None:
    places = place_labels(box(*at(0, 0), *at(2000, 2000)))
    assert np.allclose(places[0], at(1000, 1000), atol=80)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_labels_lie_inside_whatever_the_shape(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = [at(*place) for place in rng.uniform(0, 3000, (7, 2))]
    shape = MultiPoint(points).convex_hull.buffer(50).difference(Point(points[0]).buffer(200))
    places = place_labels(shape)
    assert 1 <= len(places) <= 14
    assert shapely.covers(shape, shapely.points(places)).all()
    assert len(np.unique(places, axis=0)) == len(places)


def test_a_shape_without_area_has_no_place_for_a_label() -> None:
    assert place_labels(Polygon()).shape == (0, 2)


def test_grid_cells_lie_where_the_european_grid_says() -> None:
    from pyproj import Transformer

    (cell,) = list_grid_squares(["100mN31292E40901"], crs=METRIC_CRS)
    back = Transformer.from_crs(METRIC_CRS, "EPSG:3035", always_xy=True)
    x, y = back.transform(*shapely.get_coordinates(cell)[:-1].T)
    assert np.allclose(sorted(set(np.rint(x))), [4_090_100, 4_090_200])
    assert np.allclose(sorted(set(np.rint(y))), [3_129_200, 3_129_300])


def test_a_kilometre_cell_holds_its_hundred_metre_cells() -> None:
    (large,) = list_grid_squares(["1kmN3129E4090"], crs=METRIC_CRS)
    small = list_grid_squares(
        [f"100mN{31290 + row}E{40900 + column}" for row in range(10) for column in range(10)],
        crs=METRIC_CRS,
    )
    assert merge_cells(small).symmetric_difference(large).area < 0.001 * large.area


@pytest.mark.parametrize("name", ["", "100m", "N3129E4090", "100mN3129E", "<b>", "100mN-1E2"])
def test_what_is_no_cell_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="grid cell"):
        list_grid_squares([name], crs=METRIC_CRS)


def test_merged_cells_count_twins_once_and_mend_overlaps() -> None:
    a, b = box(0, 0, 100, 100), box(100, 0, 200, 100)
    assert merge_cells([a, b, a]).equals(box(0, 0, 200, 100))
    assert merge_cells([a, box(50, 0, 150, 100)]).equals(box(0, 0, 150, 100))


@pytest.mark.parametrize("n_areas", [20, 21])
def test_names_of_many_areas_wait_for_a_free_place(n_areas: int) -> None:
    areas = [make_area(column, 0.5) for column in range(n_areas)]
    layer = label_areas(areas, open_translator("de"), crs=METRIC_CRS)
    hides = {feature["may_hide"] for feature in layer["features"]}
    assert hides == {n_areas > 20}
