"""Imports point down, and importing the package costs little."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import long
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
    "h3",
    "osmium",
    "rasterio",
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


CHARTS = {"matplotlib", "typst", "docx", "PIL"}
PAGES = {"streamlit", "starlette", "uvicorn"}
NOT_FOR_ONE_ADDRESS = {
    "scipy", "openpyxl", "pandera", "folium", "rich.console", "requests", "geopy", "osmium",
    "opening_hours", "welcomemap.siting", "welcomemap.coverage.gaps", "welcomemap.study.siting",
} | CHARTS | PAGES  # fmt: skip
NOT_FOR_GAPS = {
    "scipy.optimize", "scipy.spatial", "openpyxl", "pandera", "folium", "rich.console", "rapidfuzz",
    "requests", "geopy", "osmium", "opening_hours", "welcomemap.geocoding.geocoder",
    "welcomemap.siting", "welcomemap.study.siting",
} | CHARTS | PAGES  # fmt: skip


@pytest.mark.parametrize(
    ("command", "unneeded"),
    [
        (("geocode", "--address", "Marktplatz 1"), NOT_FOR_ONE_ADDRESS),
        long(("suggest", "köl 26"), NOT_FOR_ONE_ADDRESS),
        (("gaps",), NOT_FOR_GAPS),
        long(("diff", "2019", "2026"), NOT_FOR_GAPS),
        long(("coverage",), NOT_FOR_GAPS),
        (("nearest", "Merowingerstr. 20"), NOT_FOR_GAPS - {
            "rapidfuzz", "opening_hours", "welcomemap.geocoding.geocoder"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_command_loads_no_package_it_does_not_use(
    command: tuple[str, ...], unneeded: set[str]
) -> None:
    code = "from welcomemap.cli import run; import sys; run(sys.argv[1:])\n"
    code += "print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run(
        [sys.executable, "-c", code, *command, "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip()
    assert unneeded & set(ran.stderr.split()) == set()


def test_every_import_points_down() -> None:
    script = Path(sys.executable).parent / "lint-imports"
    linted = subprocess.run(
        [script, "--no-logo", "--no-cache"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    kept = re.search(r"Contracts: (\d+) kept, 0 broken", linted.stdout)
    assert kept is not None
    assert int(kept.group(1)) >= 4
