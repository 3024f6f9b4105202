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
SHORE_COLOUR = "#8FB3C9"
STREET_COLOUR = "#C9C9C9"
BORDER_COLOUR = "#6B6B6B"
CELL_EDGE_COLOUR = "#A3A9B0"
LAND_COLOUR = "#FAFAF7"
WHITE = "#FFFFFF"
HATCH_ANGLE_DEGREES = 45
SHARE_COLOURS = ("#F7FBFF", "#DEEBF7", "#C6DBEF", "#9ECAE1", "#6BAED6")
"""Five light steps of one hue for shares 0-20, 20-40, 40-60, 60-80 and 80-100 %."""
GAIN_COLOURS = ("#FFFFFF", "#FEF0D0", "#FCD98D", "#F5BE4B", "#E69F00")
"""Five steps of the candidates' hue for how many more people a site would reach."""


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
