"""A date as a scenario: the list in force on that day, each row as its own dates have it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import load_rechteckstadt
from welcomemap.dates import read_iso_date
from welcomemap.errors import UnknownScenarioError
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import _status_on, load_scenario


def with_dates(pack: RegionPack, folder: Path, **dates: tuple[str, str, str]) -> RegionPack:
    """Return the city with status, first and last day of some of its service points."""
    table = pack.service_points.set_index("id")
    for name, (status, start, end) in dates.items():
        table.loc[name, ["status", "valid_from", "valid_to"]] = [status, start, end]
    return load_rechteckstadt(
        folder, service_points=table.reset_index()[pack.service_points.columns]
    )


@pytest.mark.parametrize(
    ("day", "ids"),
    [
        ("2020-01-01", ["a", "b", "c"]),
        ("2024-12-31", ["a", "b", "c"]),
        ("2025-01-01", ["a2", "b2"]),
        ("2030-06-30", ["a2", "b2"]),
    ],
)
def test_the_list_in_force_on_the_day_counts(
    tiny_pack: RegionPack, day: str, ids: list[str]
) -> None:
    scenario = load_scenario(tiny_pack, day)
    assert scenario.frame["id"].tolist() == ids
    assert (scenario.name, scenario.as_of, scenario.reference) == (day, day, day)
    assert scenario.is_published


def test_rows_are_open_by_their_own_dates(tiny_pack: RegionPack, tmp_path: Path) -> None:
    pack = with_dates(
        tiny_pack,
        tmp_path,
        a=("open", "2020-02-01", "2022-06-30"),
        b=("closed", "", "2021-12-31"),
        c=("planned", "2023-01-01", ""),
    )

    def on(day: str) -> list[str]:
        frame = load_scenario(pack, day).frame
        return frame["status"].tolist()

    assert on("2020-01-15") == ["planned", "open", "planned"]
    assert on("2021-12-31") == ["open", "open", "planned"]
    assert on("2022-01-01") == ["open", "closed", "planned"]
    assert on("2022-07-01") == ["closed", "closed", "planned"]
    assert on("2023-01-01") == ["closed", "closed", "open"]


def test_dated_rows_give_dated_answers(tiny_pack: RegionPack, tmp_path: Path) -> None:
    pack = with_dates(tiny_pack, tmp_path, b=("open", "", "2022-06-30"))
    notes = load_scenario(pack, "2023-01-01").notes
    assert [(note.site, note.kind) for note in notes] == [("b", "validity")]
    assert load_scenario(pack, "2022-06-30").notes == ()


def test_a_file_of_that_name_and_no_date_at_all(
    tiny_pack: RegionPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownScenarioError, match="no list says what was open on 2019-12-31"):
        load_scenario(tiny_pack, "2019-12-31")
    with pytest.raises(UnknownScenarioError, match="a date such as 2024-06-30"):
        load_scenario(tiny_pack, "2024-13-01")
    monkeypatch.setitem(tiny_pack.region, "scenarios", ["now"])  # type: ignore[arg-type]
    with pytest.raises(UnknownScenarioError, match="Known scenarios: now"):
        load_scenario(tiny_pack, "2024-06-30")


@given(
    st.sampled_from(["open", "disputed", "planned", "closed"]),
    st.dates(),
    st.dates(),
    st.dates(),
)
def test_a_day_within_both_dates_serves_and_one_outside_does_not(
    status: str, start: object, end: object, day: object
) -> None:
    at = read_iso_date(str(day))
    assert at is not None
    found = _status_on(at, status, str(start), str(end))
    if str(start) <= str(day) <= str(end):
        assert found == ("disputed" if status == "disputed" else "open")
    if status in ("open", "disputed"):
        assert found == status  # Closed afterwards, with a note: see close_invalid.


def test_frames_of_sites_are_scenarios_too(tiny_pack: RegionPack) -> None:
    from welcomemap.region.scenario import read_scenario

    rows = tiny_pack.service_points.query("scenario == '2020'")
    assert isinstance(rows, pd.DataFrame)
    read = read_scenario(tiny_pack, rows, name="mine")
    published = load_scenario(tiny_pack, "2020")
    assert read.frame["x"].tolist()[:2] == published.frame["x"].tolist()[:2]
    assert not read.is_published
