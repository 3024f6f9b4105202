"""How else can the words of an address be read? As typed first, then with words set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from welcomemap.geocoding.address import ParsedAddress
from welcomemap.geocoding.evidence import Evidence, weigh
from welcomemap.geocoding.house_number import parse_house_number
from welcomemap.geocoding.qualifiers import (
    HOUSE_WORDS,
    INSTITUTION,
    NO_HOUSE_NUMBER,
    NOT_THE_HOUSE,
    ends_as_street,
    word_key,
)
from welcomemap.geocoding.region import LocalityKind, Region
from welcomemap.geocoding.spelling import to_ascii

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
