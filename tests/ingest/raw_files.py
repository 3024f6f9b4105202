"""Where the raw files of Düsseldorf are, for the tests that need them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

RAW = Path(
    os.environ.get("WELCOMEMAP_RAW") or Path(__file__).parents[2].parent / "shared" / "geodata"
)


def require_raw() -> Path:
    """Return the folder of the raw files, or skip the test."""
    if not (RAW / "README.md").is_file():
        pytest.skip("the raw data are not here: set WELCOMEMAP_RAW to their folder")
    return RAW
