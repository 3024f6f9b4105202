"""How many people reach a service point: by area or by cell, with service areas if wanted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from welcomemap.maps.basemap import Basemap
from welcomemap.maps.compose import compose_map
from welcomemap.maps.content import Frame, MapArea, MapCell, MapReach, MapSite
from welcomemap.maps.facts import tabulate_areas, tabulate_sites
from welcomemap.maps.layers import (
    ESTIMATE_DASH,
    draw_reaches,
    fill_areas,
    fill_classes,
    fill_ground,
    label_areas,
)
from welcomemap.maps.legend import list_shares
from welcomemap.maps.sheet import LayerSpec, LegendEntry, LegendGroup, SheetMap
from welcomemap.maps.signs import draw_swatch
from welcomemap.maps.words import MapWords, words_in
from welcomemap.style import LAND_COLOUR, OPEN_COLOUR, REACH_COLOUR, SHARE_COLOURS, share_class
from welcomemap.wording import Language


def draw_area_shares(
    areas: Sequence[MapArea],
    sites: Sequence[MapSite] = (),
    *,
    frame: Frame,
    basemap: Basemap,
    districts: Sequence[MapArea] = (),
    share_heading: str = "",
    language: Language = "de",
    words: MapWords | None = None,
) -> SheetMap:
    """Draw areas such as quarters in the colour of their share.

    Parameters
    ----------
    districts
        Larger areas whose borders are drawn on top.
    share_heading
        What the share is of, for the legend.
    """
    chosen = words or words_in(language)
    labels = label_areas(areas, chosen, crs=frame.crs, may_hide=len(areas) > 20)
    has_unknown = any(area.share is None for area in areas)
    unknown = chosen.share_unknown if has_unknown else ""
    legend = [list_shares(share_heading or chosen.share, language, unknown=unknown)]
    if any(area.is_unserved for area in areas):
        key = draw_swatch(LAND_COLOUR, hatch="unserved")
        legend.insert(0, LegendGroup("", (LegendEntry(key, chosen.unserved),)))
    tables = [tabulate_areas(areas, chosen)]
    if sites:
        tables.append(tabulate_sites(sites, chosen))
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=sites,
        data=fill_areas(areas, crs=frame.crs),
        data_legend=legend,
        borders=districts,
        labels=[labels],
        tables=tables,
    )


def draw_cell_shares(
    cells: Sequence[MapCell],
    sites: Sequence[MapSite] = (),
    *,
    frame: Frame,
    basemap: Basemap,
    districts: Sequence[MapArea] = (),
    share_heading: str = "",
    language: Language = "de",
    words: MapWords | None = None,
) -> SheetMap:
    """Draw demand cells in the colour of their share; the table tells the districts' figures.

    Raises
    ------
    ValueError
        If a value lies outside 0-1.
    """
    chosen = words or words_in(language)
    steps = [share_class(cell.value) for cell in cells]
    classes = np.array([-1 if step is None else step for step in steps], dtype=np.int64)
    unknown = chosen.share_unknown if (classes < 0).any() else ""
    data: list[LayerSpec] = [fill_ground(basemap.outline, crs=frame.crs)]
    if cells:
        data.append(fill_classes(cells, classes, SHARE_COLOURS, crs=frame.crs))
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=sites,
        data=data,
        data_legend=[list_shares(share_heading or chosen.share, language, unknown=unknown)],
        borders=districts,
        labels=[label_areas(districts, chosen, crs=frame.crs)],
        tables=(tabulate_areas(districts, chosen), tabulate_sites(sites, chosen)),
    )


def draw_service_areas(
    reaches: Sequence[MapReach],
    sites: Sequence[MapSite],
    *,
    frame: Frame,
    basemap: Basemap,
    districts: Sequence[MapArea] = (),
    language: Language = "de",
    words: MapWords | None = None,
) -> SheetMap:
    """Draw what is within reach of each site; the outline of an estimate is dashed.

    The areas are for the eye. Whether a person is covered is told by the cost of their own place.
    """
    chosen = words or words_in(language)
    entries = []
    if any(not reach.is_estimate for reach in reaches):
        entries.append(LegendEntry(draw_swatch(REACH_COLOUR, stroke=OPEN_COLOUR), chosen.reach))
    if any(reach.is_estimate for reach in reaches):
        key = draw_swatch(REACH_COLOUR, stroke=OPEN_COLOUR, dash=ESTIMATE_DASH)
        entries.append(LegendEntry(key, chosen.estimated_reach))
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=sites,
        data=[
            fill_ground(basemap.outline, crs=frame.crs),
            *draw_reaches(reaches, chosen, crs=frame.crs),
        ],
        data_legend=[LegendGroup("", tuple(entries))],
        borders=districts,
        labels=[label_areas(districts, chosen, crs=frame.crs)],
        tables=(tabulate_areas(districts, chosen), tabulate_sites(sites, chosen)),
    )
