"""Which street? Names are matched whole, never as a part of one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from welcomemap.geocoding.spelling import (
    SlipIndex,
    bare_key,
    bare_keys,
    has_foreign_letters,
    is_plain_slip,
    mark_umlauts,
    street_key,
)


class MatchKind(StrEnum):
    """How a street was found."""

    EXACT = "exact"
    CORRECTED = "corrected"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Support(IntEnum):
    """What besides the name must speak for a corrected street before it is taken."""

    NOTHING = 0
    """The name is enough, unless the number given is not known there."""
    NUMBER_OR_PLACE = 1
    """The house number must be known there, or postcode or quarter agree."""
    NUMBER_AND_PLACE = 2
    """Both."""


@dataclass(frozen=True)
class StreetMatch:
    """Numbers of the streets found: equal readings for ``EXACT``, else the likeliest first."""

    kind: MatchKind
    streets: tuple[int, ...] = ()
    needs: Support = Support.NOTHING


NO_MATCH = StreetMatch(MatchKind.NONE)


_TYPES = (
    "strasse|weg|platz|allee|gasse|ring|ufer|damm|hof|markt|wall|park|deich|kamp|feld|garten|"
    "gaesschen|straesschen|steig|stieg|pfad|tor|busch|berg|acker|graben|bruch|broich|tal|grund"
)
_TYPE = re.compile(rf"({_TYPES})$")
_LEADING = re.compile(
    r"^(?:am|an der|an den|an dem|an|im|in der|in den|in dem|in|auf der|auf dem|auf den|auf'm|auf|"
    r"zum|zur|zu den|zu der|beim|bei der|unter den|hinter der|hinter den|hinter dem|vor dem|"
    r"vor der|nach den|nach der|nach dem)"
    r"\s+",
    re.IGNORECASE,
)
_STREET_SLIP = re.compile(r"(?:stra[a0]?se|stra0e|strae|stras|strsse|stasse|srasse|starsse)$")
"""Slips in the word Straße itself, which tell nothing about the name before it."""
MIN_KEY = 3
MIN_SURE_STEM = 5
MIN_STEMS = (3, 8, 15)
"""Least letters of a name without Straße, Weg … for one, two, three edits to be taken for slips."""
MIN_SUPPORTED_STEMS = (1, 4, 12)
"""Least letters for no, one, two edits if number or place alone shall be support enough."""
MAX_EDITS = 3
MIN_LETTERS_PER_EDIT = 3
"""A name is shown as perhaps meant only if it has this many letters for each edit."""
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
        without_lead = street_key(_LEADING.sub("", name))
        streets = self._without_lead.get(without_lead) or self._stems.get(key)
        if streets is not None:
            kind = MatchKind.CORRECTED if len(streets) == 1 else MatchKind.AMBIGUOUS
            is_other_lead = without_lead != key and not any(
                street_key(self._names[n])[0] == key[0] for n in streets
            )
            is_stem = without_lead not in self._without_lead
            is_far = is_other_lead or is_stem
            needs = Support.NUMBER_AND_PLACE if is_far else Support.NUMBER_OR_PLACE
            return StreetMatch(kind, streets, needs)
        return self._find_similar(name)

    def find_exact(self, name: str) -> StreetMatch:
        """Find streets whose name differs in normal spelling only, those written alike first.

        An umlaut without its dots is ``CORRECTED`` where another name is one slip away, and so is
        a name with letters of another alphabet, which the keys leave out.
        """
        key = street_key(name)
        streets = self._keys.get(key)
        if streets is None:
            return self._find_bare(key)
        if len(streets) > 1:
            literal = self._literal.get(name, ())
            streets = literal + tuple(s for s in streets if s not in literal)
        kind = MatchKind.CORRECTED if has_foreign_letters(name) else MatchKind.EXACT
        return StreetMatch(kind, streets)

    def _find_bare(self, key: str) -> StreetMatch:
        streets = self._bare.get(key)
        if streets is None:
            return NO_MATCH
        near = {n for k in self._slips.near(key) for n in self._forms[k]}
        return StreetMatch(
            MatchKind.EXACT if near <= set(streets) else MatchKind.CORRECTED, streets
        )

    def _find_similar(self, name: str) -> StreetMatch:
        key = _STREET_SLIP.sub("strasse", bare_key(name))
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
            alike = [c for c in near if near[c] * MIN_LETTERS_PER_EDIT <= len(key)]
            ordered = sorted(alike, key=lambda c: (near[c], c))
            return StreetMatch(MatchKind.NONE, self._numbers(ordered))
        fewest = min(near[c] for c in likely)
        closest = sorted(c for c in likely if near[c] == fewest)
        best = [c for c in closest if is_plain_slip(key, c)] or closest
        streets = self._numbers(best)
        if len({street_key(self._names[n]) for n in streets}) > 1:
            return StreetMatch(MatchKind.AMBIGUOUS, streets)
        edits = {c: fewest + self._differs_in_dots(name, c, streets[0], fewest) for c in best}
        needs = min(_needs(key, candidate, edits[candidate]) for candidate in best)
        return StreetMatch(MatchKind.CORRECTED, streets, needs)

    def _differs_in_dots(self, typed: str, candidate: str, street: int, edits: int) -> bool:
        """Tell whether umlauts differ besides: dots forgotten and a slip are two mistakes.

        An umlaut that the slip itself left out, doubled or hit is no second one.
        """
        name = self._names[street]
        marks = mark_umlauts(typed), mark_umlauts(name)
        if OSA.distance(*marks, score_cutoff=edits) <= edits and is_plain_slip(*marks):
            return False
        given, own = _count_dots(typed), _count_dots(name)
        return given > own or (given < own and candidate != street_key(name))

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


def _needs(key: str, candidate: str, edits: int) -> Support:
    """Say what must support a name that is some edits away from the one typed.

    Names that differ in their ending only (Hunsrückstraße, Hunsrückenstraße) are two names rather
    than slips; short names lie too near each other.
    """
    stem, other = split_type(key)[0], split_type(candidate)[0]
    if edits > 2 or len(stem) < MIN_SUPPORTED_STEMS[edits] or not is_plain_slip(key, candidate):
        return Support.NUMBER_AND_PLACE
    if edits <= 1:
        return Support.NOTHING if len(stem) >= MIN_SURE_STEM else Support.NUMBER_OR_PLACE
    is_ending = stem.startswith(other) or other.startswith(stem)
    return Support.NUMBER_AND_PLACE if is_ending else Support.NUMBER_OR_PLACE


def _count_dots(name: str) -> int:
    return sum(map(name.lower().count, "äöü"))


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
