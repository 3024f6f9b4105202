"""What must hold for every problem, whatever the numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.siting.brute import brute_force
from welcomemap.siting import enumeration
from welcomemap.siting.problem import MODELS, Constraints, SitingProblem, SitingRequest
from welcomemap.siting.solve import solve

N, M = 7, 6
costs = arrays(np.float64, (N, M), elements=st.integers(0, 30).map(float))
weights = arrays(np.float64, (N,), elements=st.integers(0, 9).map(float))
models = st.sampled_from(["p-median", "mclp", "p-center", "backup"])


def make(cost, weight, **constraints) -> SitingProblem:
    n, m = cost.shape
    return SitingProblem(
        cost,
        weight,
        tuple(f"d{i}" for i in range(n)),
        tuple(f"f{j}" for j in range(m)),
        Constraints(**constraints),
    )


def ask(model, p) -> SitingRequest:
    threshold = 10.0 if model in ("mclp", "backup") else None
    return SitingRequest(model, p=p, threshold=threshold)


@given(costs, weights, models)
@settings(max_examples=60, deadline=None)
def test_one_more_site_never_hurts(cost, weight, model):
    problem = make(cost, weight)
    values = [solve(problem, ask(model, p)).objective for p in range(1, M + 1)]
    is_more_better = model in ("mclp", "backup")
    assert values == sorted(values, reverse=not is_more_better)


@given(costs, weights, models, st.integers(0, M - 1))
@settings(max_examples=60, deadline=None)
def test_required_sites_are_chosen_and_excluded_ones_never(cost, weight, model, j):
    k = (j + 1) % M
    result = solve(make(cost, weight, required=(j,), excluded=(k,)), ask(model, 3))
    for members in result.optimal_sets:
        assert f"f{j}" in members
        assert f"f{k}" not in members


@given(costs, weights, models, st.sampled_from([2.0, 0.125, 3.7, 1e6, 1e-3]))
@settings(max_examples=60, deadline=None)
def test_scaling_weights_changes_no_choice(cost, weight, model, factor):
    plain = solve(make(cost, weight), ask(model, 2))
    scaled = solve(make(cost, weight * factor), ask(model, 2))
    assert scaled.optimal_sets == plain.optimal_sets
    expected = plain.objective * (1 if model == "p-center" else factor)
    assert math.isclose(scaled.objective, expected, rel_tol=1e-9)


def make_tied(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Mirror images of every facility, in tenths: their sums tie and are rounded apart."""
    rng = np.random.default_rng(seed)
    cost, half = rng.integers(1, 90, (12, 4)) / 10, rng.integers(1, 90, 6) / 10
    return np.hstack([np.roll(cost, 6, axis=0), cost]), np.concatenate([half, half])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("most", [-1, 400_000])
def test_ties_stand_in_the_order_of_their_ids_whatever_the_sums(model, most, monkeypatch):
    """Scaled weights, turned rows and another solver name the same sets in the same order."""
    monkeypatch.setattr(enumeration, "MAX_SUBSETS", most)
    is_solved = set()
    for seed in range(6):
        cost, weight = make_tied(seed)
        between = np.abs(np.arange(8)[:, None] - np.arange(8)[None]) % 4.0
        threshold = 6.0 if model in ("mclp", "backup", "lscp") else None
        request = SitingRequest(
            model, p=None if model == "lscp" else 2, threshold=threshold, max_sets=400
        )
        shown = []
        for scale, turn in ((1.0, 1), (3.7, 1), (1e-3, -1), (0.1, -1)):
            problem = replace(
                make(np.ascontiguousarray(cost[::turn]), weight[::turn] * scale),
                facility_cost=between,
            )
            result = solve(problem, request)
            shown.append(result.optimal_sets)
            is_solved.add(result.status)
            first = result.near_optimal_sets
            assert tuple(near.members for near in first[: len(shown[-1])]) == shown[-1]
        assert shown[0] == shown[1] == shown[2] == shown[3]
        assert list(shown[0]) == sorted(shown[0], key=sorted)
    assert "optimal" in is_solved


@given(costs, weights, models)
@settings(max_examples=60, deadline=None)
def test_a_dominated_candidate_never_wins(cost, weight, model):
    """A copy of f0 that is worse for everybody is no better in its place, and alone never best."""
    worse = np.column_stack([cost, cost[:, 0] + 1])
    problem = make(worse, weight + 1)
    result = solve(problem, ask(model, 1))
    if model == "p-median":
        assert all(f"f{M}" not in members for members in result.optimal_sets)
    assert any(members != (f"f{M}",) for members in result.optimal_sets)
    assert result.objective == solve(make(cost, weight + 1), ask(model, 1)).objective


@given(costs, weights, st.sampled_from(["p-median", "mclp"]))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_and_columns_changes_nothing(cost, weight, model):
    problem = make(cost, weight)
    turned = SitingProblem(
        np.ascontiguousarray(cost[::-1, ::-1]),
        np.ascontiguousarray(weight[::-1]),
        problem.demand_ids[::-1],
        problem.facility_ids[::-1],
    )
    one, other = solve(problem, ask(model, 2)), solve(turned, ask(model, 2))
    assert one.objective == other.objective
    assert {frozenset(s) for s in one.optimal_sets} == {frozenset(s) for s in other.optimal_sets}


@pytest.mark.parametrize("model", ["p-median", "mclp", "p-center"])
def test_enumeration_and_solver_agree_beyond_brute_force(model, monkeypatch):
    rng = np.random.default_rng(5)
    for seed in range(4):
        cost = rng.integers(1, 60, (40, 14)).astype(float)
        problem = make(cost, rng.integers(1, 20, 40).astype(float))
        request = replace(ask(model, 4), max_sets=400, threshold=12.0 if model == "mclp" else None)
        by_hand = solve(problem, request)
        assert by_hand.method == "enumeration", seed
        monkeypatch.setattr(enumeration, "MAX_SUBSETS", -1)
        by_solver = solve(problem, request)
        monkeypatch.undo()
        assert by_solver.method != "enumeration"
        assert by_solver.objective == by_hand.objective
        assert set(by_solver.optimal_sets) == set(by_hand.optimal_sets)
        if by_solver.is_near_exact:
            assert by_solver.near_optimal_sets == by_hand.near_optimal_sets
        if by_solver.is_runner_up_proven:
            assert by_solver.runner_up.objective == by_hand.runner_up.objective


@given(costs, weights, models, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_every_set_at_the_second_place_is_known(cost, weight, model, p):
    problem, request = make(cost, weight), ask(model, p)
    found, brute = solve(problem, request), brute_force(problem, request)
    second = brute.runner_up()
    expected = {
        tuple(f"f{j}" for j in members)
        for members, value in brute.scored.items()
        if second is not None
        and members not in brute.tied()
        and math.isclose(value, second, rel_tol=1e-9)
    }
    assert {one.members for one in found.runner_ups} == expected
    assert found.are_runner_ups_exact == bool(expected)
