"""Weights of the criteria as sliders; together they are one choice."""

from __future__ import annotations

import streamlit as st

from welcomemap.pages import linked
from welcomemap.pages.choices import read_weights, write_weights
from welcomemap.study.criteria import CRITERIA, name_criterion, usual_weights
from welcomemap.wording import Language, Text

NAME = "weights"


def choose_weights(group: str, language: Language) -> tuple[tuple[str, float], ...]:
    """Show one slider for each criterion and return the weights above 0.

    Where none were chosen they are the usual ones of the group.
    """
    chosen = read_weights(linked.read(NAME))
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
        for number, name in enumerate(CRITERIA):
            with columns[number % 2]:
                label = name_criterion(name, group).in_language(language)
                linked.weigh(label, _part(name), chosen[name], _take)
    weights = tuple((name, float(weight)) for name, weight in chosen.items() if weight)
    if weights:
        return weights
    st.info(
        Text("Alle Gewichte sind 0; darum zählen die üblichen Merkmale gleich.",
             "All weights are 0; so the usual criteria count equally.").in_language(language)
    )  # fmt: skip
    return usual_weights(group)


def _part(name: str) -> str:
    return f"weight_{name}"


def _take() -> None:
    linked.hold(NAME, write_weights({name: linked.shown(_part(name)) for name in CRITERIA}))
