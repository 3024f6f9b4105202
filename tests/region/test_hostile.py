"""No layer opens another file, asks a host, changes an answer unseen or ends in a raw error."""

from __future__ import annotations

import json
import random
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.fuzz import flip_bit
from tests.house.canary import TEXTS
from tests.house.checkout import ROOT
from tests.region import hostile
from tests.worlds import record_hashes
from welcomemap import cli
from welcomemap.errors import HashMismatchError, InputError, PackError, TooLargeError
from welcomemap.pages.__main__ import main as serve_pages
from welcomemap.region.areas import check_district_layer
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.verify import check_pack, unpack_pack

CASES = ROOT.parent / "shared" / "cases" / "security"
GEOCODE = ("geocode", "--address", "Hauptstraße 300", "--json")


@pytest.fixture
def tiny(tiny_pack: RegionPack, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_pack.folder, tmp_path / "pack"))


def redirect(folder: Path, layer: str, name: str, content: bytes) -> None:
    """Let a layer be another file."""
    path = folder / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    for resource in manifest["resources"]:
        if resource["name"] == layer:
            resource["path"] = name
    path.write_text(json.dumps(manifest), "utf-8")
    (folder / name).write_bytes(content)
    record_hashes(folder)


@pytest.mark.parametrize("suffix", [".geojson", ".parquet", ".csv"])
@pytest.mark.parametrize("kind", ["vrt", "gdalg", "entity", "csv", "crs grid"])
def test_no_layer_opens_a_file_or_asks_a_host(
    tiny: Path, kind: str, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = tiny.parent / "secret.csv"
    secret.write_text("district,name\n1,canary-5b1f\n", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        content = TEXTS[kind].replace("@FILE", str(secret)).replace("@URL", url).encode()
        layer = check_district_layer(load_pack(tiny), write(tiny.parent / "own.geojson", content))
        redirect(tiny, "districts", f"other{suffix}", content)
        result = check_pack(load_pack(tiny))
        status = cli.run(["coverage", "--json", "--pack", str(tiny)])
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert not layer.ok
    assert not result.ok
    assert status == 2
    said = "".join(capfd.readouterr()) + repr(layer) + repr(result)
    assert "canary-5b1f" not in said


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "name",
    ["districts.json", "d.vrt", "d.gpkg", "d.shp", "d", "../d.geojson", "/etc/d.csv", "d.geojson\0",
     "a" * 300 + ".csv", "/vsicurl/http://127.0.0.1/d.geojson", "d.geojson/"],
)  # fmt: skip
def test_a_file_of_another_kind_or_place_is_no_layer(tiny: Path, name: str) -> None:
    path = tiny / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["resources"][0]["path"] = name
    path.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InputError):
        load_pack(tiny).verify()


@pytest.mark.parametrize("crs", ["+proj=utm +zone=32 +nadgrids=/dev/zero", "+init=/etc/passwd:x"])
def test_a_region_names_its_crs_by_a_code(tiny: Path, crs: str) -> None:
    path = tiny / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["region"]["crs"] = crs
    path.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(PackError, match="crs"):
        load_pack(tiny)


def test_a_flipped_bit_is_named_or_changes_nothing(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20)  # noqa: S311 - no secret
    assert cli.run([*GEOCODE, "--pack", str(tiny)]) == 0
    answer = capsys.readouterr().out
    pack = load_pack(tiny)
    for resource in pack.manifest["resources"]:
        path = tiny / resource["path"]
        sound = path.read_bytes()
        path.write_bytes(flip_bit(sound, chance))
        with pytest.raises(HashMismatchError):
            pack.read_bytes(resource["name"])
        status = cli.run([*GEOCODE, "--pack", str(tiny)])
        told = capsys.readouterr()
        assert (status, told.out) in ((0, answer), (2, "")), path.name
        assert told.err.count("\n") == (1 if status else 0)
        path.write_bytes(sound)


@pytest.mark.parametrize("layer", ["lines", "line_stops", "site_history"])
def test_a_damaged_layer_stops_only_what_needs_it(tiny: Path, layer: str) -> None:
    (tiny / f"{layer}.csv").write_text("x", "utf-8")
    assert cli.run([*GEOCODE, "--pack", str(tiny)]) == 0


def test_the_server_says_that_a_pack_is_damaged_before_it_starts(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "lines.csv").write_text("x", "utf-8")
    monkeypatch.setenv("WELCOMEMAP_PACK", str(tiny))
    with pytest.raises(SystemExit) as left:
        serve_pages()
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_rows_are_counted_before_they_are_read(tiny: Path) -> None:
    rows = pa.table({"district": pa.array([1], pa.int8()).take(pa.array([0] * 3_000_001))})
    pq.write_table(rows, tiny / "addresses.parquet")
    record_hashes(tiny)
    with pytest.raises(TooLargeError, match="rows"):
        _ = load_pack(tiny).addresses


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases lie beside the checkout")
def test_columns_x_and_y_place_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = (CASES / "addresses-with-x-y-columns.pack.zip").read_bytes()
    folder = unpack_pack(content, tmp_path)
    command = ["geocode", "--address", "Marktplatz 3", "--json", "--pack", str(folder)]
    assert cli.run(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["lat"], found["lon"]) == pytest.approx((51.0051, 9.0064), abs=1e-6)
    assert not check_pack(load_pack(folder)).ok


SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "deep": lambda _: b"[" * 100_000,
    "huge": lambda text: text.replace(b'"district": 1,', b'"district": 1' + b"0" * 400 + b","),
    "utf-16": lambda text: text.decode().encode("utf-16"),
    "nan": lambda text: text.replace(b'"district": 1,', b'"district": NaN,'),
    "null": lambda text: text.replace(b'"district": 1,', b'"district": null,'),
    "list": lambda text: text.replace(b'"district": 1,', b'"district": [1],'),
    "negative": lambda text: text.replace(b'"residents": ', b'"residents": -'),
    "twice": lambda text: text.replace(b'"district": 1,', b'"district": 1, "district": 1,'),
    "type of dict": lambda text: text.replace(b'"Polygon"', b'{"type": "Point"}'),
    "type of list": lambda text: text.replace(b'"Polygon"', b"[]"),
    "type": lambda text: text.replace(b'"Polygon"', b'"Point"'),
    "no geometry": lambda text: text.replace(b'"geometry"', b'"shape"'),
    "many": lambda text: text.replace(b'"district": 2,', b'"district": 1,'),
}


@pytest.mark.parametrize("kind", SPOILS)
def test_a_spoiled_layer_is_named_and_the_check_goes_on(
    tiny: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny / "districts.geojson"
    spoiled = SPOILS[kind](path.read_bytes())
    assert spoiled != path.read_bytes()
    path.write_bytes(spoiled)
    record_hashes(tiny)
    result = check_pack(load_pack(tiny))
    assert next(layer.name for layer in result.layers if not layer.ok) == "districts"
    assert len(result.layers) == len(load_pack(tiny).manifest["resources"])
    assert cli.run(["coverage", "--json", "--pack", str(tiny)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("seed", [0])
def test_damage_that_the_manifest_records_ends_in_named_errors(
    tiny: Path, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, name in hostile.damaged_packs(tiny, tmp_path / "p", seed, 3, is_sealed=True):
        for command in hostile.COMMANDS[:6]:
            status = hostile.run(command, folder)
            told = capsys.readouterr()
            assert status in (0, 1, 2, 3), name
            assert status < 2 or len(told.err.splitlines()) >= 1, name
