"""Drawing in millimetres on paper: areas, hatching, lines, texts and signs.

Shapes are added as artists: the axes' limits are the paper's and need not follow them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Circle, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from welcomemap.maps.geometry import list_lines, list_polygons
from welcomemap.report.fonts import pick_font
from welcomemap.report.print_map.frame import MapFrame
from welcomemap.report.print_map.labels import LINE_SPACING, MM_PER_PT
from welcomemap.style import SIGN_FORMS, TEXT_COLOUR, WHITE, Sign, SignForm

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
    width_mm: float = 0.2, order: float = 1.0, dashes: Any = "solid",
) -> None:  # fmt: skip
    """Fill a geometry and draw its border."""
    path = shape_path(geometry, frame)
    if path is not None:
        axes.add_artist(
            PathPatch(
                path, facecolor=fill, edgecolor=edge, linewidth=mm_to_pt(width_mm), zorder=order,
                joinstyle="round", linestyle=dashes,
            )
        )  # fmt: skip


def draw_lines(
    axes: Axes, geometry: BaseGeometry, frame: MapFrame, *, colour: str, width_mm: float,
    order: float,
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
            )
        )  # fmt: skip


def hatch_lines(
    geometry: BaseGeometry, frame: MapFrame, *, angle: float, gap_mm: float = HATCH_GAP_MM
) -> BaseGeometry:
    """Return parallel lines across a geometry, in metres.

    Parameters
    ----------
    angle
        Degrees from the vertical, clockwise, as in the interactive map.
    """
    west, south, east, north = geometry.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    reach = math.hypot(east - west, north - south) / 2 + 1.0
    gap_m = gap_mm * frame.scale / 1000.0
    count = int(reach / gap_m) + 1
    lines = [
        shapely.LineString([(k * gap_m, -reach), (k * gap_m, reach)])
        for k in range(-count, count + 1)
    ]
    turned = shapely.affinity.rotate(shapely.MultiLineString(lines), -angle, origin=(0, 0))
    moved = shapely.affinity.translate(turned, middle_x, middle_y)
    return shapely.intersection(moved, geometry)


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
    axes: Axes, x: float, y: float, lines: Sequence[str], size_pt: float, *, is_bold: bool = False,
    colour: str = TEXT_COLOUR, align: str = "center", halo_mm: float = 0.45, order: float = 20.0,
) -> None:  # fmt: skip
    """Write several lines around a middle."""
    step = size_pt * LINE_SPACING * MM_PER_PT
    top = y + step * (len(lines) - 1) / 2
    for k, line in enumerate(lines):
        write(axes, x, top - k * step, line, size_pt, is_bold=is_bold, colour=colour, align=align,
              halo_mm=halo_mm, order=order)  # fmt: skip


def draw_sign(
    axes: Axes, x: float, y: float, sign: Sign, *, name: str = "", order: float = 15.0,
    radius_mm: float = SIGN_RADIUS_MM,
) -> None:  # fmt: skip
    """Draw a sign of the shared style; ``name`` marks it in the SVG."""
    form = SIGN_FORMS[sign]
    is_dashed = form.ring_style != "solid"
    ground = WHITE if is_dashed else form.body
    _shape(axes, form, x, y, radius_mm + RING_MM / 2 + EDGE_MM, form.edge, order, name)
    _shape(axes, form, x, y, radius_mm, ground, order + 0.01)
    _shape(axes, form, x, y, radius_mm - (RING_MM * 0.8 if is_dashed else 0), form.body,
           order + 0.02)  # fmt: skip
    ring = _patch(form, x, y, radius_mm)
    ring.set(facecolor="none", edgecolor=form.ring, linewidth=mm_to_pt(RING_MM),
             linestyle=RING_DASHES[form.ring_style], zorder=order + 0.03)  # fmt: skip
    axes.add_artist(ring)
    _draw_glyph(axes, form, x, y, radius_mm, order + 0.04)


def _patch(form: SignForm, x: float, y: float, radius: float) -> Any:
    if form.shape == "circle":
        return Circle((x, y), radius)
    if form.shape == "square":
        return Polygon(_corners(x, y, radius * 1.15, 4, 45.0), closed=True)
    return Polygon(_corners(x, y, radius * 1.3, 4, 0.0), closed=True)


def _shape(
    axes: Axes, form: SignForm, x: float, y: float, radius: float, colour: str, order: float,
    name: str = "",
) -> None:  # fmt: skip
    patch = _patch(form, x, y, radius)
    patch.set(facecolor=colour, edgecolor="none", zorder=order)
    if name:
        patch.set_gid(name)
    axes.add_artist(patch)


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


def _corners(x: float, y: float, radius: float, count: int, turn: float) -> list[list[float]]:
    angles = [math.radians(turn + 360.0 * k / count) for k in range(count)]
    return [[x + radius * math.cos(a), y + radius * math.sin(a)] for a in angles]


def _star(x: float, y: float, radius: float) -> list[list[float]]:
    points = []
    for k in range(10):
        reach = radius if k % 2 == 0 else radius * 0.42
        angle = math.pi / 2 + math.pi * k / 5
        points.append([x + reach * math.cos(angle), y + reach * math.sin(angle)])
    return points
