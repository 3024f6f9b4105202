"""The embedded scenarios against the figures in the description of the raw data."""

from __future__ import annotations

import pandas as pd
import pytest

from welcomemap.region.disputes import find_disputes, read_other_way
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario

DISTRICTS = set(range(1, 11))


def count_sites(frame: pd.DataFrame) -> dict[int, int]:
    running = frame[frame["status"].isin(["open", "disputed"])]
    return {int(d): int(n) for d, n in running["district"].value_counts().items()}


@pytest.mark.parametrize(
    ("name", "sites"),
    [
        ("2019", {1: 1, 2: 1, 3: 2, 4: 1, 6: 1, 8: 1, 9: 2}),
        ("2026", {1: 1, 2: 1, 3: 3, 4: 1, 5: 1, 6: 1, 8: 1, 9: 2}),
    ],
)
def test_sites_by_location(default_pack: RegionPack, name: str, sites: dict[int, int]) -> None:
    scenario = load_scenario(default_pack, name)
    assert count_sites(scenario.frame) == sites
    assert scenario.warnings == ()
    assert not scenario.frame["is_uncertain"].any()


def test_four_of_the_eleven_sites_of_2026_are_disputed(default_pack: RegionPack) -> None:
    scenario = load_scenario(default_pack, "2026")
    assert len(scenario.frame) == 11
    found = find_disputes(default_pack, scenario)
    streets = scenario.frame.set_index("id")["address"].str.split(",").str[0]
    readings = {streets[i]: d.reading.value for d in found for i in d.site_ids}
    assert readings == {
        "Niederrheinstraße 20": "gone",
        "Gumbertstraße 160": "moved",
        "Münsterstraße 6": "gone",
        "Merowinger Straße 24": "gone",
    }
    marked = scenario.frame.loc[scenario.frame["status"] == "disputed", "id"]
    assert set(marked) == {i for d in found for i in d.site_ids}
    other = read_other_way(default_pack, scenario, found)
    assert DISTRICTS - set(count_sites(other.frame)) == {1, 5, 7, 10}


def test_the_other_reading_of_2019_has_no_gap_in_district_5(default_pack: RegionPack) -> None:
    scenario = load_scenario(default_pack, "2019")
    found = find_disputes(default_pack, scenario)
    assert {(d.address, d.reading.value, d.districts) for d in found} == {
        ("Niederrheinstraße 20", "omitted", (5,)),
        ("Merowinger Straße 24", "omitted", (3,)),
    }
    other = read_other_way(default_pack, scenario, found)
    assert DISTRICTS - set(count_sites(scenario.frame)) == {5, 7, 10}
    assert DISTRICTS - set(count_sites(other.frame)) == {7, 10}
