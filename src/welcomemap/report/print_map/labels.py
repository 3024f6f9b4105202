"""Labels that do not collide: with each other, with signs, with the edge of the map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from matplotlib.textpath import text_to_path

from welcomemap.report.fonts import pick_font

MM_PER_PT = 25.4 / 72.0
LINE_SPACING = 1.12
PADDING_MM = 0.35
SHRINKING = (1.0, 0.88, 0.78)
SPIRAL_STEP_MM = 1.6
SPIRAL_TURNS = 14
LEADER_FROM_MM = 3.0
"""A label farther from its place than this gets a line to it."""


@dataclass(frozen=True)
class Box:
    """A rectangle on paper in millimetres."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Tell whether two boxes share an area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def is_inside(self, other: Box) -> bool:
        """Tell whether this box lies wholly in another."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.bottom >= other.bottom
            and self.top <= other.top
        )


@dataclass(frozen=True)
class Label:
    """A text to place, and where it may go.

    Attributes
    ----------
    lines
        One or more lines; the first is bold if ``is_bold``.
    places
        Middles to try in millimetres, best first.
    priority
        Lower is placed first.
    may_move
        Whether it may move out of its places, with a line back.
    """

    key: str
    lines: tuple[str, ...]
    places: tuple[tuple[float, float], ...]
    size_pt: float
    is_bold: bool = False
    priority: int = 1
    may_move: bool = True


@dataclass(frozen=True)
class PlacedLabel:
    """A label with its size and the middle it was given; ``leader`` is where a line leads to."""

    label: Label
    x: float
    y: float
    size_pt: float
    box: Box
    leader: tuple[float, float] | None = None


def measure(lines: Sequence[str], size_pt: float, *, is_bold: bool) -> tuple[float, float]:
    """Return width and height of lines of text in millimetres."""
    widths = [measure_line(line, size_pt, is_bold=is_bold) for line in lines]
    return max(widths, default=0.0), len(lines) * size_pt * LINE_SPACING * MM_PER_PT


@lru_cache(maxsize=4096)
def measure_line(line: str, size_pt: float, *, is_bold: bool) -> float:
    """Return the width of one line in millimetres."""
    font = pick_font(line, size_pt, is_bold=is_bold)
    width, _, _ = text_to_path.get_text_width_height_descent(line, font, ismath=False)
    return float(width) * MM_PER_PT


def wrap(text: str, size_pt: float, width_mm: float, *, is_bold: bool = False) -> tuple[str, ...]:
    """Break a text into lines that fit; a word that is too long is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and measure_line(longer, size_pt, is_bold=is_bold) > width_mm:
            lines.append(line)
            longer = word
        line = longer
        while len(line) > 1 and measure_line(line, size_pt, is_bold=is_bold) > width_mm:
            fitting = _fitting(line, size_pt, width_mm, is_bold=is_bold)
            lines.append(line[:fitting])
            line = line[fitting:]
    return (*lines, line) if line else tuple(lines)


def _fitting(line: str, size_pt: float, width_mm: float, *, is_bold: bool) -> int:
    count = len(line) - 1
    while count > 1 and measure_line(line[:count], size_pt, is_bold=is_bold) > width_mm:
        count -= 1
    return count


def place_labels(
    labels: Sequence[Label], obstacles: Sequence[Box], edge: Box
) -> tuple[PlacedLabel, ...]:
    """Place labels one after the other, each where nothing lies yet.

    A label tries its places in order, then smaller, then moves aside with a line back. One that
    finds no room at all is left out: what it says stands in the tables too.
    """
    taken = list(obstacles)
    placed = []
    for label in sorted(labels, key=lambda one: (one.priority, len(one.places))):
        found = next((one for one in _try_places(label) if _is_free(one.box, taken, edge)), None)
        if found is not None:
            placed.append(found)
            taken.append(found.box)
    return tuple(placed)


def _is_free(box: Box, taken: Sequence[Box], edge: Box) -> bool:
    return box.is_inside(edge) and not any(box.overlaps(other) for other in taken)


def _try_places(label: Label) -> Iterator[PlacedLabel]:
    for shrinking in SHRINKING:
        size = label.size_pt * shrinking
        width, height = measure(label.lines, size, is_bold=label.is_bold)
        for x, y in label.places:
            yield PlacedLabel(label, x, y, size, _box_around(x, y, width, height))
    if not label.may_move or not label.places:
        return
    size = label.size_pt * SHRINKING[-1]
    width, height = measure(label.lines, size, is_bold=label.is_bold)
    at_x, at_y = label.places[0]
    for x, y in _spiral(at_x, at_y):
        is_far = math.hypot(x - at_x, y - at_y) > LEADER_FROM_MM
        box = _box_around(x, y, width, height)
        yield PlacedLabel(label, x, y, size, box, (at_x, at_y) if is_far else None)


def _box_around(x: float, y: float, width: float, height: float) -> Box:
    across, along = width / 2 + PADDING_MM, height / 2 + PADDING_MM
    return Box(x - across, y - along, x + across, y + along)


def _spiral(x: float, y: float) -> Iterator[tuple[float, float]]:
    for turn in range(1, SPIRAL_TURNS + 1):
        radius = turn * SPIRAL_STEP_MM
        count = 8 + 4 * turn
        for k in range(count):
            angle = 2 * math.pi * k / count
            yield x + radius * math.cos(angle), y + radius * math.sin(angle)
