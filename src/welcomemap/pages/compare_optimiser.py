"""The optimiser: the best set of sites, and what is proven about it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from welcomemap.coverage.words import word_cost, word_group, word_the_group
from welcomemap.errors import WelcomemapError
from welcomemap.pages import linked, own
from welcomemap.pages.html_table import Cell, show_table
from welcomemap.pages.plain import escape_markdown
from welcomemap.pages.planning import Setting, label_choice
from welcomemap.study import SiteRequest
from welcomemap.study.own import OWN_CANDIDATES
from welcomemap.study.siting import SitingAnswer
from welcomemap.wording import UNKNOWN, Language, Text, format_number, format_share

TIME_LIMIT_S = 20.0
SHOWN_SETS = 5
MODELS: Mapping[str, Text] = MappingProxyType(
    {
        "mclp": Text("möglichst viele Menschen in Reichweite (MCLP)",
                     "as many people within reach as possible (MCLP)"),
        "p-median": Text("möglichst kurzer mittlerer Weg (Durchschnitt; p-Median)",
                         "the shortest mean way (average; p-median)"),
        "p-center": Text("möglichst kurzer längster Weg (p-Center)",
                         "the shortest longest way (p-center)"),
        "lscp": Text("alle in Reichweite mit möglichst wenigen Standorten (LSCP)",
                     "everybody within reach with as few sites as possible (LSCP)"),
        "p-dispersion": Text("möglichst weit voneinander entfernt (p-Dispersion)",
                             "as far apart as possible (p-dispersion)"),
    }
)  # fmt: skip
SOURCES: Mapping[str, Text] = MappingProxyType(
    {
        "list": Text("Kandidaten des Verzeichnisses", "candidates of the list"),
        OWN_CANDIDATES: Text("eigene Kandidaten", "own candidates"),
        "offices": Text("bestehende Beratungsstellen", "existing advice offices"),
        "stops": Text("alle Haltestellen (dauert länger)", "all stops (takes longer)"),
    }
)


def show_optimiser(setting: Setting, language: Language) -> None:
    """Offer the models and show the last answer with its proof."""
    st.header(
        Text("Die beste Auswahl berechnen", "Compute the best choice").in_language(language),
        anchor=False,
    )
    request = _choose_request(setting, language)
    if not linked.ask("best", label_choice("best", language)):
        return
    study = own.open_own_study()
    is_private = own.is_own(request.scenario) or request.candidates == OWN_CANDIDATES
    try:
        with st.spinner(
            Text("Wird berechnet, höchstens 20 Sekunden …", "Computing, at most 20 seconds …")
            .in_language(language)
        ):  # fmt: skip
            answer = own.answer(request, lambda: study.choose_sites(request), is_private=is_private)
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))
        return
    _show_answer(answer, language)


def _choose_request(setting: Setting, language: Language) -> SiteRequest:
    left, right = st.columns(2)
    with left:
        model = linked.select(
            "aim", label_choice("aim", language), lambda name: MODELS[name].in_language(language)
        )
        p = linked.count("sites", label_choice("sites", language))
    with right:
        source = linked.select(
            "source", label_choice("source", language),
            lambda name: SOURCES[name].in_language(language),
        )  # fmt: skip
        is_kept = linked.check("kept", label_choice("kept", language))
    return SiteRequest(
        model, None if model == "lscp" else p, setting.scenario, setting.threshold,
        setting.mode, setting.group, source, is_kept, time_limit_s=TIME_LIMIT_S,
    )  # fmt: skip


def _show_answer(answer: SitingAnswer, language: Language) -> None:
    for sentence in tell_proof(answer):
        st.markdown(escape_markdown(sentence.in_language(language)))
    result = answer.result
    if not result.optimal_sets:
        return
    rows: list[list[Cell]] = []
    for number, members in enumerate(result.optimal_sets[:SHOWN_SETS], start=1):
        rows.append([str(number), "; ".join(_name(answer, member) for member in members)])
    for other in result.runner_ups[:SHOWN_SETS]:
        second = Text("nächstbeste", "next best").in_language(language)
        rows.append([second, "; ".join(_name(answer, member) for member in other.members)])
    heads = [
        Text("Auswahl", "Choice").in_language(language),
        Text("Neue Standorte", "New sites").in_language(language),
    ]
    show_table(Text("Beste Auswahl", "Best choice").in_language(language), heads, rows)
    if answer.left_out:
        names = escape_markdown(", ".join(answer.left_out))
        st.caption(
            Text(f"Ohne bekannten Ort, darum nicht dabei: {names}",
                 f"Without a known place, therefore left out: {names}").in_language(language)
        )  # fmt: skip


def _name(answer: SitingAnswer, member: str) -> str:
    return str(answer.places.get(member, {}).get("name") or member)


def tell_proof(answer: SitingAnswer) -> list[Text]:
    """Say what the best choice is worth and what is proven about it."""
    result = answer.result
    if result.status == "infeasible":
        why = result.reason or Text(UNKNOWN["de"], UNKNOWN["en"])
        return [Text(f"Es gibt keine Lösung: {why.de}", f"There is no solution: {why.en}")]
    sentences = [_tell_worth(answer)]
    if result.status == "optimal":
        sentences.append(
            Text(
                "Bewiesen: Keine andere Auswahl ist besser; Zielwert und Schranke sind gleich.",
                "Proven: no other choice is better; objective and bound are equal.",
            )
        )
    else:
        gap = (format_share(result.gap, "de"), format_share(result.gap, "en"))
        sentences.append(
            Text(
                "Nicht bewiesen: Die Rechenzeit reichte nicht. Eine bessere Auswahl wäre höchstens "
                f"{gap[0]} besser.",
                f"Not proven: time ran out. A better choice would be at most {gap[1]} better.",
            )
        )
    count = format_number(result.n_optimal_sets, "de"), format_number(result.n_optimal_sets, "en")
    if result.n_optimal_sets > 1:
        least = ("genau", "exactly") if result.is_n_optimal_exact else ("mindestens", "at least")
        sentences.append(
            Text(f"Gleich gut sind {least[0]} {count[0]} Auswahlen; die Rechnung kann zwischen "
                 "ihnen nicht entscheiden.",
                 f"{least[1].capitalize()} {count[1]} choices are equally good; the calculation "
                 "cannot decide between them.")
        )  # fmt: skip
    elif result.is_n_optimal_exact:
        sentences.append(Text("Sie ist die einzige beste.", "It is the only best one."))
    if result.runner_up is not None and result.runner_up_loss_share is not None:
        loss = tuple(format_share(result.runner_up_loss_share, name) for name in ("de", "en"))
        second = Text(
            f"Die nächstbeste Auswahl ist um {loss[0]} schlechter.",
            f"The next best choice is worse by {loss[1]}.",
        )
        if len(result.runner_ups) > 1:
            second = Text(
                f"Die nächstbesten Auswahlen sind gleich gut und um {loss[0]} schlechter.",
                f"The next best choices are equally good and worse by {loss[1]}.",
            )
        sentences.append(second)
    return sentences


def _tell_worth(answer: SitingAnswer) -> Text:
    result, unit = answer.result, answer.request.threshold.unit
    group = word_group(answer.request.group)
    value = result.objective
    number = {name: format_number(value, name) for name in ("de", "en")}
    cost = {"de": word_cost(value, unit, "de"), "en": word_cost(value, unit, "en")}
    if result.model == "lscp":
        people = word_the_group(answer.request.group)
        return Text(f"Um alle {people.de} zu erreichen, braucht es {number['de']} Standorte.",
                    f"To reach all {people.en}, {number['en']} sites are needed.")  # fmt: skip
    if result.model == "mclp":
        return Text(f"Damit sind {number['de']} {group.de} in Reichweite.",
                    f"With it {number['en']} {group.en} are within reach.")  # fmt: skip
    if result.model == "p-center":
        return Text(f"Der längste Weg ist dann {cost['de']} ({group.de}).",
                    f"The longest way is then {cost['en']} ({group.en}).")  # fmt: skip
    if result.model == "p-dispersion":
        return Text(f"Der kleinste Abstand zweier Standorte ist dann {cost['de']}.",
                    f"The smallest distance of two sites is then {cost['en']}.")  # fmt: skip
    effort = ("Personenminuten", "person-minutes")
    if unit == "m":
        effort = ("Personenmeter", "person-metres")
    return Text(f"Alle Wege zusammen sind dann {number['de']} {effort[0]} ({group.de}).",
                f"All ways together are then {number['en']} {effort[1]} ({group.en}).")  # fmt: skip
