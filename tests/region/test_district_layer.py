"""A district layer is checked point by point, and each fault is named."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from welcomemap.region.areas import DistrictLayer, check_district_layer
from welcomemap.region.pack import RegionPack


@pytest.fixture
def features(tiny_pack: RegionPack) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(tiny_pack.layer_path("districts").read_text("utf-8"))
    return value


def check(pack: RegionPack, value: Any, folder: Path) -> DistrictLayer:
    path = folder / "mine.geojson"
    path.write_text(json.dumps(value), encoding="utf-8")
    return check_district_layer(pack, path)


def test_the_packs_own_layer_holds_every_check(
    tiny_pack: RegionPack, features: dict[str, Any], tmp_path: Path
) -> None:
    layer = check(tiny_pack, features, tmp_path)
    assert [check.ok for check in layer.checks] == [True] * 5
    assert layer.table is not None
    assert sorted(layer.table["district"]) == [1, 2, 3]


def test_a_missing_area_is_told_with_its_size(
    tiny_pack: RegionPack, features: dict[str, Any], tmp_path: Path
) -> None:
    features["features"] = features["features"][:2]
    failed = [one for one in check(tiny_pack, features, tmp_path).checks if not one.ok]
    assert [one.kind for one in failed] == ["extent"]
    assert str(failed[0].found[0]).startswith("4.00 km²")


def test_an_overlap_a_repeated_number_and_a_missing_column_are_told(
    tiny_pack: RegionPack, features: dict[str, Any], tmp_path: Path
) -> None:
    features["features"].append(copy.deepcopy(features["features"][0]))
    for feature in features["features"]:
        del feature["properties"]["name"]
    found = " ".join(
        str(told) for one in check(tiny_pack, features, tmp_path).checks for told in one.found
    )
    assert "overlap of 4,000,000 m²" in found
    assert "row 4: district 1 comes twice" in found
    assert "column name is absent" in found


def test_an_open_ring_and_a_file_that_is_no_json_are_told(
    tiny_pack: RegionPack, features: dict[str, Any], tmp_path: Path
) -> None:
    features["features"][0]["geometry"]["coordinates"][0].pop()
    open_ring = check(tiny_pack, features, tmp_path)
    assert not open_ring.ok
    assert "not closed" in str(open_ring.checks[0].found[0])
    path = tmp_path / "mine.geojson"
    path.write_bytes(b"\xff\xfe<html>")
    assert not check_district_layer(tiny_pack, path).ok
