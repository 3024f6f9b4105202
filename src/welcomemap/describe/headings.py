"""What a number of people is called in headings, labels and legends: always by whom it counts.

A presentation has no words of its own for people; it asks here, by the group of the result.
"""

from __future__ import annotations

from welcomemap.describe.words import word_group, word_of_group, word_the_group
from welcomemap.region.schemas import GROUPS
from welcomemap.wording import Phrase, say

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
