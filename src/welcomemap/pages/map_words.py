"""The map's own words in the visitor's language."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from welcomemap.maps.words import ENGLISH, MapWords
from welcomemap.pages.language import Translator


def list_map_messages() -> tuple[str, ...]:
    """Return the English words of the map, which every catalogue translates."""
    texts = [getattr(ENGLISH, field.name) for field in fields(ENGLISH) if field.name != "lang"]
    return tuple(text for text in texts if isinstance(text, str)) + tuple(ENGLISH.signs.values())


def translate_map_words(translate: Translator) -> MapWords:
    """Return the map's words from the catalogue of a language."""
    words: dict[str, Any] = {
        field.name: _say(translate, getattr(ENGLISH, field.name))
        for field in fields(ENGLISH)
        if isinstance(getattr(ENGLISH, field.name), str)
    }
    words["lang"] = translate.language.tag
    words["signs"] = {sign: _say(translate, text) for sign, text in ENGLISH.signs.items()}
    words["is_right_to_left"] = translate.language.direction == "rtl"
    return replace(ENGLISH, **words)


def _say(translate: Translator, text: str) -> str:
    return translate(text, name="{name}")
