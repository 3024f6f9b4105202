"""By what candidates are compared: names, which way is better, and the weights to begin with."""

from __future__ import annotations

from welcomemap.coverage.headings import ALL_RESIDENTS, head_gained
from welcomemap.coverage.words import GROUP_PARTS, word_the_group
from welcomemap.wording import Text

CRITERIA = {
    "residents": (
        Text(f"{ALL_RESIDENTS.de} zusätzlich in Reichweite",
             f"more {ALL_RESIDENTS.en} within reach"),
        True,
    ),
    **{group: (words, True) for group, words in GROUP_PARTS.items()},
    "mean_cost": (Text("mittlerer Weg (Durchschnitt)", "mean way (average)"), False),
    "p90_cost": (Text("Weg, den 90 % nicht überschreiten", "way that 90% stay within"), False),
    "stop_distance_m": (Text("Weg zur nächsten Haltestelle", "way to the nearest stop"), False),
    "n_lines": (Text("Linien an der nächsten Haltestelle", "lines at the nearest stop"), True),
    "overlap_share": (Text("Überschneidung mit Bestehendem", "overlap with existing sites"), False),
}  # fmt: skip
"""Criteria by name: what they are called whatever the group, and whether more is better."""

DEFAULT_WEIGHTS = (
    ("residents", 1.0), ("migration_background", 1.0), ("mean_cost", 1.0), ("stop_distance_m", 1.0),
)  # fmt: skip
"""Equal weights; any other choice is a decision that people should take."""


def word_mean_way(group: str) -> Text:
    """Return what the mean way of a group is called."""
    people = word_the_group(group)
    return Text(
        f"mittlerer Weg (Durchschnitt) aller {people.de}", f"mean way (average) of all {people.en}"
    )


def name_criterion(name: str, group: str) -> Text:
    """Return what a criterion is called where a group was asked for."""
    if name == group:
        return head_gained(group)
    return word_mean_way(group) if name == "mean_cost" else CRITERIA[name][0]
