"""What does a cell of an address column add to the address? Text in, text out, by role."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from welcomemap.geocoding import countries
from welcomemap.geocoding.house_number import NUMBER, parse_house_number
from welcomemap.geocoding.number_text import BUILDING_PART, NUMBER_SIGN, NumberText

POSTCODE = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")
_NOTHING = re.compile(
    r"[-–—?./*\s]*|o\.?\s*nr\.?|ohne(?:\s*(?:nr\.?|nummer|hausnummer|angabe))?|k\.?\s*a\.?|k\.?\s*nr\.?"
    r"|kein[ea]?(?:\s*(?:angaben?|nr\.?|nummer|hausnummer))?|n\.?\s*/?\s*[abv]\.?|s\.\s*o\.|0+"
    r"|unbekannt|unknown|none|null|nan|not\s+available|n\.?\s*n\.?|entfällt|#[A-Z/0!?]+",
    re.IGNORECASE,
)
_WHOLE_FLOAT = re.compile(r"([0-9]+)[.,]0+")
_MONTH = (
    r"(?:jan(?:uar|uary)?|feb(?:ruar|ruary)?|mrz|mär(?:z)?|mar(?:ch)?|apr(?:il)?|mai|may|jun[ie]?"
    r"|jul[iy]?|aug(?:ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|de[zc](?:ember)?)\.?"
)
_DATE = re.compile(
    rf"[0-9]{{1,2}}\.[0-9]{{1,2}}\.(?:[0-9]{{2,4}})?|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[ T].*)?"
    rf"|[0-9]{{1,2}}[.\s-]*{_MONTH}(?:[\s-]*[0-9]{{2,4}})?|{_MONTH}[\s-]*[0-9]{{2,4}}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{5,}(?:[.,][0-9]+)?",
    re.IGNORECASE,
)
"""Dates a spreadsheet made of a number such as 1-3, and their serial numbers (five digits)."""

_LETTER = re.compile(r"[a-z](?:\s?[-–]\s?[a-z])?", re.IGNORECASE)
_FRACTION = re.compile(r"[1-3]/[2-4]|[½¼¾]")
_SUB_NUMBER = re.compile(r"/?\s?([0-9]{1,3}[a-z]?)", re.IGNORECASE)
_CODE = re.compile(r"[0-9][0-9.]*(?:\s*[-–:/]\s*|\s+|$)")
_PLACE_SIGNS = " ,;/|()-–"
_PLAIN_POSTCODE = re.compile(r"(?:D[-\s]*)?(0?[0-9]{2}[., ][0-9]{3}|0?[0-9]{5}|[0-9]{4})")
_FIRST_NUMBER = re.compile(rf"(?:{NUMBER_SIGN})?({NUMBER})(?![0-9a-zäöüß])")
_QUOTES = " '\"„“”‚‘’`´"
_TIED_SIGNS = "-–+,;&/"
_REMARKS = frozenset({"barrierefrei", "rollstuhlgerecht", "stufenlos"})
SUFFIX_ROLES = frozenset({"suffix", "suffix_from", "suffix_to"})
NUMBER_ROLES = frozenset({"number", "number_from", "number_to"})
HOUSE_ROLES = NUMBER_ROLES | SUFFIX_ROLES
ENDS_WITH_NUMBER = re.compile(r".*\D[0-9]{1,4}\s?[a-zA-Z]?", re.DOTALL)


def is_nothing(text: str) -> bool:
    """Tell whether a cell says that there is no value: ``k. A.``, ``-``, ``0``, ``n/a``."""
    return _NOTHING.fullmatch(text) is not None


@lru_cache(maxsize=8192)
def is_wholly_read(text: str, role: str) -> bool:
    """Tell whether a cell of house number or suffix says no more than its role.

    What says more is joined as it stands, for the reader of one address to judge; a house that it
    then still takes for the one is not sure.
    """
    if text.isdecimal() or is_nothing(text):
        return True
    if role in SUFFIX_ROLES:
        return _join_suffix(text) is not None or _is_building_part(text)
    return role not in NUMBER_ROLES or _is_number(_read_number(text))


def _is_number(text: str) -> bool:
    """Tell whether numbers and parts of a building are all that a cell says."""
    small = text.lower().replace("–", "-")
    if not small or parse_house_number(small) is not None:
        return True
    first, read = _FIRST_NUMBER.match(small), NumberText()
    if first is None:
        return False
    words = read.start(small, first.group(1), first.end())
    return not read.unread and not small[words:].strip(" .,")


def _read_number(text: str) -> str:
    if _DATE.fullmatch(text):
        return ""
    text = text.strip(_QUOTES) or text
    whole = _WHOLE_FLOAT.fullmatch(text)
    return whole.group(1) if whole else text


def _is_building_part(text: str) -> bool:
    small = text.lower().strip(" .,")
    return small in _REMARKS or BUILDING_PART.fullmatch(small) is not None


def _join_suffix(text: str) -> str | None:
    """Return a suffix as it follows its number at once; ``None`` where the text is none."""
    if _LETTER.fullmatch(text):
        return text
    if _FRACTION.fullmatch(text):
        return f" {text}"
    whole = _WHOLE_FLOAT.fullmatch(text)
    below = _SUB_NUMBER.fullmatch(whole.group(1) if whole else text)
    return f"/{below.group(1)}" if below else None


def _read_suffix(text: str) -> str:
    """Return what follows the number: a suffix at once, other words as they stand.

    A part of the building or a remark on it is left out.
    """
    suffix = _join_suffix(text)
    if suffix is not None:
        return suffix
    if _is_building_part(text):
        return ""
    return text if text[0] in _TIED_SIGNS else f" {text}"


def _read_postcode(text: str) -> str:
    """Return the postcode, the first of several; spreadsheets drop or add a zero, point or blank.

    What holds no postcode is returned as it is.
    """
    text = text.strip(_QUOTES)
    whole = _WHOLE_FLOAT.fullmatch(text)
    bare = _PLAIN_POSTCODE.fullmatch(whole.group(1) if whole else text)
    if bare is None:
        codes = find_postcodes(text)
        return codes[0] if len(codes) > 1 else text
    digits = re.sub(r"[^0-9]", "", bare.group(1))
    return digits[-5:].zfill(5)


def find_postcodes(text: str) -> tuple[str, ...]:
    """Return the postcodes of a cell, each once."""
    return tuple(dict.fromkeys(POSTCODE.findall(text)))


def _read_town(text: str) -> str:
    is_code = text.isascii() and text.isdigit() and not POSTCODE.fullmatch(text)
    return "" if is_code else text


def _read_postcode_town(text: str) -> str:
    """Put the postcode first: ``Hilden (40724)`` is ``40724 Hilden``."""
    match = POSTCODE.search(text)
    if match is None:
        return text
    rest = f"{text[: match.start()].strip(_PLACE_SIGNS)} {text[match.end() :].strip(_PLACE_SIGNS)}"
    return f"{match.group()} {rest.removeprefix('D-').strip()}".strip()


def _read_quarter(text: str) -> str:
    """Leave the code of a quarter out: ``092 - Himmelgeist`` is ``Himmelgeist``."""
    return _CODE.sub("", text, count=1) if _CODE.match(text) else text


def _read_country(text: str) -> str:
    """Leave a country out that is known: another one than Germany is held against the address."""
    return "" if countries.is_own(text) or countries.is_foreign(text) else text


_READERS: dict[str, Callable[[str], str]] = {
    "number": _read_number, "number_from": _read_number, "number_to": _read_number,
    "suffix": _read_suffix, "suffix_from": _read_suffix, "suffix_to": _read_suffix,
    "supplement": _read_suffix, "country": _read_country,
    "postcode": _read_postcode, "town": _read_town, "postcode_town": _read_postcode_town,
    "quarter": _read_quarter,
}  # fmt: skip


@lru_cache(maxsize=8192)
def read_cell(text: str, role: str) -> str:
    """Return what a cell adds to the address, as its column's role says."""
    reader = _READERS.get(role)
    if not text or reader is None:
        return text
    return "" if is_nothing(text) else reader(text)
