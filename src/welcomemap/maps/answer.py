"""The answer to a resident: the typed address, the nearest service points and the ways there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from welcomemap.errors import UsageError
from welcomemap.maps.basemap import Basemap, bounds_around
from welcomemap.maps.compose import compose_map
from welcomemap.maps.content import Frame, MapArea, MapSite, MapWay
from welcomemap.maps.facts import tabulate_sites
from welcomemap.maps.layers import ESTIMATE_DASH, draw_ways, fill_ground
from welcomemap.maps.sheet import LegendEntry, LegendGroup, SheetMap
from welcomemap.maps.signs import draw_line_key
from welcomemap.maps.words import MapWords, words_in
from welcomemap.style import OPEN_COLOUR, WHITE
from welcomemap.wording import Language


def draw_answer(
    address: MapSite,
    sites: Sequence[MapSite],
    ways: Sequence[MapWay],
    *,
    frame: Frame,
    basemap: Basemap,
    districts: Sequence[MapArea] = (),
    language: Language = "de",
    words: MapWords | None = None,
) -> SheetMap:
    """Draw an address and the service points nearest to it, with the way to each.

    Parameters
    ----------
    address
        The typed address, with its error radius where its place is not exact. It is kept nowhere.
    sites
        Service points, nearest first; ``rank`` is shown in the sign.
    ways
        Lines from the address; an estimate is dashed and no street.
    districts
        Areas whose borders are shown.

    Raises
    ------
    UsageError
        If the address has no place.
    """
    if address.x is None or address.y is None:
        raise UsageError(
            "an address without a place cannot be drawn", how="Show the list without a map."
        )
    chosen = words or words_in(language)
    located = [(site.x, site.y) for site in (address, *sites) if site.is_located]
    ends = [point for way in ways for point in shapely.get_coordinates(way.geometry)]
    around = np.array([*located, *ends], dtype=np.float64)
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=(*sites, address),
        data=[
            fill_ground(basemap.outline, crs=frame.crs),
            *draw_ways(ways, chosen, crs=frame.crs),
        ],
        data_legend=[_explain_ways(ways, chosen)],
        borders=districts,
        tables=(tabulate_sites(sites, chosen),),
        bounds=bounds_around(around, crs=frame.crs),
    )


def _explain_ways(ways: Sequence[MapWay], words: MapWords) -> LegendGroup:
    entries = []
    if any(not way.is_estimate for way in ways):
        key = draw_line_key(OPEN_COLOUR, width=3.5, casing=WHITE)
        entries.append(LegendEntry(key, words.way))
    if any(way.is_estimate for way in ways):
        key = draw_line_key(OPEN_COLOUR, width=3.5, dash=ESTIMATE_DASH, casing=WHITE)
        entries.append(LegendEntry(key, words.estimated_way))
    return LegendGroup("", tuple(entries))
