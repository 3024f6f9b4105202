"""The legend and the furniture of a map: scale bar and north arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from welcomemap.maps.signs import HATCHES
from welcomemap.report.print_map.content import LegendBlock, LegendRow
from welcomemap.report.print_map.frame import MapFrame, choose_bar_m
from welcomemap.report.print_map.ink import draw_hatching, draw_sign, mm_to_pt, write
from welcomemap.report.print_map.labels import LINE_SPACING, MM_PER_PT, measure_line, wrap
from welcomemap.style import BORDER_COLOUR, TEXT_COLOUR, WHITE
from welcomemap.wording import NO_BREAK_SPACE, Language, format_number

TEXT_PT = 7.5
KEY_MM = 7.5
"""Width of the column of signs and swatches."""
ROW_MM = 5.2
LINE_MM = TEXT_PT * LINE_SPACING * MM_PER_PT
BLOCK_GAP_MM = 2.2
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


@dataclass(frozen=True)
class Column:
    """Entries one below the other."""

    entries: tuple[Entry, ...]

    @property
    def height_mm(self) -> float:
        """Height of all entries."""
        return sum(entry.height_mm for entry in self.entries)


def lay_out(blocks: Sequence[LegendBlock], width_mm: float, n_columns: int) -> tuple[Column, ...]:
    """Break the legend into columns of about equal height; a block stays in one column."""
    column_mm = width_mm / n_columns - 2.0
    parts = [_lay_out_block(block, column_mm) for block in blocks]
    total = sum(sum(entry.height_mm for entry in part) for part in parts)
    columns: list[list[Entry]] = [[]]
    for part in parts:
        filled = sum(entry.height_mm for entry in columns[-1])
        height = sum(entry.height_mm for entry in part)
        is_full = filled + height / 2 > total / n_columns
        if columns[-1] and is_full and len(columns) < n_columns:
            columns.append([])
        columns[-1].extend(part)
    return tuple(Column(tuple(entries)) for entries in columns)


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
        for entry in column.entries:
            middle = y - entry.height_mm / 2
            if entry.row is not None:
                _draw_key(axes, entry.row, left, middle)
            indent = 0.0 if entry.row is None else KEY_MM
            first = middle + LINE_MM * (len(entry.lines) - 1) / 2
            for k, line in enumerate(entry.lines):
                write(axes, left + indent, first - k * LINE_MM, line, TEXT_PT,
                      is_bold=entry.row is None)  # fmt: skip
            y -= entry.height_mm


def _draw_key(axes: Axes, row: LegendRow, left: float, middle: float) -> None:
    if row.sign is not None:
        draw_sign(axes, left + 2.8, middle, row.sign, radius_mm=1.7)
    elif row.line:
        axes.plot([left, left + 5.6], [middle, middle], color=row.line,
                  linewidth=mm_to_pt(row.line_mm), zorder=10)  # fmt: skip
    else:
        box = shapely.box(left, middle - 1.8, left + 5.6, middle + 1.8)
        paper = MapFrame(0.0, 0.0, 1000.0, 0.0, 0.0, 1.0, 1.0)
        axes.add_artist(Rectangle((left, middle - 1.8), 5.6, 3.6, facecolor=row.fill or WHITE,
                                 edgecolor="none", zorder=9))  # fmt: skip
        if row.hatch:
            colour, angle = HATCHES[row.hatch]
            draw_hatching(axes, box, paper, colour=colour, angle=angle, order=9.2)
        outline = Rectangle((left, middle - 1.8), 5.6, 3.6, facecolor="none", zorder=10)
        outline.set(edgecolor=BORDER_COLOUR, linewidth=mm_to_pt(0.2))
        axes.add_artist(outline)


def draw_scale_row(
    axes: Axes, frame: MapFrame, top: float, *, north: str, scale_word: str, language: Language
) -> None:
    """Draw scale bar and north arrow under the map box.

    The bar is exactly as long as its metres are on the map: ``metres * 1000 / scale`` millimetres.
    """
    most = min(MOST_BAR_MM, frame.width_mm * BAR_SHARE)
    metres = choose_bar_m(frame.scale, most)
    left, y = frame.left_mm + 2.0, top - 6.2
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
    said = f"{scale_word} 1 : {format_number(frame.scale, language)}"
    write(axes, left, y - 2.2, said, 6.5, colour="#4A4A4A")
    _draw_north(axes, frame.left_mm + frame.width_mm - 5.0, top - 1.6, north)


def _draw_north(axes: Axes, x: float, top: float, north: str) -> None:
    tip, base = top, top - 5.8
    points = [(x, tip), (x + 1.9, base), (x, base + 1.2), (x - 1.9, base)]
    axes.add_artist(
        Polygon(points, closed=True, facecolor=TEXT_COLOUR, edgecolor="none", zorder=12)
    )
    width = measure_line(north, 8.0, is_bold=True)
    write(axes, x, base - 2.0, north, 8.0, is_bold=True, align="center" if width else "left")
