"""Drawing in millimetres on paper: frame, areas, hatching, lines, labels and signs.

Shapes are added as artists: the axes' limits are the paper's and need not follow them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.geometry import list_lines, list_polygons
from welcomemap.crs import Points
from welcomemap.extras import require_extra
from welcomemap.report.fonts import pick_font
from welcomemap.style import SIGN_FORMS, TEXT_COLOUR, WHITE, Sign, SignForm

require_extra("paper", by=__name__)

from matplotlib.axes import Axes  # noqa: E402 - what the extra brings
from matplotlib.patches import Circle, PathPatch, Polygon  # noqa: E402 - as above
from matplotlib.path import Path  # noqa: E402 - as above
from matplotlib.patheffects import withStroke  # noqa: E402 - as above
from matplotlib.textpath import text_to_path  # noqa: E402 - as above

NICE_SCALES = (
    1.0, 1.1, 1.2, 1.25, 1.4, 1.5, 1.6, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5,
    6.0, 7.0, 7.5, 8.0, 9.0, 10.0,
)  # fmt: skip
BAR_STEPS = (1.0, 2.0, 5.0)
MARGIN_MM = 2.5
SMALLEST_SPAN_M = 50.0


@dataclass(frozen=True)
class MapFrame:
    """A map box on paper.

    Attributes
    ----------
    west, south
        Metric coordinates of the box's lower left corner, in metres.
    scale
        Denominator: 1 mm on paper is ``scale`` mm outside.
    left_mm, bottom_mm, width_mm, height_mm
        The box in the image, measured from its lower left corner.
    """

    west: float
    south: float
    scale: float
    left_mm: float
    bottom_mm: float
    width_mm: float
    height_mm: float

    def to_mm(self, points: Points) -> NDArray[np.float64]:
        """Convert (n, 2) metres to (n, 2) millimetres from the image's lower left corner."""
        per_m = 1000.0 / self.scale
        moved = (np.asarray(points, dtype=np.float64) - [self.west, self.south]) * per_m
        placed: NDArray[np.float64] = moved + np.array([self.left_mm, self.bottom_mm])
        return placed

    def length_mm(self, metres: float) -> float:
        """Convert a length in metres to millimetres on paper."""
        return metres * 1000.0 / self.scale


def choose_scale(width_m: float, height_m: float, width_mm: float, height_mm: float) -> float:
    """Return the largest round scale (smallest denominator) at which a region fits a box."""
    least = max(width_m * 1000.0 / width_mm, height_m * 1000.0 / height_mm)
    power = 10.0 ** math.floor(math.log10(least))
    return next(nice * power for nice in NICE_SCALES if nice * power >= least * (1 - 1e-12))


def frame_region(
    bounds: tuple[float, float, float, float],
    *,
    left_mm: float,
    bottom_mm: float,
    width_mm: float,
    height_mm: float,
) -> MapFrame:
    """Fit a region into a box: full width, and as high as the region needs.

    Parameters
    ----------
    bounds
        West, south, east, north in metres.
    width_mm, height_mm
        Room for the box; the height is the most it may have.
    """
    west, south, east, north = bounds
    across, along = max(east - west, SMALLEST_SPAN_M), max(north - south, SMALLEST_SPAN_M)
    scale = choose_scale(across, along, width_mm - 2 * MARGIN_MM, height_mm - 2 * MARGIN_MM)
    box_height = along * 1000.0 / scale + 2 * MARGIN_MM
    half_width_m, half_height_m = width_mm * scale / 2000.0, box_height * scale / 2000.0
    return MapFrame(
        west=(west + east) / 2 - half_width_m,
        south=(south + north) / 2 - half_height_m,
        scale=scale,
        left_mm=left_mm,
        bottom_mm=bottom_mm,
        width_mm=width_mm,
        height_mm=box_height,
    )


def choose_bar_m(scale: float, most_mm: float) -> float:
    """Return the longest round length (1, 2 or 5 times a power of ten metres) that fits."""
    most_m = most_mm * scale / 1000.0
    power = 10.0 ** math.floor(math.log10(most_m))
    return max(step * power for step in BAR_STEPS if step * power <= most_m * (1 + 1e-12))


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
        Whether it may stand aside with a line back; else it is left out where there is no room.
    """

    key: str
    lines: tuple[str, ...]
    places: tuple[tuple[float, float], ...]
    size_pt: float
    is_bold: bool = False
    priority: int = 1
    may_move: bool = True
    colour: str = TEXT_COLOUR


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
    if not label.places or not label.may_move:
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


SIGN_RADIUS_MM = 1.9
EDGE_MM = 0.22
RING_MM = 0.38
HATCH_GAP_MM = 2.1
RING_DASHES = {"solid": "solid", "dashed": (0, (2.2, 1.5)), "dotted": (0, (0.9, 1.1))}


def mm_to_pt(millimetres: float) -> float:
    """Convert millimetres to points, the unit of line widths."""
    return millimetres / MM_PER_PT


def shape_path(geometry: BaseGeometry, frame: MapFrame) -> Path | None:
    """Return the outline of the polygons of a geometry in millimetres on paper."""
    points: list[Any] = []
    codes: list[Any] = []
    for polygon in list_polygons(geometry):
        for ring in (polygon.exterior, *polygon.interiors):
            placed = frame.to_mm(shapely.get_coordinates(ring))
            points.append(placed)
            codes += [Path.MOVETO, *[Path.LINETO] * (len(placed) - 2), Path.CLOSEPOLY]
    return Path(np.vstack(points), codes) if points else None


def draw_area(
    axes: Axes, geometry: BaseGeometry, frame: MapFrame, *, fill: str, edge: str = "none",
    width_mm: float = 0.2, order: float = 1.0, opacity: float | None = None,
) -> None:  # fmt: skip
    """Fill a geometry and draw its border."""
    path = shape_path(geometry, frame)
    if path is not None:
        axes.add_artist(
            PathPatch(
                path, facecolor=fill, edgecolor=edge, linewidth=mm_to_pt(width_mm), zorder=order,
                joinstyle="round", alpha=opacity,
            )
        )  # fmt: skip


def draw_lines(
    axes: Axes, geometry: BaseGeometry, frame: MapFrame, *, colour: str, width_mm: float,
    order: float, style: Any = "solid",
) -> None:  # fmt: skip
    """Draw the lines of a geometry."""
    points: list[Any] = []
    codes: list[Any] = []
    for line in list_lines(geometry):
        placed = frame.to_mm(shapely.get_coordinates(line))
        points.append(placed)
        codes += [Path.MOVETO, *[Path.LINETO] * (len(placed) - 1)]
    if points:
        axes.add_artist(
            PathPatch(
                Path(np.vstack(points), codes), facecolor="none", edgecolor=colour,
                linewidth=mm_to_pt(width_mm), zorder=order, capstyle="round",
                linestyle=style,
            )
        )  # fmt: skip


def hatch_lines(geometry: BaseGeometry, frame: MapFrame, *, angle: float) -> BaseGeometry:
    """Return parallel lines across a geometry, in metres.

    Parameters
    ----------
    angle
        Degrees from the vertical, clockwise, as in the interactive map.
    """
    west, south, east, north = geometry.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    reach = math.hypot(east - west, north - south) / 2 + 1.0
    gap_m = HATCH_GAP_MM * frame.scale / 1000.0
    count = int(reach / gap_m) + 1
    lines = [
        shapely.LineString([(k * gap_m, -reach), (k * gap_m, reach)])
        for k in range(-count, count + 1)
    ]
    turned = shapely.affinity.rotate(shapely.MultiLineString(lines), -angle, origin=(0, 0))
    return shapely.intersection(shapely.affinity.translate(turned, middle_x, middle_y), geometry)


def draw_hatching(
    axes: Axes, geometry: BaseGeometry, frame: MapFrame, *, colour: str, angle: float, order: float
) -> None:
    """Hatch a geometry: coloured lines on wider white ones, legible on every fill."""
    lines = hatch_lines(geometry, frame, angle=angle)
    draw_lines(axes, lines, frame, colour=WHITE, width_mm=0.9, order=order)
    draw_lines(axes, lines, frame, colour=colour, width_mm=0.42, order=order + 0.01)


def write(
    axes: Axes, x: float, y: float, text: str, size_pt: float, *, is_bold: bool = False,
    colour: str = TEXT_COLOUR, align: str = "left", halo_mm: float = 0.0, order: float = 20.0,
) -> None:  # fmt: skip
    """Write one line of text as it is: nothing in it is a formula. ``y`` is its middle."""
    written = axes.text(
        x, y, text, fontproperties=pick_font(text, size_pt, is_bold=is_bold), color=colour,
        ha=align, va="center_baseline", zorder=order, parse_math=False,
    )  # fmt: skip
    if halo_mm:
        written.set_path_effects([withStroke(linewidth=mm_to_pt(2 * halo_mm), foreground=WHITE)])


def write_lines(
    axes: Axes, x: float, y: float, lines: Sequence[str], size_pt: float, *, is_bold: bool,
    colour: str = TEXT_COLOUR,
) -> None:  # fmt: skip
    """Write several lines around a middle."""
    step = size_pt * LINE_SPACING * MM_PER_PT
    top = y + step * (len(lines) - 1) / 2
    for k, line in enumerate(lines):
        write(axes, x, top - k * step, line, size_pt, is_bold=is_bold, colour=colour,
              align="center", halo_mm=0.45)  # fmt: skip


def draw_sign(
    axes: Axes, x: float, y: float, sign: Sign, *, name: str = "", radius_mm: float = SIGN_RADIUS_MM
) -> None:
    """Draw a sign of the shared style; ``name`` marks it in the SVG."""
    form = SIGN_FORMS[sign]
    is_dashed = form.ring_style != "solid"

    def add(radius: float, fill: str, order: float, edge: str = "none", **look: Any) -> None:
        patch = _patch(form, x, y, radius)
        patch.set(facecolor=fill, edgecolor=edge, zorder=order, **look)
        axes.add_artist(patch)

    add(radius_mm + RING_MM / 2 + EDGE_MM, form.edge, 15.0, gid=name or None)
    add(radius_mm, WHITE if is_dashed else form.body, 15.01)
    add(radius_mm - (RING_MM * 0.8 if is_dashed else 0), form.body, 15.02)
    add(radius_mm, "none", 15.03, form.ring, linewidth=mm_to_pt(RING_MM),
        linestyle=RING_DASHES[form.ring_style])  # fmt: skip
    _draw_glyph(axes, form, x, y, radius_mm, 15.04)


def _patch(form: SignForm, x: float, y: float, radius: float) -> Any:
    if form.shape == "circle":
        return Circle((x, y), radius)
    if form.shape == "square":
        return Polygon(_corners(x, y, radius * 1.15, 45.0), closed=True)
    return Polygon(_corners(x, y, radius * 1.3, 0.0), closed=True)


def _draw_glyph(
    axes: Axes, form: SignForm, x: float, y: float, radius: float, order: float
) -> None:
    colour = form.glyph_colour
    if form.glyph == "★":
        star = _star(x, y, radius * 0.72)
        axes.add_artist(
            Polygon(star, closed=True, facecolor=colour, edgecolor="none", zorder=order)
        )
    elif form.glyph == "×":
        reach = radius * 0.45
        for slope in (-1, 1):
            axes.plot([x - reach, x + reach], [y - slope * reach, y + slope * reach],
                      color=colour, linewidth=mm_to_pt(0.35), zorder=order)  # fmt: skip
    elif form.glyph:
        write(axes, x, y, form.glyph, radius * 4.4, is_bold=True, colour=colour, align="center",
              order=order)  # fmt: skip


def _corners(x: float, y: float, radius: float, turn: float) -> list[list[float]]:
    angles = [math.radians(turn + 90.0 * k) for k in range(4)]
    return [[x + radius * math.cos(a), y + radius * math.sin(a)] for a in angles]


def _star(x: float, y: float, radius: float) -> list[list[float]]:
    points = []
    for k in range(10):
        reach = radius if k % 2 == 0 else radius * 0.42
        angle = math.pi / 2 + math.pi * k / 5
        points.append([x + reach * math.cos(angle), y + reach * math.sin(angle)])
    return points
