"""Cases that only ``./run test --all`` runs, beside the ones that stand for them everywhere."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet


def long(*values: object) -> ParameterSet:
    """Return one further case of a parametrized test."""
    return pytest.param(*values, marks=pytest.mark.long)


def short(chosen: Iterable[object], every: Iterable[object]) -> list[object]:
    """Return all cases, long but for the chosen ones."""
    kept = list(chosen)
    return [value if value in kept else long(value) for value in every]
