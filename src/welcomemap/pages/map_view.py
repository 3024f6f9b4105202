"""One map on a page: made once, redrawn in place, without a request to any other host."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from welcomemap.cartography.basemap import Basemap, load_basemap
from welcomemap.cartography.page import component_data, component_module, component_style
from welcomemap.cartography.sheet import SheetMap
from welcomemap.pages.session import KEPT_PACKS, open_region


@cache
def _renderer() -> ComponentRenderer:
    return component("welcomemap_map", css=component_style(), js=component_module())


@st.cache_resource(show_spinner=False, max_entries=KEPT_PACKS)
def _load_basemap(folder: str, seal: str) -> Basemap:
    _ = folder, seal
    return load_basemap(open_region())


def open_basemap() -> Basemap:
    """Return the ground of the region, read once for all visitors."""
    pack = open_region()
    return _load_basemap(str(pack.folder), pack.seal)


def show_map(
    map_: SheetMap,
    *,
    key: str,
    on_pick: Callable[[str], None] | None = None,
    on_place: Callable[[float, float], None] | None = None,
) -> None:
    """Show a map; what a visitor does on it is told before the page runs again.

    Parameters
    ----------
    on_pick
        Is told which sign or area was picked (``area:district-7``).
    on_place
        Is told latitude and longitude in degrees of a click on the ground.
    """

    def take_pick() -> None:
        picked = st.session_state[key].picked
        if on_pick is not None and isinstance(picked, str):
            on_pick(picked)

    def take_place() -> None:
        place = st.session_state[key].place
        if on_place is not None and isinstance(place, dict) and {"lat", "lon"} <= set(place):
            on_place(float(place["lat"]), float(place["lon"]))

    _renderer()(
        key=key,
        data=component_data(map_, wants_place=on_place is not None),
        on_picked_change=take_pick,
        on_place_change=take_place,
    )
