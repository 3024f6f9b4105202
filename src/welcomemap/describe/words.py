"""Sentences and headings about coverage: the number first, then the reason, then how sure.

What a number of people is called in headings, labels and legends is always told by whom it
counts: a presentation has no words of its own for people; it asks here, by the group of the
result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from welcomemap.describe.nouns import Noun, read_noun
from welcomemap.region.schemas import GROUPS
from welcomemap.wording import (
    NO_BREAK_SPACE,
    WIDE_INTERVAL_SHARE,
    Phrase,
    Verbatim,
    join_phrases,
    say,
    say_as,
    say_counted,
    say_metres,
    say_minutes,
    say_number,
    say_share,
)

if TYPE_CHECKING:
    from welcomemap.coverage.reach import Interval
    from welcomemap.travel.impedance import Mode, Threshold

ALL_RESIDENTS = say("residents")
"""Everybody, where a figure of them stands beside those of another group."""


def is_part(group: str) -> bool:
    """Tell whether a group is a part of the residents only, so that headings must name it."""
    return group != GROUPS[0]


def head_people(group: str) -> Phrase:
    """Head the number of people of a group: People, Foreign citizens."""
    return word_group(group).capitalised()


def head_reached(group: str) -> Phrase:
    """Head the number of people within reach."""
    people = head_people(group)
    if not is_part(group):
        return say("Within reach")
    return say("{people} within reach", people=people)


def head_unreached(group: str) -> Phrase:
    """Head the number of people out of reach."""
    people = head_people(group)
    return say("{people} out of reach", people=people)


def head_share(group: str) -> Phrase:
    """Head the share of people within reach."""
    return say(
        "Share of {people} within reach", the_people=word_the_group(group), people=word_group(group)
    )


def head_gained(group: str) -> Phrase:
    """Head the number of people that a new site brings within reach."""
    return say("more {people} within reach", people=word_group(group))


def head_gap_areas(group: str, threshold: Phrase | str) -> Phrase:
    """Head the areas ranked by their people out of reach."""
    return say(
        "Areas with the most {people} out of reach ({threshold})",
        of_people=word_of_group(group),
        threshold=threshold,
        people=word_group(group),
    )


def tell_counted(group: str) -> Phrase | None:
    """Say in a subtitle who is counted; ``None`` where it is everybody."""
    if not is_part(group):
        return None
    return say("counted: {people}", people=word_group(group))


def add_counted(said: Phrase, group: str) -> Phrase:
    """Add to a title or subtitle who is counted, where it is not everybody."""
    counted = tell_counted(group)
    if counted is None:
        return said
    return say("{said} · {counted}", said=said, counted=counted)


MODE_WORDS: dict[Mode, Phrase] = {
    "walk": say("on foot"),
    "cycle": say("by bicycle"),
    "transit": say("by bus and train"),
}
MODE_LABELS: dict[Mode, Phrase] = MODE_WORDS | {
    "transit": say("by bus and train (estimated)"),
}
"""Modes in labels and headings, where nothing else says that ways by line are estimates."""
GROUP_WORDS = {
    "residents": say("people"),
    "migration_background": say("people with a migration background"),
    "foreign_citizens": say("foreign citizens"),
    "under_18": say("children and young people under 18"),
    "over_65": say("people aged 65 and over"),
}
"""Groups after a number: 3.200 Menschen ab 65."""
GROUP_LABELS = {
    "residents": say("all residents"),
    "migration_background": say("people with a migration background"),
    "foreign_citizens": say_as("label", "foreign citizens"),
    "under_18": say("under 18"),
    "over_65": say("65 and over"),
}
"""Groups in labels and choices."""
GROUP_PARTS = {
    "migration_background": say("of them with migration background"),
    "foreign_citizens": say("of them foreign citizens"),
    "under_18": say("of them under 18"),
    "over_65": say("of them 65 and over"),
}
"""Groups as a part of the people named before."""
LEAST_PEOPLE = 0.5
"""Fewer than this are none in a sentence."""
AFTER_ARTICLE = {
    "under_18": say_as("after an article", "children and young people under 18"),
}
"""Groups that German calls otherwise after "die", "der", "aller" and "keine"."""
AFTER_OF = {"under_18": say_as("after a number of", "children and young people under 18")}
"""Groups that German calls otherwise after "von" and a number."""


YES = say("yes")
NO = say("no")
GENERAL_WORDS = {
    "district_word": {"de": "Stadtbezirk", "en": "district"},
    "quarter_word": {"de": "Stadtteil", "en": "quarter"},
    "service_kind": {"de": "Anlaufstelle", "en": "service point"},
}
"""What areas and service points are called where a pack does not say it."""


@dataclass(frozen=True)
class RegionWords:
    """What areas and service points are called here; a kind is a value in the pack."""

    district: Noun
    quarter: Noun
    service_point: Noun


def read_region_words(region: Mapping[str, Any]) -> RegionWords:
    """Return what a region calls its areas and service points, in general words if it does not."""
    told = {key: region.get(key) or word for key, word in GENERAL_WORDS.items()}
    return RegionWords(
        district=read_noun(told["district_word"], is_area=True),
        quarter=read_noun(told["quarter_word"], is_area=True),
        service_point=read_noun(told["service_kind"]),
    )


def word_threshold(threshold: Threshold) -> Phrase:
    """Return a threshold: 1.000 m, or 15 Minuten."""
    number = say_number(threshold.value, 0 if float(threshold.value).is_integer() else 1)
    if threshold.unit == "m":
        return join_phrases(number, "m", joint=NO_BREAK_SPACE)
    count = 1 if threshold.value == 1 else 2
    return say_counted("{number} minute", "{number} minutes", count=count, number=number)


def word_cost(cost: float | None, unit: str) -> Phrase:
    """Return a travel cost in metres or minutes; unknown in words."""
    return say_metres(cost) if unit == "m" else say_minutes(cost)


def word_group(group: str) -> Phrase:
    """Return what the people of a group are called, after a number; the name itself if new."""
    return GROUP_WORDS.get(group, Verbatim(group))


def word_the_group(group: str) -> Phrase:
    """Return what they are called after an article: der Kinder und Jugendlichen unter 18."""
    return AFTER_ARTICLE.get(group) or word_group(group)


def word_of_group(group: str) -> Phrase:
    """Return what they are called after "von" and a number, "of" and a number."""
    return AFTER_OF.get(group) or word_group(group)


def word_estimate(people: float) -> Phrase:
    """Write an estimated number of people no finer than it is known: about 3,200."""
    step = 100 if people >= 1000 else 10 if people >= 100 else 1
    rounded = say_number(round(people / step) * step)
    return rounded if step == 1 else say("about {number}", number=rounded)


def tell_reach(
    area: Phrase,
    covered: float,
    total: float,
    group: str,
    threshold: Threshold,
    mode: Mode,
    words: RegionWords,
) -> Phrase:
    """Say how many people of an area reach a service point; ``area`` begins the sentence."""
    if total <= 0:
        return say("{area}, there are no {people}.", area=area, people=word_group(group))
    near, all_people = word_estimate(covered), say_number(total)
    kind = words.service_point.a("accusative")
    of_group = word_of_group(group)
    return say(
        "{area}, {near} of {all_people} {of_people} reach {kind} {mode} within {threshold}.",
        area=area,
        near=near,
        all_people=all_people,
        of_people=of_group,
        mode=MODE_WORDS[mode],
        threshold=word_threshold(threshold),
        kind=kind,
    )


def word_draws(share: float) -> Phrase:
    """Write in what share of the draws something is so: all and none are said in words."""
    if share >= 1:
        return say("in all draws")
    if share <= 0:
        return say("in none of the draws")
    return say("in {share} of the draws", share=say_share(share))


def tell_ways(mode: Mode, threshold: Threshold) -> Phrase:
    """Say which ways were counted."""
    return say(
        "Ways {mode} of up to {threshold} are counted.",
        mode=MODE_WORDS[mode],
        threshold=word_threshold(threshold),
    )


def tell_certainty(share: float | None, interval: Interval | None) -> Phrase:
    """Say how sure a share is; a wide interval is called unsure in words."""
    if share is None or interval is None or math.isnan(share):
        return say("How sure this is, is not known.")
    low, high = (say_share(bound, interval) for bound in interval)
    if interval[1] - interval[0] > WIDE_INTERVAL_SHARE:
        return say(
            "This estimate is unsure: it may be anything from {low} to {high}.",
            low=low,
            high=high,
        )
    if low == high:
        return say("With all uncertainties it stays at {low}.", low=low)
    return say("The estimate lies between {low} and {high}.", low=low, high=high)
