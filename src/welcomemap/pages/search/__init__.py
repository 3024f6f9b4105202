"""One search field with suggestions while typing, usable by keyboard and screen reader.

It follows the combobox pattern of the ARIA Authoring Practices Guide (editable combobox with list
autocomplete, manual selection). What is typed travels only between browser and server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

MAX_QUERY_LENGTH = 200


@dataclass(frozen=True)
class SearchWords:
    """What the field says, in the visitor's language.

    ``found`` is said aloud with the number of suggestions in place of ``{n}``.
    """

    label: str
    hint: str
    button: str
    found: str
    none_found: str


@cache
def _renderer() -> ComponentRenderer:
    folder = files(__name__)
    return component(
        "welcomemap_search",
        html=folder.joinpath("search.html").read_text("utf-8"),
        css=folder.joinpath("search.css").read_text("utf-8"),
        js=folder.joinpath("search.js").read_text("utf-8"),
    )


@st.fragment
def search_field(
    words: SearchWords,
    suggest: Callable[[str], Sequence[str]],
    *,
    key: str,
    value: str = "",
    direction: str = "ltr",
    language: str = "de",
) -> None:
    """Show the field; what the visitor submits lies in ``st.session_state[f"{key}_submitted"]``.

    Typing reruns this fragment alone; submitting reruns the page.

    Parameters
    ----------
    suggest
        Gives suggestions for a beginning of an address, best first.
    value
        Text the field holds at first, and again whenever this changes.
    """
    typed = str((st.session_state.get(key) or {}).get("query") or "")[:MAX_QUERY_LENGTH]
    suggestions = list(suggest(typed)) if typed.strip() else []
    result = _renderer()(
        key=key,
        data={
            "label": words.label,
            "hint": words.hint,
            "button": words.button,
            "found": words.found,
            "none_found": words.none_found,
            "suggestions": suggestions,
            "for_query": typed,
            "value": value,
            "direction": direction,
            "language": language,
        },
        default={"query": ""},
        on_query_change=lambda: None,
        on_submitted_change=lambda: None,
    )
    submitted = result.submitted
    if isinstance(submitted, str) and submitted.strip():
        st.session_state[f"{key}_submitted"] = submitted.strip()[:MAX_QUERY_LENGTH]
        st.rerun(scope="app")
