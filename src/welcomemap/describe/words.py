"""Sentences about coverage: the number first, then the reason, then how sure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from welcomemap.describe.nouns import Noun, read_noun
from welcomemap.travel.impedance import Mode, Threshold
from welcomemap.wording import (
    LANGUAGES,
    NO_BREAK_SPACE,
    WIDE_INTERVAL_SHARE,
    Language,
    Text,
    format_metres,
    format_minutes,
    format_number,
    format_share,
)

if TYPE_CHECKING:
    from welcomemap.coverage.reach import Interval

MODE_WORDS: dict[Mode, Text] = {
    "walk": Text("zu Fuß", "on foot"),
    "cycle": Text("mit dem Fahrrad", "by bicycle"),
    "transit": Text("mit Bus und Bahn", "by bus and train"),
}
MODE_LABELS: dict[Mode, Text] = MODE_WORDS | {
    "transit": Text("mit Bus und Bahn (geschätzt)", "by bus and train (estimated)"),
}
"""Modes in labels and headings, where nothing else says that ways by line are estimates."""
GROUP_WORDS = {
    "residents": Text("Menschen", "people"),
    "migration_background": Text(
        "Menschen mit Migrationshintergrund", "people with a migration background"
    ),
    "foreign_citizens": Text("Menschen ohne deutschen Pass", "foreign citizens"),
    "under_18": Text("Kinder und Jugendliche unter 18", "children and young people under 18"),
    "over_65": Text("Menschen ab 65", "people aged 65 and over"),
}
"""Groups after a number: 3.200 Menschen ab 65."""
GROUP_LABELS = {
    "residents": Text("alle Einwohnerinnen und Einwohner", "all residents"),
    "migration_background": Text(
        "Menschen mit Migrationshintergrund", "people with a migration background"
    ),
    "foreign_citizens": Text("Menschen mit ausländischer Staatsangehörigkeit", "foreign citizens"),
    "under_18": Text("unter 18 Jahren", "under 18"),
    "over_65": Text("65 Jahre und älter", "65 and over"),
}
"""Groups in labels and choices."""
GROUP_PARTS = {
    "migration_background": Text(
        "davon mit Migrationshintergrund", "of them with migration background"
    ),
    "foreign_citizens": Text(
        "davon mit ausländischer Staatsangehörigkeit", "of them foreign citizens"
    ),
    "under_18": Text("davon unter 18 Jahren", "of them under 18"),
    "over_65": Text("davon 65 Jahre und älter", "of them 65 and over"),
}
"""Groups as a part of the people named before."""
AFTER_ARTICLE = {"under_18": "Kinder und Jugendlichen unter 18"}
"""Groups that German calls otherwise after "die", "der", "aller" and "keine"."""
AFTER_OF = {"under_18": "Kindern und Jugendlichen unter 18"}
"""Groups that German calls otherwise after "von" and a number."""


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


def word_threshold(threshold: Threshold, language: Language) -> str:
    """Write a threshold: 1.000 m, or 15 Minuten."""
    digits = 0 if float(threshold.value).is_integer() else 1
    number = format_number(threshold.value, language, digits)
    if threshold.unit == "m":
        return f"{number}{NO_BREAK_SPACE}m"
    return f"{number} {'Minuten' if language == 'de' else 'minutes'}"


def word_cost(cost: float | None, unit: str, language: Language) -> str:
    """Write a travel cost in metres or minutes; unknown in words."""
    return format_metres(cost, language) if unit == "m" else format_minutes(cost, language)


def word_group(group: str) -> Text:
    """Return what the people of a group are called, after a number; the name itself if new."""
    return GROUP_WORDS.get(group, Text(group, group))


def word_the_group(group: str) -> Text:
    """Return what they are called after an article: der Kinder und Jugendlichen unter 18."""
    word = word_group(group)
    return Text(AFTER_ARTICLE.get(group, word.de), word.en)


def word_of_group(group: str) -> Text:
    """Return what they are called after "von" and a number, "of" and a number."""
    word = word_group(group)
    return Text(AFTER_OF.get(group, word.de), word.en)


def word_estimate(people: float) -> Text:
    """Write an estimated number of people no finer than it is known: about 3,200."""
    step = 100 if people >= 1000 else 10 if people >= 100 else 1
    rounded = round(people / step) * step
    de, en = format_number(rounded, "de"), format_number(rounded, "en")
    return Text(de, en) if step == 1 else Text(f"etwa {de}", f"about {en}")


def tell_reach(
    area: Text,
    covered: float,
    total: float,
    group: str,
    threshold: Threshold,
    mode: Mode,
    words: RegionWords,
) -> Text:
    """Say how many people of an area reach a service point; ``area`` begins the sentence."""
    if total <= 0:
        return Text(
            f"{area.de} leben keine {word_group(group).de}.",
            f"{area.en}, there are no {word_group(group).en}.",
        )
    near, all_people = word_estimate(covered), Text(*(format_number(total, k) for k in LANGUAGES))
    kind = words.service_point.a("accusative")
    of_group = word_of_group(group)
    return Text(
        f"{area.de} erreichen {near.de} von {all_people.de} {of_group.de} "
        f"{MODE_WORDS[mode].de} innerhalb von {word_threshold(threshold, 'de')} "
        f"{kind.de}.",
        f"{area.en}, {near.en} of {all_people.en} {of_group.en} reach {kind.en} "
        f"{MODE_WORDS[mode].en} within {word_threshold(threshold, 'en')}.",
    )


def word_draws(share: float) -> Text:
    """Write in what share of the draws something is so: all and none are said in words."""
    if share >= 1:
        return Text("in allen Ziehungen", "in all draws")
    if share <= 0:
        return Text("in keiner der Ziehungen", "in none of the draws")
    de, en = format_share(share, "de"), format_share(share, "en")
    return Text(f"in {de} der Ziehungen", f"in {en} of the draws")


def tell_ways(mode: Mode, threshold: Threshold) -> Text:
    """Say which ways were counted."""
    return Text(
        f"Gezählt sind Wege {MODE_WORDS[mode].de} bis {word_threshold(threshold, 'de')}.",
        f"Ways {MODE_WORDS[mode].en} of up to {word_threshold(threshold, 'en')} are counted.",
    )


def tell_certainty(share: float | None, interval: Interval | None) -> Text:
    """Say how sure a share is; a wide interval is called unsure in words."""
    if share is None or interval is None or math.isnan(share):
        return Text("Wie sicher das ist, ist nicht bekannt.", "How sure this is, is not known.")
    low, high = (
        (format_share(bound, "de", interval), format_share(bound, "en", interval))
        for bound in interval
    )
    if interval[1] - interval[0] > WIDE_INTERVAL_SHARE:
        return Text(
            f"Diese Schätzung ist unsicher: Die Spanne reicht von {low[0]} bis {high[0]}.",
            f"This estimate is unsure: it may be anything from {low[1]} to {high[1]}.",
        )
    if low == high:
        return Text(
            f"Auch mit allen Unsicherheiten bleibt es bei {low[0]}.",
            f"With all uncertainties it stays at {low[1]}.",
        )
    return Text(
        f"Die Spanne liegt bei {low[0]} bis {high[0]}.",
        f"The estimate lies between {low[1]} and {high[1]}.",
    )
