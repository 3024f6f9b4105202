"""Which pages there are, and the order they stand in."""

from __future__ import annotations

import streamlit as st

from welcomemap.pages import coverage, find
from welcomemap.pages.session import speak


def run() -> None:
    """Show the page that the visitor chose."""
    st.set_page_config(page_title="welcomemap", layout="centered")
    translate = speak()
    pages = {
        translate("For residents"): [
            st.Page(find.show, title=translate("Search"), url_path="find", default=True)
        ],
        translate("For planners"): [
            st.Page(coverage.show, title=translate("Coverage and gaps"), url_path="coverage")
        ],
    }
    st.navigation(pages, position="sidebar").run()
