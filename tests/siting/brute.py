"""Brute force in plain Python: the models' definitions, nothing of the code under test."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass, replace

import numpy as np

from welcomemap.siting.problem import MODELS, Constraints, GroupRule, SitingProblem, SitingRequest

MAXIMISED = {"mclp", "backup", "p-dispersion"}


@dataclass(frozen=True)
class BruteAnswer:
    """All feasible sets with their objective, best first."""

    scored: dict[tuple[int, ...], float]
    is_maximised: bool

    @property
    def best(self) -> float:
        return (max if self.is_maximised else min)(self.scored.values())

    def tied(self) -> set[tuple[int, ...]]:
        return {s for s, v in self.scored.items() if math.isclose(v, self.best, rel_tol=1e-9)}

    def near(self, share: float) -> set[tuple[int, ...]]:
        slack = abs(self.best) * share + 1e-9 * abs(self.best)
        return {s for s, v in self.scored.items() if abs(v - self.best) <= slack}

    def runner_up(self) -> float | None:
        worse = [v for s, v in self.scored.items() if s not in self.tied()]
        if not worse:
            return None
        return (max if self.is_maximised else min)(worse)


def brute_force(problem: SitingProblem, request: SitingRequest) -> BruteAnswer:
    rules = problem.constraints
    barred = {*rules.existing, *rules.excluded}
    candidates = [j for j in range(problem.n_facilities) if j not in barred]
    sizes = range(len(candidates) + 1) if request.p is None else [request.p]
    scored = {}
    for size in sizes:
        for members in itertools.combinations(candidates, size):
            if not keeps_rules(members, rules):
                continue
            value = objective(problem, request, members)
            if value is not None:
                scored[members] = value
    return BruteAnswer(scored, request.model in MAXIMISED)


def keeps_rules(members: tuple[int, ...], rules: Constraints) -> bool:
    if not set(rules.required) <= set(members):
        return False
    if rules.budget is not None and sum(rules.site_cost[j] for j in members) > rules.budget:
        return False
    opened = {*members, *rules.existing}
    return all(sum(j in opened for j in rule.members) >= rule.at_least for rule in rules.groups)


def objective(problem: SitingProblem, request: SitingRequest, members) -> float | None:
    opened = [*problem.constraints.existing, *members]
    people = [
        (float(w), [float(problem.cost[i, j]) for j in opened])
        for i, w in enumerate(problem.weights)
        if w > 0
    ]
    if request.model == "p-dispersion":
        pairs = itertools.permutations(opened, 2)
        return min((float(problem.facility_cost[a, b]) for a, b in pairs), default=None)
    if problem.constraints.capacity is not None:
        limits = [float(problem.constraints.capacity[j]) for j in opened]
        return allocate(people, limits, request)
    if request.model in ("p-median", "p-center"):
        nearest = [min(costs, default=math.inf) for _, costs in people]
        if any(math.isinf(c) for c in nearest):
            return None
        if request.model == "p-center":
            return max(nearest, default=0.0)
        return sum(w * c for (w, _), c in zip(people, nearest, strict=True))
    times = [sum(c <= request.threshold for c in costs) for _, costs in people]
    if request.model == "lscp":
        return float(len(members)) if all(times) else None
    if request.is_full_cover_required and not all(times):
        return None
    needed = 2 if request.model == "backup" else 1
    return sum(w for (w, _), t in zip(people, times, strict=True) if t >= needed)


def allocate(people, limits, request) -> float | None:
    """Try every assignment of whole demand points to open sites."""
    best = None
    is_cover = request.model == "mclp"
    options = []
    for _, costs in people:
        usable = [
            k for k, c in enumerate(costs) if (c <= request.threshold if is_cover else c < math.inf)
        ]
        options.append([*usable, None] if is_cover else usable)
    for choice in itertools.product(*options):
        load = [0.0] * len(limits)
        total = 0.0
        for (w, costs), k in zip(people, choice, strict=True):
            if k is not None:
                load[k] += w
                total += w if is_cover else w * costs[k]
        if any(used > limit for used, limit in zip(load, limits, strict=True)):
            continue
        if best is None or (total > best if is_cover else total < best):
            best = total
    return best


def random_case(seed: int, *, has_capacity: bool = False, model: str | None = None):
    """A small random problem with a request; small whole numbers make ties frequent."""
    rng = random.Random(seed)  # noqa: S311 - test data, no secrets
    model = model or MODELS[seed % len(MODELS)]
    is_whole = rng.random() < 0.6
    m = rng.randint(2, 5 if has_capacity else 8)
    n = m if model == "p-dispersion" else rng.randint(1, 5 if has_capacity else 12)
    blocked = 0.0 if model == "p-dispersion" else 0.08
    cost = np.array([[number(rng, is_whole, blocked) for _ in range(m)] for _ in range(n)])
    weights = np.array([float(rng.choice([0, 1, 1, 2, 5])) for _ in range(n)])
    if not is_whole:
        weights *= rng.choice([1.0, 0.37, 1234.5])
    problem = SitingProblem(
        cost=cost,
        weights=weights,
        demand_ids=tuple(f"d{i}" for i in range(n)),
        facility_ids=tuple(f"f{j}" for j in range(m)),
        constraints=random_constraints(rng, m, weights, has_capacity=has_capacity),
        facility_cost=cost if model == "p-dispersion" else None,
    )
    return problem, random_request(rng, model, problem)


def number(rng: random.Random, is_whole: bool, blocked: float) -> float:
    if rng.random() < blocked:
        return math.inf
    return float(rng.randint(0, 6)) if is_whole else round(rng.uniform(0, 100), 3)


def random_constraints(rng, m, weights, *, has_capacity) -> Constraints:
    columns = list(range(m))
    rng.shuffle(columns)
    existing = tuple(sorted(columns.pop() for _ in range(rng.choice([0, 0, 0, 1, 2])) if columns))
    required = (columns.pop(),) if columns and rng.random() < 0.15 else ()
    excluded = (columns.pop(),) if columns and rng.random() < 0.15 else ()
    rules = Constraints(existing=existing, required=required, excluded=excluded)
    if rng.random() < 0.25:
        groups = tuple(
            GroupRule(
                f"g{k}", tuple(rng.sample(range(m), rng.randint(1, m))), rng.choice([1, 1, 2])
            )
            for k in range(rng.choice([1, 2]))
        )
        rules = replace(rules, groups=groups)
    if rng.random() < 0.25:
        site_cost = np.array([float(rng.randint(0, 5)) for _ in range(m)])
        rules = replace(rules, site_cost=site_cost, budget=float(rng.randint(0, 12)))
    if has_capacity:
        total = float(weights.sum())
        capacity = np.array([rng.choice([math.inf, 0.0, total / 2, total / 3]) for _ in range(m)])
        rules = replace(rules, capacity=capacity)
    return rules


def random_request(rng, model, problem) -> SitingRequest:
    p = None if model == "lscp" else rng.randint(1, min(4, problem.n_facilities))
    if model == "p-dispersion":
        p = max(2, p)
    elif problem.constraints.budget is not None and rng.random() < 0.4:
        p = None
    finite = problem.cost[np.isfinite(problem.cost)]
    threshold = float(rng.choice(list(finite))) if len(finite) else 1.0
    return SitingRequest(
        model=model,
        p=p,
        threshold=threshold if model in ("lscp", "mclp", "backup") else None,
        max_sets=5000,
        near_share=rng.choice([0.01, 0.1]),
        is_full_cover_required=model == "backup" and rng.random() < 0.3,
    )
