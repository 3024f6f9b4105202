"""What a region pack is good for, in sentences: grades, rules, what each gap does to answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from welcomemap.describe.nouns import label_area, name_area, name_areas
from welcomemap.describe.reasons import describe_fault
from welcomemap.describe.words import RegionWords, word_threshold
from welcomemap.study.pack_quality import (
    MOST_SHARE,
    MOST_WIDTH,
    NEAR_M,
    TRUSTED_SHARE,
    TRUSTED_WIDTH,
    AreaQuality,
    Grade,
    PackQuality,
)
from welcomemap.travel.impedance import Threshold
from welcomemap.wording import (
    UNKNOWN,
    Given,
    Phrase,
    Verbatim,
    join_phrases,
    say,
    say_as,
    say_counted,
    say_list,
    say_metres,
    say_number,
    say_share,
)

if TYPE_CHECKING:
    from welcomemap.study.pack_quality import LayerQuality
    from welcomemap.travel.estimate import DetourFactor

GRADE_WORDS: Mapping[Grade, Phrase] = {
    Grade.RELIABLE: say_as("grade", "reliable"),
    Grade.WITH_CARE: say_as("grade", "with care"),
    Grade.UNRELIABLE: say_as("grade", "not reliable"),
}
SEARCH = say("Search by address")
WAYS = say("Length of ways")
SHARES = say("Shares within reach")
WEAKEST = say("Weakest answer")
COSTS: Mapping[str, Phrase] = {
    "districts": say("Without districts nothing can be told by area."),
    "quarters": say("Without quarters nothing can be told by area."),
    "demand_cells": say("Without demand cells nobody can be counted."),
    "addresses": say("Without addresses the search finds streets, stops and places at best, and no "
                     "house number."),
    "street_edges": say("Without streets every way is an estimate from the straight line."),
    "street_extent": say("Where the streets are complete is not known, so every way is an "
                         "estimate."),
    "service_points": say("Without service points nobody can say who reaches one, and how far it "
                          "is."),
    "candidate_sites": say("Without candidate sites, sites to compare have to be named one by "
                           "one."),
    "stops": say("Without stops the search finds no stop, and no stop can be a candidate."),
    "lines": say("Without lines there are no ways by bus and train."),
}  # fmt: skip
"""What it costs that a layer is missing."""


def word_grade(grade: Grade | None) -> Phrase:
    """Return a grade in words; what cannot be graded is not known."""
    return UNKNOWN if grade is None else GRADE_WORDS[grade]


def name_quality_area(area: AreaQuality, words: RegionWords) -> Phrase:
    """Return what an area is called: its number and name, or the name of region or quarter."""
    if area.area_kind == "district":
        return name_area(words.district, area.area, area.name).capitalised()
    return Verbatim(area.name)


def name_quality_areas(areas: Sequence[AreaQuality], words: RegionWords) -> Phrase:
    """Return what several areas are called together: districts by their numbers."""
    if len(areas) == 1:
        return name_quality_area(areas[0], words)
    return name_areas(words.district, [area.area for area in areas]).capitalised()


def label_quality_area(area: AreaQuality, words: RegionWords) -> Phrase:
    """Return the shortest name of a district."""
    return label_area(words.district, area.area, area.name)


def state_quality(quality: PackQuality) -> Phrase:
    """Return the finding as a title: where every answer is reliable, and where one is not."""
    graded = [area.weakest for area in quality.districts]
    n_all, n_bad = len(graded), graded.count(Grade.UNRELIABLE)
    if not graded:
        return say("{region}: no figure can be told of any area", region=quality.region)
    if n_bad:
        return say_counted(
            "{region}: in {count} of {total} areas one answer at least is not reliable",
            "{region}: in {count} of {total} areas one answer at least is not reliable",
            count=n_bad, total=say_number(n_all), region=quality.region,
        )  # fmt: skip
    n_care = graded.count(Grade.WITH_CARE)
    if n_care:
        return say_counted(
            "{region}: in {count} of {total} areas one answer at least is to be taken with care",
            "{region}: in {count} of {total} areas one answer at least is to be taken with care",
            count=n_care, total=say_number(n_all), region=quality.region,
        )  # fmt: skip
    return say("{region}: the answers are reliable in all areas", region=quality.region)


def summarise_quality(quality: PackQuality) -> Iterator[Phrase]:
    """Yield what holds for the whole region: the three answers, then the layers that are missing.

    A problem that the check of the pack found comes first.
    """
    if not quality.is_sound:
        yield say("The check of the data pack found faults; see the table of layers. Figures that "
                  "rest on a faulty layer are not told.")  # fmt: skip
    city = quality.city
    if city is not None:
        yield _tell_people(city)
        if quality.factor is not None and (city.on_streets_share or 0.0) < 1.0:
            yield _tell_spread(quality.factor)
    if quality.reach_fault is not None:
        why = describe_fault(quality.reach_fault)
        yield say("Shares within reach cannot be told: {why}.", why=why)
    for name in quality.missing:
        yield COSTS[name]


def _tell_people(city: AreaQuality) -> Phrase:
    if city.addresses is None:
        return say(
            "Of all people, {streets} live where streets are known completely. No addresses are "
            "known.",
            streets=say_share(city.on_streets_share),
        )
    return say(
        "Of all people, {near} live within {metres} of a known address, and {streets} where "
        "streets are known completely.",
        near=say_share(city.near_address_share),
        streets=say_share(city.on_streets_share),
        metres=say_metres(NEAR_M),
    )


def _tell_spread(factor: DetourFactor) -> Phrase:
    """Say how far a single estimated way may be off; the factor's bounds are p10 and p90."""
    less, more = 1 - factor.lower / factor.estimate, factor.upper / factor.estimate - 1
    return say(
        "Where streets are not known, ways are estimated. Of ten such ways, one is more than "
        "{less} shorter than told, and one more than {more} longer.",
        less=say_share(less, WHOLE_PERCENT),
        more=say_share(more, WHOLE_PERCENT),
    )


WHOLE_PERCENT = (0.0, 1.0)
"""An interval so wide that a share is told without decimals."""


def describe_quality(area: AreaQuality, quality: PackQuality) -> tuple[Phrase, ...]:
    """Return what is missing in an area, and what each gap does to the answers there."""
    if area.residents <= 0:
        return (say("Nobody lives here, by the demand cells."),)
    told = (
        *_tell_addresses(area), *_tell_ways(area, quality), *_tell_placing(area, quality),
        *_tell_interval(area, quality), *_tell_sites(area),
    )  # fmt: skip
    return told or (say("No gap is known that changes an answer."),)


def _tell_addresses(area: AreaQuality) -> Iterator[Phrase]:
    counts, near = area.addresses, area.near_address_share
    if counts is None or near is None:
        return
    if counts.total == 0:
        yield say("No address is known here: the search finds nobody's home.")
    elif near < TRUSTED_SHARE:
        yield say(
            "For {share} of the people no address within {metres} is known: the search shows a "
            "street or another house, or finds nothing.",
            share=say_share(1 - near),
            metres=say_metres(NEAR_M),
        )
    if counts.none + counts.street:
        yield say_counted(
            "{count} address has no place of its own: the search shows its street or nothing.",
            "{count} addresses have no place of their own: the search shows their street or "
            "nothing.",
            count=counts.none + counts.street,
        )


def _tell_ways(area: AreaQuality, quality: PackQuality) -> Iterator[Phrase]:
    share = area.on_streets_share
    if share is None or share >= TRUSTED_SHARE:
        return
    whose = _word_part(1 - share)
    if quality.factor is None:
        yield say("Ways of {whose} are estimated.", whose=whose)
        return
    told = quality.threshold.value
    low, high = (round(told * bound / quality.factor.estimate, -1)
                 for bound in (quality.factor.lower, quality.factor.upper))  # fmt: skip
    yield say(
        "Ways of {whose} are estimated: one told as {told} is {low} to {high} long in eight of ten "
        "cases.",
        whose=whose,
        told=_word_length(told), low=_word_length(low), high=_word_length(high),
    )  # fmt: skip


def _word_part(share: float) -> Phrase:
    """Return whose ways, places or homes are meant, after "of", by their share of the people."""
    if share >= ALMOST_ALL:
        return say_as("after of", "all people here")
    return say_as("after of", "{share} of the people", share=say_share(share))


ALMOST_ALL = 0.9995
"""From here on a share reads 100.0%."""


def _word_length(metres: float) -> Phrase:
    return word_threshold(Threshold(metres, "m"))


def _tell_placing(area: AreaQuality, quality: PackQuality) -> Iterator[Phrase]:
    evenly = area.evenly_share
    if evenly is not None and evenly > 1 - TRUSTED_SHARE:
        yield say(
            "The homes of {whose} are spread evenly over cells of {metres}, woods and fields "
            "included: who of them has a site within reach is a guess.",
            whose=_word_part(evenly),
            metres=say_metres(quality.grid_m),
        )


def _tell_interval(area: AreaQuality, quality: PackQuality) -> Iterator[Phrase]:
    interval = area.interval
    if interval is None or interval[1] - interval[0] <= TRUSTED_WIDTH:
        return
    low, high = (say_share(bound, interval) for bound in interval)
    yield say(
        "The share within {threshold} on foot may be anything from {low} to {high}.",
        threshold=word_threshold(quality.threshold),
        low=low,
        high=high,
    )


def _tell_sites(area: AreaQuality) -> Iterator[Phrase]:
    if area.sites_unlocated:
        yield say(
            "Sites without a place, which count for nobody: {ids}.",
            ids=say_list(area.sites_unlocated),
        )
    if area.sites_disputed and area.is_other_reading_apart:
        yield say(
            "Sources disagree about {ids}: by the others the share within reach is another.",
            ids=say_list(area.sites_disputed),
        )


def explain_rules(quality: PackQuality) -> tuple[tuple[Phrase, Phrase], ...]:
    """Return for each answer by which rule it is graded, and why."""
    most = {"best": say_share(TRUSTED_SHARE, WHOLE_PERCENT),
            "least": say_share(MOST_SHARE, WHOLE_PERCENT)}  # fmt: skip
    return (
        (SEARCH, say(
            "By the people with a known address within {metres}, the side of a cell of the census: "
            "reliable from {best} of them on, with care from {least} on.",
            metres=say_metres(NEAR_M), **most,
        )),
        (WAYS, say(
            "By the people who live where streets are known completely: reliable from {best} of "
            "them on, with care from {least} on. Other ways are estimated.", **most,
        )),
        (SHARES, say(
            "By the interval of the share of people within {threshold} on foot: reliable up to a "
            "width of {narrow} percentage points, from which on this program calls a share unsure; "
            "with care up to {wide}, a step of colour on the maps. No better than with care where "
            "a site has no place, or where another source would change the share; and no better "
            "than the share of people allows whose place is known and not spread evenly.",
            threshold=word_threshold(quality.threshold),
            narrow=say_number(100 * TRUSTED_WIDTH), wide=say_number(100 * MOST_WIDTH),
        )),
    )  # fmt: skip


NOT_SEEN = say(
    "A grade says nothing about a single house number or path that is missing where others are "
    "known: no official count lies in the data pack to compare with."
)


def describe_layer_state(layer: LayerQuality) -> Phrase:
    """Return whether a layer is in order, and what limits it, as the pack says it."""
    limits = Given(layer.limits_de or layer.limits, layer.limits)
    return limits if layer.limits else UNKNOWN


def tell_quality(quality: PackQuality, words: RegionWords) -> tuple[Phrase, ...]:
    """Return the finding, what holds for the region, and each district with its gaps."""
    districts = (
        say("{area}: {told}", area=name_quality_areas(areas, words), told=join_phrases(*told))
        for areas, told in group_by_gaps(quality)
    )
    return (state_quality(quality), *summarise_quality(quality), *districts)


def group_by_gaps(
    quality: PackQuality,
) -> tuple[tuple[tuple[AreaQuality, ...], tuple[Phrase, ...]], ...]:
    """Return what is to be known of districts, those together of which the same is."""
    grouped: dict[tuple[Phrase, ...], list[AreaQuality]] = {}
    for area in quality.districts:
        grouped.setdefault(describe_quality(area, quality), []).append(area)
    return tuple((tuple(areas), told) for told, areas in grouped.items())
