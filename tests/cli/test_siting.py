"""The commands about the next site: plain matrices, the region's candidates, comparison."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from welcomemap.cli import run


def write_matrix(folder: Path, costs: np.ndarray, weights: np.ndarray) -> tuple[str, str]:
    names = [f"f{j}" for j in range(costs.shape[1])]
    lines = [",".join(["demand", *names])]
    lines += [",".join([f"d{i}", *(f"{c:g}" for c in row)]) for i, row in enumerate(costs)]
    (folder / "costs.csv").write_text("\n".join(lines) + "\n")
    lines = ["demand,weight", *(f"d{i},{w:g}" for i, w in enumerate(weights))]
    (folder / "weights.csv").write_text("\n".join(lines) + "\n")
    return str(folder / "costs.csv"), str(folder / "weights.csv")


@pytest.mark.parametrize("threshold", ["30", "30m"])
def test_mclp_on_a_plain_matrix_finds_every_tie(
    tmp_path: Path, threshold: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(5)
    costs, weights = rng.integers(1, 100, (14, 7)), rng.integers(1, 6, 14)
    scores = {
        pair: weights[(costs[:, list(pair)] <= 30).any(axis=1)].sum()
        for pair in itertools.combinations(range(7), 2)
    }
    best = max(scores.values())
    expected = {tuple(f"f{j}" for j in pair) for pair, score in scores.items() if score == best}
    costs_file, weights_file = write_matrix(tmp_path, costs, weights)
    status = run(
        ["site", "--cost-matrix", costs_file, "--demand", weights_file, "--model", "mclp",
         "--p", "2", "--threshold", threshold, "--json"]
    )  # fmt: skip
    found = json.loads(capsys.readouterr().out)
    assert status == 0
    assert found["status"] == "optimal"
    assert found["objective"] == found["bound"] == best
    assert {tuple(members) for members in found["optimal_sets"]} == expected
    assert found["n_optimal_sets"] == len(expected)
    assert found["n_optimal_sets_is_exact"] is True


def test_an_infeasible_question_has_status_3_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    costs_file, weights_file = write_matrix(tmp_path, np.full((2, 2), 50), np.ones(2))
    arguments = ["site", "--cost-matrix", costs_file, "--demand", weights_file, "--model", "lscp",
                 "--threshold", "10", "--json"]  # fmt: skip
    assert run(arguments) == 3
    captured = capsys.readouterr()
    assert json.loads(captured.out)["status"] == "infeasible"
    assert captured.err.count("\n") == 1


def test_the_best_candidate_for_district_7_must_lie_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["site", "--model", "mclp", "--p", "1", "--group", "migration_background",
                 "--require-district", "7", "--json"]  # fmt: skip
    assert run(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["optimal_sets"] == [["wp07-katharinen"]]
    assert found["places"]["wp07-katharinen"]["district"] == 7
    assert found["gap"] == 0


def test_compare_says_what_is_unknown_and_how_a_place_was_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["compare", "hdk-446", "hdk-york", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    by_id = {row["id"]: row for row in found["candidates"]}
    assert by_id["hdk-446"]["location_outcome"] == "interpolated"
    assert by_id["hdk-york"]["location_outcome"] == "range"
    assert by_id["hdk-446"]["is_step_free"] is None
    assert by_id["hdk-446"]["area_m2"] is None
    assert by_id["hdk-york"]["area_m2"] == 800
    assert sum(row["p_best"] for row in by_id.values()) == pytest.approx(1)
    assert {row["rank"] for row in by_id.values()} <= {1, 2}
    assert set(found["pareto"]) <= set(by_id)
    assert found["sentences"]["de"]
    for row in by_id.values():
        assert set(row["gained"]) == {
            "residents", "migration_background", "foreign_citizens", "under_18", "over_65",
        }  # fmt: skip


def test_a_planners_table_of_candidates_takes_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "own.csv"
    table.write_text("id;name;adresse\nmine;Mein Haus;Benderstraße 10\n", encoding="cp1252")
    assert run(["compare", "wp07-katharinen", str(table), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in found["candidates"]] == ["wp07-katharinen", "mine"]
    assert found["candidates"][1]["district"] == 7


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["site", "--model", "best", "--p", "1"], "unknown model"),
        (["site", "--model", "mclp"], "needs --p"),
        (["site", "--model", "lscp", "--p", "3"], "takes no --p"),
        (["site", "--model", "mclp", "--p", "1", "--candidates", "nope"], "no candidates"),
        (["compare", "nobody"], "no candidate 'nobody'"),
        (["compare", "hdk-446", "--weight", "beauty=1"], "unknown criterion"),
        (["compare", "hdk-446", "--weight", "residents"], "Write it as residents=2"),
    ],
)
def test_bad_requests_are_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
