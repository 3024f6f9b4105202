"""How many more people a further site would reach, draw by draw: which candidate is best?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.accessibility import AccessibilityModel
from welcomemap.coverage.reach import (
    Interval,
    check_thresholds,
    join_destinations,
    select_destinations,
)
from welcomemap.coverage.uncertainty import (
    Destinations,
    UncertaintyModel,
    prepare_draws,
    simulate_counts,
)
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.impedance import CostMatrix, Threshold, is_within

_CANDIDATES_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Gains:
    """People who come within reach of a candidate and reach no service point without it.

    Attributes
    ----------
    estimate
        (n_candidates, n_groups), as published.
    drawn
        The same in every draw of the simulation, (n_candidates, n_groups, n_draws).
    """

    groups: tuple[str, ...]
    model: UncertaintyModel
    estimate: NDArray[np.float64]
    drawn: NDArray[np.float64]

    def interval(self, candidate: int, group: int = 0) -> Interval:
        """Return the interval of a candidate's gain; it always holds the estimate."""
        lower, upper = np.quantile(self.drawn[candidate, group], self.model.bounds)
        gain = float(self.estimate[candidate, group])
        return min(float(lower), gain), max(float(upper), gain)


def simulate_gains(
    accessibility: AccessibilityModel,
    candidates: Destinations,
    matrix: CostMatrix,
    threshold: Threshold,
    groups: Sequence[str] = (GROUPS[0],),
    *,
    model: UncertaintyModel | None = None,
) -> Gains:
    """Simulate what each candidate alone would add to the scenario as published.

    The draws are those of coverage: the same seed gives the same ways, places and borders.

    Parameters
    ----------
    matrix
        Costs from the demand cells to the candidates, (n_cells, n_candidates).

    Raises
    ------
    UsageError
        If the threshold is in another unit than the travel cost, or a group is unknown.
    """
    model = model or UncertaintyModel()
    value = float(check_thresholds([threshold], matrix.unit)[0])
    demand = accessibility.demand.select_groups(groups)
    is_out = ~is_within(accessibility.nearest().cost, value)
    reached = is_within(matrix.cost, value) & is_out[:, np.newaxis]
    estimate = reached.T.astype(np.float64) @ demand.weights
    numbers = np.arange(len(candidates), dtype=np.intp)
    parts = [
        _simulate_part(
            accessibility,
            candidates,
            matrix,
            value,
            tuple(groups),
            model,
            numbers[start : start + _CANDIDATES_AT_ONCE],
        )
        for start in range(0, len(candidates), _CANDIDATES_AT_ONCE)
    ]
    drawn = np.concatenate(parts) if parts else np.zeros((0, len(groups), model.draws))
    return Gains(tuple(groups), model, estimate, drawn)


def _simulate_part(
    accessibility: AccessibilityModel,
    candidates: Destinations,
    matrix: CostMatrix,
    value: float,
    groups: tuple[str, ...],
    model: UncertaintyModel,
    part: NDArray[np.intp],
) -> NDArray[np.float64]:
    chosen = np.isin(np.arange(len(candidates)), part)
    runs = accessibility.runs_as_published
    existing, added = accessibility.destinations.select(runs), candidates.select(chosen)
    costs = join_destinations(
        select_destinations(accessibility.matrix, runs), select_destinations(matrix, chosen)
    )
    draws = prepare_draws(accessibility.demand.points, existing.join(added), costs, [value], model)
    before_columns = np.arange(len(existing), dtype=np.intp)

    def draw_gains(cells: NDArray[np.intp], key: int) -> NDArray[np.bool_]:
        before = draws.draw_within(cells, key, before_columns)
        gains = [
            draws.draw_within(cells, key, np.array([len(existing) + number])) & ~before
            for number in range(len(added))
        ]
        return np.concatenate(np.broadcast_arrays(*gains))

    demand = accessibility.demand.select_groups(groups)
    counted = simulate_counts(
        demand, draws, accessibility.cells_near_border, draw_gains, len(added)
    )
    return counted.covered_by("city")[:, 0]
