"""What is wrong with an argument is a ``ValueError``, as Python's own functions have it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

import welcomemap as wm
from tests.house.checkout import ROOT
from tests.tabular.test_hostile_workbooks import MAIN, with_part
from tests.worlds import at, record_hashes
from welcomemap import errors
from welcomemap.errors import GeometryError, InputError, TableFormatError
from welcomemap.geocoding.gazetteer import read_columns
from welcomemap.region.pack import SEAL, RegionPack, load_pack
from welcomemap.siting.problem import SitingError, SitingProblem
from welcomemap.tabular import read_table

METRIC, DEGREES = "EPSG:25832", "EPSG:4326"


@pytest.fixture(scope="module")
def region(tiny_pack: RegionPack) -> wm.Region:
    return wm.open_region(tiny_pack.folder)


def places(*points: Point, crs: str | None = METRIC, **columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(points), crs=crs)


def make_problem(_: wm.Region) -> SitingProblem:
    return SitingProblem(-np.ones((2, 2)), np.ones(2), ("d1", "d2"), ("f1", "f2"))


HERE = Point(*at(500, 1000))


def exchange(point: Point) -> Point:
    """Return a point in degrees, latitude first."""
    degrees = gpd.GeoSeries([point], crs=METRIC).to_crs(DEGREES).iloc[0]
    return Point(degrees.y, degrees.x)


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("CrsError", lambda r: r.nearest(places(HERE, crs=None))),
        ("GeometryError", lambda r: r.nearest(places(LineString([at(0, 0), at(1, 1)])))),
        ("SwappedCoordinatesError", lambda r: r.nearest(places(exchange(HERE), crs=DEGREES))),
        ("CoordinateError", lambda r: r.gaps(places(Point(13.4, 52.5), crs=DEGREES))),
        ("MissingColumnError", lambda r: r.geocode(pd.DataFrame({"x": ["y"]}))),
        ("DuplicateIdError", lambda r: r.gaps(places(HERE, HERE, id=["a", "a"]))),
        ("ColumnValueError", lambda r: r.gaps(places(HERE, status=["ajar"]))),
        ("EmptyTableError", lambda r: r.gaps(places(HERE).iloc[:0])),
        ("AddressCharacterError", lambda r: r.geocode("Haupt\ud800straße 1")),
        ("UsageError", lambda r: r.gaps(mode="bike")),
        ("SitingError", make_problem),
    ],
)
def test_a_named_error_about_an_argument_is_a_value_error(
    region: wm.Region, name: str, ask: Callable[[wm.Region], object]
) -> None:
    with pytest.raises(ValueError) as raised:
        ask(region)
    expected = SitingError if name == "SitingError" else getattr(errors, name)
    assert type(raised.value) is expected
    assert isinstance(raised.value, InputError)


# --- what catches the ValueErrors of others lets named errors through ---


def test_a_workbook_with_entities_is_refused_in_its_own_words() -> None:
    entity = f'<!DOCTYPE a [<!ENTITY b "c">]><worksheet {MAIN}/>'
    with pytest.raises(TableFormatError, match="entities") as raised:
        read_table(with_part("xl/worksheets/sheet1.xml", entity))
    assert raised.value.__cause__ is None


def test_a_damaged_geometry_of_the_addresses_is_named_with_its_row(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "docs" / "example-pack", tmp_path / "pack"))
    path = folder / "addresses.geojson"
    layer = json.loads(path.read_text("utf-8"))
    layer["features"][1]["geometry"]["coordinates"] = []
    path.write_text(json.dumps(layer), "utf-8")
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    del manifest[SEAL]
    (folder / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    record_hashes(folder)
    for read in (lambda pack: pack.addresses, read_columns):
        with pytest.raises(GeometryError, match="row 2") as raised:
            read(load_pack(folder))
        assert raised.value.__cause__ is None
