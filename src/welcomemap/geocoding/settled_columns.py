"""What do columns hold whose names leave it open? Their values and their places say it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from welcomemap.errors import MissingColumnError, quote
from welcomemap.geocoding.cells import ENDS_WITH_NUMBER, HOUSE_ROLES
from welcomemap.geocoding.house_number import parse_house_number
from welcomemap.sheets import Sheet

POSTCODE_AND_TOWN = re.compile(r"(?:D-?\s?)?[0-9]{5},?\s+[^\W\d_].*")
SAMPLE_ROWS = 1000


def settle(sheet: Sheet, by_role: Mapping[str, str]) -> dict[str, str]:
    """Return column by role, once the values were asked where names leave it open."""
    found = {role: column for role, column in by_role.items() if role}
    vague = found.pop("vague", None)
    if "full" not in found and "street" not in found:
        if vague is None:
            raise MissingColumnError(
                "no column looks like an address",
                where=sheet.place(column="header"),
                how="Name the columns with --columns, in the order of an address; the table has"
                f" {list_columns(sheet)}.",
            )
        found["full"] = vague
    street = found.get("street") or found["full"]
    found = _settle_number(sheet, found, street)
    has_number = bool(found.keys() & {"number", "number_from"})
    if "full" in found and not _holds_numbers(sheet, found["full"]):
        if "street" in found and (has_number or _holds_numbers(sheet, found["street"])):
            del found["full"]
        elif "street" not in found and has_number:
            found["street"] = found.pop("full")
    dropped = {"street", "supplement", *HOUSE_ROLES} if "full" in found else set()
    found = {role: column for role, column in found.items() if role not in dropped}
    if not {"postcode", "postcode_town", "town"} & found.keys():
        found |= _find_postcode_and_town(sheet, set(found.values()))
    return found


def _settle_number(sheet: Sheet, by_role: Mapping[str, str], street: str) -> dict[str, str]:
    """Find the columns of the house number: one, or its parts, or the first and last of a range."""
    found = dict(by_role)
    joint, counter = found.pop("number_suffix", None), found.pop("counter", None)
    begin, end = found.pop("from", None), found.pop("to", None)
    if joint is not None:
        found["number" if _begin_with_digit(sheet, joint) else "suffix"] = joint
    has_number = "number" in found or {"number_from", "number_to"} <= found.keys()
    if counter is not None and not has_number and _is_house_number(sheet, counter, street):
        found["number"], has_number = counter, True
    suffix = found.get("suffix")
    is_free = suffix is not None and not has_number and not _end_with_numbers(sheet, street)
    if suffix is not None and is_free and _begin_with_digit(sheet, suffix):
        found["number"], has_number = found.pop("suffix"), True
    if begin is not None and not has_number and _is_behind(sheet, begin, [street]):
        found.setdefault("number_from", begin)
    before = [column for role in HOUSE_ROLES if (column := found.get(role)) is not None]
    if end is not None and before and _is_behind(sheet, end, before):
        found.setdefault("number_to", end)
    if not found.keys() & {"number", "number_from"}:
        found.pop("number_to", None)
    elif "number" not in found and "suffix" in found and "number_to" in found:
        names = [str(column) for column in sheet.frame.columns]
        is_last = names.index(found["suffix"]) > names.index(found["number_to"])
        found.setdefault("suffix_to" if is_last else "suffix_from", found.pop("suffix"))
    return found


def _is_behind(sheet: Sheet, column: str, others: Sequence[str]) -> bool:
    """Tell whether a column stands at most two behind one of others and holds house numbers."""
    names = [str(name) for name in sheet.frame.columns]
    values = _values(sheet, column)
    numbers = [value for value in values if parse_house_number(value) is not None]
    is_near = any(0 < names.index(column) - names.index(other) <= 2 for other in others)
    return is_near and 2 * len(numbers) > len(values)


def _begin_with_digit(sheet: Sheet, column: str) -> bool:
    values = _values(sheet, column)
    return 2 * sum(value[0].isdigit() for value in values) > len(values)


def _end_with_numbers(sheet: Sheet, street: str) -> bool:
    streets = _values(sheet, street)
    return 2 * sum(ENDS_WITH_NUMBER.fullmatch(text) is not None for text in streets) > len(streets)


def _values(sheet: Sheet, column: str) -> list[str]:
    texts = sheet.frame[column].iloc[:SAMPLE_ROWS].tolist()
    return [text.strip() for text in texts if text.strip()]


def _holds_numbers(sheet: Sheet, column: str) -> bool:
    """Tell whether at least half of the values hold a digit, and they are no e-mail addresses."""
    values = [value for value in _values(sheet, column) if "@" not in value]
    return 2 * sum(any(c.isdigit() for c in value) for value in values) > len(values)


def _is_house_number(sheet: Sheet, counter: str, street: str) -> bool:
    """Tell a house number from a running number: by the streets, its place, then its values."""
    if _end_with_numbers(sheet, street):
        return False
    names = [str(column) for column in sheet.frame.columns]
    if names.index(counter) == names.index(street) + 1:
        return True
    values = _values(sheet, counter)
    numbers = [int(text) for text in values if text.isascii() and text.isdecimal()]
    is_rising = all(a < b for a, b in itertools.pairwise(numbers))
    return not (len(numbers) == len(values) and is_rising)


def _find_postcode_and_town(sheet: Sheet, taken: set[str]) -> dict[str, str]:
    for column in map(str, sheet.frame.columns):
        values = _values(sheet, column) if column not in taken else []
        if values and all(POSTCODE_AND_TOWN.fullmatch(value) for value in values):
            return {"postcode_town": column}
    return {}


def list_columns(sheet: Sheet) -> str:
    """Return the first names of columns, for a message."""
    names = [quote(column) for column in sheet.frame.columns[:20]]
    more = len(sheet.frame.columns) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
