"""What might be meant, while it is being typed?"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from itertools import islice

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from welcomemap.errors import UnreadableAddressError
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.geocoding.outcome import Alternative
from welcomemap.geocoding.street_match import bare_key, bare_plain_key, clean_text, plain_key

_TYPED = re.compile(r"(.*?[^\W\d_].*?)[\s,]*(?:([0-9]{1,4})\s?([a-z]?)(?![\w])[^0-9]*)?")
MIN_FUZZY = 4
MAX_FUZZY_EDITS = 2


class Suggestion(Alternative):
    """A known street, house or facility; x, y in metres in the gazetteer's CRS."""


class Suggester:
    """Completes streets, house numbers and facilities."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Return at most ``limit`` suggestions, best first; unreadable text has none.

        Order: name begins so · one of its words begins so · mistyped; where a house number is
        given, streets that have it come first.
        """
        try:
            cleaned = clean_text(text)
        except UnreadableAddressError:
            return []
        match = _TYPED.fullmatch(cleaned.lower().partition("\n")[0])
        if match is None or limit < 1:
            return []
        name, number, suffix = match.group(1), match.group(2), match.group(3) or ""
        streets = self._streets(plain_key(name), bare_plain_key(name), limit, number)
        found: list[Suggestion] = []
        for street in streets:
            found += self._houses(street, number, suffix, limit)
            if len(found) >= limit:
                break
        places = self._facilities(plain_key(cleaned), limit)
        return _mix(found, places, limit)

    @cached_property
    def _index(self) -> list[tuple[str, int, int]]:
        """Every text a street may be begun with, its rank and the street, in order."""
        entries = set()
        for street, name in enumerate(self._gazetteer.streets):
            entries.add((plain_key(name), 0, street))
            entries.add((bare_key(name), 1, street))
            entries |= {(plain_key(w), 2, street) for w in re.split(r"[\s-]+", name)[1:] if w}
            entries |= {(bare_key(w), 3, street) for w in re.split(r"[\s-]+", name)[1:] if w}
        return sorted(entries)

    @cached_property
    def _names(self) -> list[str]:
        return [bare_key(name) for name in self._gazetteer.streets]

    def _streets(self, key: str, bare: str, limit: int, number: str | None) -> list[int]:
        """Rank streets: those that have the number first, then by match, then the longest."""
        if not key:
            return []
        best: dict[int, int] = {}
        first = bisect_left(self._index, (key,))
        for text, rank, street in islice(self._index, first, None):
            if not text.startswith(key):
                break
            best[street] = min(rank, best.get(street, rank))
        if not best and len(key) >= MIN_FUZZY:
            return self._mistyped(bare, number)
        houses, names = self._gazetteer.houses, self._gazetteer.streets
        ranked = sorted(
            (number is not None and number not in houses[s], rank, -len(houses[s]), names[s], s)
            for s, rank in best.items()
        )
        return [entry[-1] for entry in ranked[: 2 * limit]]

    def _mistyped(self, key: str, number: str | None) -> list[int]:
        """Compare with the beginnings of all names, as long as what was typed."""
        beginnings = [name[: len(key)] for name in self._names]
        allowed = min(MAX_FUZZY_EDITS, len(key) // MIN_FUZZY)
        found = process.extract(
            key, beginnings, scorer=OSA.distance, score_cutoff=allowed, limit=16
        )
        houses = self._gazetteer.houses
        ranked = [
            (distance, number is not None and number not in houses[i], i)
            for _, distance, i in found
        ]
        return [street for _, _, street in sorted(ranked)]

    def _houses(self, street: int, number: str | None, suffix: str, limit: int) -> list[Suggestion]:
        gazetteer = self._gazetteer
        name, houses = gazetteer.streets[street], gazetteer.houses[street]
        if number is None:
            return [self._street(street)]
        texts = [t for t in (number + suffix, number) if t in houses][:1]
        if not suffix:
            texts += [t for t in (f"{number}{letter}" for letter in "abcdefghijk") if t in houses]
        found = []
        for text in texts[: max(1, limit // 2)]:
            row = houses[text]
            has_place = gazetteer.quality[row] == GOOD
            x, y = (gazetteer.x[row], gazetteer.y[row]) if has_place else (None, None)
            label = gazetteer.write(name, text, gazetteer.postcode[row])
            found.append(Suggestion(label, name, text, x, y))
        return found or [self._street(street)]

    def _street(self, street: int) -> Suggestion:
        gazetteer = self._gazetteer
        name = gazetteer.streets[street]
        rows = [r for r in gazetteer.houses[street].values() if gazetteer.quality[r] == GOOD]
        label = f"{name}, {gazetteer.region.town}"
        if not rows:
            return Suggestion(label, name, None, None, None)
        points = np.array([(gazetteer.x[r], gazetteer.y[r]) for r in rows])
        row = rows[int(np.argmin(np.hypot(*(points - np.median(points, axis=0)).T)))]
        return Suggestion(label, name, None, gazetteer.x[row], gazetteer.y[row])

    def _facilities(self, key: str, limit: int) -> list[Suggestion]:
        if len(key) < 3:
            return []
        sites = [
            site for name, group in self._gazetteer.places.by_key.items()
            if name.startswith(key) for site in group
        ]  # fmt: skip
        return [
            Suggestion(
                f"{s.name}, {self._gazetteer.write(s.street, s.house_number, s.postcode)}",
                s.street, s.house_number, s.x, s.y,
            )
            for s in sites[:limit]
        ]  # fmt: skip


def _mix(found: list[Suggestion], places: list[Suggestion], limit: int) -> list[Suggestion]:
    """Put streets first, and keep two places for facilities where there are any."""
    kept = places[: max(2, limit - len(found))]
    return (found[: max(limit - len(kept), 1)] + kept)[:limit]
