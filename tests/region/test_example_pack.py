"""The pack of docs/region-pack.md: written by hand, sealed, checked, and asked by every command."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from welcomemap.cli import run
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import check_pack, seal_pack

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "region-pack.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("welcomemap ")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = Path(shutil.copytree(DOCS / "example-pack", tmp_path / "docs" / "example-pack"))
    shutil.copy(DOCS / "changed-sites.csv", copied.parent)
    return copied


def read(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return value


def test_the_guide_shows_every_kind_of_command() -> None:
    shown = {command.split()[1] for command in COMMANDS}
    assert {"data", "gaps", "coverage", "geocode", "nearest", "site", "compare", "map"} <= shown


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide_works(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parents[1])
    assert run(shlex.split(command)[1:]) == 0


def test_figures_worked_by_hand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gaps", "--pack", str(folder), "--json"]) == 0
    west, east = json.loads(capsys.readouterr().out)["districts"]
    assert (west["residents"], west["sites_located"], west["located_unserved"]) == (1200, 1, False)
    assert (east["residents"], east["sites_located"], east["located_unserved"]) == (800, 0, True)
    assert east["stated_elsewhere"] == ["rathaus"]


def test_an_edit_is_found_then_sealed(folder: Path) -> None:
    path = folder / "service_points.csv"
    second = "schule,Beratung in der Schule,Verein,Bahnhofstraße 2,2,open,2026,,Beschluss,2026,"
    path.write_text(f"{path.read_text('utf-8')}{second}51.0059,9.0161\n", "utf-8")
    before = {layer.name: layer.problems for layer in check_pack(load_pack(folder)).layers}
    assert [name for name, problems in before.items() if problems] == ["service_points"]
    assert "welcomemap data seal" in " ".join(map(str, before["service_points"]))
    sealed = {layer.name: layer for layer in seal_pack(load_pack(folder))}
    assert [name for name, layer in sealed.items() if layer.is_changed] == ["service_points"]
    assert sealed["service_points"].rows == 2
    assert check_pack(load_pack(folder)).ok


def test_sealing_changes_nothing_but_what_files_are(folder: Path) -> None:
    before = (folder / "datapackage.json").read_bytes()
    assert not any(layer.is_changed for layer in seal_pack(load_pack(folder)))
    assert (folder / "datapackage.json").read_bytes() == before
    manifest = read(folder)
    assert {"rows", "row_count"} & manifest["resources"][0].keys() == {"row_count"}


def test_a_pack_with_a_missing_file_is_not_sealed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "datapackage.json").read_bytes()
    (folder / "quarters.geojson").unlink()
    assert run(["data", "seal", "--pack", str(folder)]) == 2
    assert "quarters" in capsys.readouterr().err
    assert (folder / "datapackage.json").read_bytes() == before


def test_sealing_does_not_hide_a_fault(folder: Path) -> None:
    path = folder / "districts.geojson"
    path.write_text(
        path.read_text("utf-8").replace('"residents": 800', '"residents": 801'), "utf-8"
    )
    seal_pack(load_pack(folder))
    assert not check_pack(load_pack(folder)).ok


SHOWN = re.findall(r"^welcomemap: .*$", GUIDE, re.MULTILINE)


def test_a_damaged_layer_says_what_the_guide_shows_and_stops_what_needs_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "demand_cells.geojson"
    path.write_bytes(path.read_bytes() + b" ")
    assert run(["gaps", "--pack", str(folder)]) == 2
    assert capsys.readouterr().err.splitlines() == SHOWN
    assert run(["geocode", "--address", "Marktplatz 3", "--pack", str(folder)]) == 0
    assert run(["data", "check", "--pack", str(folder)]) == 1


def test_without_addresses_coverage_answers_as_the_guide_says(folder: Path) -> None:
    (folder / "addresses.geojson").unlink()
    for command in ("gaps", "coverage"):
        assert run([command, "--pack", str(folder)]) == 0
    assert run(["geocode", "--address", "Marktplatz 3", "--pack", str(folder)]) == 2


def test_an_optional_layer_can_be_taken_out_as_the_guide_says(folder: Path) -> None:
    path = folder / "datapackage.json"
    manifest = read(folder)
    manifest["resources"] = [r for r in manifest["resources"] if r["name"] != "candidate_sites"]
    path.write_text(json.dumps(manifest), "utf-8")
    assert run(["gaps", "--pack", str(folder)]) == 2
    assert run(["data", "seal", "--pack", str(folder)]) == 0
    assert run(["data", "check", "--pack", str(folder)]) == 0
    assert run(["gaps", "--pack", str(folder)]) == 0


@pytest.mark.parametrize("names", [("x", "y"), ("lon", "lat")])
def test_the_geometry_says_where_an_address_is_and_columns_do_not(
    folder: Path, names: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["geocode", "--address", "Marktplatz 3", "--json", "--pack", str(folder)]
    assert run(command) == 0
    before = capsys.readouterr().out
    path = folder / "addresses.geojson"
    layer = json.loads(path.read_text("utf-8"))
    for feature in layer["features"]:
        feature["properties"] |= dict(zip(names, (8.0, 50.0), strict=True))
    path.write_text(json.dumps(layer), "utf-8")
    seal_pack(load_pack(folder))
    assert run(command) == 0
    assert capsys.readouterr().out == before
    problems = " ".join(str(p) for x in check_pack(load_pack(folder)).layers for p in x.problems)
    assert f"{names[0]} and {names[1]} say another place" in problems
