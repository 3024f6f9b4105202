"""Catchments, capacities and assumptions in the JSON of the commands about reach."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cases import long
from tests.worlds import write_rechteckstadt
from welcomemap.cli import run

Ask = Callable[..., Any]
SPREAD_KEYS = {
    "area_kind", "area", "group", "unit", "median", "p90", "mean", "unreachable_share", "gini",
    "palma", "concentration",
}  # fmt: skip


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command and return its one JSON value."""

    def answer(*arguments: str) -> Any:
        assert run([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return answer


def test_catchments_sum_to_the_people_and_to_who_is_covered(ask: Ask) -> None:
    found = ask("coverage", "--threshold", "1000m,15min", "--group", "residents,over_65")
    assert [one["threshold"] for one in found["catchments"]] == ["1000m", "15min"]
    for catchment in found["catchments"]:
        cities = [
            row for row in found["rows"]
            if row["area_kind"] == "city" and row["threshold"] == catchment["threshold"]
        ]  # fmt: skip
        for city in cities:
            mine = [row for row in catchment["rows"] if row["group"] == city["group"]]
            assert sum(row["people"] for row in mine) == pytest.approx(city["total"], abs=1)
            served = sum(row["people"] for row in mine if row["site"] is not None)
            assert served == pytest.approx(city["covered"], abs=1)
        crossing = [row for row in catchment["rows"] if row["crosses_border"]]
        assert len(crossing) == len(catchment["sentences"]["de"])
        assert all(row["district"] != row["site_district"] for row in crossing)


def test_spread_is_given_for_every_group_and_district(ask: Ask) -> None:
    found = ask("coverage", "--group", "residents,foreign_citizens")
    assert len(found["spread"]) == 2 * 11
    for row in found["spread"]:
        assert row.keys() >= SPREAD_KEYS
        assert 0 <= row["median"] <= row["p90"]
        assert 0 <= row["gini"] < 1


def test_capacity_per_person_by_hand(tmp_path: Path, ask: Ask) -> None:
    """In Rechteckstadt a (district 1) and b (district 2) lie 2.5 km apart: nobody reaches both."""
    pack = str(write_rechteckstadt(tmp_path / "pack"))
    table = tmp_path / "capacity.csv"
    table.write_text("id,capacity\na,100\nb,300\n")
    question = ["coverage", "--scenario", "2020", "--pack", pack, "--threshold", "600m"]
    found = ask(*question, "--facilities", str(table))
    per_1000 = {row["district"]: row["capacity_per_1000"] for row in found["capacities"]}
    totals = {r["area"]: r["total"] for r in found["rows"] if r["area_kind"] == "district"}
    assert per_1000[1] * totals[1] / 1000 == pytest.approx(100, abs=0.1)
    assert per_1000[2] * totals[2] / 1000 == pytest.approx(300, abs=0.1)
    assert per_1000[3] == 0
    assert ask(*question)["capacities"] == []


def test_a_missing_capacity_is_not_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "capacity.csv"
    table.write_text("id,capacity\nwp2026-01,100\n")
    assert run(["coverage", "--facilities", str(table)]) == 2
    assert "capacity of service point" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gaps", "--mode", "transit", "--threshold", "15min"), "without a timetable"),
        (("coverage", "--mode", "cycle", "--threshold", "10min"), "12 km/h by bicycle"),
        long(("coverage", "--mode", "cycle", "--threshold", "2000m"), "where cycling is allowed"),
        (("diff", "2019", "2026", "--threshold", "15min"), "4.3 km/h on foot"),
        long(("nearest", "Benderstraße 10", "--mode", "transit"), "without a timetable"),
        long(("site", "--model", "mclp", "--p", "1", "--mode", "transit", "--threshold", "20min",
              "--no-sensitivity"), "without a timetable"),
        long(("compare", "hdk-york", "--mode", "cycle", "--threshold", "15min"), "by bicycle"),
    ],
)  # fmt: skip
def test_every_command_says_what_its_travel_cost_assumes(
    arguments: tuple[str, ...], said: str, ask: Ask
) -> None:
    assert said in ask(*arguments)["assumptions"]["en"]


def test_gaps_are_ranked_by_the_group_asked_for(ask: Ask) -> None:
    found = ask("gaps", "--group", "over_65")
    assert found["group"] == "over_65"
    assert {area["group"] for area in found["areas"]} == {"over_65"}
    people = [area["out_of_reach"] for area in found["areas"]]
    assert people == sorted(people, reverse=True)
    seventh = next(r for r in found["districts"] if r["district"] == 7)
    assert seventh["probability_located_unserved"] == 1
    assert seventh["probability_reach_unserved"] == 1


def test_a_change_is_told_by_group_and_district(ask: Ask) -> None:
    found = ask("diff", "2019", "2026", "--group", "residents,under_18")
    told = " ".join(found["sentences"]["en"])
    assert "children and young people under 18 in district 4 come within reach" in told
    assert "people in district 5 come within reach" in told
