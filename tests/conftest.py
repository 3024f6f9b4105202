"""Fixtures that several rooms share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.worlds import load_rechteckstadt
from welcomemap.region.pack import RegionPack, load_pack

# Time is measured in benchmarks; a busy machine must not fail a property.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def tiny_pack(tmp_path_factory: pytest.TempPathFactory) -> RegionPack:
    """Rechteckstadt, see :mod:`tests.worlds`."""
    return load_rechteckstadt(tmp_path_factory.mktemp("rechteckstadt"))


@pytest.fixture(scope="session")
def default_pack() -> RegionPack:
    """The embedded region pack."""
    return load_pack(Path(__file__).parents[1] / "geodata")


SLOW_FILES = (
    "test_doors",
    "test_documents",
    "test_choices",
    "test_recipe",
    "test_numbers",
    "test_replay",
)
"""Files that take long without a browser."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files that take long, so that no worker is left alone with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in slow and item.path.stem not in SLOW_FILES)
