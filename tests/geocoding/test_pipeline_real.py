"""The city's own lists through the whole pipeline, gazetteer included."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from welcomemap.crs import project
from welcomemap.geocoding.batch import geocode_file
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import Outcome
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario
from welcomemap.region.schemas import SERVICE_POINT_COLUMNS


@pytest.fixture(scope="module")
def raw_folder() -> Path:
    beside = Path(__file__).parents[2].parent / "shared" / "geodata"
    folder = Path(os.environ.get("WELCOMEMAP_RAW", beside))
    if not folder.is_dir():
        pytest.skip("the raw data folder is not beside the checkout")
    return folder


@pytest.fixture(scope="module")
def tiny_geocoder(tiny_pack: RegionPack) -> Geocoder:
    return Geocoder(Gazetteer.from_pack(tiny_pack))


@pytest.fixture(scope="module")
def geocoder(default_pack: RegionPack) -> Geocoder:
    return Geocoder(Gazetteer.from_pack(default_pack))


def test_service_points_of_a_planner_are_located_by_address(
    tiny_pack: RegionPack, tiny_geocoder: Geocoder, tmp_path: Path
) -> None:
    row = dict.fromkeys(SERVICE_POINT_COLUMNS, "") | {"status": "open"}
    rows = [row | {"id": "1", "address": "Hauptstr. 500"}, row | {"id": "2", "address": "Weg 1"}]
    pd.DataFrame(rows).to_csv(tmp_path / "plan.csv", index=False)
    scenario = load_scenario(
        tiny_pack,
        tmp_path / "plan.csv",
        locate=lambda addresses, stated: [
            tiny_geocoder.geocode(a, stated_district=d)
            for a, d in zip(addresses, stated, strict=True)
        ],
    )
    assert scenario.frame["district"].tolist() == [3, -1]
    assert scenario.frame["location_outcome"].tolist() == ["exact", "not_found"]


@pytest.mark.raw
def test_the_list_of_2019_is_located_and_its_contradiction_told(
    default_pack: RegionPack, geocoder: Geocoder, raw_folder: Path, tmp_path: Path
) -> None:
    summary = geocode_file(
        raw_folder / "service_points" / "welcome_points_2019.csv",
        tmp_path / "out.csv", geocoder, default_pack.crs, progress=False,
    )  # fmt: skip
    table = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    unlocated = table[table["lat"] == ""]
    assert unlocated["id"].tolist() == ["wp2019-07"], "only the planned site has no premises"
    # Telleringstraße 56 is said to serve 10 and lies in 9.
    assert summary.stated_district_contradictions == (10,)
    located = table[table["lat"] != ""].set_index("id")["district"].to_dict()
    assert located["wp2019-10"] == "9"
    assert table.set_index("id").loc["wp2019-06", "outcome"] == Outcome.PLACE


@pytest.mark.raw
def test_the_register_is_found_where_the_city_says(
    default_pack: RegionPack, geocoder: Geocoder, raw_folder: Path, tmp_path: Path
) -> None:
    summary = geocode_file(
        raw_folder / "service_points" / "advice_offices_register_2026.csv",
        tmp_path / "out.csv", geocoder, default_pack.crs, progress=False,
    )  # fmt: skip
    assert summary.address_columns == ("STRASSE", "HAUSNUMMER", "PLZ", "STADT", "STADTTEIL")
    table = pd.read_csv(tmp_path / "out.csv", sep=";", dtype=str, keep_default_na=False)
    assert len(table) == 36
    found = table[table["lat"] != ""]
    ours = project(found["lon"].astype(float), found["lat"].astype(float))
    theirs = project(found["LONGITUDE"].astype(float), found["LATITUDE"].astype(float))
    error_m = np.hypot(*(ours - theirs).T)
    radius_m = found["error_radius_m"].astype(float).to_numpy()
    assert len(found) >= 34
    assert np.mean(error_m <= radius_m) >= 0.95
