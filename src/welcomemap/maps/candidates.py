"""Possible sites side by side, and where a site would reach how many more people."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from welcomemap.maps.basemap import Basemap
from welcomemap.maps.compose import compose_map
from welcomemap.maps.content import Frame, MapArea, MapCell, MapReach, MapSite
from welcomemap.maps.facts import tabulate_sites
from welcomemap.maps.layers import (
    draw_reaches,
    fill_classes,
    fill_ground,
    label_areas,
)
from welcomemap.maps.legend import list_steps
from welcomemap.maps.sheet import LayerSpec, LegendEntry, LegendGroup, SheetMap
from welcomemap.maps.signs import draw_swatch
from welcomemap.maps.words import MapWords, words_in
from welcomemap.style import GAIN_COLOURS, OPEN_COLOUR, REACH_COLOUR
from welcomemap.wording import Language


def draw_candidates(
    candidates: Sequence[MapSite],
    sites: Sequence[MapSite],
    *,
    frame: Frame,
    basemap: Basemap,
    reaches: Sequence[MapReach] = (),
    districts: Sequence[MapArea] = (),
    language: Language = "de",
    words: MapWords | None = None,
) -> SheetMap:
    """Draw candidate sites beside the existing ones, if wanted with what each would reach.

    Parameters
    ----------
    candidates
        Candidates in the order of their rank; their facts are the columns of the table.
    """
    chosen = words or words_in(language)
    legend = []
    if reaches:
        key = draw_swatch(REACH_COLOUR, stroke=OPEN_COLOUR)
        legend.append(LegendGroup("", (LegendEntry(key, chosen.reach),)))
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=(*sites, *candidates),
        data=[
            fill_ground(basemap.outline, crs=frame.crs),
            *draw_reaches(reaches, chosen, crs=frame.crs),
        ],
        data_legend=legend,
        borders=districts,
        labels=[label_areas(districts, chosen, crs=frame.crs)],
        tables=(
            tabulate_sites(candidates, chosen, caption=chosen.candidates),
            tabulate_sites(sites, chosen),
        ),
    )


def draw_gain_surface(
    cells: Sequence[MapCell],
    best: Sequence[MapSite],
    sites: Sequence[MapSite],
    *,
    frame: Frame,
    basemap: Basemap,
    gain_heading: str,
    districts: Sequence[MapArea] = (),
    language: Language = "de",
    words: MapWords | None = None,
) -> SheetMap:
    """Draw how many more people a new site at each place would reach, and the best places.

    Parameters
    ----------
    cells
        Squares with the number of people gained; not finite or ``None`` is not known.
    best
        The places with the largest gain, as chosen sites.
    gain_heading
        Who is gained, for the legend.
    """
    chosen = words or words_in(language)
    gain = np.array([math.nan if cell.value is None else cell.value for cell in cells])
    breaks = choose_breaks(float(np.nanmax(gain)) if np.isfinite(gain).any() else 0.0)
    classes = np.searchsorted(breaks, gain, side="right") - 1
    classes = np.where(np.isfinite(gain), np.clip(classes, 0, len(GAIN_COLOURS) - 1), -1)
    data: list[LayerSpec] = [fill_ground(basemap.outline, crs=frame.crs)]
    if cells:
        data.append(fill_classes(cells, classes.astype(np.int64), GAIN_COLOURS, crs=frame.crs))
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=(*sites, *best),
        data=data,
        data_legend=[list_steps(gain_heading, breaks, GAIN_COLOURS, language)],
        borders=districts,
        labels=[label_areas(districts, chosen, crs=frame.crs)],
        tables=(
            tabulate_sites(best, chosen, caption=chosen.candidates),
            tabulate_sites(sites, chosen),
        ),
    )


def choose_breaks(largest: float, steps: int = len(GAIN_COLOURS)) -> list[float]:
    """Return ``steps + 1`` round numbers from 0 to above ``largest``, equally far apart.

    The step is 1, 2, 2.5 or 5 times a power of ten, at least 1, so that a legend can be read.
    """
    wanted = max(largest, 1.0) / steps
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(
        power * factor for factor in (1, 2, 2.5, 5, 10, 20) if steps * power * factor > largest
    )
    step = float(max(1, math.ceil(step)))
    return [step * number for number in range(steps + 1)]
