"""Which columns of a table hold the address, and what address does a row give?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from welcomemap.errors import MissingColumnError, quote
from welcomemap.sheets import Sheet

ROLE_NAMES = {
    "full": (
        "adresse address anschrift addresse addressaspublished fulladdress volleadresse adr"
        " standortadresse postanschrift postaladdress formattedaddress"
    ),
    "street": (
        "strasse str street strassenname streetname streetaddress strassehausnummer strassehausnr"
        " strassenr strasseundhausnummer strasseundnr strasseundhausnr addressline1 street1"
    ),
    "number": "hausnummer hausnr hsnr hnr nr nummer housenumber houseno streetnumber number no",
    "suffix": "hausnummernzusatz hausnummerzusatz hausnrzusatz hnrzusatz zusatz adz hausbuchstabe",
    "postcode": "plz postleitzahl postcode postalcode zip zipcode",
    "town": "ort stadt town city gemeinde wohnort municipality",
    "quarter": "stadtteil ortsteil quarter stadtteilname",
    "district": (
        "stadtbezirk bezirk district stateddistrict stateddistricts bezirksnummer stadtbezirksnr"
        " stadtbezirknr"
    ),
}
"""Names of columns in German and English, without case, umlauts, blanks and signs."""

ROLE_OF_NAME = {name: role for role, names in ROLE_NAMES.items() for name in names.split()}
POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
STARTS_WITH_DIGIT = re.compile(r"\s*\d")
DISTRICT_SEPARATOR = re.compile(r"[;,/\s]+")


@dataclass(frozen=True)
class RowAddress:
    """The address of a row, and the districts its table states for it (empty: none)."""

    text: str
    stated_districts: tuple[int, ...]

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
    suffix: str | None = None
    postcode: str | None = None
    town: str | None = None
    quarter: str | None = None
    district: str | None = None
    named: tuple[str, ...] = ()

    @classmethod
    def from_roles(cls, by_role: Mapping[str, str]) -> AddressColumns:
        """Take the columns by role; a column with the whole address outweighs its parts."""
        parts = {} if "full" in by_role else by_role
        return cls(
            by_role.get("full"), parts.get("street"), parts.get("number"), parts.get("suffix"),
            by_role.get("postcode"), by_role.get("town"), by_role.get("quarter"),
            by_role.get("district"),
        )  # fmt: skip

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the columns that make up the address, in order."""
        if self.named:
            return self.named
        first = (self.full,) if self.full else (self.street, self.number, self.suffix)
        chosen = (*first, self.postcode, self.town, self.quarter)
        return tuple(column for column in chosen if column is not None)


def find_columns(sheet: Sheet, named: Sequence[str] | None = None) -> AddressColumns:
    """Find the address columns by their names, or take the ones a person named.

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
    for column in sheet.frame.columns:
        role = ROLE_OF_NAME.get(_plain(str(column)))
        if role is not None:
            by_role.setdefault(role, str(column))
    if named:
        columns = tuple(_find_named(sheet, name) for name in named)
        return AddressColumns(named=columns, district=by_role.get("district"))
    if "full" not in by_role and "street" not in by_role:
        raise MissingColumnError(
            "no column looks like an address",
            where=sheet.place(column="header"),
            how="Name the columns with --columns, in the order of an address; the table has"
            f" {_list_columns(sheet)}.",
        )
    return AddressColumns.from_roles(by_role)


def read_addresses(frame: pd.DataFrame, columns: AddressColumns) -> Iterator[RowAddress]:
    """Yield the address of each row, in order; empty text where a row has none."""
    used = [frame[column].str.strip().tolist() for column in columns.used]
    stated = frame[columns.district].tolist() if columns.district else [""] * len(frame)
    roles = [_role_of(column, columns) for column in columns.used]
    for *parts, districts in zip(*used, stated, strict=True):
        yield RowAddress(_join(parts, roles), _read_districts(districts))


def _plain(name: str) -> str:
    folded = name.strip().casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        folded = folded.replace(umlaut, letters)
    return "".join(character for character in folded if character.isalnum())


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


def _role_of(column: str, columns: AddressColumns) -> str:
    if columns.named:
        return ROLE_OF_NAME.get(_plain(column), "")
    for role in ROLE_NAMES:
        if getattr(columns, role) == column:
            return role
    return ""


def _join(parts: Sequence[str], roles: Sequence[str]) -> str:
    """Join the cells of a row: ``street number suffix, postcode town, quarter``.

    A postcode or town that the text before holds already is not repeated.
    """
    text = ""
    previous = ""
    for part, role in zip(parts, roles, strict=True):
        is_repeated = (role == "postcode" and POSTCODE.search(text) is not None) or (
            role in {"town", "quarter"} and part.casefold() in text.casefold()
        )
        if not part or is_repeated:
            continue
        text += _separator(text, part, role, previous) + part
        previous = role
    return text


def _separator(text: str, part: str, role: str, previous: str) -> str:
    if not text or role == "suffix":
        return ""
    is_number = role == "number" or (not role and STARTS_WITH_DIGIT.match(part) is not None)
    if (is_number and not POSTCODE.fullmatch(part)) or (role == "town" and previous == "postcode"):
        return " "
    return ", "


def _read_districts(text: str) -> tuple[int, ...]:
    parts = [part for part in DISTRICT_SEPARATOR.split(text) if part]
    if all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return tuple(int(part) for part in parts)
    return ()
