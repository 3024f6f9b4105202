"""How does the best choice change with the number of sites, the threshold and the group?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from welcomemap.errors import NoAnswerError
from welcomemap.siting.problem import THRESHOLD_MODELS, Floats, SitingProblem, SitingRequest
from welcomemap.siting.result import SitingResult
from welcomemap.siting.sensitivity import Variation, vary_group, vary_p, vary_threshold

MAX_PAIRS = 600_000
"""Up to so many pairs of demand point and facility the answer is varied without being asked to."""
TIME_LIMIT_S = 10.0
PROOF_TIME_S = 1.0
THRESHOLD_FACTORS = (0.5, 0.7, 1.5)


def find_variations(
    problem: SitingProblem,
    request: SitingRequest,
    result: SitingResult,
    by_group: Callable[[], tuple[SitingProblem, Mapping[str, Floats]]] | None = None,
    *,
    is_wanted: bool | None = None,
) -> tuple[Variation, ...]:
    """Answer again with one site fewer and more, other thresholds, and other groups.

    Parameters
    ----------
    by_group
        Returns a problem with every demand point of every group, and the groups' weights; without
        it the group is not varied.
    is_wanted
        ``None`` varies only problems of at most :data:`MAX_PAIRS` pairs, whatever the machine.

    Returns
    -------
    tuple
        Empty where there is no choice to vary. A variation for which nothing is found within
        :data:`TIME_LIMIT_S` is left out.
    """
    is_small = problem.cost.size <= MAX_PAIRS
    if not result.optimal_sets or not (is_small if is_wanted is None else is_wanted):
        return ()
    limit_s = min(request.time_limit_s or TIME_LIMIT_S, TIME_LIMIT_S)
    quick = replace(request, time_limit_s=limit_s, proof_time_s=PROOF_TIME_S)
    chosen = result.optimal_sets[0]
    found: list[Variation] = []
    for answer in _list_questions(problem, quick, chosen, by_group):
        try:
            found += answer()
        except NoAnswerError:
            continue
    return tuple(found)


def _list_questions(
    problem: SitingProblem,
    request: SitingRequest,
    chosen: tuple[str, ...],
    by_group: Callable[[], tuple[SitingProblem, Mapping[str, Floats]]] | None,
) -> Iterator[Callable[[], tuple[Variation, ...]]]:
    for p in _other_numbers(problem, request):
        yield partial(vary_p, problem, request, chosen, [p])
    if request.model in THRESHOLD_MODELS and request.threshold:
        for factor in THRESHOLD_FACTORS:
            value = float(f"{request.threshold * factor:.6g}")
            yield partial(vary_threshold, problem, request, chosen, [value])
    if by_group is not None and request.model != "p-dispersion":
        everybody, weights = by_group()
        for group, weight in weights.items():
            yield partial(vary_group, everybody, request, chosen, {group: weight})


def _other_numbers(problem: SitingProblem, request: SitingRequest) -> Iterator[int]:
    if request.p is None:
        return
    constraints = problem.constraints
    least = 2 - len(constraints.existing) if request.model == "p-dispersion" else 1
    for p in (request.p - 1, request.p + 1):
        if max(1, least, len(constraints.required)) <= p <= len(problem.candidates):
            yield p
