"""What the legend of a map says, whether it is drawn on a page or on paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import (
    Hatch,
    LegendBlock,
    LegendKey,
    LegendRow,
    MapArea,
    MapReach,
    MapWay,
)
from welcomemap.cartography.words import GROUND_WORDS, SIGN_WORDS
from welcomemap.style import (
    BORDER_COLOUR,
    CELL_EDGE_COLOUR,
    GAINED_COLOUR,
    GROUND_LOOKS,
    LAND_COLOUR,
    LOST_COLOUR,
    OPEN_COLOUR,
    REACH_COLOUR,
    SHARE_COLOURS,
    SHORE_COLOUR,
    STREET_COLOUR,
    TEXT_COLOUR,
    WATER_COLOUR,
    WHITE,
    GroundLook,
    Sign,
    mix,
)
from welcomemap.wording import Phrase, Translator, say, say_number

MINUS = "\N{MINUS SIGN}"


def explain_signs(
    signs: Collection[Sign], translate: Translator, *, has_rings: bool = False
) -> LegendBlock:
    """Return what the signs on the map mean, in the order of :class:`Sign`."""
    rows = [
        LegendRow(LegendKey(sign), translate(SIGN_WORDS[sign])) for sign in Sign if sign in signs
    ]
    if has_rings:
        text = translate("The site lies somewhere in this circle")
        rows.append(LegendRow(LegendKey(shape="ring", colour=TEXT_COLOUR), text))
    return LegendBlock(translate("Sites"), tuple(rows))


def explain_areas(
    areas: Iterable[MapArea], translate: Translator, *, meaning: Phrase | None = None
) -> LegendBlock:
    """Return what the hatching of areas without a site means; no row where there are none.

    Parameters
    ----------
    meaning
        What it means where not the area itself is without a site.
    """
    rows = []
    if any(area.is_unserved for area in areas):
        key = LegendKey(colour=LAND_COLOUR, hatch="unserved")
        text = translate("no site in the area") if meaning is None else translate.say(meaning)
        rows.append(LegendRow(key, text))
    return LegendBlock(translate("Areas"), tuple(rows))


def explain_shares(
    shares: Sequence[float | None], heading: str, translate: Translator
) -> LegendBlock:
    """Return the five steps of the shares where one is known, and the hatching where one is not."""
    rows = []
    if any(share is not None for share in shares):
        span = 100 // len(SHARE_COLOURS)
        rows = [
            LegendRow(LegendKey(colour=colour), translate.say(_word_step(span * k, span * (k + 1))))
            for k, colour in enumerate(SHARE_COLOURS)
        ]
    if any(share is None for share in shares):
        key = LegendKey(colour=WHITE, hatch="unknown")
        rows.append(LegendRow(key, translate("share not known")))
    return LegendBlock(heading, tuple(rows))


def _word_step(low: int, high: int) -> Phrase:
    """Return a step of shares in percent; the last one holds its upper end too."""
    if high == 100:
        return say("{low} to {high}%", low=low, high=high)
    return say("{low} to under {high}%", low=low, high=high)


def explain_steps(
    breaks: Sequence[float], colours: Sequence[str], heading: str, translate: Translator
) -> LegendBlock:
    """Return steps of a number of people: ``breaks`` has one number more than there are colours."""
    rows = []
    for colour, low, high in zip(colours, breaks[:-1], breaks[1:], strict=True):
        text = say("{low} to under {high}", low=say_number(low), high=say_number(high))
        rows.append(LegendRow(LegendKey(colour=colour), translate.say(text)))
    return LegendBlock(heading, tuple(reversed(rows)))


def explain_changes(kinds: Collection[Hatch], translate: Translator) -> LegendBlock:
    """Return what the hatchings of gained and lost places mean."""
    texts: tuple[tuple[Hatch, str, str], ...] = (
        ("gained", GAINED_COLOUR, "+ " + translate("newly within reach")),
        ("lost", LOST_COLOUR, f"{MINUS} " + translate("no longer within reach")),
    )
    rows = [
        LegendRow(LegendKey(colour=LAND_COLOUR, edge=colour, hatch=kind), text)
        for kind, colour, text in texts
        if kind in kinds
    ]
    return LegendBlock("", tuple(rows))


def explain_reaches(reaches: Sequence[MapReach], translate: Translator) -> LegendBlock:
    """Return what the outlines of service areas mean; that of an estimate is dashed."""
    texts = (translate("area within reach"), translate("area within reach, estimated"))
    rows = [
        LegendRow(LegendKey(colour=REACH_COLOUR, edge=OPEN_COLOUR, is_dashed=is_estimate), text)
        for is_estimate, text in zip((False, True), texts, strict=True)
        if any(reach.is_estimate is is_estimate for reach in reaches)
    ]
    return LegendBlock("", tuple(rows))


def explain_ways(ways: Sequence[MapWay], translate: Translator) -> LegendBlock:
    """Return what the lines of ways mean; an estimate is dashed and no street."""
    texts = (
        translate("way along known streets"),
        translate("way estimated (straight line, not along streets)"),
    )
    rows = []
    for is_estimate, text in zip((False, True), texts, strict=True):
        if any(way.is_estimate is is_estimate for way in ways):
            key = LegendKey(
                shape="line", colour=OPEN_COLOUR, width=3.5, is_dashed=is_estimate, is_cased=True
            )
            rows.append(LegendRow(key, text))
    return LegendBlock("", tuple(rows))


def explain_dots(text: str) -> LegendBlock:
    """Return what a dot means."""
    return LegendBlock("", (LegendRow(LegendKey(shape="dot", colour=OPEN_COLOUR), text),))


def _key_of(look: GroundLook) -> LegendKey:
    if look.is_line:
        width, is_dashed = look.width_px, bool(look.dash)
        return LegendKey(shape="line", colour=look.colour, width=width, is_dashed=is_dashed)
    seen = mix(look.colour, LAND_COLOUR, look.opacity)
    return LegendKey(colour=seen, edge=look.edge or CELL_EDGE_COLOUR)


def explain_ground(basemap: Basemap, translate: Translator) -> LegendBlock:
    """Return what the ground really shows: borders, streets, water, green."""
    rows = [
        LegendRow(LegendKey(shape="line", colour=BORDER_COLOUR, width=1.4), translate("border"))
    ]
    if not basemap.streets.is_empty or "main_street" in basemap.ground:
        width = 2.6 if "main_street" in basemap.ground else 1.3
        key = LegendKey(shape="line", colour=STREET_COLOUR, width=width)
        rows.append(LegendRow(key, translate("main street, where known")))
    if not basemap.river.is_empty:
        key = LegendKey(colour=WATER_COLOUR, edge=SHORE_COLOUR)
        rows.append(LegendRow(key, translate("river (schematic)")))
    rows += [
        LegendRow(_key_of(look), translate(GROUND_WORDS[look.key]))
        for look in GROUND_LOOKS
        if look.key in basemap.ground and look.key in GROUND_WORDS
    ]
    return LegendBlock("", tuple(rows))
