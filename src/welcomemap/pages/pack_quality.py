"""How good the data are: the map and the tables of the page of ``data check``, for planners."""

from __future__ import annotations

import streamlit as st

from welcomemap.cartography.page import render_html
from welcomemap.cartography.sheet import MapTable
from welcomemap.describe.pack_quality import state_quality, summarise_quality
from welcomemap.pages import own
from welcomemap.pages.map_view import show_map
from welcomemap.pages.widgets import escape_markdown, render_table
from welcomemap.quality.page import draw_quality
from welcomemap.region.pack import RegionPack
from welcomemap.region.verify import CheckResult, check_pack
from welcomemap.study.pack_quality import PackQuality, measure_quality
from welcomemap.wording import Language, say


def check_shared(pack: RegionPack) -> CheckResult:
    """Return the check of the pack, made once for all who work with it."""
    return own.answer("check", lambda: check_pack(pack), is_private=own.is_own())


def _measure() -> PackQuality:
    study = own.open_region_study()
    result = check_shared(study.pack)
    return own.answer("quality", lambda: measure_quality(study, result), is_private=own.is_own())


def show_quality(language: Language) -> None:
    """Show which answers can be trusted where, as a map and as tables, and offer them as a page."""
    with st.spinner(say("Checking …").in_language(language)):
        quality = _measure()
    finding = escape_markdown(state_quality(quality).in_language(language))
    st.header(finding, anchor=False)
    for remark in summarise_quality(quality):
        st.markdown(escape_markdown(remark.in_language(language)))
    if not quality.areas:
        return
    pack = own.open_region_study().pack
    drawn = draw_quality(quality, pack, own.open_own_basemap(), language)
    first, *others = drawn.sheet.tables
    st.html(_render(first))
    show_map(drawn, key="quality_map")
    for table in others:
        st.html(_render(table))
    st.download_button(
        say("Save as a page (HTML)").in_language(language), render_html(drawn).encode("utf-8"),
        "data-quality.html", "text/html", on_click="ignore",
    )  # fmt: skip


def _render(table: MapTable) -> str:
    rows = [cells for _, cells in table.rows]
    return render_table(table.caption, table.columns, rows, table.number_columns)
