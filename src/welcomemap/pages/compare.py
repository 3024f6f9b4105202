"""For planners: candidate sites side by side, ranked, and how sure the ranking is."""

from __future__ import annotations

import streamlit as st

from welcomemap.errors import WelcomemapError
from welcomemap.maps.candidates import draw_candidates
from welcomemap.maps.content import Frame, MapReach
from welcomemap.maps.from_comparison import (
    describe_candidate_reaches,
    describe_existing,
    describe_ranked,
)
from welcomemap.maps.from_coverage import outline_districts
from welcomemap.maps.from_study import describe_request
from welcomemap.maps.sources import credit_list
from welcomemap.pages import own
from welcomemap.pages.candidate_input import (
    add_candidates,
    add_click,
    choose_listed,
    tell_refused,
)
from welcomemap.pages.compare_anywhere import show_anywhere
from welcomemap.pages.compare_optimiser import show_optimiser
from welcomemap.pages.compare_tables import (
    show_gains,
    show_ranking,
    show_side_by_side,
    tell_verdict,
)
from welcomemap.pages.map_view import show_map
from welcomemap.pages.plain import escape_markdown
from welcomemap.pages.planning import Setting, begin_page, choose_setting
from welcomemap.pages.weights import choose_weights
from welcomemap.study import CompareRequest, GapsRequest
from welcomemap.study.comparison import ComparisonAnswer, weigh_again
from welcomemap.study.own import OWN_CANDIDATES
from welcomemap.wording import Language, Text


def show() -> None:
    """Show the page."""
    language = begin_page(Text("Standorte vergleichen", "Compare sites"))
    setting = choose_setting(language)
    study = own.open_own_study()
    listed = choose_listed(study, language)
    add_candidates(study, language)
    if not listed and own.open_own().candidates.empty:
        st.info(
            Text("Wählen Sie mindestens einen Kandidaten.", "Choose at least one candidate.")
            .in_language(language)
        )  # fmt: skip
    else:
        _show_comparison(setting, listed, language)
    show_anywhere(setting, language)
    show_optimiser(setting, language)


def read_comparison(setting: Setting, listed: tuple[str, ...]) -> ComparisonAnswer:
    """Return the comparison of listed and own candidates with equal weights.

    Raises
    ------
    WelcomemapError
        If the study has no answer.
    """
    study, mine = own.open_own_study(), own.open_own()
    has_own = not mine.candidates.empty
    request = CompareRequest(
        listed, OWN_CANDIDATES if has_own else None, setting.scenario, setting.threshold,
        setting.mode, group=setting.group,
    )  # fmt: skip
    return own.answer(
        request,
        lambda: study.compare_candidates(request),
        is_private=has_own or own.is_own(setting.scenario),
    )


def _show_comparison(setting: Setting, listed: tuple[str, ...], language: Language) -> None:
    verdict = st.container()
    weights = choose_weights(setting.group, language)
    try:
        with st.spinner(Text("Wird verglichen …", "Comparing …").in_language(language)):
            answer = weigh_again(read_comparison(setting, listed), weights)
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))
        return
    with verdict:
        tell_verdict(answer, language)
    show_ranking(answer, language)
    show_gains(answer, language)
    _show_map(answer, setting, language)
    show_side_by_side(answer, language)


def _show_map(answer: ComparisonAnswer, setting: Setting, language: Language) -> None:
    study = own.open_own_study()
    pack = study.pack
    situation = study.read_situation(setting.scenario, setting.mode, setting.threshold.unit)
    sites = describe_existing(pack, situation, study.load_scenario(setting.scenario), language)
    reaches: tuple[MapReach, ...] = ()
    if setting.mode != "transit":
        impedance = study.impedance(setting.mode, setting.threshold.unit)
        reaches = describe_candidate_reaches(answer, impedance)
    request = GapsRequest(setting.scenario, setting.threshold, setting.mode, setting.group)
    drawn = draw_candidates(
        describe_ranked(answer, language), sites,
        frame=Frame(
            title=answer.comparison.sentences[0].in_language(language),
            subtitle=describe_request(pack, request, language),
            sources=credit_list(pack, setting.scenario, language), crs=pack.crs,
        ),
        basemap=own.open_own_basemap(), reaches=reaches,
        districts=outline_districts(pack, language), language=language,
    )  # fmt: skip
    tell_refused(language)
    show_map(drawn, key="compare_map", on_place=lambda lat, lon: add_click(lat, lon, language))
