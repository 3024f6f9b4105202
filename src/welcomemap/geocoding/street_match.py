"""Which street? Names are matched whole, never as a part of one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from welcomemap.geocoding.slips import SlipIndex, is_plain_slip
from welcomemap.geocoding.spelling import bare_key, bare_keys, street_key


class MatchKind(StrEnum):
    """How a street was found."""

    EXACT = "exact"
    CORRECTED = "corrected"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True)
class StreetMatch:
    """Numbers of the streets found: equal readings for ``EXACT``, else the likeliest first.

    ``is_sure``: the name alone is enough; otherwise the house number or the postcode must agree.
    """

    kind: MatchKind
    streets: tuple[int, ...] = ()
    is_sure: bool = True


NO_MATCH = StreetMatch(MatchKind.NONE)


_TYPES = (
    "strasse|weg|platz|allee|gasse|ring|ufer|damm|hof|markt|wall|park|deich|kamp|feld|garten|"
    "gaesschen|straesschen|steig|stieg|pfad|tor|busch|berg|acker|graben|bruch|broich|tal|grund"
)
_TYPE = re.compile(rf"({_TYPES})$")
_LEADING = re.compile(
    r"^(?:am|an der|an den|an dem|an|im|in der|in den|in dem|in|auf der|auf dem|auf den|auf'm|auf|"
    r"zum|zur|zu den|zu der|beim|bei der|unter den|hinter der|hinter den|hinter dem|vor dem|"
    r"vor der)"
    r"\s+",
    re.IGNORECASE,
)
MIN_KEY = 3
MIN_SURE_STEM = 5
MIN_STEMS = (3, 8, 15)
"""Least letters of a name without Straße, Weg … for one, two, three edits to be taken for slips."""
MAX_EDITS = 3
N_CANDIDATES = 8


def split_type(key: str) -> tuple[str, str]:
    """Split a street's key into stem and type of street: ``koelner``, ``strasse``."""
    match = _TYPE.search(key)
    return (key[: match.start()], match.group(1)) if match and match.start() else (key, "")


class StreetMatcher:
    """Finds streets by name. Built once from all names; does not change afterwards.

    Parameters
    ----------
    names
        Name of each street; streets of equal name (in different quarters) stand apart.
    aliases
        Other names of streets: number of the street by name.
    """

    def __init__(self, names: Sequence[str], aliases: Mapping[str, int] | None = None) -> None:
        spelled = [(name, number) for number, name in enumerate(names)]
        spelled += list((aliases or {}).items())
        self._names = tuple(names)
        self._spelled = spelled
        self._literal: dict[str, tuple[int, ...]] = _group(spelled)
        keyed = [(street_key(name), number) for name, number in spelled]
        self._keys = _group(keyed)
        self._keyed = keyed

    @cached_property
    def _bare(self) -> dict[str, tuple[int, ...]]:
        return _group((key, n) for name, n in self._spelled for key in bare_keys(name))

    @cached_property
    def _without_lead(self) -> dict[str, tuple[int, ...]]:
        return _group((street_key(_LEADING.sub("", name)), n) for name, n in self._spelled)

    @cached_property
    def _stems(self) -> dict[str, tuple[int, ...]]:
        return _group((split_type(key)[0], number) for key, number in self._keyed)

    @property
    def literal(self) -> Mapping[str, tuple[int, ...]]:
        """Numbers of the streets by their name as written in the address list."""
        return self._literal

    def find(self, name: str) -> StreetMatch:
        """Find the streets a typed name may mean."""
        exact = self.find_exact(name)
        if exact.kind is not MatchKind.NONE:
            return exact
        key = street_key(name)
        if len(key) < MIN_KEY:
            return NO_MATCH
        streets = self._without_lead.get(street_key(_LEADING.sub("", name))) or self._stems.get(key)
        if streets is not None:
            kind = MatchKind.CORRECTED if len(streets) == 1 else MatchKind.AMBIGUOUS
            return StreetMatch(kind, streets)
        return self._find_similar(bare_key(name))

    def find_exact(self, name: str) -> StreetMatch:
        """Find streets whose name differs in normal spelling only, those written alike first.

        An umlaut without its dots is ``CORRECTED`` where another name is one slip away.
        """
        key = street_key(name)
        streets = self._keys.get(key)
        if streets is None:
            return self._find_bare(key)
        if len(streets) > 1:
            literal = self._literal.get(name, ())
            streets = literal + tuple(s for s in streets if s not in literal)
        return StreetMatch(MatchKind.EXACT, streets)

    def _find_bare(self, key: str) -> StreetMatch:
        streets = self._bare.get(key)
        if streets is None:
            return NO_MATCH
        near = {n for k in self._slips.near(key) for n in self._forms[k]}
        return StreetMatch(
            MatchKind.EXACT if near <= set(streets) else MatchKind.CORRECTED, streets
        )

    def _find_similar(self, key: str) -> StreetMatch:
        near = dict.fromkeys(self._slips.near(key), 1)
        if not near:
            found = process.extract(
                key, self._fuzzy_keys, scorer=OSA.distance, score_cutoff=MAX_EDITS,
                limit=N_CANDIDATES,
            )  # fmt: skip
            near = {candidate: int(edits) for candidate, edits, _ in found}
        kind, allowed = split_type(key)[1], _allowed_edits(key)
        likely = [
            c for c, e in near.items()
            if e <= allowed and (e == 1 or c[0] == key[0]) and _is_same_type(kind, c)
        ]  # fmt: skip
        if not likely:
            ordered = sorted(near, key=lambda c: (near[c], c))
            return StreetMatch(MatchKind.NONE, self._numbers(ordered))
        fewest = min(near[c] for c in likely)
        best = sorted(c for c in likely if near[c] == fewest)
        streets = self._numbers(best)
        if len({street_key(self._names[n]) for n in streets}) > 1:
            return StreetMatch(MatchKind.AMBIGUOUS, streets)
        is_sure = fewest <= 1 and len(split_type(key)[0]) >= MIN_SURE_STEM
        return StreetMatch(MatchKind.CORRECTED, streets, is_sure and is_plain_slip(key, best[0]))

    def _numbers(self, folded: Iterable[str]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(n for c in folded for n in self._forms[c]))[:N_CANDIDATES]

    @cached_property
    def _forms(self) -> dict[str, tuple[int, ...]]:
        """Every spelling that a slip is measured from: with and without umlauts' dots."""
        return _group((form, n) for name, n in self._spelled for form in _spellings(name))

    @cached_property
    def _fuzzy_keys(self) -> list[str]:
        return list(self._forms)

    @cached_property
    def _slips(self) -> SlipIndex:
        return SlipIndex(self._forms)


def _spellings(name: str) -> set[str]:
    key = bare_key(name)
    stem, kind = split_type(key)
    single = stem.replace("ss", "s") + kind if "ß" in name else key
    return {street_key(name), key, single}


def _is_same_type(kind: str, candidate: str) -> bool:
    """Tell whether a candidate is of the typed kind of street; none typed fits all."""
    return not kind or split_type(candidate)[1] == kind


def _allowed_edits(key: str) -> int:
    length = len(split_type(key)[0])
    return sum(length >= least for least in MIN_STEMS)


def _group(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    groups: dict[str, tuple[int, ...]] = {}
    for key, number in pairs:
        found = groups.get(key)
        if found is None:
            groups[key] = (number,)
        elif number not in found:
            groups[key] = (*found, number)
    return groups
