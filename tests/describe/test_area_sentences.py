"""What a sentence says of an area is what the fields of the result say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from tests.cases import long
from tests.sentences import find_untold, list_fields
from tests.worlds import load_rechteckstadt
from welcomemap.coverage.accessibility import AccessibilityModel
from welcomemap.coverage.gaps import GapsResult, measure_gaps
from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.describe.answers import show_area, show_district
from welcomemap.describe.contract import to_builtins
from welcomemap.describe.disputes import describe_dispute
from welcomemap.describe.gaps import (
    describe_area,
    describe_district,
    name_gap_area,
    tell_without_streets,
)
from welcomemap.describe.words import read_region_words
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.schemas import GROUPS
from welcomemap.study.study import Study
from welcomemap.travel.factory import list_districts_without_streets
from welcomemap.travel.impedance import Mode, Threshold, parse_threshold

QUICK = UncertaintyModel(draws=20)
CASES: tuple[tuple[Mode, str], ...] = (
    ("walk", "1000m"), ("walk", "300m"), ("cycle", "10min"), ("cycle", "60min"),
    ("transit", "15min"),
)  # fmt: skip
NEAREST = {
    "de": re.compile(r"Für die größte Gruppe (?:außer Reichweite )?ist (.+?) am nächsten\."),
    "en": re.compile(r"For the largest group (?:out of reach )?(.+?) is the nearest\."),
}


@pytest.fixture(scope="module")
def study(default_pack: RegionPack) -> Study:
    return Study(default_pack)


@pytest.fixture(scope="module")
def tiny_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(load_rechteckstadt(tmp_path_factory.mktemp("tiny")))


def nearest_by_hand(
    accessibility: AccessibilityModel, group: str, threshold: Threshold, cells: np.ndarray
) -> tuple[set[str], bool]:
    """Count people cell by cell; whoever lives out of reach, or all where nobody does."""
    people = accessibility.demand.weight_of(group)
    columns = np.flatnonzero(accessibility.runs_as_published)
    cost = accessibility.matrix.cost[:, columns]
    out = [c for c in cells if people[c] > 0 and cost[c].min(initial=np.inf) > threshold.value]
    count: dict[str, float] = {}
    for cell in out or cells:
        if np.isfinite(cost[cell]).any():
            name = accessibility.destinations.ids[columns[int(cost[cell].argmin())]]
            count[name] = count.get(name, 0.0) + float(people[cell])
    most = max(count.values(), default=0.0)
    return {name for name, n in count.items() if abs(n - most) < 1e-6}, bool(out)


def cells_of(
    accessibility: AccessibilityModel, result: GapsResult
) -> Iterator[tuple[object, np.ndarray]]:
    demand = accessibility.demand
    for gap in result.areas:
        if gap.kind == "cluster":
            yield gap, gap.cells
        else:
            areas = demand.areas(gap.kind)
            yield gap, np.flatnonzero(areas.index == areas.ids.index(gap.area))


def check(study: Study, scenario: str, mode: Mode, text: str, group: str) -> int:
    threshold = parse_threshold(text)
    accessibility = study.read_accessibility(scenario, mode, threshold.unit)
    result = measure_gaps(accessibility, threshold, group=group, model=QUICK)
    words = read_region_words(study.pack.region)
    points = {point.id: point for point in accessibility.points}
    streets = {
        point.address.split(",")[0] or point.name: point.id for point in accessibility.points
    }
    disputes = [d for point in accessibility.points for d in point.disputes]
    by_district = {gap.area: gap for gap in result.areas if gap.kind == "district"}
    located = {row.district: row.located for row in result.districts}
    faults = []
    for gap, cells in cells_of(accessibility, result):
        expected, has_out = nearest_by_hand(accessibility, group, threshold, cells)
        assert (gap.nearest_site in expected) if expected else gap.nearest_site is None
        for language in ("de", "en"):
            said = describe_area(result, gap, words).in_language(language)
            named = [streets[name] for name in NEAREST[language].findall(said)]
            street = "" if gap.nearest_site is None else points[gap.nearest_site].address
            assert [points[name].address for name in named] == ([street] if street else [])
            assert (("außer Reichweite ist" in said) or ("out of reach " in said)) == (
                has_out and bool(street)
            )
            fields = [
                *list_fields(to_builtins(show_area(gap))),
                threshold.value,
                gap.people - gap.out_of_reach,
            ]
            fields += [1 - b / gap.people for b in gap.interval] if gap.people else []
            fields += [len(located[gap.district])]
            faults += find_untold(
                said,
                language,
                fields,
                [*streets, name_gap_area(gap).in_language(language), *gap.quarters, *labels(group)],
            )
    for district in result.districts:
        for language in ("de", "en"):
            said = describe_district(result, district, words).in_language(language)
            for dispute in disputes:
                said = said.replace(describe_dispute(dispute).in_language(language), "")
            area = by_district.get(district.district) if group == GROUPS[0] else None
            if area is not None:
                assert NEAREST[language].findall(said) == NEAREST[language].findall(
                    describe_area(result, area, words).in_language(language)
                )
            fields = [*list_fields(to_builtins(show_district(district))), threshold.value]
            fields += [] if area is None or area.median_cost is None else [area.median_cost]
            if group == GROUPS[0]:
                faults += find_untold(said, language, fields, streets)
    assert faults == []
    return len(result.areas)


def labels(group: str) -> list[str]:
    return {
        "under_18": ["unter 18", "under 18"], "over_65": ["ab 65", "aged 65 and over"],
    }.get(group, [])  # fmt: skip


@pytest.mark.parametrize("scenario", [long("2019"), "2026"])
@pytest.mark.parametrize(("mode", "threshold"), CASES)
def test_every_area_of_duesseldorf(study: Study, scenario: str, mode: Mode, threshold: str) -> None:
    """Every group on foot and in one other cut-off each; 110 areas in 2026 on foot."""
    groups = GROUPS if threshold in ("1000m", "10min") else GROUPS[:2]
    counts = [check(study, scenario, mode, threshold, group) for group in groups]
    assert min(counts) >= 10
    if (scenario, threshold) == ("2026", "1000m"):
        assert counts[0] == 110


@pytest.mark.parametrize("scenario", ["2020", "2025"])
@pytest.mark.parametrize("threshold", ["1m", "300m", "1000m", "9000m", "5min", "90min"])
def test_every_area_of_a_tiny_world(tiny_study: Study, scenario: str, threshold: str) -> None:
    for group in GROUPS:
        assert check(tiny_study, scenario, "walk", threshold, group)


def test_districts_without_streets_are_named_in_the_case_that_the_sentence_asks_for() -> None:
    words = read_region_words(load_pack().region)
    assert tell_without_streets([], words) is None
    (one, two) = (tell_without_streets(numbers, words) for numbers in ([7], [7, 10]))
    assert one is not None
    assert two is not None
    assert one.in_language("de").startswith("In Stadtbezirk 7 sind die Straßen nirgends")
    assert two.in_language("de").startswith("In den Stadtbezirken 7 und 10 sind die Straßen")
    assert two.in_language("en").startswith("Nowhere in districts 7 and 10 are streets")
    assert list_districts_without_streets(load_pack()) == (7, 10)
