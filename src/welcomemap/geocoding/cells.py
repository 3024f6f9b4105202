"""What does a cell of an address column add to the address? Text in, text out, by role."""

from __future__ import annotations

import re
from collections.abc import Callable

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


def is_nothing(text: str) -> bool:
    """Tell whether a cell says that there is no value: ``k. A.``, ``-``, ``0``, ``n/a``."""
    return _NOTHING.fullmatch(text) is not None


def _read_number(text: str) -> str:
    if _DATE.fullmatch(text):
        return ""
    whole = _WHOLE_FLOAT.fullmatch(text)
    return whole.group(1) if whole else text


def _read_suffix(text: str) -> str:
    """Return what follows the number at once; floors and remarks are no suffix."""
    if _LETTER.fullmatch(text):
        return text
    if _FRACTION.fullmatch(text):
        return f" {text}"
    whole = _WHOLE_FLOAT.fullmatch(text)
    below = _SUB_NUMBER.fullmatch(whole.group(1) if whole else text)
    return f"/{below.group(1)}" if below else ""


def _read_postcode(text: str) -> str:
    whole = _WHOLE_FLOAT.fullmatch(text)
    text = whole.group(1) if whole else text
    return text.zfill(5) if len(text) == 4 and text.isascii() and text.isdigit() else text


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


_READERS: dict[str, Callable[[str], str]] = {
    "number": _read_number, "number_from": _read_number, "number_to": _read_number,
    "suffix": _read_suffix, "postcode": _read_postcode, "town": _read_town,
    "postcode_town": _read_postcode_town, "quarter": _read_quarter,
}  # fmt: skip


def read_cell(text: str, role: str) -> str:
    """Return what a cell adds to the address, as its column's role says."""
    reader = _READERS.get(role)
    if not text or reader is None:
        return text
    return "" if is_nothing(text) else reader(text)
