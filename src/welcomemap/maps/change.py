"""What changed between two scenarios: who gained reach, who lost it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shapely.geometry.base import BaseGeometry

from welcomemap.maps.basemap import Basemap
from welcomemap.maps.compose import compose_map
from welcomemap.maps.content import Fact, Frame, MapArea, MapChange, MapSite
from welcomemap.maps.facts import tabulate_areas, tabulate_sites
from welcomemap.maps.geometry import encode_polygons
from welcomemap.maps.layers import fill_ground, label_areas, polygons_layer
from welcomemap.maps.sheet import LayerSpec, LegendEntry, LegendGroup, SheetMap
from welcomemap.maps.signs import draw_swatch, hatch_paint
from welcomemap.maps.words import MapWords, words_in
from welcomemap.style import GAINED_COLOUR, LOST_COLOUR, WHITE
from welcomemap.wording import Language, format_number

MINUS = "\N{MINUS SIGN}"


def draw_change(
    changes: Sequence[MapChange],
    sites: Sequence[MapSite],
    *,
    frame: Frame,
    basemap: Basemap,
    gained: BaseGeometry | None = None,
    lost: BaseGeometry | None = None,
    language: Language = "de",
    words: MapWords | None = None,
) -> SheetMap:
    """Draw people gained and lost per area, with plus and minus signs in the labels.

    Parameters
    ----------
    changes
        People gained and lost in each area.
    gained, lost
        Places (such as merged cells) newly and no longer within reach, in metres; upright green
        and level orange lines, so that they can be told apart without colour.
    """
    chosen = words or words_in(language)
    areas = [_tell_change(change, chosen, language) for change in changes]
    layers, entries = [], []
    for name, shape, colour, text in (
        ("gained", gained, GAINED_COLOUR, f"+ {chosen.gained}"),
        ("lost", lost, LOST_COLOUR, f"{MINUS} {chosen.lost}"),
    ):
        if shape is not None and not shape.is_empty:
            layers.append(_hatch(name, shape, colour, crs=frame.crs))
            key = draw_swatch(WHITE, stroke=colour, hatch=name)
            entries.append(LegendEntry(key, text))
    return compose_map(
        frame=frame,
        basemap=basemap,
        words=chosen,
        sites=sites,
        data=[fill_ground(basemap.outline, crs=frame.crs), *layers],
        data_legend=[LegendGroup("", tuple(entries))],
        borders=areas,
        labels=[label_areas(areas, chosen, crs=frame.crs)],
        tables=(tabulate_areas(areas, chosen), tabulate_sites(sites, chosen)),
    )


def _tell_change(change: MapChange, words: MapWords, language: Language) -> MapArea:
    plus, minus = (format_number(number, language) for number in (change.gained, change.lost))
    shown = [f"+{plus}"] if change.gained else []
    shown += [f"{MINUS}{minus}"] if change.lost else []
    facts = (
        *change.area.facts,
        Fact(words.gained, f"+{plus}"),
        Fact(words.lost, f"{MINUS}{minus}"),
    )
    return replace(
        change.area,
        is_unserved=False,
        share=None,
        share_text=" / ".join(shown) or "±0",
        facts=facts,
    )


def _hatch(name: str, shape: BaseGeometry, colour: str, *, crs: str) -> LayerSpec:
    feature: dict[str, Any] = {"polygons": encode_polygons(shape, crs=crs)}
    style = {"color": colour, "weight": 1, "fillColor": hatch_paint(name), "fillOpacity": 1}
    return polygons_layer("hatch", [feature], style)
