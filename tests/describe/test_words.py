"""Sentences about coverage, letter by letter."""

from __future__ import annotations

import pytest

from welcomemap.describe.words import (
    add_counted,
    head_gained,
    head_gap_areas,
    head_people,
    head_reached,
    head_share,
    head_unreached,
    read_region_words,
    tell_certainty,
    tell_reach,
    word_estimate,
    word_group,
    word_of_group,
    word_the_group,
    word_threshold,
)
from welcomemap.travel.impedance import Threshold
from welcomemap.wording import Given, list_words

KIND = {"de": "Welcome Point", "en": "Welcome Point"}
WORDS = read_region_words({"service_kind": KIND})
AREA = Given("In Stadtbezirk 7", "In district 7")
NBSP = "\N{NO-BREAK SPACE}"


def test_the_sentence_of_the_style_guide() -> None:
    told = tell_reach(AREA, 0, 47_638, "residents", Threshold(1000, "m"), "walk", WORDS)
    assert told.in_language("de") == (
        "In Stadtbezirk 7 erreichen 0 von 47.638 Menschen zu Fuß innerhalb von "
        f"1.000{NBSP}m einen Welcome Point."
    )
    assert told.in_language("en") == (
        f"In district 7, 0 of 47,638 people reach a Welcome Point on foot within 1,000{NBSP}m."
    )
    assert (
        tell_certainty(0.0, (0.0, 0.01)).in_language("de")
        == f"Die Spanne liegt bei 0,0{NBSP}% bis 1,0{NBSP}%."
    )


def test_groups_stand_in_the_right_case() -> None:
    told = tell_reach(AREA, 3, 10, "under_18", Threshold(15, "min"), "transit", WORDS)
    assert "3 von 10 Kindern und Jugendlichen unter 18 mit Bus und Bahn" in told.in_language("de")
    assert "innerhalb von 15 Minuten" in told.in_language("de")
    assert "by bus and train within 15 minutes" in told.in_language("en")


def test_a_group_is_declined() -> None:
    young = "under_18"
    assert (
        word_group(young).in_language("de") == "Kinder und Jugendliche unter 18"
    )  # 12 Kinder und Jugendliche
    assert (
        word_the_group(young).in_language("de") == "Kinder und Jugendlichen unter 18"
    )  # der, aller, keine
    assert word_of_group(young).in_language("de") == "Kindern und Jugendlichen unter 18"  # von 12
    for form in (word_group, word_the_group, word_of_group):
        assert form("foreign_citizens").in_language("de") == "Menschen ohne deutschen Pass"
        assert form(young).in_language("en") == "children and young people under 18"


def test_headings_name_who_is_counted() -> None:
    young, all_people = "under_18", "residents"
    assert head_people(all_people) == Given("Menschen", "People")
    assert head_reached(all_people) == Given("In Reichweite", "Within reach")
    assert head_people(young).in_language("en") == "Children and young people under 18"
    assert head_reached(young).in_language("de") == "Kinder und Jugendliche unter 18 in Reichweite"
    assert head_unreached("over_65").in_language("en") == "People aged 65 and over out of reach"
    assert (
        head_share(young).in_language("de")
        == "Anteil der Kinder und Jugendlichen unter 18 in Reichweite"
    )
    assert head_share(all_people).in_language("en") == "Share of people within reach"
    assert (
        head_gained(young).in_language("en")
        == "more children and young people under 18 within reach"
    )
    assert head_gap_areas(young, "15 Minuten").in_language("de") == (
        "Gebiete mit den meisten Kindern und Jugendlichen unter 18 außer Reichweite (15 Minuten)"
    )
    assert add_counted(AREA, all_people) == AREA
    assert (
        add_counted(AREA, "over_65").in_language("de")
        == "In Stadtbezirk 7 · gezählt: Menschen ab 65"
    )


def test_an_area_without_people_says_so() -> None:
    told = tell_reach(AREA, 0, 0, "over_65", Threshold(1000, "m"), "walk", WORDS)
    assert told.in_language("de") == "In Stadtbezirk 7 leben keine Menschen ab 65."


def test_a_feminine_kind_gets_its_article() -> None:
    words = read_region_words({"service_kind": {"de": "Anlaufstelle", "en": "service point"}})
    told = tell_reach(AREA, 1, 2, "residents", Threshold(500, "m"), "cycle", words)
    assert told.in_language("de").endswith(
        f"mit dem Fahrrad innerhalb von 500{NBSP}m eine Anlaufstelle."
    )
    assert words.district.in_language("de") == "Stadtbezirk"


@pytest.mark.parametrize(
    ("interval", "words"),
    [((0.12, 0.31), "unsicher"), ((0.2, 0.2), "bleibt es bei"), ((0.2, 0.24), "Spanne liegt bei")],
)
def test_how_sure_is_said_in_words(interval: tuple[float, float], words: str) -> None:
    assert words in tell_certainty(0.2, interval).in_language("de")


def test_wide_intervals_lose_their_decimals() -> None:
    assert f"12{NBSP}% bis 31{NBSP}%" in tell_certainty(0.2, (0.12, 0.31)).in_language("de")
    assert "12% to 31%" in tell_certainty(0.2, (0.12, 0.31)).in_language("en")


def test_unknown_certainty_is_said() -> None:
    assert "nicht bekannt" in tell_certainty(None, None).in_language("de")


@pytest.mark.parametrize(
    ("people", "told"),
    [(0, "0"), (7.4, "7"), (123.0, "etwa 120"), (3221.4, "etwa 3.200"), (45_006.7, "etwa 45.000")],
)
def test_estimated_people_are_no_finer_than_they_are_known(people: float, told: str) -> None:
    assert word_estimate(people).in_language("de") == told


def test_lists_and_thresholds() -> None:
    assert list_words(["a", "b", "c"], "de") == "a, b und c"
    assert list_words(["a"], "en") == "a"
    assert list_words([], "en") == ""
    assert word_threshold(Threshold(12.5, "min")).in_language("de") == "12,5 Minuten"
