"""Which columns of a table hold the address, and what address does a row give?"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from welcomemap.errors import MissingColumnError, quote
from welcomemap.geocoding.cells import POSTCODE, is_nothing, read_cell
from welcomemap.geocoding.column_names import find_role
from welcomemap.sheets import Sheet

STARTS_WITH_DIGIT = re.compile(r"\s*\d")
ENDS_WITH_NUMBER = re.compile(r".*\D[0-9]{1,4}\s?[a-zA-Z]?", re.DOTALL)
POSTCODE_AND_TOWN = re.compile(r"(?:D-?\s?)?[0-9]{5},?\s+[^\W\d_].*")
DISTRICT_SEPARATOR = re.compile(r"[;,/\s]+")
SAMPLE_ROWS = 1000
NUMBER_ROLES = frozenset({"number", "number_from", "number_to"})
DROPPED_ROLES = NUMBER_ROLES | {"suffix"}
REPEATED_ROLES = frozenset({"number", "postcode", "postcode_town", "town", "quarter"})


@dataclass(frozen=True)
class RowAddress:
    """The address of a row.

    Attributes
    ----------
    stated_districts
        The districts its table states for it (empty: none).
    dropped
        A cell of house number or suffix that is none, such as a date a spreadsheet made of it.
    """

    text: str
    stated_districts: tuple[int, ...]
    dropped: str = ""

    @property
    def stated_district(self) -> int | None:
        """The district, where exactly one is stated."""
        return self.stated_districts[0] if len(self.stated_districts) == 1 else None


@dataclass(frozen=True)
class AddressColumns:
    """Columns by role; ``named`` are those a person named, joined in that order."""

    full: str | None = None
    street: str | None = None
    number: str | None = None
    number_from: str | None = None
    number_to: str | None = None
    suffix: str | None = None
    postcode: str | None = None
    postcode_town: str | None = None
    town: str | None = None
    quarter: str | None = None
    district: str | None = None
    named: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def roles(self) -> dict[str, str]:
        """Columns that make up the address, by role and in order."""
        found = {role: getattr(self, role) for role in ROLES if role != "district"}
        return {role: column for role, column in found.items() if column is not None}

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the columns that make up the address, in order."""
        return self.named or tuple(self.roles.values())

    def to_json(self) -> dict[str, object]:
        """Return the columns under names for people: what was used as what, and what was not."""
        told: dict[str, object] = {JSON_NAMES.get(role, role): c for role, c in self.roles.items()}
        if self.district is not None:
            told["district"] = self.district
        return told | ({"named": list(self.named)} if self.named else {}) | {
            "ignored": list(self.ignored)
        }  # fmt: skip

    def __str__(self) -> str:
        """Return one line for people."""
        told = self.to_json()
        named = [quote(name) for name in self.named]
        used = [f"{k.replace('_', ' ')} {quote(v)}" for k, v in told.items() if isinstance(v, str)]
        left = [quote(name) for name in self.ignored[:20]]
        more = f" and {len(self.ignored) - 20} more" if len(self.ignored) > 20 else ""
        rest = f"; not read: {', '.join(left)}{more}" if left else ""
        return f"the address was read from: {', '.join([*named, *used])}{rest}"


ROLES = tuple(f.name for f in fields(AddressColumns) if f.name not in {"named", "ignored"})
JSON_NAMES = {
    "full": "address", "number": "house_number", "number_from": "house_number_from",
    "number_to": "house_number_to", "suffix": "house_number_suffix",
}  # fmt: skip


def find_columns(sheet: Sheet, named: Sequence[str] | None = None) -> AddressColumns:
    """Find the address columns by their names and values, or take the ones a person named.

    A column called ``Nr.`` is the house number or a running number, as its values and its place
    say; a column whose values are ``40589 Düsseldorf`` holds postcode and town under any name.

    Parameters
    ----------
    sheet
        The table.
    named
        Columns that make up the address, in order; upper and lower case are the same.

    Raises
    ------
    MissingColumnError
        If a named column does not exist, or none looks like an address.
    """
    by_role: dict[str, str] = {}
    names = [str(column) for column in sheet.frame.columns]
    for column in sorted(names, key=lambda name: _is_empty(sheet, name)):
        by_role.setdefault(find_role(column), column)
    if named:
        chosen = tuple(_find_named(sheet, name) for name in named)
        by_role = {"district": by_role["district"]} if "district" in by_role else {}
    else:
        chosen = ()
        by_role = _settle(sheet, by_role)
    taken = {*chosen, *by_role.values()}
    ignored = tuple(name for name in names if name not in taken)
    return AddressColumns(**by_role, named=chosen, ignored=ignored)


def _settle(sheet: Sheet, by_role: Mapping[str, str]) -> dict[str, str]:
    """Ask the values where names leave open what a column holds."""
    found = {role: column for role, column in by_role.items() if role}
    counter = found.pop("counter", None)
    if "full" not in found and "street" not in found:
        raise MissingColumnError(
            "no column looks like an address",
            where=sheet.place(column="header"),
            how="Name the columns with --columns, in the order of an address; the table has"
            f" {_list_columns(sheet)}.",
        )
    street = found.get("street") or found["full"]
    has_number = "number" in found or {"number_from", "number_to"} <= found.keys()
    if counter is not None and not has_number and _is_house_number(sheet, counter, street):
        found["number"], has_number = counter, True
    if "full" in found and not _holds_numbers(sheet, found["full"]):
        if "street" in found and (has_number or _holds_numbers(sheet, found["street"])):
            del found["full"]
        elif "street" not in found and has_number:
            found["street"] = found.pop("full")
    dropped = set()
    if "full" in found:
        dropped = {"street", "suffix", *NUMBER_ROLES}
    elif "number" in found or not has_number:
        dropped = {"number_from", "number_to"}
    found = {role: column for role, column in found.items() if role not in dropped}
    if not {"postcode", "postcode_town", "town"} & found.keys():
        found |= _find_postcode_and_town(sheet, set(found.values()))
    return found


def _values(sheet: Sheet, column: str) -> list[str]:
    texts = sheet.frame[column].iloc[:SAMPLE_ROWS].tolist()
    return [text.strip() for text in texts if text.strip()]


def _is_empty(sheet: Sheet, column: str) -> bool:
    return not (sheet.frame[column].str.strip() != "").any()


def _holds_numbers(sheet: Sheet, column: str) -> bool:
    """Tell whether at least half of the values hold a digit, and they are no e-mail addresses."""
    values = [value for value in _values(sheet, column) if "@" not in value]
    return 2 * sum(any(c.isdigit() for c in value) for value in values) > len(values)


def _is_house_number(sheet: Sheet, counter: str, street: str) -> bool:
    """Tell a house number from a running number: by the streets, its place, then its values."""
    streets = _values(sheet, street)
    if 2 * sum(ENDS_WITH_NUMBER.fullmatch(text) is not None for text in streets) > len(streets):
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


def read_addresses(frame: pd.DataFrame, columns: AddressColumns) -> Iterator[RowAddress]:
    """Yield the address of each row, in order; empty text where a row has none."""
    used = [frame[column].str.strip().tolist() for column in columns.used]
    stated = frame[columns.district].tolist() if columns.district else [""] * len(frame)
    roles = list(columns.roles) if not columns.named else [_role_named(c) for c in columns.named]
    for *cells, districts in zip(*used, stated, strict=True):
        parts = [read_cell(cell, role) for cell, role in zip(cells, roles, strict=True)]
        unread = next(
            (cell for cell, part, role in zip(cells, parts, roles, strict=True)
             if cell and not part and role in DROPPED_ROLES and not is_nothing(cell)), "",
        )  # fmt: skip
        text, loose = _join(parts, roles)
        yield RowAddress(text, _read_districts(districts), unread or loose)


def _role_named(column: str) -> str:
    role = find_role(column)
    return "number" if role == "counter" else role


def _find_named(sheet: Sheet, name: str) -> str:
    wanted = name.strip().casefold()
    for column in sheet.frame.columns:
        if str(column).strip().casefold() == wanted:
            return str(column)
    raise MissingColumnError(
        f"there is no column {quote(name)}",
        where=sheet.place(column=name),
        how=f"The table has {_list_columns(sheet)}.",
    )


def _list_columns(sheet: Sheet) -> str:
    names = [quote(column) for column in sheet.frame.columns[:20]]
    more = len(sheet.frame.columns) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _join(parts: Sequence[str], roles: Sequence[str]) -> tuple[str, str]:
    """Join the cells of a row: ``street number suffix, postcode town, quarter``.

    A number, postcode or town that the text before holds already is not repeated. A suffix behind
    another suffix stands apart, so that both are read; without a number it is returned as loose.
    """
    text, loose, previous = "", "", ""
    for cell, role in zip(parts, roles, strict=True):
        is_known = role in {"town", "postcode_town"} and cell[:5] in POSTCODE.findall(text)
        part = cell[5:].strip(" ,") if is_known else cell
        if not part or (role in REPEATED_ROLES and _is_repeated(text, part, role)):
            continue
        if role == "suffix" and not text[-1:].isdigit():
            if not ENDS_WITH_NUMBER.fullmatch(text):
                loose = part
                continue
            if text[-1].casefold() == part.casefold():
                continue
            part = f" {part.strip(' /')}"
        text += _separator(text, part, role, previous) + part
        previous = role
    return text, loose


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
    if not text or role == "suffix":
        return ""
    if role == "number_to" and previous == "number_from":
        return "-"
    is_number = role in NUMBER_ROLES or (not role and STARTS_WITH_DIGIT.match(part) is not None)
    if (is_number and not POSTCODE.fullmatch(part)) or (role == "town" and previous == "postcode"):
        return " "
    return ", "


def _read_districts(text: str) -> tuple[int, ...]:
    parts = [part for part in DISTRICT_SEPARATOR.split(text) if part]
    if all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return tuple(int(part) for part in parts)
    return ()
