"""For planners: who is covered, who is not, how sure that is, and what has changed."""

from __future__ import annotations

import streamlit as st

from welcomemap.errors import WelcomemapError
from welcomemap.maps.content import MapStudy
from welcomemap.pages import linked
from welcomemap.pages.coverage_map import VIEWS, describe_setting, draw_changes, draw_view
from welcomemap.pages.coverage_sheet import show_sheet, take_picked
from welcomemap.pages.coverage_tables import (
    show_districts,
    show_groups,
    show_key_figures,
    show_ranked,
)
from welcomemap.pages.figures import Figures, prepare_next, read_changes, read_figures
from welcomemap.pages.map_view import show_map
from welcomemap.pages.plain import escape_markdown
from welcomemap.pages.planning import Setting, begin_page, choose_setting, label_choice, make_offer
from welcomemap.wording import Language, Text


def show() -> None:
    """Show the page."""
    language = begin_page(Text("Abdeckung und Lücken", "Coverage and gaps"))
    setting = choose_setting(language)
    try:
        with st.spinner(Text("Wird berechnet …", "Computing …").in_language(language)):
            figures = read_figures(setting)
            content = describe_setting(figures, language)
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))
        return
    st.header(escape_markdown(content.frame.title), anchor=False)
    show_key_figures(figures, language)
    for remark in content.frame.remarks[:-1]:
        st.warning(escape_markdown(remark))
    explain_meanings(language)
    _show_view(figures, content, language)
    show_sheet(figures, content, language)
    st.subheader(Text("Alle Bezirke", "All districts").in_language(language), anchor=False)
    show_districts(figures.gaps, language)
    st.subheader(Text("Die größten Lücken", "The largest gaps").in_language(language), anchor=False)
    show_ranked(figures.gaps, language)
    st.subheader(Text("Nach Gruppen", "By group").in_language(language), anchor=False)
    show_groups(setting, language)
    _show_changes(setting, content, language)
    for remark in content.frame.remarks[-1:]:
        st.caption(escape_markdown(remark))
    prepare_next(setting)


def explain_meanings(language: Language) -> None:
    """Explain the three meanings of unserved, where they are used."""
    title = Text("Was heißt „ohne Standort“? Drei Bedeutungen",
                 "What does “unserved” mean? Three meanings")  # fmt: skip
    with st.expander(title.in_language(language)):
        st.markdown(
            Text(
                "- **Standort**: Im Stadtbezirk liegt kein Standort.\n"
                "- **Zuständigkeit**: Von keinem Standort wird gesagt, dass er für den "
                "Stadtbezirk da ist. Sagt die Liste dazu nichts, steht „keine Angabe“.\n"
                "- **Reichweite**: Der Anteil der Menschen, die einen Standort innerhalb der "
                "Schwelle erreichen, auch über die Bezirksgrenze hinweg.",
                "- **Located**: no site lies in the district.\n"
                "- **Stated**: no site is said to serve the district; where the list says nothing, "
                "it reads “not known”.\n"
                "- **Within reach**: the share of people who reach a site within the threshold, "
                "across district borders too.",
            ).in_language(language)
        )


def _show_view(figures: Figures, content: MapStudy, language: Language) -> None:
    view = linked.choose_one(
        "view", label_choice("view", language), lambda name: VIEWS[name].in_language(language)
    )
    try:
        drawn = draw_view(view, figures, content, language)
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))
        return
    show_map(drawn, key="coverage_map", on_pick=take_picked)


def _show_changes(setting: Setting, content: MapStudy, language: Language) -> None:
    if len(make_offer().scenarios) < 2:
        return
    st.subheader(Text("Was sich geändert hat", "What has changed").in_language(language),
                 anchor=False)  # fmt: skip
    nothing = Text("nicht vergleichen", "do not compare").in_language(language)
    before = linked.select("since", label_choice("since", language), lambda name: name or nothing)
    if not before:
        return
    try:
        with st.spinner(Text("Wird verglichen …", "Comparing …").in_language(language)):
            result = read_changes(setting, before)
            drawn = draw_changes(setting, before, content, language)
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))
        return
    for sentence in result.sentences:
        st.markdown(f"- {escape_markdown(sentence.in_language(language))}")
    show_map(drawn, key="change_map")
