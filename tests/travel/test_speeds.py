"""Metres and minutes never mix."""

from __future__ import annotations

import numpy as np
import pytest

from tests.worlds import at
from welcomemap.describe.assumptions import describe_assumptions
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import CostMatrix, Speeds, TimedImpedance, read_speeds


def told(matrix: CostMatrix) -> str:
    said = describe_assumptions(matrix.assumptions)
    return "" if said is None else said.in_language("en")


def test_minutes_are_metres_over_speed(tiny_pack: RegionPack) -> None:
    a, b = np.array([at(900, 1000)]), np.array([at(1200, 1100)])
    walk = make_impedance(tiny_pack, "walk", "min").cost_matrix(a, b)
    assert walk.cost[0, 0] == pytest.approx(400 / 72)
    assert walk.unit == "min"
    assert "4.3 km/h" in told(walk)
    cycle = make_impedance(tiny_pack, "cycle", "min").cost_matrix(a, b)
    assert cycle.cost[0, 0] == pytest.approx(400 / 200)
    assert "one-way" in told(cycle)
    metres = make_impedance(tiny_pack, "cycle", "m").cost_matrix(a, b)
    assert "one-way" in told(metres)


def test_limit_counts_in_minutes(tiny_pack: RegionPack) -> None:
    walk = make_impedance(tiny_pack, "walk", "min", speeds=Speeds(walk_km_h=6.0))
    a, b = np.array([at(900, 1000)]), np.array([at(1900, 1000)])
    assert walk.cost_matrix(a, b, limit=10.0).cost[0, 0] == pytest.approx(10.0)
    assert walk.cost_matrix(a, b, limit=8.0).cost[0, 0] == np.inf


def test_minutes_are_not_turned_into_minutes_again(tiny_pack: RegionPack) -> None:
    minutes = make_impedance(tiny_pack, "walk", "min")
    with pytest.raises(UsageError, match="only be made from metres"):
        TimedImpedance(minutes, 72.0)
    with pytest.raises(UsageError):
        TimedImpedance(make_impedance(tiny_pack, "walk", "m"), 0.0)


def test_speeds_come_from_the_region_and_are_checked() -> None:
    assert read_speeds({}) == Speeds()
    stated = read_speeds({"speeds": {"walk_km_h": 5, "source": "council"}})
    assert (stated.walk_km_h, stated.cycle_km_h, stated.source) == (5.0, 12.0, "council")
    assert stated.m_per_min("walk") == pytest.approx(83.3333, abs=1e-3)
    with pytest.raises(UsageError, match="impossible"):
        Speeds(cycle_km_h=0)
    with pytest.raises(UsageError, match="no single speed"):
        Speeds().m_per_min("transit")
