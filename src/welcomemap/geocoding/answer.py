"""Which of the streets found is meant, and what is the answer? The weakest step decides."""

from __future__ import annotations

from dataclasses import replace

from welcomemap.errors import quote
from welcomemap.geocoding import explain
from welcomemap.geocoding.address import ParsedAddress
from welcomemap.geocoding.contradictions import Comparer
from welcomemap.geocoding.evidence import NOTHING, Evidence
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.leftover import NOTHING_LEFT, Leftover, LeftoverJudge
from welcomemap.geocoding.locate import HouseLocator, Located
from welcomemap.geocoding.outcome import Alternative, GeocodeResult, Outcome
from welcomemap.geocoding.placement import SAME_PLOT_RADIUS_M
from welcomemap.geocoding.readings import Reading
from welcomemap.geocoding.street_match import MatchKind, StreetMatch, Support
from welcomemap.wording import Text, join_texts

MAX_ALTERNATIVES = 8


class Answerer:
    """Turns a street match into a result."""

    def __init__(self, gazetteer: Gazetteer, comparer: Comparer) -> None:
        self._gazetteer = gazetteer
        self._comparer = comparer
        self._locator = HouseLocator(gazetteer)
        self._leftovers = LeftoverJudge(gazetteer.region, self.is_street)

    def is_street(self, name: str) -> bool:
        """Tell whether the list has a street of a name in normal spelling."""
        return self._gazetteer.matcher.find_exact(name).kind is not MatchKind.NONE

    def answer(self, reading: Reading, match: StreetMatch) -> GeocodeResult:
        """Answer from the streets found for one reading of an address."""
        evidence, parsed = reading.evidence, reading.parsed
        if evidence.outside is not None:
            return GeocodeResult(Outcome.OUTSIDE, evidence.outside, notes=evidence.notes)
        chosen = self._choose(parsed, evidence, match)
        if chosen is None:
            alternatives = self.alternatives(match.streets, parsed)
            return GeocodeResult(
                Outcome.AMBIGUOUS, explain.ambiguous(len(alternatives)), alternatives=alternatives,
                contradictions=evidence.contradictions, notes=evidence.notes,
            )  # fmt: skip
        located = self._locator.locate(chosen, parsed.number, evidence)
        is_corrected = match.kind is not MatchKind.EXACT or not reading.is_whole_name
        result = self._write(parsed.street or "", evidence, chosen, located, is_corrected)
        return weaken(result, self._leftovers.judge(parsed, self._gazetteer.streets[chosen]))

    def answer_house(self, street: int, row: int) -> GeocodeResult:
        """Answer with a house of the list where nothing is said that might contradict it."""
        return self._write("", NOTHING, street, self._locator.locate_row(row), is_corrected=False)

    def answer_way(self, reading: Reading) -> GeocodeResult | None:
        """Answer from the street network for a street that the address list lacks."""
        parsed, evidence = reading.parsed, reading.evidence
        if self.is_street(parsed.street or ""):
            return None
        spot = self._locator.surroundings.place_way(parsed.street or "")
        if spot is None or evidence.outside is not None:
            return None
        explanation = (
            explain.street_only(spot.name)
            if parsed.number is None
            else explain.number_unknown(str(parsed.number), spot.name, None)
        )
        district, quarter = self._gazetteer.find_area(spot.x, spot.y)
        compared = self._comparer.compare(evidence, None, quarter, district, spot.x, spot.y)
        matched = self._gazetteer.write(spot.name, None, compared.postcode)
        return GeocodeResult(
            Outcome.STREET, explanation, matched, spot.name, None, compared.postcode, spot.x,
            spot.y, spot.error_radius_m, district, quarter, (), compared.contradictions,
            notes=compared.notes,
        )  # fmt: skip

    def is_plausible(self, reading: Reading, match: StreetMatch) -> bool:
        """Tell whether a street found after setting words aside agrees with these words.

        Otherwise the words may have been part of another street's name: „Hamm Dorfstraße“ need not
        be the Dorfstraße of another quarter.
        """
        if match.kind is MatchKind.NONE:
            return False
        evidence = reading.evidence
        return evidence.outside is not None or any(
            self._comparer.fits(street, evidence) for street in match.streets
        )

    def alternatives(
        self, streets: tuple[int, ...], parsed: ParsedAddress
    ) -> tuple[Alternative, ...]:
        """Place the address on each of several streets."""
        gazetteer = self._gazetteer
        found = []
        for street in tuple(dict.fromkeys(streets))[:MAX_ALTERNATIVES]:
            located = self._locator.locate(street, parsed.number, NOTHING)
            postcode = gazetteer.postcode[located.row] if located.row is not None else None
            name = gazetteer.streets[street]
            label = gazetteer.write(name, located.number, postcode)
            found.append(Alternative(label, name, located.number, located.x, located.y))
        return tuple(found)

    def _choose(self, parsed: ParsedAddress, evidence: Evidence, match: StreetMatch) -> int | None:
        """Choose among the streets found by postcode, quarter or (equal names only) number."""
        if match.kind is MatchKind.CORRECTED:
            sure = [s for s in match.streets if self._is_confident(parsed, evidence, s, match)]
            having = [s for s in sure if self._has_number(s, parsed)]
            return (having or sure)[0] if sure else None
        if len(match.streets) == 1:
            return match.streets[0]
        fitting = [s for s in match.streets if self._comparer.fits(s, evidence)]
        if len(fitting) == 1 and not evidence.is_silent:
            return fitting[0]
        if match.kind is not MatchKind.EXACT:
            return None
        pool = fitting or list(match.streets)
        pool = [s for s in pool if self._has_number(s, parsed)] or pool
        alike = [s for s in pool if self._gazetteer.streets[s] == parsed.street]
        if len(alike) == 1:
            return alike[0]
        return pool[0] if len(pool) == 1 else None

    def _has_number(self, street: int, parsed: ParsedAddress) -> bool:
        houses = self._gazetteer.houses[street]
        return parsed.number is not None and all(str(p) in houses for p in parsed.number.parts)

    def _is_confident(
        self, parsed: ParsedAddress, evidence: Evidence, street: int, match: StreetMatch
    ) -> bool:
        """Ask whether what else was said supports a corrected street."""
        if not self._comparer.fits(street, evidence):
            return match.needs < Support.NUMBER_AND_PLACE and self._has_number(street, parsed)
        supports = [self._has_number(street, parsed), not evidence.is_silent]
        if match.needs is Support.NOTHING:
            return any(supports) or self._locator.may_have(street, parsed.number)
        return sum(supports) >= match.needs

    def _write(
        self, typed: str, evidence: Evidence, street: int, located: Located, is_corrected: bool,
    ) -> GeocodeResult:  # fmt: skip
        gazetteer = self._gazetteer
        name, row = gazetteer.streets[street], located.row
        postcode = gazetteer.postcode[row] if row is not None else None
        district = gazetteer.district[row] if row is not None else None
        quarter = gazetteer.quarter[row] if row is not None else None
        is_area_known = located.is_row_itself and quarter is not None
        if not is_area_known and located.x is not None and located.y is not None:
            area = gazetteer.find_area(located.x, located.y)
            district, quarter = area if area[0] is not None else (district, quarter)
        outcome, explanation = located.outcome, located.explanation
        if is_corrected:
            said = explain.corrected(typed, name)
            is_only = outcome is Outcome.EXACT
            outcome = Outcome.CORRECTED if is_only else outcome
            explanation = said if is_only else join_texts(said, explanation)
        compared = self._comparer.compare(
            evidence, postcode, quarter, district, located.x, located.y
        )
        postcode = postcode or compared.postcode
        label = gazetteer.write(name, located.number, postcode)
        if compared.is_elsewhere and outcome is not Outcome.STREET:
            meant = Alternative(label, name, located.number, located.x, located.y)
            return GeocodeResult(
                Outcome.AMBIGUOUS, explain.elsewhere(label), alternatives=(meant,),
                contradictions=compared.contradictions, notes=compared.notes,
            )  # fmt: skip
        return GeocodeResult(
            outcome, explanation, label, name, located.number, postcode, located.x, located.y,
            located.error_radius_m, district, quarter, located.alternatives,
            compared.contradictions, notes=compared.notes,
        )  # fmt: skip


def weaken(result: GeocodeResult, left: Leftover) -> GeocodeResult:
    """Say what was not used of an address, and take no house for sure that it may not mean."""
    if left == NOTHING_LEFT:
        return result
    notes = list(result.notes)
    if notes:
        judged = (*left.harmless, *left.other_house, *left.other_place, *left.unknown)
        quoted = set(map(explain.not_understood, judged))
        notes = [note for note in notes if note not in quoted]
    is_house = result.outcome in {Outcome.EXACT, Outcome.CORRECTED}
    elsewhere = left.other_place + (() if left.is_pinned else left.unknown)
    beside = left.other_house + (left.unknown if left.is_pinned else ())
    if is_house and elsewhere:
        why = explain.other_place(result.matched or "", ", ".join(elsewhere))
        return _refuse_house(replace(result, notes=tuple(notes), unread=elsewhere), why)
    if left.harmless:
        notes.append(explain.set_aside(left.harmless))
    number = result.house_number or ""
    if is_house and beside:
        reasons = [explain.other_house(number, ", ".join(beside)), explain.number_shown(number)]
        if result.outcome is Outcome.CORRECTED:
            reasons.insert(0, result.explanation)
        return replace(
            result, outcome=Outcome.NEAREST_NUMBER, explanation=join_texts(*reasons),
            error_radius_m=SAME_PLOT_RADIUS_M, notes=tuple(notes), unread=beside,
        )  # fmt: skip
    said = result.explanation.de
    not_said = [word for word in (*elsewhere, *beside) if quote(word) not in said]
    denied = set(left.other_house) if number else set()
    notes += [
        explain.other_house(number, word) if word in denied else explain.not_understood(word)
        for word in not_said
    ]
    return replace(result, notes=tuple(notes))


def _refuse_house(result: GeocodeResult, explanation: Text) -> GeocodeResult:
    """Offer the house found for choice instead of answering with it."""
    meant = Alternative(
        result.matched or "", result.street or "", result.house_number, result.x, result.y
    )
    return GeocodeResult(
        Outcome.AMBIGUOUS, explanation, alternatives=(meant,),
        contradictions=result.contradictions, notes=result.notes, unread=result.unread,
    )  # fmt: skip
