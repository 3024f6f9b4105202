"""Streets where they are known, estimates elsewhere: which is which, and what the interval says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.worlds import at
from welcomemap.coverage.reach import find_nearest
from welcomemap.errors import MissingLayerError, UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.travel.factory import make_impedance
from welcomemap.travel.impedance import ESTIMATE, MIXED, STREETS
from welcomemap.travel.streets import MixedImpedance


def points(*places: tuple[float, float]) -> np.ndarray:
    return np.array([at(*place) for place in places])


@pytest.fixture(scope="module")
def mixed(tiny_pack: RegionPack) -> MixedImpedance:
    found = make_impedance(tiny_pack, "walk", "m")
    assert isinstance(found, MixedImpedance)
    return found


def test_pairs_inside_the_known_area_go_along_streets(mixed: MixedImpedance) -> None:
    found = mixed.cost_matrix(points((900, 1000)), points((1200, 1100)))
    assert found.cost[0, 0] == pytest.approx(400)
    assert found.basis[0, 0] == STREETS
    assert found.lower[0, 0] == pytest.approx(400 - 0.05 * 400 - 20)


def test_pairs_with_an_end_outside_are_estimated_as_a_whole(mixed: MixedImpedance) -> None:
    found = mixed.cost_matrix(points((1000, 1000)), points((3000, 1000), (2000.5, 1000)))
    assert found.basis.tolist() == [[ESTIMATE, ESTIMATE]]
    assert found.cost[0].tolist() == pytest.approx([2460.0, 1.23 * 1000.5])


def test_a_way_that_could_be_shorter_outside_keeps_its_cost_and_widens_its_interval(
    mixed: MixedImpedance,
) -> None:
    """From (100, 50) to (1900, 50): 50 m from the border both; the way is 50 + 1,800 + 50."""
    found = mixed.cost_matrix(points((100, 50)), points((1900, 50)))
    assert found.cost[0, 0] == pytest.approx(1900)
    corner = mixed.cost_matrix(points((50, 60)), points((1950, 1940)))
    straight = np.hypot(1900, 1880)
    assert corner.basis[0, 0] == MIXED
    assert corner.cost[0, 0] > 1.13 * straight
    assert corner.lower[0, 0] == pytest.approx(1.13 * straight)


def test_nearest_compares_streets_with_estimates(mixed: MixedImpedance) -> None:
    """(1950, 1000) is 1,450 m by street from (500, 1000) but 1.23 x 550 m from (2500, 1000)."""
    found = find_nearest(
        mixed.cost_matrix(points((1950, 1000), (600, 1000)), points((500, 1000), (2500, 1000)))
    )
    assert found.index.tolist() == [1, 0]
    assert found.basis.tolist() == [ESTIMATE, STREETS]
    assert found.cost.tolist() == pytest.approx([676.5, 100.0])


def test_a_region_without_streets_is_estimated(tiny_pack: RegionPack, tmp_path) -> None:
    manifest = dict(tiny_pack.manifest)
    manifest["resources"] = [
        r for r in manifest["resources"] if r["name"] not in {"street_edges", "river"}
    ]
    bare = RegionPack(tiny_pack.folder, manifest)
    impedance = make_impedance(bare, "walk", "m")
    found = impedance.cost_matrix(points((500, 1000)), points((5000, 1000)))
    assert found.basis[0, 0] == ESTIMATE
    assert found.cost[0, 0] == pytest.approx(1.23 * 4500)
    with pytest.raises(MissingLayerError, match="street_edges"):
        make_impedance(bare, "walk", "m", basis="streets")


def test_impossible_questions_are_refused(tiny_pack: RegionPack) -> None:
    with pytest.raises(UsageError, match="minutes"):
        make_impedance(tiny_pack, "transit", "m")
    with pytest.raises(UsageError, match="not understood"):
        make_impedance(tiny_pack, "swim", "m")  # type: ignore[arg-type]
