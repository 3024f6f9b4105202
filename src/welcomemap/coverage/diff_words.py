"""What changed between two scenarios, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

from welcomemap.coverage.diff_result import DiffResult, DiffRow
from welcomemap.coverage.served import ServicePoint, find_located, name_site
from welcomemap.coverage.situation import Situation
from welcomemap.coverage.words import (
    MODE_WORDS,
    Interval,
    word_estimate,
    word_group,
    word_threshold,
)
from welcomemap.wording import Text, format_number, join_texts, list_words

LEAST_PEOPLE = 0.5
"""Areas where fewer people gain and lose get no sentence of their own."""


def tell_difference(earlier: Situation, later: Situation, result: DiffResult) -> tuple[Text, ...]:
    """Say who gained and who lost: the city, then districts, then what is disputed."""
    by_id = {point.id: point for point in (*earlier.points, *later.points)}
    told = [
        _tell_row(later, result, row, by_id)
        for row in result.rows
        if row.area_kind == "city"
        or (row.area_kind == "district" and max(row.gained, row.lost) >= LEAST_PEOPLE)
    ]
    disputed = dict.fromkeys(name for row in result.rows for name in row.rests_on_disputed)
    reasons = dict.fromkeys(text for name in disputed for text in by_id[name].disputes)
    return (*told, *_tell_located(earlier, later), *reasons)


def _tell_row(
    later: Situation, result: DiffResult, row: DiffRow, by_id: dict[str, ServicePoint]
) -> Text:
    where = Text(row.name, row.name)
    if row.area_kind == "district":
        word = later.words.district
        where = Text(f"{word.de} {row.area}", f"{word.en} {row.area}")
    group, mode = word_group(row.group), MODE_WORDS[result.mode]
    gained, lost = word_estimate(row.gained), word_estimate(row.lost)
    change = Text(
        f"Von {result.from_scenario} zu {result.to_scenario} kommen in {where.de} "
        f"{gained.de} {group.de} in Reichweite ({mode.de} innerhalb von "
        f"{word_threshold(row.threshold, 'de')}), {lost.de} fallen heraus.",
        f"From {result.from_scenario} to {result.to_scenario}, {gained.en} "
        f"{group.en} in {where.en} come within reach ({mode.en} within "
        f"{word_threshold(row.threshold, 'en')}), {lost.en} fall out of it.",
    )
    if max(*row.gained_interval, *row.lost_interval) < LEAST_PEOPLE:
        return join_texts(_tell_unchanged(result, row, where), _tell_disputed(row, by_id))
    gains, losses = _word_interval(row.gained_interval), _word_interval(row.lost_interval)
    certain = Text(
        f"Das ist geschätzt; die Spannen: {gains.de} und {losses.de}.",
        f"These are estimates; the intervals: {gains.en} and {losses.en}.",
    )
    return join_texts(change, certain, _tell_disputed(row, by_id))


def _tell_unchanged(result: DiffResult, row: DiffRow, where: Text) -> Text:
    group, mode = word_group(row.group), MODE_WORDS[result.mode]
    return Text(
        f"Von {result.from_scenario} zu {result.to_scenario} ändert sich in {where.de} nichts "
        f"daran, wie viele {group.de} {mode.de} innerhalb von "
        f"{word_threshold(row.threshold, 'de')} ans Ziel kommen.",
        f"From {result.from_scenario} to {result.to_scenario}, nothing changes in {where.en} in "
        f"how many {group.en} get there {mode.en} within {word_threshold(row.threshold, 'en')}.",
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
    words = later.words
    for district in later.demand.districts.ids:
        before = bool(find_located(earlier.points, int(district)))
        after = bool(find_located(later.points, int(district)))
        area = Text(f"{words.district.de} {district}", f"{words.district.en} {district}")
        kind = words.service_point
        one, no, none = kind.a("nominative"), kind.no("nominative").capitalised(), kind.none()
        if after and not before:
            yield Text(
                f"In {area.de} liegt {later.scenario} {one.de}, {earlier.scenario} {none.de}.",
                f"{one.capitalised().en} lies in {area.en} in {later.scenario}, {none.en} in "
                f"{earlier.scenario}.",
            )
        if before and not after:
            yield Text(
                f"In {area.de} liegt {later.scenario} {kind.no('nominative').de} mehr.",
                f"{no.en} lies in {area.en} any longer in {later.scenario}.",
            )


def _word_interval(interval: Interval) -> Text:
    step = 100 if interval[1] >= 1000 else 10 if interval[1] >= 100 else 1
    low, high = math.floor(interval[0] / step) * step, math.ceil(interval[1] / step) * step
    return Text(
        f"{format_number(low, 'de')} bis {format_number(high, 'de')}",
        f"{format_number(low, 'en')} to {format_number(high, 'en')}",
    )
