"""A wrong file of a town ends `data build` in one line that names it, the place and a mend."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import osmium
import pytest

from tests.ingest.test_town import write_town
from tests.ingest.test_town_faults import content_of
from welcomemap.cli import run
from welcomemap.ingest.look import write_recipe
from welcomemap.ingest.town import build_town

Spoil = Callable[[Path], object]
DISTRICTS, GRID, SITES, RECIPE = "districts.geojson", "grid.csv", "points.csv", "new/recipe.toml"
GRID_HEAD = "GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    recipe = write_recipe(folder / "new", "Erfundenhausen", write_town(folder)).path
    build_town(recipe, folder / "pack")
    return folder


def features(change: Callable[[list[dict[str, Any]]], object]) -> Spoil:
    def spoil(town: Path) -> None:
        drawn = json.loads((town / DISTRICTS).read_text("utf-8"))
        change(drawn["features"])
        (town / DISTRICTS).write_text(json.dumps(drawn), "utf-8")

    return spoil


def move(east: float, north: float) -> Spoil:
    def change(drawn: list[dict[str, Any]]) -> None:
        for one in drawn:
            (ring,) = one["geometry"]["coordinates"]
            one["geometry"]["coordinates"] = [[[x + east, y + north] for x, y in ring]]

    return features(change)


def draw(kind: str) -> Spoil:
    def change(drawn: list[dict[str, Any]]) -> None:
        for one in drawn:
            (ring,) = one["geometry"]["coordinates"]
            one["geometry"] = {"type": kind, "coordinates": ring if kind[0] == "L" else ring[0]}

    return features(change)


def swap(name: str, old: str, new: str, encoding: str = "utf-8") -> Spoil:
    def spoil(town: Path) -> None:
        text = (town / name).read_text("utf-8")
        assert old in text
        (town / name).write_bytes(text.replace(old, new, 1).encode(encoding))

    return spoil


def write(name: str, text: str) -> Spoil:
    return lambda town: (town / name).write_text(text, "utf-8")


CASES: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "metres": (move(360e3, 57e5), (f"{DISTRICTS}, row 1", "are metres", "EPSG:25832")),
    "eastings with a zone": (move(3236e4, 57e5), (f"{DISTRICTS}, row 1", "metres", "EPSG:4647")),
    "another continent": (
        swap(RECIPE, '"EPSG:25832"', '"EPSG:32722"'),
        ("EPSG:32722 is not in use", DISTRICTS, "Give the metric CRS of the town"),
    ),
    "grid of elsewhere": (
        write(GRID, GRID_HEAD + "CRS3035RES100mN2000000E3000000;3000050;2000050;5\n"),
        ("no cell of the file touches the town", GRID, "Give the grid of the town's own country"),
    ),
    "a number twice": (
        features(lambda drawn: drawn[1]["properties"].update(nr=1)),
        ("the number 1 is that of West", f"{DISTRICTS}, row 2", "a number of its own"),
    ),
    "lines": (draw("LineString"), (f"{DISTRICTS}, row 1", "no polygon", "Draw the area")),
    "points": (draw("Point"), (f"{DISTRICTS}, row 1", "no polygon", "Draw the area")),
    "Latin-1 districts": (
        swap(DISTRICTS, "West", "Wäst", "latin-1"), (DISTRICTS, "not UTF-8", "Save it as UTF-8"),
    ),
    "Latin-1 grid": (
        swap(GRID, "Einwohner", "Einwöhner", "latin-1"), (f"{GRID}, row 1", "not UTF-8", "UTF-8."),
    ),
    "no districts": (features(list.clear), (DISTRICTS, "holds no areas", "save it again")),
    "a list of heads": (write(SITES, "name,address\n"), (SITES, "no rows", "at least one row")),
    "a grid of heads": (write(GRID, GRID_HEAD), (GRID, "no rows", "as its publisher gives it")),
    "unknown key": (
        swap(RECIPE, "[region]", "[region]\nfoo = 1"), ("recipe.toml", "`foo`", "Correct the"),
    ),
    "wrong type": (
        swap(RECIPE, 'name = "Erfundenhausen"', "name = 3"),
        ("recipe.toml", "$.region.name", "Correct the recipe"),
    ),
}  # fmt: skip


OF_THE_RECIPE = ("another continent", "unknown key", "wrong type")
SETTLED = ("a number twice",)
"""What a written recipe settles: it takes no property as a number that two districts share."""


def spoil_town(built: Path, folder: Path, case: str) -> tuple[Path, tuple[str, ...]]:
    """Return a copy of the town with the fault of a case, and what is to be said of it."""
    spoil, told = CASES[case]
    town = folder / "town"
    shutil.copytree(built, town)
    spoil(town)
    return town, told


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_file_is_named_with_its_mend(
    built: Path, tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    town, told = spoil_town(built, tmp_path, case)
    before = content_of(town)
    assert run(["data", "build", str(town / RECIPE), "--out", str(town / "pack")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    for words in told:
        assert words in line
    # What mends a pack is no help for a file that the town gave.
    assert "build the pack again" not in line
    assert "Restore the" not in line
    assert content_of(town) == before


def ask_new(town: Path) -> int:
    return run([
        "data", "new", str(town / "made"), "--name", "Erfundenhausen",
        "--osm", str(town / "town.osm"), "--districts", str(town / DISTRICTS),
        "--grid", str(town / GRID), "--sites", str(town / SITES),
    ])  # fmt: skip


@pytest.mark.parametrize("case", [name for name in CASES if name not in OF_THE_RECIPE])
def test_a_wrong_file_is_named_when_the_recipe_is_written_or_when_the_pack_is(
    built: Path, tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No recipe is written of a file that cannot be read; what only a build can see, it tells."""
    town, told = spoil_town(built, tmp_path, case)
    status = ask_new(town)
    line = capsys.readouterr().err
    if status == 2:
        assert not (town / "made").exists()
    else:
        assert (status, line) == (0, "")
        status = run(["data", "build", str(town / "made" / "recipe.toml"),
                      "--out", str(town / "pack")])  # fmt: skip
        line = capsys.readouterr().err
    if case in SETTLED:
        assert status == 0
        return
    assert status == 2
    assert len(line.splitlines()) == 1
    for words in told:
        assert words in line


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def to_pbf(town: Path) -> Path:
    path = town / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for element in osmium.FileProcessor(town / "town.osm"):
            writer.add(element)
    return path


@pytest.mark.parametrize("command", ["new", "build"])
@pytest.mark.parametrize("name", ["town.osm", "town.osm.pbf"])
def test_an_extract_that_was_cut_off_is_named(
    built: Path, tmp_path: Path, name: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    town = tmp_path / "town"
    shutil.copytree(built, town)
    if name.endswith("pbf"):
        to_pbf(town)
        swap(RECIPE, "town.osm", "town.osm.pbf")(town)
    cut(town / name)
    before = content_of(town)
    arguments = ["data", "build", str(town / RECIPE), "--out", str(town / "pack")]
    if command == "new":
        arguments = ["data", "new", str(town / "made"), "--name", "X", "--osm", str(town / name)]
    assert run(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert name in line
    assert "ownload" in line
    assert content_of(town) == before


def test_the_extract_of_another_town_is_refused(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The districts lie where the extract holds nothing."""
    town = tmp_path / "town"
    shutil.copytree(built, town)
    move(0.5, 0.0)(town)
    assert run(["data", "build", str(town / RECIPE), "--out", str(town / "pack")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "town.osm" in line or GRID in line
