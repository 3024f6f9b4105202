"""The comparison in words, as a ranking, side by side and as bars with the same numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from welcomemap.coverage.words import GROUP_LABELS, word_cost, word_the_group
from welcomemap.pages.html_table import Bar, Cell, show_table
from welcomemap.pages.plain import escape_markdown
from welcomemap.study.comparison import ComparisonAnswer
from welcomemap.study.criteria import name_criterion
from welcomemap.wording import UNKNOWN, Language, Text, format_metres, format_number, format_share

SHOWN_SIDE_BY_SIDE = 5
YES_NO = {True: Text("ja", "yes"), False: Text("nein", "no")}


def _flag(value: bool | None, language: Language) -> str:
    return UNKNOWN[language] if value is None else YES_NO[value].in_language(language)


def tell_verdict(answer: ComparisonAnswer, language: Language) -> None:
    """Say which candidate is best, or that the data cannot decide."""
    sentences = [sentence.in_language(language) for sentence in answer.comparison.sentences]
    said = escape_markdown(" ".join(sentences))
    (st.success if answer.comparison.is_decided else st.info)(said)
    if answer.left_out:
        names = escape_markdown(", ".join(answer.left_out))
        st.warning(
            Text(f"Ohne bekannten Ort und darum nicht verglichen: {names}",
                 f"Without a known place and therefore not compared: {names}")
            .in_language(language)
        )  # fmt: skip


def show_ranking(answer: ComparisonAnswer, language: Language) -> None:
    """Show rank, score, and how far the rank can be trusted."""
    comparison = answer.comparison
    ranking, p_best = comparison.ranking, comparison.p_best
    rows: list[list[Cell]] = []
    for k in np.argsort(ranking.rank, kind="stable"):
        low, high = float(ranking.low[k]), float(ranking.high[k])
        score = f"{format_number(100 * low, language)}"
        if round(100 * low) != round(100 * high):
            score += f" – {format_number(100 * high, language)}"
        first = float(ranking.first_share[k])
        best = None if p_best is None else float(p_best[k])
        rows.append(
            [
                str(int(ranking.rank[k])),
                comparison.candidates[k].name,
                Bar(score, low, low, high),
                Bar(format_share(first, language), first),
                Bar(format_share(best, language), best),
                _flag(bool(ranking.pareto[k]), language),
            ]
        )
    people = word_the_group(answer.request.group)
    heads = (
        Text("Rang", "Rank"), Text("Kandidat", "Candidate"),
        Text("Punkte von 100 mit diesen Gewichten", "Points of 100 with these weights"),
        Text("vorn bei zufälligen Gewichten", "First under random weights"),
        Text(f"gewinnt in den Ziehungen die meisten {people.de}",
             f"Gains the most {people.en} in the draws"),
        Text("von keinem übertroffen", "Surpassed by none"),
    )  # fmt: skip
    show_table(
        Text("Rangfolge und wie weit sie trägt", "Ranking and how far it can be trusted")
        .in_language(language),
        [head.in_language(language) for head in heads], rows, numbers={0},
    )  # fmt: skip
    st.caption(
        Text(
            "Unbekannte Werte machen aus den Punkten eine Spanne (schwarzer Strich). „Ziehungen“ "
            "sind 1.000 Rechnungen, in denen alles Unsichere zufällig ausfällt.",
            "Unknown values turn the points into an interval (black line). “Draws” are 1,000 "
            "calculations in which everything uncertain is left to chance.",
        ).in_language(language)
    )


def show_gains(answer: ComparisonAnswer, language: Language) -> None:
    """Show how many more people of each group each candidate reaches, with intervals, as bars."""
    chosen = _first(answer)
    largest = max((answer.gains.interval(k, 0)[1] for k in chosen), default=0.0) or 1.0
    rows: list[list[Cell]] = []
    for number, group in enumerate(answer.gains.groups):
        cells: list[Cell] = [GROUP_LABELS[group].in_language(language)]
        for k in chosen:
            low, high = answer.gains.interval(k, number)
            gain = answer.comparison.candidates[k].reach.gained[group]
            text = (
                f"{format_number(gain, language)} "
                f"({format_number(low, language)} – {format_number(high, language)})"
            )
            cells.append(Bar(text, gain / largest, low / largest, high / largest))
        rows.append(cells)
    heads = [Text("Gruppe", "Group").in_language(language), *_names(answer, chosen)]
    caption = Text(
        "Menschen zusätzlich in Reichweite, mit Spanne (90 %)",
        "More people within reach, with interval (90%)",
    )
    show_table(caption.in_language(language), heads, rows)


def show_side_by_side(answer: ComparisonAnswer, language: Language) -> None:
    """Show the candidates' other figures and facts, one column each."""
    chosen, unit = _first(answer), answer.request.threshold.unit
    candidates, stops = answer.comparison.candidates, answer.stops
    rows: list[list[Cell]] = []

    def add(label: Text, values: list[str]) -> None:
        rows.append([label.in_language(language), *values])

    add(
        Text("Adresse", "Address"),
        [answer.sites.facts[k].get("address") or UNKNOWN[language] for k in chosen],
    )
    add(
        Text("Ort bekannt als", "Place known as"),
        [_tell_place(answer, k, language) for k in chosen],
    )
    add(
        Text("liegt in Stadtbezirk", "lies in district"),
        [str(answer.places[k]["district"] or UNKNOWN[language]) for k in chosen],
    )
    add(
        Text("versorgt Bezirke ohne Standort", "serves districts without a site"),
        [_tell_served(answer, k, language) for k in chosen],
    )
    group = answer.request.group
    add(
        name_criterion("mean_cost", group),
        [word_cost(candidates[k].reach.mean_cost, unit, language) for k in chosen],
    )
    add(
        name_criterion("p90_cost", group),
        [word_cost(candidates[k].reach.p90_cost, unit, language) for k in chosen],
    )
    add(
        name_criterion("overlap_share", group),
        [format_share(candidates[k].reach.overlap_share, language) for k in chosen],
    )
    add(
        Text("nächste Haltestelle", "nearest stop"),
        [_tell_stop(answer, k, language) for k in chosen],
    )
    add(
        Text("bekannte Linien dort", "known lines there"),
        [
            ", ".join(stop.lines) if (stop := stops[k]) and stop.lines else UNKNOWN[language]
            for k in chosen
        ],
    )
    add(
        Text("Fläche", "Area"),
        [
            UNKNOWN[language]
            if (area := candidates[k].area_m2) is None
            else f"{format_number(area, language)} m²"
            for k in chosen
        ],
    )
    add(Text("Räume", "Rooms"), [format_number(candidates[k].rooms, language) for k in chosen])
    add(
        Text("stufenfrei", "step-free"),
        [_flag(candidates[k].is_step_free, language) for k in chosen],
    )
    add(Text("erfüllt den Raumbedarf", "meets the space needed"),
        [_flag(candidates[k].meets_requirements, language) for k in chosen])  # fmt: skip
    caption = Text("Nebeneinander", "Side by side").in_language(language)
    heads = [Text("Merkmal", "Property").in_language(language), *_names(answer, chosen)]
    show_table(caption, heads, rows)
    more = len(candidates) - len(chosen)
    if more > 0:
        st.caption(
            Text(f"{more} weitere stehen nur in der Rangfolge und im Export.",
                 f"{more} more are in the ranking and in the export only.").in_language(language)
        )  # fmt: skip


def _first(answer: ComparisonAnswer) -> list[int]:
    order = np.argsort(answer.comparison.ranking.rank, kind="stable")
    return [int(k) for k in order[:SHOWN_SIDE_BY_SIDE]]


def _names(answer: ComparisonAnswer, chosen: list[int]) -> list[str]:
    ranking = answer.comparison.ranking
    return [f"{int(ranking.rank[k])}. {answer.comparison.candidates[k].name}" for k in chosen]


def _tell_place(answer: ComparisonAnswer, k: int, language: Language) -> str:
    outcome = answer.comparison.candidates[k].location_outcome or UNKNOWN[language]
    radius = float(answer.sites.error_radius_m[k])
    return f"{outcome}, ± {format_metres(radius, language)}" if np.isfinite(radius) else outcome


def _tell_served(answer: ComparisonAnswer, k: int, language: Language) -> str:
    served = answer.comparison.candidates[k].districts_served
    reached = [str(number) for number, is_served in served.items() if is_served]
    none = Text("keinen", "none").in_language(language)
    return ", ".join(reached) or none


def _tell_stop(answer: ComparisonAnswer, k: int, language: Language) -> str:
    stop = answer.stops[k]
    if stop is None:
        return UNKNOWN[language]
    return f"{stop.name}, {format_metres(stop.distance_m, language)}"
