"""Anywhere: a map of how many more people a new site at each place would reach."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from welcomemap.coverage.headings import head_gained
from welcomemap.errors import WelcomemapError
from welcomemap.maps.candidates import draw_gain_surface
from welcomemap.maps.content import Frame
from welcomemap.maps.from_comparison import describe_best_places, describe_existing
from welcomemap.maps.from_coverage import describe_gain, outline_districts
from welcomemap.maps.from_study import describe_request
from welcomemap.maps.sources import credit_list
from welcomemap.pages import linked, own
from welcomemap.pages.html_table import Cell, show_table
from welcomemap.pages.map_view import show_map
from welcomemap.pages.plain import escape_markdown
from welcomemap.pages.planning import Setting, label_choice
from welcomemap.study import GapsRequest
from welcomemap.study.anywhere import AnywhereRequest, AnywhereResult, find_gain_anywhere
from welcomemap.wording import Language, Text, format_number

SHOWN_PLACES = 5


def show_anywhere(setting: Setting, language: Language) -> None:
    """Offer the gain of a new site anywhere; it is computed when asked for."""
    st.header(
        Text("Wo würde ein neuer Standort am meisten bringen?",
             "Where would a new site bring the most?").in_language(language),
        anchor=False,
    )  # fmt: skip
    request = AnywhereRequest(setting.scenario, setting.threshold, setting.mode, setting.group)
    if not linked.ask("anywhere", label_choice("anywhere", language)):
        return
    try:
        _draw(_find(request, language), language)
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))


def _find(request: AnywhereRequest, language: Language) -> AnywhereResult:
    study = own.open_own_study()
    bar = st.progress(0.0, Text("Wird berechnet …", "Computing …").in_language(language))
    found = own.answer(
        request,
        lambda: find_gain_anywhere(study, request, lambda share: _tell(bar, share)),
        is_private=own.is_own(request.scenario),
    )
    bar.empty()
    return found


def _tell(bar: DeltaGenerator, share: float) -> None:
    bar.progress(share)


def _draw(result: AnywhereResult, language: Language) -> None:
    study, request = own.open_own_study(), result.request
    pack = study.pack
    situation = study.read_situation(request.scenario, request.mode, request.threshold.unit)
    cells = [int(cell) for cell in result.best(SHOWN_PLACES)]
    gains = [float(result.gain[cell]) for cell in cells]
    best = describe_best_places(situation, request.group, gains, cells, language)
    rows: list[list[Cell]] = [
        [site.name, format_number(gain, language)] for site, gain in zip(best, gains, strict=True)
    ]
    gained = head_gained(request.group)
    heads = [
        Text("Stelle", "Place").in_language(language),
        gained.capitalised().in_language(language),
    ]
    show_table(
        Text("Die besten Stellen, jede für sich allein", "The best places, each alone")
        .in_language(language), heads, rows, numbers={1},
    )  # fmt: skip
    gaps = GapsRequest(request.scenario, request.threshold, request.mode, request.group)
    drawn = draw_gain_surface(
        describe_gain(pack, result.gain), best,
        describe_existing(pack, situation, study.load_scenario(request.scenario), language),
        frame=Frame(
            title=Text("Gewinn eines neuen Standorts an jeder Stelle",
                       "Gain of a new site at each place").in_language(language),
            subtitle=describe_request(pack, gaps, language),
            sources=credit_list(pack, request.scenario, language), crs=pack.crs,
        ),
        basemap=own.open_own_basemap(), gain_heading=gained.in_language(language),
        districts=outline_districts(pack, language),
        language=language,
    )  # fmt: skip
    show_map(drawn, key="anywhere_map")
    st.caption(
        Text(
            "Eine Rechnung ohne Blick auf Gebäude, Mieten und Grundstücke. Benachbarte Stellen "
            "erreichen fast dieselben Menschen; ihre Gewinne addieren sich nicht.",
            "A calculation that knows nothing of buildings, rents and plots. Neighbouring places "
            "reach almost the same people; their gains do not add up.",
        ).in_language(language)
    )
