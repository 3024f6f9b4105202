"""One map on a page: made once, redrawn in place, without a request to any other host."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from welcomemap.maps.basemap import Basemap, load_basemap
from welcomemap.maps.component import component_data, component_script, component_style
from welcomemap.maps.sheet import SheetMap
from welcomemap.pages.session import open_region


@dataclass(frozen=True)
class MapEvent:
    """What a visitor did on the map: picked a sign or area, or clicked on the ground."""

    picked: str | None
    place: tuple[float, float] | None


@cache
def _renderer() -> ComponentRenderer:
    return component("welcomemap_map", css=component_style(), js=component_script())


@st.cache_resource(show_spinner=False)
def _load_basemap(folder: str) -> Basemap:
    _ = folder
    return load_basemap(open_region())


def open_basemap() -> Basemap:
    """Return the ground of the region, read once for all visitors."""
    return _load_basemap(str(open_region().folder))


def show_map(map_: SheetMap, *, key: str, wants_place: bool = False) -> MapEvent:
    """Show a map and return what was picked on it since the last run.

    Parameters
    ----------
    wants_place
        Whether a click on the ground is reported, as latitude and longitude in degrees.
    """
    result = _renderer()(
        key=key,
        data=component_data(map_, wants_place=wants_place),
        on_picked_change=lambda: None,
        on_place_change=lambda: None,
    )
    place = result.place
    is_place = isinstance(place, dict) and {"lat", "lon"} <= set(place)
    return MapEvent(
        picked=result.picked if isinstance(result.picked, str) else None,
        place=(float(place["lat"]), float(place["lon"])) if is_place else None,
    )
