"""LSCP: cover everyone with the fewest sites, by reduction, exchange and exact search.

Location set covering problem (Toregas, Swain, ReVelle & Bergman 1971, "The location of emergency
service facilities", Operations Research 19(6))::

    minimise    sum_j y_j
    subject to  sum_{j in N_i} y_j >= 1    for every demand point i with weight > 0
                y_j in {0, 1}

with N_i = {j : c_ij <= threshold}. Points within the threshold of an existing facility are covered
from the start; the objective counts the sites to open, not the existing ones. A point that no
candidate covers makes the problem infeasible, and the reason names it.

Covers of a given size are listed depth first, on the row with the fewest facilities left; a
facility tried and put aside is closed for the branches after it, so no set comes twice. Rows and
facilities are bits of Python integers.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.lagrangian import two_nearest
from welcomemap.siting.milp import Program, ProgramBuilder, make_time_error, solve_program
from welcomemap.siting.objective import Objective
from welcomemap.siting.problem import (
    Constraints,
    Deadline,
    Members,
    Scored,
    Search,
    SitingProblem,
    find_hardest_rows,
    find_undominated,
)


@dataclass(kw_only=True)
class SetLister:
    """State of one listing of sets.

    Attributes
    ----------
    objective
        Tells whether a complete set is kept (budget, groups).
    room
        Stop after so many sets.
    """

    objective: Objective
    room: int
    deadline: Deadline
    found: list[Members] = field(default_factory=list)
    is_complete: bool = True
    n_steps: int = 0

    def may_go_on(self) -> bool:
        """Tell, at each step, whether there is room and time left."""
        self.n_steps += 1
        if self.n_steps % 64 == 0 and self.deadline.is_over():
            self.is_complete = False
        return self.is_complete

    def keep(self, members: Members) -> None:
        """Keep a complete set where it is allowed and there is room."""
        if self.objective.is_allowed(members):
            self.is_complete = len(self.found) < self.room
            self.found += [members] if self.is_complete else []


@dataclass(kw_only=True)
class CoverLister(SetLister):
    """State of one listing of covers.

    Attributes
    ----------
    rows
        For each row the facilities that cover it, as bits.
    columns
        For each facility the rows it covers, as bits.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def list_from(self, chosen: Members, open_rows: int, free: int, left: int) -> None:
        """Add to ``found`` all covers that contain ``chosen`` and ``left`` more out of ``free``."""
        if not self.may_go_on():
            return
        if not open_rows:
            self._fill_up(chosen, free, left)
            return
        if left == 0 or not self._is_within_reach(open_rows, free, left):
            return
        candidates = self._scarcest(open_rows, free)
        while candidates and self.is_complete:
            bit = candidates & -candidates
            candidates ^= bit
            free &= ~bit
            j = bit.bit_length() - 1
            self.list_from((*chosen, j), open_rows & ~self.columns[j], free, left - 1)

    def _fill_up(self, chosen: Members, free: int, left: int) -> None:
        rest = [j for j in range(free.bit_length()) if free >> j & 1]
        for more in combinations(rest, left):
            self.keep(tuple(sorted((*chosen, *more))))
            if not self.is_complete:
                return

    def _scarcest(self, open_rows: int, free: int) -> int:
        fewest, best = -1, 0
        rows = open_rows
        while rows:
            bit = rows & -rows
            rows ^= bit
            candidates = self.rows[bit.bit_length() - 1] & free
            count = candidates.bit_count()
            if fewest < 0 or count < fewest:
                fewest, best = count, candidates
                if count <= 1:
                    break
        return best

    def _is_within_reach(self, open_rows: int, free: int, left: int) -> bool:
        """Tell whether the ``left`` largest covers could suffice."""
        needed = open_rows.bit_count()
        gains = [(self.columns[j] & open_rows).bit_count() for j in _bits(free)]
        return sum(sorted(gains, reverse=True)[:left]) >= needed


def list_covers(
    objective: Objective, within: NDArray[np.bool_], size: int, room: int, deadline: Deadline
) -> tuple[list[Members], bool]:
    """Return covers of all rows with ``size`` members, and whether these are all there are.

    Parameters
    ----------
    objective
        The problem, and which complete sets it allows.
    within
        Shape (n_rows, n_facilities); every row must be covered.
    size
        Number of members, the required ones included.
    room, deadline
        Limits of number and time.
    """
    required = objective.problem.constraints.required
    rows, columns = tuple(map(to_bits, within)), tuple(map(to_bits, within.T))
    lister = CoverLister(
        objective=objective, room=room, deadline=deadline, rows=rows, columns=columns
    )
    open_rows = (1 << len(rows)) - 1
    for j in required:
        open_rows &= ~columns[j]
    free = sum(1 << j for j in objective.problem.optional)
    if size >= len(required):
        lister.list_from(required, open_rows, free, size - len(required))
    return lister.found, lister.is_complete


def to_bits(flags: NDArray[np.bool_]) -> int:
    """Return flags as the bits of a number, the first the lowest."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def _bits(number: int) -> list[int]:
    out = []
    while number:
        bit = number & -number
        number ^= bit
        out.append(bit.bit_length() - 1)
    return out


def walk_covers(
    objective: Objective, within: NDArray[np.bool_], start: Members, room: int, deadline: Deadline
) -> list[Members]:
    """Return up to ``room`` covers of all rows that exchanges reach from ``start``, itself first.

    Parameters
    ----------
    objective
        The problem, whose required facilities stay, and which sets it allows.
    within
        Shape (n_rows, n_facilities): rows to be covered.
    start
        A cover.
    room, deadline
        Limits of number and time.
    """
    known = {start: None}
    waiting = deque([start])
    while waiting:
        for members in _list_exchanges(objective.problem, within, waiting.popleft()):
            if len(known) >= room or deadline.is_over():
                return list(known)
            if members not in known and objective.is_allowed(members):
                known[members] = None
                waiting.append(members)
    return list(known)


def _list_exchanges(
    problem: SitingProblem, within: NDArray[np.bool_], members: Members
) -> Iterator[Members]:
    times = within[:, list(members)].sum(axis=1)
    entering = np.array(sorted(set(problem.optional) - set(members)), dtype=np.intp)
    for leaving in sorted(set(members) - set(problem.constraints.required)):
        alone = within[:, leaving] & (times == 1)
        fits = within[np.ix_(np.flatnonzero(alone), entering)].all(axis=0)
        stay = [j for j in members if j != leaving]
        for j in entering[fits]:
            yield tuple(sorted((*stay, int(j))))


def find_next_center(objective: Objective, best: Scored, deadline: Deadline) -> Scored | None:
    """Return the least bad p-center choice one exchange away that is worse than ``best``."""
    constraints = objective.problem.constraints
    current = np.array(best.members, dtype=np.intp)
    standing = objective.cost[:, list(constraints.existing)].min(axis=1, initial=np.inf)
    entering = np.array(sorted(set(objective.problem.optional) - set(best.members)), dtype=np.intp)
    first, second, owner = two_nearest(objective.cost, standing, current)
    worse: Scored | None = None
    for place, leaving in enumerate(best.members):
        if leaving in constraints.required or deadline.is_over():
            continue
        left = np.where(owner == place, second, first)[:, None]
        radius = np.minimum(left, objective.cost[:, entering]).max(axis=0, initial=0.0)
        limit = np.inf if worse is None else worse.objective
        for k in np.argsort(radius, kind="stable"):
            if not best.objective < radius[k] < limit:
                continue
            members = tuple(sorted({*best.members, int(entering[k])} - {leaving}))
            if objective.is_allowed(members):
                worse = Scored(members, float(radius[k]))
                break
    return worse


MAX_ROWS_COMPARED = 4000


def search_lscp(objective: Objective, deadline: Deadline) -> Search:
    """Find the fewest sites by HiGHS on the reduced problem, then list all sets of that number.

    Raises
    ------
    NoAnswerError
        If the time is up before any cover is known.
    """
    within = rows_to_cover(objective.within, objective.problem.constraints)
    answer = solve_program(build_cover_program(objective, within), deadline)
    if answer.members is None:
        if answer.is_proven:
            return Search((), math.nan, True, True, None, True, "HiGHS")
        raise make_time_error()
    best = Scored(answer.members, float(len(answer.members)))
    bound = best.objective if answer.is_proven else math.ceil(answer.bound - 1e-6)
    if bound < best.objective:
        return Search((best,), bound, False, False, None, False, "HiGHS")
    later = deadline.at_most(objective.request.proof_time_s)
    covers, is_complete = _list_ties(objective, within, best, later)
    found = {best.members, *covers} if len(covers) < objective.request.max_sets else set(covers)
    runner_up = _add_one(objective, best.members)
    has_no_more = len(best.members) == len(objective.problem.candidates)
    return Search(
        found=tuple(objective.order(Scored(members, best.objective) for members in found)),
        bound=best.objective,
        is_ties_exact=is_complete,
        is_near_exact=is_complete and best.objective * objective.request.near_share < 1,
        runner_up=runner_up,
        is_runner_up_proven=runner_up is not None or has_no_more,
        method="HiGHS, covers listed",
    )


def _list_ties(
    objective: Objective, within: NDArray[np.bool_], best: Scored, deadline: Deadline
) -> tuple[list[Members], bool]:
    """Walk from cover to cover by exchanges; only where that ends soon, search for the rest."""
    room = objective.request.max_sets
    covers = walk_covers(objective, within, best.members, room + 1, deadline)
    if len(covers) > room:
        return covers[:room], False
    listed, is_complete = list_covers(objective, within, len(best.members), room, deadline)
    return list(dict.fromkeys([*covers, *listed]))[:room], is_complete


def rows_to_cover(within: NDArray[np.bool_], constraints: Constraints) -> NDArray[np.bool_]:
    """Drop the rows that existing facilities cover, and those implied by harder ones."""
    rows = within[~within[:, list(constraints.existing)].any(axis=1)]
    rows = np.unique(rows, axis=0) if len(rows) > MAX_ROWS_COMPARED else rows
    return rows[find_hardest_rows(rows)] if len(rows) <= MAX_ROWS_COMPARED else rows


def build_cover_program(
    objective: Objective, within: NDArray[np.bool_], *, is_count_free: bool = False
) -> Program:
    """Return: fewest sites that cover all rows; dominated sites stay closed where that is safe.

    ``is_count_free`` leaves out "exactly p" (a cover with fewer sites is filled up later).
    """
    builder = ProgramBuilder(objective, is_count_free=is_count_free)
    columns = np.array(builder.columns, dtype=np.intp)
    at, inside = np.nonzero(within[:, columns])
    builder.add_rows(
        at, inside, np.ones(len(at)), np.ones(len(within)), np.full(len(within), np.inf)
    )
    builder.set_site_cost(np.ones(len(columns)))
    program = builder.build(size=max(1.0, float(len(columns))))
    constraints = objective.problem.constraints
    is_counted = objective.request.p is not None and not is_count_free
    is_plain = not constraints.groups and constraints.budget is None and not is_counted
    if is_plain and len(columns):
        kept = np.zeros(len(columns), dtype=bool)
        kept[find_undominated(within[:, columns])] = True
        kept |= program.variable_lower[: len(columns)] > 0
        program.variable_upper[: len(columns)][~kept] = 0.0
    return program


def _add_one(objective: Objective, members: Members) -> Scored | None:
    for j in objective.problem.optional:
        more = tuple(sorted((*members, j)))
        if j not in members and objective.is_allowed(more):
            return Scored(more, float(len(more)))
    return None
