"""The language switch: one button a language, each in its own words."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from welcomemap.wording import PAGE_LANGUAGES, Translator

KEY = "language_switch"


@cache
def _renderer() -> ComponentRenderer:
    folder = files(__name__)
    return component(
        "welcomemap_language_switch",
        html='<nav><ul class="languages"></ul></nav>',
        css=folder.joinpath("switch.css").read_text("utf-8"),
        js=folder.joinpath("switch.js").read_text("utf-8"),
    )


def switch_language(translate: Translator) -> None:
    """Show the switch; choosing a language puts it into the page's address, then the page runs."""
    languages = [
        {
            "code": language.code,
            "tag": language.tag,
            "name": language.name,
            "direction": language.direction,
        }
        for language in PAGE_LANGUAGES.values()
    ]
    _renderer()(
        key=KEY,
        data={
            "label": translate("Language"),
            "current": translate.language.code,
            "direction": translate.language.direction,
            "languages": languages,
        },
        on_chosen_change=_choose,
    )


def _choose() -> None:
    """Put the language into the address before the page runs, so that its first word has it."""
    chosen = (st.session_state.get(KEY) or {}).get("chosen")
    if chosen in PAGE_LANGUAGES:
        st.query_params["lang"] = str(chosen)
