"""Why an area is underserved, in sentences: the number, the reason, how sure."""

from __future__ import annotations

from welcomemap.coverage.accessibility import AreaWay
from welcomemap.coverage.gap_result import AreaGap, DistrictGap, GapsResult
from welcomemap.describe.disputes import describe_dispute
from welcomemap.describe.words import (
    MODE_WORDS,
    RegionWords,
    tell_certainty,
    tell_reach,
    word_cost,
    word_estimate,
    word_group,
    word_threshold,
)
from welcomemap.wording import LANGUAGES, Text, format_number, format_share, join_texts, list_words

BASIS_WORDS = {
    "streets": Text("", ""),
    "estimate": Text(" (geschätzt)", " (estimated)"),
    "mixed": Text(" (zum Teil geschätzt)", " (partly estimated)"),
}
"""What a way rests on, after its length."""


def describe_district(result: GapsResult, gap: DistrictGap, words: RegionWords) -> Text:
    """Return how many people of a district are within reach, why no more, and how sure it is."""
    share = gap.covered / gap.people if gap.people > 0 else None
    return join_texts(
        tell_reach(
            _in_district(gap.district, words), gap.covered, gap.people, gap.group,
            result.threshold, result.mode, words,
        ),
        _tell_sites(len(gap.located), bool(gap.planned), words),
        _tell_way(gap.way, result.threshold.unit, words),
        tell_certainty(share, gap.interval),
        *_tell_disputes(gap, share),
    )  # fmt: skip


def describe_area(result: GapsResult, gap: AreaGap, words: RegionWords) -> Text:
    """Return who lives in an area beyond the threshold, why, how far they have it, how sure."""
    if gap.kind == "cluster":
        return _describe_cluster(result, gap, words)
    covered = gap.people - gap.out_of_reach
    area = Text(f"In {gap.name}", f"In {gap.name}")
    if gap.kind == "district":
        area = _in_district(gap.district, words)
    here = None if gap.located is None else _tell_sites(gap.located, bool(gap.is_planned), words)
    share = covered / gap.people if gap.people > 0 else None
    return join_texts(
        tell_reach(area, covered, gap.people, gap.group, result.threshold, result.mode, words),
        here,
        _tell_way(gap.way, result.threshold.unit, words),
        tell_certainty(share, gap.share_interval),
    )


def name_area(gap: AreaGap) -> Text:
    """Return what an area is called; a cluster is called after its quarters."""
    if gap.kind != "cluster":
        return Text(gap.name, gap.name)
    return Text(list_words(gap.quarters, "de"), list_words(gap.quarters, "en"))


def _in_district(district: int, words: RegionWords) -> Text:
    return Text(f"In {words.district.de} {district}", f"In {words.district.en} {district}")


def _describe_cluster(result: GapsResult, gap: AreaGap, words: RegionWords) -> Text:
    number, none = word_estimate(gap.people), words.service_point.no("accusative")
    names, threshold, mode = name_area(gap), result.threshold, MODE_WORDS[result.mode]
    first = Text(
        f"In einem zusammenhängenden Gebiet in {words.district.de} {gap.district} ({names.de}) "
        f"leben {number.de} {word_group(gap.group).de}, die {mode.de} innerhalb von "
        f"{word_threshold(threshold, 'de')} {none.de} erreichen.",
        f"In a contiguous area of {words.district.en} {gap.district} ({names.en}) live {number.en} "
        f"{word_group(gap.group).en} who reach {none.en} {mode.en} within "
        f"{word_threshold(threshold, 'en')}.",
    )
    return join_texts(
        first, _tell_way(gap.way, threshold.unit, words), _tell_remaining(gap.interval[0])
    )


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


def _tell_sites(located: int, is_planned: bool, words: RegionWords) -> Text:
    here = words.district.this("dative")
    if located:
        count = Text(format_number(located, "de"), format_number(located, "en"))
        return Text(f"Standorte in {here.de}: {count.de}.", f"Sites in {here.en}: {count.en}.")
    none = words.service_point.no("nominative")
    told = Text(f"In {here.de} liegt {none.de}.", f"{none.capitalised().en} lies in {here.en}.")
    if not is_planned:
        return told
    one = words.service_point.a("nominative")
    planned = Text(f"Geplant ist hier {one.de}.", f"{one.capitalised().en} is planned here.")
    return join_texts(told, planned)


def _tell_way(way: AreaWay, unit: str, words: RegionWords) -> Text:
    return join_texts(_tell_median(way, unit, words), _tell_nearest(way))


def _tell_median(way: AreaWay, unit: str, words: RegionWords) -> Text:
    kind = words.service_point
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
    to = kind.to_the_nearest()
    # As precisely as the field says it: rounding up from 20.04 min would make them disagree.
    length = Text(*(word_cost(round(way.median_cost, 1), unit, k) for k in LANGUAGES))
    hint = BASIS_WORDS[way.basis]
    return Text(
        f"Die Hälfte von allen hat bis {to.de} einen Weg von etwa {length.de} oder mehr{hint.de}.",
        f"Half of all of them have about {length.en} or more {to.en}{hint.en}.",
    )


def _tell_nearest(way: AreaWay) -> Text | None:
    """Name the service point of the result, of those whom the result asked for it."""
    if way.nearest_site is None:
        return None
    if way.out_of_reach <= 0:
        return Text(
            f"Für die größte Gruppe ist {way.nearest_address} am nächsten.",
            f"For the largest group {way.nearest_address} is the nearest.",
        )
    return Text(
        f"Für die größte Gruppe außer Reichweite ist {way.nearest_address} am nächsten.",
        f"For the largest group out of reach {way.nearest_address} is the nearest.",
    )


def _tell_disputes(gap: DistrictGap, share: float | None) -> list[Text]:
    sentences = list(dict.fromkeys(map(describe_dispute, gap.reports)))
    otherwise = gap.share_if_disputed_false
    if otherwise is None or otherwise == share:
        return sentences
    percent = Text(*(format_share(otherwise, k, gap.interval) for k in LANGUAGES))
    return [
        *sentences,
        Text(
            f"Stimmt das, sind es {percent.de} in Reichweite.",
            f"If that is so, {percent.en} are within reach.",
        ),
    ]
