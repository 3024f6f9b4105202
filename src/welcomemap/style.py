"""Colours and signs, shared by the interactive map, the printed map and the app."""

from __future__ import annotations

OPEN_COLOUR = "#0072B2"
CANDIDATE_COLOUR = "#E69F00"
UNSERVED_COLOUR = "#D55E00"
GAINED_COLOUR = "#009E73"
LOST_COLOUR = "#D55E00"
TEXT_COLOUR = "#1A1A1A"
WATER_COLOUR = "#DCE9F2"
STREET_COLOUR = "#C9C9C9"
BORDER_COLOUR = "#6B6B6B"
HATCH_ANGLE_DEGREES = 45
SHARE_COLOURS = ("#F7FBFF", "#DEEBF7", "#C6DBEF", "#9ECAE1", "#6BAED6")
"""Five light steps of one hue for shares 0-20, 20-40, 40-60, 60-80 and 80-100 %."""
