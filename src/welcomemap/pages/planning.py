"""What the planners' pages share: scenario, mode, threshold and group, and how a page begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import streamlit as st

from welcomemap.describe.words import GROUP_LABELS, MODE_LABELS, word_threshold
from welcomemap.errors import WelcomemapError
from welcomemap.pages import linked
from welcomemap.pages.choices import LABELS, Offer, Replaced, split
from welcomemap.pages.own import open_own, open_region_study
from welcomemap.pages.session import read_asset, run_script, set_page_language, speak
from welcomemap.pages.widgets import escape_markdown
from welcomemap.region.areas import divide_districts
from welcomemap.travel.impedance import Mode, Threshold, parse_threshold
from welcomemap.wording import Language, Phrase, Verbatim, join_phrases, open_translator, say

MAX_SHOWN = 60


@dataclass(frozen=True)
class Setting:
    """What a planner has set."""

    scenario: str
    mode: Mode
    threshold: Threshold
    group: str


LAYERS_OF = {"facilities": "facilities", "offices": "advice_offices", "stops": "stops"}
"""The layer that each source of the optimiser's candidates is."""


def planners_language(code: str) -> Language:
    """Return the planners' language: German for the German ones, English for all others."""
    return "de" if code in ("de", "leicht") else "en"


def make_offer() -> Offer:
    """Return what there is to choose from: of the region, and what this visitor brought along."""
    own, pack = open_own(), open_region_study().pack
    has_list = pack.has_layer("candidate_sites")
    return Offer(
        scenarios=(*pack.scenarios, *own.lists),
        default_scenario=pack.default_scenario,
        candidates=tuple(str(key) for key in pack.candidate_sites["id"]) if has_list else (),
        districts=tuple(str(number) for number in pack.districts["district"]),
        has_own_candidates=not own.candidates.empty,
        groups=pack.groups,
        sources=tuple(name for name, layer in LAYERS_OF.items() if pack.has_layer(layer)),
        has_quarters=divide_districts(pack.quarters["quarter"], pack.districts["district"]),
    )


def begin_page(title: Phrase) -> Language:
    """Begin a planners' page: its language, its width, its title, and what was not possible."""
    language = planners_language(speak().language.code)
    set_page_language(open_translator(language))
    st.html(f"<style>{read_asset('planners.css')}</style>")
    _mend_uploads(language)
    st.title(title.in_language(language), anchor=False)
    for replaced in linked.pop_replaced():
        st.warning(escape_markdown(tell_replaced(replaced).in_language(language)))
    return language


def tell_replaced(replaced: Replaced) -> Phrase:
    """Say that a value from a link, a file or an earlier choice is not possible, and what holds."""
    label = LABELS[replaced.name]

    def word(text: str) -> Phrase:
        if replaced.name in ("threshold", "thresholds"):
            return join_phrases(*(_word_step(step) for step in split(text)), joint=", ")
        return Verbatim(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…")

    return say(
        "“{label}”: “{word}” is not possible here. What holds is {used}.",
        label=label,
        word=word(replaced.given),
        used=word(replaced.used) if replaced.used else say("the default"),
    )


def _word_step(step: str) -> Phrase:
    try:
        return word_threshold(parse_threshold(step))
    except WelcomemapError:
        return Verbatim(step[:MAX_SHOWN])


def _mend_uploads(language: Language) -> None:
    words = {
        "choose": say("Choose a file").in_language(language),
        "most": say("at most {{n}} MB").in_language(language),
    }
    run_script("planners.js", words)


def label_choice(name: str, language: Language) -> str:
    """Return what a choice is called."""
    return LABELS[name].in_language(language)


def choose_setting(language: Language) -> Setting:
    """Show the four choices, own lists among them."""
    own_lists = tuple(open_own().lists)
    own = say("own list").in_language(language)
    columns = st.columns([2, 2, 3])
    with columns[0]:
        scenario = linked.select(
            "scenario", label_choice("scenario", language),
            lambda name: f"{name} ({own})" if name in own_lists else name,
        )  # fmt: skip
    with columns[1]:
        mode = linked.select(
            "mode", label_choice("mode", language),
            lambda name: MODE_LABELS[cast("Mode", name)].in_language(language),
        )  # fmt: skip
    with columns[2]:
        group = linked.select(
            "group", label_choice("group", language),
            lambda name: GROUP_LABELS[name].in_language(language),
        )  # fmt: skip
    threshold = linked.slide(
        "threshold", label_choice("threshold", language),
        lambda text: word_threshold(parse_threshold(text)).in_language(language),
    )  # fmt: skip
    return Setting(scenario, cast("Mode", mode), parse_threshold(threshold), group)
