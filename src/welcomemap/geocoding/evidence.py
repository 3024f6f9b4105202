"""What do the words beside the street say, for or against a match, and what was left over?

What of an address was not used for the place, and does it leave one house? Decided here only.

``exact`` promises that every word and sign typed was read and agrees. So the text is gone through
once more, without trusting what took it apart: street, house number, postcode, own town and
quarters are struck out, and each phrase that is left is judged. Known to be harmless is a floor, a
person, an institution, the country. Some words name another house (opposite, Haus 9, and others) or
another place (a second street or postcode, another town or country). What no rule knows qualifies
the place where it stands behind the number, and may be an institution's name where it stands
before the street.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from welcomemap.geocoding import reasons
from welcomemap.geocoding.address import (
    BUILDING_PART,
    CARE_OF,
    COUNTRY,
    DISTRICT,
    ENTRANCE,
    HARMLESS,
    IN_NAMES,
    INSTITUTION,
    NOT_THE_HOUSE,
    NUMBER_SIGN,
    RECIPIENT,
    HouseNumber,
    NumberPart,
    ParsedAddress,
    is_no_town,
    is_part_of_building,
    is_remark,
    may_be_remark,
    read_house_number,
    word_key,
)
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.geocoding.municipality import LocalityKind, Region
from welcomemap.geocoding.street_match import street_key, to_ascii
from welcomemap.reasons import Reason


@dataclass(frozen=True)
class Evidence:
    """What an address says about the place besides street and number.

    Attributes
    ----------
    outside
        Why the address lies elsewhere; ``None`` where it may lie here.
    postcode
        The postcode given, if it is one of the region's.
    quarters, quarter_name
        Codes of the quarter given, and its name as typed.
    contradictions
        What contradicts the region whatever the match.
    """

    outside: Reason | None = None
    postcode: str | None = None
    quarters: frozenset[str] = frozenset()
    quarter_name: str | None = None
    district: int | None = None
    contradictions: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Tell whether the address gives nothing to compare a match with."""
        return self.postcode is None and not self.quarters and self.district is None


NOTHING = Evidence()


def weigh(parsed: ParsedAddress, region: Region) -> Evidence:
    """Judge town, quarter and postcode of an address against the region."""
    said: list[Reason] = [reasons.NotUnderstood(text) for text in parsed.aside]
    if parsed.digits:
        said.append(reasons.DigitsRead(parsed.digits))
    is_silent = not (parsed.localities or parsed.lead or parsed.postcode or said)
    if is_silent and parsed.district_hint is None:
        return NOTHING
    found = [region.classify(name) for name in parsed.localities]
    lead = [region.classify(name) for name in parsed.lead]
    is_own = any(f.kind in {LocalityKind.OWN, LocalityKind.QUARTER} for f in found + lead)
    is_known_postcode = parsed.postcode is None or region.is_own_postcode(parsed.postcode)
    is_pinned = is_own or (parsed.postcode is not None and is_known_postcode)
    elsewhere = [
        f.name for f in (found if is_own else found + lead) if f.kind is LocalityKind.OTHER
        and not is_part_of_building(f.name, parsed.text, is_pinned=is_pinned)
        and not may_be_remark(f.name, parsed.text)
    ]  # fmt: skip
    unknown = [f.name for f in found if f.kind is LocalityKind.UNKNOWN]
    town_like = [n for n in unknown if region.looks_like_town(n) and not is_no_town(n)]
    quarters = [f for f in found + lead if f.kind is LocalityKind.QUARTER]
    outside: Reason | None = None
    if (elsewhere or town_like) and not is_own:
        outside = reasons.OtherTown((elsewhere or town_like)[0], region.town)
    elif parsed.postcode is not None and not is_known_postcode and not is_own:
        outside = reasons.OtherTownsPostcode(parsed.postcode, region.town)
    contradictions: list[Reason] = [reasons.OtherTown(name, region.town) for name in elsewhere]
    if parsed.postcode is not None and not is_known_postcode:
        contradictions.append(reasons.OtherTownsPostcode(parsed.postcode, region.town))
    notes = [*(reasons.NotUnderstood(name) for name in unknown), *said]
    if (
        parsed.postcode is not None
        and unknown
        and parsed.localities[0] == unknown[0]
        and not is_own
    ):
        contradictions.append(reasons.NotUnderstood(unknown[0]))
    return Evidence(
        outside=outside,
        postcode=parsed.postcode if is_known_postcode else None,
        quarters=quarters[0].quarters if quarters else frozenset(),
        quarter_name=quarters[0].name if quarters else None,
        district=parsed.district_hint,
        contradictions=tuple(contradictions),
        notes=tuple(notes),
    )


POSTCODE_REACH_M = 1500.0
"""A postcode none of whose known houses is nearer than this does not apply to a place. Houses of
unknown postcode lie between those of known ones, so the distance must be generous."""
ELSEWHERE_M = 2000.0
"""If both the postcode and the quarter given are further away than this, another place is meant."""
POSTCODE_BORDER_M = 250.0
"""Where the recorded postcode is itself an inference, the one next door may be right."""


@dataclass(frozen=True)
class Comparison:
    """What contradicts, what is worth a note, and the postcode given where it may be right.

    ``is_elsewhere``: postcode and quarter (or district) are given, and both lie kilometres from the
    place found.
    """

    contradictions: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    postcode: str | None = None
    is_elsewhere: bool = False


class Comparer:
    """Compares what an address says about its place with the place found."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._tree = lru_cache(maxsize=256)(self._grow_tree)

    def compare(
        self, evidence: Evidence, postcode: str | None, quarter: str | None, district: int | None,
        x: float | None, y: float | None,
    ) -> Comparison:  # fmt: skip
        """Report where the words beside the street contradict the match."""
        if evidence is NOTHING:
            return Comparison()
        contradictions, notes = list(evidence.contradictions), list(evidence.notes)
        given = evidence.postcode
        kept = None
        if given is not None and given != postcode:
            near_m = self._distance_m(given, x, y)
            if postcode is None:
                kept = given if near_m <= POSTCODE_REACH_M else None
                if near_m > POSTCODE_REACH_M and np.isfinite(near_m):
                    contradictions.append(reasons.FarPostcode(given, near_m))
            elif near_m <= POSTCODE_BORDER_M:
                notes.append(reasons.NeighbouringPostcode(given, postcode))
            else:
                contradictions.append(reasons.OtherPostcode(given, postcode))
        if evidence.quarters and quarter and quarter not in evidence.quarters:
            found = self._gazetteer.quarter_names.get(quarter, quarter)
            said: Reason = reasons.OtherQuarter(evidence.quarter_name or "", found)
            is_border = self._is_near("quarter", evidence.quarters, x, y)
            (notes if is_border else contradictions).append(said)
        if evidence.district is not None and district not in {None, evidence.district}:
            said = reasons.OtherDistrict((evidence.district,), district or 0)
            is_border = self._is_near("district", {evidence.district}, x, y)
            (notes if is_border else contradictions).append(said)
        return Comparison(
            tuple(contradictions), tuple(notes), kept,
            self._is_elsewhere(evidence, postcode, quarter, district, x, y),
        )  # fmt: skip

    def _is_elsewhere(
        self, evidence: Evidence, postcode: str | None, quarter: str | None, district: int | None,
        x: float | None, y: float | None,
    ) -> bool:  # fmt: skip
        """Tell whether the postcode and the quarter or district given both lie kilometres away."""
        given, quarters = evidence.postcode, evidence.quarters
        if given is None or given == postcode or x is None or y is None:
            return False
        distances = [
            self._gazetteer.areas.distance_m(values, x, y, column)
            for column, values, found in (
                ("quarter", quarters, quarter),
                ("district", {evidence.district} - {None}, district),
            )
            if values and found not in values
        ]
        return self._distance_m(given, x, y) > ELSEWHERE_M < max(distances, default=0.0)

    def _is_near(
        self, column: str, values: Collection[object], x: float | None, y: float | None
    ) -> bool:
        if x is None or y is None:
            return False
        gazetteer = self._gazetteer
        return gazetteer.areas.distance_m(values, x, y, column) <= gazetteer.border_m

    def fits(self, street: int, evidence: Evidence) -> bool:
        """Tell whether any house of a street may lie where the address says."""
        gazetteer = self._gazetteer
        rows = list(gazetteer.houses[street].values())
        if evidence.quarters and not any(gazetteer.quarter[r] in evidence.quarters for r in rows):
            return False
        if evidence.district is not None and not any(
            gazetteer.district[r] == evidence.district for r in rows
        ):
            return False
        return evidence.postcode is None or self._has_postcode(rows, evidence.postcode)

    def _has_postcode(self, rows: list[int], postcode: str) -> bool:
        gazetteer = self._gazetteer
        known = {gazetteer.postcode[r] for r in rows}
        if postcode in known:
            return True
        located = [r for r in rows if gazetteer.quality[r] == GOOD]
        if None not in known or not located:
            return not located
        return any(
            self._distance_m(postcode, gazetteer.x[r], gazetteer.y[r]) <= POSTCODE_REACH_M
            for r in (located[0], located[len(located) // 2], located[-1])
        )

    def _distance_m(self, postcode: str, x: float | None, y: float | None) -> float:
        """Return the distance to the nearest known house of a postcode; 0 where none is known."""
        tree = self._tree(postcode)
        if tree is None or x is None or y is None:
            return 0.0
        return float(tree.query((x, y))[0])

    def _grow_tree(self, postcode: str) -> Any:
        gazetteer = self._gazetteer
        points = [
            (gazetteer.x[r], gazetteer.y[r]) for r, p in enumerate(gazetteer.postcode)
            if p == postcode and gazetteer.quality[r] == GOOD
        ]  # fmt: skip
        # Imported here, because few addresses are weighed so and it takes long.
        from scipy.spatial import cKDTree  # noqa: PLC0415 - see above

        return cKDTree(np.array(points)) if points else None


_TIED = re.compile(r"\0\W*(?:(?:und|oder|bis|sowie|bzw|od|u)\W+)?(?=\0)")
_REPEATED = re.compile(r"[^\w.]*\0[^\w.]*\0(?!\.)")
"""The same number twice and nothing between, as from two columns of a table."""
_FOREIGN_CODE = re.compile(
    r"(?<!\w)(?:(?!d-?|de-?)[a-z]{1,3}-?|(?:a|at|ch|f|fr|nl|b|be|l|lu|i|it|pl|cz|dk|gb|uk)\s)\Z"
)
_OWN_CODE = re.compile(r"(?<!\w)(?:de|d)[-\s]?\Z")
_DIGITS = re.compile(r"[0-9]+")
_SIGN_END = re.compile(rf"(?:{NUMBER_SIGN}|(?<!\w)(?:haus|hs|h)\.?\s)\W*$")
_EDGE = " .,:;-_/*!?"


def strike_out(parsed: ParsedAddress) -> tuple[str, str]:
    """Return the text before and behind the street, without house number and postcode."""
    text = parsed.text
    spot = _find_street(parsed)
    if spot is None:
        return "", text
    before, behind = text[: spot[0]], text[spot[1] :]
    if parsed.number is not None and not parsed.number.is_single:
        before, behind = (_strike_numbers(t, parsed) for t in (before, behind))
    elif parsed.number is not None:
        shorter = _strike_number(behind, parsed.number.first)
        if shorter is None:
            before = _strike_number(before, parsed.number.first) or before
        else:
            behind = shorter
            again = _strike_number(behind, parsed.number.first)
            if again is not None and _REPEATED.match(again) is not None:
                behind = again
    if parsed.postcode is not None:
        before, behind = (_strike_postcode(t, parsed.postcode) for t in (before, behind))
    return before.strip(_EDGE), behind.strip(_EDGE)


def _find_street(parsed: ParsedAddress) -> tuple[int, int] | None:
    """Return where the street's name stands: the place with a number behind it, else the last."""
    street = parsed.street or ""
    spots = []
    at = parsed.text.find(street) if street else -1
    while at >= 0:
        spots.append((at, at + len(street)))
        at = parsed.text.find(street, at + len(street))
    if not spots and street:
        pattern = r"\s+".join(map(re.escape, street.split()))
        spots = [match.span() for match in re.finditer(pattern, parsed.text)]
    numbered = [s for s in spots if re.match(r"\W*[0-9]", parsed.text[s[1] :])]
    return next(reversed(numbered or spots), None)


def _strike_number(text: str, part: NumberPart) -> str | None:
    """Strike out the first place that holds a house number, with its sign; ``None`` without one."""
    small = text.lower()
    for match in _DIGITS.finditer(small):
        if int(match.group()) != part.number:
            continue
        end = match.end()
        for letter in part.suffix.strip():
            end += len(small[end:]) - len(small[end:].lstrip(" .-/"))
            if small[end : end + 1] != letter:
                break
            end += 1
        else:
            return _strike(text, match.start(), end)
    return None


def _strike(text: str, start: int, end: int) -> str:
    """Strike out a number that stands between two places, with the sign before it."""
    sign = _SIGN_END.search(text.lower()[:start])
    return f"{text[: start if sign is None else sign.start()]}\0{text[end:]}"


def _strike_numbers(text: str, parsed: ParsedAddress) -> str:
    """Strike out the numbers of a range or list, and what ties them."""
    for written in parsed.numbers:
        match = re.search(rf"(?<!\w){re.escape(written)}(?!\w)", text.lower())
        if match is not None:
            text = _strike(text, match.start(), match.end())
            continue
        for part in read_house_number(written).parts:
            text = _strike_number(text, part) or text
    return _TIED.sub("\0", text)


def _strike_postcode(text: str, postcode: str) -> str:
    """Strike out a postcode with the code of this country; another's stays, with the number."""
    parts = text.split(postcode)
    for i, part in enumerate(parts[:-1]):
        small = part[-5:].lower()
        if _FOREIGN_CODE.search(small) is not None:
            parts[i] = f"{part}{postcode}"
        elif (code := _OWN_CODE.search(small)) is not None:
            parts[i] = part[: len(part) - len(code.group())]
    return "\0".join(parts)


MAX_PLACE_WORDS = 4
"""Most words of one name of a town or quarter."""
_POST_BOX = re.compile(
    r"(?<!\w)(?:postfach|pf|packstation|postfiliale|postlagernd|paketshop)(?![^\W\d_])"
    r"\.?\s*(?:nr\.?\s*)?[0-9\s]*"
)
_NAMED = r"(?:nr\.?|nummer)?\s*"
_OTHER_HOUSE = re.compile(
    rf"(?<!\w)(?:(?:haus|hs|geb(?:ä|ae)ude|geb|block|halle|bau|trakt)\.?[\s-]*{_NAMED}"
    rf"([0-9]{{1,4}}(?:\.[0-9]{{1,4}})*\s?[a-z]?|[a-z])"
    rf"|(?:\w*eingang|aufgang|tor|zugang)\.?[\s-]*{_NAMED}"
    r"([0-9]{1,4}\s?[a-z]?))(?!\w)"
)
_NAME_FOLLOWS = re.compile(
    rf"(?:{RECIPIENT.pattern}|(?:dr|prof|dipl|klingel|inh|inhaber(?:in)?|name)\b)[\s.:]*"
)
_NO_NUMBER = re.compile(r"(?<!\w)(?:ohne|o\.)\s?(?:haus)?-?(?:nummer|nr)(?!\w)\.?")
_NEARBY = re.compile(r"bei(?:m|\s+d(?:er|em|en))\b")
_AT_PERSON = re.compile(r"bei\s+(?!d(?:er|em|en)\b)")
_STREET_TYPE = re.compile(r"(?:strasse|str|weg|allee|gasse|damm|ufer|chaussee)\b\.?")
_OLD_POSTCODE = re.compile(r"(?<![0-9])(?:d[-\s]?)?([1-9][0-9]{3})(?=\s+[^\W\d_])")
_PHRASES = re.compile(r"\s*[,;|\n•·()\[\]\"\0]+\s*|\s[-/+&*]\s|(?<!\bc)/")
_WORDS = re.compile(r"[^\W\d_]+(?:['’.][^\W\d_]+)*|[0-9]+[a-z]?|[^\w\s.,:;!?'’*_/+&#°-]")


@dataclass
class Leftover:
    """Phrases of an address that were not used for the place, by what they mean for it.

    Attributes
    ----------
    harmless
        Not needed: floor, person, institution, country.
    other_house
        They name a house beside the one found, more than one, or deny it.
    other_place
        They name another town, street, postcode or a post box.
    unknown
        Behind the number, and nothing is known about them.
    is_pinned
        Own town or postcode is written, so that what is unknown is no other town.
    has_capitals
        The street is written with capitals, so that a word without any is no name of a place.
    """

    harmless: list[str] = field(default_factory=list)
    other_house: list[str] = field(default_factory=list)
    other_place: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    is_pinned: bool = False
    has_capitals: bool = False


class LeftoverJudge:
    """Judges what is left of addresses of one region.

    Parameters
    ----------
    is_street
        Tells whether a text is the name of a street of the region.
    """

    def __init__(self, region: Region, is_street: Callable[[str], bool]) -> None:
        self._region, self._is_street = region, is_street
        self._own = frozenset({region.town, "Deutschland", "Germany"})

    def judge(self, parsed: ParsedAddress, street: str) -> Leftover:
        """Judge an address read as a house of a street.

        Parameters
        ----------
        parsed
            The reading answered, with a single number.
        street
            Name of the street found.
        """
        phrases = [
            (stripped, is_before)
            for text, is_before in zip(strike_out(parsed), (True, False), strict=True)
            for phrase in (_PHRASES.split(text) if text else ())
            if (stripped := phrase.strip(_EDGE)) and stripped not in self._own
        ]
        if not phrases and not parsed.contacts:
            return Leftover()
        is_pinned = any(own in parsed.text for own in (self._region.town, parsed.postcode or "\n"))
        found = Leftover(is_pinned=is_pinned, has_capitals=not (parsed.street or "").islower())
        for contact in parsed.contacts:
            has_digit = any(map(str.isnumeric, contact))
            (found.other_house if has_digit else found.harmless).append(contact)
        key = street_key(street)
        for phrase, is_before in phrases:
            rest = self._read_phrase(phrase, parsed, found)
            if rest and street_key(rest) != key:
                self._judge_phrase(rest, key, found, is_before=is_before)
        return found

    def _read_phrase(self, phrase: str, parsed: ParsedAddress, found: Leftover) -> str:
        """Take parts of buildings, persons and the country out of a phrase; return the rest."""
        care_of = CARE_OF.search(phrase.lower())
        if care_of is not None:
            self._judge_host(phrase[care_of.start() :], found)
            phrase = phrase[: care_of.start()].rstrip(_EDGE)
        if not phrase:
            return ""
        phrase = _take(_POST_BOX, phrase, found.other_place)
        for match in _OTHER_HOUSE.finditer(phrase.lower()):
            number = match.group(1) or match.group(2)
            if not _is_number(number, parsed.number):
                found.other_house.append(phrase[match.start() : match.end()])
        phrase = _take(_OTHER_HOUSE, phrase, [])
        phrase = _take(_NO_NUMBER, phrase, found.harmless)
        phrase = _take(BUILDING_PART, phrase, found.harmless)
        phrase = _take(COUNTRY, _take(DISTRICT, phrase, []).strip(_EDGE), [])
        phrase = phrase.strip(_EDGE)
        if is_part_of_building(phrase, parsed.text, is_pinned=found.is_pinned):
            found.harmless.append(phrase)
            return ""
        if self._is_at_person(phrase):
            self._judge_host(phrase, found)
            return ""
        if _NAME_FOLLOWS.match(phrase.lower()) is not None:
            _judge_name(phrase, found)
            return ""
        return phrase

    def _judge_host(self, phrase: str, found: Leftover) -> None:
        """Judge at whose home one lives: behind the name a town or a place beside may stand."""
        words = phrase.split()
        is_elsewhere = len(words) > 2 and self._region.know(words[-1]) is LocalityKind.OTHER
        name = to_ascii(" ".join(words[1:]))
        is_institution = INSTITUTION.search(name) is not None
        if is_elsewhere:
            found.other_place.append(phrase)
        elif _says_other_house(phrase, is_name=is_institution):
            found.other_house.append(phrase)
        else:
            _judge_name(phrase, found)

    def _is_at_person(self, phrase: str) -> bool:
        """Tell whether a phrase says at whose home: bei Muster, not bei Neustadt."""
        match = _AT_PERSON.match(phrase.lower())
        name = phrase[match.end() :] if match is not None else ""
        kind = self._region.classify(name, is_literal=True).kind
        return bool(name) and kind is LocalityKind.UNKNOWN and not self._is_street(name)

    def _judge_phrase(self, phrase: str, key: str, found: Leftover, *, is_before: bool) -> None:
        small = to_ascii(phrase)
        is_institution = INSTITUTION.search(small) is not None
        if is_remark(phrase) or self._is_entrance(phrase):
            found.harmless.append(phrase)
        elif _says_other_house(phrase, is_name=is_before and is_institution):
            found.other_house.append(phrase)
        elif self._is_other_street(phrase, key, is_name=is_before and is_institution):
            found.other_place.append(phrase)
        elif is_before and is_institution:
            found.harmless.append(phrase)
        else:
            kinds = list(self._read_places(phrase, found))
            rest = " ".join(word for word, kind in kinds if kind is LocalityKind.UNKNOWN)
            has_digit = any(map(str.isnumeric, rest))
            is_elsewhere = any(kind is LocalityKind.OTHER for _, kind in kinds)
            if is_elsewhere and not (is_before and rest):
                found.other_place.append(phrase)
            elif has_digit and not is_institution:
                places = found.other_place if re.search("[0-9]{5}", rest) else found.other_house
                places.append(phrase)
            elif rest and (is_before or is_institution):
                found.harmless.append(phrase)
            elif rest:
                is_remark_like = found.has_capitals and phrase.islower()
                (found.other_house if is_remark_like else found.unknown).append(phrase)

    def _is_entrance(self, phrase: str) -> bool:
        """Tell whether a phrase says no more than where one enters: Eingang über den Hof."""
        is_told = ENTRANCE.fullmatch(to_ascii(phrase)) is not None
        if not is_told or _says_other_house(phrase, is_name=False):
            return False
        names = (self._longest_name([word], 0) for word in _WORDS.findall(phrase))
        return all(
            kind is not LocalityKind.OTHER or is_part_of_building(name, phrase, is_pinned=True)
            for name, kind, _ in names
        )

    def _is_other_street(self, phrase: str, key: str, *, is_name: bool) -> bool:
        if is_name or street_key(phrase).endswith(key) or self._region.know(phrase) is not None:
            return False
        match = _STREET_TYPE.search(to_ascii(phrase))
        return (match is not None and match.start() > 0) or self._is_street(phrase)

    def _read_places(self, phrase: str, found: Leftover) -> Iterator[tuple[str, LocalityKind]]:
        """Yield words and what they say; names of the region are read and not yielded."""
        words, unknown, at = _WORDS.findall(_without_old_postcode(phrase, found)), [], 0
        was_own = False
        while at < len(words):
            name, kind, n = self._longest_name(words, at)
            if kind in {LocalityKind.OWN, LocalityKind.QUARTER}:
                found.is_pinned |= kind is LocalityKind.OWN
                was_own = True
            elif kind is LocalityKind.OTHER:
                yield name, kind
            elif word_key(name) not in HARMLESS and not (was_own and name.isdigit()):
                unknown.append(name)
            at += n
        left = " ".join(unknown)
        likeness = self._region.classify(left).kind if unknown else LocalityKind.OWN
        if likeness in {LocalityKind.UNKNOWN, LocalityKind.OTHER}:
            yield left, likeness

    def _longest_name(self, words: list[str], at: int) -> tuple[str, LocalityKind, int]:
        """Return the longest name known from a place on; the region's own go before others."""
        longest = words[at], LocalityKind.UNKNOWN, 1
        for n in range(min(MAX_PLACE_WORDS, len(words) - at), 0, -1):
            name = " ".join(words[at : at + n])
            kind = self._region.know(name)
            if kind in {LocalityKind.OWN, LocalityKind.QUARTER}:
                return name, kind, n
            if kind is not None and longest[1] is LocalityKind.UNKNOWN:
                longest = name, kind, n
        return longest


def _take(pattern: re.Pattern[str], phrase: str, taken: list[str]) -> str:
    """Move what matches from a phrase to a list; return the phrase without it."""
    small = phrase.lower()
    for match in reversed(list(pattern.finditer(small))):
        taken.append(phrase[match.start() : match.end()].strip(_EDGE))
        phrase = f"{phrase[: match.start()]} {phrase[match.end() :]}"
    return phrase


def _is_number(text: str, number: HouseNumber | None) -> bool:
    return text.replace(" ", "") == str(number).replace(" ", "")


def _judge_name(phrase: str, found: Leftover) -> None:
    """Judge what follows c/o, Frau, Firma: a name, unless a number or denial is in it."""
    has_digit = any(map(str.isnumeric, phrase))
    is_other = has_digit or _says_other_house(phrase, is_name=True)
    (found.other_house if is_other else found.harmless).append(phrase.strip(_EDGE))


def _says_other_house(phrase: str, *, is_name: bool) -> bool:
    if _NEARBY.match(phrase.lower()) is not None:
        return True
    words = [word_key(word) for word in _WORDS.findall(phrase)]
    said = [word for word in words if word in NOT_THE_HOUSE]
    return bool(said) and (not is_name or words[0] in said or not IN_NAMES.issuperset(said))


def _without_old_postcode(phrase: str, found: Leftover) -> str:
    """Take out a postcode of four digits, as until 1993; it cannot be checked."""
    match = _OLD_POSTCODE.match(phrase.lower())
    if match is None:
        return phrase
    found.harmless.append(match.group(1))
    return phrase[match.end() :]
