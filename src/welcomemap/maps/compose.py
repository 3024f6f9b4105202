"""Put the parts of a map together in the order in which they lie on each other."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.maps.basemap import Basemap
from welcomemap.maps.content import Frame, MapArea, MapSite
from welcomemap.maps.layers import outline_areas, place_signs, ring_errors
from welcomemap.maps.legend import list_ground, list_signs
from welcomemap.maps.sheet import (
    Bounds,
    LayerSpec,
    LegendEntry,
    LegendGroup,
    MapTable,
    Sheet,
    SheetMap,
)
from welcomemap.maps.signs import draw_ring_key
from welcomemap.maps.words import MapWords


def compose_map(
    *,
    frame: Frame,
    basemap: Basemap,
    words: MapWords,
    sites: Sequence[MapSite],
    data: Sequence[LayerSpec],
    data_legend: Sequence[LegendGroup],
    tables: Sequence[MapTable],
    borders: Sequence[MapArea] = (),
    labels: Sequence[LayerSpec] = (),
    bounds: Bounds | None = None,
) -> SheetMap:
    """Return a map: data on the ground, borders, then names and at the top the signs.

    Parameters
    ----------
    data
        Layers of the map's own subject.
    borders
        Areas of which only the borders are drawn.
    bounds
        What is in view first; the whole region unless told otherwise.
    """
    layers = [
        *data,
        *outline_areas(borders, crs=frame.crs),
        *basemap.layers,
        *ring_errors(sites, crs=frame.crs),
        *labels,
        place_signs(sites, words, crs=frame.crs),
    ]
    signs = list_signs(sites, words, words.sites)
    if any(site.is_located and (site.error_radius_m or 0) >= 50 for site in sites):
        ring = LegendEntry(draw_ring_key(), words.error_ring)
        signs = LegendGroup(signs.heading, (*signs.entries, ring))
    sheet = Sheet(
        frame=frame,
        words=words,
        bounds=bounds or basemap.bounds(),
        layers=tuple(layers),
        legend=(signs, *data_legend, list_ground(basemap, words)),
        tables=tuple(tables),
    )
    return SheetMap(sheet)
