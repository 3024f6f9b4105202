"""The layer of addresses of a town whose list lost and misplaced points, and what is answered."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.ingest.surveyed_town import lose, make_town, misplace, name_of, rows_of
from welcomemap.crs import GRID_CRS, METRIC_CRS, unproject_point
from welcomemap.describe.reasons import describe_reasons
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import Outcome
from welcomemap.ingest.addresses import (
    ADDRESSES_FILE,
    NAMED_WAYS_FILE,
    NameCorrections,
    PostcodeAreas,
    build_addresses,
)
from welcomemap.ingest.demand_cells import _count_homes
from welcomemap.ingest.raw import RawFolder

Built = tuple[gpd.GeoDataFrame, Mapping[str, int]]
X, Y = 340_000.0, 5_675_000.0
LOST, HALF, WHOLE = 32, 33, 41
"""Street 32 has no points; half of 33 and all of 41 carry points of other streets."""


def damage(town: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the town with misplaced houses, and their rows."""
    half, whole = rows_of(town, HALF, 20), rows_of(town, WHOLE)
    table = misplace(town, half, town.loc[rows_of(town, LOST, 20), ["x", "y"]].to_numpy())
    table = misplace(table, whole, town.loc[rows_of(town, 40), ["x", "y"]].to_numpy() + 3.0)
    return lose(table, rows_of(town, LOST)), np.concatenate([half, whole])


def write_raw(folder: Path, table: pd.DataFrame) -> RawFolder:
    path = folder / ADDRESSES_FILE
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["street", "housenumber", "residential", "building_id", "lat", "lon"])
        for row in table.itertuples():
            lat, lon = ("", "") if np.isnan(row.x) else unproject_point(X + row.x, Y + row.y)
            number = int(row.building_number)
            writer.writerow([row.street, row.house_number, "ja", number, lat, lon])
    ways = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "Allee, die in der Liste fehlt"},
                "geometry": {"type": "LineString", "coordinates": [[6.7, 51.2], [6.71, 51.2]]},
            }
        ],
    }
    path = folder / NAMED_WAYS_FILE
    path.parent.mkdir()
    path.write_bytes(gzip.compress(json.dumps(ways).encode()))
    return RawFolder(folder)


@pytest.fixture(scope="module")
def quarters() -> gpd.GeoDataFrame:
    """South and north of y = 3.6 km."""
    boxes = [shapely.box(X - 500, Y + y - 50, X + 2500, Y + y + 3600) for y in (0, 3650)]
    table = {"quarter": ["011", "012"], "name": ["Süd", "Nord"], "district": [1, 2]}
    return gpd.GeoDataFrame(table, geometry=boxes, crs=METRIC_CRS)


@pytest.fixture(scope="module")
def town() -> tuple[pd.DataFrame, np.ndarray]:
    return damage(make_town())


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    quarters: gpd.GeoDataFrame,
    town: tuple[pd.DataFrame, np.ndarray],
) -> Built:
    raw = write_raw(tmp_path_factory.mktemp("raw"), town[0])
    postcodes = PostcodeAreas(
        codes=("10001",), points=np.array([[X, Y]]), radius_m=np.array([9e3]),
        of_quarter={"011": {"10001": 100.0}},
    )  # fmt: skip
    none = NameCorrections(streets={}, rows={}, torn={})
    return build_addresses(raw, quarters, postcodes, none, {}, surveyed_below=10**6)


@pytest.fixture(scope="module")
def geocoder(built: Built, quarters: gpd.GeoDataFrame) -> Geocoder:
    return Geocoder(
        Gazetteer.from_tables(built[0], town="Düneburg", crs=METRIC_CRS, quarters=quarters)
    )


def test_misplaced_houses_are_known_without_a_place(
    built: Built, town: tuple[pd.DataFrame, np.ndarray]
) -> None:
    table = built[0].set_index(["street", "house_number"])
    names = pd.MultiIndex.from_frame(town[0].loc[town[1], ["street", "house_number"]])
    wrong = table.loc[names]
    assert (wrong["location_quality"] == "none").all()
    assert wrong.geometry.isna().all()
    assert set(wrong["quarter"]) == {""}
    assert set(wrong["district"]) == {0}
    assert set(wrong["postcode"]) == {""}
    rest = table.drop(names).drop(index=name_of(LOST), level=0)
    assert (rest["location_quality"] == "point").all()
    assert built[1]["place_withdrawn"] == len(wrong)
    assert built[1]["never_placed"] == 40


def test_they_weigh_in_no_cell(
    built: Built, quarters: gpd.GeoDataFrame, town: tuple[pd.DataFrame, np.ndarray]
) -> None:
    homes = _count_homes(built[0], quarters.to_crs(GRID_CRS))
    assert homes["homes"].sum() == len(town[0]) - len(town[1]) - 40


def test_no_answer_rests_on_them(geocoder: Geocoder, town: tuple[pd.DataFrame, np.ndarray]) -> None:
    table, rows = town
    true = make_town()
    for row in rows:
        text = f"{table.loc[row, 'street']} {table.loc[row, 'house_number']}"
        found = geocoder.geocode(text)
        assert found.outcome is Outcome.STREET, text
        assert found.house_number == table.loc[row, "house_number"]
        assert all(s.x is None for s in geocoder.suggest(text) if s.label.startswith(f"{text},"))
        if found.x is not None and found.y is not None:
            x, y = true.loc[row, ["x", "y"]].to_numpy(dtype=float)
            assert np.hypot(X + x - found.x, Y + y - found.y) < 600, text


def test_half_a_street_answers_from_its_other_half(geocoder: Geocoder) -> None:
    street = geocoder.geocode(name_of(HALF))
    true = make_town()
    y = Y + true.loc[rows_of(true, HALF), "y"].min()
    assert street.y == pytest.approx(y, abs=20)
    beside = geocoder.geocode(f"{name_of(HALF)} 99")
    assert beside.y is None or beside.y == pytest.approx(y, abs=20)


def test_a_street_that_lost_all_is_known_without_a_place(geocoder: Geocoder) -> None:
    for number in ("", " 7", " 41"):
        found = geocoder.geocode(f"{name_of(WHOLE)}{number}")
        assert (found.outcome, found.x, found.district) == (Outcome.STREET, None, None)
        assert "nicht bekannt" in describe_reasons(found.explanation).in_language("de")
    assert [s.x for s in geocoder.suggest(name_of(WHOLE))] == [None]


def test_a_published_list_without_building_numbers_is_named(tmp_path: Path) -> None:
    from welcomemap.errors import MissingColumnError

    path = tmp_path / ADDRESSES_FILE
    path.parent.mkdir(parents=True)
    path.write_text("street,housenumber,residential,lat,lon\nA,1,ja,51.2,6.7\n", "utf-8")
    none = NameCorrections(streets={}, rows={}, torn={})
    areas = PostcodeAreas((), np.empty((0, 2)), np.empty(0), {})
    with pytest.raises(MissingColumnError, match="building_id"):
        build_addresses(RawFolder(tmp_path), gpd.GeoDataFrame(), areas, none, {}, surveyed_below=9)
