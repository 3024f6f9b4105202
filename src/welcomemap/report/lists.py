"""What a paper calls the lists it speaks of: a published one, or a planner's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from welcomemap.pack.scenario import list_replaced_layers
from welcomemap.report.request import PaperRequest, is_table_file
from welcomemap.wording import LANGUAGES, Language, Text

FUNCTION_WORDS: Mapping[Language, frozenset[str]] = {
    "de": frozenset(
        ["der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einer", "und",
         "oder", "nicht", "mit", "für", "von", "vom", "zum", "zur", "im", "am", "ist", "wird",
         "wurde", "sind", "auf", "aus", "bei", "nach", "seit", "über", "laut"]
    ),
    "en": frozenset(
        ["the", "a", "of", "and", "or", "not", "with", "for", "from", "to", "at", "on", "is",
         "are", "by", "as", "about", "since", "until", "only"]
    ),
}  # fmt: skip
"""Words that a sentence of the language can hardly do without; those of both are left out."""
LANGUAGE_NAMES = {"de": Text("deutsch", "German"), "en": Text("englisch", "English")}


def quote_data(text: str | None) -> Text | None:
    """Return a remark of the data as a quotation; one in another language says in which it is."""
    if not text:
        return None
    written = guess_language(text)
    said = {}
    for language in LANGUAGES:
        quoted = f"„{text}“" if language == "de" else f"“{text}”"
        if written is not None and written != language:
            in_words = LANGUAGE_NAMES[written].in_language(language)
            quoted += (
                f" ({in_words} in der Liste)" if language == "de" else f" ({in_words} in the list)"
            )
        said[language] = quoted
    return Text(said["de"], said["en"])


def guess_language(text: str) -> Language | None:
    """Return whether a remark is German or English by its little words, ``None`` if they differ."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    counted = {
        language: sum(word in known for word in words) for language, known in FUNCTION_WORDS.items()
    }
    if counted["de"] == counted["en"]:
        return None
    return "de" if counted["de"] > counted["en"] else "en"


def name_scenario(scenario: str) -> str:
    """Return what a scenario is called: its name, or its file's without folder and ending."""
    return Path(scenario).stem


def by_list(scenario: str) -> Text:
    """Return by which list something is so."""
    name = name_scenario(scenario)
    if is_table_file(scenario):
        return Text(f"nach der eigenen Liste „{name}“", f"by the planner's own list “{name}”")
    return Text(f"nach dem Verzeichnis {name}", f"by the list of {name}")


def of_list(scenario: str) -> Text:
    """Return of which list something is."""
    name = name_scenario(scenario)
    if is_table_file(scenario):
        return Text(f"der eigenen Liste „{name}“", f"of the planner's own list “{name}”")
    return Text(f"des Verzeichnisses {name}", f"of the list of {name}")


def head_list(scenario: str) -> Text:
    """Return a list's name for headings and subtitles."""
    if is_table_file(scenario):
        file = Path(scenario).name
        return Text(
            f"Eigene Liste {file}, kein amtliches Verzeichnis",
            f"The planner's own list {file}, not an official register",
        )
    return Text(f"Verzeichnis {scenario}", f"List of {scenario}")


def list_scenarios(request: PaperRequest) -> tuple[str, ...]:
    """Return the lists of sites that a paper speaks of."""
    return (request.scenario,) if request.compare is None else (request.scenario, request.compare)


def replace_layers(request: PaperRequest) -> dict[str, str]:
    """Return the layers of the pack in whose place a paper reads a planner's files, with these."""
    lists = list_scenarios(request)
    files = ", ".join(Path(name).name for name in lists)
    replaced = dict.fromkeys(list_replaced_layers(lists), files)
    if request.candidate_file is not None and not request.candidate_ids:
        replaced["candidate_sites"] = Path(request.candidate_file).name
    return replaced


def tell_own_files(request: PaperRequest) -> Text | None:
    """Say which of the lists are the planner's own; ``None`` where none is."""
    if not request.files:
        return None
    names = ", ".join(Path(name).name for name in request.files)
    return Text(
        f"Eigene Angaben, keine amtlichen: {names}",
        f"The planner's own data, not official: {names}",
    )
