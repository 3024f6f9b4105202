"""Sloppy borders become one tiling; the real ones have the official areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.raw_files import require_raw
from welcomemap.crs import METRIC_CRS
from welcomemap.ingest.boundaries import (
    build_districts,
    build_quarters,
    measure_area_km2,
    tile_polygons,
)
from welcomemap.ingest.raw import RawFolder

OFFICIAL_KM2 = [11.345, 7.181, 24.785, 12.646, 50.965, 19.680, 27.742, 21.041, 36.624, 5.315]
"""Areas of the Stadtbezirke in the README of the raw data."""

steps = st.integers(-3, 3).map(lambda n: n * 1e-6)


@settings(deadline=None, max_examples=40)
@given(st.lists(steps, min_size=4, max_size=4))
def test_slivers_and_overlaps_along_a_border_vanish(offsets: list[float]) -> None:
    """Two squares whose common border is drawn twice, some millionths of a degree apart."""
    left = shapely.Polygon(
        [
            (0, 0),
            (0.01, 0),
            (0.01 + offsets[0], 0.004),
            (0.01 + offsets[1], 0.007),
            (0.01, 0.01),
            (0, 0.01),
        ]
    )
    right = shapely.Polygon(
        [
            (0.01, 0),
            (0.02, 0),
            (0.02, 0.01),
            (0.01, 0.01),
            (0.01 + offsets[2], 0.006),
            (0.01 + offsets[3], 0.003),
        ]
    )
    tiles = tile_polygons([left, right])
    assert shapely.coverage_is_valid(tiles)
    assert [tile.geom_type for tile in tiles] == ["Polygon", "Polygon"]
    for tile, drawn in zip(tiles, (left, right), strict=True):
        assert shapely.symmetric_difference(tile, drawn).area < 1e-7
    assert sum(tile.area for tile in tiles) == pytest.approx(0.0002, rel=1e-3)


def test_a_vertex_on_the_neighbours_edge_is_shared() -> None:
    """A T-junction: reprojecting would open a gap if the long edge had no vertex there."""
    wide = shapely.box(0, 0, 0.02, 0.01)
    tiles = tile_polygons(
        [wide, shapely.box(0, 0.01, 0.01, 0.02), shapely.box(0.01, 0.01, 0.02, 0.02)]
    )
    assert (0.01, 0.01) in set(map(tuple, np.round(shapely.get_coordinates(tiles[0]), 9)))


@pytest.mark.raw
def test_real_districts_have_the_official_areas_and_tile() -> None:
    quarters = build_quarters(RawFolder(require_raw()))
    districts = build_districts(quarters)
    assert len(quarters) == 50
    assert measure_area_km2(districts) == pytest.approx(OFFICIAL_KM2, abs=0.001)
    for table in (quarters, districts):
        metric = table.to_crs(METRIC_CRS).geometry.to_numpy()
        assert shapely.coverage_is_valid(metric)
        whole = shapely.coverage_union_all(metric)
        assert not list(shapely.get_rings(whole)[1:])
        assert whole.area / 1e6 == pytest.approx(217.325, abs=0.001)
