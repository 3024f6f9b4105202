"""Cases that only ``./run test --all`` runs, beside the ones that stand for them everywhere."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet

LONG_VARIABLE = "WELCOMEMAP_LONG_TESTS"
"""Set by ``./run test --all``: then tests marked ``long`` run too."""


def long(*values: object) -> ParameterSet:
    """Return one further case of a parametrized test."""
    return pytest.param(*values, marks=pytest.mark.long)


def short(chosen: Iterable[object], every: Iterable[object]) -> list[object]:
    """Return all cases, long but for the chosen ones."""
    kept = list(chosen)
    return [value if value in kept else long(value) for value in every]


def examples(few: int, many: int) -> int:
    """Return how many examples of a property are tried: a few, in the long run many."""
    return many if os.environ.get(LONG_VARIABLE) else few
