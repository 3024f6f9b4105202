"""What changed between two scenarios, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

from welcomemap.coverage.diff_result import DiffResult, DiffRow, LocatedChange
from welcomemap.coverage.reach import Interval
from welcomemap.describe.disputes import describe_dispute
from welcomemap.describe.words import (
    MODE_WORDS,
    RegionWords,
    word_estimate,
    word_group,
    word_threshold,
)
from welcomemap.wording import Text, format_number, join_texts, list_words

AS_PUBLISHED = Text(" nach den veröffentlichten Listen", " by the lists as published")
NO_MORE, NONE = Text("keine weiteren", "no more"), Text("keine", "none")
LEAST_PEOPLE = 0.5
"""Areas where fewer people gain and lose get no sentence of their own."""


def describe_difference(result: DiffResult, words: RegionWords) -> tuple[Text, ...]:
    """Return who gained and who lost: the city, then districts, then what is disputed."""
    told = [
        _tell_row(result, row, words)
        for row in result.rows
        if row.area_kind == "city" or (row.area_kind == "district" and _has_change(row))
    ]
    reasons = dict.fromkeys(map(describe_dispute, result.reports))
    return (*told, *_tell_located(result, words), *reasons)


def _has_change(row: DiffRow) -> bool:
    reports = row.by_reports
    figures = [row.gained, row.lost, *((reports.gained, reports.lost) if reports else ())]
    return any(figure >= LEAST_PEOPLE for figure in figures)


def _tell_row(result: DiffResult, row: DiffRow, words: RegionWords) -> Text:
    where = Text(row.name, row.name)
    if row.area_kind == "district":
        where = _word_district(int(row.area), words)
    group, mode = word_group(row.group), MODE_WORDS[result.mode]
    gained, lost = _count_words(row.gained, NO_MORE), _count_words(row.lost, NONE)
    disputed = _tell_disputed(result, row)
    lists = Text("", "") if disputed is None else AS_PUBLISHED
    change = Text(
        f"Von {result.from_scenario} zu {result.to_scenario} kommen in {where.de}{lists.de} "
        f"{gained.de} {group.de} in Reichweite ({mode.de} innerhalb von "
        f"{word_threshold(row.threshold, 'de')}), {lost.de} fallen heraus.",
        f"From {result.from_scenario} to {result.to_scenario}{lists.en}, {gained.en} "
        f"{group.en} in {where.en} come within reach ({mode.en} within "
        f"{word_threshold(row.threshold, 'en')}), {lost.en} fall out of it.",
    )
    if max(*row.gained_interval, *row.lost_interval) < LEAST_PEOPLE:
        change, certain = _tell_unchanged(result, row, where, lists), None
    else:
        certain = _tell_intervals(row, lists)
    return join_texts(change, _tell_reports(result, row), certain, disputed)


def _tell_intervals(row: DiffRow, lists: Text) -> Text:
    gains, losses = _word_interval(row.gained_interval), _word_interval(row.lost_interval)
    return Text(
        f"Das ist geschätzt; die Spanne{lists.de}: {gains.de} kommen in Reichweite, "
        f"{losses.de} fallen heraus.",
        f"These are estimates; the interval{lists.en}: {gains.en} come within reach, {losses.en} "
        "fall out of it.",
    )


def _tell_reports(result: DiffResult, row: DiffRow) -> Text | None:
    """Say the same figures with the dated reports believed, and who was reached before already."""
    reports = row.by_reports
    if reports is None or not row.rests_on_disputed:
        return None
    gained, lost = _count_words(reports.gained, NO_MORE), _count_words(reports.lost, NONE)
    told = Text(
        "Stimmen die datierten Berichte, die den Listen widersprechen, kommen "
        f"{gained.de} in Reichweite, und {lost.de} fallen heraus.",
        f"If the dated reports are right that contradict the lists, {gained.en} come within reach "
        f"and {lost.en} fall out of it.",
    )
    if row.gained_reached_before < LEAST_PEOPLE:
        return told
    before = word_estimate(row.gained_reached_before)
    who = Text(
        f"von denen, die nach den Listen in Reichweite kommen, erreichten {before.de}",
        f"of those who come within reach by the lists, {before.en}",
    )
    if row.gained - row.gained_reached_before < LEAST_PEOPLE:
        who = Text(
            "alle, die nach den Listen in Reichweite kommen, erreichten",
            "all who come within reach by the lists",
        )
    return join_texts(
        told,
        Text(
            f"Denn {who.de} nach diesen Berichten schon {result.from_scenario} einen Standort, den "
            "die Liste nicht nennt.",
            f"By these reports, {who.en} reached a site already in {result.from_scenario}, one "
            "that the list omits.",
        ),
    )


def _count_words(people: float, none: Text) -> Text:
    return none if people < LEAST_PEOPLE else word_estimate(people)


def _tell_unchanged(result: DiffResult, row: DiffRow, where: Text, lists: Text) -> Text:
    group, mode = word_group(row.group), MODE_WORDS[result.mode]
    return Text(
        f"Von {result.from_scenario} zu {result.to_scenario}{lists.de} ändert sich in {where.de} "
        f"nichts daran, wie viele {group.de} {mode.de} innerhalb von "
        f"{word_threshold(row.threshold, 'de')} ans Ziel kommen.",
        f"From {result.from_scenario} to {result.to_scenario}{lists.en}, nothing changes in "
        f"{where.en} in how many {group.en} get there {mode.en} within "
        f"{word_threshold(row.threshold, 'en')}.",
    )


def _tell_disputed(result: DiffResult, row: DiffRow) -> Text | None:
    if not row.rests_on_disputed:
        return None
    places = list(dict.fromkeys(result.disputed[name] for name in row.rests_on_disputed))
    return Text(
        f"Das hängt an umstrittenen Angaben: {list_words(places, 'de')}.",
        f"This rests on disputed entries: {list_words(places, 'en')}.",
    )


def _tell_located(result: DiffResult, words: RegionWords) -> Iterator[Text]:
    """Say in which districts there is a service point now, or no longer: location, not reach."""
    for change in result.located:
        told = _word_located(result, change, words)
        if told is not None:
            yield told
        if change.reported != change.published:
            yield _word_reported(result, change, words)


def _word_district(district: int, words: RegionWords) -> Text:
    return Text(f"{words.district.de} {district}", f"{words.district.en} {district}")


def _word_located(result: DiffResult, change: LocatedChange, words: RegionWords) -> Text | None:
    area, kind = _word_district(change.district, words), words.service_point
    one, no, none = kind.a("nominative"), kind.no("nominative"), kind.none()
    earlier, later = result.from_scenario, result.to_scenario
    if change.published == (False, True):
        return Text(
            f"In {area.de} liegt {later} {one.de}, {earlier} {none.de}.",
            f"{one.capitalised().en} lies in {area.en} in {later}, {none.en} in {earlier}.",
        )
    if change.published == (True, False):
        return Text(
            f"In {area.de} liegt {later} {no.de} mehr.",
            f"{no.capitalised().en} lies in {area.en} any longer in {later}.",
        )
    return None


def _word_reported(result: DiffResult, change: LocatedChange, words: RegionWords) -> Text:
    area, kind = _word_district(change.district, words), words.service_point
    earlier, later = result.from_scenario, result.to_scenario
    first = kind.a("nominative") if change.reported[0] else kind.no("nominative")
    second = kind.a("nominative") if change.reported[1] else kind.none()
    return Text(
        f"Stimmen die datierten Berichte, lag in {area.de} {earlier} {first.de} und {later} "
        f"{second.de}.",
        f"If the dated reports are right, {first.en} lay in {area.en} in {earlier} and "
        f"{second.en} in {later}.",
    )


def _word_interval(interval: Interval) -> Text:
    if interval[1] < LEAST_PEOPLE:
        return NONE
    step = 100 if interval[1] >= 1000 else 10 if interval[1] >= 100 else 1
    low, high = math.floor(interval[0] / step) * step, math.ceil(interval[1] / step) * step
    return Text(
        f"{format_number(low, 'de')} bis {format_number(high, 'de')}",
        f"{format_number(low, 'en')} to {format_number(high, 'en')}",
    )
