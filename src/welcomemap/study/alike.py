"""Which candidates can be ranked against each other: of one kind, and none decided already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from welcomemap.study.candidates import CandidateSites

OPEN_STATUSES = frozenset({"", "proposal", "option", "idea", "candidate", "vorschlag", "idee"})
"""What a list says of a candidate that nothing is decided about."""


def split_alike(sites: CandidateSites, kind: str) -> tuple[CandidateSites, CandidateSites]:
    """Return the candidates that can be ranked together, and those set apart.

    Ranked are those that nothing is decided about and that are of the kind of the service points,
    or of the most frequent kind where none is. A kind that is not stated fits every kind.

    Parameters
    ----------
    kind
        Kind of the service points; empty where their list states none.
    """
    is_open = [status_of(facts) in OPEN_STATUSES for facts in sites.facts]
    kinds = [kind_of(facts) for facts in sites.facts]
    stated = Counter(k for k, ok in zip(kinds, is_open, strict=True) if ok and k)
    wanted = kind if kind in stated else next((k for k, _ in stated.most_common(1)), "")
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
    """Return what kind of facility the list says a candidate is; empty where it says nothing."""
    return (facts.get("kind") or "").strip()
