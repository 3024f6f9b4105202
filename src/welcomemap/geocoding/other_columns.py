"""Does a column that was not read say another address than the one that was?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from welcomemap.errors import OtherAddressWarning, quote
from welcomemap.geocoding.cells import HOUSE_ROLES, is_nothing, read_cell
from welcomemap.geocoding.column_names import find_role
from welcomemap.geocoding.columns import AddressColumns, RowAddress
from welcomemap.sheets import Sheet

ADDRESS_ROLES = HOUSE_ROLES | {
    "full", "street", "number_suffix", "postcode", "postcode_town", "town"
}  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_STREET = re.compile(r"stra(?:ss|ß)e\b|str\b\.?")


def find_others(
    sheet: Sheet, columns: AddressColumns, addresses: Sequence[RowAddress]
) -> dict[str, list[tuple[int, str]]]:
    """Return row (from 0) and cell of each column that says what the addresses do not.

    Asked are the columns that are named like a part of an address and were not read.
    """
    left = [column for column in columns.ignored if part_of(column) in ADDRESS_ROLES]
    found = {column: _compare(sheet, column, addresses) for column in left}
    return {column: said for column, said in found.items() if said}


def part_of(column: str) -> str:
    """Return the role of a column's name without a number at its end (``Adresse 2``)."""
    return find_role(column.rstrip(" _.0123456789"))


def warn_of_other(
    sheet: Sheet, column: str, said: Sequence[tuple[int, str]]
) -> OtherAddressWarning:
    """Tell of a column with a second address (``officeStreet``), or with a part of one."""
    row, text = said[0]
    return OtherAddressWarning(
        f"the column {quote(column)} was not read, and {len(said)} row(s) of it say something"
        f" else than the address that was, first {quote(text)} ({sheet.place(row=row + 1)})."
        " If that address is meant, name its columns with --columns."
    )


def _compare(sheet: Sheet, column: str, addresses: Sequence[RowAddress]) -> list[tuple[int, str]]:
    role = part_of(column)
    return [
        (i, text)
        for i, (cell, address) in enumerate(
            zip(sheet.frame[column].tolist(), addresses, strict=True)
        )
        if (text := cell.strip()) and "@" not in text and not is_nothing(text)
        and not _split(read_cell(text, role)) <= _split(address.text)
    ]  # fmt: skip


def _split(text: str) -> set[str]:
    return set(_WORDS.findall(_STREET.sub("str", text.casefold())))
