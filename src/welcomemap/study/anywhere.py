"""Anywhere: how many more people would a new site at each lived-in place reach?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.study.requests import WALKABLE
from welcomemap.study.siting import gain_by_cell
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Mode, Threshold, is_within


@dataclass(frozen=True)
class AnywhereRequest:
    """Which gain is asked for: people of a group newly within the threshold of a new site."""

    scenario: str
    threshold: Threshold = WALKABLE
    mode: Mode = "walk"
    group: str = "residents"


@dataclass(frozen=True, eq=False)
class AnywhereResult:
    """Gain of a new site at each demand cell, in people, shape (n_cells,)."""

    request: AnywhereRequest
    gain: NDArray[np.float64]

    def best(self, count: int) -> NDArray[np.intp]:
        """Return the numbers of the cells with the largest gain, largest first."""
        order = np.argsort(-self.gain, kind="stable")[:count]
        return order[self.gain[order] > 0]


def find_gain_anywhere(
    study: Study, request: AnywhereRequest, tell: Callable[[float], None] | None = None
) -> AnywhereResult:
    """Compute the gain of a new site at every demand cell.

    Parameters
    ----------
    tell
        Is told the share (0-1) that is done.
    """
    accessibility = study.read_accessibility(request.scenario, request.mode, request.threshold.unit)
    covered = is_within(accessibility.nearest().cost, request.threshold.value)
    gain = gain_by_cell(
        study.demand,
        request.group,
        covered,
        request.threshold.value,
        study.impedance(request.mode, request.threshold.unit),
        places=study.demand.points,
        tell=tell,
    )
    return AnywhereResult(request, gain)
