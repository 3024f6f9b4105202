"""Why an area is underserved, in sentences: the number, the reason, how sure."""

from __future__ import annotations

from welcomemap.coverage.accessibility import (
    AreaWay,
    Situation,
    find_disputed,
    find_located,
    find_planned,
    name_site,
)
from welcomemap.coverage.demand import AreaKind
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
from welcomemap.travel.impedance import Threshold
from welcomemap.wording import LANGUAGES, Text, format_number, format_share, join_texts

BASIS_WORDS = {
    "streets": Text("", ""),
    "estimate": Text(" (geschätzt)", " (estimated)"),
    "mixed": Text(" (zum Teil geschätzt)", " (partly estimated)"),
}
"""What a way rests on, after its length."""


def tell_district(
    situation: Situation,
    threshold: Threshold,
    group: str,
    number: int,
    total: float,
    covered: float,
    interval: Interval | None,
    share_if_disputed_false: float | None,
    way: AreaWay,
) -> Text:
    """Say how many people of a district are within reach, why no more, and how sure it is."""
    told = tell_area(situation, threshold, group, "district", number, covered, total, interval, way)
    share = covered / total if total > 0 else None
    disputed = find_disputed(situation.points, int(situation.demand.districts.ids[number]))
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
    way: AreaWay,
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
    share = covered / total if total > 0 else None
    return join_texts(
        tell_reach(area, covered, total, group, threshold, situation.mode, words),
        _tell_sites(situation, int(areas.ids[number])) if kind == "district" else None,
        _tell_way(situation, way),
        tell_certainty(share, interval),
    )


def tell_cluster(
    situation: Situation,
    threshold: Threshold,
    group: str,
    district: int,
    names: Text,
    people: float,
    stays_out: float,
    way: AreaWay,
) -> Text:
    """Say who lives in a contiguous area beyond the threshold, how far they have it, how sure."""
    words = situation.words
    number, none = word_estimate(people), words.service_point.no("accusative")
    first = Text(
        f"In einem zusammenhängenden Gebiet in {words.district.de} {district} ({names.de}) leben "
        f"{number.de} {word_group(group).de}, die {MODE_WORDS[situation.mode].de} innerhalb von "
        f"{word_threshold(threshold, 'de')} {none.de} erreichen.",
        f"In a contiguous area of {words.district.en} {district} ({names.en}) live {number.en} "
        f"{word_group(group).en} who reach {none.en} "
        f"{MODE_WORDS[situation.mode].en} within {word_threshold(threshold, 'en')}.",
    )
    return join_texts(first, _tell_way(situation, way), _tell_remaining(stays_out))


def _tell_remaining(stays_out: float) -> Text:
    remaining = word_estimate(stays_out)
    if remaining.en == "0":
        return Text(
            "Wären alle Wege so kurz, wie die Schätzung es zulässt, wären alle in Reichweite.",
            "If every way were as short as the estimate allows, all would be within reach.",
        )
    return Text(
        "Auch wenn alle Wege so kurz wären, wie die Schätzung es zulässt, blieben es "
        f"{remaining.de}.",
        f"Even if every way were as short as the estimate allows, {remaining.en} would remain.",
    )


def _tell_sites(situation: Situation, district: int) -> Text:
    words, points = situation.words, situation.points
    here = words.district.this("dative")
    located = len(find_located(points, district))
    if located:
        count = Text(format_number(located, "de"), format_number(located, "en"))
        return Text(f"Standorte in {here.de}: {count.de}.", f"Sites in {here.en}: {count.en}.")
    none = words.service_point.no("nominative")
    told = Text(f"In {here.de} liegt {none.de}.", f"{none.capitalised().en} lies in {here.en}.")
    if not find_planned(points, district):
        return told
    one = words.service_point.a("nominative")
    planned = Text(f"Geplant ist hier {one.de}.", f"{one.capitalised().en} is planned here.")
    return join_texts(told, planned)


def _tell_way(situation: Situation, way: AreaWay) -> Text:
    return join_texts(_tell_median(situation, way), _tell_nearest(situation, way))


def _tell_median(situation: Situation, way: AreaWay) -> Text | None:
    kind = situation.words.service_point
    if way.median_cost is None:
        none = kind.no("accusative")
        if way.nearest_site is None:
            none = kind.no("nominative")
            return Text(
                f"Von hier ist {none.de} zu erreichen.",
                f"{none.capitalised().en} can be reached from here.",
            )
        return Text(
            f"Mindestens die Hälfte von allen kann von hier {none.de} erreichen.",
            f"At least half of all of them can reach {none.en} from here.",
        )
    unit, to = situation.matrix.unit, kind.to_the_nearest()
    length = Text(*(word_cost(way.median_cost, unit, k) for k in LANGUAGES))
    hint = BASIS_WORDS[way.basis]
    return Text(
        f"Die Hälfte von allen hat bis {to.de} einen Weg von etwa {length.de} oder mehr{hint.de}.",
        f"Half of all of them have about {length.en} or more {to.en}{hint.en}.",
    )


def _tell_nearest(situation: Situation, way: AreaWay) -> Text | None:
    """Name the service point of the result, of those whom the result asked for it."""
    if way.nearest_site is None:
        return None
    site = name_site(next(p for p in situation.points if p.id == way.nearest_site))
    if way.out_of_reach <= 0:
        return Text(
            f"Für die größte Gruppe ist {site} am nächsten.",
            f"For the largest group {site} is the nearest.",
        )
    return Text(
        f"Für die größte Gruppe außer Reichweite ist {site} am nächsten.",
        f"For the largest group out of reach {site} is the nearest.",
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
