"""Capacities, costs, budget, backup and sensitivity from the command line, on hand-worked cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from welcomemap.cli import run

Ask = Callable[..., Any]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command and return its one JSON value."""

    def answer(*arguments: str, status: int = 0) -> Any:
        assert run([*arguments, "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return answer


@pytest.fixture
def matrix(tmp_path: Path) -> list[str]:
    """Three villages of 10, 20 and 5 people; each facility is near its own village."""
    (tmp_path / "costs.csv").write_text("demand,a,b,c\nnorth,1,8,9\nsouth,8,1,9\neast,4,9,1\n")
    (tmp_path / "weights.csv").write_text("demand,weight\nnorth,10\nsouth,20\neast,5\n")
    return ["site", "--cost-matrix", str(tmp_path / "costs.csv"),
            "--demand", str(tmp_path / "weights.csv")]  # fmt: skip


def write(folder: Path, text: str) -> str:
    (folder / "facilities.csv").write_text(text)
    return str(folder / "facilities.csv")


def test_capacity_moves_the_best_site(matrix: list[str], tmp_path: Path, ask: Ask) -> None:
    """b alone covers 20 within 4; if it holds only 12 it can serve nobody whole, a covers 15."""
    question = [*matrix, "--model", "mclp", "--p", "1", "--threshold", "4"]
    assert ask(*question)["optimal_sets"] == [["b"]]
    limited = ask(*question, "--facilities", write(tmp_path, "facility,capacity\nb,12\n"))
    assert (limited["optimal_sets"], limited["objective"]) == ([["a"]], 15)
    assert limited["assignments"] == {"north": "a", "south": None, "east": "a"}


def test_a_budget_decides_how_many_open(matrix: list[str], tmp_path: Path, ask: Ask) -> None:
    """Costs 3, 4, 1 and a budget of 5: b with c covers 25, a with c only 15, a with b is 7."""
    table = write(tmp_path, "id,cost\na,3\nb,4\nc,1\n")
    question = [*matrix, "--model", "mclp", "--threshold", "4", "--facilities", table]
    found = ask(*question, "--budget", "5")
    assert (found["optimal_sets"], found["objective"]) == ([["b", "c"]], 25)
    assert ask(*question, "--budget", "7")["optimal_sets"] == [["a", "b"]]
    assert ask(*question, "--budget", "0.5")["objective"] in (0, None)


def test_a_site_of_unknown_cost_is_never_free(matrix: list[str], tmp_path: Path, ask: Ask) -> None:
    table = write(tmp_path, "id,cost\na,3\nb,\nc,1\n")
    found = ask(*matrix, "--model", "mclp", "--p", "1", "--threshold", "4", "--facilities", table,
                "--budget", "5")  # fmt: skip
    assert found["optimal_sets"] == [["a"]]


def test_backup_counts_who_reaches_two(matrix: list[str], ask: Ask) -> None:
    """Within 8 north reaches a and b, south a and b, east a and c."""
    found = ask(*matrix, "--model", "backup", "--p", "2", "--threshold", "8")
    assert (found["optimal_sets"], found["objective"]) == ([["a", "b"]], 30)


def test_sensitivity_says_what_the_choice_loses(matrix: list[str], ask: Ask) -> None:
    found = ask(*matrix, "--model", "mclp", "--p", "1", "--threshold", "4")
    changes = found["sensitivity"]
    assert [(c["p"], c["objective"]) for c in changes if "p" in c] == [(2, 35)]
    by_threshold = {c["threshold"]: c for c in changes if "threshold" in c}
    assert sorted(by_threshold) == [2, 2.8, 6]
    assert by_threshold[2]["optimal_set"] == ["b"]
    assert by_threshold[2]["chosen_loss_share"] == 0
    assert any("The choice stays the best with" in text for text in found["sentences"]["en"])
    quiet = ask(*matrix, "--model", "mclp", "--p", "1", "--threshold", "4", "--no-sensitivity")
    assert quiet["sensitivity"] == []
    assert quiet["optimal_sets"] == found["optimal_sets"]


def test_region_answer_holds_sensitivity_by_group_and_what_the_choice_adds(ask: Ask) -> None:
    found = ask("site", "--model", "mclp", "--p", "1", "--group", "migration_background")
    groups = {change["group"] for change in found["sensitivity"] if "group" in change}
    assert groups == {"residents", "foreign_citizens", "under_18", "over_65"}
    assert {c["threshold"] for c in found["sensitivity"] if "threshold" in c} == {500, 700, 1500}
    coverage = ask("coverage", "--group", "migration_background", "--threshold", "1000m")
    (city,) = [row for row in coverage["rows"] if row["area_kind"] == "city"]
    assert found["existing_objective"] == pytest.approx(city["covered"], abs=0.01)
    compared = ask("compare", found["optimal_sets"][0][0])
    gained = compared["candidates"][0]["gained"]["migration_background"]
    assert found["objective"] - found["existing_objective"] == pytest.approx(gained, abs=0.01)


def test_several_districts_can_be_required(ask: Ask) -> None:
    found = ask("site", "--model", "mclp", "--p", "2", "--require-district", "7",
                "--require-district", "10", "--no-sensitivity")  # fmt: skip
    assert found["optimal_sets"] == [["wp07-katharinen", "wp10-stettiner"]]
    assert "nothing to choose" in found["sentences"]["en"][-1]


def test_costs_of_candidates_in_a_planners_own_table(tmp_path: Path, ask: Ask) -> None:
    """Without a budget the nearer of two places wins; the dear one is out of a small budget."""
    table = tmp_path / "own.csv"
    table.write_text(
        "id,name,address,cost,capacity\n"
        "dear,Dear,Katharinenstraße 9,90000,\ncheap,Cheap,Stettiner Straße 120,2000000,\n",
        encoding="utf-8",
    )
    question = ["site", "--model", "mclp", "--p", "1", "--candidates", str(table),
                "--no-sensitivity"]  # fmt: skip
    free = ask(*question)
    assert free["optimal_sets"] == [["cheap"]]
    limited = ask(*question, "--budget", "100000")
    assert limited["optimal_sets"] == [["dear"]]
    assert limited["spent"] == 90_000
    assert limited["budget"] == 100_000


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("id,capacity\nz,3\n", "none of the sites"),
        ("id,capacity\na,many\n", "not a number"),
        ("id,capacity\na,-1\n", "not a number"),
        ("id,capacity\na,1\na,2\n", "appears twice"),
        ("id,name\na,A\n", "capacity or cost"),
        ("id,capacity\na,1\n", "the costs of the sites are not known"),
    ],
)
def test_faults_in_the_table_are_named(
    matrix: list[str], tmp_path: Path, table: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*matrix, "--model", "mclp", "--p", "1", "--threshold", "4",
                 "--facilities", write(tmp_path, table), "--budget", "4"]  # fmt: skip
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_p_center_refuses_capacities(
    matrix: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*matrix, "--model", "p-center", "--p", "1",
                 "--facilities", write(tmp_path, "id,capacity\na,9\n")]  # fmt: skip
    assert run(arguments) == 2
    assert "knows no capacities" in capsys.readouterr().err
