"""The legend, in the order in which a map is read: signs, areas, ground."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from welcomemap.maps.basemap import Basemap
from welcomemap.maps.content import MapSite
from welcomemap.maps.sheet import LegendEntry, LegendGroup
from welcomemap.maps.signs import draw_hatches, draw_line_key, draw_sign, draw_swatch
from welcomemap.maps.words import MapWords
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
