"""Find the best level by bisection, where a level either allows a choice or does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from welcomemap.siting.mixed_integer import Answer
from welcomemap.siting.problem import Floats, Members


@dataclass(frozen=True)
class LevelAnswer:
    """The first level known to allow a choice, and the first not proven impossible.

    Attributes
    ----------
    members
        A choice at level ``allowed``, ``None`` where none is known.
    allowed, possible
        Positions in the list of levels; equal where proven.
    """

    members: Members | None
    allowed: int
    possible: int

    @property
    def is_proven(self) -> bool:
        """Tell whether no better level is possible."""
        return self.allowed == self.possible


def find_first_level(
    levels: Floats,
    try_level: Callable[[float], Answer],
    reached: Callable[[Members], float | None],
    first: Members | None,
) -> LevelAnswer:
    """Bisect levels, ordered from most wanted to most lenient.

    Parameters
    ----------
    levels
        Distinct levels, best first.
    try_level
        Looks for a choice at a level.
    reached
        The level a choice really reaches; may be better than asked for.
    first
        A choice known beforehand.
    """
    position = {float(level): k for k, level in enumerate(levels)}
    possible, allowed, members = 0, len(levels), None
    level = None if first is None else reached(first)
    if level is not None:
        members, allowed = first, position[level]
    while possible < allowed:
        middle = (possible + allowed) // 2
        answer = try_level(float(levels[middle]))
        level = None if answer.members is None else reached(answer.members)
        if level is not None:
            members, allowed = answer.members, min(allowed, position[level])
        elif answer.is_proven:
            possible = middle + 1
        else:
            break
    return LevelAnswer(members, allowed, possible)
