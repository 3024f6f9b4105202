"""Infeasible, empty, tied, unreachable: each a clear typed answer."""

import json
from dataclasses import replace

import numpy as np
import pytest

from welcomemap.describe.contract import Proof, encode, shape
from welcomemap.describe.siting import describe_infeasibility
from welcomemap.errors import DuplicateIdError, NoAnswerError, UsageError
from welcomemap.siting import enumeration, milp
from welcomemap.siting.problem import (
    MODELS,
    Constraints,
    GroupRule,
    SitingError,
    SitingProblem,
    SitingRequest,
)
from welcomemap.siting.solve import solve


def make(cost, weights=None, **constraints) -> SitingProblem:
    cost = np.array(cost, dtype=float)
    n, m = cost.shape
    return SitingProblem(
        cost=cost,
        weights=np.ones(n) if weights is None else np.array(weights, dtype=float),
        demand_ids=tuple(f"d{i}" for i in range(n)),
        facility_ids=tuple(f"f{j}" for j in range(m)),
        constraints=Constraints(**constraints),
        facility_cost=cost if n == m else None,
    )


INF = np.inf
LINE = [[0, 1, 2], [1, 0, 1], [2, 1, 0]]
"""Three places in a row, one apart."""


def ask(model, **given) -> SitingRequest:
    needs = {"threshold": 1.0} if model in ("lscp", "mclp", "backup") else {}
    return SitingRequest(model, **{**needs, **given})


def test_hand_worked_line():
    line = make(LINE)
    assert solve(line, ask("p-median", p=1)).optimal_sets == (("f1",),)
    assert solve(line, ask("p-median", p=1)).objective == 2
    assert solve(line, ask("p-center", p=1)).objective == 1
    assert solve(line, ask("lscp")).optimal_sets == (("f1",),)
    covered = solve(line, ask("mclp", p=1, threshold=0.0))
    assert (covered.objective, covered.n_optimal_sets, covered.runner_up) == (1, 3, None)
    spread = solve(line, ask("p-dispersion", p=2))
    assert (spread.optimal_sets, spread.objective) == ((("f0", "f2"),), 2)
    assert spread.runner_up.objective == 1
    assert spread.runner_up_loss_share == 0.5
    backup = solve(line, ask("backup", p=2))
    assert backup.objective == 2


def test_threshold_is_inclusive():
    problem = make([[1000.0], [1000.0000001]], weights=[3, 5])
    assert solve(problem, ask("mclp", p=1, threshold=1000.0)).objective == 3


@pytest.mark.parametrize("model", ["mclp", "p-median", "p-center", "backup", "p-dispersion"])
def test_more_sites_than_candidates(model):
    result = solve(make(LINE), ask(model, p=4))
    assert result.status == "infeasible"
    assert "3" in describe_infeasibility(result.reason).in_language("en")
    assert "4" in describe_infeasibility(result.reason).in_language("de")
    assert shape(Proof, result).objective is None


@pytest.mark.parametrize("model", MODELS)
def test_no_candidates(model):
    given = {} if model == "lscp" else {"p": 2}
    result = solve(make(LINE, excluded=(0, 1, 2)), ask(model, **given))
    assert result.status == "infeasible"
    assert result.reason is not None


def test_no_candidates_and_nobody_to_serve_needs_no_site():
    result = solve(make(LINE, weights=[0, 0, 0], excluded=(0, 1, 2)), ask("lscp"))
    assert (result.status, result.optimal_sets, result.objective) == ("optimal", ((),), 0)


@pytest.mark.parametrize("model", ["mclp", "p-median", "p-center", "backup"])
@pytest.mark.parametrize("most", [-1, 10_000])
def test_all_weights_zero(model, most, monkeypatch):
    monkeypatch.setattr(enumeration, "MAX_SUBSETS", most)
    result = solve(make(LINE, weights=[0, 0, 0]), ask(model, p=2))
    assert (result.status, result.objective, result.gap) == ("optimal", 0, 0)
    assert (result.n_optimal_sets, result.is_n_optimal_exact) == (3, True)
    assert len(result.optimal_sets) == 3


@pytest.mark.parametrize("model", ["lscp", "p-median", "p-center"])
def test_unreachable_demand_is_named(model):
    given = {} if model == "lscp" else {"p": 1}
    result = solve(make([[0, 1], [INF, INF]]), ask(model, **given))
    assert result.status == "infeasible"
    assert "d1" in describe_infeasibility(result.reason).in_language("en")


def test_demand_that_the_chosen_cannot_reach_makes_a_set_infeasible():
    problem = make([[0, 9], [INF, 9]])
    result = solve(problem, ask("p-median", p=1))
    assert result.optimal_sets == (("f1",),)
    assert result.objective == 18
    apart = make([[0, INF], [INF, 0]])
    assert solve(apart, ask("p-median", p=1)).status == "infeasible"
    assert solve(apart, ask("p-median", p=1)).reason is not None


def test_unreachable_demand_of_weight_zero_does_not_matter():
    result = solve(make([[0, 1], [INF, INF]], weights=[1, 0]), ask("p-median", p=1))
    assert (result.objective, result.assignments) == (0, {"d0": "f0", "d1": None})


def test_mclp_with_unreachable_demand_covers_the_rest():
    result = solve(make([[0, 1], [INF, INF]]), ask("mclp", p=1))
    assert (result.objective, result.n_optimal_sets) == (1, 2)
    assert result.assignments == {"d0": "f0", "d1": None}


def test_existing_sites_stay_serve_and_do_not_count():
    result = solve(make(LINE, existing=(0,)), ask("p-median", p=1))
    assert result.existing == ("f0",)
    assert result.optimal_sets == (("f1",), ("f2",))
    assert result.objective == 1
    assert result.assignments == {"d0": "f0", "d1": "f1", "d2": "f1"}


def test_budget_without_p_spends_what_helps():
    problem = make(LINE, site_cost=np.array([1.0, 5.0, 1.0]), budget=2.0)
    result = solve(problem, ask("p-median"))
    assert result.optimal_sets == (("f0", "f2"),)
    poor = replace(problem, constraints=replace(problem.constraints, budget=0.5))
    answer = solve(poor, ask("p-median", p=1))
    assert answer.status == "infeasible"
    assert "cheapest" in describe_infeasibility(answer.reason).in_language("en")


def test_group_rule():
    rule = GroupRule("Stadtbezirk 7", (0,))
    result = solve(make(LINE, groups=(rule,)), ask("p-median", p=1))
    assert result.optimal_sets == (("f0",),)
    met = make(LINE, groups=(rule,), existing=(0,))
    assert solve(met, ask("p-median", p=1)).n_optimal_sets == 2
    impossible = make(LINE, groups=(rule,), excluded=(0,))
    reason = solve(impossible, ask("p-median", p=1)).reason
    assert "Stadtbezirk 7" in describe_infeasibility(reason).in_language("de")


def test_too_small_capacity_is_infeasible():
    problem = make([[1], [1]], capacity=np.array([1.0]))
    assert solve(problem, ask("p-median", p=1)).status == "infeasible"
    assert solve(problem, ask("mclp", p=1)).objective == 1


def test_more_ties_than_listed():
    problem = make(np.zeros((1, 12)))
    result = solve(problem, ask("p-median", p=3, max_sets=10))
    assert len(result.optimal_sets) == 10
    assert (result.n_optimal_sets, result.is_n_optimal_exact) == (220, True)


def test_more_ties_than_known(monkeypatch):
    monkeypatch.setattr(enumeration, "MAX_SUBSETS", -1)
    result = solve(make(np.zeros((1, 12))), ask("p-median", p=3, max_sets=10))
    assert (result.n_optimal_sets, result.is_n_optimal_exact) == (10, False)
    assert len(set(result.optimal_sets)) == 10


def test_a_time_limit_that_leaves_nothing_is_said(monkeypatch):
    monkeypatch.setattr(enumeration, "MAX_SUBSETS", -1)
    monkeypatch.setattr(milp.Deadline, "is_over", lambda self: True)
    with pytest.raises(NoAnswerError, match="time limit"):
        solve(make(LINE), ask("backup", p=1))


def test_result_is_json():
    result = solve(make(LINE), ask("p-median", p=1))
    shown = json.loads(encode(shape(Proof, result)))
    assert shown["optimal_sets"] == [["f1"]]
    assert shown["near_optimal_sets"] == [{"set": ["f1"], "objective": 2}]
    assert shown["runner_up"] == {"set": ["f0"], "objective": 3}
    assert shown["n_optimal_sets_is_exact"] is True
    assert shown["gap"] == 0


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("p-median", {"p": 0}),
        ("p-median", {"p": -1}),
        ("p-median", {"p": 1, "time_limit_s": 0.0}),
        ("mclp", {"p": 1, "threshold": None}),
        ("mclp", {"p": 1, "threshold": -1.0}),
        ("mclp", {"p": 1, "threshold": float("nan")}),
        ("lscp", {"p": 1}),
        ("no-such-model", {"p": 1}),
        ("p-median", {"p": 1, "is_full_cover_required": True}),
    ],
)
def test_impossible_requests(model, given):
    with pytest.raises(UsageError):
        ask(model, **given)


def test_requests_that_do_not_fit_the_problem():
    with pytest.raises(UsageError, match="needs p"):
        solve(make(LINE), ask("p-median"))
    with pytest.raises(UsageError, match="between facilities"):
        solve(make([[1, 2]]), ask("p-dispersion", p=2))
    with pytest.raises(UsageError, match="two sites"):
        solve(make(LINE), ask("p-dispersion", p=1))
    with pytest.raises(UsageError, match="capacities"):
        solve(make(LINE, capacity=np.ones(3)), ask("lscp"))
    with pytest.raises(SitingError, match="unreachable"):
        solve(make([[0, INF], [INF, 0]]), ask("p-dispersion", p=2))


@pytest.mark.parametrize(
    "change",
    [
        {"cost": np.array([[0.0]])},
        {"cost": -np.ones((3, 3))},
        {"cost": np.full((3, 3), np.nan)},
        {"cost": np.zeros((3, 3), dtype=int)},
        {"weights": np.array([1.0, INF, 1.0])},
        {"constraints": Constraints(existing=(7,))},
        {"constraints": Constraints(required=(0,), excluded=(0,))},
        {"constraints": Constraints(required=(0,), existing=(0,))},
        {"constraints": Constraints(budget=3.0)},
        {"constraints": Constraints(budget=-3.0, site_cost=np.ones(3))},
    ],
)
def test_contradictory_problems(change):
    with pytest.raises(SitingError):
        replace(make(LINE), **change)


def test_duplicate_ids():
    with pytest.raises(DuplicateIdError):
        replace(make(LINE), demand_ids=("a", "a", "b"))
