"""Map elements: legend, tables of facts, and all parts put together in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Fact, Frame, MapArea, MapSite
from welcomemap.cartography.layers import (
    AREA_KEY,
    SITE_KEY,
    outline_areas,
    place_signs,
    ring_errors,
)
from welcomemap.cartography.sheet import (
    Bounds,
    LayerSpec,
    LegendEntry,
    LegendGroup,
    MapTable,
    Sheet,
    SheetMap,
)
from welcomemap.cartography.signs import (
    draw_hatches,
    draw_line_key,
    draw_ring_key,
    draw_sign,
    draw_swatch,
)
from welcomemap.cartography.words import SIGN_WORDS
from welcomemap.style import (
    BORDER_COLOUR,
    SHARE_COLOURS,
    SHORE_COLOUR,
    STREET_COLOUR,
    WATER_COLOUR,
    WHITE,
    Sign,
)
from welcomemap.wording import Language, Phrase, Translator, say, say_number


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


def list_signs(sites: Iterable[MapSite], translate: Translator, heading: str) -> LegendGroup:
    """Return the entries of the signs that are on the map, in the order of :class:`Sign`."""
    present = {site.sign for site in sites if site.is_located}
    return LegendGroup(
        heading,
        tuple(
            LegendEntry(draw_sign(sign), translate(SIGN_WORDS[sign]))
            for sign in Sign
            if sign in present
        ),
    )


def list_shares(
    heading: str, language: Language, *, unknown: str = "", colours: Sequence[str] = SHARE_COLOURS
) -> LegendGroup:
    """Return the five steps of the shares with their numbers, and the sign for an unknown share."""
    steps = [
        LegendEntry(draw_swatch(colour), word_step(20 * step, 20 * step + 20).in_language(language))
        for step, colour in enumerate(colours)
    ]
    if unknown:
        steps.append(LegendEntry(draw_swatch(WHITE, hatch="unknown"), unknown))
    return LegendGroup(heading, tuple(steps))


def word_step(low: int, high: int) -> Phrase:
    """Return a step of shares in percent; the last one holds its upper end too."""
    if high == 100:
        return say("{low} to {high}%", low=low, high=high)
    return say("{low} to under {high}%", low=low, high=high)


def list_steps(
    heading: str, breaks: Sequence[float], colours: Sequence[str], language: Language
) -> LegendGroup:
    """Return steps of a number of people: ``breaks`` has one number more than there are colours."""
    entries = []
    for colour, low, high in zip(colours, breaks[:-1], breaks[1:], strict=True):
        text = say("{low} to under {high}", low=say_number(low), high=say_number(high))
        entries.append(LegendEntry(draw_swatch(colour), text.in_language(language)))
    return LegendGroup(heading, tuple(reversed(entries)))


def list_ground(basemap: Basemap, translate: Translator) -> LegendGroup:
    """Return the entries of what the ground really shows: borders, streets, river."""
    entries = [LegendEntry(draw_line_key(BORDER_COLOUR, width=1.4), translate("border"))]
    if not basemap.streets.is_empty:
        entries.append(
            LegendEntry(
                draw_line_key(STREET_COLOUR, width=2), translate("main street, where known")
            )
        )
    if not basemap.river.is_empty:
        entries.append(
            LegendEntry(
                draw_swatch(WATER_COLOUR, stroke=SHORE_COLOUR), translate("river (schematic)")
            )
        )
    return LegendGroup("", tuple(entries))


def write_legend(groups: Sequence[LegendGroup], translate: Translator) -> str:
    """Return the legend as HTML; texts are escaped, drawings are the program's own."""
    heading = translate("Legend")
    hint = translate("Tab moves to the signs, Enter opens the facts, the arrow keys move the map.")
    parts = [
        f'<aside class="wm-legend" aria-labelledby="wm-legend"><h2 id="wm-legend">'
        f"{escape(heading)}</h2>{draw_hatches()}"
    ]
    for group in groups:
        if not group.entries:
            continue
        if group.heading:
            parts.append(f"<h3>{escape(group.heading)}</h3>")
        items = "".join(
            f'<li><span class="wm-key">{entry.drawing}</span><span>{escape(entry.text)}</span></li>'
            for entry in group.entries
        )
        parts.append(f"<ul>{items}</ul>")
    parts.append(f'<p class="wm-hint">{escape(hint)}</p></aside>')
    return "".join(parts)


def compose_map(
    *,
    frame: Frame,
    basemap: Basemap,
    translate: Translator,
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
        place_signs(sites, translate, crs=frame.crs),
    ]
    signs = list_signs(sites, translate, translate("Sites"))
    if any(site.is_located and (site.error_radius_m or 0) >= 50 for site in sites):
        ring = LegendEntry(draw_ring_key(), translate("The site lies somewhere in this circle"))
        signs = LegendGroup(signs.heading, (*signs.entries, ring))
    sheet = Sheet(
        frame=frame,
        translate=translate,
        bounds=bounds or basemap.bounds(),
        layers=tuple(layers),
        legend=(signs, *data_legend, list_ground(basemap, translate)),
        tables=tuple(tables),
    )
    return SheetMap(sheet)
