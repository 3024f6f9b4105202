"""Why an area is underserved, in sentences: the number, the reason, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from welcomemap.describe.disputes import describe_dispute
from welcomemap.describe.nouns import Noun, name_area, name_areas, read_noun
from welcomemap.describe.words import (
    MODE_WORDS,
    RegionWords,
    is_part,
    tell_certainty,
    tell_reach,
    word_cost,
    word_estimate,
    word_group,
    word_the_group,
    word_threshold,
)
from welcomemap.region.scenario import name_unlocated
from welcomemap.wording import (
    NOTHING,
    Phrase,
    Verbatim,
    join_phrases,
    say,
    say_counted,
    say_list,
    say_number,
    say_quoted,
    say_share,
)

if TYPE_CHECKING:
    from welcomemap.coverage.accessibility import AreaWay
    from welcomemap.coverage.gaps import AreaGap, DistrictGap, GapsResult
    from welcomemap.region.scenario import RowNote

BASIS_WORDS = {
    "streets": NOTHING,
    "estimate": say(" (estimated)"),
    "mixed": say(" (partly estimated)"),
}
"""What a way rests on, after its length."""


def describe_district(result: GapsResult, gap: DistrictGap, words: RegionWords) -> Phrase:
    """Return how many people of a district are within reach, why no more, and how sure it is."""
    return join_phrases(
        tell_reach(
            _in_district(gap.district, words), gap.covered, gap.people, gap.group,
            result.threshold, result.mode, words,
        ),
        _tell_sites(len(gap.located), bool(gap.planned), words),
        _tell_way(gap.way, result.threshold.unit, words),
        _tell_certainty(result, gap.share, gap.interval),
        *_tell_disputes(gap),
    )  # fmt: skip


def describe_area(result: GapsResult, gap: AreaGap, words: RegionWords) -> Phrase:
    """Return who lives in an area beyond the threshold, why, how far they have it, how sure."""
    if gap.kind == "cluster":
        return _describe_cluster(result, gap, words)
    covered = gap.people - gap.out_of_reach
    area = say("In {name}", name=gap.name)
    if gap.kind == "district":
        area = _in_district(gap.district, words)
    here = None if gap.located is None else _tell_sites(gap.located, bool(gap.is_planned), words)
    share = covered / gap.people if gap.people > 0 else None
    return join_phrases(
        tell_reach(area, covered, gap.people, gap.group, result.threshold, result.mode, words),
        here,
        _tell_way(gap.way, result.threshold.unit, words),
        _tell_certainty(result, share, gap.share_interval),
    )


def _tell_certainty(
    result: GapsResult, share: float | None, interval: tuple[float, float] | None
) -> Phrase:
    """Say how sure a share is; no interval holds what a site without a known place would change."""
    told = tell_certainty(share, interval)
    if share is None or not name_unlocated(result.list_notes):
        return told
    return say("By the sites with a known place: {told}", told=told)


def rank_area(result: GapsResult, gap: AreaGap, words: RegionWords) -> Phrase:
    """Return how many people an area is ranked by, and what there is to say of it."""
    if gap.kind == "cluster":  # which says so by itself
        return describe_area(result, gap, words)
    first = say("{number:capital} out of reach.", number=word_estimate(gap.out_of_reach))
    return join_phrases(first, describe_area(result, gap, words))


def describe_other_readings(result: GapsResult, words: RegionWords) -> Iterator[Phrase]:
    """Yield what counts otherwise: sites said to serve, planned, disputed or near a border."""
    for district in result.districts:
        name = name_area(words.district, district.district)
        if ids := ", ".join(district.stated_elsewhere):
            yield say(
                "{name}: said to be served by sites that lie elsewhere: {ids}.", name=name, ids=ids
            )
        if ids := ", ".join(district.planned):
            yield say("{name}: planned: {ids}.", name=name, ids=ids)
        if ids := ", ".join(district.disputed):
            is_other = district.is_located_unserved is bool(district.located_if_disputed_false)
            yield say(
                "{name}: disputed: {ids}. If the other sources are right: {turn}.",
                name=name,
                ids=ids,
                turn=say("the opposite holds then")
                if is_other
                else say("that changes nothing here"),
            )
        if ids := ", ".join(district.near_border):
            yield say("{name}: near the border, district uncertain: {ids}.", name=name, ids=ids)


def tell_unlocated(notes: Iterable[RowNote]) -> Phrase | None:
    """Return that sites of a list have no known place, before it is said who is without one."""
    names = name_unlocated(notes)
    if not names:
        return None
    return say_counted(
        "No place is known of {count} site of the list, so it counts nowhere: {names}. An area "
        "that is called without one may have it.",
        "No place is known of {count} sites of the list, so they count nowhere: {names}. An area "
        "that is called without one may have one of them.",
        count=len(names),
        names=say_list([say_quoted(name) for name in names]),
    )


def describe_probabilities(result: GapsResult, words: RegionWords) -> Iterator[Phrase]:
    """Yield how probable it is that a district is unserved, where that is possible at all.

    Where a site may lie anywhere nobody can say.
    """
    if name_unlocated(result.list_notes):
        return
    of_them = NOTHING
    if is_part(result.group):
        of_them = say(" of the {people}", people=word_the_group(result.group))
    for district in result.districts:
        located = district.probability_located_unserved
        reach = district.probability_reach_unserved
        if located > 0 or (reach or 0) > 0:
            yield say(
                "{name:capital}: probability that no site lies in it: {located}; that hardly "
                "anybody{of_them} in it reaches one: {reach}.",
                name=name_area(words.district, district.district),
                located=say_share(located),
                of_them=of_them,
                reach=say_share(reach),
            )


def describe_detour(factor: tuple[float, float, float]) -> Phrase:
    """Return by what straight lines count where no streets are known: median and interval."""
    median, low, high = (say_number(value, 2) for value in factor)
    return say(
        "Where no streets are known, straight line × {factor} counts (interval {low} to {high}).",
        factor=median,
        low=low,
        high=high,
    )


def tell_without_streets(numbers: Sequence[int], words: RegionWords) -> Phrase | None:
    """Return where no street can be followed, so that all ways there are estimates."""
    if not numbers:
        return None
    return say(
        "Nowhere in {where} are streets known well enough: ways there are estimates.",
        where=name_areas(words.district, numbers, "dative"),
    )


def name_gap_area(gap: AreaGap) -> Phrase:
    """Return what an area is called; a cluster is called after its quarters."""
    if gap.kind != "cluster":
        return Verbatim(gap.name)
    return say_list(gap.quarters)


def state_finding(
    names: Sequence[str],
    kind: str | Noun,
    *,
    area_word: str | Noun,
    has_unlocated: bool = False,
) -> Phrase:
    """Return the title of the overview: which areas are without a service point.

    Parameters
    ----------
    names
        Short names (numbers) of the unserved areas, in order.
    kind
        What a service point is called, such as ``Welcome Point``.
    area_word
        What an area is called, singular.
    has_unlocated
        Whether the list has a site of which no place is known.
    """
    point, area = _as_noun(kind), _as_noun(area_word, is_area=True)
    if not names:
        every, one = area.every("nominative"), point.a("accusative")
        return say("{every:capital} has {one}", every=every, one=one)
    where, without = name_areas(area, names), point.without()
    if has_unlocated:
        return say("{where:capital} {without} of known place", where=where, without=without)
    return say("{where:capital} {without}", where=where, without=without)


def _as_noun(word: str | Noun, *, is_area: bool = False) -> Noun:
    return word if isinstance(word, Noun) else read_noun({"de": word, "en": word}, is_area=is_area)


def _in_district(district: int, words: RegionWords) -> Phrase:
    return say("In {district} {district_2}", district=words.district, district_2=district)


def _describe_cluster(result: GapsResult, gap: AreaGap, words: RegionWords) -> Phrase:
    number, none = word_estimate(gap.people), words.service_point.no("accusative")
    names, threshold, mode = name_gap_area(gap), result.threshold, MODE_WORDS[result.mode]
    first = say(
        "In a contiguous area of {district} {number} ({names}) live {number_2} {people} who reach "
        "{none} {mode} within {threshold}.",
        district=words.district,
        number=gap.district,
        names=names,
        number_2=number,
        people=word_group(gap.group),
        mode=mode,
        threshold=word_threshold(threshold),
        none=none,
    )
    return join_phrases(
        first, _tell_way(gap.way, threshold.unit, words), _tell_remaining(gap.interval[0])
    )


def _tell_remaining(stays_out: float) -> Phrase:
    remaining = word_estimate(stays_out)
    if round(stays_out) == 0:
        return say("If every way were as short as the estimate allows, all would be within reach.")
    return say(
        "Even if every way were as short as the estimate allows, {remaining} would remain.",
        remaining=remaining,
    )


def _tell_sites(located: int, is_planned: bool, words: RegionWords) -> Phrase:
    here = words.district.this("dative")
    if located:
        count = say_number(located)
        return say("Sites in {here}: {count}.", here=here, count=count)
    none = words.service_point.no("nominative")
    told = say("{none:capital} lies in {here}.", here=here, none=none)
    if not is_planned:
        return told
    one = words.service_point.a("nominative")
    planned = say("{one:capital} is planned here.", one=one)
    return join_phrases(told, planned)


def _tell_way(way: AreaWay, unit: str, words: RegionWords) -> Phrase:
    return join_phrases(_tell_median(way, unit, words), _tell_nearest(way))


def _tell_median(way: AreaWay, unit: str, words: RegionWords) -> Phrase:
    kind = words.service_point
    if way.median_cost is None:
        none = kind.no("accusative")
        if way.nearest_site is None:
            none = kind.no("nominative")
            return say("{none:capital} can be reached from here.", none=none)
        return say("At least half of all of them can reach {none} from here.", none=none)
    to = kind.to_the_nearest()
    # As precisely as the field says it: rounding up from 20.04 min would make them disagree.
    length = word_cost(round(way.median_cost, 1), unit)
    hint = BASIS_WORDS[way.basis]
    return say(
        "Half of all of them have about {length} or more {to}{hint}.",
        to=to,
        length=length,
        hint=hint,
    )


def _tell_nearest(way: AreaWay) -> Phrase | None:
    """Name the service point of the result, of those whom the result asked for it."""
    if way.nearest_site is None:
        return None
    if way.out_of_reach <= 0:
        return say("For the largest group {address} is the nearest.", address=way.nearest_address)
    return say(
        "For the largest group out of reach {address} is the nearest.", address=way.nearest_address
    )


def _tell_disputes(gap: DistrictGap) -> list[Phrase]:
    sentences = list(dict.fromkeys(map(describe_dispute, gap.reports)))
    otherwise = gap.share_if_disputed_false
    if otherwise is None or otherwise == gap.share:
        return sentences
    percent = say_share(otherwise, gap.interval)
    return [
        *sentences,
        say("If that is so, {percent} are within reach.", percent=percent),
    ]
