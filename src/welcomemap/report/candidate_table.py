"""The table of candidates, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from welcomemap.coverage.headings import ALL_RESIDENTS, add_counted
from welcomemap.coverage.words import GROUP_PARTS, word_group
from welcomemap.report.lists import quote_data
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.table import RANGE, Column, Kind, PaperTable, word_place
from welcomemap.study.candidate_words import STATUS_WORDS
from welcomemap.study.criteria import word_mean_way
from welcomemap.tables import GROUPS
from welcomemap.wording import Text


def tabulate_candidates(study: PaperStudy) -> PaperTable:
    """Return the candidates side by side."""
    if study.comparison is None:
        return PaperTable("candidates", Text("", ""), (), ())
    is_metres = study.request.threshold.unit == "m"
    cost: Kind = "metres" if is_metres else "minutes"
    group = study.group
    gains = tuple(
        Column(f"gained_{one}", _head_gain(one, group), "people", "F9", is_named=True)
        for one in (group, *(one for one in GROUPS if one != group))
    )
    columns = (
        Column("letter", Text("Auf der Karte", "On the map")),
        Column("name", Text("Name", "Name")),
        Column("id", Text("Kennung", "Id"), is_printed=False),
        Column("purpose", Text("Zweck", "Purpose")),
        Column("status_word", Text("Stand des Vorhabens", "State of the plan")),
        Column("note", Text("Vermerk der Liste", "Note in the list")),
        Column("district", Text(f"liegt in {study.words.district.de}",
                                f"lies in {study.words.district.en}"), "number"),
        Column("location", Text("Ort bekannt als", "Place known as")),
        Column("rank", Text("Rang bei gleichen Gewichten", "Rank with equal weights"), "number",
               "F11"),
        gains[0],
        Column("gained_interval", RANGE, "people", "F5", low="gained_low", high="gained_high"),
        *gains[1:],
        Column("overlap_share", Text("Überschneidung mit Bestehendem",
                                     "Overlap with present sites"), "share", "F9"),
        Column("mean_cost", word_mean_way(group), cost, "F12"),
        Column("p90_cost", Text("90 % haben höchstens diesen Weg", "90% have at most this way"),
               cost, "F12"),
        Column("stop", Text("nächste Haltestelle", "nearest stop"), "text", "F12"),
        Column("stop_distance_m", Text("Weg zur Haltestelle", "way to the stop"), "metres", "F12"),
        Column("n_lines", Text("bekannte Linien dort", "known lines there"), "number", "F12"),
        Column("area_m2", Text("Fläche", "Floor area"), "square_metres"),
        Column("rooms", Text("Räume", "Rooms"), "number"),
        Column("p_best", Text("gewinnt in den Ziehungen", "wins in the draws"), "share", "F11"),
        Column("is_pareto", Text("von keinem in allem übertroffen", "beaten in all by none"),
               "flag", "F11"),
    )  # fmt: skip
    answer = study.comparison.to_json()
    rows = [
        _candidate_row(row, k, group, answer["pareto"])
        for k, row in enumerate(answer["candidates"])
    ]
    title = Text("Mögliche Standorte im Vergleich", "Candidate sites side by side")
    return PaperTable("candidates", add_counted(title, group), columns, tuple(rows), group=group)


def _head_gain(group: str, asked: str) -> Text:
    """Head a gain: that of the group asked for, of everybody, and of parts of everybody."""
    if group == asked or group not in GROUP_PARTS:
        people = word_group(group) if group == asked else ALL_RESIDENTS
        return Text(f"mehr {people.de} in Reichweite", f"more {people.en} within reach")
    return GROUP_PARTS[group]


def _candidate_row(
    row: Mapping[str, Any], number: int, group: str, pareto: Sequence[str]
) -> dict[str, Any]:
    facts, stop, gained = row["facts"], row["stop"], row["gained"]
    low, high = row["gained_interval"][group]
    outcome = row["location_outcome"] or ""
    return {
        **row,
        **{f"gained_{one}": gained[one] for one in GROUPS},
        "letter": letter_of(number),
        "gained_low": low,
        "gained_high": high,
        "purpose": facts.get("purpose"),
        "status_word": STATUS_WORDS.get(facts.get("status") or "", facts.get("status")),
        "note": quote_data(facts.get("note")),
        "location": word_place(outcome, {note["kind"] for note in row["place_notes"]}),
        "stop": None if stop is None else stop["name"],
        "is_pareto": row["id"] in pareto,
    }


def letter_of(number: int) -> str:
    """Return A, B, … Z, A1, B1, … for the candidates in order."""
    turn, place = divmod(number, 26)
    return f"{chr(ord('A') + place)}{turn or ''}"
