"""Whatever is wrong with a file, a disk or a run, it is named and nothing is left half written."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases import long
from tests.ingest.large_extract import write_large_extract
from tests.ingest.test_town import to_degrees, write_town
from welcomemap.cli import run
from welcomemap.ingest.look import write_recipe
from welcomemap.ingest.town import build_town

STEPS = ("areas", "extract", "people", "streets", "sites")
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from welcomemap.ingest.town import build_town

def kill(step, done):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

build_town(Path(sys.argv[1]), Path(sys.argv[2]), tell=kill)
"""
ON_A_FULL_DISK = """
import resource, sys
from welcomemap.cli import run
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(run(sys.argv[2:]))
"""
MEASURED = """
import sys
from pathlib import Path
from welcomemap.cli import run
status = run(sys.argv[1:])
told = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(int(told) * 1024)
sys.exit(status)
"""
MEMORY_BYTES = 2_000_000_000
EXTRACT_BYTES = 500_000_000


def run_program(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program with this checkout, apart from the memory and the limits of the tests."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], check=False, capture_output=True, text=True,
        env={**os.environ, "LANGUAGE": "en", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


def content_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Return a folder with the files of a town and, in ``new``, its recipe."""
    write_recipe(tmp_path / "new", "Erfundenhausen", write_town(tmp_path))
    return tmp_path


@pytest.mark.parametrize("step", [STEPS[1], *[long(s) for s in STEPS if s != STEPS[1]]])
def test_a_run_that_is_killed_leaves_the_older_pack(town: Path, step: str) -> None:
    recipe, pack = town / "new" / "recipe.toml", town / "pack"
    build_town(recipe, pack)
    grid = town / "grid.csv"
    grid.write_text(grid.read_text("utf-8").replace(";12\n", ";13\n"), "utf-8")
    before = content_of(pack)
    done = run_program(KILLED_AT, str(recipe), str(pack), step)
    assert done.returncode == -9, done.stderr
    assert content_of(pack) == before
    build_town(recipe, pack)
    clean = build_town(recipe, town / "clean").folder
    assert content_of(pack) == content_of(clean) != before
    assert [path.name for path in town.iterdir() if ".fresh-" in path.name] == []


@pytest.mark.parametrize("limit", [0, 1000])
def test_a_full_disk_leaves_the_older_pack(town: Path, limit: int) -> None:
    """No file may grow beyond a limit: the first one, the manifest or a layer fails."""
    recipe, pack = town / "new" / "recipe.toml", town / "pack"
    build_town(recipe, pack)
    before = content_of(town)
    done = run_program(ON_A_FULL_DISK, str(limit), "data", "build", str(recipe), "--out", str(pack))
    assert content_of(town) == before
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("welcomemap: ")
    assert "File too large" in line


def cut(town: Path) -> None:
    path = town / "town.osm"
    path.write_bytes(path.read_bytes()[:1500])


def make_folder(name: str) -> Callable[[Path], None]:
    def change(town: Path) -> None:
        (town / name).unlink()
        (town / name).mkdir()

    return change


def empty(name: str) -> Callable[[Path], None]:
    return lambda town: (town / name).write_bytes(b"") and None


@pytest.mark.parametrize(
    ("change", "file"),
    [
        (cut, "town.osm"),
        *[(make_folder(n), n) for n in ("town.osm", "districts.geojson", "grid.csv", "points.csv")],
        *[(empty(n), n) for n in ("town.osm", "districts.geojson", "grid.csv", "points.csv")],
    ],
)
def test_a_file_that_cannot_be_read_is_named_by_both_commands(
    town: Path, change: Callable[[Path], None], file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(town)
    before = content_of(town)
    given = ["--osm", "town.osm", "--districts", "districts.geojson", "--grid", "grid.csv",
             "--sites", "points.csv"]  # fmt: skip
    files = [str(town / word) if "." in word else word for word in given]
    for command in (
        ["data", "new", str(town / "again"), "--name", "X", *files],
        ["data", "build", str(town / "new" / "recipe.toml"), "--out", str(town / "pack")],
    ):
        assert run(command) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert file in line
        assert content_of(town) == before
        assert not (town / "pack").exists()
        assert not (town / "again").exists()


@pytest.mark.parametrize(
    "file", ["../../../etc/nothing", "a\\u0000b", "a" * 400, "/dev/zero", "/", "."]
)
def test_a_name_that_is_no_file_is_refused(
    town: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = town / "new" / "recipe.toml"
    text = recipe.read_text("utf-8")
    recipe.write_text(text.replace('"../points.csv"', f'"{file}"'), "utf-8")
    assert run(["data", "build", str(recipe), "--out", str(town / "pack")]) == 2
    assert "there is no file" in capsys.readouterr().err
    assert not (town / "pack").exists()


# --- what is shown of a run ---


def run_on_terminal(*arguments: str) -> tuple[str, str]:
    """Return what a command prints in a pipe, and on standard error that is a terminal."""
    master, slave = pty.openpty()
    code = "import sys\nfrom welcomemap.cli import run\nsys.exit(run(sys.argv[1:]))"
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.PIPE,
        stderr=slave, text=True, env={**os.environ, "TERM": "xterm", "LANGUAGE": "en",
                                      "COLUMNS": "120", "PYTHONPATH": path},
    )  # fmt: skip
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 1 << 16):
            shown += chunk
    except OSError:  # Linux says so where the other end is closed
        pass
    os.close(master)
    return done.stdout, shown.decode("utf-8")


def test_progress_is_shown_on_a_terminal_alone(town: Path) -> None:
    made = ["data", "build", str(town / "new" / "recipe.toml"), "--out", str(town / "pack")]
    printed, shown = run_on_terminal(*made)
    assert "the OpenStreetMap extract" in shown
    assert "OpenStreetMap extract" not in printed
    assert "demand_cells" in printed
    printed, shown = run_on_terminal(*made, "--json")
    assert json.loads(printed)["layers"]
    assert shown == ""


# --- large ---


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it this way")
def test_a_regional_extract_is_read_within_memory(town: Path) -> None:
    extract = town / "region.osm.pbf"
    write_large_extract(extract, EXTRACT_BYTES, to_degrees(-300, -300))
    assert extract.stat().st_size == pytest.approx(EXTRACT_BYTES, rel=0.02)
    recipe = town / "new" / "recipe.toml"
    recipe.write_text(recipe.read_text("utf-8").replace("town.osm", extract.name), "utf-8")
    shutil.rmtree(town / "pack", ignore_errors=True)
    done = run_program(MEASURED, "data", "build", str(recipe), "--out", str(town / "pack"))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) < MEMORY_BYTES
