"""The coverage page's figures and tables: city, districts, ranked gaps, groups."""

from __future__ import annotations

import streamlit as st

from welcomemap.coverage.gap_result import AreaGap, DistrictGap, GapsResult
from welcomemap.coverage.headings import (
    head_gap_areas,
    head_people,
    head_reached,
    head_unreached,
)
from welcomemap.coverage.words import GROUP_LABELS, word_threshold
from welcomemap.pages import linked
from welcomemap.pages.choices import steps_of
from welcomemap.pages.figures import Figures, read_groups
from welcomemap.pages.html_table import Bar, Cell, Figure, show_figures, show_table
from welcomemap.pages.planning import Setting, label_choice
from welcomemap.travel.impedance import parse_threshold
from welcomemap.wording import UNKNOWN, Language, Text, format_interval, format_number, format_share

SHOWN_GAPS = 12


def show_key_figures(figures: Figures, language: Language) -> None:
    """Show the numbers of the whole city, each with how sure it is."""
    city, gaps = figures.city, figures.gaps
    without = [d for d in gaps.districts if d.is_located_unserved]
    unstated = [d for d in gaps.districts if d.is_stated_unserved]
    is_stated = any(d.stated is not None for d in gaps.districts)
    span = Text("Spanne", "interval").in_language(language)
    out_low, out_high = (
        (None, None)
        if city.interval is None
        else (city.total * (1 - city.interval[1]), city.total * (1 - city.interval[0]))
    )
    show_figures(
        [
            Figure(
                head_reached(city.group).in_language(language),
                format_share(city.share, language, city.interval),
                f"{span} {format_interval(city.interval, language)}",
            ),
            Figure(
                head_unreached(city.group).in_language(language),
                format_number(city.total - city.covered, language),
                f"{span} {format_number(out_low, language)} – {format_number(out_high, language)}",
            ),
            Figure(
                Text("Bezirke ohne Standort", "Districts without a site").in_language(language),
                format_number(len(without), language),
                ", ".join(str(d.district) for d in without),
            ),
            Figure(
                Text("Bezirke ohne Zuständigkeit", "Districts nobody is said to serve")
                .in_language(language),
                format_number(len(unstated), language) if is_stated else UNKNOWN[language],
                ", ".join(str(d.district) for d in unstated)
                if is_stated
                else Text("Die Liste sagt dazu nichts.", "The list says nothing about it.")
                .in_language(language),
            ),
        ]
    )  # fmt: skip


def show_districts(gaps: GapsResult, language: Language) -> None:
    """Show one row a district, in the three meanings of served."""
    heads = (
        Text("Bezirk", "District"), head_people(gaps.group),
        Text("Standorte im Bezirk", "Sites located"), Text("laut Liste zuständig", "Said to serve"),
        head_reached(gaps.group), Text("Anteil mit Spanne", "Share with interval"),
        Text("Hinweis", "Note"),
    )  # fmt: skip
    show_table(
        Text("Alle Bezirke in den drei Bedeutungen", "All districts in the three meanings")
        .in_language(language),
        [head.in_language(language) for head in heads],
        [_district_cells(gap, language) for gap in gaps.districts],
        numbers={1, 2, 3, 4},
    )  # fmt: skip


def _district_cells(gap: DistrictGap, language: Language) -> list[Cell]:
    stated = UNKNOWN[language] if gap.stated is None else str(len(gap.stated))
    low, high = gap.interval or (None, None)
    share = format_share(gap.share, language, gap.interval)
    return [
        str(gap.district),
        format_number(gap.people, language),
        str(len(gap.located)),
        stated,
        format_number(gap.covered, language),
        Bar(f"{share} ({format_interval(gap.interval, language)})", gap.share, low, high),
        " · ".join(_list_notes(gap, language)) or "–",
    ]


def _list_notes(gap: DistrictGap, language: Language) -> list[str]:
    notes = []
    if gap.is_located_unserved:
        notes.append(Text("kein Standort", "no site"))
    if gap.disputed:
        notes.append(Text("Quellen widersprechen sich", "sources disagree"))
    if gap.planned:
        notes.append(Text("Standort geplant", "site planned"))
    if gap.stated_elsewhere:
        notes.append(Text("zuständiger Standort liegt anderswo", "serving site lies elsewhere"))
    if gap.near_border:
        notes.append(Text("Standort nahe der Grenze", "site near the border"))
    return [note.in_language(language) for note in notes]


def show_ranked(gaps: GapsResult, language: Language) -> None:
    """Show the areas with the most people out of reach, largest first."""
    heads = (
        Text("Rang", "Rank"), Text("Gebiet", "Area"),
        head_unreached(gaps.group), Text("Spanne", "Interval"),
        Text("Warum", "Why"),
    )  # fmt: skip
    limit = word_threshold(gaps.threshold, language)
    show_table(
        head_gap_areas(gaps.group, limit).in_language(language),
        [head.in_language(language) for head in heads],
        [_ranked_cells(area, language) for area in gaps.areas[:SHOWN_GAPS]],
        numbers={0, 2, 3},
    )


def _ranked_cells(area: AreaGap, language: Language) -> list[Cell]:
    low, high = (format_number(bound, language) for bound in area.interval)
    return [
        str(area.rank),
        area.name or str(area.area),
        format_number(area.out_of_reach, language),
        f"{low} – {high}",
        area.reason.in_language(language),
    ]


def show_groups(setting: Setting, language: Language) -> None:
    """Show all groups within several thresholds side by side."""
    steps = steps_of(setting.mode)
    usual = [step for step in ("500m", "1000m", "15min", "30min") if step in steps]
    first = [step for step in usual if parse_threshold(step).unit == setting.threshold.unit]
    chosen = linked.choose_some(
        "thresholds", label_choice("thresholds", language),
        lambda step: word_threshold(parse_threshold(step), language), otherwise=first,
        placeholder=Text("Schwellen wählen", "Choose thresholds").in_language(language),
    )  # fmt: skip
    if not chosen:
        return
    thresholds = tuple(parse_threshold(step) for step in steps if step in chosen)
    result = read_groups(setting, thresholds)
    found = {(row.group, row.threshold): row for row in result.rows if row.area_kind == "city"}
    rows: list[list[Cell]] = []
    for group, words in GROUP_LABELS.items():
        cells: list[Cell] = [words.in_language(language)]
        cells.append(format_number(found[group, thresholds[0]].total, language))
        for threshold in thresholds:
            row = found[group, threshold]
            low, high = row.interval or (None, None)
            share = format_share(row.share, language, row.interval)
            text = f"{share} ({format_interval(row.interval, language)})"
            cells.append(Bar(text, row.share, low, high))
        rows.append(cells)
    heads = [
        Text("Gruppe", "Group").in_language(language),
        Text("Menschen", "People").in_language(language),
        *(word_threshold(threshold, language) for threshold in thresholds),
    ]
    caption = Text(
        "Anteil in Reichweite nach Gruppe und Schwelle, mit Spanne",
        "Share within reach by group and threshold, with interval",
    )
    show_table(caption.in_language(language), heads, rows, numbers={1})
    st.caption(
        Text(
            "Der Balken zeigt den Schätzwert, der schwarze Strich die Spanne (90 %).",
            "The bar shows the estimate, the black line its interval (90%).",
        ).in_language(language)
    )
