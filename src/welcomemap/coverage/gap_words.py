"""Why an area is underserved, in sentences: the number, the reason, how sure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.demand import AreaKind
from welcomemap.coverage.distribution import describe_costs
from welcomemap.coverage.served import find_disputed, find_located, find_planned, name_site
from welcomemap.coverage.situation import Situation
from welcomemap.coverage.words import (
    MODE_WORDS,
    Interval,
    tell_certainty,
    tell_reach,
    word_cost,
    word_estimate,
    word_group,
    word_threshold,
)
from welcomemap.tables import GROUPS
from welcomemap.travel.impedance import ESTIMATE, STREETS, Threshold
from welcomemap.wording import LANGUAGES, Text, format_number, format_share, join_texts


def tell_district(
    situation: Situation,
    threshold: Threshold,
    number: int,
    covered: float,
    interval: Interval | None,
    share_if_disputed_false: float | None,
) -> Text:
    """Say how many residents of a district are within reach, why no more, and how sure it is."""
    demand = situation.demand
    total = float(demand.totals("district")[number, demand.groups.index(GROUPS[0])])
    told = tell_area(situation, threshold, GROUPS[0], "district", number, covered, total, interval)
    share = covered / total if total > 0 else None
    disputed = find_disputed(situation.points, int(demand.districts.ids[number]))
    return join_texts(
        told, *_tell_disputes(situation, disputed, share, share_if_disputed_false, interval)
    )


def tell_area(
    situation: Situation,
    threshold: Threshold,
    group: str,
    kind: AreaKind,
    number: int,
    covered: float,
    total: float,
    interval: Interval | None,
) -> Text:
    """Say how many people of a district or quarter are within reach, why no more, how sure."""
    words, areas = situation.words, situation.demand.areas(kind)
    if kind == "district":
        area = Text(
            f"In {words.district.de} {areas.ids[number]}",
            f"In {words.district.en} {areas.ids[number]}",
        )
    else:
        area = Text(f"In {areas.names[number]}", f"In {areas.names[number]}")
    cells = np.flatnonzero(areas.index == number)
    share = covered / total if total > 0 else None
    return join_texts(
        tell_reach(area, covered, total, group, threshold, situation.mode, words),
        _tell_sites(situation, int(areas.ids[number])) if kind == "district" else None,
        _tell_way(situation, group, cells),
        tell_certainty(share, interval),
    )


def tell_cluster(
    situation: Situation,
    threshold: Threshold,
    group: str,
    cells: NDArray[np.intp],
    names: Text,
    stays_out: float,
) -> Text:
    """Say who lives in a contiguous area beyond the threshold, how far they have it, how sure."""
    words, demand = situation.words, situation.demand
    people = float(demand.weight_of(group)[cells].sum())
    district = demand.districts.ids[demand.districts.index[cells[0]]]
    number = word_estimate(people)
    remaining = word_estimate(stays_out)
    first = Text(
        f"In einem zusammenhängenden Gebiet in {words.district.de} {district} ({names.de}) leben "
        f"{number.de} {word_group(group).de}, die {MODE_WORDS[situation.mode].de} innerhalb von "
        f"{word_threshold(threshold, 'de')} keinen {words.service_point.de} erreichen.",
        f"In a contiguous area of {words.district.en} {district} ({names.en}) live {number.en} "
        f"{word_group(group).en} who reach no {words.service_point.en} "
        f"{MODE_WORDS[situation.mode].en} within {word_threshold(threshold, 'en')}.",
    )
    certain = Text(
        "Auch wenn alle Wege so kurz wären, wie die Schätzung es zulässt, blieben es "
        f"{remaining.de}.",
        f"Even if every way were as short as the estimate allows, {remaining.en} would remain.",
    )
    return join_texts(first, _tell_way(situation, group, cells), certain)


def _tell_sites(situation: Situation, district: int) -> Text:
    words, points = situation.words, situation.points
    located = len(find_located(points, district))
    if located:
        count = Text(format_number(located, "de"), format_number(located, "en"))
        return Text(
            f"Standorte in diesem {words.district.de}: {count.de}.",
            f"Sites in this {words.district.en}: {count.en}.",
        )
    told = Text(
        f"In diesem {words.district.de} liegt kein {words.service_point.de}.",
        f"No {words.service_point.en} lies in this {words.district.en}.",
    )
    if not find_planned(points, district):
        return told
    planned = Text(
        f"Geplant ist hier ein {words.service_point.de}.",
        f"A {words.service_point.en} is planned here.",
    )
    return join_texts(told, planned)


def _tell_way(situation: Situation, group: str, cells: NDArray[np.intp]) -> Text | None:
    nearest = situation.nearest()
    people = situation.demand.weight_of(group)[cells]
    median = describe_costs(nearest.cost[cells], people).median
    index = nearest.index[cells]
    if median is None or not (index >= 0).any():
        return Text(
            f"Von hier ist kein {situation.words.service_point.de} zu erreichen.",
            f"No {situation.words.service_point.en} can be reached from here.",
        )
    votes = np.bincount(index[index >= 0], weights=people[index >= 0])
    site = name_site(situation.find_point(int(votes.argmax())))
    unit = situation.matrix.unit
    way = Text(word_cost(median, unit, "de"), word_cost(median, unit, "en"))
    hint = _word_basis(nearest.basis[cells])
    return Text(
        f"Die Hälfte hat bis zum nächsten {situation.words.service_point.de}, meist {site}, "
        f"einen Weg von mindestens {way.de}{hint.de}.",
        f"Half of them have at least {way.en} to the nearest "
        f"{situation.words.service_point.en}, mostly {site}{hint.en}.",
    )


def _tell_disputes(
    situation: Situation,
    disputed: tuple[str, ...],
    share: float | None,
    share_if_disputed_false: float | None,
    interval: Interval | None,
) -> list[Text]:
    points = [point for point in situation.points if point.id in disputed]
    sentences = list(dict.fromkeys(text for point in points for text in point.disputes))
    if share_if_disputed_false is None or share_if_disputed_false == share:
        return sentences
    percent = Text(*(format_share(share_if_disputed_false, k, interval) for k in LANGUAGES))
    return [
        *sentences,
        Text(
            f"Stimmt das, sind es {percent.de} in Reichweite.",
            f"If that is so, {percent.en} are within reach.",
        ),
    ]


def _word_basis(basis: NDArray[np.int8]) -> Text:
    if (basis == STREETS).all():
        return Text("", "")
    if (basis == ESTIMATE).all():
        return Text(" (geschätzt)", " (estimated)")
    return Text(" (zum Teil geschätzt)", " (partly estimated)")
