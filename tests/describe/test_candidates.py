"""What is said of candidates: standing, place and space; unknown is neither met nor unmet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from welcomemap.describe.answers import show_candidates
from welcomemap.describe.comparison import describe_comparison, describe_notes
from welcomemap.describe.contract import to_builtins
from welcomemap.region.pack import RegionPack
from welcomemap.study.comparison import ComparisonAnswer
from welcomemap.study.requests import CompareRequest
from welcomemap.study.study import Study

NEEDS = {
    "haus_der_kulturen": {
        "area_m2": 600, "rooms": 2,
        "text": {"de": "Zwei große Räume.", "en": "Two large rooms."},
        "source": {"de": "Antrag", "en": "motion"},
    }
}  # fmt: skip


@pytest.fixture(scope="module")
def compared(default_pack: RegionPack) -> ComparisonAnswer:
    request = CompareRequest(("hdk-446", "hdk-york", "wp07-katharinen"), scenario="2026")
    answer = Study(default_pack).compare_candidates(request)
    return replace(answer, requirements=NEEDS)


def test_a_dropped_candidate_is_called_dropped(compared: ComparisonAnswer) -> None:
    told = [note.in_language("en") for note in describe_notes(compared)]
    assert "Status of “Münsterstraße 446” in the list: dropped." in told
    assert [row.status for row in show_candidates(compared)] == [
        "dropped", "chosen", "proposal",
    ]  # fmt: skip


def test_an_interpolated_place_is_called_an_estimate(compared: ComparisonAnswer) -> None:
    told = " ".join(note.in_language("de") for note in describe_notes(compared))
    assert "Der Ort von „Münsterstraße 446“ ist selbst geschätzt" in told
    assert "Der Ort von „Katharinenstraße 9“" not in told


def test_space_is_judged_by_what_is_known(compared: ComparisonAnswer) -> None:
    rows = {row["id"]: row for row in to_builtins(show_candidates(compared))}
    york = {need["name"]: need for need in rows["hdk-york"]["requirements"]}
    assert york["area_m2"] == {"name": "area_m2", "needed": 600, "given": 800, "is_met": True}
    assert york["rooms"] == {"name": "rooms", "needed": 2, "given": None, "is_met": None}
    assert {need["is_met"] for need in rows["hdk-446"]["requirements"]} == {None}
    assert rows["wp07-katharinen"]["requirements"] == []
    told = [note.in_language("en") for note in describe_notes(compared)]
    assert "What is needed (motion): Two large rooms." in told
    assert "“Yorckstraße 19-21”: area: 800 m², enough; rooms: not known." in told
    assert "“Münsterstraße 446”: area: not known; rooms: not known." in told


def test_the_standing_of_the_first_follows_the_verdict(
    default_pack: RegionPack, compared: ComparisonAnswer
) -> None:
    request = CompareRequest(("hdk-446", "hdk-york"), scenario="2026")
    answer = Study(default_pack).compare_candidates(request)
    lead = int(answer.comparison.ranking.rank.argmin())
    status = {"hdk-446": "dropped", "hdk-york": "decided"}[answer.sites.ids[lead]]
    assert describe_comparison(answer)[1].in_language("en").endswith(f"in the list: {status}.")
    alone = Study(default_pack).compare_candidates(CompareRequest(("hdk-446",), scenario="2026"))
    assert "only candidate" in describe_comparison(alone)[0].in_language("en")
    assert describe_comparison(alone)[1].in_language("en") == (
        "Status of “Münsterstraße 446” in the list: dropped."
    )
    assert describe_comparison(alone)[1] not in describe_notes(alone)
    assert len(describe_comparison(compared)) >= 4
