"""Every frame of a region has the columns that its page names, whatever was asked."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from docs.list_columns import PAGE, make_page

from tests.cases import long
from tests.worlds import load_rechteckstadt
from welcomemap.api import Region, open_region
from welcomemap.columns import DTYPES, LABEL, TABLES
from welcomemap.study.study import Study

FRAMES: dict[str, Callable[[Region], gpd.GeoDataFrame]] = {
    "districts": lambda region: region.districts,
    "quarters": lambda region: region.quarters,
    "demand_cells": lambda region: region.demand_cells,
    "sites": lambda region: region.sites(),
    "geocode": lambda region: region.geocode(["Rathaus", "Nirgendwo 1"]),
    "nearest": lambda region: region.nearest(region.demand_cells.head(2)),
    "service_area": lambda region: region.service_area(region.sites(), "500m"),
    "coverage": lambda region: region.coverage(),
    "gaps.districts": lambda region: region.gaps().districts,
    "gaps.areas": lambda region: region.gaps().areas,
    "diff": lambda region: region.diff(region.scenarios[0], region.scenarios[-1]).rows,
    "site": lambda region: region.site(p=1, candidates="cells").sites,
    "compare": lambda region: region.compare(region.sites().head(2).assign(
        id=["a", "b"], status="")).candidates,
}  # fmt: skip
EMPTY: dict[str, Callable[[Region], gpd.GeoDataFrame]] = {
    "geocode": lambda region: region.geocode([]),
    "nearest": lambda region: region.nearest(region.demand_cells.head(0)),
    "service_area": lambda region: region.service_area(region.sites().head(0), "500m"),
    "gaps.areas": lambda region: region.gaps(threshold="100000m").areas,
}


@pytest.fixture(scope="module", params=[long("embedded"), "rechteckstadt"])
def region(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Region:
    if request.param == "embedded":
        return open_region()
    return Region(Study(load_rechteckstadt(tmp_path_factory.mktemp("world"))))


def check(found: gpd.GeoDataFrame, name: str) -> None:
    table = TABLES[name]
    wanted = {one.name: DTYPES[one.type] for one in table.columns if one.type != LABEL}
    listed = [one.name for one in table.columns]
    assert [column for column in found.columns if column in listed] == listed
    assert {column: found[column].dtype for column in wanted} == wanted
    if not table.more:
        assert list(found.columns) == [*listed, "geometry"]
    if table.index is not None and table.index.name != "index":
        assert found.index.name == table.index.name
        assert found.index.dtype == DTYPES[table.index.type]
    assert found.geometry.name == "geometry"
    assert found.crs is not None


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_has_the_columns_of_its_page(region: Region, name: str) -> None:
    found = FRAMES[name](region)
    assert len(found)
    check(found, name)


@pytest.mark.parametrize("name", EMPTY)
def test_a_frame_without_rows_has_them_too(region: Region, name: str) -> None:
    check(EMPTY[name](region), name)


def test_every_frame_is_tried() -> None:
    assert FRAMES.keys() == TABLES.keys()


def test_own_columns_stay_behind_those_of_the_table() -> None:
    region = open_region()
    mine = region.sites("2026").head(2).assign(colour="red")
    assert list(region.sites(mine)["colour"]) == ["red", "red"]
    pd.testing.assert_series_equal(
        region.sites(mine).dtypes.drop("colour"), region.sites("2026").dtypes
    )


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text("utf-8") == make_page(), "run: .venv/bin/python -m docs.list_columns"


def test_a_pack_of_010_gives_the_same_columns(tmp_path: Path) -> None:
    """What it lacks is empty."""
    with zipfile.ZipFile(Path(__file__).parents[1] / "region" / "pack-0.1.0.zip") as archive:
        archive.extractall(tmp_path)
    (manifest,) = tmp_path.rglob("datapackage.json")
    check(open_region(manifest.parent).sites(), "sites")
