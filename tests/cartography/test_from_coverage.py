"""Cells, quarters, service areas and changes on the map say what the figures say."""

from __future__ import annotations

import numpy as np
import pytest

from welcomemap.cartography.study_maps import (
    describe_cells,
    describe_changes,
    describe_gain,
    describe_quarters,
    describe_reaches,
    find_changed_places,
    outline_districts,
)
from welcomemap.region.pack import RegionPack
from welcomemap.study.requests import CoverageRequest, DifferenceRequest
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Threshold, is_within

NEAR = Threshold(700.0, "m")


@pytest.fixture(scope="module")
def study(tiny_pack: RegionPack) -> Study:
    return Study(tiny_pack)


def test_cells_show_who_is_within_the_threshold(study: Study) -> None:
    situation = study.read_situation("2025", "walk", "m")
    cells = describe_cells(study.pack, situation, "residents", NEAR)
    # One person lives in each cell, so the shares sum to the people covered.
    covered = is_within(situation.nearest().cost, NEAR.value).sum()
    assert sum(cell.value or 0 for cell in cells) == pytest.approx(covered)
    assert len(cells) == len(study.demand)
    assert all(cell.geometry.area == pytest.approx(10_000, rel=0.02) for cell in cells)


def test_quarters_carry_the_figures_of_the_result(study: Study) -> None:
    request = CoverageRequest("2025", (NEAR,), ("residents", "over_65"))
    result = study.measure_coverage(request)
    areas = describe_quarters(study.pack, result, "over_65", NEAR, "de")
    assert [area.label for area in areas] == ["011", "012", "021", "031"]
    shares = {
        row.area: row.share
        for row in result.rows
        if row.area_kind == "quarter" and row.group == "over_65"
    }
    assert {area.label: area.share for area in areas} == shares


def test_service_areas_hold_who_is_covered(study: Study) -> None:
    situation = study.read_situation("2025", "walk", "m")
    reaches = describe_reaches(situation, study.impedance("walk", "m"), NEAR, "en")
    assert {reach.is_estimate for reach in reaches} <= {True, False}
    assert sum(reach.geometry.area for reach in reaches) > 0


def test_changes_and_changed_places_agree(study: Study) -> None:
    result = study.compare_scenarios(DifferenceRequest("2020", "2025", (NEAR,)))
    areas = outline_districts(study.pack, "de")
    changes = describe_changes(areas, result, "residents", NEAR)
    assert [change.area.label for change in changes] == [
        "Stadtbezirk 1",
        "Stadtbezirk 2",
        "Stadtbezirk 3",
    ]
    before, after = (study.read_situation(name, "walk", "m") for name in ("2020", "2025"))
    gained, lost = find_changed_places(study.pack, before, after, "residents", NEAR)
    assert (gained is None) == (sum(change.gained for change in changes) == 0)
    assert (lost is None) == (sum(change.lost for change in changes) == 0)
    nothing = find_changed_places(study.pack, after, after, "residents", NEAR)
    assert nothing == (None, None)


def test_gain_is_shown_once_a_cell_with_its_best_part(study: Study) -> None:
    gain = np.arange(len(study.demand), dtype=np.float64)
    cells = describe_gain(study.pack, gain)
    assert len(cells) == study.pack.demand_cells["cell_id"].nunique()
    assert max(cell.value or 0 for cell in cells) == gain.max()
