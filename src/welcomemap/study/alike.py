"""Which candidates can be ranked against each other: of one kind, and none decided already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from welcomemap.study.candidate_words import STATUS_WORDS
from welcomemap.study.candidates import CandidateSites
from welcomemap.wording import LANGUAGES, Text

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
    is_open = [_status(facts) in OPEN_STATUSES for facts in sites.facts]
    kinds = [_kind(facts) for facts in sites.facts]
    stated = Counter(k for k, ok in zip(kinds, is_open, strict=True) if ok and k)
    wanted = kind if kind in stated else next((k for k, _ in stated.most_common(1)), "")
    is_alike = np.array(
        [ok and k in ("", wanted) for k, ok in zip(kinds, is_open, strict=True)], dtype=np.bool_
    )
    return sites.pick(np.flatnonzero(is_alike)), sites.pick(np.flatnonzero(~is_alike))


def tell_mixture(sites: CandidateSites) -> Text | None:
    """Say that unlike candidates stand in one ranking; ``None`` where all are alike."""
    kinds = {_kind(facts) for facts in sites.facts} - {""}
    is_decided = [_status(facts) not in OPEN_STATUSES for facts in sites.facts]
    if len(sites) < 2 or (len(kinds) < 2 and not any(is_decided)):
        return None
    named = describe_kinds(sites)
    return Text(
        f"Verschiedenes steht hier nebeneinander: {named.de}. Die Reihenfolge sagt nicht, was "
        "davon gebraucht wird, und ändert nichts an Beschlüssen.",
        f"Unlike things stand side by side here: {named.en}. The order does not say which of them "
        "is needed, and changes no decision.",
    )


def describe_kinds(sites: CandidateSites) -> Text:
    """Name each candidate with its purpose and what is decided about it."""
    said = {}
    for language in LANGUAGES:
        quotes = "„{}“" if language == "de" else "“{}”"
        parts = []
        for name, facts in zip(sites.names, sites.facts, strict=True):
            what = facts.get("purpose") or (facts.get("kind") or "").replace("_", " ")
            status = STATUS_WORDS.get(_status(facts), Text(_status(facts), _status(facts)))
            about = ", ".join(filter(None, (what, status.in_language(language))))
            parts.append(quotes.format(name) + (f" ({about})" if about else ""))
        said[language] = "; ".join(parts)
    return Text(said["de"], said["en"])


def find_usual_kind(kinds: Sequence[str]) -> str:
    """Return the kind that most service points have, empty where none is stated."""
    counted = Counter(kind.strip() for kind in kinds if kind.strip())
    return next((kind for kind, _ in counted.most_common(1)), "")


def _status(facts: Mapping[str, str]) -> str:
    return (facts.get("status") or "").strip().casefold()


def _kind(facts: Mapping[str, str]) -> str:
    return (facts.get("kind") or "").strip()
