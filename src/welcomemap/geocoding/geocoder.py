"""From typed text to a typed outcome. Every step may only weaken the answer, never mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from welcomemap.errors import UnreadableAddressError
from welcomemap.geocoding import explain
from welcomemap.geocoding.address import ParsedAddress, parse_address
from welcomemap.geocoding.answer import Answerer
from welcomemap.geocoding.contradictions import Comparer
from welcomemap.geocoding.evidence import Evidence, weigh
from welcomemap.geocoding.facility import FacilityFinder
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.geocoding.readings import Reading, other_readings, settle
from welcomemap.geocoding.region import LocalityKind, Region
from welcomemap.geocoding.street_match import MatchKind
from welcomemap.geocoding.suggest import Suggester, Suggestion

_CLEAN = re.compile(
    r"([^\W\d_][^\d,;|\n()\[\]\"•·@<&={$]*?) ([1-9][0-9]{0,3}[a-z]?)(?:, ([0-9]{5}) (\S+))?"
)
MAX_CLEAN_LENGTH = 120


class Geocoder:
    """Answers where an address lies from the embedded gazetteer alone.

    The same text always gives the same answer; nothing is logged or kept.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        comparer = Comparer(gazetteer)
        self._answerer = Answerer(gazetteer, comparer)
        self._facilities = FacilityFinder(gazetteer, comparer)
        self._suggester = Suggester(gazetteer)

    @property
    def region(self) -> Region:
        """Return the names and postcodes by which addresses here are known."""
        return self.gazetteer.region

    def suggest(self, text: str, limit: int = 8) -> list[Suggestion]:
        """Complete what is being typed: see :meth:`Suggester.suggest`."""
        return self._suggester.suggest(text, limit)

    def geocode(self, text: str, *, stated_district: int | None = None) -> GeocodeResult:
        """Locate one address.

        Parameters
        ----------
        stated_district
            District the source of the address says it lies in; a contradiction is reported.

        Raises
        ------
        UnreadableAddressError
            If the text is no address anybody could have meant (see :func:`parse_address`).
        """
        if stated_district is None:
            quick = self._quick(text)
            if quick is not None:
                return quick
        return self._geocode_parsed(parse_address(text), stated_district)

    def geocode_many(self, texts: Iterable[str]) -> list[GeocodeResult]:
        """Locate many addresses, in order; unreadable ones give ``not_found`` with the reason."""
        return [self._geocode_or_refuse(text) for text in texts]

    def _geocode_or_refuse(self, text: str) -> GeocodeResult:
        quick = self._quick(text)
        if quick is not None:
            return quick
        try:
            return self._geocode_parsed(parse_address(text), None)
        except UnreadableAddressError as error:
            return GeocodeResult(Outcome.NOT_FOUND, explain.refused(error.what))

    def _quick(self, text: str) -> GeocodeResult | None:
        """Answer well-formed text at once: ``Street 12a`` or ``Street 12a, postcode town``."""
        if len(text) > MAX_CLEAN_LENGTH:
            return None
        match = _CLEAN.fullmatch(text)
        if match is None:
            return None
        name, number, postcode, town = match.groups()
        gazetteer = self.gazetteer
        streets = gazetteer.matcher.literal.get(name)
        if streets is None or len(streets) > 1:
            return None
        row = gazetteer.houses[streets[0]].get(number)
        if row is None or gazetteer.quality[row] != GOOD:
            return None
        if postcode is not None and (
            postcode != gazetteer.postcode[row] or town != gazetteer.region.town
        ):
            return None
        return self._answerer.answer_house(streets[0], row)

    def _geocode_parsed(self, parsed: ParsedAddress, stated: int | None) -> GeocodeResult:
        evidence = weigh(parsed, self.gazetteer.region)
        if stated is not None:
            evidence = replace(evidence, district=stated)
        if evidence.outside is not None:
            return GeocodeResult(Outcome.OUTSIDE, evidence.outside, notes=evidence.notes)
        if parsed.street is None:
            return GeocodeResult(Outcome.NOT_FOUND, explain.NO_STREET)
        return self._find(parsed, evidence)

    def _find(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult:
        """Try the readings of the street in turn, exact ones first, then a facility's name."""
        typed = Reading(parsed, evidence)
        match = self.gazetteer.matcher.find_exact(parsed.street or "")
        if match.kind is not MatchKind.NONE:
            return self._answerer.answer(typed, match)
        settled = settle(parsed, self.gazetteer.region, self._answerer.is_street)
        if settled is not parsed:
            said = replace(weigh(settled, self.gazetteer.region), district=evidence.district)
            return self._find(settled, said)
        others = list(other_readings(parsed, evidence, self.gazetteer.region))
        is_listed = False
        for reading in others:
            match = self.gazetteer.matcher.find_exact(reading.parsed.street or "")
            if self._answerer.is_plausible(reading, match):
                return self._answerer.answer(reading, match)
            if match.kind is not MatchKind.NONE:
                is_listed = True
                break
        off_list = [typed] if is_listed else [typed, *others]
        return (
            self._facilities.find(parsed, evidence)
            or self._judge_locality(parsed, evidence)
            or next(filter(None, map(self._answerer.answer_way, off_list)), None)
            or self._find_misspelt([typed, *others])
            or self._facilities.find_similar(parsed, evidence)
            or self._not_found(parsed, evidence)
        )

    def _find_misspelt(self, readings: Sequence[Reading]) -> GeocodeResult | None:
        for reading in readings:
            if reading.is_literal:
                continue
            match = self.gazetteer.matcher.find(reading.parsed.street or "")
            if match.kind is not MatchKind.NONE:
                return self._answerer.answer(reading, match)
        return None

    def _judge_locality(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult | None:
        """Answer a text that is the name of a town or quarter and nothing else."""
        if parsed.number is not None or parsed.street is None:
            return None
        found = self.gazetteer.region.classify(parsed.street)
        if found.kind is LocalityKind.OTHER and evidence.is_silent:
            text = explain.outside_town(parsed.street, self.gazetteer.region.town)
            return GeocodeResult(Outcome.OUTSIDE, text)
        if found.kind in {LocalityKind.OWN, LocalityKind.QUARTER}:
            return GeocodeResult(Outcome.NOT_FOUND, explain.NO_STREET)
        return None

    def _not_found(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult:
        nearest = self.gazetteer.matcher.find(parsed.street or "").streets
        return GeocodeResult(
            Outcome.NOT_FOUND, explain.not_found(parsed.street or "", self.gazetteer.region.town),
            alternatives=self._answerer.alternatives(nearest, parsed), notes=evidence.notes,
            contradictions=evidence.contradictions,
        )  # fmt: skip
