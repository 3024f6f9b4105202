"""Lines without a timetable, worked by hand on the tiny city's one tram."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.worlds import at
from welcomemap.describe.assumptions import describe_assumptions
from welcomemap.errors import PackError
from welcomemap.region.pack import RegionPack
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import ESTIMATE, is_within
from welcomemap.travel.transit import LineAssumptions, TransitImpedance, make_line_network

TRAM_M_PER_MIN = 17_000 / 60


@pytest.fixture(scope="module")
def transit(tiny_pack: RegionPack) -> TransitImpedance:
    found = make_impedance(tiny_pack, "transit", "min", basis="estimate")
    assert isinstance(found, TransitImpedance)
    return found


def test_a_ride_is_walk_wait_boarding_ride_and_walk(transit: TransitImpedance) -> None:
    """From 100 m west of stop 0 to 100 m east of stop 5: half of 10 min, 2 min, 5,000 m, walks."""
    found = transit.cost_matrix(np.array([at(400, 1000)]), np.array([at(5600, 1000)]))
    walks = 2 * 1.23 * 100 / 72
    assert found.cost[0, 0] == pytest.approx(walks + 5 + 2 + 5000 / TRAM_M_PER_MIN)
    lower, upper = 2 * 1.13 * 100 / 72, 2 * 1.47 * 100 / 72
    assert found.lower[0, 0] == pytest.approx(lower + 2 + 5000 / (1.2 * TRAM_M_PER_MIN))
    assert found.upper[0, 0] == pytest.approx(upper + 10 + 2 + 5000 / (0.8 * TRAM_M_PER_MIN))
    assert found.basis[0, 0] == ESTIMATE
    assert found.unit == "min"


def test_a_short_way_is_walked(transit: TransitImpedance) -> None:
    found = transit.cost_matrix(np.array([at(500, 1000)]), np.array([at(700, 1000)]))
    assert found.cost[0, 0] == pytest.approx(1.23 * 200 / 72)


def test_results_say_what_they_assume(transit: TransitImpedance) -> None:
    places = np.array([at(400, 1000)])
    found = transit.cost_matrix(places, places)
    told = describe_assumptions(found.assumptions)
    assert told is not None
    assert "ohne Fahrplan" in told.in_language("de")
    assert "tram 17 km/h, 10 min" in told.in_language("en")
    assert "4.3 km/h" in told.in_language("en")


def test_changing_costs_another_boarding_and_wait() -> None:
    """Line 1 runs a-b, line 2 b-c, each leg 1,700 m (6 min by tram): two boardings."""
    stops = pd.DataFrame({"stop_id": ["a", "b", "c"]})
    places = np.array([(0.0, 0.0), (1700.0, 0.0), (3400.0, 0.0)])
    lines = pd.DataFrame({"line": ["1", "2"], "mode": ["tram", "hovercraft"]})
    calls = pd.DataFrame(
        {
            "line": ["2", "1", "1", "2"],
            "sequence": ["1", "0", "1", "0"],
            "stop_id": ["c", "a", "b", "b"],
        }
    )
    network = make_line_network(lines, calls, stops, places)
    apart = np.full((3, 3), np.inf)
    rides = network.ride_times(LineAssumptions(), (apart, apart, apart))
    order = [network.stop_ids.index(s) for s in "abc"]
    minutes = rides.estimate[np.ix_(order, order)]
    assert minutes[0, 1] == pytest.approx(2 + 5 + 6)
    assert minutes[0, 2] == pytest.approx(2 + 5 + 6 + 2 + 10 + 6)
    np.testing.assert_allclose(minutes, minutes.T)
    assert np.isinf(np.diag(minutes)).all()


def test_lines_with_unknown_stops_are_refused() -> None:
    with pytest.raises(PackError, match="names stop z"):
        make_line_network(
            pd.DataFrame({"line": ["1"], "mode": ["bus"]}),
            pd.DataFrame({"line": ["1"], "sequence": ["0"], "stop_id": ["z"]}),
            pd.DataFrame({"stop_id": ["a"]}),
            np.zeros((1, 2)),
        )


def test_reach_of_stops_on_foot(tiny_pack: RegionPack) -> None:
    walk = make_impedance(tiny_pack, "walk", "m", basis="estimate")
    stops = np.array([(p.x, p.y) for p in tiny_pack.stops.geometry])
    places = np.array([at(1000, 1000), at(0, 0)])
    cost = walk.cost_matrix(places, stops, limit=615.0).cost
    assert cost[0].min() == pytest.approx(1.23 * 500)
    assert is_within(cost, 615.0).sum(axis=1).tolist() == [2, 0]
