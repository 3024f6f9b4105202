"""How else can the words of an address be read? As typed first, then with words set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from welcomemap.geocoding.address import ParsedAddress
from welcomemap.geocoding.evidence import Evidence, weigh
from welcomemap.geocoding.house_number import parse_house_number
from welcomemap.geocoding.region import LocalityKind, Region

MAX_WORDS_ASIDE = 4


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
    if parsed.is_named_recipient:
        for cut in range(1, len(words)):
            yield Reading(replace(parsed, street=" ".join(words[cut:])), evidence, False, True)
