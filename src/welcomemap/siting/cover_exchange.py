"""Walk from one cover to the next by exchanging one facility, and find the next worse choice."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.clock import Clock
from welcomemap.siting.interchange import two_nearest
from welcomemap.siting.objective import Judge
from welcomemap.siting.problem import Members
from welcomemap.siting.result import Scored


def walk_covers(
    within: NDArray[np.bool_],
    start: Members,
    movable: tuple[Members, Members],
    is_wanted: Callable[[Members], bool],
    room: int,
    clock: Clock,
) -> list[Members]:
    """Return up to ``room`` covers of all rows that exchanges reach from ``start``, itself first.

    Parameters
    ----------
    within
        Shape (n_rows, n_facilities): rows to be covered.
    start
        A cover.
    movable
        Required facilities, which stay, and optional ones, which may enter.
    is_wanted
        Further condition on a set.
    room, clock
        Limits of number and time.
    """
    required, optional = movable
    known = {start: None}
    waiting = deque([start])
    while waiting:
        for members in _list_exchanges(within, waiting.popleft(), required, optional):
            if len(known) >= room or clock.is_over():
                return list(known)
            if members not in known and is_wanted(members):
                known[members] = None
                waiting.append(members)
    return list(known)


def _list_exchanges(
    within: NDArray[np.bool_], members: Members, required: Members, optional: Members
) -> Iterator[Members]:
    times = within[:, list(members)].sum(axis=1)
    entering = np.array(sorted(set(optional) - set(members)), dtype=np.intp)
    for leaving in sorted(set(members) - set(required)):
        alone = within[:, leaving] & (times == 1)
        fits = within[np.ix_(np.flatnonzero(alone), entering)].all(axis=0)
        stay = [j for j in members if j != leaving]
        for j in entering[fits]:
            yield tuple(sorted((*stay, int(j))))


def find_next_center(judge: Judge, best: Scored, clock: Clock) -> Scored | None:
    """Return the least bad p-center choice one exchange away that is worse than ``best``."""
    constraints = judge.problem.constraints
    current = np.array(best.members, dtype=np.intp)
    standing = judge.cost[:, list(constraints.existing)].min(axis=1, initial=np.inf)
    entering = np.array(sorted(set(judge.problem.optional) - set(best.members)), dtype=np.intp)
    first, second, owner = two_nearest(judge.cost, standing, current)
    worse: Scored | None = None
    for place, leaving in enumerate(best.members):
        if leaving in constraints.required or clock.is_over():
            continue
        left = np.where(owner == place, second, first)[:, None]
        radius = np.minimum(left, judge.cost[:, entering]).max(axis=0, initial=0.0)
        limit = np.inf if worse is None else worse.objective
        for k in np.argsort(radius, kind="stable"):
            if not best.objective < radius[k] < limit:
                continue
            members = tuple(sorted({*best.members, int(entering[k])} - {leaving}))
            if judge.is_allowed(members):
                worse = Scored(members, float(radius[k]))
                break
    return worse
