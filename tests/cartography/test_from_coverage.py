"""Cells, quarters, service areas and changes on the map say what the figures say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from welcomemap.cartography.study_maps import (
    describe_cells,
    describe_changes,
    describe_existing,
    describe_gain,
    describe_quarters,
    describe_reaches,
    draw_table,
    find_changed_places,
    outline_districts,
)
from welcomemap.geocoding.reasons import CellDropped
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import RowNote
from welcomemap.study.requests import CoverageRequest, DifferenceRequest
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Threshold, is_within

NEAR = Threshold(700.0, "m")


@pytest.fixture(scope="module")
def study(tiny_pack: RegionPack) -> Study:
    return Study(tiny_pack)


def test_cells_show_who_is_within_the_threshold(study: Study) -> None:
    accessibility = study.read_accessibility("2025", "walk", "m")
    cells = describe_cells(study.pack, accessibility, "residents", NEAR)
    # One person lives in each cell, so the shares sum to the people covered.
    covered = is_within(accessibility.nearest().cost, NEAR.value).sum()
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
    accessibility = study.read_accessibility("2025", "walk", "m")
    reaches = describe_reaches(accessibility, study.impedance("walk", "m"), NEAR, "en")
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
    before, after = (study.read_accessibility(name, "walk", "m") for name in ("2020", "2025"))
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


def test_a_dot_on_the_review_map_is_an_address_that_was_found(tiny_pack: RegionPack) -> None:
    table = pd.DataFrame({"lat": ["51.003", "51.004"], "lon": ["9.002", "9.003"]})
    legend = draw_table(tiny_pack, table, {2}, "de").sheet.legend
    texts = [row.text for block in legend for row in block.rows]
    assert "Adresse gefunden" in texts
    assert "bitte prüfen" in texts
    assert "geöffnet" not in texts


def test_every_map_warns_of_the_same_rows_of_a_list(study: Study) -> None:
    """What is to be known of a site stands on the overview and beside candidates alike."""
    accessibility = study.read_accessibility("2025", "walk", "m")
    first = next(point.id for point in accessibility.points if point.is_published)
    note = RowNote(first, 1, "place", (CellDropped("Hinterhof"),))
    noted = replace(accessibility, list_notes=(note,))
    sites = describe_existing(study.pack, noted, study.load_scenario("2025"), "de")
    told = {site.key: site.warnings for site in sites}
    assert any("Hinterhof" in warning for warning in told[first])
    assert not any("Hinterhof" in w for key, all_ in told.items() if key != first for w in all_)
