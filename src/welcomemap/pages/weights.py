"""Weights of the criteria as sliders; they stand in the page's address in one piece."""

from __future__ import annotations

import streamlit as st

from welcomemap.pages import linked
from welcomemap.study.comparison import CRITERIA, DEFAULT_WEIGHTS
from welcomemap.wording import Language, Text

NAME = "weights"
LARGEST = 5
SIGN = "."


def choose_weights(language: Language) -> tuple[tuple[str, float], ...]:
    """Show one slider for each criterion and return the weights above 0."""
    _follow_address()
    title = Text("Was zählt wie viel? Gewichte ändern", "What counts how much? Change the weights")
    with st.expander(title.in_language(language)):
        st.caption(
            Text(
                "0 heißt: zählt nicht. Nur das Verhältnis zueinander zählt. Gleiche Gewichte sind "
                "keine Empfehlung; das Gewicht ist eine Entscheidung von Menschen.",
                "0 means: does not count. Only the proportions matter. Equal weights are no "
                "advice; weighing is for people to decide.",
            ).in_language(language)
        )
        columns = st.columns(2)
        for number, (name, (words, _)) in enumerate(CRITERIA.items()):
            with columns[number % 2]:
                st.slider(words.in_language(language), 0, LARGEST, key=_key(name))
    chosen = {name: int(st.session_state[_key(name)]) for name in CRITERIA}
    linked.write(NAME, "" if chosen == _default() else _to_text(chosen))
    st.session_state["kept_weights"] = chosen
    weights = tuple((name, float(weight)) for name, weight in chosen.items() if weight)
    if weights:
        return weights
    st.info(
        Text("Alle Gewichte sind 0; darum zählen die üblichen vier gleich.",
             "All weights are 0; so the usual four count equally.").in_language(language)
    )  # fmt: skip
    return DEFAULT_WEIGHTS


def _key(name: str) -> str:
    return f"weight_{name}"


def _default() -> dict[str, int]:
    usual = dict(DEFAULT_WEIGHTS)
    return {name: int(usual.get(name, 0)) for name in CRITERIA}


def _follow_address() -> None:
    asked = st.query_params.get(NAME)
    written = st.session_state.get(linked.WRITTEN, {}).get(NAME)
    kept = st.session_state.get("kept_weights", _default())
    is_touched = any(st.session_state.get(_key(name), kept[name]) != kept[name] for name in kept)
    if asked is not None and asked != written and not is_touched:
        kept = read_weights(asked)
        for name in CRITERIA:
            st.session_state[_key(name)] = kept[name]
    for name in CRITERIA:
        st.session_state.setdefault(_key(name), kept[name])


def _to_text(weights: dict[str, int]) -> str:
    return linked.SEPARATOR.join(
        f"{name}{SIGN}{weight}" for name, weight in weights.items() if weight
    )


def read_weights(text: str) -> dict[str, int]:
    """Read weights from an address, such as ``residents.2,mean_cost.1``; others are 0."""
    found = dict.fromkeys(CRITERIA, 0)
    for part in text[:500].split(linked.SEPARATOR):
        name, _, number = part.partition(SIGN)
        if name in found and number.isdecimal() and len(number) == 1:
            found[name] = min(int(number), LARGEST)
    return found if any(found.values()) else _default()
