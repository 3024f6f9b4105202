"""What a planner can choose, and which values are possible: one table for widgets, links and files.

A choice is a short text under a name, as it stands in the page's address. Nothing a visitor types
is a choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from welcomemap.region.schemas import GROUPS
from welcomemap.study.comparison import CRITERIA, usual_weights
from welcomemap.study.own import OWN_CANDIDATES
from welcomemap.study.requests import default_threshold
from welcomemap.travel.impedance import MODES
from welcomemap.wording import Phrase, say

SEPARATOR = ","
SIGN = "."
YES = "1"
NO = "0"
METRES = (300, 500, 700, 1000, 1500, 2000, 3000)
MINUTES = (5, 10, 15, 20, 30, 45, 60)
LARGEST_WEIGHT = 5
LARGEST_P = 10
SETTING = ("scenario", "mode", "group", "threshold")
"""Always chosen: their defaults stand in every link."""
OPTIMISER = ("aim", "sites", "source", "kept")
LABELS: Mapping[str, Phrase] = MappingProxyType(
    {
        "scenario": say("List of sites"),
        "mode": say("Mode"),
        "group": say("Group"),
        "threshold": say("Within reach means: at most"),
        "view": say("The map shows"),
        "district": say("Area in detail"),
        "thresholds": say("Thresholds side by side"),
        "since": say("Compare with"),
        "candidates": say("Candidates from the list"),
        "weights": say("Weights"),
        "aim": say("Aim"),
        "sites": say("Number of new sites"),
        "source": say("Possible sites"),
        "kept": say("Existing sites stay"),
        "part": say("What would you like to do?"),
        "forms": say("What should be made?"),
        "focus": say("Area in focus"),
        "anywhere": say("Compute for every place"),
        "best": say("Compute the best choice"),
    }
)
"""Every choice by its name in the address; one that another depends on stands before it."""
NAMES = tuple(LABELS)
MANY = ("thresholds", "candidates", "forms")
"""Choices of several, joined with commas; an empty text is the choice of none."""
ASKED = ("anywhere", "best")
"""What was asked to be computed: asked for one setting, and for no other."""
FORGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(SETTING, ASKED) | dict.fromkeys(OPTIMISER, ("best",))
)
"""Which answers are no longer asked for when a choice changes."""


@dataclass(frozen=True)
class Offer:
    """What there is to choose from in a session.

    Attributes
    ----------
    scenarios
        Scenarios of the region, then own lists.
    candidates, districts
        Ids of the region's candidates and numbers of its districts.
    has_own_candidates
        Whether the optimiser can be asked for own candidates.
    groups
        Groups whose people the region knows.
    sources
        What the optimiser may choose from besides lists: layers of the region.
    has_quarters
        Whether the region has quarters inside of its districts.
    """

    scenarios: tuple[str, ...]
    default_scenario: str
    candidates: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    has_own_candidates: bool = False
    groups: tuple[str, ...] = GROUPS
    sources: tuple[str, ...] = ("facilities", "offices", "stops")
    has_quarters: bool = True


@dataclass(frozen=True)
class Replaced:
    """A value that is not possible, and what holds instead; ``None`` for the default."""

    name: str
    given: str
    used: str | None


def steps_of(mode: str) -> tuple[str, ...]:
    """Return the thresholds to choose from: metres and minutes, for lines minutes only."""
    minutes = tuple(f"{number}min" for number in MINUTES)
    return minutes if mode == "transit" else (*(f"{number}m" for number in METRES), *minutes)


def list_options(name: str, chosen: Mapping[str, str], offer: Offer) -> tuple[str, ...]:
    """Return the values a choice can have beside the choices before it; weights have no list."""
    mode = chosen.get("mode", MODES[0])
    others = (other for other in offer.scenarios if other != chosen.get("scenario"))
    views = ("district", *(("quarter",) if offer.has_quarters else ()), "cell", "reach")
    own = (OWN_CANDIDATES,) if offer.has_own_candidates else ()
    options: Mapping[str, tuple[str, ...]] = {
        "scenario": offer.scenarios,
        "mode": MODES,
        "group": offer.groups,
        "threshold": steps_of(mode),
        "view": views[:-1] if mode == "transit" else views,
        "district": offer.districts,
        "thresholds": steps_of(mode),
        "since": ("", *others),
        "candidates": offer.candidates,
        "aim": ("mclp", "p-median", "p-center", "lscp", "p-dispersion"),
        "sites": tuple(str(number) for number in range(1, LARGEST_P + 1)),
        "source": ("list", *own, *offer.sources),
        "kept": (YES, NO),
        "part": ("about", "quality", "addresses", "list", "districts", "pack"),
        "forms": ("pdf", "docx", "html", "xlsx", "csv", "gpkg", "geojson", "png", "svg"),
        "focus": ("", *offer.districts),
        "anywhere": (YES,),
        "best": (YES,),
    }
    return options[name]


def default_of(name: str, chosen: Mapping[str, str], offer: Offer) -> str | None:
    """Return what holds where nothing was chosen; ``None`` where the page knows better."""
    if name in ("district", "thresholds", *ASKED):
        return None
    usual = {
        "scenario": offer.default_scenario,
        "threshold": str(
            default_threshold("transit" if chosen.get("mode") == "transit" else "walk")
        ),
        "candidates": join(offer.candidates),
        "forms": join(("pdf", "html", "xlsx")),
        "weights": write_weights(dict(usual_weights(chosen.get("group", GROUPS[0])))),
    }
    return usual[name] if name in usual else list_options(name, chosen, offer)[0]


def join(values: Sequence[str]) -> str:
    """Return several values as one text; :func:`split` gives them back."""
    return SEPARATOR.join(one.replace("%", "%25").replace(SEPARATOR, "%2C") for one in values)


def split(text: str) -> list[str]:
    """Return the values of a choice of several, each once."""
    return [
        one.replace("%2C", SEPARATOR).replace("%25", "%")
        for one in dict.fromkeys(text.split(SEPARATOR))
        if one
    ]


def settle(held: Mapping[str, str], offer: Offer) -> tuple[dict[str, str], tuple[Replaced, ...]]:
    """Return the choices that are possible, with the setting filled in, and what was replaced.

    Settled choices settle to themselves.
    """
    settled: dict[str, str] = {}
    replaced: list[Replaced] = []
    for name in NAMES:
        given = held.get(name)
        text = None if given is None else _read(name, given, settled, offer)
        if name in ASKED:
            # What was asked for another setting is not asked for this one.
            text = None if any(name in FORGETS.get(r.name, ()) for r in replaced) else text
        elif text is None and name in SETTING:
            text = default_of(name, settled, offer)
        if given is not None and name not in ASKED and text != given:
            replaced.append(Replaced(name, given, text))
        if text is not None:
            settled[name] = text
    return settled, tuple(replaced)


def _read(name: str, given: str, chosen: Mapping[str, str], offer: Offer) -> str | None:
    if name == "weights":
        weights = write_weights(read_weights(given))
        return weights if weights or not given else None
    options = list_options(name, chosen, offer)
    if name not in MANY:
        return given if given in options else None
    known = [one for one in split(given) if one in options]
    return join(known) if known or not given else None


def write_weights(weights: Mapping[str, float]) -> str:
    """Write whole weights as they stand in an address; those of 0 are left out."""
    return SEPARATOR.join(
        f"{name}{SIGN}{weights[name]:.0f}" for name in CRITERIA if weights.get(name)
    )


def read_weights(text: str) -> dict[str, int]:
    """Read weights from an address, such as ``residents.2,mean_cost.1``; others are 0."""
    found = dict.fromkeys(CRITERIA, 0)
    for part in text[:500].split(SEPARATOR):
        name, _, number = part.partition(SIGN)
        if name in found and number.isdecimal() and len(number) == 1:
            found[name] = min(int(number), LARGEST_WEIGHT)
    return found
