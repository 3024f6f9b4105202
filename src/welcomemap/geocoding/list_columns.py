"""Which column of a list of places is which: name, telephone, and those that make the address.

A list that was made for people has headings of its own (``Bezeichnung``, ``Straße und
Hausnummer``). The address is found as in a table of addresses; the rest by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from welcomemap.errors import ColumnNameWarning, Fault, MissingColumnError, fault
from welcomemap.geocoding.columns import (
    AddressColumns,
    find_columns,
    list_names,
    plain_name,
    read_addresses,
    split_name,
)
from welcomemap.region.schemas import SERVICE_POINT_COLUMNS, SERVICE_POINT_OPTIONAL_COLUMNS
from welcomemap.tabular import Sheet, read_table

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "nr", "nummer", "number", "no", "code", "kennung", "lfdnr"),
    "name": ("name", "bezeichnung", "titel", "title", "einrichtung", "einrichtungsname",
             "beratungsstelle", "nome", "label"),
    "operator": ("operator", "traeger", "traegerschaft", "betreiber", "anbieter"),
    "phone": ("phone", "telefon", "tel", "telefonnummer", "rufnummer", "telephone", "fon"),
    "url": ("url", "website", "webseite", "internet", "internetadresse", "homepage", "www"),
    "opening_hours": ("oeffnungszeiten", "oeffnungszeit", "openinghours", "sprechzeiten",
                      "servicezeiten"),
    "lat": ("lat", "latitude", "breite", "breitengrad"),
    "lon": ("lon", "longitude", "lng", "laenge", "laengengrad"),
}  # fmt: skip
"""What columns of lists are called, as :func:`welcomemap.geocoding.columns.plain_name` writes it;
the first names count most."""
MAIL = ("email", "mail", "emailadresse", "mailadresse")
NO_ADDRESS = frozenset(
    (*MAIL, *(name for key in ("operator", "phone", "url", "opening_hours")
              for name in HEADINGS[key]))
)  # fmt: skip
"""Names that hold the word for an address or a number and are none of a place."""
COLUMNS = (*SERVICE_POINT_COLUMNS, *SERVICE_POINT_OPTIONAL_COLUMNS)
KEYS = ("id", "name", "address", "operator", "phone", "url", "opening_hours", "lat", "lon")


@dataclass(frozen=True)
class ListColumns:
    """Headings of a list, by the column of a list of service points that they stand for.

    Attributes
    ----------
    by_key
        One heading each; the address is here where one column is called ``address``.
    address
        The columns that make the address, where none is called so; ``None`` without any.
    unread
        The other headings.
    """

    by_key: Mapping[str, str]
    address: AddressColumns | None
    unread: tuple[str, ...]

    @property
    def headings(self) -> dict[str, tuple[str, ...]]:
        """All headings that are read, by what they are; several make an address."""
        found = {key: (name,) for key, name in self.by_key.items()}
        return found | ({} if self.address is None else {"address": self.address.used})

    @property
    def renamed(self) -> dict[str, tuple[str, ...]]:
        """The headings that are called otherwise than what they are."""
        return {
            key: names for key, names in self.headings.items()
            if tuple(name.strip().casefold() for name in names) != (key,)
        }  # fmt: skip

    @property
    def has_place(self) -> bool:
        """Tell whether there is a column of addresses, or two of coordinates."""
        return "address" in self.headings or {"lat", "lon"} <= self.by_key.keys()

    @property
    def told(self) -> Fault:
        """Which column was taken for what, which was not read, and what there is none for."""
        place = ("lat", "lon") if "address" in self.headings else ("address",)
        settled = set(place) if self.has_place else set()
        missing = [key for key in KEYS if key not in self.headings and key not in settled]
        return fault(
            "columns: {read}; not read: {unread}; there is none for: {missing}",
            read=_pair(self.headings),
            unread=list_names(self.unread) if self.unread else "–",
            missing=missing or ["–"],
        )


def find_list_columns(
    sheet: Sheet, named: Mapping[str, str | Sequence[str]] | None = None
) -> ListColumns:
    """Return which column of a list is which.

    Parameters
    ----------
    sheet
        The list.
    named
        Headings that a person named, by what they are (``address``: one or several).

    Raises
    ------
    MissingColumnError
        If a heading that was named is absent.
    """
    headings = [str(name) for name in sheet.frame.columns]
    given = {key: (one,) if isinstance(one, str) else tuple(one)
             for key, one in (named or {}).items()}  # fmt: skip
    by_key = {key: _require(sheet, names[0]) for key, names in given.items() if key != "address"}
    address: AddressColumns | None = None
    if "address" in given:
        address = find_columns(sheet, [_require(sheet, name) for name in given["address"]])
    plain = {name.strip().casefold(): name for name in headings}
    for key in COLUMNS:
        if key in plain and key not in by_key and not (key == "address" and address):
            by_key[key] = plain[key]
    if address is None and "address" not in by_key:
        address = _find_address(sheet, set(by_key.values()))
    used = {*by_key.values(), *(() if address is None else address.used)}
    for key, names in HEADINGS.items():
        found = None if key in by_key else _find_heading(headings, names, used)
        if found is not None:
            by_key[key] = found
            used.add(found)
    if "id" in by_key and not ({"name", "address"} & by_key.keys()) and address is None:
        by_key["name"] = by_key["id"]  # a list may have little else
    return ListColumns(by_key, address, tuple(name for name in headings if name not in used))


def name_columns(frame: pd.DataFrame, found: ListColumns) -> pd.DataFrame:
    """Return the rows of a list, its columns under what they are; others keep their names."""
    named = {key: frame[heading] for key, heading in found.by_key.items()}
    if found.address is not None:
        named["address"] = pd.Series(
            [row.text for row in read_addresses(frame, found.address)], frame.index, dtype=object
        )
    rest = {name: frame[name] for name in found.unread if name not in named}
    return pd.DataFrame({**named, **rest}, index=frame.index)


def read_list(path: Path) -> Sheet:
    """Read a list of service points, its columns under what they are.

    Raises
    ------
    TableError, TooLargeError
        If the file cannot be read.
    """
    sheet = read_table(path)
    found = find_list_columns(sheet)
    if not found.renamed:
        return sheet
    told = ColumnNameWarning(
        "the columns were read as: {read}", read=_pair(found.renamed), where=sheet.place(),
        how="Call them so where another one is meant.",
    )  # fmt: skip
    return replace(sheet, frame=name_columns(sheet.frame, found), warnings=(*sheet.warnings, told))


def _pair(headings: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"{key} = {' + '.join(names)}" for key, names in headings.items()]


def _require(sheet: Sheet, name: str) -> str:
    names = {str(one).strip().casefold(): str(one) for one in sheet.frame.columns}
    if name.strip().casefold() not in names:
        raise MissingColumnError(
            "the column {name} is absent",
            name=name,
            names=list_names(list(names.values())),
            where=sheet.place(column=name),
            how="Name it as its publisher does; the file has {names}.",
        )
    return names[name.strip().casefold()]


def _find_address(sheet: Sheet, taken: set[str]) -> AddressColumns | None:
    left = [name for name in sheet.frame.columns
            if name not in taken and plain_name(name) not in NO_ADDRESS]  # fmt: skip
    try:
        return find_columns(replace(sheet, frame=sheet.frame[left]))
    except MissingColumnError:
        return None


def _find_heading(headings: Sequence[str], names: Sequence[str], used: set[str]) -> str | None:
    """Return the heading of one of the names, else the first that begins with such a word."""
    left = [heading for heading in headings if heading not in used]
    for read in (plain_name, lambda heading: next(iter(split_name(heading)), "")):
        by_name = {read(heading): heading for heading in reversed(left)}
        found = next((by_name[name] for name in names if name in by_name), None)
        if found is not None:
            return found
    return None
