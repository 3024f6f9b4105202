"""From typed text to a typed outcome. Every step may only weaken the answer, never mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from welcomemap.errors import UnreadableAddressError
from welcomemap.geocoding import explain
from welcomemap.geocoding.address import ParsedAddress, parse_address
from welcomemap.geocoding.evidence import Evidence, weigh
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.geocoding.house_number import parse_house_number
from welcomemap.geocoding.locate import HouseLocator, Located
from welcomemap.geocoding.outcome import Alternative, GeocodeResult, Outcome
from welcomemap.geocoding.placement import EXACT_RADIUS_M
from welcomemap.geocoding.places import Facility
from welcomemap.geocoding.region import LocalityKind
from welcomemap.geocoding.street_match import MatchKind, StreetMatch
from welcomemap.geocoding.suggest import Suggester, Suggestion
from welcomemap.wording import Text

_CLEAN = re.compile(
    r"([^\W\d_][^\d,;|\n()\[\]\"•·@<&={$]*?) ([1-9][0-9]{0,3}[a-z]?)(?:, ([0-9]{5}) (\S+))?"
)
MAX_CLEAN_LENGTH = 120
MAX_ALTERNATIVES = 8


class Geocoder:
    """Answers where an address lies from the embedded gazetteer alone.

    The same text always gives the same answer; nothing is logged or kept.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._locator = HouseLocator(gazetteer)
        self._suggester = Suggester(gazetteer)

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
        found = gazetteer.postcode[row]
        if postcode is not None and (postcode != found or town != gazetteer.region.town):
            return None
        place = f"{found} {gazetteer.region.town}" if found else gazetteer.region.town
        return GeocodeResult(
            Outcome.EXACT, explain.EXACT, f"{name} {number}, {place}", name, number, found,
            gazetteer.x[row], gazetteer.y[row], EXACT_RADIUS_M, gazetteer.district[row],
            gazetteer.quarter[row],
        )  # fmt: skip

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
        """Try the readings of the street in turn, exact ones first."""
        readings = self._readings(parsed, evidence)
        for reading, words in readings:
            streets = self.gazetteer.matcher.find_exact(reading.street or "")
            if streets:
                return self._answer(reading, words, StreetMatch(MatchKind.EXACT, streets))
        facility = self._find_facility(parsed, evidence)
        if facility is not None:
            return facility
        elsewhere = self._names_other_town(parsed, evidence)
        if elsewhere is not None:
            return elsewhere
        nearest: tuple[int, ...] = ()
        for reading, words in readings:
            match = self.gazetteer.matcher.find(reading.street or "")
            if match.kind is not MatchKind.NONE:
                return self._answer(reading, words, match)
            nearest = nearest or match.streets
        similar = self.gazetteer.places.find_similar(parsed.place_name or "")
        if similar and parsed.number is None:
            return self._facility_result(similar, evidence)
        return GeocodeResult(
            Outcome.NOT_FOUND, explain.not_found(parsed.street or "", self.gazetteer.region.town),
            alternatives=self._street_alternatives(nearest, parsed), notes=evidence.notes,
            contradictions=evidence.contradictions,
        )  # fmt: skip

    def _readings(
        self, parsed: ParsedAddress, evidence: Evidence
    ) -> list[tuple[ParsedAddress, Evidence]]:
        """Return the ways to read the street: as typed, with its number, without place names."""
        readings = [(parsed, evidence)]
        street = parsed.street or ""
        if parsed.number is not None and parsed.number.is_single:
            inner = parse_house_number(parsed.rest[0]) if parsed.rest else None
            numbered = replace(parsed, street=f"{street} {parsed.number}", number=inner)
            readings.append((numbered, evidence))
        words = street.split()
        if len(words) == 1 and "-" not in street:
            return readings
        for cut in range(1, min(len(words), 5)):
            for kept, dropped in ((words[cut:], words[:cut]), (words[:-cut], words[-cut:])):
                found = self.gazetteer.region.classify(" ".join(dropped))
                if found.kind is LocalityKind.UNKNOWN:
                    continue
                shorter = replace(
                    parsed,
                    street=" ".join(kept),
                    localities=(*parsed.localities, " ".join(dropped)),
                )
                weighed = weigh(shorter, self.gazetteer.region)
                readings.append((shorter, replace(weighed, district=evidence.district)))
        if parsed.is_named_recipient:
            readings += [
                (replace(parsed, street=" ".join(words[cut:])), evidence)
                for cut in range(1, len(words))
            ]
        return readings

    def _names_other_town(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult | None:
        """Refuse a text that is the name of another town and nothing else."""
        if parsed.number is not None or parsed.street is None:
            return None
        found = self.gazetteer.region.classify(parsed.street)
        if found.kind is LocalityKind.OTHER and evidence.is_silent:
            text = explain.outside_town(parsed.street, self.gazetteer.region.town)
            return GeocodeResult(Outcome.OUTSIDE, text)
        if found.kind in {LocalityKind.OWN, LocalityKind.QUARTER}:
            return GeocodeResult(Outcome.NOT_FOUND, explain.NO_STREET)
        return None

    def _answer(
        self, parsed: ParsedAddress, evidence: Evidence, match: StreetMatch
    ) -> GeocodeResult:
        if evidence.outside is not None:
            return GeocodeResult(Outcome.OUTSIDE, evidence.outside, notes=evidence.notes)
        chosen = self._choose(parsed, evidence, match)
        if chosen is None:
            alternatives = self._street_alternatives(match.streets, parsed)
            return GeocodeResult(
                Outcome.AMBIGUOUS, explain.ambiguous(len(alternatives)), alternatives=alternatives,
                contradictions=evidence.contradictions, notes=evidence.notes,
            )  # fmt: skip
        located = self._locator.locate(chosen, parsed.number, evidence)
        is_corrected = match.kind is not MatchKind.EXACT or parsed.is_named_recipient
        return self._result(parsed, evidence, chosen, located, is_corrected)

    def _choose(self, parsed: ParsedAddress, evidence: Evidence, match: StreetMatch) -> int | None:
        """Choose among the streets found by postcode, quarter or (equal names only) number."""
        if match.kind is MatchKind.CORRECTED or len(match.streets) == 1:
            return match.streets[0]
        fitting = [s for s in match.streets if self._fits(s, evidence)]
        if len(fitting) == 1 and not evidence.is_silent:
            return fitting[0]
        if match.kind is not MatchKind.EXACT:
            return None
        pool = fitting or list(match.streets)
        if parsed.number is not None:
            text = str(parsed.number)
            pool = [s for s in pool if text in self.gazetteer.houses[s]] or pool
        alike = [s for s in pool if self.gazetteer.streets[s] == parsed.street]
        if len(alike) == 1:
            return alike[0]
        return pool[0] if len(pool) == 1 else None

    def _fits(self, street: int, evidence: Evidence) -> bool:
        gazetteer = self.gazetteer
        rows = gazetteer.houses[street].values()
        if evidence.postcode not in {None, *(gazetteer.postcode[r] for r in rows)}:
            return False
        if evidence.quarters:
            return any(gazetteer.quarter[r] in evidence.quarters for r in rows)
        return evidence.district is None or any(
            gazetteer.district[r] == evidence.district for r in rows
        )

    def _result(
        self, parsed: ParsedAddress, evidence: Evidence, street: int, located: Located,
        is_corrected: bool,
    ) -> GeocodeResult:  # fmt: skip
        gazetteer = self.gazetteer
        name, row = gazetteer.streets[street], located.row
        postcode = gazetteer.postcode[row] if row is not None else None
        district = gazetteer.district[row] if row is not None else None
        quarter = gazetteer.quarter[row] if row is not None else None
        if not located.is_row_itself and located.x is not None and located.y is not None:
            area = gazetteer.find_area(located.x, located.y)
            district, quarter = area if area[0] is not None else (district, quarter)
        outcome, explanation = located.outcome, located.explanation
        if is_corrected:
            said = explain.corrected(parsed.street or "", name)
            is_only = outcome is Outcome.EXACT
            outcome = Outcome.CORRECTED if is_only else outcome
            explanation = said if is_only else _join(said, explanation)
        result = GeocodeResult(
            outcome, explanation, gazetteer.write(name, located.number, postcode), name,
            located.number, postcode, located.x, located.y, located.error_radius_m, district,
            quarter, located.alternatives,
        )  # fmt: skip
        contradictions, notes = self._compare(evidence, result, row)
        return replace(result, contradictions=contradictions, notes=notes)

    def _compare(
        self, evidence: Evidence, result: GeocodeResult, row: int | None
    ) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
        """Report where the words beside the street contradict the match."""
        gazetteer = self.gazetteer
        contradictions, notes = list(evidence.contradictions), list(evidence.notes)
        given = evidence.postcode
        if given is not None and result.postcode is not None and given != result.postcode:
            is_open = row is not None and gazetteer.is_postcode_inferred[row]
            if is_open and given in gazetteer.quarter_postcodes.get(result.quarter or "", ()):
                notes.append(explain.unchecked_postcode(given, result.postcode))
            else:
                contradictions.append(explain.other_postcode(given, result.postcode))
        if evidence.quarters and result.quarter and result.quarter not in evidence.quarters:
            found = gazetteer.quarter_names.get(result.quarter, result.quarter)
            contradictions.append(explain.other_quarter(evidence.quarter_name or "", found))
        district = evidence.district
        if district is not None and result.district is not None and district != result.district:
            contradictions.append(explain.other_district(district, result.district))
        return tuple(contradictions), tuple(notes)

    def _find_facility(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult | None:
        if parsed.number is not None:
            return None
        for name in (parsed.place_name, *parsed.lead, parsed.text):
            sites = self.gazetteer.places.find(name) if name else ()
            if sites:
                return self._facility_result(sites, evidence)
        return None

    def _facility_result(self, sites: tuple[Facility, ...], evidence: Evidence) -> GeocodeResult:
        gazetteer = self.gazetteer
        areas = [gazetteer.find_area(site.x, site.y) for site in sites]
        fitting = [
            (s, a) for s, a in zip(sites, areas, strict=True)
            if (evidence.postcode in {None, s.postcode})
            and (not evidence.quarters or a[1] in evidence.quarters)
            and evidence.district in {None, a[0]}
        ] or list(zip(sites, areas, strict=True))  # fmt: skip
        labels = [gazetteer.write(s.street, s.house_number, s.postcode) for s, _ in fitting]
        if len(fitting) > 1:
            alternatives = tuple(
                Alternative(f"{s.name}, {label}", s.street, s.house_number, s.x, s.y)
                for (s, _), label in zip(fitting, labels, strict=True)
            )[:MAX_ALTERNATIVES]
            text = explain.ambiguous(len(fitting))
            return GeocodeResult(Outcome.AMBIGUOUS, text, alternatives=alternatives)
        (site, (district, quarter)), label = fitting[0], labels[0]
        result = GeocodeResult(
            Outcome.PLACE, explain.place(site.name, label), label, site.street, site.house_number,
            site.postcode, site.x, site.y, EXACT_RADIUS_M, district, quarter,
        )  # fmt: skip
        contradictions, notes = self._compare(evidence, result, None)
        return replace(result, contradictions=contradictions, notes=notes)

    def _street_alternatives(
        self, streets: tuple[int, ...], parsed: ParsedAddress
    ) -> tuple[Alternative, ...]:
        gazetteer = self.gazetteer
        found = []
        for street in dict.fromkeys(streets):
            located = self._locator.locate(street, parsed.number, Evidence())
            postcode = gazetteer.postcode[located.row] if located.row is not None else None
            name = gazetteer.streets[street]
            label = gazetteer.write(name, located.number, postcode)
            found.append(Alternative(label, name, located.number, located.x, located.y))
        return tuple(found[:MAX_ALTERNATIVES])


def _join(first: Text, second: Text) -> Text:
    return Text(f"{first.de} {second.de}", f"{first.en} {second.en}")
