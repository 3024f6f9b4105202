"""Gaps in Rechteckstadt by hand, and in Düsseldorf against the published figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import worlds
from tests.coverage.small import CERTAIN, StraightLine
from tests.worlds import load_rechteckstadt
from welcomemap.coverage.accessibility import AccessibilityModel, read_accessibility
from welcomemap.coverage.gaps import GapsResult, measure_gaps, probability_located_unserved
from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.describe.answers import show_district, show_gaps
from welcomemap.describe.contract import encode, to_builtins
from welcomemap.describe.gaps import describe_area, describe_district, name_gap_area
from welcomemap.describe.words import RegionWords, read_region_words
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario
from welcomemap.travel.estimate import EstimateImpedance, read_detour_factor
from welcomemap.travel.impedance import Threshold

KM = Threshold(1000.0, "m")
QUICK = UncertaintyModel(draws=60)


def situation_of(pack: RegionPack, scenario: str, impedance: Any = None) -> AccessibilityModel:
    impedance = impedance or EstimateImpedance(read_detour_factor(pack.region))
    return read_accessibility(pack, load_scenario(pack, scenario), impedance)


def words_of(pack: RegionPack) -> RegionWords:
    return read_region_words(pack.region)


def by_district(result: GapsResult) -> dict[int, dict[str, Any]]:
    return {gap.district: to_builtins(show_district(gap)) for gap in result.districts}


def test_a_district_that_is_its_own_quarter_is_told_once(
    tmp_path: Path, tiny_pack: RegionPack
) -> None:
    """A town without quarters: each district stands once among the gaps, with the same people."""
    areas = worlds._districts()
    cells = worlds._demand_cells()
    cells["quarter"] = cells["district"].astype(str)
    quarters = areas.assign(quarter=areas["district"].astype(str))
    pack = load_rechteckstadt(tmp_path / "pack", quarters=quarters, demand_cells=cells)
    found = measure_gaps(situation_of(pack, "2020"), KM, model=QUICK).areas
    usual = measure_gaps(situation_of(tiny_pack, "2020"), KM, model=QUICK).areas
    assert {gap.kind for gap in usual} == {"district", "quarter", "cluster"}
    assert {gap.kind for gap in found} == {"district", "cluster"}
    for kind in ("district", "cluster"):
        one, other = ([(gap.area, gap.out_of_reach) for gap in areas if gap.kind == kind]
                      for areas in (found, usual))  # fmt: skip
        assert one == other


def within_circle(cx: float, cy: float, west: float, east: float, metres: float) -> int:
    """Count cell centres of the 2 km high strip from west to east within a circle."""
    return sum(
        (x - cx) ** 2 + (y - cy) ** 2 <= metres**2
        for x in np.arange(west + 50, east, 100)
        for y in np.arange(50, 2000, 100)
    )


def test_rechteckstadt_2020_in_all_three_meanings(tiny_pack: RegionPack) -> None:
    """Sites at 500, 1000 and 3000, 1000; 1,000 m walked are 1,000 / 1.23 m as the crow flies."""
    rows = by_district(measure_gaps(situation_of(tiny_pack, "2020"), KM, model=QUICK))
    assert {d: r["residents"] for d, r in rows.items()} == {1: 400, 2: 400, 3: 400}
    assert {d: r["located_unserved"] for d, r in rows.items()} == {1: False, 2: False, 3: True}
    assert {d: r["stated_unserved"] for d, r in rows.items()} == {1: False, 2: False, 3: False}
    assert rows[3]["stated_elsewhere"] == ["b"]
    assert rows[3]["planned"] == ["c"]
    assert [rows[d]["sites_located"] for d in (1, 2, 3)] == [1, 1, 0]
    assert [rows[d]["sites_stated"] for d in (1, 2, 3)] == [1, 1, 1]
    reach_m = 1000 / 1.23
    assert rows[1]["covered_residents"] == within_circle(500, 1000, 0, 2000, reach_m)
    assert rows[2]["covered_residents"] == within_circle(3000, 1000, 2000, 4000, reach_m)
    assert rows[3]["covered_residents"] == 0


@pytest.mark.parametrize("group", ["residents", "migration_background", "foreign_citizens"])
def test_districts_are_told_of_the_group_and_residents_by_their_name(
    tiny_pack: RegionPack, group: str
) -> None:
    """In each cell live one resident, half a person and a quarter of a person of the groups."""
    part = {"residents": 1, "migration_background": 0.5, "foreign_citizens": 0.25}[group]
    accessibility = situation_of(tiny_pack, "2020")
    result = measure_gaps(accessibility, KM, group=group, model=QUICK)
    found = to_builtins(show_gaps(result, words_of(tiny_pack)))
    rows = {row["district"]: row for row in found["districts"]}
    within = within_circle(500, 1000, 0, 2000, 1000 / 1.23)
    assert {row["group"] for row in rows.values()} == {group}
    assert (rows[1]["people"], rows[1]["covered_people"]) == (400 * part, within * part)
    assert (rows[1]["residents"], rows[1]["covered_residents"]) == (400, within)
    assert rows[1]["covered_share"] == pytest.approx(within / 400, abs=1e-6)
    (told,) = (a for a in result.areas if (a.kind, a.area) == ("district", 1))
    reason = describe_area(result, told, words_of(tiny_pack))
    assert rows[1]["reason"] == {k: reason.in_language(k) for k in ("de", "en")}
    assert [rows[1]["people"] * (1 - bound) for bound in reversed(rows[1]["interval"])] == (
        pytest.approx(told.interval, abs=1e-2)
    )


def test_rechteckstadt_2025_carries_both_readings(tiny_pack: RegionPack) -> None:
    result = measure_gaps(situation_of(tiny_pack, "2025"), KM, model=QUICK)
    rows = by_district(result)
    assert {r["stated_unserved"] for r in rows.values()} == {None}
    assert {r["sites_stated"] for r in rows.values()} == {None}
    assert rows[2]["disputed"] == ["b2"]
    assert (rows[2]["located_unserved"], rows[2]["located_unserved_if_disputed_false"]) == (
        False,
        True,
    )
    assert rows[2]["covered_residents"] > 0
    assert rows[2]["covered_share_if_disputed_false"] == 0
    told = describe_district(result, result.districts[1], words_of(tiny_pack)).in_language("de")
    assert "Rechteckbote 2024" in told
    assert "Stimmt das, sind es 0\N{NO-BREAK SPACE}% in Reichweite." in told


def test_areas_are_ranked_by_people_out_of_reach_and_told_why(tiny_pack: RegionPack) -> None:
    result = measure_gaps(situation_of(tiny_pack, "2020"), KM, model=QUICK)
    sizes = [area.out_of_reach for area in result.areas]
    assert sizes == sorted(sizes, reverse=True)
    assert [area.rank for area in result.areas] == list(range(1, len(sizes) + 1))
    whole = {area.kind: area for area in result.areas if area.out_of_reach == 400}
    assert whole.keys() == {"district", "quarter", "cluster"}
    assert len(whole["cluster"].cells) == 400
    assert name_gap_area(whole["cluster"]).in_language("de") == "Ostufer"
    told = describe_area(result, whole["district"], words_of(tiny_pack))
    assert told.in_language("de").startswith("In Stadtbezirk 3 erreichen 0 von 400 Menschen zu Fuß")
    assert "innerhalb von 1.000\N{NO-BREAK SPACE}m einen Welcome Point." in told.in_language("de")
    assert "Hauptstraße 300" in told.in_language("de")
    assert "geschätzt" in told.in_language("de")
    assert "0 of 400 people reach a Welcome Point on foot within 1,000" in told.in_language("en")


def test_clusters_hold_exactly_the_people_out_of_reach(tiny_pack: RegionPack) -> None:
    accessibility = situation_of(tiny_pack, "2020")
    result = measure_gaps(accessibility, KM, model=QUICK, least_people=0.0)
    cells = np.concatenate([area.cells for area in result.areas if area.kind == "cluster"])
    assert len(set(cells)) == len(cells)
    out = accessibility.nearest().cost > 1000
    assert sorted(cells) == np.flatnonzero(out).tolist()


def test_a_wide_interval_is_called_unsure_in_words(tiny_pack: RegionPack) -> None:
    result = measure_gaps(situation_of(tiny_pack, "2020"), KM, model=QUICK)
    for row in result.districts:
        assert row.interval is not None
        is_wide = row.interval[1] - row.interval[0] > 0.05
        assert (
            "unsicher" in describe_district(result, row, words_of(tiny_pack)).in_language("de")
        ) == is_wide
        assert (
            "unsure" in describe_district(result, row, words_of(tiny_pack)).in_language("en")
        ) == is_wide


def test_the_result_is_json_and_the_same_twice(tiny_pack: RegionPack) -> None:
    texts = [
        encode(
            show_gaps(
                measure_gaps(situation_of(tiny_pack, "2025"), KM, model=QUICK), words_of(tiny_pack)
            )
        )
        for _ in range(2)
    ]
    assert texts[0] == texts[1]
    assert "NaN" not in texts[0]


def test_an_empty_scenario_leaves_everybody_out(tiny_pack: RegionPack) -> None:
    empty = load_scenario(tiny_pack, "2020")
    empty = replace(empty, frame=empty.frame.iloc[:0], name="empty", path=tiny_pack.folder)
    accessibility = read_accessibility(tiny_pack, empty, StraightLine())
    result = measure_gaps(accessibility, KM, model=QUICK)
    assert all(row.is_located_unserved for row in result.districts)
    assert {row.is_stated_unserved for row in result.districts} == {None}
    assert {row.share for row in result.districts} == {0.0}
    assert all(area.nearest_site is None for area in result.areas)
    assert "kein Welcome Point zu erreichen" in describe_area(
        result, result.areas[0], words_of(tiny_pack)
    ).in_language("de")


def test_a_site_near_a_border_leaves_its_district_in_doubt(tmp_path: Any) -> None:
    """15 m from the border, borders known to 30 m, the site exactly: located with P(N > 15)."""
    pack = load_rechteckstadt(tmp_path / "pack")
    scenario = load_scenario(pack, "2020")
    frame = scenario.frame.copy()
    frame.loc[frame["id"] == "a", "x"] += 1485.0
    frame["error_radius_m"] = "0"
    accessibility = read_accessibility(pack, replace(scenario, frame=frame), StraightLine())
    model = replace(CERTAIN, draws=8000, borders_move=True)
    doubt = probability_located_unserved(accessibility, model)
    assert doubt == pytest.approx([0.1635, 0.0, 1.0], abs=0.015)


def test_minutes_are_refused_for_metres(tiny_pack: RegionPack) -> None:
    with pytest.raises(UsageError, match="never mix"):
        measure_gaps(situation_of(tiny_pack, "2020"), Threshold(15, "min"))


@pytest.fixture(scope="module")
def published(default_pack: RegionPack) -> dict[str, dict[int, dict[str, Any]]]:
    return {
        name: by_district(measure_gaps(situation_of(default_pack, name), KM, model=QUICK))
        for name in ("2019", "2026")
    }


Published = dict[str, dict[int, dict[str, Any]]]


def true_for(rows: dict[int, dict[str, Any]], key: str) -> list[int]:
    return [district for district, row in rows.items() if row[key] is True]


def test_duesseldorf_unserved_by_location_and_by_statement(published: Published) -> None:
    assert true_for(published["2019"], "located_unserved") == [5, 7, 10]
    assert true_for(published["2019"], "stated_unserved") == [5, 7]
    assert true_for(published["2026"], "located_unserved") == [7, 10]
    assert {row["stated_unserved"] for row in published["2026"].values()} == {None}
    assert published["2019"][7]["planned"] == ["wp2019-07"]
    assert published["2019"][10]["stated_elsewhere"] == ["wp2019-10"]


def test_duesseldorf_sites_and_residents(published: Published) -> None:
    sites = {name: [r["sites_located"] for r in published[name].values()] for name in published}
    assert sites["2019"] == [1, 1, 2, 1, 0, 1, 0, 1, 2, 0]
    assert sites["2026"] == [1, 1, 3, 1, 1, 1, 0, 1, 2, 0]
    assert [row["residents"] for row in published["2026"].values()] == [
        89_759,
        66_040,
        123_622,
        47_051,
        34_828,
        69_225,
        47_638,
        61_142,
        94_451,
        24_594,
    ]


def test_duesseldorf_in_the_other_reading(published: Published) -> None:
    key = "located_unserved_if_disputed_false"
    assert true_for(published["2019"], key) == [7, 10]
    assert len(published["2019"][5]["disputed"]) == 1
    assert true_for(published["2026"], key) == [1, 5, 7, 10]
    disputed = {d for d, row in published["2026"].items() if row["disputed"]}
    assert disputed == {1, 3, 5, 8}
    assert sum(len(row["disputed"]) for row in published["2026"].values()) == 4


def test_districts_7_and_10_are_out_of_reach_even_as_the_crow_flies(
    default_pack: RegionPack,
) -> None:
    """One cell of 10, at Wittenberger Weg, lies 986 m off: 10 of 24,594 people, still 0.0 %."""
    for name in ("2019", "2026"):
        rows = by_district(
            measure_gaps(situation_of(default_pack, name, StraightLine()), KM, model=QUICK)
        )
        assert rows[7]["covered_residents"] == 0
        assert rows[10]["covered_residents"] < 10
        assert rows[10]["covered_share"] < 0.0005
        others = [rows[d]["covered_share"] for d in (1, 2, 3, 4, 6, 8, 9)]
        assert min(others) > 0.1


def test_districts_7_and_10_have_nobody_within_reach_on_foot(published: Published) -> None:
    for rows in published.values():
        for district in (7, 10):
            assert rows[district]["covered_residents"] == 0
            assert rows[district]["probability_reach_unserved"] == 1
