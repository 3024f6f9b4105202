"""List every set of given size that covers all rows, each once.

Depth first on the row with the fewest facilities left; a facility tried and put aside is closed for
the branches after it, so no set comes twice. Rows and facilities are bits of Python integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from welcomemap.siting.clock import Clock
from welcomemap.siting.problem import Members


@dataclass
class CoverLister:
    """State of one listing.

    Attributes
    ----------
    rows
        For each row the facilities that cover it, as bits.
    columns
        For each facility the rows it covers, as bits.
    is_wanted
        Whether a complete set is kept (budget, groups).
    room
        Stop after so many sets.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    is_wanted: Callable[[Members], bool]
    room: int
    clock: Clock
    found: list[Members] = field(default_factory=list)
    is_complete: bool = True
    n_steps: int = 0

    def list_from(self, chosen: Members, open_rows: int, free: int, left: int) -> None:
        """Add to ``found`` all covers that contain ``chosen`` and ``left`` more out of ``free``."""
        self.n_steps += 1
        if not self.is_complete or (self.n_steps % 64 == 0 and self.clock.is_over()):
            self.is_complete = False
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
            members = tuple(sorted((*chosen, *more)))
            if not self.is_wanted(members):
                continue
            if len(self.found) >= self.room:
                self.is_complete = False
                return
            self.found.append(members)

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
    within: NDArray[np.bool_],
    size: int,
    *,
    required: Members,
    optional: Members,
    is_wanted: Callable[[Members], bool],
    room: int,
    clock: Clock,
) -> tuple[list[Members], bool]:
    """Return covers of all rows with ``size`` members, and whether these are all there are.

    Parameters
    ----------
    within
        Shape (n_rows, n_facilities); every row must be covered.
    size
        Number of members, the required ones included.
    required, optional
        Columns that must, and may, be members.
    is_wanted
        Further condition on a complete set.
    room, clock
        Limits of number and time.
    """
    rows = tuple(_to_bits(row) for row in within)
    columns = tuple(_to_bits(column) for column in within.T)
    lister = CoverLister(rows, columns, is_wanted, room, clock)
    open_rows = (1 << len(rows)) - 1
    for j in required:
        open_rows &= ~columns[j]
    free = sum(1 << j for j in optional)
    if size >= len(required):
        lister.list_from(tuple(required), open_rows, free, size - len(required))
    return lister.found, lister.is_complete


def _to_bits(flags: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def _bits(number: int) -> list[int]:
    out = []
    while number:
        bit = number & -number
        number ^= bit
        out.append(bit.bit_length() - 1)
    return out
