"""Does an address lie here? Own town, quarters and postcodes, other towns, other countries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files

from babel import Locale
from rapidfuzz.distance import OSA

from welcomemap.geocoding.street_match import plain_key


def read_list(name: str) -> list[str]:
    """Return the lines of a file beside this module that are neither empty nor a comment."""
    text = files("welcomemap.geocoding").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


_OWN = frozenset({
    "d", "de", "deu", "ger", "brd", "deutschland", "germany", "allemagne", "bundesrepublik",
    "bundesrepublikdeutschland", "federalrepublicofgermany",
    "bw", "by", "be", "bb", "hb", "hh", "he", "mv", "ni", "nw", "nrw", "rp", "sl", "sn", "st", "sh",
    "th", "badenwuerttemberg", "bayern", "berlin", "brandenburg", "bremen", "hamburg", "hessen",
    "mecklenburgvorpommern", "niedersachsen", "nordrheinwestfalen", "northrhinewestphalia",
    "rheinlandpfalz", "saarland", "sachsen", "sachsenanhalt", "schleswigholstein", "thueringen",
})  # fmt: skip
_PLATES = ("a", "b", "f", "i", "l", "e", "p", "s", "h", "uk", "usa", "eu")
_LANGUAGES = ("de", "en", "fr", "nl")


def is_own(text: str) -> bool:
    """Tell whether a text names Germany or one of its states (which also have two letters)."""
    return plain_key(text) in _OWN


def is_foreign(text: str) -> bool:
    """Tell whether a text is the name or the code of another country."""
    return plain_key(text) in _foreign()


@cache
def _foreign() -> frozenset[str]:
    found = set(_PLATES)
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code.isalpha():
                found |= {plain_key(code), plain_key(name)}
    return frozenset(found) - _OWN


class LocalityKind(StrEnum):
    """What the name of a place means, seen from the region."""

    OWN = "own"
    QUARTER = "quarter"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Locality:
    """A name of a place and what it means; ``quarters`` are the codes it stands for."""

    name: str
    kind: LocalityKind
    quarters: frozenset[str] = frozenset()


_TITLES = ("landeshauptstadt", "hauptstadt", "stadt", "gemeinde", "kreis", "in", "ot", "ortsteil",
           "stadtteil")  # fmt: skip
_SPLIT = re.compile(r"[\s/]+|(?<=\w)-(?=\w)|\s-\s")
_TOWN_ENDINGS = (
    "stadt", "dorf", "burg", "berg", "heim", "hausen", "kirchen", "ingen", "rath", "furt", "hagen",
    "haven", "scheid", "brueck", "beck", "weiler", "leben", "roda", "rode", "walde", "muehle",
    "muende", "horst", "stedt", "hofen", "zell", "felden",
)  # fmt: skip
MIN_LENGTH_ONE_TYPO = 5
MIN_LENGTH_TWO_TYPOS = 8


@cache
def other_towns() -> frozenset[str]:
    """Return the keys of names of towns and countries that are not specific to any region.

    See ``towns.txt`` and ``countries.txt``.
    """
    return frozenset(map(plain_key, read_list("towns.txt") + read_list("countries.txt")))


@dataclass(frozen=True)
class Region:
    """The names and postcodes by which addresses of a region are known.

    Attributes
    ----------
    town
        Name of the municipality.
    aliases
        Further names of the municipality, as people write them.
    quarters
        Codes of quarters by :func:`plain_key` of their names.
    postcodes
        Every postcode an address of the region may have; empty where they are not known.
    neighbours
        Names of other towns that the general list may lack.
    """

    town: str
    aliases: tuple[str, ...] = ()
    quarters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    postcodes: frozenset[str] = frozenset()
    neighbours: frozenset[str] = frozenset()

    def classify(self, name: str, *, is_literal: bool = False) -> Locality:
        """Say what the name of a place means; names of the region go before other towns'.

        ``is_literal``: take no misspelt name for one of the region's.
        """
        if name == self.town:
            return Locality(name, LocalityKind.OWN)
        key = plain_key(name)
        kind = self._whole(key)
        if kind is not None and kind[0] is not LocalityKind.OTHER:
            return Locality(name, *kind)
        words = [w for w in _SPLIT.split(name) if w and plain_key(w) not in _TITLES]
        found = self._by_words([plain_key(word) for word in words])
        if found is None and kind is None and not is_literal:
            found = self._similar(key)
        return Locality(name, *(found or kind or (LocalityKind.UNKNOWN, frozenset[str]())))

    def name_kind(self, name: str) -> LocalityKind:
        """Say what a text means that is the name of one place, letter by letter, and no more."""
        if name == self.town:
            return LocalityKind.OWN
        return self.know(name) or LocalityKind.UNKNOWN

    def _by_words(self, keys: list[str]) -> tuple[LocalityKind, frozenset[str]] | None:
        """Read several words: town and quarter, quarter and town, another town and more."""
        heads = [(n, self._whole("".join(keys[:n]))) for n in range(len(keys), 0, -1)]
        for n, head in heads:
            if head is not None and head[0] is not LocalityKind.OTHER:
                end = self._whole("".join(keys[n:]))
                is_quarter = end is not None and end[0] is LocalityKind.QUARTER
                return end if is_quarter and head[0] is LocalityKind.OWN else head
        last = self._whole(keys[-1]) if keys else None
        if last is not None and last[0] is LocalityKind.OWN:
            return last
        return next((head for _, head in heads if head is not None), None)

    def looks_like_town(self, name: str) -> bool:
        """Tell whether an unknown name is built like that of a German town."""
        key = plain_key(name)
        return len(key) > 5 and key.endswith(_TOWN_ENDINGS) and len(name.split()) <= 3

    def know(self, name: str) -> LocalityKind | None:
        """Say what a whole name in normal spelling means; ``None`` where it is not known."""
        kind = self._whole(plain_key(name))
        return None if kind is None else kind[0]

    def is_own_postcode(self, postcode: str) -> bool:
        """Tell whether a postcode may belong to the region; true where none are known."""
        return not self.postcodes or postcode in self.postcodes

    def _whole(self, key: str) -> tuple[LocalityKind, frozenset[str]] | None:
        if not key:
            return None
        if key in self._own_keys:
            return LocalityKind.OWN, frozenset()
        if key in self.quarters:
            return LocalityKind.QUARTER, self.quarters[key]
        if key in other_towns() or key in self.neighbours:
            return LocalityKind.OTHER, frozenset()
        if any(_is_short_for(key, own) for own in self._own_keys):
            return LocalityKind.OWN, frozenset()
        return None

    @cached_property
    def _own_keys(self) -> tuple[str, ...]:
        names = (self.town, *self.aliases)
        bare = [n.translate(str.maketrans("äöüÄÖÜ", "aouAOU")) for n in names]
        return tuple(dict.fromkeys(map(plain_key, (*names, *bare))))

    def _similar(self, key: str) -> tuple[LocalityKind, frozenset[str]] | None:
        limit = (len(key) >= MIN_LENGTH_ONE_TYPO) + (len(key) >= MIN_LENGTH_TWO_TYPOS)
        if not limit:
            return None
        for own in self._own_keys:
            if OSA.distance(key, own, score_cutoff=limit) <= limit:
                return LocalityKind.OWN, frozenset()
        near = [q for q in self.quarters if OSA.distance(key, q, score_cutoff=1) <= 1]
        return (LocalityKind.QUARTER, self.quarters[near[0]]) if len(near) == 1 else None


def _is_short_for(key: str, own: str) -> bool:
    """Tell whether a key is the first letter and the end of a name: D'dorf, M'gladbach."""
    return 4 <= len(key) < len(own) - 2 and key[0] == own[0] and own.endswith(key[1:])


def quarter_index(codes: Iterable[str], names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the codes of quarters by the key of their names."""
    index: dict[str, set[str]] = {}
    for code, name in zip(codes, names, strict=True):
        index.setdefault(plain_key(name), set()).add(str(code))
    return {key: frozenset(found) for key, found in index.items()}
