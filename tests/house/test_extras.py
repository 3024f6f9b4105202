"""The core works without the extras, and what needs one says which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from packaging.requirements import Requirement

from tests.house.checkout import ROOT
from welcomemap.extras import MODULES, Extra

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DECLARED = PROJECT["project"]["optional-dependencies"]
MODULE_OF = PROJECT["tool"]["deptry"]["package_module_name_map"]
ABSENT = {*MODULES["app"], *MODULES["ingest"], *MODULES["raster"], "lxml", "PIL"}
"""With two packages that came along with these: nothing may have got used to them."""

REFUSE = """
import sys

class Refuser:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refuser())
"""
COMMAND = "from welcomemap.cli import main\nmain()\n"
RUN_ALL = """
import json
from welcomemap.cli import run

for command in json.loads(sys.argv[1]):
    assert run([*command, "--json"]) == 0, command
    print(end="\\f", flush=True)
"""
IMPORT_EVERY_ROOM = """
import importlib, pkgutil, welcomemap
from welcomemap.errors import MissingExtraError
needing = set()

def note(name):
    global needing
    error = sys.exc_info()[1]
    assert isinstance(error, MissingExtraError), (name, error)
    needing.add(name)

for module in pkgutil.walk_packages(welcomemap.__path__, "welcomemap.", onerror=note):
    if module.name == "welcomemap.__main__":
        continue
    try:
        importlib.import_module(module.name)
    except MissingExtraError:
        needing.add(module.name)
print(*sorted(needing))
"""
NEEDING = {
    "pages", "ingest.extract", "ingest.fetch", "ingest.ground", "ingest.look", "ingest.refresh",
    "ingest.town", "ingest.update",
    "travel.osm", "report.drawing", "report.fonts",
    "report.map_content", "report.print_map", "report.text_document", "report.typesetting",
}  # fmt: skip
WORKING = (
    ("geocode", "--address", "Marktplatz 1"),
    ("suggest", "köl 26"),
    ("nearest", "Merowingerstr. 20"),
    ("gaps",),
    ("coverage",),
    ("diff", "2019", "2026"),
    ("site", "--model", "mclp", "--p", "1", "--no-sensitivity"),
    ("compare", "hdk-446", "hdk-york"),
    ("map", "--out", "map.html"),
    ("report", "--out", "tables.csv", "--format", "xlsx,geojson,gpkg"),
    ("replay", "tables.study.json", "--out", "again.csv"),
    ("data", "check"),
)


def run_without(
    absent: set[str], code: str, *arguments: str, folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program as if some packages were not installed."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-c", REFUSE.format(absent=absent) + code, *arguments], cwd=folder,
        check=False, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "LANGUAGE": "en"},
    )  # fmt: skip


def name_module(requirement: str) -> str:
    name = Requirement(requirement).name
    return str(MODULE_OF.get(name, name))


def test_the_extras_of_the_code_are_those_of_the_project() -> None:
    assert DECLARED.keys() == {*MODULES, "all"}
    assert set(get_args(Extra)) == MODULES.keys()
    for extra, modules in MODULES.items():
        named = {name_module(text) for text in DECLARED[extra]} - {"welcomemap"}
        along = [Requirement(text).extras for text in DECLARED[extra] if "welcomemap[" in text]
        brought = {module for more in along for name in more for module in MODULES[name]}  # type: ignore[index]
        assert set(modules) == named | brought
    (everything,) = map(Requirement, DECLARED["all"])
    assert everything.extras == set(MODULES)


def test_every_room_of_the_core_is_imported_without_the_extras(tmp_path: Path) -> None:
    ran = run_without(ABSENT, IMPORT_EVERY_ROOM, folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    found = {name.removeprefix("welcomemap.") for name in ran.stdout.split()}
    assert found == NEEDING


def test_the_core_answers_without_the_extras(tmp_path: Path) -> None:
    ran = run_without(ABSENT, RUN_ALL, json.dumps(WORKING), folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    answers = ran.stdout.split("\f")[:-1]
    assert len(answers) == len(WORKING)
    assert all(map(json.loads, answers))


@pytest.mark.parametrize(
    ("command", "lacking", "extra"),
    [
        (("serve",), {"streamlit"}, "app"),
        (("serve",), {"typst"}, "app"),
        (("data", "update", "--out", "pack"), {"osmium"}, "ingest"),
        (("data", "new", "folder", "--name", "X"), {"h3"}, "ingest"),
    ],
    ids=lambda value: "_".join(sorted(value)) if isinstance(value, set) else None,
)
def test_a_command_without_its_extra_says_which(
    command: tuple[str, ...], lacking: set[str], extra: str, tmp_path: Path
) -> None:
    ran = run_without(lacking, COMMAND, *command, folder=tmp_path)
    name = " ".join(command[: 2 if command[0] == "data" else 1])
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == (
        f"welcomemap: welcomemap {name} needs the extra {extra}. "
        f"Install it with: pip install 'welcomemap[{extra}]'.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "lacking", "forms"),
    [
        (("report", "--out", "paper.pdf"), {"typst"}, "pdf"),
        (("report", "--out", "paper.docx"), {"docx"}, "docx"),
        (("report", "--out", "paper.csv", "--format", "png,xlsx,svg"), {"matplotlib"}, "png, svg"),
        (("replay", "a.study.json", "--out", "paper.pdf"), {"matplotlib"}, "pdf"),
    ],
    ids=["pdf", "docx", "pictures", "replay"],
)
def test_a_form_without_its_extra_says_which_forms_need_none(
    command: tuple[str, ...], lacking: set[str], forms: str, tmp_path: Path
) -> None:
    ran = run_without(lacking, COMMAND, *command, folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"welcomemap: a paper as {forms} needs the extra paper. Install it with: "
        "pip install 'welcomemap[paper]'; csv, xlsx, geojson, gpkg need none.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_tables_and_layers_are_the_same_without_the_extra(tmp_path: Path) -> None:
    """And what was made without it is repeated with it, byte for byte, without a warning."""
    bare, whole = tmp_path / "bare", tmp_path / "whole"
    for folder, absent in ((bare, ABSENT), (whole, set[str]())):
        folder.mkdir()
        ran = run_without(absent, COMMAND, "report", "--out", "t.csv", "--format",
                          "xlsx,geojson,gpkg", folder=folder)  # fmt: skip
        assert ran.returncode == 0, ran.stderr
    names = sorted(path.name for path in whole.iterdir())
    assert {Path(name).suffix for name in names} == {".csv", ".xlsx", ".geojson", ".gpkg", ".json"}
    assert names == sorted(path.name for path in bare.iterdir())
    for name in names:
        if not name.endswith(".study.json"):
            assert (bare / name).read_bytes() == (whole / name).read_bytes(), name
    again = run_without(set(), COMMAND, "replay", str(bare / "t.study.json"), "--out", "t2.csv",
                        folder=tmp_path)  # fmt: skip
    assert (again.returncode, again.stderr) == (0, "")


def test_it_is_said_in_german_too(tmp_path: Path) -> None:
    told = run_without(
        {"typst"}, COMMAND, "report", "--out", "paper.pdf", "--lang", "de", folder=tmp_path
    )
    assert told.stderr == (
        "welcomemap: ein Papier als pdf braucht das Extra paper. Installieren Sie es mit: "
        "pip install 'welcomemap[paper]'; csv, xlsx, geojson, gpkg brauchen keines.\n"
    )


def test_building_a_pack_needs_no_extra(tmp_path: Path) -> None:
    """Raw files of another folder are missing; what reads them is there."""
    ran = run_without(ABSENT, COMMAND, "data", "build", "--raw", "raw", "--out", "pack",
                      folder=tmp_path)  # fmt: skip
    assert ran.returncode == 2
    assert "extra" not in ran.stderr
    assert "raw" in ran.stderr


@pytest.mark.long
def test_the_core_alone_is_installed_and_answers(tmp_path: Path) -> None:
    home = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip = [home / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, "--constraint", pins(tmp_path), str(ROOT)], check=True)
    listed = subprocess.run(
        [home / "bin" / "python", "-c", "from importlib.metadata import distributions as d\n"
         "print(*(one.name.lower() for one in d()))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    extra = {Requirement(text).name for texts in DECLARED.values() for text in texts}
    assert set(listed.stdout.split()) & (extra - {"welcomemap"}) == set()
    bare = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "WELCOMEMAP_PACK")}
    for command in WORKING:
        ran = subprocess.run(
            [home / "bin" / "welcomemap", *command, "--json"], cwd=tmp_path, check=False,
            env=bare, capture_output=True, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, (command, ran.stderr)
        assert json.loads(ran.stdout)
    ran = subprocess.run(
        [home / "bin" / "welcomemap", "serve"], cwd=tmp_path, check=False, env=bare,
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "welcomemap[app]" in ran.stderr


def pins(folder: Path) -> Path:
    """Write the locked versions without their hashes, as constraints."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    kept = [line.removesuffix("\\").strip() for line in lines if "==" in line]
    path = folder / "pins.txt"
    path.write_text("\n".join(kept) + "\n", "utf-8")
    return path
