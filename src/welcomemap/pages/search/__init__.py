"""One search field with suggestions while typing, usable by keyboard and screen reader.

It follows the combobox pattern of the ARIA Authoring Practices Guide (editable combobox with list
autocomplete, manual selection). What is typed travels only between browser and server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

MAX_QUERY_LENGTH = 200


@dataclass(frozen=True)
class SearchWords:
    """What the field says, in the visitor's language.

    ``found`` is said aloud with the number of suggestions in place of ``{n}``; ``searching`` stands
    below the field until the answer is there, ``lost`` while the server cannot be reached.
    """

    label: str
    hint: str
    button: str
    found: str
    none_found: str
    searching: str
    lost: str


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

    Typing reruns this fragment alone; submitting reruns the page. The field sends a question until
    the server names its number as answered, and again when the server has forgotten it: a session
    ends two minutes after the connection, or with the server. While it waits, ``data-wm-waiting``
    stands at the page's root, and ``data-wm-lost`` while there is no connection.

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
            **asdict(words),
            "answered": st.session_state.get(f"{key}_answered", 0),
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
    text, number = _read_submission(result.submitted)
    if text and number != st.session_state.get(f"{key}_answered"):
        st.session_state[f"{key}_submitted"] = text
        st.session_state[f"{key}_answered"] = number
        st.rerun(scope="app")


def _read_submission(sent: object) -> tuple[str, int]:
    """Return what was asked and the number that the field gave it; ``""`` where nothing was."""
    text, number = (sent.get("text"), sent.get("number")) if isinstance(sent, dict) else ("", 0)
    if not isinstance(text, str) or not isinstance(number, int):
        return "", 0
    return text.strip()[:MAX_QUERY_LENGTH], number
