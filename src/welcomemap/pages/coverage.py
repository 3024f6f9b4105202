"""For planners: who is covered, who is not, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from welcomemap.coverage.coverage_table import CoverageResult
from welcomemap.coverage.gap_result import DistrictGap, GapsResult
from welcomemap.errors import WelcomemapError
from welcomemap.maps.from_study import describe_study
from welcomemap.maps.overview import draw_overview
from welcomemap.pages.map_view import open_basemap, show_map
from welcomemap.pages.plain import escape_markdown
from welcomemap.pages.planning import (
    GROUP_WORDS,
    Setting,
    choose_setting,
    planners_language,
)
from welcomemap.pages.session import open_study, speak
from welcomemap.study import CoverageRequest, DifferenceRequest, GapsRequest
from welcomemap.wording import UNKNOWN, Language, Text, format_number, format_share

LEVELS = ("district", "quarter")
SHOWN_GAPS = 12


@st.cache_data(show_spinner=False, max_entries=64)
def _find_gaps(folder: str, request: GapsRequest) -> GapsResult:
    _ = folder
    return open_study().find_gaps(request)


@st.cache_data(show_spinner=False, max_entries=64)
def _measure_coverage(folder: str, request: CoverageRequest) -> CoverageResult:
    _ = folder
    return open_study().measure_coverage(request)


def show() -> None:
    """Show the page."""
    language = planners_language(speak().language.code)
    st.title(Text("Abdeckung und Lücken", "Coverage and gaps").in_language(language), anchor=False)
    setting = choose_setting(language)
    study = open_study()
    folder = str(study.pack.folder)
    request = GapsRequest(setting.scenario, setting.threshold, setting.mode, setting.group)
    try:
        with st.spinner(Text("Wird berechnet …", "Computing …").in_language(language)):
            gaps = _find_gaps(folder, request)
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))
        return
    content = describe_study(study, request, gaps, language)
    st.header(escape_markdown(content.frame.title), anchor=False)
    for remark in content.frame.remarks:
        st.write(escape_markdown(remark))
    _explain_meanings(language)
    st.dataframe(
        pd.DataFrame([_district_row(gap, language) for gap in gaps.districts]),
        hide_index=True,
        width="stretch",
    )
    event = show_map(draw_overview(content, open_basemap(), language), key="coverage_map")
    _show_sheet(gaps, event.picked, language)
    _show_ranked(gaps, language)
    _show_groups(folder, setting, language)
    _show_changes(setting, language)


def _explain_meanings(language: Language) -> None:
    title = Text("Was heißt „ohne Welcome Point“?", "What does “unserved” mean?")
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


def _district_row(gap: DistrictGap, language: Language) -> Mapping[str, Any]:
    yes, no = Text("ja", "yes").in_language(language), Text("nein", "no").in_language(language)
    stated = UNKNOWN[language] if gap.stated is None else (yes if gap.stated else no)
    low, high = gap.interval or (None, None)
    return {
        Text("Bezirk", "District").in_language(language): gap.district,
        Text("Menschen", "People").in_language(language): format_number(gap.residents, language),
        Text("Standorte", "Located").in_language(language): len(gap.located),
        Text("zuständig", "Stated").in_language(language): stated,
        Text("erreichen einen", "Within reach").in_language(language): format_number(
            gap.covered, language
        ),
        Text("Anteil", "Share").in_language(language): format_share(
            gap.share, language, gap.interval
        ),
        Text("Spanne", "Interval").in_language(language): (
            f"{format_share(low, language, gap.interval)} – "
            f"{format_share(high, language, gap.interval)}"
        ),
        Text("strittig", "Disputed").in_language(language): yes if gap.disputed else no,
    }


def _show_sheet(gaps: GapsResult, picked: str | None, language: Language) -> None:
    by_key = {f"area:district-{gap.district}": gap for gap in gaps.districts}
    label = Text("Steckbrief eines Bezirks", "Sheet of a district").in_language(language)
    st.subheader(label, anchor=False)
    numbers = [gap.district for gap in gaps.districts]
    if picked in by_key:
        st.session_state["district_sheet"] = by_key[picked].district
    chosen = st.selectbox(
        Text("Stadtbezirk", "District").in_language(language), numbers, key="district_sheet"
    )
    gap = next(gap for gap in gaps.districts if gap.district == chosen)
    st.write(escape_markdown(gap.reason.in_language(language)))


def _show_ranked(gaps: GapsResult, language: Language) -> None:
    st.subheader(
        Text("Wo die meisten Menschen außer Reichweite leben",
             "Where most people live out of reach").in_language(language), anchor=False,
    )  # fmt: skip
    for area in gaps.areas[:SHOWN_GAPS]:
        st.markdown(f"{area.rank}. {escape_markdown(area.reason.in_language(language))}")


def _show_groups(folder: str, setting: Setting, language: Language) -> None:
    st.subheader(Text("Nach Gruppen", "By group").in_language(language), anchor=False)
    request = CoverageRequest(
        setting.scenario, (setting.threshold,), tuple(GROUP_WORDS), setting.mode
    )
    result = _measure_coverage(folder, request)
    rows = [
        {
            Text("Gruppe", "Group").in_language(language): GROUP_WORDS[row.group].in_language(
                language
            ),
            Text("Menschen", "People").in_language(language): format_number(row.total, language),
            Text("erreichen einen", "Within reach").in_language(language): format_number(
                row.covered, language
            ),
            Text("Anteil", "Share").in_language(language): format_share(
                row.share, language, row.interval
            ),
            Text("Spanne", "Interval").in_language(language): " – ".join(
                format_share(bound, language, row.interval) for bound in row.interval or ()
            ),
        }
        for row in result.rows
        if row.area_kind == "city"
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


def _show_changes(setting: Setting, language: Language) -> None:
    scenarios = [name for name in open_study().pack.scenarios if name != setting.scenario]
    if not scenarios:
        return
    st.subheader(Text("Was sich geändert hat", "What has changed").in_language(language),
                 anchor=False)  # fmt: skip
    before = st.selectbox(Text("gegenüber", "since").in_language(language), scenarios, key="since")
    request = DifferenceRequest(
        before, setting.scenario, (setting.threshold,), (setting.group,), setting.mode
    )
    for sentence in open_study().compare_scenarios(request).sentences:
        st.write(escape_markdown(sentence.in_language(language)))
