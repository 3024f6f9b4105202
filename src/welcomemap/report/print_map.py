"""Maps for paper: one style with the interactive map, right to half a millimetre."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Hatch, LegendBlock, LegendKey, LegendRow
from welcomemap.cartography.geometry import place_labels as find_places
from welcomemap.cartography.signs import HATCHES
from welcomemap.extras import require_extra
from welcomemap.report.drawing import (
    LINE_SPACING,
    MM_PER_PT,
    SIGN_RADIUS_MM,
    Box,
    Label,
    MapFrame,
    PlacedLabel,
    choose_bar_m,
    draw_area,
    draw_hatching,
    draw_lines,
    draw_sign,
    frame_region,
    measure,
    mm_to_pt,
    place_labels,
    wrap,
    write,
    write_lines,
)
from welcomemap.style import (
    BORDER_COLOUR,
    CELL_EDGE_COLOUR,
    GROUND_LOOKS,
    PLACE_COLOUR,
    SHORE_COLOUR,
    STREET_COLOUR,
    TEXT_COLOUR,
    WATER_COLOUR,
    WATER_NAME_COLOUR,
    WHITE,
    Sign,
)
from welcomemap.wording import NO_BREAK_SPACE, Language, format_number, say

require_extra("paper", by=__name__)

import matplotlib as mpl  # noqa: E402 - what the extra brings
from matplotlib.axes import Axes  # noqa: E402 - as above
from matplotlib.figure import Figure  # noqa: E402 - as above
from matplotlib.patches import Polygon, Rectangle  # noqa: E402 - as above


@dataclass(frozen=True)
class PrintArea:
    """An area: fill, hatchings, and the lines of its label (none for no label)."""

    key: str
    geometry: BaseGeometry
    fill: str
    hatches: tuple[Hatch, ...] = ()
    label: tuple[str, ...] = ()
    is_bold: bool = False
    size_pt: float = 7.5
    priority: int = 2


@dataclass(frozen=True)
class PrintSign:
    """A sign at metric coordinates, with a label beside it if there is one."""

    key: str
    x: float
    y: float
    sign: Sign
    label: str = ""
    is_bold: bool = False


@dataclass(frozen=True)
class PrintMap:
    """A map for paper.

    Attributes
    ----------
    key
        Short name in ASCII.
    title
        The finding.
    alt
        What the map shows, in words and numbers, for people who do not see it.
    borders
        Outlines drawn heavier, above the areas.
    sources
        Sources and licences, one line.
    remark
        What else a reader must know, such as what other sources say against the list.
    status
        Date of the data.
    """

    key: str
    title: str
    subtitle: str
    alt: str
    areas: tuple[PrintArea, ...]
    borders: tuple[BaseGeometry, ...]
    signs: tuple[PrintSign, ...]
    legend: tuple[LegendBlock, ...]
    ground: Basemap
    sources: str
    remark: str
    status: str
    language: Literal["de", "en"]


TEXT_PT = 7.5
KEY_MM = 7.5
"""Width of the column of signs and swatches."""
ROW_MM = 5.2
KEY_LINE_MM = 0.4
LINE_MM = TEXT_PT * LINE_SPACING * MM_PER_PT
BLOCK_GAP_MM = 2.2
DASHES = (0, (4.0, 2.0))
BAR_HEIGHT_MM = 1.3
BAR_SHARE = 0.4
MOST_BAR_MM = 45.0
SCALE_ROW_MM = 11.0


@dataclass(frozen=True)
class Entry:
    """A line of the legend with its text broken, and its height."""

    row: LegendRow | None
    lines: tuple[str, ...]
    height_mm: float


Column = Sequence[Entry]
"""Entries one below the other."""


def sum_heights(entries: Column) -> float:
    """Return the height of all entries in millimetres."""
    return sum(entry.height_mm for entry in entries)


def lay_out(blocks: Sequence[LegendBlock], width_mm: float, n_columns: int) -> Sequence[Column]:
    """Break the legend into columns of about equal height; a block stays in one column."""
    column_mm = width_mm / n_columns - 2.0
    parts = [_lay_out_block(block, column_mm) for block in blocks]
    total = sum(map(sum_heights, parts))
    columns: list[list[Entry]] = [[]]
    for part in parts:
        is_full = sum_heights(columns[-1]) + sum_heights(part) / 2 > total / n_columns
        if columns[-1] and is_full and len(columns) < n_columns:
            columns.append([])
        columns[-1].extend(part)
    return columns


def _lay_out_block(block: LegendBlock, width_mm: float) -> list[Entry]:
    entries = []
    if block.heading:
        lines = wrap(block.heading, TEXT_PT, width_mm, is_bold=True)
        entries.append(Entry(None, lines, len(lines) * LINE_MM + 0.8))
    for row in block.rows:
        lines = wrap(row.text, TEXT_PT, width_mm - KEY_MM)
        entries.append(Entry(row, lines, max(ROW_MM, len(lines) * LINE_MM + 0.8)))
    entries.append(Entry(None, (), BLOCK_GAP_MM))
    return entries


def draw_legend(
    axes: Axes, columns: Sequence[Column], x: float, top: float, width_mm: float
) -> None:
    """Draw the columns side by side from their upper left corner."""
    for number, column in enumerate(columns):
        left, y = x + number * width_mm / len(columns), top
        for entry in column:
            middle = y - entry.height_mm / 2
            if entry.row is not None:
                _draw_key(axes, entry.row.key, left, middle)
            indent = 0.0 if entry.row is None else KEY_MM
            first = middle + LINE_MM * (len(entry.lines) - 1) / 2
            for k, line in enumerate(entry.lines):
                write(axes, left + indent, first - k * LINE_MM, line, TEXT_PT,
                      is_bold=entry.row is None)  # fmt: skip
            y -= entry.height_mm


def _draw_key(axes: Axes, key: LegendKey, left: float, middle: float) -> None:
    if key.sign is not None:
        draw_sign(axes, left + 2.8, middle, key.sign, radius_mm=1.7)
    elif key.shape == "line":
        axes.plot([left, left + 5.6], [middle, middle], color=key.colour,
                  linewidth=mm_to_pt(KEY_LINE_MM), zorder=10,
                  linestyle=DASHES if key.is_dashed else "solid")  # fmt: skip
    elif key.shape == "swatch":
        _draw_swatch(axes, key, left, middle)
    else:
        raise ValueError(f"the legend of a printed map has no {key.shape}")


def _draw_swatch(axes: Axes, key: LegendKey, left: float, middle: float) -> None:
    box = shapely.box(left, middle - 1.8, left + 5.6, middle + 1.8)
    paper = MapFrame(0.0, 0.0, 1000.0, 0.0, 0.0, 1.0, 1.0)
    axes.add_artist(Rectangle((left, middle - 1.8), 5.6, 3.6, facecolor=key.colour,
                             edgecolor="none", zorder=9))  # fmt: skip
    if key.hatch:
        colour, angle = HATCHES[key.hatch]
        draw_hatching(axes, box, paper, colour=colour, angle=angle, order=9.2)
    outline = Rectangle((left, middle - 1.8), 5.6, 3.6, facecolor="none", zorder=10)
    outline.set(edgecolor=key.edge or BORDER_COLOUR, linewidth=mm_to_pt(0.2))
    axes.add_artist(outline)


def draw_scale_row(axes: Axes, frame: MapFrame, language: Language) -> None:
    """Draw scale bar and north arrow under the map box.

    The bar is exactly as long as its metres are on the map: ``metres * 1000 / scale`` millimetres.
    """
    metres = choose_bar_m(frame.scale, min(MOST_BAR_MM, frame.width_mm * BAR_SHARE))
    left, y = frame.left_mm + 2.0, frame.bottom_mm - 6.2
    length = frame.length_mm(metres)
    parts = 4
    for k in range(parts):
        axes.add_artist(
            Rectangle(
                (left + k * length / parts, y), length / parts, BAR_HEIGHT_MM,
                facecolor=TEXT_COLOUR if k % 2 == 0 else WHITE, edgecolor=TEXT_COLOUR,
                linewidth=mm_to_pt(0.15), zorder=12, gid=f"scale-bar-{k}",
            )
        )  # fmt: skip
    unit, per_unit = ("km", 1000.0) if metres >= 1000 else ("m", 1.0)
    for share in (0.0, 0.5, 1.0):
        value = share * metres / per_unit
        digits = 0 if float(value).is_integer() else 1 if float(value * 10).is_integer() else 2
        text = format_number(value, language, digits)
        if share == 1.0:
            text = f"{text}{NO_BREAK_SPACE}{unit}"
        write(axes, left + share * length, y + 3.2, text, 6.5, align="center")
    scale_word = say("Scale at full size").in_language(language)
    said = f"{scale_word} 1 : {format_number(frame.scale, language)}"
    write(axes, left, y - 2.2, said, 6.5, colour="#4A4A4A")
    _draw_north(axes, frame.left_mm + frame.width_mm - 5.0, frame.bottom_mm - 1.6)


def _draw_north(axes: Axes, x: float, top: float) -> None:
    base = top - 5.8
    points = [(x, top), (x + 1.9, base), (x, base + 1.2), (x - 1.9, base)]
    axes.add_artist(
        Polygon(points, closed=True, facecolor=TEXT_COLOUR, edgecolor="none", zorder=12)
    )
    write(axes, x, base - 2.0, "N", 8.0, is_bold=True, align="center")


SALT = "welcomemap"
SETTINGS: Any = {"svg.hashsalt": SALT, "svg.fonttype": "path", "path.simplify": False}
SVG_METADATA = {"Date": None, "Creator": SALT}
PNG_DPI = 300
LEGEND_GAP_MM = 4.0
PAGE_MARGIN_MM = 8.0
TITLE_PT, SUBTITLE_PT, REMARK_PT, SOURCE_PT = 14.0, 9.0, 7.5, 6.0
LABEL_PLACES = 40
_DRAWING = threading.Lock()
"""Matplotlib's settings belong to the process; one map is drawn at a time."""


@dataclass(frozen=True)
class Sheet:
    """Room for a map on paper, in millimetres; ``legend_mm`` is its width beside the map."""

    width_mm: float
    height_mm: float
    legend_mm: float = 52.0


A4 = Sheet(170.0, 188.0)
A3_LANDSCAPE = Sheet(246.0, 224.0, 66.0)


@dataclass(frozen=True)
class DrawnMap:
    """A map as SVG, its size, and where its parts lie."""

    key: str
    svg: bytes
    width_mm: float
    height_mm: float
    frame: MapFrame
    labels: tuple[PlacedLabel, ...]
    obstacles: tuple[Box, ...]


@dataclass(frozen=True)
class _Layout:
    frame: MapFrame
    columns: Sequence[Column]
    legend_x: float
    legend_top: float
    legend_mm: float
    width_mm: float
    height_mm: float


def draw_map(content: PrintMap, sheet: Sheet = A4) -> DrawnMap:
    """Draw a map with legend, scale bar and north arrow; heading and sources stand around it."""
    layout = _lay_out(content, sheet)
    figure, axes = _open_figure(layout.width_mm, layout.height_mm)
    with _DRAWING, mpl.rc_context(SETTINGS):
        labels, obstacles = _draw_body(axes, content, layout)
        svg = _save(figure, "svg", SVG_METADATA)
    return DrawnMap(content.key, svg, layout.width_mm, layout.height_mm, layout.frame, labels,
                    obstacles)  # fmt: skip


def draw_page(content: PrintMap, sheet: Sheet = A4) -> tuple[bytes, bytes]:
    """Draw a map with heading and sources, to stand alone; return SVG and PNG at 300 dpi."""
    layout = _lay_out(content, sheet)
    inner = max(layout.width_mm, 120.0)
    head = [
        (line, TITLE_PT, True) for line in wrap(content.title, TITLE_PT, inner, is_bold=True)
    ] + [(line, SUBTITLE_PT, False) for line in wrap(content.subtitle, SUBTITLE_PT, inner)]
    foot = [(line, REMARK_PT, False) for line in wrap(content.remark, REMARK_PT, inner)]
    foot += [
        (line, SOURCE_PT, False)
        for text in (content.status, content.sources)
        for line in wrap(text, SOURCE_PT, inner)
    ]
    head_mm, foot_mm = (_height(lines) for lines in (head, foot))
    width = inner + 2 * PAGE_MARGIN_MM
    height = layout.height_mm + head_mm + foot_mm + 2 * PAGE_MARGIN_MM + 6.0
    figure, axes = _open_figure(width, height)
    moved = _move(layout, PAGE_MARGIN_MM, PAGE_MARGIN_MM + foot_mm + 3.0)
    with _DRAWING, mpl.rc_context(SETTINGS):
        _write_block(axes, head, PAGE_MARGIN_MM, height - PAGE_MARGIN_MM)
        _draw_body(axes, content, moved)
        _write_block(axes, foot, PAGE_MARGIN_MM, PAGE_MARGIN_MM + foot_mm)
        svg = _save(figure, "svg", SVG_METADATA)
        return svg, _save(figure, "png", {"Software": SALT})


def _open_figure(width_mm: float, height_mm: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), dpi=PNG_DPI, facecolor=WHITE)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0.0, width_mm)
    axes.set_ylim(0.0, height_mm)
    axes.set_axis_off()
    return figure, axes


def _save(figure: Figure, form: str, metadata: dict[str, str | None]) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format=form, dpi=PNG_DPI, metadata=metadata)
    return buffer.getvalue()


def _lay_out(content: PrintMap, sheet: Sheet) -> _Layout:
    """Put the legend beside a tall map and below a wide one, whichever shows the region larger."""
    bounds = content.ground.outline.bounds
    beside_room = sheet.width_mm - sheet.legend_mm - LEGEND_GAP_MM
    beside = lay_out(content.legend, sheet.legend_mm, 1)
    below = lay_out(content.legend, sheet.width_mm, 3)
    below_mm = max(map(sum_heights, below)) + 3.0
    first = frame_region(
        bounds, left_mm=0.2, bottom_mm=SCALE_ROW_MM,
        width_mm=beside_room, height_mm=sheet.height_mm - SCALE_ROW_MM,
    )  # fmt: skip
    second = frame_region(
        bounds, left_mm=0.2, bottom_mm=below_mm + SCALE_ROW_MM,
        width_mm=sheet.width_mm - 0.4, height_mm=sheet.height_mm - below_mm - SCALE_ROW_MM,
    )  # fmt: skip
    if first.scale <= second.scale:
        height = max(first.height_mm + SCALE_ROW_MM, sum_heights(beside[0])) + 0.4
        frame = replace(first, bottom_mm=height - first.height_mm - 0.2)
        return _Layout(frame, beside, beside_room + LEGEND_GAP_MM, height, sheet.legend_mm,
                       sheet.width_mm, height)  # fmt: skip
    height = below_mm + SCALE_ROW_MM + second.height_mm + 0.4
    return _Layout(second, below, 0.0, below_mm, sheet.width_mm, sheet.width_mm, height)


def _move(layout: _Layout, x: float, y: float) -> _Layout:
    frame = layout.frame
    moved = replace(frame, left_mm=frame.left_mm + x, bottom_mm=frame.bottom_mm + y)
    return replace(
        layout, frame=moved, legend_x=layout.legend_x + x, legend_top=layout.legend_top + y
    )


def _draw_body(
    axes: Axes, content: PrintMap, layout: _Layout
) -> tuple[tuple[PlacedLabel, ...], tuple[Box, ...]]:
    frame = layout.frame
    _draw_ground(axes, content, frame)
    obstacles = tuple(_box_of(sign, frame) for sign in content.signs)
    edge = Box(frame.left_mm, frame.bottom_mm, frame.left_mm + frame.width_mm,
               frame.bottom_mm + frame.height_mm)  # fmt: skip
    wanted = [_area_label(area, frame) for area in content.areas if area.label]
    wanted += [_sign_label(sign, frame) for sign in content.signs if sign.label]
    wanted += _name_places(content, frame)
    labels = place_labels(wanted, obstacles, edge)
    for placed in labels:
        _draw_label(axes, placed)
    for sign in content.signs:
        x, y = frame.to_mm(np.array([[sign.x, sign.y]]))[0]
        draw_sign(axes, x, y, sign.sign, name=f"sign-{sign.key}")
    axes.add_artist(Rectangle((frame.left_mm, frame.bottom_mm), frame.width_mm, frame.height_mm,
                             facecolor="none", edgecolor=BORDER_COLOUR, zorder=30,
                             linewidth=mm_to_pt(0.25), gid="map-box"))  # fmt: skip
    draw_scale_row(axes, frame, content.language)
    draw_legend(axes, layout.columns, layout.legend_x, layout.legend_top, layout.legend_mm)
    return labels, obstacles


def _draw_ground(axes: Axes, content: PrintMap, frame: MapFrame) -> None:
    ground = content.ground
    for area in content.areas:
        draw_area(axes, area.geometry, frame, fill=area.fill, edge=CELL_EDGE_COLOUR,
                  width_mm=0.15, order=1.0)  # fmt: skip
    _draw_looks(axes, content, frame)
    streets = ground.streets
    if ground.ground:
        streets = shapely.clip_by_rect(streets, *_map_box(frame).bounds)
    draw_lines(axes, streets, frame, colour=STREET_COLOUR, width_mm=0.25, order=2.0)
    for area in content.areas:
        for hatch in area.hatches:
            colour, angle = HATCHES[hatch]
            draw_hatching(axes, area.geometry, frame, colour=colour, angle=angle, order=3.0)
    if not ground.river.is_empty:
        shown = shapely.intersection(ground.river, _map_box(frame))
        draw_area(axes, shown, frame, fill=WATER_COLOUR, edge=SHORE_COLOUR, order=4.0)
    for border in content.borders:
        draw_area(axes, border, frame, fill="none", edge=BORDER_COLOUR, width_mm=0.35, order=3.8)


def _draw_looks(axes: Axes, content: PrintMap, frame: MapFrame) -> None:
    """Draw the areas of the ground over the coloured areas, and its lines between the streets."""
    box = _map_box(frame).bounds
    for k, look in enumerate(GROUND_LOOKS):
        if look.key not in content.ground.ground:
            continue
        shown = shapely.clip_by_rect(content.ground.ground[look.key], *box)
        if look.is_line:
            style = DASHES if look.dash else "solid"
            draw_lines(axes, shown, frame, colour=look.colour, width_mm=look.width_mm,
                       order=2.0 + k / 100, style=style)  # fmt: skip
        else:
            draw_area(
                axes, shown, frame, fill=look.colour, edge=look.edge or "none",
                width_mm=look.width_mm, order=1.2 + k / 100, opacity=look.opacity,
            )  # fmt: skip


def _name_places(content: PrintMap, frame: MapFrame) -> list[Label]:
    """Return the names on the ground that no label of the map holds; they give way to all."""
    known = {line for area in content.areas for line in area.label}
    labels = []
    for name in content.ground.names:
        if any(name.name in text for text in known):
            continue
        x, y = (float(value) for value in frame.to_mm(np.array([[name.x, name.y]]))[0])
        places = ((x, y), (x, y + 2.2), (x, y - 2.2))
        colour = WATER_NAME_COLOUR if name.is_water else PLACE_COLOUR
        labels.append(
            Label(f"place-{name.name}", (name.name,), places, 6.0, priority=10 + name.rank,
                  may_move=False, colour=colour)
        )  # fmt: skip
    return labels


def _map_box(frame: MapFrame) -> shapely.Polygon:
    per_mm = frame.scale / 1000.0
    return shapely.box(frame.west, frame.south, frame.west + frame.width_mm * per_mm,
                       frame.south + frame.height_mm * per_mm)  # fmt: skip


def _box_of(sign: PrintSign, frame: MapFrame) -> Box:
    x, y = frame.to_mm(np.array([[sign.x, sign.y]]))[0]
    reach = SIGN_RADIUS_MM + 0.9
    return Box(x - reach, y - reach, x + reach, y + reach)


def _area_label(area: PrintArea, frame: MapFrame) -> Label:
    places = frame.to_mm(find_places(area.geometry, places=LABEL_PLACES))
    return Label(area.key, area.label, tuple((float(x), float(y)) for x, y in places),
                 area.size_pt, area.is_bold, area.priority)  # fmt: skip


def _sign_label(sign: PrintSign, frame: MapFrame) -> Label:
    x, y = (float(value) for value in frame.to_mm(np.array([[sign.x, sign.y]]))[0])
    size = 8.5 if sign.is_bold else 6.5
    width, height = measure((sign.label,), size, is_bold=sign.is_bold)
    across, along = SIGN_RADIUS_MM + 1.4 + width / 2, SIGN_RADIUS_MM + 1.3 + height / 2
    steps = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 0.7), (-1, 0.7), (1, -0.7), (-1, -0.7))
    places = tuple((x + a * across, y + b * along) for a, b in steps)
    return Label(sign.key, (sign.label,), places, size, sign.is_bold, 0 if sign.is_bold else 3)


def _draw_label(axes: Axes, placed: PlacedLabel) -> None:
    if placed.leader is not None:
        x, y = placed.leader
        axes.plot([placed.x, x], [placed.y, y], color=TEXT_COLOUR, linewidth=mm_to_pt(0.15),
                  zorder=16)  # fmt: skip
    write_lines(axes, placed.x, placed.y, placed.label.lines, placed.size_pt,
                is_bold=placed.label.is_bold, colour=placed.label.colour)  # fmt: skip


def _height(lines: list[tuple[str, float, bool]]) -> float:
    return sum(size * LINE_SPACING * MM_PER_PT for _, size, _ in lines)


def _write_block(axes: Axes, lines: list[tuple[str, float, bool]], x: float, top: float) -> None:
    y = top
    for line, size, is_bold in lines:
        step = size * LINE_SPACING * MM_PER_PT
        write(axes, x, y - step / 2, line, size, is_bold=is_bold)
        y -= step
