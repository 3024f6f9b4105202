"""Who gained and who lost, by hand in Rechteckstadt and in both directions."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.coverage.small import StraightLine
from tests.sentences import find_untold, list_fields
from welcomemap.coverage.accessibility import AccessibilityModel, read_accessibility
from welcomemap.coverage.change import DiffResult, DiffRow, compare_scenarios
from welcomemap.coverage.reach import measure_reach
from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.describe.answers import show_difference
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.contract import ReachChange, shape, to_builtins
from welcomemap.describe.words import read_region_words
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario
from welcomemap.study.requests import DifferenceRequest
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Threshold
from welcomemap.wording import Language

KM = Threshold(1000.0, "m")
QUICK = UncertaintyModel(draws=40)
WORDS = read_region_words({"service_kind": {"de": "Welcome Point", "en": "Welcome Point"}})


def situation_of(
    pack: RegionPack, scenario: str, moved: dict[str, float] | None = None
) -> AccessibilityModel:
    loaded = load_scenario(pack, scenario)
    frame = loaded.frame.copy()
    for site, metres in (moved or {}).items():
        frame.loc[frame["id"] == site, "x"] += metres
    return read_accessibility(pack, replace(loaded, frame=frame), StraightLine(1.2, 1.1, 1.4))


def rows_of(rows: tuple[DiffRow, ...], kind: str) -> dict[object, DiffRow]:
    return {row.area: row for row in rows if row.area_kind == kind}


def test_the_same_places_under_other_ids_change_nothing(tiny_pack: RegionPack) -> None:
    result = compare_scenarios(
        situation_of(tiny_pack, "2020"),
        situation_of(tiny_pack, "2025", {"a2": 6.0}),
        [KM],
        model=QUICK,
    )
    assert {(row.gained, row.lost) for row in result.rows} == {(0.0, 0.0)}
    assert {row.gained_interval for row in result.rows} == {(0.0, 0.0)}
    assert "ändert sich in Rechteckstadt nichts" in describe_difference(result, WORDS)[
        0
    ].in_language("de")


def test_gains_minus_losses_are_the_change_in_reach(tiny_pack: RegionPack) -> None:
    earlier, later = situation_of(tiny_pack, "2020"), situation_of(tiny_pack, "2025", {"a2": 600.0})
    result = compare_scenarios(earlier, later, [KM], ["residents", "under_18"], model=QUICK)
    demand = earlier.demand.select_groups(["residents", "under_18"])
    for kind in ("city", "district", "quarter"):
        before = measure_reach(demand, earlier.nearest(), [KM], kind).covered[0]
        after = measure_reach(demand, later.nearest(), [KM], kind).covered[0]
        rows = [row for row in result.rows if row.area_kind == kind]
        for number, area in enumerate(demand.areas(kind).ids):
            for slot, group in enumerate(demand.groups):
                row = next(r for r in rows if r.area == area and r.group == group)
                net = after[number, slot] - before[number, slot]
                assert row.gained - row.lost == pytest.approx(net)
                assert row.gained_interval[0] <= row.gained <= row.gained_interval[1]
                assert row.lost_interval[0] <= row.lost <= row.lost_interval[1]
    assert rows_of(result.rows, "quarter")["012"].gained > 0
    assert rows_of(result.rows, "quarter")["011"].lost > 0


def test_the_other_direction_swaps_gain_and_loss(tiny_pack: RegionPack) -> None:
    earlier, later = situation_of(tiny_pack, "2020"), situation_of(tiny_pack, "2025", {"a2": 600.0})
    there = compare_scenarios(earlier, later, [KM], model=QUICK).rows
    back = compare_scenarios(later, earlier, [KM], model=QUICK).rows
    assert [(row.gained, row.lost) for row in there] == [(row.lost, row.gained) for row in back]


def test_figures_name_the_disputed_sites_they_rest_on(tiny_pack: RegionPack) -> None:
    """b2 in district 2 is disputed; district 1 is nowhere near it, district 2 is."""
    result = compare_scenarios(
        situation_of(tiny_pack, "2020"), situation_of(tiny_pack, "2025"), [KM], model=QUICK
    )
    districts = rows_of(result.rows, "district")
    assert districts[1].rests_on_disputed == ()
    assert districts[2].rests_on_disputed == ("b2",)
    assert any(
        "Rechteckbote 2024" in sentence.in_language("de")
        for sentence in describe_difference(result, WORDS)
    )
    assert "rests on disputed entries: Hauptstraße 300" in describe_difference(result, WORDS)[
        0
    ].in_language("en")


def test_json_has_the_keys_of_the_contract(tiny_pack: RegionPack) -> None:
    accessibility = situation_of(tiny_pack, "2020")
    found = compare_scenarios(accessibility, accessibility, [KM], kinds=["city"], model=QUICK)
    found = to_builtins(show_difference(found, WORDS))
    assert {"from", "to", "rows", "sentences"} <= found.keys()
    row = found["rows"][0]
    assert {
        "area_kind",
        "area",
        "group",
        "threshold",
        "gained",
        "lost",
        "rests_on_disputed",
    } <= row.keys()
    assert row["threshold"] == "1000m"


def test_different_modes_are_not_compared(tiny_pack: RegionPack) -> None:
    scenario = load_scenario(tiny_pack, "2020")
    walk = read_accessibility(tiny_pack, scenario, StraightLine())
    cycle = read_accessibility(tiny_pack, scenario, StraightLine(mode="cycle"))
    with pytest.raises(UsageError, match="same mode and unit"):
        compare_scenarios(walk, cycle, [KM])


def test_duesseldorf_gains_in_5_rest_on_the_disputed_site(default_pack: RegionPack) -> None:
    pair = [
        read_accessibility(
            default_pack, load_scenario(default_pack, name), StraightLine(1.23, 1.13, 1.47)
        )
        for name in ("2019", "2026")
    ]
    result = compare_scenarios(*pair, [KM], model=QUICK)
    districts = rows_of(result.rows, "district")
    assert districts[5].gained > 0
    assert "wp2026-05" in districts[5].rests_on_disputed
    assert (districts[7].gained, districts[7].lost) == (0, 0)
    assert districts[4].lost > 0
    assert "In Stadtbezirk 5 liegt 2026 ein Welcome Point, 2019 keiner." in [
        sentence.in_language("de") for sentence in describe_difference(result, WORDS)
    ]


@pytest.fixture(scope="module")
def from_2019_to_2026(default_pack: RegionPack) -> DiffResult:
    return Study(default_pack).compare_scenarios(DifferenceRequest("2019", "2026"))


def test_both_readings_of_both_lists_by_hand(default_pack: RegionPack) -> None:
    """Each reading counted anew from the ways alone, with the sites that run in it."""
    study = Study(default_pack)
    result = study.compare_scenarios(DifferenceRequest("2019", "2026"))
    first, second = (study.read_accessibility(name, "walk", "m") for name in ("2019", "2026"))
    cost = {"2019": first.matrix.cost, "2026": second.matrix.cost.copy()}
    for column, point in enumerate(second.destinations.points):
        away = np.hypot(*(first.destinations.points - point).T)
        if away.min() <= 36:
            cost["2026"][:, column] = cost["2019"][:, int(away.argmin())]
    within = {
        (name, reading): (cost[name][:, runs] <= 1000).any(axis=1)
        for name, one in (("2019", first), ("2026", second))
        for reading, runs in (
            ("published", one.runs_as_published), ("reports", one.runs_in_other_reading)
        )
    }  # fmt: skip
    people = study.demand.weight_of("residents")
    city = next(row for row in result.rows if row.area_kind == "city")
    assert len(city.readings) == 4
    for reading in city.readings:
        before, after = within["2019", reading.earlier], within["2026", reading.later]
        assert reading.gained == pytest.approx(people[after & ~before].sum())
        assert reading.lost == pytest.approx(people[before & ~after].sum())
    gained = within["2026", "published"] & ~within["2019", "published"]
    reached = people[gained & within["2019", "reports"]].sum()
    assert city.gained_reached_before == pytest.approx(reached)
    assert (round(city.gained), round(city.gained_reached_before)) == (38_927, 33_554)


def test_the_headline_tells_both_readings(from_2019_to_2026: DiffResult) -> None:
    first = describe_difference(from_2019_to_2026, WORDS)[0]
    assert (
        "nach den veröffentlichten Listen etwa 38.900 Menschen in Reichweite"
        in first.in_language("de")
    )
    assert "Stimmen die datierten Berichte" in first.in_language("de")
    assert "Denn von denen, die nach den Listen in Reichweite kommen, erreichten etwa 33.600" in (
        first.in_language("de")
    )
    assert "by the lists as published, about 38,900 people" in first.in_language("en")
    assert "If the dated reports are right" in first.in_language("en")
    told = " ".join(
        sentence.in_language("de") for sentence in describe_difference(from_2019_to_2026, WORDS)
    )
    assert "in Stadtbezirk 5 2019 ein Welcome Point und 2026 keiner" in told
    assert "Die Liste 2019 nennt Niederrheinstraße 20 nicht" in told


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_number_of_a_sentence_is_a_field(
    from_2019_to_2026: DiffResult, tiny_pack: RegionPack, language: Language
) -> None:
    tiny = compare_scenarios(
        situation_of(tiny_pack, "2020"), situation_of(tiny_pack, "2025"), [KM], model=QUICK
    )
    for result in (from_2019_to_2026, tiny):
        fields = [
            *list_fields([to_builtins(shape(ReachChange, row)) for row in result.rows]),
            1000.0,
        ]
        names = [result.from_scenario, result.to_scenario]
        told = [s.in_language(language) for s in describe_difference(result, WORDS)]
        kept = [said for said in told if "datiert" not in said or "kommen" in said]
        kept = [said for said in kept if not said.startswith(("Die Liste", "Laut", "The list",
                                                              "According"))]  # fmt: skip
        sites = ["Merowinger Straße 24", "Niederrheinstraße 20", "Münsterstraße 6",
                 "Gumbertstraße 160", "Hauptstraße 300"]  # fmt: skip
        assert kept
        for said in kept:
            plain = re.sub(r"(interval|Spanne)[^:.]*:[^.]*(\.\d+[^.]*)*\.", "", said)
            assert find_untold(plain, language, fields, [*names, *sites]) == []
            assert "0 bis 0" not in said
            assert "0 to 0" not in said
