"""Imports point down, and importing the package costs little."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

HEAVY = {
    "streamlit",
    "folium",
    "branca",
    "matplotlib",
    "geopandas",
    "pandas",
    "pyarrow",
    "scipy",
    "shapely",
    "pandera",
    "typst",
    "osmium",
}


@pytest.mark.parametrize("module", ["welcomemap", "welcomemap.errors", "welcomemap.cli"])
def test_importing_stays_light(module: str) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert HEAVY & set(loaded.stdout.split()) == set()


def test_every_import_points_down() -> None:
    script = Path(sys.executable).parent / "lint-imports"
    linted = subprocess.run(
        [script, "--no-logo", "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    kept = re.search(r"Contracts: (\d+) kept, 0 broken", linted.stdout)
    assert kept is not None
    assert int(kept.group(1)) >= 4
