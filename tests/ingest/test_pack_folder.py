"""A pack is written whole, in its place, or not at all; the same tables give the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LinearRing, Point, Polygon

from tests.schemas import require_schema
from tests.worlds import at, rectangle
from welcomemap.crs import METRIC_CRS
from welcomemap.describe.contract import Built, shape, to_builtins
from welcomemap.errors import OutputError, PackError, UsageError
from welcomemap.ingest.duesseldorf import read_recipe
from welcomemap.ingest.pack_folder import claim_target, write_layer, write_pack
from welcomemap.region.pack import load_pack

LINES = pd.DataFrame({"line": ["U70"], "mode": ["stadtbahn"], "trip_count": ["22"]})


def write(out: Path, **layers: pd.DataFrame) -> None:
    with claim_target(out):
        write_pack(out, layers or {"lines": LINES}, read_recipe(), measured={}, warnings=["so so"])


def test_a_pack_of_one_layer_says_what_it_is(tmp_path: Path) -> None:
    out = tmp_path / "new" / "pack"
    with claim_target(out):
        result = write_pack(out, {"lines": LINES}, read_recipe(), measured={}, warnings=["so so"])
    assert [str(warning) for warning in result.warnings] == ["so so"]
    assert [layer.name for layer in result.layers] == ["lines"]
    require_schema("data-build", to_builtins(shape(Built, result)))
    manifest = json.loads((tmp_path / "new" / "pack" / "datapackage.json").read_text("utf-8"))
    (resource,) = manifest["resources"]
    assert resource["rows"] == 1
    assert resource["bytes"] == (tmp_path / "new" / "pack" / "lines.csv").stat().st_size
    assert [f["name"] for f in resource["schema"]["fields"]] == ["line", "mode", "trip_count"]
    assert manifest["region"]["name"] == "Düsseldorf"
    assert "ODbL" in (tmp_path / "new" / "pack" / "LICENSE.md").read_text("utf-8")
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["pack"]


def test_an_older_pack_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "pack"
    write(out)
    (out / "left_over.csv").write_text("x\n1\n")
    write(out)
    assert not (out / "left_over.csv").exists()
    assert load_pack(out).lines["line"].tolist() == ["U70"]


@pytest.mark.parametrize("content", ["notes.txt", "lines.csv"])
def test_a_folder_that_is_no_pack_is_never_touched(tmp_path: Path, content: str) -> None:
    (tmp_path / content).write_text("mine")
    with pytest.raises(UsageError, match="no region pack"):
        write(tmp_path)
    assert (tmp_path / content).read_text() == "mine"


def test_a_file_in_the_way_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "pack").write_text("mine")
    with pytest.raises(UsageError):
        write(tmp_path / "pack")
    assert (tmp_path / "pack").read_text() == "mine"


def test_a_failure_leaves_the_older_pack_and_nothing_beside(tmp_path: Path) -> None:
    out = tmp_path / "pack"
    write(out)
    before = (out / "datapackage.json").read_bytes()
    with pytest.raises(PackError, match="column surprise of layer lines"):
        write(out, lines=LINES.assign(surprise="1"))
    assert (out / "datapackage.json").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["pack"]


def test_a_parent_that_is_a_file_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write(tmp_path / "file" / "pack")


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".parquet"])
def test_same_table_same_bytes(tmp_path: Path, suffix: str) -> None:
    table = gpd.GeoDataFrame(
        {"name": ['Ä, "b"', "c"], "n": [1, 2], "share": [0.5, 1.25], "is_it": [True, False]},
        geometry=[Point(*at(0, 0)), rectangle((0, 0, 10, 10))],
        crs=METRIC_CRS,
    )
    for name in ("one", "two"):
        write_layer(tmp_path / f"{name}{suffix}", table)
    one, two = ((tmp_path / f"{name}{suffix}").read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("suffix", [".geojson", ".parquet"])
def test_layers_come_back_as_they_were(tmp_path: Path, suffix: str) -> None:
    table = gpd.GeoDataFrame(
        {"name": ['Ä, "b"\n', ""], "n": [1, 2], "share": [0.5, 1.25], "is_it": [True, False]},
        geometry=[Point(*at(0, 0)), None],
        crs=METRIC_CRS,
    )
    path = tmp_path / f"layer{suffix}"
    if suffix == ".geojson":
        table = table.iloc[:1]
    write_layer(path, table)
    read = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
    read = read.to_crs(METRIC_CRS)
    for column in ("name", "n", "share", "is_it"):
        assert read[column].tolist() == table[column].tolist()
    assert read.geometry.iloc[0].distance(table.geometry.iloc[0]) < 0.02
    assert read.geometry.isna().tolist() == table.geometry.isna().tolist()


def test_outer_rings_run_counter_clockwise(tmp_path: Path) -> None:
    ring = rectangle((0, 0, 10, 10)).exterior.coords
    table = gpd.GeoDataFrame(
        {"name": ["a", "b"]}, crs=METRIC_CRS, geometry=[Polygon(ring), Polygon(ring[::-1])]
    )
    write_layer(tmp_path / "x.geojson", table)
    for feature in json.loads((tmp_path / "x.geojson").read_text("utf-8"))["features"]:
        assert LinearRing(feature["geometry"]["coordinates"][0]).is_ccw
