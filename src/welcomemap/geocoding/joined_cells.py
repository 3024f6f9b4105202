"""What address do the cells of one row make? Read by their roles, and joined as one text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from welcomemap.geocoding import countries
from welcomemap.geocoding.cells import (
    ENDS_WITH_NUMBER,
    HOUSE_ROLES,
    NUMBER_ROLES,
    POSTCODE,
    SUFFIX_ROLES,
    find_postcodes,
    is_nothing,
)

STARTS_WITH_DIGIT = re.compile(r"\s*\d")
DISTRICT_SEPARATOR = re.compile(r"[;,/()\s–-]+|\.(?=\D|$)")
DISTRICT_WORD = re.compile(
    r"(?<!\w)(?:(?:stadt)?bezirk|(?:stadt)?bez|district|sb|nr|no|und|u)(?![^\W\d])\.?",
    re.IGNORECASE,
)
WHOLE_NUMBER = re.compile(r"([0-9]+)[.,]0+")
RANGE_ROLES = frozenset({"number_from", "number_to"})
REPEATED_ROLES = frozenset({"number", "postcode", "postcode_town", "town", "quarter"})
LENGTH_OF_POSTCODE = 5
MUNICIPAL_KEY = re.compile(r"0?[1-9][0-9]{6}|1[0-6][0-9]{6}|(?:0[1-9]|1[0-6])[0-9]{10}")
"""Key of a municipality (8 digits; 7 where a spreadsheet dropped the zero, 12 with its union)."""


def find_other_places(cell: str, role: str) -> tuple[str, ...]:
    """Return what a cell says about the place besides what is read of it."""
    if role == "country":
        return (cell,) if countries.is_foreign(cell) else ()
    if role == "town":
        return (cell,) if MUNICIPAL_KEY.fullmatch(cell) else ()
    return find_postcodes(cell)[1:] if len(cell) > LENGTH_OF_POSTCODE else ()


def join_cells(parts: Sequence[str], roles: Sequence[str]) -> tuple[str, str]:
    """Join the cells of a row: ``street number suffix, postcode town, quarter``.

    A number, postcode or town that the text before holds already is not repeated. A suffix behind
    another suffix stands apart, so that both are read; without a number it is returned as loose.
    """
    text, loose, previous, number = "", "", "", ""
    for cell, role in zip(parts, roles, strict=True):
        is_known = role in {"town", "postcode_town"} and cell[:5] in POSTCODE.findall(text)
        part = cell[5:].strip(" ,") if is_known else cell
        if not part or (role in REPEATED_ROLES and _is_repeated(text, part, role)):
            continue
        if role == "number":
            number = part
        elif role in RANGE_ROLES and number and _is_end_of(number, part, role):
            continue
        if role in SUFFIX_ROLES or role == "supplement":
            if role == "suffix_to" and previous != "number_to":
                part = part.strip(" /")
            elif not text[-1:].isdigit():
                if not ENDS_WITH_NUMBER.fullmatch(text):
                    loose = part
                    continue
                if text[-1].casefold() == part.casefold():
                    continue
                part = f" {part.strip(' /')}"
        text += _separator(text, part, role, previous) + part
        previous = role
    return text, loose


def _is_end_of(number: str, part: str, role: str) -> bool:
    """Tell whether a house number begins or ends with the number of a further column."""
    if role == "number_from":
        return re.match(rf"{re.escape(part)}(?![0-9])", number) is not None
    return re.search(rf"\D{re.escape(part)}$", number) is not None


def _is_repeated(text: str, part: str, role: str) -> bool:
    """Tell whether the text holds the part as words of its own; a number at its end.

    Plain digits may be the street's name (Straße 20), so that the geocoder is to judge them.
    """
    if role == "number" and part.isdecimal():
        return False
    begins = text.casefold().rfind(part.casefold())
    ends = begins + len(part)
    if begins < 0 or len(text.casefold()) != len(text):
        return False
    if role == "number" and ends != len(text):
        return False
    return not (text[begins - 1 : begins].isalnum() or text[ends : ends + 1].isalnum())


def _separator(text: str, part: str, role: str, previous: str) -> str:
    if role == "suffix_to" and previous != "number_to":
        return "-"
    if not text or role in SUFFIX_ROLES or role == "supplement":
        return ""
    if role == "number_to" and previous in HOUSE_ROLES:
        return "-"
    is_number = role in NUMBER_ROLES or (not role and STARTS_WITH_DIGIT.match(part) is not None)
    if (is_number and not POSTCODE.fullmatch(part)) or (role == "town" and previous == "postcode"):
        return " "
    return ", "


def read_districts(text: str) -> tuple[tuple[int, ...], str]:
    """Return the districts of a cell (``Bezirk 10``, ``10.0``, ``1;2``), or what holds none."""
    text = text.strip()
    if not text:
        return (), ""
    whole = WHOLE_NUMBER.fullmatch(text)
    parts = DISTRICT_SEPARATOR.split(DISTRICT_WORD.sub(" ", whole.group(1) if whole else text))
    parts = [part for part in parts if part]
    numbers = [part for part in parts if part.isascii() and part.isdigit() and len(part) < 6]
    words = [part for part in parts if part not in numbers]
    if not words or (len(numbers) == 1 and not any(map(str.isdigit, "".join(words)))):
        return tuple(int(part) for part in numbers), ""
    return (), "" if is_nothing(text) else text
