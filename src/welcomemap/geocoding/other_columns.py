"""Does a column that was not read say another address than the one that was?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from welcomemap.errors import OtherAddressWarning, quote
from welcomemap.geocoding.cells import is_nothing, read_cell
from welcomemap.geocoding.column_names import find_role
from welcomemap.geocoding.columns import AddressColumns, RowAddress
from welcomemap.sheets import Sheet

ADDRESS_ROLES = frozenset(
    {"full", "street", "number", "number_from", "number_to", "suffix", "postcode",
     "postcode_town", "town"}
)  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_STREET = re.compile(r"stra(?:ss|ß)e\b|str\b\.?")


def warn_of_others(
    sheet: Sheet, columns: AddressColumns, addresses: Sequence[RowAddress]
) -> tuple[OtherAddressWarning, ...]:
    """Tell of each column named like a part of an address whose values the addresses lack.

    A second address (``officeStreet`` beside ``homeStreet``) is not read; that must be said.
    Where a person named the columns, nothing needs to be.
    """
    left = [] if columns.named else [c for c in columns.ignored if _role(c) in ADDRESS_ROLES]
    return tuple(
        warning for column in left if (warning := _compare(sheet, column, addresses)) is not None
    )


def _compare(
    sheet: Sheet, column: str, addresses: Sequence[RowAddress]
) -> OtherAddressWarning | None:
    role = _role(column)
    others = [
        (row, text)
        for row, (cell, address) in enumerate(
            zip(sheet.frame[column].tolist(), addresses, strict=True), start=1
        )
        if (text := cell.strip()) and "@" not in text and not is_nothing(text)
        and not _split(read_cell(text, role)) <= _split(address.text)
    ]  # fmt: skip
    if not others:
        return None
    row, text = others[0]
    return OtherAddressWarning(
        f"the column {quote(column)} was not read, and {len(others)} row(s) of it say something"
        f" else than the address that was, first {quote(text)} ({sheet.place(row=row)})."
        " If that address is meant, name its columns with --columns."
    )


def _role(column: str) -> str:
    return find_role(column.rstrip(" _.0123456789"))


def _split(text: str) -> set[str]:
    return set(_WORDS.findall(_STREET.sub("str", text.casefold())))
