"""A language is chosen as visitors expect."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from welcomemap.pages.session import choose_language, read_accept_language
from welcomemap.wording import PAGE_LANGUAGES


def test_arabic_runs_from_right_to_left_and_easy_german_is_german() -> None:
    assert PAGE_LANGUAGES["ar"].direction == "rtl"
    assert PAGE_LANGUAGES["leicht"].tag.startswith("de")
    assert sum(language.direction == "rtl" for language in PAGE_LANGUAGES.values()) == 1


def test_the_address_wins_over_the_browser_and_german_is_the_default() -> None:
    assert choose_language("uk", ["tr"]) == "uk"
    assert choose_language(None, ["fr-FR", "tr-TR", "en"]) == "tr"
    assert choose_language("xx", ["fr"]) == "de"


def test_preferences_of_the_browser_are_read_in_order() -> None:
    header = "en;q=0.5, ar-SY, uk;q=0.9, de;q=0, *;q=0.1"
    assert read_accept_language(header) == ("ar-SY", "uk", "en", "*")


@given(st.text())
def test_any_header_is_read_without_fault(header: str) -> None:
    assert choose_language(None, read_accept_language(header)) in PAGE_LANGUAGES
