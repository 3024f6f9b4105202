"""Which street? Names are matched whole, never as a part of one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import OSA

from welcomemap.geocoding.spelling import bare_keys, street_key


class MatchKind(StrEnum):
    """How a street was found."""

    EXACT = "exact"
    CORRECTED = "corrected"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True)
class StreetMatch:
    """Numbers of the streets found: equal readings for ``EXACT``, else the likeliest first."""

    kind: MatchKind
    streets: tuple[int, ...] = ()


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
MIN_STEM_ONE_EDIT = 5
MIN_STEM_TWO_EDITS = 9
MIN_STEM_THREE_EDITS = 15
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
        self._literal: dict[str, tuple[int, ...]] = _group(spelled)
        keyed = [(street_key(name), number) for name, number in spelled]
        self._keys = _group(keyed)
        self._bare = _group((key, n) for name, n in spelled for key in bare_keys(name))
        self._without_lead = _group(
            (street_key(_LEADING.sub("", name)), number) for name, number in spelled
        )
        self._stems = _group((split_type(key)[0], number) for key, number in keyed)
        self._fuzzy_keys = list(self._keys)

    @property
    def literal(self) -> Mapping[str, tuple[int, ...]]:
        """Numbers of the streets by their name as written in the address list."""
        return self._literal

    def find(self, name: str) -> StreetMatch:
        """Find the streets a typed name may mean."""
        if (streets := self.find_exact(name)) != ():
            return StreetMatch(MatchKind.EXACT, streets)
        key = street_key(name)
        if len(key) < 3:
            return StreetMatch(MatchKind.NONE)
        without = self._without_lead.get(street_key(_LEADING.sub("", name)), ())
        if without == ():
            without = self._stems.get(key, ())
        if without != ():
            kind = MatchKind.CORRECTED if len(without) == 1 else MatchKind.AMBIGUOUS
            return StreetMatch(kind, without)
        return self._find_similar(key)

    def find_exact(self, name: str) -> tuple[int, ...]:
        """Find streets whose name differs in normal spelling only, those written alike first."""
        key = street_key(name)
        streets = self._keys.get(key) or self._bare.get(key, ())
        if len(streets) > 1:
            literal = self._literal.get(name, ())
            streets = literal + tuple(s for s in streets if s not in literal)
        return streets

    def _find_similar(self, key: str) -> StreetMatch:
        found = process.extract(
            key, self._fuzzy_keys, scorer=OSA.distance, score_cutoff=MAX_EDITS, limit=N_CANDIDATES
        )
        scored = sorted(
            (_judge(key, candidate, int(edits)), candidate) for candidate, edits, _ in found
        )
        fit = [(edits, candidate) for edits, candidate in scored if edits is not None]
        likely = [(e, c) for e, c in fit if e <= _allowed_edits(key)]
        if not likely:
            near = [n for _, c in scored for n in self._keys[c]]
            return StreetMatch(MatchKind.NONE, tuple(near[:N_CANDIDATES]))
        best = likely[0][0]
        streets = [n for e, c in likely if e == best for n in self._keys[c]]
        others = [n for e, c in likely if e > best for n in self._keys[c]]
        kind = MatchKind.CORRECTED if len(streets) == 1 else MatchKind.AMBIGUOUS
        return StreetMatch(kind, tuple(streets + others)[:N_CANDIDATES])


def _judge(key: str, candidate: str, edits: int) -> int:
    """Return the edits between two keys; another type of street is no slip of the finger."""
    _, kind = split_type(key)
    _, other = split_type(candidate)
    return edits + (0 if kind == other or not kind else MAX_EDITS + 1)


def _allowed_edits(key: str) -> int:
    length = len(split_type(key)[0])
    return (
        (length >= MIN_STEM_ONE_EDIT) + (length >= MIN_STEM_TWO_EDITS)
        + (length >= MIN_STEM_THREE_EDITS)
    )  # fmt: skip


def _group(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    groups: dict[str, tuple[int, ...]] = {}
    for key, number in pairs:
        found = groups.get(key)
        if found is None:
            groups[key] = (number,)
        elif number not in found:
            groups[key] = (*found, number)
    return groups
