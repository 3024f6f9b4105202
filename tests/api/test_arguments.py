"""What analysts really give: copies of frames, odd labels, numpy's numbers, texts for numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import welcomemap as wm
from tests.cases import long
from welcomemap.cli import run
from welcomemap.errors import (
    AddressCharacterError,
    ColumnValueError,
    CoordinateWarning,
    UsageError,
)

POINTS = gpd.GeoSeries.from_xy([6.7726, 6.80], [51.2256, 51.22], crs="EPSG:4326")


@pytest.fixture(scope="module")
def region() -> wm.Region:
    return wm.open_region()


# --- names of lists ---


@pytest.mark.parametrize(
    "name", ["", "2026", *map(long, ("my plan", "2019", "later list", "before"))]
)
def test_two_lists_of_one_name_are_two_lists(region: wm.Region, name: str) -> None:
    """A copy keeps its name; without its largest point a list loses people."""
    before = region.sites("2026")
    before.attrs["name"] = name
    after = before.drop(index=["wp2026-02"])
    assert after.attrs == before.attrs
    lost = region.diff("2026", region.sites("2026").drop(index=["wp2026-02"])).rows["lost"].max()
    assert lost > 20_000
    for one, other in ((before, after), ("2026", after)):
        rows = region.diff(one, other).rows  # type: ignore[arg-type]  # a list by name or as frame
        assert rows["lost"].max() == pytest.approx(lost)
        assert rows["gained"].max() == 0


@pytest.mark.parametrize("name", ["Plan A/B", "v1.2", "Stand 30.06.2024", "a\\b"])
def test_a_list_is_called_by_its_whole_name(region: wm.Region, name: str) -> None:
    plan = region.sites("2026")
    plan.attrs["name"] = name
    assert repr(region.gaps(plan)).startswith(f"Gaps('{name}, ".replace("\\", "\\\\"))
    told = region.diff("2019", plan).tell("en")[0]
    assert told.startswith(f"From 2019 to {name} ")


def test_lists_without_a_name_are_told_apart_in_words(region: wm.Region) -> None:
    plan = region.sites("2026")
    told = region.diff(plan, plan.drop(index=["wp2026-02"])).tell("de")[0]
    assert told.startswith("Von frühere Liste zu spätere Liste")


# --- districts, groups and thresholds ---


def test_districts_may_be_texts_and_numpy_numbers(region: wm.Region) -> None:
    frame = region.gaps("2026").districts
    wanted = region.site(p=1, require_districts=7).optimal_sets
    seven = frame.index[frame.index == 7][0]
    for given in ("7", ["7"], seven, np.array([7]), frame.loc[[7]].index):
        assert region.site(p=1, require_districts=given).optimal_sets == wanted


@pytest.mark.parametrize("given", [99, "99", [7, 99], 0])
def test_a_district_that_is_none_is_refused(region: wm.Region, given: Any) -> None:
    with pytest.raises(UsageError, match="there is no district"):
        region.site(p=1, require_districts=given)


@pytest.mark.parametrize("given", ["seven", 7.5, None, ["", "7"], "-7"])
def test_a_number_of_a_district_is_a_whole_one(region: wm.Region, given: Any) -> None:
    with pytest.raises(UsageError, match="require_districts"):
        region.site(p=1, require_districts=given)


def test_an_unknown_district_is_bad_input_on_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["site", "--model", "mclp", "--p", "1", "--require-district", "99"]) == 2
    assert "there is no district 99" in capsys.readouterr().err


def test_one_group_may_stand_in_a_list(region: wm.Region) -> None:
    assert region.gaps(group=["residents"]).request == region.gaps().request
    with pytest.raises(UsageError, match="several groups"):
        region.gaps(group=["residents", "under_18"])


@pytest.mark.parametrize("several", [np.array, pd.Series, tuple, pd.Index])
def test_thresholds_come_in_any_sequence(region: wm.Region, several: Callable[..., Any]) -> None:
    rows = region.coverage(threshold=several(["500m", "1000m"]))
    assert rows["threshold"].unique().tolist() == ["500m", "1000m"]


# --- addresses and places ---


def test_labels_of_rows_may_occur_twice(region: wm.Region) -> None:
    one = pd.DataFrame({"address": ["Kölner Str 26"]})
    frame = pd.concat([one, one.assign(address="Königsallee 1")])
    found = region.geocode(frame)
    assert found.index.tolist() == [0, 0]
    assert found["street"].tolist() == ["Kölner Straße", "Königsallee"]
    assert region.nearest(frame, k=1)["origin"].tolist() == [0, 0]


def test_names_of_columns_may_be_numbers(region: wm.Region) -> None:
    frame = pd.DataFrame({0: ["Haus A"], 1: ["Kölner Str 26"]})
    assert region.geocode(frame, columns=["1"])["outcome"].tolist() == ["exact"]
    mixed = pd.DataFrame({"address": ["Kölner Str 26"], 5: ["x"]})
    assert region.geocode(mixed)[5].tolist() == ["x"]


def test_an_answer_can_be_asked_again_and_again(region: wm.Region) -> None:
    found = region.geocode(["Kölner Str 26"])
    for _ in range(4):
        found = region.geocode(found, columns=["address"])
        assert not found.columns.has_duplicates
    assert found["outcome"].tolist() == ["exact"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("error_radius_m", "wide"), ("error_radius_m", -500), ("lat", "north"), ("lon", "6.8 E")],
)
def test_a_cell_that_is_no_number_is_named(region: wm.Region, column: str, value: Any) -> None:
    frame = pd.DataFrame({"lon": [6.78, 6.8], "lat": [51.22, 51.23], "error_radius_m": [10, 10]})
    frame = frame.astype(object)
    frame.loc[1, column] = value
    with pytest.raises(ColumnValueError, match=rf"{column}.*row 2"):
        region.nearest(frame)


def test_degrees_may_have_a_decimal_comma(region: wm.Region) -> None:
    points = pd.DataFrame({"lon": [6.8], "lat": [51.22]})
    commas = pd.DataFrame({"lon": ["6,8"], "lat": ["51,22"]})
    pd.testing.assert_frame_equal(region.cost_matrix(commas), region.cost_matrix(points))


@pytest.mark.parametrize("given", [5, {"a": "Kölner Str 26"}, b"Markt 1", [["a"]]])
def test_what_is_no_address_is_refused(region: wm.Region, given: Any) -> None:
    with pytest.raises(UsageError, match="is no address"):
        region.geocode(given)


def test_half_a_character_is_named(region: wm.Region) -> None:
    with pytest.raises(AddressCharacterError, match=r"ud800"):
        region.geocode(["K\ud800"])


def test_a_warning_points_at_who_asked(region: wm.Region) -> None:
    far = gpd.GeoSeries.from_xy([8.6], [50.1], crs="EPSG:4326")
    for ask in (region.nearest, region.cost_matrix):
        with pytest.warns(CoordinateWarning) as told:
            ask(far)
        assert {Path(one.filename).name for one in told} == {Path(__file__).name}


# --- the rest ---


@pytest.mark.parametrize("given", [5, [POINTS, "hdk-446"], [1, 2]])
def test_candidates_are_ids_a_file_or_a_frame(region: wm.Region, given: Any) -> None:
    with pytest.raises(UsageError, match="candidates"):
        region.compare(given)


@pytest.mark.parametrize("given", ["5", 0, -1, float("nan"), None])
def test_a_time_limit_is_a_number_of_seconds(region: wm.Region, given: Any) -> None:
    with pytest.raises(UsageError, match="time_limit_s"):
        region.site(p=1, time_limit_s=given)


def test_a_paper_takes_days_and_refuses_frames(region: wm.Region, tmp_path: Path) -> None:
    made = region.report(
        tmp_path / "a.csv", scenario=pd.Timestamp("2026-03-01 12:00"), date=dt.date(2026, 3, 1)
    )
    assert '"2026-03-01"' in made[-1].read_text("utf-8")
    for given in ({"scenario": POINTS}, {"compare": region.sites()}, {"candidates": POINTS}):
        with pytest.raises(UsageError, match="is a frame"):
            region.report(tmp_path / "b.csv", **given)  # type: ignore[arg-type]  # that is the point
    assert not list(tmp_path.glob("b*"))


def test_a_region_can_be_a_key(region: wm.Region) -> None:
    assert {region: 1}[region] == 1


# --- a model's objective, and who is covered beside it ---


@pytest.mark.parametrize("model", ["mclp", "p-median", "p-center", "p-dispersion"])
@pytest.mark.parametrize("threshold", ["1000m", "15min"])
def test_covered_people_are_those_that_coverage_counts(
    region: wm.Region, model: str, threshold: str
) -> None:
    answer = region.site(model, p=1, threshold=threshold, group="under_18")
    chosen = answer.sites.assign(status="open", operator="", source="test")
    plan = pd.concat([region.sites("2026"), chosen])
    rows = region.coverage(gpd.GeoDataFrame(plan, crs=region.crs), threshold, group="under_18")
    counted = rows.query("area_kind == 'city'")["covered"].item()
    # The plan's coordinates went through degrees of nine decimals.
    assert answer.covered == pytest.approx(counted, rel=1e-4)
    if model == "mclp":
        assert answer.covered == pytest.approx(answer.objective)
