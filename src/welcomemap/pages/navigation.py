"""Which pages there are, and the order they stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from welcomemap.pages import compare, coverage, export, find, layers, linked
from welcomemap.pages.planning import make_offer
from welcomemap.pages.session import look_at_pack, speak
from welcomemap.pages.widgets import escape_html
from welcomemap.wording import Translator

Groups = Mapping[str, Sequence[StreamlitPage]]


def run() -> None:
    """Show the page that the visitor chose."""
    st.set_page_config(page_title="welcomemap", layout="centered")
    look_at_pack()
    translate = speak()
    residents = st.Page(find.show, title=translate("Search"), url_path="find", default=True)
    groups = {
        translate("For residents"): [residents],
        translate("For planners"): [
            st.Page(coverage.show, title=translate("Coverage and gaps"), url_path="coverage"),
            st.Page(compare.show, title=translate("Compare sites"), url_path="compare"),
            st.Page(layers.show, title=translate("Data"), url_path="layers"),
            st.Page(export.show, title=translate("Export"), url_path="export"),
        ],
    }
    chosen = st.navigation(groups, position="hidden")
    if chosen == residents:
        chosen.run()
        with st.container(key="links"):
            _show_links(dict(list(groups.items())[1:]), translate)
        return
    linked.begin(chosen.url_path, make_offer)
    with st.sidebar:
        _show_links(groups, translate)
    chosen.run()


def _show_links(groups: Groups, translate: Translator) -> None:
    """Link the pages; the language and a planner's choices go along, nothing else does."""
    for heading, pages in groups.items():
        st.html(f'<p class="wm-links">{escape_html(heading)}</p>')
        for page in pages:
            choices = {} if page.url_path == "" else linked.held()
            st.page_link(page, query_params={"lang": translate.language.code, **choices})
