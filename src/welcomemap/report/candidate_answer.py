"""What the candidates would change, in one or two sentences of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from welcomemap.coverage.nouns import name_areas
from welcomemap.coverage.words import word_draws, word_estimate, word_group, word_the_group
from welcomemap.report.paper_study import PaperStudy
from welcomemap.wording import Text, list_words

LEAST_PEOPLE = 0.5
"""Gains that differ by less than half a person are one gain."""


def tell_candidates(study: PaperStudy, unserved: Sequence[int]) -> Text | None:
    """Return which candidate brings the most people and who stays without even so.

    ``None`` where none is compared. ``unserved`` are the districts that the title names.
    """
    if study.comparison is None:
        return None
    rows = study.comparison.to_json()["candidates"]
    group = study.group
    most = max(row["gained"][group] for row in rows)
    best = [row for row in rows if most - row["gained"][group] < LEAST_PEOPLE]
    if most < LEAST_PEOPLE:
        first = _tell_none(rows, group)
    elif len(best) > 1:
        first = _tell_level(best, rows, group)
    else:
        first = _tell_first(best[0], rows, group)
    remaining = _tell_remaining(study, best if most >= LEAST_PEOPLE else rows, unserved)
    return Text(f"{first.de}.{remaining.de}", f"{first.en}.{remaining.en}")


def _tell_none(rows: Sequence[dict[str, Any]], group: str) -> Text:
    people = word_group(group)
    if len(rows) > 1:
        return Text(
            f"Keiner der verglichenen Standorte brächte mehr {people.de} in Reichweite",
            f"None of the candidate sites would bring more {people.en} within reach",
        )
    name, the = rows[0]["name"], word_the_group(group)
    return Text(
        f"„{name}“ brächte keine zusätzlichen {the.de} in Reichweite",
        f"“{name}” would bring no more {people.en} within reach",
    )


def _tell_first(best: dict[str, Any], rows: Sequence[dict[str, Any]], group: str) -> Text:
    count = len(rows)
    near, name = word_estimate(best["gained"][group]), best["name"]
    sure, people, the = (
        _word_people(best["gained_interval"][group]), word_group(group), word_the_group(group),
    )  # fmt: skip
    if count == 1:
        return Text(
            f"Der eine mögliche Standort, „{name}“, brächte {near.de} {people.de} zusätzlich in "
            f"Reichweite{sure.de}",
            f"The one candidate site, “{name}”, would bring {near.en} more {people.en} within "
            f"reach{sure.en}",
        )
    wins = _tell_wins(best, rows)
    return Text(
        f"Von {count} verglichenen Standorten brächte „{name}“ die meisten {the.de} zusätzlich "
        f"in Reichweite: {near.de}{sure.de}{wins.de}",
        f"Of {count} candidate sites “{name}” would bring the most {people.en} within reach: "
        f"{near.en}{sure.en}{wins.en}",
    )


def _tell_level(best: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], group: str) -> Text:
    count = len(rows)
    near, people = word_estimate(best[0]["gained"][group]), word_group(group)
    apart = _tell_apart(best, rows)
    de = list_words([f"„{row['name']}“" for row in best], "de")
    en = list_words([f"“{row['name']}”" for row in best], "en")
    return Text(
        f"Von {count} verglichenen Standorten brächten {de} gleich viele {people.de} zusätzlich in "
        f"Reichweite, jeder für sich {near.de}; {apart.de}",
        f"Of {count} candidate sites {en} would each bring the same number of {people.en} within "
        f"reach, {near.en}; {apart.en}",
    )


def _tell_wins(best: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Text:
    """Say how often the first gains the most, and of another that does so in more draws."""
    if best["p_best"] is None:
        return Text("", "")
    draws = word_draws(best["p_best"])
    wins = Text(f"; {draws.de} sind es bei ihm die meisten", f"; {draws.en} it gains the most")
    rival = max(rows, key=lambda row: row["p_best"])
    if rival["p_best"] <= best["p_best"]:
        return wins
    more, name = word_draws(rival["p_best"]), rival["name"]
    return Text(
        f"{wins.de}, {more.de} aber bei „{name}“",
        f"{wins.en}, but {more.en} “{name}” does",
    )


def _tell_apart(best: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> Text:
    """Say of sites that the estimate has level whether the draws tell them apart, or another."""
    first = max((*best, *rows), key=lambda row: row["p_best"] or 0.0)
    if first in best and len({row["p_best"] for row in best}) == 1:
        return Text("die Daten können sie nicht unterscheiden", "the data cannot tell them apart")
    draws = word_draws(first["p_best"])
    return Text(
        f"die Schätzung unterscheidet sie nicht, {draws.de} gewinnt aber „{first['name']}“ die "
        "meisten",
        f"the estimate does not tell them apart, but {draws.en} “{first['name']}” gains the most",
    )


def _word_people(interval: Sequence[float]) -> Text:
    low, high = (word_estimate(bound) for bound in interval)
    if low == high:
        return Text("", "")
    return Text(f" (Spanne {low.de} bis {high.de})", f" (interval {low.en} to {high.en})")


def _tell_remaining(
    study: PaperStudy, best: Sequence[dict[str, Any]], unserved: Sequence[int]
) -> Text:
    """Say which districts stay without a site even so: the title names them, one site is few."""
    if not unserved:
        return Text("", "")
    closed = {row["district"] for row in best}
    kind = study.words.service_point
    if len(closed) == 1 and not set(unserved) - closed:
        one, every = kind.a("nominative"), study.words.district.every("dative")
        return Text(
            f" Dann läge in {every.de} {one.de}.", f" Then {one.en} would lie in {every.en}."
        )
    stays = [number for number in unserved if len(closed) > 1 or number not in closed]
    stays = [number for number in stays if number not in closed] or stays
    where, none = name_areas(study.words.district, stays), kind.no("nominative")
    if set(stays) <= closed:
        return Text(
            f" In {where.de} läge je nach Standort weiterhin {none.de}.",
            f" Depending on the site, {none.en} would lie in {where.en} still.",
        )
    return Text(
        f" In {where.de} läge auch dann {none.de}.",
        f" Even then {none.en} would lie in {where.en}.",
    )
