"""A small study on a map: three areas, sites of every sign, texts that try to break out."""

from __future__ import annotations

import pytest

from tests.browser import browser_page, chromium
from tests.cartography.drawn import make_basemap, make_study
from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import MapStudy

__all__ = ["browser_page", "chromium"]


@pytest.fixture
def basemap() -> Basemap:
    return make_basemap()


@pytest.fixture
def study() -> MapStudy:
    return make_study()
