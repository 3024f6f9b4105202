"""Siting: what the answers cost, beside spopt with the same solver in the same run.

python -m benchmarks.bench_siting [subsets mclp median graphs]

The peer is spopt with HiGHS through pulp (package ``highspy``; without it CBC, and the table says
so). Where the peer needs too long it is stopped after PEER_LIMIT_S seconds and shown as "> limit".
"""

from __future__ import annotations

import os
import sys
import time
import warnings

import numpy as np
import pulp
from benchmarks.measure import measure, show
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from spopt.locate import MCLP, PMedian

from welcomemap.siting.enumeration import list_subsets
from welcomemap.siting.problem import SitingProblem, SitingRequest
from welcomemap.siting.solve import solve

PEER_LIMIT_S = float(os.environ.get("PEER_LIMIT_S", "60"))
GRAPHS = [
    (100, 5),
    (100, 10),
    (100, 33),
    (200, 5),
    (200, 20),
    (200, 67),
    (400, 5),
    (400, 40),
    (400, 133),
    (600, 5),
    (600, 60),
    (600, 200),
    (900, 5),
    (900, 10),
    (900, 90),
    (900, 300),
]


def draw_city(n_cells: int, n_sites: int, seed: int = 0):
    """People in clustered 100 m cells of a 15 x 20 km city, sites among them, detour 1.23."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform([0, 0], [15_000, 20_000], (60, 2))
    spread = n_cells - n_cells // 3
    cells = np.concatenate(
        [
            rng.uniform([0, 0], [15_000, 20_000], (n_cells // 3, 2)),
            centres[rng.integers(0, 60, spread)] + rng.normal(0, 900, (spread, 2)),
        ]
    )
    cells = np.round(cells / 100) * 100
    sites = cells[rng.choice(n_cells, n_sites, replace=False)] + rng.uniform(-50, 50, (n_sites, 2))
    cost = 1.23 * np.hypot(*(cells[:, None] - sites[None]).transpose(2, 0, 1))
    return np.ascontiguousarray(cost), np.round(rng.gamma(1.2, 60, n_cells))


def draw_graph(n: int, seed: int):
    """All shortest paths of a connected random graph, n²/50 edges of length 1 to 100."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    tree = [(order[k], order[rng.integers(0, k)]) for k in range(1, n)]
    extra = rng.integers(0, n, (n * n // 50, 2))
    edges = {(min(a, b), max(a, b)): rng.integers(1, 101) for a, b in [*tree, *extra] if a != b}
    u, v = np.array(list(edges)).T
    lengths = np.array(list(edges.values()), dtype=float)
    return dijkstra(coo_array((lengths, (u, v)), shape=(n, n)).tocsr(), directed=False)


def make_problem(cost, weights) -> SitingProblem:
    n, m = cost.shape
    return SitingProblem(cost, weights, tuple(map(str, range(n))), tuple(map(str, range(m))))


def peer_solver():
    if "HiGHS" in pulp.listSolvers(onlyAvailable=True):
        return pulp.HiGHS(msg=False, timeLimit=PEER_LIMIT_S, gapRel=0.0)
    return pulp.PULP_CBC_CMD(msg=False, timeLimit=PEER_LIMIT_S, gapRel=0.0)


def run_peer(build):
    """Return seconds and objective, the objective None where the limit ended the search."""
    start = time.perf_counter()
    try:
        solved = build().solve(peer_solver(), results=False)
    except RuntimeError:
        return time.perf_counter() - start, None
    seconds = time.perf_counter() - start
    is_done = seconds < PEER_LIMIT_S
    return seconds, float(pulp.value(solved.problem.objective)) if is_done else None


def bench_subsets() -> None:
    rng = np.random.default_rng(0)
    timings = []
    for n in (205, 8_000):
        cost = rng.uniform(100, 8_000, (n, 16))
        weights = rng.integers(1, 3_000, n).astype(float)
        problem = make_problem(cost, weights)
        name = f"all 4-of-16 sets, three objectives, {n} demand points"

        def call(problem=problem):
            list_subsets.cache_clear()
            for model, threshold in (("p-median", None), ("mclp", 2_000.0), ("p-center", None)):
                solve(problem, SitingRequest(model, p=4, threshold=threshold))

        timings.append(measure(name, call, runs=9))
    show(timings)


def bench_mclp() -> None:
    print("| MCLP 8,000 x 500, p = 5 | proven s | with all ties, near sets s | spopt s | ratio |")
    print("|---|---|---|---|---|")
    cost, weights = draw_city(8_000, 500)
    problem = make_problem(cost, weights)
    for threshold in (1_000.0, 2_000.0):
        proof = SitingRequest("mclp", p=5, threshold=threshold, proof_time_s=1e-3)
        timing = measure("proof", lambda proof=proof: solve(problem, proof), runs=3)
        whole = SitingRequest("mclp", p=5, threshold=threshold)
        full = measure("full", lambda whole=whole: solve(problem, whole), runs=1, warmup=0)
        result = solve(problem, proof)
        seconds, objective = run_peer(
            lambda threshold=threshold: MCLP.from_cost_matrix(cost, weights, threshold, 5)
        )
        check(result, objective)
        print(
            f"| {threshold:g} m: {result.status}, {result.objective:g} | {timing.median_s:.2f} "
            f"| {full.median_s:.2f} | {seconds:.1f}{'' if objective else ' (limit)'} "
            f"| {seconds / timing.median_s:.0f} |"
        )


def bench_median() -> None:
    print("| p-median 8,000 x 500, p = 10 | s | objective | bound | gap |")
    print("|---|---|---|---|---|")
    for seed in (0, 1):
        problem = make_problem(*draw_city(8_000, 500, seed))
        for limit in (5.0, 10.0):
            start = time.perf_counter()
            result = solve(problem, SitingRequest("p-median", p=10, time_limit_s=limit))
            seconds = time.perf_counter() - start
            print(
                f"| city {seed}, limit {limit:g} s | {seconds:.1f} | {result.objective:.6g} "
                f"| {result.bound:.6g} | {100 * (result.gap or 0):.3f} % |"
            )


def bench_graphs() -> None:
    print("| n | p | optimum | proven s | with ties, near sets s | spopt s | spopt ÷ proven |")
    print("|---|---|---|---|---|---|---|")
    for n, p in GRAPHS:
        cost = draw_graph(n, n)
        problem = make_problem(cost, np.ones(n))
        proof = SitingRequest("p-median", p=p, proof_time_s=1e-3)
        timing = measure("proof", lambda r=proof, q=problem: solve(q, r), runs=3, warmup=0)
        whole = SitingRequest("p-median", p=p)
        full = measure("full", lambda r=whole, q=problem: solve(q, r), runs=1, warmup=0)
        result = solve(problem, proof)
        # spopt writes n² variables one by one in Python; beyond 400 nodes that alone takes minutes
        seconds, objective = (None, None)
        if n <= 400:
            seconds, objective = run_peer(
                lambda cost=cost, n=n, p=p: PMedian.from_cost_matrix(cost, np.ones(n), p)
            )
            check(result, objective)
        shown = "not run" if seconds is None else f"{seconds:.1f}{'' if objective else ' (limit)'}"
        ratio = "" if seconds is None else f"{seconds / timing.median_s:.0f}"
        print(
            f"| {n} | {p} | {result.objective:g} {result.status} | {timing.median_s:.2f} "
            f"| {full.median_s:.2f} | {shown} | {ratio} |",
            flush=True,
        )


def check(result, objective) -> None:
    if objective is not None and result.status == "optimal":
        assert abs(result.objective - objective) <= 1e-6 * abs(objective), (result, objective)


BENCHES = {
    "subsets": bench_subsets,
    "mclp": bench_mclp,
    "median": bench_median,
    "graphs": bench_graphs,
}


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    print(f"peer: spopt with {peer_solver().name}, limit {PEER_LIMIT_S:g} s\n")
    for name in sys.argv[1:] or BENCHES:
        print(f"\n## {name}\n")
        BENCHES[name]()


if __name__ == "__main__":
    main()
