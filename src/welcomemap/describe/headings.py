"""What a number of people is called in headings, labels and legends: always by whom it counts.

A presentation has no words of its own for people; it asks here, by the group of the result.
"""

from __future__ import annotations

from welcomemap.describe.words import word_group, word_of_group, word_the_group
from welcomemap.region.schemas import GROUPS
from welcomemap.wording import Text

ALL_RESIDENTS = Text("Einwohnerinnen und Einwohner", "residents")
"""Everybody, where a figure of them stands beside those of another group."""


def is_part(group: str) -> bool:
    """Tell whether a group is a part of the residents only, so that headings must name it."""
    return group != GROUPS[0]


def head_people(group: str) -> Text:
    """Head the number of people of a group: People, Foreign citizens."""
    return word_group(group).capitalised()


def head_reached(group: str) -> Text:
    """Head the number of people within reach."""
    people = head_people(group)
    if not is_part(group):
        return Text("In Reichweite", "Within reach")
    return Text(f"{people.de} in Reichweite", f"{people.en} within reach")


def head_unreached(group: str) -> Text:
    """Head the number of people out of reach."""
    people = head_people(group)
    return Text(f"{people.de} außer Reichweite", f"{people.en} out of reach")


def head_share(group: str) -> Text:
    """Head the share of people within reach."""
    return Text(
        f"Anteil der {word_the_group(group).de} in Reichweite",
        f"Share of {word_group(group).en} within reach",
    )


def head_gained(group: str) -> Text:
    """Head the number of people that a new site brings within reach."""
    return Text(
        f"{word_group(group).de} zusätzlich in Reichweite",
        f"more {word_group(group).en} within reach",
    )


def head_gap_areas(group: str, threshold: str) -> Text:
    """Head the areas ranked by their people out of reach."""
    return Text(
        f"Gebiete mit den meisten {word_of_group(group).de} außer Reichweite ({threshold})",
        f"Areas with the most {word_group(group).en} out of reach ({threshold})",
    )


def tell_counted(group: str) -> Text | None:
    """Say in a subtitle who is counted; ``None`` where it is everybody."""
    if not is_part(group):
        return None
    return Text(f"gezählt: {word_group(group).de}", f"counted: {word_group(group).en}")


def add_counted(said: Text, group: str) -> Text:
    """Add to a title or subtitle who is counted, where it is not everybody."""
    counted = tell_counted(group)
    if counted is None:
        return said
    return Text(f"{said.de} · {counted.de}", f"{said.en} · {counted.en}")
