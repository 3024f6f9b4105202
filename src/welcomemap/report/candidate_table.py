"""The table of candidates, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from welcomemap.coverage.words import GROUP_PARTS
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.table import OUTCOME_WORDS, RANGE, Column, Kind, PaperTable
from welcomemap.study.comparison import MEAN_WAY
from welcomemap.tables import GROUPS
from welcomemap.wording import Text

PLAN_WORDS = {
    "proposal": Text("Vorschlag", "proposal"),
    "chosen": Text("beschlossen", "decided"),
    "dropped": Text("verworfen", "dropped"),
}
GROUP_HEADINGS = {
    "residents": Text("mehr Menschen in Reichweite", "more people within reach"),
    **GROUP_PARTS,
}


def tabulate_candidates(study: PaperStudy) -> PaperTable:
    """Return the candidates side by side."""
    if study.comparison is None:
        return PaperTable("candidates", Text("", ""), (), ())
    is_metres = study.request.threshold.unit == "m"
    cost: Kind = "metres" if is_metres else "minutes"
    gains = tuple(
        Column(f"gained_{group}", GROUP_HEADINGS[group], "people", "F9") for group in GROUPS
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
        Column("mean_cost", MEAN_WAY, cost,
               "F12"),
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
    rows = [_candidate_row(row, k, answer["pareto"]) for k, row in enumerate(answer["candidates"])]
    title = Text("Mögliche Standorte im Vergleich", "Candidate sites side by side")
    return PaperTable("candidates", title, columns, tuple(rows))


def _candidate_row(row: Mapping[str, Any], number: int, pareto: Sequence[str]) -> dict[str, Any]:
    facts, stop, gained = row["facts"], row["stop"], row["gained"]
    low, high = row["gained_interval"][GROUPS[0]]
    outcome = row["location_outcome"] or ""
    return {
        **row,
        **{f"gained_{group}": gained[group] for group in GROUPS},
        "letter": letter_of(number),
        "gained_low": low,
        "gained_high": high,
        "purpose": facts.get("purpose"),
        "status_word": PLAN_WORDS.get(facts.get("status") or "", facts.get("status")),
        "note": facts.get("note"),
        "location": OUTCOME_WORDS.get(outcome, outcome),
        "stop": None if stop is None else stop["name"],
        "is_pareto": row["id"] in pareto,
    }


def letter_of(number: int) -> str:
    """Return A, B, … Z, A1, B1, … for the candidates in order."""
    turn, place = divmod(number, 26)
    return f"{chr(ord('A') + place)}{turn or ''}"
