"""Choices that stand in the page's link: every state of a planner's page can be sent and reopened.

A choice lives in three places: the widget, the page's address, and the session, which keeps it
while another page is shown. The widget wins when it was just moved; else the address wins when it
differs from what was last written there (back button, a pasted link); else the session. Nothing a
visitor types is ever kept this way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

Choice = TypeVar("Choice")
WRITTEN = "link_written"
SEPARATOR = ","


def take_address(names: Sequence[str]) -> None:
    """Note, once a run, whether the address was changed by the visitor and not by a widget."""
    written: dict[str, str] = st.session_state.setdefault(WRITTEN, {})
    moved = [name for name in names if _shown(name) not in (None, written.get(name))]
    st.session_state["link_is_followed"] = not moved


def follow(name: str, choices: Sequence[Choice], default: Choice) -> None:
    """Set the widget's value before it is made: from the address, the session or the default."""
    by_text = {str(choice): choice for choice in choices}
    written: dict[str, str] = st.session_state.setdefault(WRITTEN, {})
    asked = st.query_params.get(name)
    is_followed = st.session_state.get("link_is_followed", True)
    if is_followed and asked in by_text and asked != written.get(name):
        st.session_state[name] = by_text[asked]
    elif name not in st.session_state:
        st.session_state[name] = by_text.get(written.get(name, ""), default)
    elif st.session_state[name] not in by_text.values():
        st.session_state[name] = default


def write(name: str, text: str) -> None:
    """Put a value into the address and remember it; an empty value is taken out."""
    st.session_state.setdefault(WRITTEN, {})[name] = text
    if text and st.query_params.get(name) != text:
        st.query_params[name] = text
    elif not text and name in st.query_params:
        del st.query_params[name]


def put(name: str, value: str) -> None:
    """Choose a value for the next page that asks for it, without a visitor's click."""
    st.session_state.setdefault(WRITTEN, {})[name] = value
    st.session_state.pop(name, None)
    if name in st.query_params:
        st.query_params[name] = value


def select(
    name: str,
    label: str,
    choices: Sequence[Choice],
    default: Choice,
    words: Callable[[Choice], str],
    *,
    help_text: str | None = None,
) -> Choice:
    """Show a selection that stands in the address."""
    follow(name, choices, default)
    picked: Choice = st.selectbox(label, list(choices), format_func=words, key=name, help=help_text)
    write(name, str(picked))
    return picked


def choose_one(
    name: str,
    label: str,
    choices: Sequence[Choice],
    default: Choice,
    words: Callable[[Choice], str],
) -> Choice:
    """Show a row of options of which one is chosen; it stands in the address."""
    follow(name, choices, default)
    picked: Choice = st.radio(label, list(choices), format_func=words, key=name, horizontal=True)
    write(name, str(picked))
    return picked


def slide(
    name: str, label: str, steps: Sequence[str], default: str, words: Callable[[str], str]
) -> str:
    """Show a slider over named steps; it stands in the address."""
    follow(name, steps, default)
    picked: str = st.select_slider(label, list(steps), format_func=words, key=name)
    write(name, picked)
    return picked


def choose_some(
    name: str, label: str, choices: Sequence[str], default: Sequence[str],
    words: Callable[[str], str], *, placeholder: str,
) -> list[str]:  # fmt: skip
    """Show a selection of several; it stands in the address, separated by commas."""
    written: dict[str, str] = st.session_state.setdefault(WRITTEN, {})
    asked = st.query_params.get(name)
    is_followed = st.session_state.get("link_is_followed", True)
    if is_followed and asked is not None and asked != written.get(name):
        st.session_state[name] = _split(asked, choices)
    elif name not in st.session_state:
        told = written.get(name)
        st.session_state[name] = list(default) if told is None else _split(told, choices)
    else:
        st.session_state[name] = [one for one in st.session_state[name] if one in choices]
    picked: list[str] = st.multiselect(
        label, list(choices), format_func=words, key=name, placeholder=placeholder
    )
    write(name, SEPARATOR.join(picked))
    return picked


def _split(text: str, choices: Sequence[str]) -> list[str]:
    return [one for one in dict.fromkeys(text.split(SEPARATOR)) if one in choices]


def _shown(name: str) -> str | None:
    value = st.session_state.get(name)
    if value is None:
        return None
    return SEPARATOR.join(value) if isinstance(value, list) else str(value)
