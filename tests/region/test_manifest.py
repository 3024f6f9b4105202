"""A damaged manifest is one named error, never a traceback; a path never leaves the pack."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import record_hashes
from welcomemap.errors import (
    EmptyTableError,
    EncodingError,
    GeometryError,
    HashMismatchError,
    MissingLayerError,
    PackError,
    TableError,
)
from welcomemap.region.pack import RegionPack, load_pack

EMBEDDED = Path(__file__).parents[2] / "geodata"


@pytest.fixture
def tiny(tiny_pack: RegionPack, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_pack.folder, tmp_path / "pack"))


def spoil(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    edit(manifest)
    path.write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"region": {}}']
)
def test_a_manifest_that_is_none(tiny: Path, content: bytes) -> None:
    (tiny / "datapackage.json").write_bytes(content)
    with pytest.raises(PackError, match=r"datapackage\.json.*welcomemap data build"):
        load_pack(tiny)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda m: m.update(resources={}), "resources is not a list"),
        (lambda m: m.update(resources=[1]), "resources is not a list"),
        (lambda m: m["resources"][2].pop("path"), "layer 3 lacks a name or a path"),
        (lambda m: m["resources"][2].update(name=7), "layer 3 lacks a name or a path"),
        (lambda m: m["resources"].append(m["resources"][0]), "layer districts is named twice"),
        (lambda m: m["resources"][0].update(path="../x.csv"), "leaves the folder"),
        (lambda m: m["resources"][0].update(path="/etc/passwd"), "leaves the folder"),
        (lambda m: m["resources"][0].update(path="a/../../x.csv"), "leaves the folder"),
        (lambda m: m["resources"][0].update(path="https://a.b/x.csv"), "leaves the folder"),
        (lambda m: m["resources"][0].update(path="C:\\x.csv"), "leaves the folder"),
        (lambda m: m.update(region=[]), "region is not an object"),
        (lambda m: m["region"].pop("name"), "region lacks the text name"),
        (lambda m: m["region"].update(crs="EPSG:0"), "unknown crs EPSG:0"),
        (lambda m: m["region"].update(crs="EPSG:4326"), "not in metres"),
        (lambda m: m["region"].update(scenarios="2020"), "lacks the list scenarios"),
        (lambda m: m["region"].update(default_scenario="1999"), "default_scenario is not one"),
        (lambda m: m["region"].update(border_uncertainty_m="30"), "border_uncertainty_m"),
        (lambda m: m["region"].update(border_uncertainty_m=-1), "border_uncertainty_m"),
        (lambda m: m["region"].update(people_error=[2]), "people_error"),
        (lambda m: m["region"].update(people_error=[2, -0.1]), "people_error"),
        (lambda m: m["region"].update(detour_factor=1.2), "detour_factor"),
        (lambda m: m["region"].update(detour_factor=[1.2, 1.3, 1.4]), "detour_factor"),
        (lambda m: m["region"].update(bbox=[7, 51, 6, 52]), "bbox"),
        (lambda m: m["region"].update(district_word="Bezirk"), "lacks district_word in de and en"),
    ],
)
def test_a_manifest_with_a_fault(
    tiny: Path, edit: Callable[[dict[str, Any]], object], message: str
) -> None:
    spoil(tiny, edit)
    with pytest.raises(PackError, match=message):
        load_pack(tiny)


def test_a_layer_nobody_has(tiny_pack: RegionPack) -> None:
    with pytest.raises(MissingLayerError, match="the pack has no layer unicorns"):
        tiny_pack.read_rows("unicorns")


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("lines.csv", b"", EmptyTableError, "empty"),
        ("lines.csv", "line\nStraße\n".encode("cp1252"), EncodingError, "not UTF-8"),
        (
            "lines.csv",
            b"line,mode\nU70\n",
            TableError,
            r"cells in the row: 1, in the header: 2 \(lines.csv, row 1",
        ),
        ("lines.csv", b'line,mode\n"U70,tram\n', TableError, "not a CSV table"),
    ],
)
def test_rows_that_cannot_be_read(
    tiny: Path, name: str, content: bytes, error: type[Exception], message: str
) -> None:
    (tiny / name).write_bytes(content)
    record_hashes(tiny)
    with pytest.raises(error, match=message):
        load_pack(tiny).read_rows("lines")


def test_a_byte_order_mark_is_no_part_of_a_column(tiny: Path) -> None:
    (tiny / "lines.csv").write_bytes(b"\xef\xbb\xbfline,mode,trip_count\n1,tram,9\n")
    record_hashes(tiny)
    assert load_pack(tiny).lines["line"].tolist() == ["1"]


def test_an_unclosed_polygon_is_placed_when_the_layer_is_read(tiny: Path) -> None:
    path = tiny / "districts.geojson"
    value = json.loads(path.read_text("utf-8"))
    value["features"][1]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(value), "utf-8")
    record_hashes(tiny)
    with pytest.raises(GeometryError, match=r"not closed \(districts\.geojson, row 2"):
        _ = load_pack(tiny).districts


@pytest.mark.parametrize("content", [b"", b"PAR1 broken PAR1", b"\x00" * 100])
def test_a_broken_parquet_file(tiny: Path, content: bytes) -> None:
    (tiny / "addresses.parquet").write_bytes(content)
    with pytest.raises(HashMismatchError, match=r"addresses\.parquet"):
        _ = load_pack(tiny).addresses
    record_hashes(tiny)
    with pytest.raises(TableError, match=r"cannot be read.*addresses\.parquet"):
        _ = load_pack(tiny).addresses


def test_the_embedded_manifest_is_a_frictionless_package() -> None:
    """Required properties after https://specs.frictionlessdata.io/data-package/ (v1)."""
    manifest = json.loads((EMBEDDED / "datapackage.json").read_text("utf-8"))
    assert manifest["name"] == manifest["name"].lower()
    for resource in manifest["resources"]:
        path = EMBEDDED / resource["path"]
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == f"sha256:{resource['sha256']}"
        assert all({"name", "title", "path"} <= set(x) for x in resource["licenses"])
        assert all({"title", "path"} <= set(x) for x in resource["sources"])
        for key in ("title", "limits", "method", "date", "encoding", "mediatype"):
            assert resource[key], (resource["name"], key)
        assert "$" not in resource["limits"] + resource["method"]
        kinds = {"string", "number", "integer", "boolean", "geojson"}
        for described in resource["schema"]["fields"]:
            assert described["type"] in kinds
            assert described["description"] and described["description_en"]
        assert (resource["crs"] is not None) == (resource["format"] != "csv")


def test_the_embedded_region_says_why_three_bases_exist() -> None:
    region = load_pack(EMBEDDED).region
    for number in ("658.350", "658.245", "658.130"):
        assert number in region["residents_base"]["de"]
        assert number.replace(".", ",") in region["residents_base"]["en"]
    assert region["detour_factor"] == [1.23, 1.13, 1.47]
    assert region["scenarios"] == ["2019", "2026"]
    west, south, east, north = region["bbox"]
    lon_lat = load_pack(EMBEDDED).districts.to_crs("EPSG:4326").total_bounds
    assert lon_lat.tolist() == pytest.approx([west, south, east, north], abs=0.001)
