"""The wheel carries everything: installed elsewhere, it answers from its embedded pack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.house.checkout import ROOT, tracked_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("welcomemap-*.whl")
    return built


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs' folder of an environment with the wheel in it.

    The packages it needs are borrowed from the present environment: no network, no waiting.
    """
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        home,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        wheel,
    ]
    subprocess.run(install, check=True, capture_output=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return home / "bin"


def run(command: list[Path | str], folder: Path) -> str:
    hidden = ("WELCOMEMAP_PACK", "PYTHONPATH", "WELCOMEMAP_RAW")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    ran = subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_wheel_holds_the_words_compiled(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        texts = [name for name in names if name.endswith(".po")]
        compiled = {
            f"{name.removesuffix('.po')}.{zlib.crc32(archive.read(name)):08x}.mo" for name in texts
        }
    assert len(texts) >= 5
    assert {name for name in names if name.endswith(".mo")} == compiled


@pytest.mark.parametrize(
    "name",
    [
        "welcomemap/py.typed",
        "welcomemap/ingest/sources.toml",
        "welcomemap/_embedded/app.py",
        "welcomemap/_embedded/NOTICE",
        "welcomemap/_embedded/.streamlit/config.toml",
        "welcomemap/_embedded/geodata/datapackage.json",
    ],
)
def test_the_wheel_holds(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    source = ROOT / "src"
    tracked = {str(p.relative_to(source)) for p in tracked_files() if p.is_relative_to(source)}
    assert len(tracked) > 100
    assert tracked - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top.split("-")[0] for top in tops} == {"welcomemap"}


def test_the_installed_package_is_the_wheels(installation: Path, tmp_path: Path) -> None:
    code = "import welcomemap; print(welcomemap.__file__)"
    where = Path(run([installation / "python", "-c", code], tmp_path).strip())
    assert where.is_relative_to(installation.parent)


def test_the_installed_command_tells_its_version(installation: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    told = run([installation / "welcomemap", "--version"], tmp_path)
    assert told == f"welcomemap {project['version']}\n"


def test_the_installed_server_starts_and_is_healthy(installation: Path, tmp_path: Path) -> None:
    """The step that the workflow runs on Windows and macOS."""
    run([sys.executable, ROOT / ".ci" / "ask_server.py", installation / "welcomemap"], tmp_path)


def test_the_installed_command_answers_from_its_embedded_pack(
    installation: Path, tmp_path: Path
) -> None:
    command = [installation / "welcomemap", "gaps", "--scenario", "2026", "--json"]
    answer = json.loads(run(command, tmp_path))
    unserved = {d["district"] for d in answer["districts"] if d["located_unserved"]}
    assert unserved == {7, 10}, "the register of 2026 has no Welcome Point in districts 7 and 10"
    assert len(answer["districts"]) == 10
    assert list(tmp_path.iterdir()) == []
