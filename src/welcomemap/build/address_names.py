"""Mend mistyped street names and house numbers of a published address list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBER = re.compile(r"(\d{1,4})\s*([a-z]?)(?:\s*-\s*(\d{1,4})\s*([a-z]?))?")
_NUMBER_IN_STREET = re.compile(r"(.*[^\W\d])\s*?(\d{1,4}[a-z]?)")
_REMARK = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True)
class NameCorrections:
    """Corrections no rule can guess: of street names, and of whole rows.

    Attributes
    ----------
    streets
        Published street name → right name.
    rows
        (Published street, published number) → (right street, right number).
    torn
        Published street → (what its numbers wrongly begin with, right street).
    """

    streets: Mapping[str, str]
    rows: Mapping[tuple[str, str], tuple[str, str]]
    torn: Mapping[str, tuple[str, str]]


def normalise_house_number(text: str) -> str:
    """Return a house number as ``"2a"`` or ``"6-8"``; empty where the text holds none.

    >>> normalise_house_number("99- 103"), normalise_house_number("2 A")
    ('99-103', '2a')
    >>> normalise_house_number("1- Hochhaus"), normalise_house_number("0")
    ('1', '')
    """
    found = _NUMBER.match(text.strip().lower())
    if found is None or int(found[1]) == 0:
        return ""
    first = f"{int(found[1])}{found[2]}"
    return f"{first}-{int(found[3])}{found[4]}" if found[3] else first


def mend_name(street: str, number: str, corrections: NameCorrections) -> tuple[str, str]:
    """Return the street name and the normalised house number that a published row means.

    The list's own corrections come first; else spaces are collapsed, remarks in brackets dropped,
    and a number glued to the name is taken as the house number.
    """
    street, number = corrections.rows.get((street, number), (street, number))
    prefix, right_street = corrections.torn.get(street, ("", ""))
    if right_street and number.startswith(prefix):
        street, number = right_street, number.removeprefix(prefix)
        return street, normalise_house_number(number)
    known = corrections.streets.get(" ".join(street.split()))
    if known is not None:
        return known, normalise_house_number(number)
    street = " ".join(_REMARK.sub("", street).split())
    glued = _NUMBER_IN_STREET.fullmatch(street)
    if glued is not None and not number:
        street, number = glued[1].rstrip(), glued[2]
    return street, normalise_house_number(number)


def order_house_number(number: str) -> tuple[int, str]:
    """Return a sort key: 2, 2a, 10, 10-12; rows without a number come first."""
    found = re.match(r"\d+", number)
    return (int(found[0]) if found else -1, number)
