"""What the planners' pages share: scenario, mode, threshold and group, kept in the page's link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from welcomemap.errors import UsageError
from welcomemap.pages.session import open_region
from welcomemap.tables import GROUPS
from welcomemap.travel.impedance import MODES, Mode, Threshold, parse_threshold
from welcomemap.wording import Language, Text

Choice = TypeVar("Choice")
METRES = (300, 500, 700, 1000, 1500, 2000, 3000)
MINUTES = (5, 10, 15, 20, 30, 45, 60)
MODE_WORDS = {
    "walk": Text("zu Fuß", "on foot"),
    "cycle": Text("mit dem Fahrrad", "by bicycle"),
    "transit": Text("mit Bus und Bahn (geschätzt)", "by bus and train (estimated)"),
}
GROUP_WORDS = {
    "residents": Text("alle Einwohnerinnen und Einwohner", "all residents"),
    "migration_background": Text("Menschen mit Migrationshintergrund",
                                 "people with migration background"),
    "foreign_citizens": Text("Menschen mit ausländischer Staatsangehörigkeit", "foreign citizens"),
    "under_18": Text("unter 18 Jahren", "under 18"),
    "over_65": Text("65 Jahre und älter", "65 and over"),
}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What a planner has set."""

    scenario: str
    mode: Mode
    threshold: Threshold
    group: str


def planners_language(code: str) -> Language:
    """Return the planners' language: German for the German ones, English for all others."""
    return "de" if code in ("de", "leicht") else "en"


def choose_setting(language: Language, scenarios: Sequence[str] = ()) -> Setting:
    """Show the four choices; what is chosen stands in the page's address.

    Parameters
    ----------
    scenarios
        Further scenarios beside the published ones, such as the planner's own uploads.
    """
    region = open_region()
    known = [*region.scenarios, *scenarios]
    left, right = st.columns(2)
    with left:
        scenario = _select(
            "scenario", Text("Verzeichnis", "List of sites"), known,
            str(region.region["default_scenario"]), str, language,
        )  # fmt: skip
        mode: Mode = _select(
            "mode", Text("Verkehrsmittel", "Mode"), MODES, "walk",
            lambda m: MODE_WORDS[m].in_language(language), language,
        )  # fmt: skip
    with right:
        group = _select(
            "group", Text("Gruppe", "Group"), GROUPS, GROUPS[0],
            lambda g: GROUP_WORDS[g].in_language(language), language,
        )  # fmt: skip
        threshold = _choose_threshold(mode, language)
    return Setting(scenario, mode, threshold, group)


def _choose_threshold(mode: Mode, language: Language) -> Threshold:
    steps = [f"{m}min" for m in MINUTES]
    if mode != "transit":
        steps = [f"{m}m" for m in METRES] + steps
    asked = str(st.query_params.get("threshold") or "")
    default = "1000m" if mode != "transit" else "30min"
    chosen = asked if asked in steps else default
    if st.session_state.get("threshold") not in (None, *steps):
        del st.session_state["threshold"]
    picked = st.select_slider(
        Text("Schwelle", "Threshold").in_language(language),
        steps,
        value=chosen,
        format_func=lambda text: _word_threshold(text, language),
        key="threshold",
    )
    st.query_params["threshold"] = picked
    try:
        return parse_threshold(picked)
    except UsageError:
        return parse_threshold(default)


def _word_threshold(text: str, language: Language) -> str:
    threshold = parse_threshold(text)
    number = f"{threshold.value:,.0f}"
    shown = number.replace(",", ".") if language == "de" else number
    return f"{shown}\N{NO-BREAK SPACE}{threshold.unit}"


def _select(
    name: str,
    label: Text,
    choices: Sequence[Choice],
    default: Choice,
    words: Callable[[Choice], str],
    language: Language,
) -> Choice:
    """Show a selection whose value stands in the page's address under ``name``."""
    asked = st.query_params.get(name)
    by_text = {str(choice): choice for choice in choices}
    first = by_text.get(str(asked), default)
    if st.session_state.get(name) not in (None, *choices):
        del st.session_state[name]
    picked: Choice = st.selectbox(
        label.in_language(language),
        list(choices),
        index=list(choices).index(first),
        format_func=words,
        key=name,
    )
    st.query_params[name] = str(picked)
    return picked
