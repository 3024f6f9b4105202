"""Problems beyond enumeration: graphs in the style of the OR-Library, against HiGHS."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from tests.cases import long
from welcomemap.siting.milp import search_by_milp
from welcomemap.siting.objective import make_objective
from welcomemap.siting.p_median import build_p_median
from welcomemap.siting.problem import Constraints, SitingProblem, SitingRequest, start_deadline
from welcomemap.siting.solve import solve


def draw_graph(n: int, seed: int) -> np.ndarray:
    """Shortest paths of a connected random graph with about n²/50 edges of length 1 to 100."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    tree = [(order[k], order[rng.integers(0, k)]) for k in range(1, n)]
    extra = rng.integers(0, n, (n * n // 50, 2))
    edges = {(min(a, b), max(a, b)): rng.integers(1, 101) for a, b in [*tree, *extra] if a != b}
    u, v = np.array(list(edges)).T
    lengths = np.array(list(edges.values()), dtype=float)
    return dijkstra(coo_array((lengths, (u, v)), shape=(n, n)).tocsr(), directed=False)


def make(n: int, seed: int, *, is_whole: bool = True, **constraints) -> SitingProblem:
    cost = draw_graph(n, seed)
    rng = np.random.default_rng(seed)
    weights = np.ones(n) if is_whole else rng.uniform(0.1, 9, n)
    ids = tuple(str(k) for k in range(n))
    return SitingProblem(cost, weights, ids, ids, Constraints(**constraints), cost)


@pytest.mark.parametrize(("n", "p"), [(60, 4), (60, 20), (90, 8), (90, 30)])
@pytest.mark.parametrize("is_whole", [True, long(False)])
def test_p_median_proves_what_highs_finds(n, p, is_whole):
    problem = make(n, seed=n + p, is_whole=is_whole, existing=(3,), excluded=(4, 5))
    request = SitingRequest("p-median", p=p, max_sets=20, proof_time_s=1.0)
    result = solve(problem, request)
    objective = make_objective(problem, request)
    peer = search_by_milp(
        objective, build_p_median(objective), start_deadline(None), objective.score
    )
    assert result.status == "optimal"
    assert result.objective == pytest.approx(peer.found[0].objective, rel=1e-9)
    shown = set(result.optimal_sets)
    ids = problem.facility_ids
    theirs = {
        tuple(ids[j] for j in item.members)
        for item in peer.found
        if objective.is_tied(item.objective, result.objective)
    }
    if result.is_n_optimal_exact:
        assert theirs <= shown
    assert all(3 not in map(int, members) for members in shown)
    for members in shown:
        value = objective.score(tuple(sorted(map(int, members))))
        assert objective.is_tied(value, result.objective)


def test_a_short_time_limit_gives_the_best_found_with_its_true_gap():
    problem = make(200, seed=1)
    hurried = solve(problem, SitingRequest("p-median", p=10, time_limit_s=1e-3))
    patient = solve(problem, SitingRequest("p-median", p=10, proof_time_s=0.1))
    assert patient.status == "optimal"
    assert hurried.bound <= patient.objective <= hurried.objective
    assert hurried.gap == pytest.approx((hurried.objective - hurried.bound) / hurried.objective)
    assert hurried.status == ("optimal" if hurried.gap == 0 else "feasible")
    assert not hurried.is_n_optimal_exact or hurried.gap == 0


@pytest.mark.parametrize("p", [5, 20])
def test_p_center_cannot_be_shortened(p):
    problem = make(80, seed=p)
    result = solve(problem, SitingRequest("p-center", p=p, proof_time_s=1.0))
    assert result.status == "optimal"
    below = np.unique(problem.cost)
    shorter = float(below[below < result.objective].max())
    fewest = solve(problem, SitingRequest("lscp", threshold=shorter, proof_time_s=0.1))
    assert fewest.objective > p
    at_radius = solve(problem, SitingRequest("lscp", threshold=result.objective, proof_time_s=0.1))
    assert at_radius.objective <= p


def test_p_dispersion_cannot_be_widened():
    problem = make(60, seed=2)
    result = solve(problem, SitingRequest("p-dispersion", p=12, proof_time_s=1.0))
    assert result.status == "optimal"
    chosen = [int(name) for name in result.optimal_sets[0]]
    apart = problem.cost[np.ix_(chosen, chosen)][~np.eye(len(chosen), dtype=bool)].min()
    assert apart == result.objective
