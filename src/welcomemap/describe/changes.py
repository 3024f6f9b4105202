"""What changed between two scenarios, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from welcomemap.describe.disputes import describe_dispute
from welcomemap.describe.words import (
    LEAST_PEOPLE,
    MODE_WORDS,
    RegionWords,
    word_estimate,
    word_group,
    word_threshold,
)
from welcomemap.wording import NOTHING, Phrase, Verbatim, join_phrases, say, say_list, say_number

if TYPE_CHECKING:
    from welcomemap.coverage.change import DiffResult, DiffRow, LocatedChange
    from welcomemap.coverage.reach import Interval

AS_PUBLISHED = say(" by the lists as published")
NO_MORE, NONE = say("no more"), say("none")
"""Areas where fewer people gain and lose get no sentence of their own."""


def describe_difference(result: DiffResult, words: RegionWords) -> tuple[Phrase, ...]:
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


def _tell_row(result: DiffResult, row: DiffRow, words: RegionWords) -> Phrase:
    where: Phrase = Verbatim(row.name)
    if row.area_kind == "district":
        where = _word_district(int(row.area), words)
    group, mode = word_group(row.group), MODE_WORDS[result.mode]
    gained, lost = _count_words(row.gained, NO_MORE), _count_words(row.lost, NONE)
    disputed = _tell_disputed(result, row)
    lists = NOTHING if disputed is None else AS_PUBLISHED
    change = say(
        "From {from_scenario} to {to_scenario}{lists}, {gained} {group} in {where} come within "
        "reach ({mode} within {threshold}), {lost} fall out of it.",
        from_scenario=result.from_scenario,
        to_scenario=result.to_scenario,
        where=where,
        lists=lists,
        gained=gained,
        group=group,
        mode=mode,
        threshold=word_threshold(row.threshold),
        lost=lost,
    )
    if max(*row.gained_interval, *row.lost_interval) < LEAST_PEOPLE:
        change, certain = _tell_unchanged(result, row, where, lists), None
    else:
        certain = _tell_intervals(row, lists)
    return join_phrases(change, _tell_reports(result, row), certain, disputed)


def _tell_intervals(row: DiffRow, lists: Phrase) -> Phrase:
    gains, losses = word_interval(row.gained_interval), word_interval(row.lost_interval)
    return say(
        "These are estimates; the interval{lists}: {gains} come within reach, {losses} fall out "
        "of it.",
        lists=lists,
        gains=gains,
        losses=losses,
    )


def _tell_reports(result: DiffResult, row: DiffRow) -> Phrase | None:
    """Say the same figures with the dated reports believed, and who was reached before already."""
    reports = row.by_reports
    if reports is None or not row.rests_on_disputed:
        return None
    gained, lost = _count_words(reports.gained, NO_MORE), _count_words(reports.lost, NONE)
    told = say(
        "If the dated reports are right that contradict the lists, {gained} come within reach and "
        "{lost} fall out of it.",
        gained=gained,
        lost=lost,
    )
    if row.gained_reached_before < LEAST_PEOPLE:
        return told
    before = word_estimate(row.gained_reached_before)
    who = say("of those who come within reach by the lists, {before}", before=before)
    if row.gained - row.gained_reached_before < LEAST_PEOPLE:
        who = say("all who come within reach by the lists")
    return join_phrases(
        told,
        say(
            "By these reports, {who} reached a site already in {from_scenario}, one that the list "
            "omits.",
            who=who,
            from_scenario=result.from_scenario,
        ),
    )


def _count_words(people: float, none: Phrase) -> Phrase:
    return none if people < LEAST_PEOPLE else word_estimate(people)


def _tell_unchanged(result: DiffResult, row: DiffRow, where: Phrase, lists: Phrase) -> Phrase:
    group, mode = word_group(row.group), MODE_WORDS[result.mode]
    return say(
        "From {from_scenario} to {to_scenario}{lists}, nothing changes in {where} in how many "
        "{group} get there {mode} within {threshold}.",
        from_scenario=result.from_scenario,
        to_scenario=result.to_scenario,
        lists=lists,
        where=where,
        group=group,
        mode=mode,
        threshold=word_threshold(row.threshold),
    )


def _tell_disputed(result: DiffResult, row: DiffRow) -> Phrase | None:
    if not row.rests_on_disputed:
        return None
    places = list(dict.fromkeys(result.disputed[name] for name in row.rests_on_disputed))
    return say("This rests on disputed entries: {places}.", places=say_list(places))


def _tell_located(result: DiffResult, words: RegionWords) -> Iterator[Phrase]:
    """Say in which districts there is a service point now, or no longer: location, not reach."""
    for change in result.located:
        told = _word_located(result, change, words)
        if told is not None:
            yield told
        if change.reported != change.published:
            yield _word_reported(result, change, words)


def _word_district(district: int, words: RegionWords) -> Phrase:
    return say("{district} {number}", district=words.district, number=district)


def _word_located(result: DiffResult, change: LocatedChange, words: RegionWords) -> Phrase | None:
    area, kind = _word_district(change.district, words), words.service_point
    one, no, none = kind.a("nominative"), kind.no("nominative"), kind.none()
    earlier, later = result.from_scenario, result.to_scenario
    if change.published == (False, True):
        return say(
            "{one:capital} lies in {area} in {later}, {none} in {earlier}.",
            area=area,
            later=later,
            one=one,
            earlier=earlier,
            none=none,
        )
    if change.published == (True, False):
        return say(
            "{no:capital} lies in {area} any longer in {later}.", area=area, later=later, no=no
        )
    return None


def _word_reported(result: DiffResult, change: LocatedChange, words: RegionWords) -> Phrase:
    area, kind = _word_district(change.district, words), words.service_point
    earlier, later = result.from_scenario, result.to_scenario
    first = kind.a("nominative") if change.reported[0] else kind.no("nominative")
    second = kind.a("nominative") if change.reported[1] else kind.none()
    return say(
        "If the dated reports are right, {first} lay in {area} in {earlier} and {second} in "
        "{later}.",
        area=area,
        earlier=earlier,
        first=first,
        later=later,
        second=second,
    )


def word_interval(interval: Interval) -> Phrase:
    """Write between which numbers of people an estimate lies, no finer than it is known."""
    if interval[1] < LEAST_PEOPLE:
        return NONE
    step = 100 if interval[1] >= 1000 else 10 if interval[1] >= 100 else 1
    low, high = math.floor(interval[0] / step) * step, math.ceil(interval[1] / step) * step
    return say("{low} to {high}", low=say_number(low), high=say_number(high))
