"""Map elements: legend, tables of facts, and all parts put together in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Fact, Frame, LegendBlock, MapArea, MapSite
from welcomemap.cartography.layers import (
    AREA_KEY,
    RINGED_M,
    SITE_KEY,
    outline_areas,
    place_signs,
    ring_errors,
)
from welcomemap.cartography.legend import explain_ground, explain_signs
from welcomemap.cartography.sheet import Bounds, LayerSpec, MapTable, Sheet, SheetMap
from welcomemap.cartography.signs import draw_hatches, draw_key
from welcomemap.cartography.words import SIGN_WORDS
from welcomemap.wording import Translator


def tabulate_areas(
    areas: Sequence[MapArea], translate: Translator, *, caption: str = ""
) -> MapTable:
    """Return one row per area: name, its facts in the order they first appear, notes."""
    labels = _list_labels([area.facts for area in areas])
    rows = []
    for area in areas:
        notes = [translate("no site in the area")] if area.is_unserved else []
        cells = (area.name, *_fill(area.facts, labels, translate), _join([*notes, *area.warnings]))
        rows.append((AREA_KEY + area.key, cells))
    columns = (translate("Name"), *labels, translate("Note"))
    return MapTable(caption or translate("Areas"), columns, tuple(rows), _find_numbers(rows))


def tabulate_sites(
    sites: Sequence[MapSite], translate: Translator, *, caption: str = ""
) -> MapTable:
    """Return one row per site: name, what its sign means, warnings, then its facts.

    Sites without a known place are rows too.
    """
    labels = _list_labels([site.facts for site in sites])
    rows = []
    for site in sites:
        name = f"{site.rank}. {site.name}" if site.rank else site.name
        state = translate(SIGN_WORDS[site.sign])
        cells = (name, state, _join(site.warnings), *_fill(site.facts, labels, translate))
        rows.append((SITE_KEY + site.key if site.is_located else "", cells))
    columns = (translate("Name"), translate("Sign"), translate("Note"), *labels)
    return MapTable(caption or translate("Sites"), columns, tuple(rows), _find_numbers(rows))


def _list_labels(all_facts: Sequence[Sequence[Fact]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.label for facts in all_facts for fact in facts))


def _fill(facts: Sequence[Fact], labels: Sequence[str], translate: Translator) -> list[str]:
    known = {fact.label: fact.value for fact in facts}
    return [known.get(label) or translate("not known") for label in labels]


def _join(sentences: Sequence[str]) -> str:
    return " · ".join(sentences) or "–"


def _find_numbers(rows: Sequence[tuple[str, tuple[str, ...]]]) -> frozenset[int]:
    if not rows:
        return frozenset()
    columns = zip(*(cells for _, cells in rows), strict=True)
    return frozenset(
        index
        for index, cells in enumerate(columns)
        if index and any(map(str.isdigit, "".join(cells))) and all(map(_is_number, cells))
    )


def _is_number(text: str) -> bool:
    return bool(text) and text[0].isdigit() and len(text.split()) <= 2 and len(text) <= 12


def write_legend(blocks: Sequence[LegendBlock], translate: Translator) -> str:
    """Return the legend as HTML; texts are escaped, drawings are the program's own."""
    heading = translate("Legend")
    hint = translate("Tab moves to the signs, Enter opens the facts, the arrow keys move the map.")
    parts = [
        f'<aside class="wm-legend" aria-labelledby="wm-legend"><h2 id="wm-legend">'
        f"{escape(heading)}</h2>{draw_hatches()}"
    ]
    for block in blocks:
        if not block.rows:
            continue
        if block.heading:
            parts.append(f"<h3>{escape(block.heading)}</h3>")
        items = "".join(
            f'<li><span class="wm-key">{draw_key(row.key)}</span>'
            f"<span>{escape(row.text)}</span></li>"
            for row in block.rows
        )
        parts.append(f"<ul>{items}</ul>")
    parts.append(f'<p class="wm-hint">{escape(hint)}</p></aside>')
    return "".join(parts)


@dataclass(frozen=True)
class Scene:
    """What every map has: heading, ground and language, and borders to draw.

    Attributes
    ----------
    districts
        Areas whose borders are drawn on top of the data.
    """

    frame: Frame
    basemap: Basemap
    translate: Translator
    districts: Sequence[MapArea] = ()


def compose_map(
    scene: Scene,
    *,
    sites: Sequence[MapSite],
    data: Sequence[LayerSpec],
    data_legend: Sequence[LegendBlock],
    tables: Sequence[MapTable],
    labels: Sequence[LayerSpec] = (),
    bounds: Bounds | None = None,
) -> SheetMap:
    """Return a map: data on the ground, borders, then names and at the top the signs.

    Parameters
    ----------
    data
        Layers of the map's own subject.
    bounds
        What is in view first; the whole region unless told otherwise.
    """
    frame, basemap, translate = scene.frame, scene.basemap, scene.translate
    is_on_land = any(spec.get("pane") == "ground" for spec in data)
    named = {
        text for spec in labels for feature in spec["features"] for _, text in feature["lines"]
    }
    layers = [
        *data,
        *(basemap.earth if is_on_land else basemap.tinted),
        *outline_areas(scene.districts, crs=frame.crs),
        *basemap.layers,
        *ring_errors(sites, crs=frame.crs),
        *labels,
        *basemap.write_names(named),
        place_signs(sites, translate, crs=frame.crs),
    ]
    located = [site for site in sites if site.is_located]
    has_rings = any((site.error_radius_m or 0) >= RINGED_M for site in located)
    signs = explain_signs({site.sign for site in located}, translate, has_rings=has_rings)
    sheet = Sheet(
        frame=frame,
        translate=translate,
        bounds=bounds or basemap.bounds(),
        layers=tuple(layers),
        legend=(signs, *data_legend, explain_ground(basemap, translate)),
        tables=tuple(tables),
    )
    return SheetMap(sheet)
