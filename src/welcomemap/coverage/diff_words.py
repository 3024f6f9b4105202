"""What changed between two scenarios, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

from welcomemap.coverage.accessibility import ServicePoint, Situation, find_located, name_site
from welcomemap.coverage.diff_result import DiffResult, DiffRow
from welcomemap.coverage.words import (
    MODE_WORDS,
    Interval,
    word_estimate,
    word_group,
    word_threshold,
)
from welcomemap.wording import Text, format_number, join_texts, list_words

AS_PUBLISHED = Text(" nach den veröffentlichten Listen", " by the lists as published")
NO_MORE, NONE = Text("keine weiteren", "no more"), Text("keine", "none")
LEAST_PEOPLE = 0.5
"""Areas where fewer people gain and lose get no sentence of their own."""


def tell_difference(earlier: Situation, later: Situation, result: DiffResult) -> tuple[Text, ...]:
    """Say who gained and who lost: the city, then districts, then what is disputed."""
    by_id = {point.id: point for point in (*earlier.points, *later.points)}
    told = [
        _tell_row(later, result, row, by_id)
        for row in result.rows
        if row.area_kind == "city" or (row.area_kind == "district" and _has_change(row))
    ]
    disputed = dict.fromkeys(name for row in result.rows for name in row.rests_on_disputed)
    reasons = dict.fromkeys(
        text
        for situation in (earlier, later)
        for point in situation.points
        if point.id in disputed
        for text in point.disputes
    )
    return (*told, *_tell_located(earlier, later), *reasons)


def _has_change(row: DiffRow) -> bool:
    reports = row.by_reports
    figures = [row.gained, row.lost, *((reports.gained, reports.lost) if reports else ())]
    return any(figure >= LEAST_PEOPLE for figure in figures)


def _tell_row(
    later: Situation, result: DiffResult, row: DiffRow, by_id: dict[str, ServicePoint]
) -> Text:
    where = Text(row.name, row.name)
    if row.area_kind == "district":
        word = later.words.district
        where = Text(f"{word.de} {row.area}", f"{word.en} {row.area}")
    group, mode = word_group(row.group), MODE_WORDS[result.mode]
    gained, lost = _count_words(row.gained, NO_MORE), _count_words(row.lost, NONE)
    disputed = _tell_disputed(row, by_id)
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


def _tell_disputed(row: DiffRow, by_id: dict[str, ServicePoint]) -> Text | None:
    if not row.rests_on_disputed:
        return None
    places = list(dict.fromkeys(name_site(by_id[name]) for name in row.rests_on_disputed))
    return Text(
        f"Das hängt an umstrittenen Angaben: {list_words(places, 'de')}.",
        f"This rests on disputed entries: {list_words(places, 'en')}.",
    )


def _tell_located(earlier: Situation, later: Situation) -> Iterator[Text]:
    """Say in which districts there is a service point now, or no longer: location, not reach."""
    for district in later.demand.districts.ids:
        published, reported = (
            tuple(
                bool(find_located(one.points, int(district), as_published=is_published))
                for one in (earlier, later)
            )
            for is_published in (True, False)
        )
        told = _word_located(earlier, later, int(district), published)
        if told is not None:
            yield told
        if reported != published:
            yield _word_reported(earlier, later, int(district), reported)


def _word_located(
    earlier: Situation, later: Situation, district: int, has: tuple[bool, ...]
) -> Text | None:
    words = later.words
    area = Text(f"{words.district.de} {district}", f"{words.district.en} {district}")
    kind = words.service_point
    one, no, none = kind.a("nominative"), kind.no("nominative"), kind.none()
    if has == (False, True):
        return Text(
            f"In {area.de} liegt {later.scenario} {one.de}, {earlier.scenario} {none.de}.",
            f"{one.capitalised().en} lies in {area.en} in {later.scenario}, {none.en} in "
            f"{earlier.scenario}.",
        )
    if has == (True, False):
        return Text(
            f"In {area.de} liegt {later.scenario} {no.de} mehr.",
            f"{no.capitalised().en} lies in {area.en} any longer in {later.scenario}.",
        )
    return None


def _word_reported(
    earlier: Situation, later: Situation, district: int, has: tuple[bool, ...]
) -> Text:
    words = later.words
    area = Text(f"{words.district.de} {district}", f"{words.district.en} {district}")
    kind = words.service_point
    first = kind.a("nominative") if has[0] else kind.no("nominative")
    second = kind.a("nominative") if has[1] else kind.none()
    return Text(
        f"Stimmen die datierten Berichte, lag in {area.de} {earlier.scenario} {first.de} und "
        f"{later.scenario} {second.de}.",
        f"If the dated reports are right, {first.en} lay in {area.en} in {earlier.scenario} and "
        f"{second.en} in {later.scenario}.",
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
