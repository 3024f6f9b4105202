"""No file that somebody gives opens another one, asks a host, or says what is run."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cases import long
from tests.house.checkout import ROOT

SOURCES = sorted((ROOT / "src").rglob("*.py"))
UNBOUNDED = {"extractall", "unpack_archive", "eval", "exec"}
"""Methods that unpack whatever an archive names, or run what a text says."""
UPLOAD_READERS = {
    "read_table", "read_study", "check_zipped_pack", "check_district_file",
    "geocode_sheet", "geocode_frame", "load_own_scenario", "geocode_own_table",
    "try_questions",
}  # fmt: skip


def run_canary(*arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.house.canary", *arguments], cwd=ROOT, check=False,
        capture_output=True, text=True, timeout=600,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("how", "least"), [(("short",), 300), long((), 2_000)])
def test_nothing_that_takes_a_file_opens_another_or_asks_a_host(
    tmp_path: Path, how: tuple[str, ...], least: int
) -> None:
    looked = run_canary(str(tmp_path / "c"), *how)
    assert looked["faults"] == []
    assert looked["count"] > least


def test_the_watch_sees_what_it_watches_for(tmp_path: Path) -> None:
    faults = " ".join(run_canary(str(tmp_path / "c"), "opening")["faults"])
    assert "secret.csv" in faults
    assert "socket.connect" in faults
    assert "a host was asked" in faults
    if sys.platform == "linux":
        assert "the secret was opened by a library" in faults


@pytest.mark.parametrize(
    "code",
    ["import geopandas as gpd\ngpd.read_file('x')", "from geopandas import read_file",
     "import pyogrio\npyogrio.read_dataframe('x')", "import pyogrio\npyogrio.list_layers('x')",
     "from pyogrio.raw import read", "import pandas as pd\npd.read_excel('x')",
     "import pandas as pd\npd.read_xml('x')", "from pandas import read_html",
     "import pandas as pd\npd.read_pickle('x')", "import pandas as pd\npd.eval('x')",
     "import pickle", "from pickle import loads", "import yaml", "from osgeo import ogr",
     "import fiona", "import tarfile", "import shelve"],
)  # fmt: skip
def test_lint_refuses_what_lets_a_file_choose(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251",
         "--stdin-filename", "src/welcomemap/new.py", "-"],
        cwd=ROOT, check=False, capture_output=True, text=True, input=f"{code}\n",
    )  # fmt: skip
    assert "TID251" in done.stdout


def test_lint_passes_over_this_rule_in_one_place() -> None:
    users = {path.name for path in SOURCES if "noqa: TID251" in path.read_text("utf-8")}
    assert users == {"limits.py"}


def called(tree: ast.AST) -> list[tuple[str, int]]:
    return [
        (call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id, call.lineno)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute | ast.Name)
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_is_unpacked_or_run_as_it_names_itself(path: Path) -> None:
    found = [call for call in called(ast.parse(path.read_text("utf-8"))) if call[0] in UNBOUNDED]
    assert found == []


def test_gdal_is_used_to_write_one_format() -> None:
    using = {path.name for path in SOURCES if "import pyogrio" in path.read_text("utf-8")}
    assert using == {"gis.py"}


def test_the_guard_against_it_sees_it() -> None:
    names = {name for name, _ in called(ast.parse("archive.extractall(x)\neval('1')"))}
    assert names == {"extractall", "eval"}


def test_the_pages_read_what_visitors_send_within_bounds_only() -> None:
    """They hand the reader to ``run_limited`` and never call it in the server's own process."""
    for path in (ROOT / "src" / "welcomemap" / "pages").rglob("*.py"):
        found = {name for name, _ in called(ast.parse(path.read_text("utf-8")))}
        assert not found & UPLOAD_READERS, path.name
