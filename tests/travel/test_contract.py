"""One contract for every impedance, checked on the tiny city."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.worlds import at
from welcomemap.coverage.reach import find_nearest
from welcomemap.region.pack import RegionPack
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import Impedance, choose_lowest

IMPEDANCES = [
    (mode, unit, basis)
    for mode in ("walk", "cycle")
    for unit in ("m", "min")
    for basis in ("estimate", "mixed", "streets")
] + [("transit", "min", basis) for basis in ("estimate", "mixed")]
EMPTY = np.empty((0, 2))
PLACES = st.lists(
    st.tuples(st.integers(0, 6000), st.integers(0, 2000)), min_size=1, max_size=12, unique=True
).map(lambda places: np.array([at(*place) for place in places], dtype=np.float64))


@pytest.fixture(params=IMPEDANCES, ids="-".join, scope="module")
def impedance(request: pytest.FixtureRequest, tiny_pack: RegionPack) -> Impedance:
    mode, unit, basis = request.param
    return make_impedance(tiny_pack, mode, unit, basis=basis)


def straight_m(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1))


def as_unit(impedance: Impedance, metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres in the unit of an impedance, at 1.2 m/s on foot and 12 km/h by bicycle."""
    per_min = (
        1.0
        if impedance.unit == "m"
        else {"walk": 72.0, "cycle": 200.0, "transit": 17_000 / 60 * 1.2}[impedance.mode]
    )
    return metres / per_min


class TestImpedanceContract:
    @settings(max_examples=12, deadline=None)
    @given(places=PLACES)
    def test_is_zero_on_itself_and_symmetric(self, impedance: Impedance, places) -> None:
        found = impedance.cost_matrix(places, places)
        reachable = np.isfinite(np.diag(found.cost))
        assert (np.diag(found.cost)[reachable] == 0).all()
        assert (np.diag(found.upper)[reachable] == 0).all()
        np.testing.assert_allclose(found.cost, found.cost.T, rtol=1e-9, atol=1e-6)

    @settings(max_examples=12, deadline=None)
    @given(origins=PLACES, destinations=PLACES)
    def test_lies_in_its_interval_above_the_straight_line(
        self, impedance: Impedance, origins, destinations
    ) -> None:
        found = impedance.cost_matrix(origins, destinations)
        straight = as_unit(impedance, straight_m(origins, destinations))
        assert (found.cost >= straight * (1 - 1e-12)).all()
        assert (found.lower >= straight * (1 - 1e-12)).all()
        assert (found.lower <= found.cost).all()
        assert (found.cost <= found.upper).all()
        assert (np.isinf(found.cost) == np.isinf(found.upper)).all()

    def test_of_tied_destinations_the_lowest_number_counts(self, impedance: Impedance) -> None:
        origin = np.array([at(1000, 1000)])
        around = np.array([at(1800, 1800), at(1300, 1000), at(700, 1000), at(1300, 1000)])
        for towards, lowest in ((around, 1), (around[::-1], 0)):
            cost = impedance.cost_matrix(origin, towards).cost
            assert choose_lowest(cost).tolist() == [lowest]

    def test_limit_changes_no_cost_within_it(self, impedance: Impedance) -> None:
        places = np.array([at(x, y) for x in range(30, 2000, 230) for y in range(40, 2000, 310)])
        limit = float(as_unit(impedance, np.array([600.0]))[0])
        whole = impedance.cost_matrix(places, places)
        cut = impedance.cost_matrix(places, places, limit=limit)
        within = whole.cost <= limit
        np.testing.assert_allclose(cut.cost[within], whole.cost[within], atol=1e-9)
        assert (cut.cost[~within] > limit).all()
        assert np.isinf(cut.cost[whole.lower > limit]).all()

    def test_of_nothing_there_is_nothing(self, impedance: Impedance) -> None:
        places = np.array([at(500, 500), at(600, 700)])
        assert impedance.cost_matrix(EMPTY, places).cost.shape == (0, 2)
        assert impedance.cost_matrix(places, EMPTY).cost.shape == (2, 0)
        nobody = find_nearest(impedance.cost_matrix(EMPTY, places))
        assert nobody.cost.shape == (0,)
        nowhere = find_nearest(impedance.cost_matrix(places, EMPTY))
        assert nowhere.index.tolist() == [-1, -1]
        assert np.isinf(nowhere.cost).all()

    def test_a_place_not_known_is_unreachable(self, impedance: Impedance) -> None:
        places = np.array([at(500, 500), (np.nan, np.nan)])
        costs = impedance.cost_matrix(places, places).cost
        assert costs[0, 0] == 0
        assert np.isinf([costs[0, 1], costs[1, 0], costs[1, 1]]).all()
        back = impedance.cost_matrix(places, places[::-1]).cost
        assert choose_lowest(back).tolist() == [1, -1]

    @settings(max_examples=8, deadline=None)
    @given(origins=PLACES, destinations=PLACES, more=PLACES)
    def test_one_more_destination_never_lengthens_the_way(
        self, impedance: Impedance, origins, destinations, more
    ) -> None:
        before = impedance.cost_matrix(origins, destinations).cost.min(axis=1)
        after = impedance.cost_matrix(origins, np.vstack([destinations, more])).cost.min(axis=1)
        assert (after <= before + 1e-6).all()
