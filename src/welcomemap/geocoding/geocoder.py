"""From typed text to a typed outcome. Every step may only weaken the answer, never mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from welcomemap.errors import UnreadableAddressError
from welcomemap.geocoding import reasons
from welcomemap.geocoding.address import (
    HOUSE_WORDS,
    INSTITUTION,
    NO_HOUSE_NUMBER,
    NOT_THE_HOUSE,
    ParsedAddress,
    ends_as_street,
    parse_address,
    parse_house_number,
    word_key,
)
from welcomemap.geocoding.evidence import (
    NOTHING,
    Comparer,
    Evidence,
    Leftover,
    LeftoverJudge,
    weigh,
)
from welcomemap.geocoding.gazetteer import GOOD, Facility, Gazetteer
from welcomemap.geocoding.interpolation import EXACT_RADIUS_M, SAME_PLOT_RADIUS_M
from welcomemap.geocoding.locate import HouseLocator, Located
from welcomemap.geocoding.municipality import LocalityKind, Region
from welcomemap.geocoding.named_places import STOPS, NamedPlace
from welcomemap.geocoding.outcome import Alternative, GeocodeResult, Outcome
from welcomemap.geocoding.street_match import MatchKind, StreetMatch, Support, street_key, to_ascii
from welcomemap.geocoding.suggest import Suggester, Suggestion
from welcomemap.reasons import Reason
from welcomemap.region.pack import RegionPack

MAX_WORDS_ASIDE = 4
_MARKS = HOUSE_WORDS | NO_HOUSE_NUMBER | NOT_THE_HOUSE


@dataclass(frozen=True)
class Reading:
    """One way to read an address.

    ``is_whole_name``: every word given as the street belongs to its name; otherwise words of
    unknown meaning were dropped, and a match is no better than corrected. ``is_literal``: sensible
    only if the street is known by exactly this name.
    """

    parsed: ParsedAddress
    evidence: Evidence
    is_whole_name: bool = True
    is_literal: bool = False


def settle(
    parsed: ParsedAddress, region: Region, is_street: Callable[[str], bool]
) -> ParsedAddress:
    """Cut words from a street's name that belong to the number behind it or tell where beside it.

    For a name that is not known as typed. What stands between a street and its number says what
    the number is: of a house (Haus 7), of something else (Whg 7) or of a house nearby (ggü. 7).
    Such words may stand before a street, too, with a number or without.
    """
    words = (parsed.street or "").split()
    every = [word_key(word) for word in words]
    is_marked = not _MARKS.isdisjoint(every) or any(map(ends_as_street, every[:-1]))
    if not is_marked:
        return parsed
    for cut in range(1, min(len(words), MAX_WORDS_ASIDE)) if parsed.number is not None else ():
        kept, dropped, keys = " ".join(words[:-cut]), words[-cut:], set(every[-cut:])
        is_told = not keys.isdisjoint(_MARKS)
        is_typed = ends_as_street(kept)
        if is_told and not (is_typed or is_street(kept)):
            continue
        if not is_told and not (is_typed and is_street(kept) and _is_unknown(dropped, region)):
            continue
        shorter = replace(parsed, street=kept)
        is_house = bool(keys & (HOUSE_WORDS | NOT_THE_HOUSE)) and not keys & NO_HOUSE_NUMBER
        if is_house and not ends_as_street(" ".join(dropped)):
            return shorter
        said = f"{' '.join(dropped)} {parsed.number}"
        return replace(shorter, number=None, numbers=(), aside=(*parsed.aside, said))
    for cut in range(1, min(len(words), MAX_WORDS_ASIDE)):
        is_told = not NOT_THE_HOUSE.isdisjoint(every[:cut])
        if is_told and is_street(" ".join(words[cut:])):
            return replace(parsed, street=" ".join(words[cut:]))
    return parsed


def _is_unknown(words: list[str], region: Region) -> bool:
    return region.classify(" ".join(words), is_literal=True).kind is LocalityKind.UNKNOWN


def other_readings(parsed: ParsedAddress, evidence: Evidence, region: Region) -> Iterator[Reading]:
    """Yield the readings besides the one as typed.

    The number as part of the name (Straße 20) · the name behind its number (Verein, 5, Lange
    Straße) · without a town or quarter written beside the street (Neustadt Lange Straße 5) · after
    a person or office without a comma (c/o Müller …).
    """
    street = parsed.street or ""
    if parsed.number is not None and parsed.numbers:
        first, *others = parsed.numbers
        inner = parse_house_number("+".join(others))
        if inner is not None:
            inner = replace(inner, unread=parsed.number.unread)
        numbered = replace(parsed, street=f"{street} {first}", number=inner, numbers=())
        yield Reading(numbered, evidence, is_literal=True)
    if parsed.name_after is not None:
        localities = tuple(n for n in parsed.localities if n != parsed.name_after)
        behind = replace(parsed, street=parsed.name_after, localities=localities)
        yield Reading(behind, replace(weigh(behind, region), district=evidence.district))
    words = street.split()
    for cut in range(1, min(len(words), MAX_WORDS_ASIDE + 1)):
        for kept, dropped in ((words[cut:], words[:cut]), (words[:-cut], words[-cut:])):
            name = " ".join(dropped)
            if region.classify(name, is_literal=True).kind is LocalityKind.UNKNOWN:
                continue
            localities = (*parsed.localities, name)
            shorter = replace(parsed, street=" ".join(kept), localities=localities)
            weighed = replace(weigh(shorter, region), district=evidence.district)
            yield Reading(shorter, weighed)
    if parsed.is_named_recipient or INSTITUTION.search(to_ascii(street)):
        for cut in range(1, len(words)):
            if region.know(words[cut - 1]) is LocalityKind.OTHER:
                return
            yield Reading(replace(parsed, street=" ".join(words[cut:])), evidence, False, True)


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
        write, find_area = self._gazetteer.write, self._gazetteer.find_area
        placed = [
            (s, write(s.street, s.house_number, s.postcode), find_area(s.x, s.y)) for s in sites
        ]
        fitting = [
            (site, label, area) for site, label, area in placed
            if evidence.postcode in {None, site.postcode}
            and (not evidence.quarters or area[1] in evidence.quarters)
            and evidence.district in {None, area[0]}
        ] or placed  # fmt: skip
        if len(fitting) > 1:
            alternatives = tuple(
                Alternative(f"{s.name}, {label}", s.street, s.house_number, s.x, s.y)
                for s, label, _ in fitting[:MAX_SITES]
            )
            said = (reasons.Ambiguous(len(fitting)),)
            return GeocodeResult(Outcome.AMBIGUOUS, said, alternatives=alternatives)
        site, label, (district, quarter) = fitting[0]
        compared = self._comparer.compare(
            evidence, site.postcode, quarter, district, site.x, site.y
        )
        return GeocodeResult(
            Outcome.PLACE, (reasons.KnownFacility(site.name, label),), label, site.street,
            site.house_number,
            site.postcode, site.x, site.y, EXACT_RADIUS_M, district, quarter, (),
            compared.contradictions, notes=compared.notes,
        )  # fmt: skip


class PlaceFinder:
    """Finds stops and named places; a name of several is ambiguous."""

    def __init__(self, gazetteer: Gazetteer, comparer: Comparer) -> None:
        self._gazetteer = gazetteer
        self._comparer = comparer

    def find(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult | None:
        """Answer for a name in normal spelling; beside a house number for the whole text alone."""
        parts = (parsed.place_name, parsed.street) if parsed.number is None else ()
        for name in (parsed.text, *parts):
            found = self._gazetteer.named.find(name) if name else ()
            # A stop of another town is meant only by its whole name.
            places = tuple(
                place for place in found
                if street_key(place.name) == street_key(name or "")
                or self._gazetteer.find_area(place.x, place.y) != (None, None)
            )  # fmt: skip
            if places:
                return self._answer(places, evidence)
        return None

    def find_own(self, parsed: ParsedAddress) -> GeocodeResult | None:
        """Answer for a stop of the region whose whole name begins as if with another town's."""
        places = tuple(
            place for place in self._gazetteer.named.find(parsed.text)
            if street_key(place.name) == street_key(parsed.text)
            and self._gazetteer.find_area(place.x, place.y) != (None, None)
        )  # fmt: skip
        return self._answer(places, NOTHING) if places else None

    def _answer(self, places: tuple[NamedPlace, ...], evidence: Evidence) -> GeocodeResult:
        find_area = self._gazetteer.find_area
        placed = [(place, find_area(place.x, place.y)) for place in places]
        fitting = [
            (place, area) for place, area in placed
            if (not evidence.quarters or area[1] in evidence.quarters)
            and evidence.district in {None, area[0]}
        ] or placed  # fmt: skip
        if len(fitting) > 1:
            alternatives = tuple(
                Alternative(self._label(place, area[1]), place.name, None, place.x, place.y)
                for place, area in fitting[:MAX_SITES]
            )
            said = (reasons.Ambiguous(len(fitting)),)
            return GeocodeResult(Outcome.AMBIGUOUS, said, alternatives=alternatives)
        place, (district, quarter) = fitting[0]
        compared = self._comparer.compare(evidence, None, quarter, district, place.x, place.y)
        is_stop = place.source == STOPS
        found: Reason = (reasons.KnownStop if is_stop else reasons.KnownPlace)(place.name)
        reach: Reason = (reasons.PlatformsWithin if is_stop else reasons.ReachesAbout)(
            place.error_radius_m
        )
        return GeocodeResult(
            Outcome.PLACE, (found,), place.name, None, None, compared.postcode, place.x, place.y,
            place.error_radius_m, district, quarter, (), compared.contradictions, place.source,
            notes=(reach, *compared.notes),
        )  # fmt: skip

    def _label(self, place: NamedPlace, quarter: str | None) -> str:
        area = self._gazetteer.quarter_names.get(quarter or "", "")
        return f"{place.name} ({area})" if area else place.name


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
            return GeocodeResult(Outcome.OUTSIDE, (evidence.outside,), notes=evidence.notes)
        chosen = self._choose(parsed, evidence, match)
        if chosen is None:
            alternatives = self.alternatives(match.streets, parsed)
            # Where no reading is known, it may lie where nothing is.
            unknown = self._gazetteer.areas_without if len(alternatives) == 1 else None
            return GeocodeResult(
                Outcome.AMBIGUOUS, (reasons.Ambiguous(len(alternatives)),),
                alternatives=alternatives,
                contradictions=evidence.contradictions, notes=_add(evidence.notes, unknown),
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
        spot = self._locator.surroundings.ways.find(parsed.street or "")
        if spot is None or evidence.outside is not None:
            return None
        explanation: Reason = reasons.StreetOnly(spot.name)
        if parsed.number is not None:
            explanation = reasons.NumberUnknown(str(parsed.number), spot.name)
        district, quarter = self._gazetteer.find_area(spot.x, spot.y)
        compared = self._comparer.compare(evidence, None, quarter, district, spot.x, spot.y)
        matched = self._gazetteer.write(spot.name, None, compared.postcode)
        return GeocodeResult(
            Outcome.STREET, (explanation,), matched, spot.name, None, compared.postcode, spot.x,
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
            is_same = street_key(typed) == street_key(name)
            said: Reason = reasons.AmongWords(name) if is_same else reasons.Corrected(typed, name)
            is_only = outcome is Outcome.EXACT
            outcome = Outcome.CORRECTED if is_only else outcome
            explanation = (said,) if is_only else (said, *explanation)
        compared = self._comparer.compare(
            evidence, postcode, quarter, district, located.x, located.y
        )
        postcode = postcode or compared.postcode
        label = gazetteer.write(name, located.number, postcode)
        if compared.is_elsewhere and outcome is not Outcome.STREET:
            meant = Alternative(label, name, located.number, located.x, located.y)
            return GeocodeResult(
                Outcome.AMBIGUOUS, (reasons.Elsewhere(label),), alternatives=(meant,),
                contradictions=compared.contradictions, notes=compared.notes,
            )  # fmt: skip
        return GeocodeResult(
            outcome, explanation, label, name, located.number, postcode, located.x, located.y,
            located.error_radius_m, district, quarter, located.alternatives,
            compared.contradictions, notes=compared.notes,
        )  # fmt: skip


def weaken(result: GeocodeResult, left: Leftover) -> GeocodeResult:
    """Say what was not used of an address, and take no house for sure that it may not mean."""
    if left == Leftover():
        return result
    notes = list(result.notes)
    if notes:
        judged = (*left.harmless, *left.other_house, *left.other_place, *left.unknown)
        quoted = set(map(reasons.NotUnderstood, judged))
        notes = [note for note in notes if note not in quoted]
    is_house = result.outcome in {Outcome.EXACT, Outcome.CORRECTED}
    elsewhere = left.other_place + ([] if left.is_pinned else left.unknown)
    beside = left.other_house + (left.unknown if left.is_pinned else [])
    if is_house and elsewhere:
        label = result.matched or ""
        meant = Alternative(label, result.street or "", result.house_number, result.x, result.y)
        return GeocodeResult(
            Outcome.AMBIGUOUS,
            (reasons.OtherPlaceNamed(label, ", ".join(elsewhere)),),
            alternatives=(meant,),
            contradictions=result.contradictions,
            notes=tuple(notes),
            unread=tuple(elsewhere),
        )
    if left.harmless:
        notes.append(reasons.SetAside(tuple(left.harmless)))
    number = result.house_number or ""
    if is_house and beside:
        said = (reasons.OtherHouse(number, ", ".join(beside)), reasons.NumberShown(number))
        before = result.explanation if result.outcome is Outcome.CORRECTED else ()
        return replace(
            result, outcome=Outcome.NEAREST_NUMBER, explanation=(*before, *said),
            error_radius_m=SAME_PLOT_RADIUS_M, notes=tuple(notes), unread=tuple(beside),
        )  # fmt: skip
    not_said = [
        word for word in (*elsewhere, *beside)
        if not any(said.mentions(word) for said in result.explanation)
    ]  # fmt: skip
    denied = set(left.other_house) if number else set()
    notes += [
        reasons.OtherHouse(number, word) if word in denied else reasons.NotUnderstood(word)
        for word in not_said
    ]
    return replace(result, notes=tuple(notes))


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
        self._named = PlaceFinder(gazetteer, comparer)
        self._suggester = Suggester(gazetteer)

    @classmethod
    def from_pack(cls, pack: RegionPack) -> Geocoder:
        """Open the geocoder over a pack's own addresses; it asks no service."""
        return cls(Gazetteer.from_pack(pack))

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
        quick = self._quick(text) if stated_district is None else None
        if quick is not None:
            return quick
        return self._geocode_parsed(parse_address(text), stated_district)

    def geocode_many(self, texts: Iterable[str]) -> list[GeocodeResult]:
        """Locate many addresses, in order; unreadable ones give ``not_found`` with the reason."""
        return [self._geocode_or_refuse(text) for text in texts]

    def _geocode_or_refuse(self, text: str) -> GeocodeResult:
        try:
            return self.geocode(text)
        except UnreadableAddressError as error:
            return GeocodeResult(Outcome.NOT_FOUND, (reasons.NoAddress(error.fault),))

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
            outside = GeocodeResult(Outcome.OUTSIDE, (evidence.outside,), notes=evidence.notes)
            return self._named.find_own(parsed) or outside
        if parsed.street is None:
            return GeocodeResult(Outcome.NOT_FOUND, (reasons.NoStreet(),))
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
            or self._named.find(parsed, evidence)
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
            said = reasons.OtherTown(parsed.street, self.gazetteer.region.town)
            return GeocodeResult(Outcome.OUTSIDE, (said,))
        if found.kind in {LocalityKind.OWN, LocalityKind.QUARTER}:
            return GeocodeResult(Outcome.NOT_FOUND, (reasons.NoStreet(),))
        return None

    def _not_found(self, parsed: ParsedAddress, evidence: Evidence) -> GeocodeResult:
        nearest = self.gazetteer.matcher.find(parsed.street or "").streets
        unknown = self.gazetteer.areas_without
        return GeocodeResult(
            Outcome.NOT_FOUND,
            (reasons.StreetUnknown(parsed.street or "", self.gazetteer.region.town),),
            alternatives=self._answerer.alternatives(nearest, parsed),
            notes=_add(evidence.notes, unknown),
            contradictions=evidence.contradictions,
        )  # fmt: skip


def _add(notes: tuple[Reason, ...], one: Reason | None) -> tuple[Reason, ...]:
    return notes if one is None else (*notes, one)
