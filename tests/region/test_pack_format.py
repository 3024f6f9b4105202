"""Packs of every format: an old one opens and answers, a newer one is refused with the mend."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

import welcomemap as wm
from welcomemap.errors import PackError
from welcomemap.region.pack import FORMAT, load_pack
from welcomemap.region.verify import check_pack, seal_pack

OLD_PACK = Path(__file__).with_name("pack-0.1.0.zip")
"""Rechteckstadt (see :mod:`tests.worlds`) as the tests of version 0.1.0 wrote it."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with zipfile.ZipFile(OLD_PACK) as archive:
        archive.extractall(tmp_path / "old")
    return tmp_path / "old"


def state_format(folder: Path, value: object) -> None:
    path = folder / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(manifest | {"format": value}), "utf-8")


def test_a_pack_of_0_1_0_opens_and_answers(old: Path) -> None:
    region = wm.open_region(old)
    assert region.pack.format == 1
    # One person lives in each 100 m cell: 400 in each district; 3 has no site in the later list.
    assert region.districts["residents"].tolist() == [400, 400, 400]
    assert region.gaps("2025").districts.query("located_unserved").index.tolist() == [3]
    assert region.nearest("Hauptstraße 100", k=1)["id"].tolist() == ["a2"]
    assert region.coverage("2025", "500m").iloc[0]["total"] == 1200
    assert region.site("mclp", 1, scenario="2025").status == "optimal"
    assert check_pack(region.pack).ok


def test_sealing_brings_an_old_manifest_up_to_date_and_leaves_the_layers(old: Path) -> None:
    layers = {p.name: p.read_bytes() for p in old.iterdir() if p.name != "datapackage.json"}
    before = wm.open_region(old).coverage("2025", "500m")["covered"].tolist()
    seal_pack(load_pack(old))
    assert load_pack(old).format == FORMAT
    assert {name: (old / name).read_bytes() for name in layers} == layers
    assert wm.open_region(old).coverage("2025", "500m")["covered"].tolist() == before
    assert check_pack(load_pack(old)).ok


def test_a_newer_format_is_refused_with_the_mend(old: Path) -> None:
    state_format(old, FORMAT + 1)
    with pytest.raises(PackError, match=r"has format 3, .* up to 2 .*Install a newer version"):
        load_pack(old)


@pytest.mark.parametrize("value", [0, -1, "2", 1.5, True, None, [2]])
def test_a_format_that_is_no_version_is_damage(old: Path, value: object) -> None:
    state_format(old, value)
    with pytest.raises(PackError, match="format is not the number of a version"):
        load_pack(old)
