"""Which candidates can be ranked against each other: of one kind, and none decided already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from welcomemap.study.candidates import CandidateSites

HOUSE_KINDS = frozenset(
    {
        "advice", "association", "childcare", "community_centre", "employment_agency",
        "family_centre", "government", "kindergarten", "library", "ngo", "parish_hall",
        "place_of_worship", "school", "social_centre", "social_facility", "townhall",
        "youth_centre",
    }
)  # fmt: skip
"""Kinds of facilities: they say what a house is today, not what would open there, so a library and
a school are two places for one office and can be ranked together."""
OPEN_STATUSES = frozenset({"", "proposal", "option", "idea", "candidate", "vorschlag", "idee"})
"""What a list says of a candidate that nothing is decided about."""


def split_alike(sites: CandidateSites, kind: str) -> tuple[CandidateSites, CandidateSites]:
    """Return the candidates that can be ranked together, and those set apart.

    Ranked are those that nothing is decided about and that are of the kind of the service points.
    A house (:data:`HOUSE_KINDS`) and a candidate without a kind fit every kind. Where neither a
    house nor that kind is among them, the most frequent kind is ranked.

    Parameters
    ----------
    kind
        Kind of the service points; empty where their list states none.
    """
    is_open = [status_of(facts) in OPEN_STATUSES for facts in sites.facts]
    kinds = [kind_of(facts) for facts in sites.facts]
    stated = Counter(k for k, ok in zip(kinds, is_open, strict=True) if ok and k)
    has_houses = any(
        ok and (facts.get("kind") or "").strip() in HOUSE_KINDS
        for facts, ok in zip(sites.facts, is_open, strict=True)
    )
    most_frequent = next((k for k, _ in stated.most_common(1)), "")
    wanted = kind if kind in stated or (kind and has_houses) else most_frequent
    is_alike = np.array(
        [ok and k in ("", wanted) for k, ok in zip(kinds, is_open, strict=True)], dtype=np.bool_
    )
    return sites.pick(np.flatnonzero(is_alike)), sites.pick(np.flatnonzero(~is_alike))


def is_mixed(sites: CandidateSites) -> bool:
    """Tell whether unlike candidates stand in one ranking: of several kinds, or decided ones."""
    kinds = {kind_of(facts) for facts in sites.facts} - {""}
    is_decided = any(status_of(facts) not in OPEN_STATUSES for facts in sites.facts)
    return len(sites) >= 2 and (len(kinds) >= 2 or is_decided)


def find_usual_kind(kinds: Sequence[str]) -> str:
    """Return the kind that most service points have, empty where none is stated."""
    counted = Counter(kind.strip() for kind in kinds if kind.strip())
    return next((kind for kind, _ in counted.most_common(1)), "")


def status_of(facts: Mapping[str, str]) -> str:
    """Return what the list says is decided about a candidate, in small letters."""
    return (facts.get("status") or "").strip().casefold()


def kind_of(facts: Mapping[str, str]) -> str:
    """Return what the list says would open at a candidate; empty where it says nothing of that.

    Examples
    --------
    >>> kind_of({"kind": "welcome_point"}), kind_of({"kind": "library"})
    ('welcome_point', '')
    """
    kind = (facts.get("kind") or "").strip()
    return "" if kind in HOUSE_KINDS else kind
