"""An answer for a facility given by its name."""

from __future__ import annotations

from welcomemap.geocoding import explain
from welcomemap.geocoding.address import ParsedAddress
from welcomemap.geocoding.contradictions import Comparer
from welcomemap.geocoding.evidence import Evidence
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.outcome import Alternative, GeocodeResult, Outcome
from welcomemap.geocoding.placement import EXACT_RADIUS_M
from welcomemap.geocoding.places import Facility

MAX_SITES = 8


class FacilityFinder:
    """Finds facilities by name; a name of several sites is ambiguous."""

    def __init__(self, gazetteer: Gazetteer, comparer: Comparer) -> None:
        self._gazetteer = gazetteer
        self._comparer = comparer

    def find(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult | None:
        """Answer for a facility named in normal spelling, if no house number was given."""
        if parsed.number is not None:
            return None
        for name in (parsed.place_name, *parsed.lead, parsed.text):
            sites = self._gazetteer.places.find(name) if name else ()
            if sites:
                return self._answer(sites, evidence)
        return None

    def find_similar(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult | None:
        """Answer for a facility whose name was mistyped."""
        if parsed.number is not None or parsed.place_name is None:
            return None
        sites = self._gazetteer.places.find_similar(parsed.place_name)
        return self._answer(sites, evidence) if sites else None

    def _answer(self, sites: tuple[Facility, ...], evidence: Evidence) -> GeocodeResult:
        gazetteer = self._gazetteer
        areas = [gazetteer.find_area(site.x, site.y) for site in sites]
        placed = list(zip(sites, areas, strict=True))
        fitting = [
            (site, area) for site, area in placed
            if evidence.postcode in {None, site.postcode}
            and (not evidence.quarters or area[1] in evidence.quarters)
            and evidence.district in {None, area[0]}
        ] or placed  # fmt: skip
        labels = [gazetteer.write(s.street, s.house_number, s.postcode) for s, _ in fitting]
        if len(fitting) > 1:
            alternatives = tuple(
                Alternative(f"{s.name}, {label}", s.street, s.house_number, s.x, s.y)
                for (s, _), label in zip(fitting, labels, strict=True)
            )[:MAX_SITES]
            text = explain.ambiguous(len(fitting))
            return GeocodeResult(Outcome.AMBIGUOUS, text, alternatives=alternatives)
        (site, (district, quarter)), label = fitting[0], labels[0]
        compared = self._comparer.compare(
            evidence, site.postcode, quarter, district, site.x, site.y
        )
        return GeocodeResult(
            Outcome.PLACE, explain.place(site.name, label), label, site.street, site.house_number,
            site.postcode, site.x, site.y, EXACT_RADIUS_M, district, quarter, (),
            compared.contradictions, notes=compared.notes,
        )  # fmt: skip
