"""Geocoded addresses on a map, so that doubtful ones can be looked at and mended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from welcomemap.maps.basemap import Basemap, bounds_around
from welcomemap.maps.compose import compose_map
from welcomemap.maps.content import Frame, MapArea, MapSite
from welcomemap.maps.facts import tabulate_sites
from welcomemap.maps.layers import SITE_KEY, describe, fill_ground, to_lat_lon
from welcomemap.maps.sheet import LayerSpec, LegendEntry, LegendGroup, SheetMap
from welcomemap.maps.signs import draw_dot
from welcomemap.maps.words import MapWords, words_in
from welcomemap.style import OPEN_COLOUR, WHITE, Sign
from welcomemap.wording import Language

MOST_FACTS = 2000


def draw_review(
    rows: Sequence[MapSite],
    *,
    frame: Frame,
    basemap: Basemap,
    districts: Sequence[MapArea] = (),
    language: Language = "de",
    words: MapWords | None = None,
    located_text: str = "",
) -> SheetMap:
    """Draw the rows of an address list: doubtful ones as signs, all others as dots.

    Parameters
    ----------
    rows
        ``sign`` is :attr:`Sign.REVIEW` where someone should look; the table holds these, with and
        without a place.
    located_text
        What a dot means, for the legend.
    """
    chosen = words or words_in(language)
    doubtful = [row for row in rows if row.sign is Sign.REVIEW]
    sure = [row for row in rows if row.sign is not Sign.REVIEW and row.is_located]
    points = np.array([(row.x, row.y) for row in rows if row.is_located], dtype=np.float64)
    legend = []
    if sure:
        text = located_text or chosen.signs.get(Sign.OPEN, "")
        legend.append(LegendGroup("", (LegendEntry(draw_dot(OPEN_COLOUR), text),)))
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=doubtful,
        data=[fill_ground(basemap.outline, crs=frame.crs), _dots(sure, crs=frame.crs)],
        data_legend=legend,
        borders=districts,
        tables=(tabulate_sites(doubtful, chosen),),
        bounds=bounds_around(points, crs=frame.crs) if len(points) else None,
    )


def _dots(rows: Sequence[MapSite], *, crs: str) -> LayerSpec:
    has_facts = len(rows) <= MOST_FACTS
    points = np.array([(row.x, row.y) for row in rows], dtype=np.float64).reshape(-1, 2)
    features = []
    for row, place in zip(rows, to_lat_lon(points, crs=crs), strict=True):
        facts = describe(SITE_KEY + row.key, row.name, row.facts, warnings=row.warnings)
        features.append({"at": place, "facts": facts} if has_facts else {"at": place})
    style = {
        "radius": 4.5,
        "color": WHITE,
        "weight": 1.5,
        "fillColor": OPEN_COLOUR,
        "fillOpacity": 1,
    }
    return {"kind": "dots", "pane": "dots", "style": style, "features": features}
