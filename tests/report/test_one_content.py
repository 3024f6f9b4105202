"""The map on a page and the map on paper show the same: signs, classes, labels, legend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.report.conftest import REQUEST
from welcomemap.cartography.basemap import load_basemap
from welcomemap.cartography.sheet import Sheet
from welcomemap.cartography.signs import draw_key, hatch_paint
from welcomemap.cartography.study_maps import describe_study
from welcomemap.cartography.views import draw_overview
from welcomemap.region.pack import RegionPack
from welcomemap.report import PaperRequest
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import ask_study
from welcomemap.report.print_map import PrintMap
from welcomemap.study.requests import GapsRequest
from welcomemap.study.study import Study
from welcomemap.travel.impedance import parse_threshold

Both = tuple[Sheet, PrintMap]
REQUESTS = {
    "walk": PaperRequest("2025", language="de"),
    "a group": PaperRequest("2025", group="under_18", language="en"),
    "in English": PaperRequest("2025", language="en"),
    "nearly nobody": PaperRequest("2020", threshold=parse_threshold("100m"), language="de"),
}


def draw_both(study: Study, request: PaperRequest) -> Both:
    paper = Paper(ask_study(study, request))
    asked = GapsRequest(
        request.scenario, request.threshold, request.mode, request.group, request.seed
    )
    content = describe_study(study, asked, study.find_gaps(asked), request.language)
    drawn = draw_overview(content, load_basemap(study.pack), request.language)
    return drawn.sheet, paper.maps[0]


@pytest.fixture(scope="module", params=["Düsseldorf", *REQUESTS])
def both(request: pytest.FixtureRequest, paper: Paper, tiny: RegionPack) -> Both:
    if request.param == "Düsseldorf":
        return draw_both(Study(paper.study.pack), replace(REQUEST, formats=("pdf",)))
    return draw_both(Study(tiny), REQUESTS[request.param])


def list_features(sheet: Sheet, **wanted: str) -> list[Any]:
    return [
        feature
        for layer in sheet.layers
        if all(layer.get(name) == value for name, value in wanted.items())
        for feature in layer["features"]
    ]


def test_the_same_signs_stand_for_the_same_sites(both: Both) -> None:
    sheet, printed = both
    shown = {one["facts"]["key"]: one["sign"] for one in list_features(sheet, kind="signs")}
    assert shown == {f"site:{one.key}": one.sign.value for one in printed.signs}
    assert shown


def test_the_same_areas_have_the_same_class_and_hatching(both: Both) -> None:
    sheet, printed = both
    fills = [one["style"]["fillColor"] for one in list_features(sheet, pane="fills")]
    assert fills == [
        hatch_paint("unknown") if "unknown" in area.hatches else area.fill for area in printed.areas
    ]
    hatched = [area for area in printed.areas if "unserved" in area.hatches]
    assert len(list_features(sheet, pane="hatch")) == len(hatched)


def test_the_same_labels_stand_on_the_areas(both: Both) -> None:
    sheet, printed = both
    labels = [dict(one["lines"]) for one in list_features(sheet, kind="labels")
              if one["look"] != "wm-water"]  # fmt: skip
    assert [(one["short"], one["value"]) for one in labels] == [one.label for one in printed.areas]


def test_the_legend_says_the_same_in_the_same_order(both: Both) -> None:
    sheet, printed = both
    assert [block for block in sheet.legend if block.rows] == list(printed.legend)
    assert all(draw_key(row.key).startswith("<svg") for block in sheet.legend for row in block.rows)


def test_a_map_of_quarters_says_that_their_district_is_without_a_site(
    paper: Paper, tiny: RegionPack
) -> None:
    """A quarter is hatched for its district; whether a site lies in itself is not told."""
    for one, word in (
        (paper, "Stadtbezirk"),
        (Paper(ask_study(Study(tiny), REQUESTS["walk"])), tiny.region["district_word"]["de"]),
    ):
        (large,) = one.large_maps
        texts = [row.text for block in large.legend for row in block.rows]
        assert "kein Standort im Gebiet" not in texts
        if any(gap.is_located_unserved for gap in one.study.gaps.districts):
            assert f"{word} ohne Standort" in texts


def test_districts_are_labelled_in_the_language_of_the_map(paper: Paper) -> None:
    """What the pack calls them, "Stadtbezirk 7", is no name of their own in English either."""
    request = replace(REQUEST, formats=("pdf",), language="en")
    sheet, printed = draw_both(Study(paper.study.pack), request)
    assert [area.label[0] for area in printed.areas] == [f"District {k}" for k in range(1, 11)]
    assert all(row[1][0].startswith("District ") for row in sheet.tables[0].rows)
