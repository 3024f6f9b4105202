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
from welcomemap.cartography.words import MapWords
from welcomemap.style import (
    BORDER_COLOUR,
    SHARE_COLOURS,
    SHORE_COLOUR,
    STREET_COLOUR,
    WATER_COLOUR,
    WHITE,
    Sign,
)
from welcomemap.wording import NO_BREAK_SPACE, Language, format_number


def tabulate_areas(areas: Sequence[MapArea], words: MapWords, *, caption: str = "") -> MapTable:
    """Return one row per area: name, its facts in the order they first appear, notes."""
    labels = _list_labels([area.facts for area in areas])
    rows = []
    for area in areas:
        notes = [words.unserved] if area.is_unserved else []
        cells = (area.name, *_fill(area.facts, labels, words), _join([*notes, *area.warnings]))
        rows.append((AREA_KEY + area.key, cells))
    columns = (words.name, *labels, words.note)
    return MapTable(caption or words.areas, columns, tuple(rows), _find_numbers(rows))


def tabulate_sites(sites: Sequence[MapSite], words: MapWords, *, caption: str = "") -> MapTable:
    """Return one row per site: name, what its sign means, warnings, then its facts.

    Sites without a known place are rows too.
    """
    labels = _list_labels([site.facts for site in sites])
    rows = []
    for site in sites:
        name = f"{site.rank}. {site.name}" if site.rank else site.name
        state = words.signs.get(site.sign, site.sign.value)
        cells = (name, state, _join(site.warnings), *_fill(site.facts, labels, words))
        rows.append((SITE_KEY + site.key if site.is_located else "", cells))
    columns = (words.name, words.sign, words.note, *labels)
    return MapTable(caption or words.sites, columns, tuple(rows), _find_numbers(rows))


def _list_labels(all_facts: Sequence[Sequence[Fact]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.label for facts in all_facts for fact in facts))


def _fill(facts: Sequence[Fact], labels: Sequence[str], words: MapWords) -> list[str]:
    known = {fact.label: fact.value for fact in facts}
    return [known.get(label) or words.unknown for label in labels]


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


def list_signs(sites: Iterable[MapSite], words: MapWords, heading: str) -> LegendGroup:
    """Return the entries of the signs that are on the map, in the order of :class:`Sign`."""
    present = {site.sign for site in sites if site.is_located}
    return LegendGroup(
        heading,
        tuple(
            LegendEntry(draw_sign(sign), words.signs.get(sign, sign.value))
            for sign in Sign
            if sign in present
        ),
    )


def list_shares(
    heading: str, language: Language, *, unknown: str = "", colours: Sequence[str] = SHARE_COLOURS
) -> LegendGroup:
    """Return the five steps of the shares with their numbers, and the sign for an unknown share."""
    space = NO_BREAK_SPACE if language == "de" else ""
    to = "bis unter" if language == "de" else "to under"
    last = "bis" if language == "de" else "to"
    steps = [
        LegendEntry(draw_swatch(colour), f"{20 * step} {to} {20 * step + 20}{space}%")
        for step, colour in enumerate(colours[:-1])
    ]
    steps.append(LegendEntry(draw_swatch(colours[-1]), f"80 {last} 100{space}%"))
    if unknown:
        steps.append(LegendEntry(draw_swatch(WHITE, hatch="unknown"), unknown))
    return LegendGroup(heading, tuple(steps))


def list_steps(
    heading: str, breaks: Sequence[float], colours: Sequence[str], language: Language
) -> LegendGroup:
    """Return steps of a number of people: ``breaks`` has one number more than there are colours."""
    to = "bis unter" if language == "de" else "to under"
    entries = []
    for colour, low, high in zip(colours, breaks[:-1], breaks[1:], strict=True):
        text = f"{format_number(low, language)} {to} {format_number(high, language)}"
        entries.append(LegendEntry(draw_swatch(colour), text))
    return LegendGroup(heading, tuple(reversed(entries)))


def list_ground(basemap: Basemap, words: MapWords) -> LegendGroup:
    """Return the entries of what the ground really shows: borders, streets, river."""
    entries = [LegendEntry(draw_line_key(BORDER_COLOUR, width=1.4), words.border)]
    if not basemap.streets.is_empty:
        entries.append(LegendEntry(draw_line_key(STREET_COLOUR, width=2), words.street))
    if not basemap.river.is_empty:
        entries.append(LegendEntry(draw_swatch(WATER_COLOUR, stroke=SHORE_COLOUR), words.water))
    return LegendGroup("", tuple(entries))


def write_legend(groups: Sequence[LegendGroup], words: MapWords) -> str:
    """Return the legend as HTML; texts are escaped, drawings are the program's own."""
    parts = [
        f'<aside class="wm-legend" aria-labelledby="wm-legend"><h2 id="wm-legend">'
        f"{escape(words.legend)}</h2>{draw_hatches()}"
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
    parts.append(f'<p class="wm-hint">{escape(words.keyboard_hint)}</p></aside>')
    return "".join(parts)


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
