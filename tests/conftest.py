"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.cases import LONG_VARIABLE
from tests.worlds import load_rechteckstadt
from welcomemap.region.pack import RegionPack, load_pack

# Time is measured in benchmarks; a busy machine must not fail a property. Nor may chance fail the
# run of somebody who changed nothing: new examples are drawn in the long run alone.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.load_profile("searching" if os.environ.get(LONG_VARIABLE) else "repeatable")


@pytest.fixture(scope="session")
def tiny_pack(tmp_path_factory: pytest.TempPathFactory) -> RegionPack:
    """Rechteckstadt, see :mod:`tests.worlds`."""
    return load_rechteckstadt(tmp_path_factory.mktemp("rechteckstadt"))


@pytest.fixture(scope="session")
def default_pack() -> RegionPack:
    """The embedded region pack."""
    return load_pack(Path(__file__).parents[1] / "geodata")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the further cases of long tests to ``./run test --all``."""
    if os.environ.get(LONG_VARIABLE):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
