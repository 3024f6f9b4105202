"""Colours and signs, shared by the interactive map, the printed map and the app.

A sign never rests on colour alone: each has a form of its own, and an edge that reaches a contrast
of 3:1 against what lies below (WCAG 2.2, success criterion 1.4.11).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

OPEN_COLOUR = "#0072B2"
REACH_COLOUR = "#E0EEF6"
"""The colour of open sites, laid thinly over the land."""
CANDIDATE_COLOUR = "#E69F00"
UNSERVED_COLOUR = "#D55E00"
GAINED_COLOUR = "#009E73"
LOST_COLOUR = "#D55E00"
TEXT_COLOUR = "#1A1A1A"
WATER_COLOUR = "#DCE9F2"
WATER_NAME_COLOUR = "#2F5D7C"
SHORE_COLOUR = "#8FB3C9"
STREET_COLOUR = "#C9C9C9"
BORDER_COLOUR = "#6B6B6B"
BUILT_COLOUR = "#8C7F73"
GREEN_COLOUR = "#86B466"
WOOD_COLOUR = "#5E8F47"
RAIL_COLOUR = "#8C8C8C"
PLACE_COLOUR = "#4A4A4A"
"""Of names on the ground, which nobody clicks."""
CELL_EDGE_COLOUR = "#A3A9B0"
LAND_COLOUR = "#FAFAF7"
WHITE = "#FFFFFF"
HATCH_ANGLE_DEGREES = 45
SHARE_COLOURS = ("#F7FBFF", "#DEEBF7", "#C6DBEF", "#9ECAE1", "#6BAED6")
"""Five light steps of one hue for shares 0-20, 20-40, 40-60, 60-80 and 80-100 %."""
GAIN_COLOURS = ("#FFFFFF", "#FEF0D0", "#FCD98D", "#F5BE4B", "#E69F00")
"""Five steps of the candidates' hue for how many more people a site would reach."""


@dataclass(frozen=True)
class GroundLook:
    """How a kind of the ground is drawn: ``width_px`` on screen, ``width_mm`` on paper.

    Attributes
    ----------
    key
        Kind, with the class where that is drawn in its own way.
    colour
        Fill of an area, stroke of a line (``is_line``).
    dash
        Of a line, in pixels; empty for a whole one.
    edge
        Of an area; empty for none.
    opacity
        Of an area: the step of a coloured area below still shows through.
    """

    key: str
    colour: str
    is_line: bool = False
    width_px: float = 0.0
    width_mm: float = 0.0
    dash: str = ""
    edge: str = ""
    opacity: float = 1.0


GROUND_LOOKS: tuple[GroundLook, ...] = (
    GroundLook("built_up", BUILT_COLOUR, opacity=0.2),
    GroundLook("green", GREEN_COLOUR, opacity=0.17),
    GroundLook("wood", WOOD_COLOUR, opacity=0.3),
    GroundLook("water", WATER_COLOUR, width_px=0.8, width_mm=0.15, edge=SHORE_COLOUR),
    GroundLook("river", SHORE_COLOUR, is_line=True, width_px=1.4, width_mm=0.28),
    GroundLook("main_street", STREET_COLOUR, is_line=True, width_px=2.6, width_mm=0.5),
    GroundLook("named", STREET_COLOUR, is_line=True, width_px=1.2, width_mm=0.2),
    GroundLook("incomplete", STREET_COLOUR, is_line=True, width_px=1.2, width_mm=0.2, dash="4 3"),
    GroundLook("railway", RAIL_COLOUR, is_line=True, width_px=1.2, width_mm=0.22, dash="7 3"),
    GroundLook("tram", RAIL_COLOUR, is_line=True, width_px=0.7, width_mm=0.12),
)
"""In the order they are drawn. Land is tinted thinly with dark colours, which make no step of a
share lighter: 80 to 100% never looks like 60 to 80%. Nobody lives in water: it has all its colour.
In black and white, meadows are lighter than built-up land and woods darker, water has a shore, and
railways are dashed."""


def mix(colour: str, ground: str, opacity: float) -> str:
    """Return what is seen of a colour on a ground.

    Examples
    --------
    >>> mix("#000000", "#FFFFFF", 0.4)
    '#999999'
    """
    parts = ((int(colour[k : k + 2], 16), int(ground[k : k + 2], 16)) for k in (1, 3, 5))
    return "#" + "".join(f"{round(opacity * a + (1 - opacity) * b):02X}" for a, b in parts)


class Sign(StrEnum):
    """What a sign on the map stands for."""

    OPEN = "open"
    PLANNED = "planned"
    CLOSED = "closed"
    DISPUTED = "disputed"
    CANDIDATE = "candidate"
    CHOSEN = "chosen"
    ADDRESS = "address"
    REVIEW = "review"


Shape = Literal["circle", "diamond", "pin", "square"]
Ring = Literal["solid", "dashed", "dotted"]


@dataclass(frozen=True)
class SignForm:
    """Form of a sign: shape, colours of its body, ring and edge, and a glyph inside.

    The ring lies around the body and the thin edge around the ring, so that a light ring stands out
    from a light map and the body from its ring.
    """

    shape: Shape
    body: str
    ring: str
    edge: str
    ring_style: Ring = "solid"
    glyph: str = ""
    glyph_colour: str = WHITE


SIGN_FORMS: dict[Sign, SignForm] = {
    Sign.OPEN: SignForm("circle", OPEN_COLOUR, WHITE, TEXT_COLOUR),
    Sign.PLANNED: SignForm("circle", WHITE, OPEN_COLOUR, WHITE, "dashed"),
    Sign.CLOSED: SignForm("circle", WHITE, OPEN_COLOUR, WHITE, "dashed", "×", OPEN_COLOUR),
    Sign.DISPUTED: SignForm("circle", OPEN_COLOUR, TEXT_COLOUR, WHITE, "dotted", "?"),
    Sign.CANDIDATE: SignForm("diamond", CANDIDATE_COLOUR, TEXT_COLOUR, WHITE),
    Sign.CHOSEN: SignForm(
        "diamond", CANDIDATE_COLOUR, "#000000", WHITE, glyph="★", glyph_colour="#000000"
    ),
    Sign.ADDRESS: SignForm("pin", TEXT_COLOUR, WHITE, TEXT_COLOUR),
    Sign.REVIEW: SignForm(
        "square", WHITE, UNSERVED_COLOUR, TEXT_COLOUR, glyph="!", glyph_colour=TEXT_COLOUR
    ),
}


def share_class(share: float | None) -> int | None:
    """Return the index 0-4 of a share's colour in :data:`SHARE_COLOURS`, ``None`` if unknown.

    A class holds its lower bound and not its upper one; 1.0 belongs to the last class.

    Raises
    ------
    ValueError
        If the share lies outside 0-1.
    """
    if share is None or math.isnan(share):
        return None
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    return min(int(share * 5 + 1e-9), 4)
