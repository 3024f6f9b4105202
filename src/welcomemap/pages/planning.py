"""What the planners' pages share: scenario, mode, threshold and group, kept in the page's link."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import streamlit as st

from welcomemap.coverage.words import GROUP_LABELS, MODE_LABELS, word_threshold
from welcomemap.pages import linked
from welcomemap.pages.language import open_translator
from welcomemap.pages.own import open_own, open_own_study
from welcomemap.pages.session import run_script, set_page_language, speak
from welcomemap.tables import GROUPS
from welcomemap.travel.impedance import MODES, Mode, Threshold, parse_threshold
from welcomemap.wording import Language, Text

METRES = (300, 500, 700, 1000, 1500, 2000, 3000)
MINUTES = (5, 10, 15, 20, 30, 45, 60)
NAMES = ("scenario", "mode", "group", "threshold", "thresholds", "view", "since", "district",
         "candidates", "part")  # fmt: skip
"""Choices that stand in the address of planners' pages."""


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


def begin_page(title: Text) -> Language:
    """Begin a planners' page: its language, its width and its title."""
    language = planners_language(speak().language.code)
    set_page_language(open_translator(language))
    st.html(f"<style>{_read_style()}</style>")
    _mend_uploads(language)
    st.title(title.in_language(language), anchor=False)
    linked.take_address(NAMES)
    return language


def _mend_uploads(language: Language) -> None:
    words = {
        "choose": Text("Datei wählen", "Choose a file").in_language(language),
        "most": Text("höchstens {n} MB", "at most {n} MB").in_language(language),
    }
    run_script("planners.js", words)


@cache
def _read_style() -> str:
    return files(__package__).joinpath("planners.css").read_text("utf-8")


def steps_of(mode: Mode) -> tuple[str, ...]:
    """Return the thresholds to choose from: metres and minutes, for lines minutes only."""
    minutes = tuple(f"{number}min" for number in MINUTES)
    return minutes if mode == "transit" else (*(f"{number}m" for number in METRES), *minutes)


def choose_setting(language: Language) -> Setting:
    """Show the four choices, own lists among them; what is chosen stands in the page's address."""
    own_lists = tuple(open_own().lists)
    region = open_own_study().pack
    own = Text("eigene Liste", "own list").in_language(language)
    columns = st.columns([2, 2, 3])
    with columns[0]:
        scenario = linked.select(
            "scenario", Text("Verzeichnis der Standorte", "List of sites").in_language(language),
            [*region.scenarios, *own_lists], str(region.region["default_scenario"]),
            lambda name: f"{name} ({own})" if name in own_lists else name,
        )  # fmt: skip
    with columns[1]:
        mode: Mode = linked.select(
            "mode", Text("Verkehrsmittel", "Mode").in_language(language), MODES, "walk",
            lambda name: MODE_LABELS[name].in_language(language),
        )  # fmt: skip
    with columns[2]:
        group = linked.select(
            "group", Text("Gruppe", "Group").in_language(language), GROUPS, GROUPS[0],
            lambda name: GROUP_LABELS[name].in_language(language),
        )  # fmt: skip
    steps = steps_of(mode)
    threshold = linked.slide(
        "threshold", Text("In Reichweite heißt: höchstens", "Within reach means: at most")
        .in_language(language), steps, "30min" if mode == "transit" else "1000m",
        lambda text: word_threshold(parse_threshold(text), language),
    )  # fmt: skip
    return Setting(scenario, mode, parse_threshold(threshold), group)
