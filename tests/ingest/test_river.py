"""The river follows mid-river borders; crossings lie across it."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import box

from tests.ingest.raw_files import require_raw
from tests.worlds import at, rectangle
from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.errors import GeometryError
from welcomemap.ingest.boundaries import build_districts, build_quarters
from welcomemap.ingest.duesseldorf import read_recipe
from welcomemap.ingest.networks import build_river, build_river_band, build_river_crossings
from welcomemap.ingest.raw import RawFolder

WEST, EAST = (0, 0, 2000, 2000), (2000, 0, 4000, 4000)


def make_districts() -> gpd.GeoDataFrame:
    """District 1 on the left bank; the river goes on north along the east district's own border."""
    return gpd.GeoDataFrame(
        {"district": [1, 2]}, geometry=[rectangle(WEST), rectangle(EAST)], crs=METRIC_CRS
    )


def place(x: float, y: float) -> list[float]:
    lat, lon = unproject(np.array([at(x, y)]))
    return [float(lon[0]), float(lat[0])]


def test_the_river_goes_on_along_the_outer_border() -> None:
    recipe = {"name": "Fluss", "left_bank_district": 1, "ends": [place(2000, 0), place(2000, 4000)]}
    river = build_river(make_districts(), recipe)
    assert river.geometry.iloc[0].length == pytest.approx(4000, abs=0.5)
    band = build_river_band(river, 100)
    assert band.area.iloc[0] == pytest.approx(4000 * 200, rel=0.001)


def test_ends_on_the_left_bank_are_refused() -> None:
    recipe = {"name": "Fluss", "left_bank_district": 1, "ends": [place(0, 1000), place(2000, 4000)]}
    with pytest.raises(GeometryError, match="left-bank"):
        build_river(make_districts(), recipe)


@pytest.mark.raw
def test_the_rhine_separates_district_4_and_is_crossed_at_its_bridges() -> None:
    raw, recipe = RawFolder(require_raw()), read_recipe()
    districts = build_districts(build_quarters(raw))
    river = build_river(districts, recipe["river"])
    line = river.geometry.iloc[0]
    shapes = districts.to_crs(METRIC_CRS).set_index("district").geometry
    for other in (1, 3, 5):
        common = shapely.intersection(shapes[4], shapes[other])
        assert shapely.covered_by(common, line.buffer(0.05))
    inner = shapely.coverage_union_all(shapes.to_numpy()).buffer(-1)
    assert shapely.intersection(line, inner).length == pytest.approx(8904, abs=60)
    crossings = build_river_crossings(raw, river, recipe["crossings"])
    assert crossings["name"].tolist() == [
        "Theodor-Heuss-Brücke",
        "Oberkasseler Brücke",
        "Rheinkniebrücke",
        "Fleher Brücke",
    ]
    for crossing in crossings.geometry:
        assert crossing.intersection(line).geom_type == "Point"
        assert crossing.length == pytest.approx(520, abs=0.1)
    inside = crossings[~crossings["leads_outside"]]
    starts = shapely.get_point(inside.geometry.to_numpy(), 0)
    ends = shapely.get_point(inside.geometry.to_numpy(), 1)
    on_left = shapes[4]
    assert (shapely.contains(on_left, starts) != shapely.contains(on_left, ends)).all()


def test_a_bridge_nobody_knows_is_named(tmp_path: Path) -> None:
    (tmp_path / "streets").mkdir()
    ways = gpd.GeoDataFrame(
        {"name": ["Gasse"]}, geometry=[box(6, 51, 7, 52).exterior], crs="EPSG:4326"
    )
    ways.to_file(tmp_path / "ways.geojson", driver="GeoJSON")
    content = gzip.compress((tmp_path / "ways.geojson").read_bytes())
    (tmp_path / "streets" / "all_known_ways.geojson.gz").write_bytes(content)
    recipe = {"half_length_m": 10, "bridges": [{"name": "Brücke"}]}
    river = gpd.GeoDataFrame(geometry=[rectangle(WEST).exterior], crs=METRIC_CRS)
    with pytest.raises(GeometryError, match="Brücke"):
        build_river_crossings(RawFolder(tmp_path), river, recipe)
