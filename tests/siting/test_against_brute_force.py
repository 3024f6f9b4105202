"""Every model and option against brute force over all subsets, ties included."""

import math

import pytest

from tests.siting.brute import BruteAnswer, brute_force, random_case
from welcomemap.siting import enumeration
from welcomemap.siting.objective import has_exact_sums
from welcomemap.siting.problem import MODELS, SitingProblem, SitingRequest, SitingResult
from welcomemap.siting.solve import solve


def columns(problem: SitingProblem, names) -> tuple[int, ...]:
    return tuple(problem.facility_ids.index(name) for name in names)


def check(problem: SitingProblem, request: SitingRequest, result: SitingResult, brute: BruteAnswer):
    if not brute.scored:
        assert result.status == "infeasible"
        assert result.reason is not None
        assert result.objective is None
        return
    assert result.status == "optimal", result.reason
    assert math.isclose(result.objective, brute.best, rel_tol=1e-9)
    assert result.gap == 0
    assert result.bound == result.objective
    shown = [columns(problem, members) for members in result.optimal_sets]
    assert len(set(shown)) == len(shown)
    assert set(shown) <= brute.tied()
    if result.is_n_optimal_exact:
        assert result.n_optimal_sets == len(brute.tied())
        assert set(shown) == brute.tied()
    else:
        assert result.n_optimal_sets <= len(brute.tied())
    near = {columns(problem, item.members) for item in result.near_optimal_sets}
    if result.is_near_exact:
        assert near == brute.near(request.near_share)
    else:
        assert near <= brute.near(request.near_share)
    if result.runner_up is not None:
        assert columns(problem, result.runner_up.members) not in brute.tied()
        value = brute.scored[columns(problem, result.runner_up.members)]
        assert math.isclose(value, result.runner_up.objective, rel_tol=1e-9)
    if result.is_runner_up_proven:
        expected = brute.runner_up()
        shown_value = None if result.runner_up is None else result.runner_up.objective
        assert (expected is None) == (shown_value is None)
        assert expected is None or math.isclose(expected, shown_value, rel_tol=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_enumeration_finds_every_tie(model):
    for seed in range(120):
        problem, request = random_case(seed, model=model)
        result = solve(problem, request)
        check(problem, request, result, brute_force(problem, request))
        assert result.is_n_optimal_exact


@pytest.mark.parametrize("model", MODELS)
def test_the_solver_for_large_problems_agrees(model, monkeypatch):
    monkeypatch.setattr(enumeration, "MAX_SUBSETS", -1)
    n_exact = 0
    for seed in range(40):
        problem, request = random_case(seed, model=model)
        result = solve(problem, request)
        check(problem, request, result, brute_force(problem, request))
        assert result.method != "enumeration"
        n_exact += result.is_n_optimal_exact
    assert n_exact >= 38


@pytest.mark.parametrize("model", ["mclp", "p-median"])
def test_capacities(model):
    for seed in range(40):
        problem, request = random_case(seed, has_capacity=True, model=model)
        result = solve(problem, request)
        check(problem, request, result, brute_force(problem, request))
        if result.status == "optimal":
            check_load(problem, request, result)


def check_load(problem, request, result):
    """People are sent only to open sites, within capacity, and cost what the objective says."""
    opened = {*result.optimal_sets[0], *result.existing}
    load = dict.fromkeys(opened, 0.0)
    total = 0.0
    for i, name in enumerate(problem.demand_ids):
        site = result.assignments[name]
        if site is None or problem.weights[i] == 0:
            continue
        j = problem.facility_ids.index(site)
        load[site] += problem.weights[i]
        total += problem.weights[i] * (1 if request.model == "mclp" else problem.cost[i, j])
    for site, used in load.items():
        assert used <= problem.constraints.capacity[problem.facility_ids.index(site)] + 1e-9
    assert math.isclose(total, result.objective, rel_tol=1e-9)


def test_the_instances_hold_what_they_should():
    """The random cases are worth something: ties, infeasible ones and every option occur."""
    cases = [random_case(seed, model=model) for seed in range(120) for model in MODELS]
    answers = [brute_force(*case) for case in cases]
    assert sum(not answer.scored for answer in answers) > 50
    assert sum(len(answer.tied()) > 1 for answer in answers if answer.scored) > 200
    assert sum(case[0].constraints.budget is not None for case in cases) > 100
    assert sum(bool(case[0].constraints.groups) for case in cases) > 100
    assert sum(not has_exact_sums(c[0].cost, c[0].weights, "p-median") for c in cases) > 100
