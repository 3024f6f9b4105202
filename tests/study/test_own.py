"""A planner's own lists and candidates answer as files do, and touch nobody else's study."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.worlds import at
from welcomemap.coverage.gaps import GapsResult
from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.describe.answers import show_area, show_candidates, show_district
from welcomemap.describe.reasons import RowWords
from welcomemap.errors import TooLargeError, UsageError, WelcomemapWarning
from welcomemap.limits import run_limited
from welcomemap.region.pack import RegionPack
from welcomemap.region.schemas import SERVICE_POINT_COLUMNS
from welcomemap.study.anywhere import AnywhereRequest, find_gain_anywhere
from welcomemap.study.comparison import weigh_again
from welcomemap.study.own import (
    OWN_CANDIDATES,
    OwnStudy,
    geocode_own_table,
    load_own_scenario,
    try_questions,
)
from welcomemap.study.requests import CompareRequest, GapsRequest
from welcomemap.study.study import Study
from welcomemap.tabular import Sheet
from welcomemap.travel.impedance import Threshold, is_within

NEAR = Threshold(1000.0, "m")


def degrees(x: float, y: float) -> tuple[str, str]:
    lat, lon = unproject(np.array([at(x, y)]), crs=METRIC_CRS)
    return f"{lat[0]:.7f}", f"{lon[0]:.7f}"


@pytest.fixture
def own_list(tmp_path: Path) -> Path:
    lat, lon = degrees(5000, 1000)
    row = dict.fromkeys(SERVICE_POINT_COLUMNS, "") | {
        "id": "mine", "name": "Mine", "status": "open", "lat": lat, "lon": lon,
    }  # fmt: skip
    path = tmp_path / "plan.csv"
    pd.DataFrame([row]).to_csv(path, index=False)
    return path


def figures(result: GapsResult) -> list[object]:
    return [*map(show_district, result.districts), *map(show_area, result.areas)]


def test_an_own_list_gives_the_figures_of_its_file(tiny_pack: RegionPack, own_list: Path) -> None:
    shared = Study(tiny_pack)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WelcomemapWarning)
        scenario = shared.load_scenario(str(own_list))
        from_file = shared.find_gaps(GapsRequest(str(own_list), NEAR))
    own = OwnStudy(tiny_pack, shared=shared, lists={"plan": scenario})
    assert figures(own.find_gaps(GapsRequest("plan", NEAR))) == figures(from_file)
    published = GapsRequest("2020", NEAR)
    assert figures(own.find_gaps(published)) == figures(shared.find_gaps(published))
    assert own.read_accessibility("2020", "walk", "m") is shared.read_accessibility(
        "2020", "walk", "m"
    )
    assert own.read_accessibility("plan", "walk", "m") is own.read_accessibility(
        "plan", "walk", "m"
    )


def test_own_candidates_are_compared_beside_the_listed_ones(tiny_pack: RegionPack) -> None:
    lat, lon = degrees(5000, 1000)
    table = pd.DataFrame([{"id": "own-1", "name": "Kiosk", "address": "", "lat": lat, "lon": lon}])
    shared = Study(tiny_pack)
    own = OwnStudy(tiny_pack, shared=shared, candidates=table)
    answer = own.compare_candidates(CompareRequest((), OWN_CANDIDATES, "2025", NEAR))
    assert answer.sites.ids == ("own-1",)
    # No service point is within 1,000 m of anybody beyond x = 4000: every cell reached is gained.
    demand = own.demand
    cost = own.impedance("walk", "m").cost_matrix(demand.points, answer.sites.points).cost[:, 0]
    covered = is_within(own.read_accessibility("2025", "walk", "m").nearest().cost, NEAR.value)
    expected = demand.weight_of("residents")[is_within(cost, NEAR.value) & ~covered].sum()
    assert answer.comparison.candidates[0].reach.gained["residents"] == pytest.approx(expected)
    assert expected > 0


def test_weighing_again_ranks_as_a_fresh_comparison_does(tiny_pack: RegionPack) -> None:
    study = Study(tiny_pack)
    first = study.compare_candidates(CompareRequest((), None, "2025", NEAR))
    weights = (("over_65", 2.0), ("mean_cost", 1.0))
    again = weigh_again(first, weights)
    fresh = study.compare_candidates(CompareRequest((), None, "2025", NEAR, weights=weights))
    assert show_candidates(again) == show_candidates(fresh)
    assert again.gains is first.gains
    with pytest.raises(UsageError, match="criterion"):
        weigh_again(first, (("beauty", 1.0),))


def test_the_gain_anywhere_is_what_each_place_reaches_and_nobody_else_does(
    tiny_pack: RegionPack,
) -> None:
    study, told = Study(tiny_pack), []
    found = find_gain_anywhere(study, AnywhereRequest("2025", NEAR), told.append)
    demand = study.demand
    covered = is_within(study.read_accessibility("2025", "walk", "m").nearest().cost, NEAR.value)
    people = np.where(covered, 0.0, demand.weight_of("residents"))
    for cell in (0, len(demand) // 2, len(demand) - 1):
        cost = study.impedance("walk", "m").cost_matrix(demand.points, demand.points[[cell]]).cost
        assert found.gain[cell] == pytest.approx(people[is_within(cost[:, 0], NEAR.value)].sum())
    best = found.best(3)
    assert list(found.gain[best]) == sorted(found.gain, reverse=True)[:3]
    assert told[0] == 0.0 and all(0 <= share < 1 for share in told)


def test_a_bounded_process_answers_as_this_one_does(tiny_pack: RegionPack, own_list: Path) -> None:
    here = Study(tiny_pack)
    found = run_limited(load_own_scenario, tiny_pack.folder, own_list)
    pd.testing.assert_frame_equal(found.frame, here.load_scenario(str(own_list)).frame)
    street = str(tiny_pack.addresses["street"].iloc[0])
    sheet = Sheet(pd.DataFrame({"address": [street, "Nirgendwo 1"]}), "a.csv", ",", "utf-8")
    located = run_limited(geocode_own_table, tiny_pack.folder, sheet, RowWords("en"))
    assert located.frame["outcome"].tolist() == [
        here.geocoder.geocode(text).outcome.value for text in sheet.frame["address"]
    ]
    run_limited(try_questions, tiny_pack.folder)


def test_what_takes_a_pack_too_long_ends_with_its_own_process(
    tiny_pack: RegionPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("welcomemap.limits.STARTING_SECONDS", 0.0)
    monkeypatch.setattr("welcomemap.limits.SECONDS", 0.2)
    with pytest.raises(TooLargeError, match="too long"):
        run_limited(try_questions, tiny_pack.folder)
