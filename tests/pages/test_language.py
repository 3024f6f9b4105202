"""The catalogues are complete, and a language is chosen as visitors expect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import welcomemap.pages
from welcomemap.pages.find import list_map_messages, translate_map_words
from welcomemap.pages.language import (
    LANGUAGES,
    choose_language,
    open_translator,
    read_accept_language,
)

FOLDER = Path(welcomemap.pages.__file__).parent
TRANSLATED = [code for code in LANGUAGES if code != "en"]


def messages_in_code() -> set[str]:
    found = extract_from_dir(FOLDER, keywords={"translate": None}, method_map=[("**.py", "python")])
    return {str(message) for _, _, message, _, _ in found} | set(list_map_messages())


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(code: str) -> None:
    with (FOLDER / "locale" / f"{code}.po").open("rb") as file:
        catalogue = {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}
    assert {message for message, text in catalogue.items() if text} == messages_in_code()


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_name_the_same_values(code: str) -> None:
    translate = open_translator(code)
    for message, text in translate.messages.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", message)), message


def test_arabic_runs_from_right_to_left_and_easy_german_is_german() -> None:
    assert LANGUAGES["ar"].direction == "rtl"
    assert LANGUAGES["leicht"].tag.startswith("de")
    assert sum(language.direction == "rtl" for language in LANGUAGES.values()) == 1


def test_the_address_wins_over_the_browser_and_german_is_the_default() -> None:
    assert choose_language("uk", ["tr"]) == "uk"
    assert choose_language(None, ["fr-FR", "tr-TR", "en"]) == "tr"
    assert choose_language("xx", ["fr"]) == "de"


def test_preferences_of_the_browser_are_read_in_order() -> None:
    header = "en;q=0.5, ar-SY, uk;q=0.9, de;q=0, *;q=0.1"
    assert read_accept_language(header) == ("ar-SY", "uk", "en", "*")


@given(st.text())
def test_any_header_is_read_without_fault(header: str) -> None:
    assert choose_language(None, read_accept_language(header)) in LANGUAGES


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_map_speaks_every_language(code: str) -> None:
    words = translate_map_words(open_translator(code))
    assert "{name}" in words.show_on_map
    assert words.is_right_to_left is (code == "ar")
    assert (words.legend == "Legend") is (code == "en")


def test_easy_german_keeps_sentences_short() -> None:
    for message, text in open_translator("leicht").messages.items():
        for sentence in re.split(r"[.!?:]\s", text):
            assert len(sentence.split()) <= 12, (message, sentence)
