"""What of an address was not used for the place, and does it leave one house? Decided here only.

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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from welcomemap.geocoding.address import CARE_OF, COUNTRY, DISTRICT, RECIPIENT, ParsedAddress
from welcomemap.geocoding.house_number import HouseNumber
from welcomemap.geocoding.number_text import BUILDING_PART
from welcomemap.geocoding.qualifiers import (
    ENTRANCE,
    HARMLESS,
    IN_NAMES,
    INSTITUTION,
    NOT_THE_HOUSE,
    is_part_of_building,
    is_remark,
    word_key,
)
from welcomemap.geocoding.region import LocalityKind, Region
from welcomemap.geocoding.spelling import street_key, to_ascii
from welcomemap.geocoding.strike_out import strike_out

MAX_KEPT = 4096
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
_EDGE = " .,:;-_/*!?"


@dataclass(frozen=True)
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
    """

    harmless: tuple[str, ...] = ()
    other_house: tuple[str, ...] = ()
    other_place: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_pinned: bool = False


NOTHING_LEFT = Leftover()


@dataclass
class _Found:
    harmless: list[str] = field(default_factory=list)
    other_house: list[str] = field(default_factory=list)
    other_place: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    is_pinned: bool = False
    has_capitals: bool = False
    """The street is written with capitals, so that a word without any is no name of a place."""


class LeftoverJudge:
    """Judges what is left of addresses of one region.

    Parameters
    ----------
    is_street
        Tells whether a text is the name of a street of the region.
    """

    def __init__(self, region: Region, is_street: Callable[[str], bool]) -> None:
        self._region, self._is_street = region, is_street
        self._own = {region.town, "Deutschland", "Germany"}
        """Phrases of names of the region and its country and of nothing else, as written."""

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
            return NOTHING_LEFT
        is_pinned = any(own in parsed.text for own in (self._region.town, parsed.postcode or "\n"))
        found = _Found(is_pinned=is_pinned, has_capitals=not (parsed.street or "").islower())
        for contact in parsed.contacts:
            has_digit = any(map(str.isnumeric, contact))
            (found.other_house if has_digit else found.harmless).append(contact)
        key = street_key(street)
        for phrase, is_before in phrases:
            rest = self._read_phrase(phrase, parsed, found)
            if rest and street_key(rest) != key:
                self._judge_phrase(rest, key, found, is_before=is_before)
        return Leftover(
            tuple(found.harmless), tuple(found.other_house), tuple(found.other_place),
            tuple(found.unknown), found.is_pinned,
        )  # fmt: skip

    def _read_phrase(self, phrase: str, parsed: ParsedAddress, found: _Found) -> str:
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

    def _judge_host(self, phrase: str, found: _Found) -> None:
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

    def _judge_phrase(self, phrase: str, key: str, found: _Found, *, is_before: bool) -> None:
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
            elif not kinds and not any(map(str.isnumeric, phrase)) and len(self._own) < MAX_KEPT:
                self._own.add(phrase)

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

    def _read_places(self, phrase: str, found: _Found) -> Iterator[tuple[str, LocalityKind]]:
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
        likeness = self._region.classify(" ".join(unknown)).kind if unknown else LocalityKind.OWN
        if likeness is LocalityKind.UNKNOWN:
            yield " ".join(unknown), likeness
        elif likeness is LocalityKind.OTHER:
            yield " ".join(unknown), LocalityKind.OTHER

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


def _judge_name(phrase: str, found: _Found) -> None:
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


def _without_old_postcode(phrase: str, found: _Found) -> str:
    """Take out a postcode of four digits, as until 1993; it cannot be checked."""
    match = _OLD_POSTCODE.match(phrase.lower())
    if match is None:
        return phrase
    found.harmless.append(match.group(1))
    return phrase[match.end() :]
