"""Coverage as the content of a map: quarters, single cells, service areas and changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from welcomemap.coverage.coverage_table import CoverageResult
from welcomemap.coverage.diff_result import DiffResult
from welcomemap.coverage.situation import Situation
from welcomemap.errors import UsageError
from welcomemap.maps.content import Fact, MapArea, MapCell, MapChange, MapReach
from welcomemap.maps.from_study import list_reach_facts
from welcomemap.maps.geometry import list_grid_squares, merge_cells
from welcomemap.pack.load import RegionPack
from welcomemap.travel.impedance import Impedance, Threshold, is_within
from welcomemap.travel.service_area import make_service_area
from welcomemap.wording import Language, Text, capitalise, format_share

UNNAMED_CELL_M = 100.0
"""Side of the square that stands for a demand cell whose id names no grid."""


def describe_quarters(
    pack: RegionPack, result: CoverageResult, group: str, threshold: Threshold, language: Language
) -> tuple[MapArea, ...]:
    """Turn the quarters of a result into areas with their figures."""
    table = pack.quarters
    shapes = dict(zip(table["quarter"].astype(str), table.geometry, strict=True))
    return tuple(
        MapArea(
            key=f"quarter-{row.area}",
            name=f"{row.area} {row.name}",
            label=str(row.area),
            geometry=shapes[str(row.area)],
            share=row.share,
            share_text=format_share(row.share, language, row.interval),
            facts=list_reach_facts(row, language),
        )
        for row in result.rows
        if (row.area_kind, row.group, row.threshold) == ("quarter", group, threshold)
    )


def describe_cells(
    pack: RegionPack, situation: Situation, group: str, threshold: Threshold
) -> tuple[MapCell, ...]:
    """Return the lived-in grid cells with the share (0-1) of their people who reach a site.

    A cell that a border cuts consists of several demand cells, each with its own place.
    """
    weights = situation.demand.weight_of(group)
    within = is_within(situation.nearest().cost, threshold.value)
    squares, index = _draw_squares(pack)
    total = np.bincount(index, weights=weights)
    covered = np.bincount(index, weights=weights * within)
    return tuple(
        MapCell(squares[k], float(covered[k] / total[k])) for k in np.flatnonzero(total > 0)
    )


def _draw_squares(pack: RegionPack) -> tuple[list[Polygon], NDArray[np.intp]]:
    """Return the squares of all grid cells, and the square of each demand cell.

    Where the cells' ids do not name a grid, a square around where their people live stands in.
    """
    ids = pack.demand_cells["cell_id"].astype(str).to_numpy()
    names, first, index = np.unique(ids, return_index=True, return_inverse=True)
    try:
        return list_grid_squares(names.tolist(), crs=pack.crs), index
    except UsageError:
        half = UNNAMED_CELL_M / 2
        places = shapely.get_coordinates(pack.demand_cells.geometry.to_numpy()[first])
        return [shapely.box(x - half, y - half, x + half, y + half) for x, y in places], index


def describe_reaches(
    situation: Situation, impedance: Impedance, threshold: Threshold, language: Language
) -> tuple[MapReach, ...]:
    """Return what is within reach of any site in operation, on streets and estimated.

    Raises
    ------
    UsageError
        If no area can be drawn for this mode.
    """
    running = situation.running()
    area = make_service_area(impedance, situation.destinations.points[running], threshold.value)
    known = Text("über bekannte Straßen", "along known streets").in_language(language)
    guess = Text("geschätzt", "estimated").in_language(language)
    parts = ((area.streets, False, known), (area.estimate, True, guess))
    return tuple(
        MapReach(
            key="estimate" if is_estimate else "streets",
            name=Text("In Reichweite", "Within reach").in_language(language),
            geometry=shape,
            is_estimate=is_estimate,
            facts=(Fact(Text("Weg", "Way").in_language(language), told),),
        )
        for shape, is_estimate, told in parts
        if not shape.is_empty
    )


def describe_changes(
    areas: Sequence[MapArea], result: DiffResult, group: str, threshold: Threshold
) -> tuple[MapChange, ...]:
    """Return gains and losses of the districts, in the order of ``areas``."""
    found = {
        f"district-{row.area}": row
        for row in result.rows
        if (row.area_kind, row.group, row.threshold) == ("district", group, threshold)
    }
    return tuple(
        MapChange(area, found[area.key].gained, found[area.key].lost)
        for area in areas
        if area.key in found
    )


def find_changed_places(
    pack: RegionPack, before: Situation, after: Situation, group: str, threshold: Threshold
) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """Return the merged cells where people of a group are newly, and no longer, within reach."""
    was, is_now = (
        is_within(situation.nearest().cost, threshold.value) for situation in (before, after)
    )
    lived_in = after.demand.weight_of(group) > 0
    return _merge(pack, is_now & ~was & lived_in), _merge(pack, was & ~is_now & lived_in)


def _merge(pack: RegionPack, chosen: NDArray[np.bool_]) -> BaseGeometry | None:
    if not chosen.any():
        return None
    squares, index = _draw_squares(pack)
    return merge_cells([squares[k] for k in np.unique(index[chosen])])


def describe_gain(pack: RegionPack, gain: NDArray[np.float64]) -> tuple[MapCell, ...]:
    """Return the grid cells with the gain of a site there; of a cut cell its best part counts."""
    squares, index = _draw_squares(pack)
    best = np.zeros(len(squares))
    np.maximum.at(best, index, gain)
    return tuple(MapCell(square, float(value)) for square, value in zip(squares, best, strict=True))


def outline_districts(pack: RegionPack, language: Language) -> tuple[MapArea, ...]:
    """Return the districts with their names and no figures, for borders and labels."""
    word = str(pack.region["district_word"][language])
    label = capitalise(word)
    return tuple(
        MapArea(f"district-{number}", f"{label} {number}", f"{label} {number}", shape)
        for number, shape in zip(pack.districts["district"], pack.districts.geometry, strict=True)
    )
