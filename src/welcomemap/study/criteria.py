"""By what candidates are compared: names, which way is better, and the weights to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from welcomemap.coverage.headings import ALL_RESIDENTS, head_gained, is_part
from welcomemap.coverage.words import word_group, word_the_group
from welcomemap.tables import GROUPS
from welcomemap.wording import Text

CRITERIA: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(GROUPS, True)
    | {"mean_cost": False, "p90_cost": False, "stop_distance_m": False, "n_lines": True,
       "overlap_share": False}
)  # fmt: skip
"""Criteria by name: whether more is better; people gained come first, by group."""


def usual_weights(group: str) -> tuple[tuple[str, float], ...]:
    """Return the weights that hold where none are given: of what a group gains, and the stop.

    Equal weights; any other choice is a decision that people should take.
    """
    return ((group, 1.0), ("mean_cost", 1.0), ("stop_distance_m", 1.0))


def name_criterion(name: str, group: str) -> Text:
    """Return what a criterion is called where a group was asked for: it says whom it counts."""
    if name in GROUPS:
        if name == group or is_part(name):
            return head_gained(name)
        return Text(f"{ALL_RESIDENTS.de} zusätzlich in Reichweite",
                    f"more {ALL_RESIDENTS.en} within reach")  # fmt: skip
    people, counted = word_the_group(group), word_group(group)
    of_them = Text(f" ({counted.de})", f" ({counted.en})") if is_part(group) else Text("", "")
    return {
        "mean_cost": Text(f"mittlerer Weg (Durchschnitt) aller {people.de}",
                          f"mean way (average) of all {people.en}"),
        "p90_cost": Text(f"Weg, den 90 % aller {people.de} nicht überschreiten",
                         f"way that 90% of all {people.en} stay within"),
        "stop_distance_m": Text("Weg zur nächsten Haltestelle", "way to the nearest stop"),
        "n_lines": Text("Linien an der nächsten Haltestelle", "lines at the nearest stop"),
        "overlap_share": Text(f"Überschneidung mit Bestehendem{of_them.de}",
                              f"overlap with existing sites{of_them.en}"),
    }[name]  # fmt: skip


def word_mean_way(group: str) -> Text:
    """Return what the mean way of a group is called."""
    return name_criterion("mean_cost", group)
