"""The commands about reach, against the figures in the raw data's description."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from welcomemap.cli import run

Ask = Callable[..., Any]
RESIDENTS_2024 = {
    1: 89_759, 2: 66_040, 3: 123_622, 4: 47_051, 5: 34_828, 6: 69_225, 7: 47_638, 8: 61_142,
    9: 94_451, 10: 24_594,
}  # fmt: skip
SITES_2019 = {1: 1, 2: 1, 3: 2, 4: 1, 5: 0, 6: 1, 7: 0, 8: 1, 9: 2, 10: 0}
SITES_2026 = {1: 1, 2: 1, 3: 3, 4: 1, 5: 1, 6: 1, 7: 0, 8: 1, 9: 2, 10: 0}
GAP_KEYS = {
    "district", "name", "residents", "sites_located", "sites_stated", "located_unserved",
    "stated_unserved", "stated_elsewhere", "disputed", "located_unserved_if_disputed_false",
    "planned", "covered_residents", "covered_share", "interval",
}  # fmt: skip


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command and return its one JSON value."""

    def answer(*arguments: str) -> Any:
        assert run([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return answer


def test_gaps_of_2019_as_published(ask: Ask) -> None:
    found = ask("gaps", "--scenario", "2019")
    districts = {row["district"]: row for row in found["districts"]}
    assert all(row.keys() >= GAP_KEYS for row in districts.values())
    assert found["threshold"] == "1000m"
    assert found["detour_factor"] == [1.23, 1.13, 1.47]
    assert {d: row["residents"] for d, row in districts.items()} == RESIDENTS_2024
    assert {d: row["sites_located"] for d, row in districts.items()} == SITES_2019
    assert [d for d, row in districts.items() if row["located_unserved"]] == [5, 7, 10]
    assert [d for d, row in districts.items() if row["stated_unserved"]] == [5, 7]
    assert districts[7]["planned"] == ["wp2019-07"]
    assert districts[10]["stated_elsewhere"] == ["wp2019-10"]
    assert districts[5]["disputed"] != []
    assert districts[5]["located_unserved_if_disputed_false"] is False
    assert [districts[d]["covered_share"] for d in (7, 10)] == [0, 0]


def test_gaps_of_2026_as_published_and_in_the_other_reading(ask: Ask) -> None:
    districts = {row["district"]: row for row in ask("gaps", "--scenario", "2026")["districts"]}
    assert {d: row["sites_located"] for d, row in districts.items()} == SITES_2026
    assert [d for d, row in districts.items() if row["located_unserved"]] == [7, 10]
    assert {row["stated_unserved"] for row in districts.values()} == {None}
    assert {row["sites_stated"] for row in districts.values()} == {None}
    assert sum(len(row["disputed"]) for row in districts.values()) == 4
    assert districts[5]["located_unserved_if_disputed_false"] is True
    for row in districts.values():
        low, high = row["interval"]
        assert 0 <= low <= row["covered_share"] <= high <= 1


def test_coverage_sums_to_the_city(ask: Ask) -> None:
    found = ask(
        "coverage", "--scenario", "2026", "--mode", "walk", "--threshold", "500m,1000m,15min",
        "--group", "residents,foreign_citizens",
    )  # fmt: skip
    rows = found["rows"]
    assert {row["threshold"] for row in rows} == {"500m", "1000m", "15min"}
    for group, official in {"residents": 658_350, "foreign_citizens": 167_613}.items():
        for threshold in ("500m", "1000m", "15min"):
            mine = [r for r in rows if r["group"] == group and r["threshold"] == threshold]
            (city,) = [r for r in mine if r["area_kind"] == "city"]
            assert city["total"] == official
            for kind in ("district", "quarter"):
                parts = [r for r in mine if r["area_kind"] == kind]
                assert sum(r["total"] for r in parts) == pytest.approx(official)
                assert sum(r["covered"] for r in parts) == pytest.approx(city["covered"], abs=1)


def test_difference_names_what_rests_on_disputes(ask: Ask) -> None:
    found = ask("diff", "2019", "2026", "--threshold", "1000m", "--group", "residents")
    assert (found["from"], found["to"]) == ("2019", "2026")
    districts = {r["area"]: r for r in found["rows"] if r["area_kind"] == "district"}
    assert districts[5]["gained"] > 0
    assert districts[5]["lost"] == 0
    assert districts[5]["rests_on_disputed"] == ["wp2026-05"]
    assert districts[4]["gained"] > 0
    assert districts[4]["lost"] > 0
    assert districts[7]["gained"] == districts[7]["lost"] == 0
    assert found["sentences"]["de"]
    assert len(found["sentences"]["de"]) == len(found["sentences"]["en"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gaps", "--scenario", "1999"), "Known scenarios: 2019, 2026"),
        (("gaps", "--threshold", "5"), "Write it as 1000m, 1.5km or 15min"),
        (("gaps", "--threshold", "900 s"), "in metres, kilometres or minutes"),
        (("coverage", "--threshold", "1,5km"), "Write 1.5km for one, 1km,5km for two"),
        (("gaps", "--threshold", "500m,1000m"), "takes one threshold"),
        (("map", "--out", "x.html", "--threshold", "500m,1000m"), "takes one threshold"),
        (("report", "--out", "x.pdf", "--threshold", "500m,1000m"), "takes one threshold"),
        (
            ("coverage", "--group", "cats"),
            "Choose from: residents (all residents), migration_background",
        ),
        (("coverage", "--mode", "fly"), "'fly' is not one of"),
        (("nonsense",), "No such command"),
        (("gaps", "--pack", "nowhere"), "no region pack"),
        (("gaps", "--mode", "transit", "--threshold", "1000m"), "min"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_another_municipality_works_the_same(tmp_path: Path, ask: Ask) -> None:
    from tests.worlds import write_rechteckstadt

    pack = str(write_rechteckstadt(tmp_path / "pack"))
    found = ask("gaps", "--scenario", "2020", "--pack", pack)
    unserved = [row["district"] for row in found["districts"] if row["located_unserved"]]
    assert unserved == [3]
    assert found["districts"][2]["stated_elsewhere"] == ["b"]
    assert found["districts"][2]["planned"] == ["c"]


def test_a_planners_own_list_is_located_by_its_addresses(tmp_path: Path, ask: Ask) -> None:
    table = tmp_path / "own.csv"
    table.write_text(
        "id,name,operator,address,stated_districts,status,valid_from,valid_to,source\n"
        "n1,Neu,Verein,Katharinenstraße 9,7,open,,,Antrag\n",
        encoding="utf-8",
    )
    districts = {r["district"]: r for r in ask("gaps", "--scenario", str(table))["districts"]}
    assert [d for d, row in districts.items() if not row["located_unserved"]] == [7]
    assert districts[7]["covered_residents"] > 0
