"""Who contradicts the published lists, and what the other reading is.

Expectations are those of the data's description: Niederrheinstraße 20 missing in 2019, gone in
2026; Gumbertstraße moved within district 8; one closure each in Pempelfort and Bilk.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.worlds import _service_points, load_rechteckstadt
from welcomemap.describe.disputes import describe_dispute
from welcomemap.region.disputes import OtherReading, address_key, find_disputes, read_other_way
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import Scenario, load_scenario
from welcomemap.region.schemas import SITE_HISTORY_COLUMNS

HISTORY = (
    ("Hauptstraße 500", "opened", "2015-09-02", "3", "", "Bote 2015", "e"),
    ("Hauptstraße 50", "opened", "2016", "1", "", "Bote 2016", "a;a2"),
    ("Hauptstraße 62", "opened", "2022-08-25", "1", "moved here", "Bote 2022", "a;a2"),
    ("Mitte", "closed", "2023", "2", "which is not stated", "Zeitung 2023", "b2"),
    ("Hauptstraße 500", "closed", "2024", "3", "dissolved", "Zeitung 2024", "e"),
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> RegionPack:
    points = _service_points()
    late = points.iloc[[0]].assign(id="e", scenario="2025", address="Hauptstraße 500")
    history = pd.DataFrame(HISTORY, columns=SITE_HISTORY_COLUMNS)
    return load_rechteckstadt(
        tmp_path_factory.mktemp("disputed"),
        service_points=pd.concat([points, late]),
        site_history=history,
    )


def test_older_list_omits_a_site_that_ran(pack: RegionPack) -> None:
    (omitted,) = find_disputes(pack, load_scenario(pack, "2020"))
    assert omitted.reading is OtherReading.OMITTED
    assert omitted.districts == (3,)
    assert omitted.site_ids == ()
    assert omitted.pack_site_ids == ("e",)
    assert describe_dispute(omitted).in_language("de") == (
        "Die Liste 2020 nennt Hauptstraße 500 nicht; laut Bote 2015 (2. September 2015) gab es dort"
        " einen Standort, und bis dahin ist keine Schließung belegt."
    )


def test_newer_list_has_sites_that_closed_or_moved(pack: RegionPack) -> None:
    found = find_disputes(pack, load_scenario(pack, "2025"))
    assert [(d.reading.value, d.site_ids, d.districts) for d in found] == [
        ("moved", ("a2",), (1,)),
        ("gone", ("b2",), (2,)),
        ("gone", ("e",), (1,)),
    ]
    assert "Hauptstraße 62" in describe_dispute(found[0]).in_language("en")
    assert "25 August 2022" in describe_dispute(found[0]).in_language("en")
    assert "which one is not stated" in describe_dispute(found[1]).in_language("en")
    assert found[1].reading.value == "gone"


@pytest.mark.parametrize(
    ("since", "disputed"),
    [
        ("", True), ("2016-03-18", True), ("2022-08-24", True), ("2022-08-25", False),
        ("2026-11-27", False), ("2023", False),
    ],
)  # fmt: skip
def test_a_row_that_begins_after_a_report_has_taken_it_in(
    pack: RegionPack, since: str, disputed: bool
) -> None:
    """The report of 25 August 2022 says that a2 has moved; the list has it elsewhere since then."""
    listed = load_scenario(pack, "2025")
    frame = listed.frame.assign(valid_from=listed.frame["valid_from"].mask(
        listed.frame["id"] == "a2", since
    ))  # fmt: skip
    found = find_disputes(pack, replace(listed, frame=frame))
    assert ("a2" in {site for one in found for site in one.site_ids}) is disputed
    assert not any(one.reading is OtherReading.OMITTED for one in found)


@pytest.mark.parametrize(
    ("since", "disputed"), [("2022-12-31", True), ("2023-06-01", True), ("2024-01-01", False)]
)
def test_a_closing_of_some_day_of_a_year_may_be_of_its_last_day(
    pack: RegionPack, since: str, disputed: bool
) -> None:
    listed = load_scenario(pack, "2025")
    is_b2 = listed.frame["id"] == "b2"
    frame = listed.frame.assign(
        valid_from=listed.frame["valid_from"].mask(is_b2, since),
        status=listed.frame["status"].mask(is_b2, "open"),
    )
    found = find_disputes(pack, replace(listed, frame=frame))
    assert ("b2" in {site for one in found for site in one.site_ids}) is disputed


def test_the_other_reading_closes_adds_and_keeps(pack: RegionPack) -> None:
    older = load_scenario(pack, "2020")
    other = read_other_way(pack, older, find_disputes(pack, older))
    assert list(other.frame["id"]) == ["a", "b", "c", "e"]
    assert other.frame["status"].tolist()[-1] == "open"
    newer = load_scenario(pack, "2025")
    other = read_other_way(pack, newer, find_disputes(pack, newer))
    assert dict(zip(other.frame["id"], other.frame["status"], strict=True)) == {
        "a2": "open",
        "b2": "closed",
        "e": "closed",
    }
    assert newer.frame["status"].tolist() == ["open", "disputed", "open"]


def test_a_plan_is_no_claim_about_what_exists(pack: RegionPack, tmp_path: Path) -> None:
    plan = load_scenario(pack, "2025").frame.iloc[[1, 2]].drop(columns=["x", "y"])
    plan.assign(id=["p", "q"]).to_csv(tmp_path / "plan.csv", index=False)
    found = find_disputes(pack, load_scenario(pack, tmp_path / "plan.csv"))
    assert [(d.reading.value, d.site_ids) for d in found] == [("gone", ("p",)), ("gone", ("q",))]


def test_a_mark_without_a_source_is_still_told(tiny_pack: RegionPack) -> None:
    frame = load_scenario(tiny_pack, "2025").frame.assign(id=["x", "y"], address=["", ""])
    (marked,) = find_disputes(tiny_pack, Scenario("plan", frame, path=Path("plan.csv")))
    assert marked.reading is OtherReading.MARKED
    assert marked.site_ids == ("y",)


def test_spellings_of_one_address_agree() -> None:
    keys = {address_key(a) for a in ("Heinz-Schmöle Straße 7", "Heinz-Schmöle-Str. 7, 40227")}
    assert len(keys) == 1
    assert address_key("Platz 2a") != address_key("Platz 2")


def test_no_dispute_in_an_undisputed_pack(tmp_path: Path) -> None:
    history = pd.DataFrame([], columns=SITE_HISTORY_COLUMNS)
    quiet = load_rechteckstadt(tmp_path / "quiet", site_history=history)
    assert find_disputes(quiet, load_scenario(quiet, "2020")) == ()
