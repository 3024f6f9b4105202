"""Which cells of a table were left out, or say more than was read? The first are named."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.errors import CellReadingWarning, quote
from welcomemap.geocoding.columns import RowAddress
from welcomemap.sheets import Sheet

MAX_TOLD = 3
"""So many cells are named in a warning."""


def warn_of_cells(sheet: Sheet, addresses: Sequence[RowAddress]) -> tuple[CellReadingWarning, ...]:
    """Tell of cells that are no house number, suffix or district, or say more than that."""
    warnings = []
    dropped = [(i, row.dropped) for i, row in enumerate(addresses, start=1) if row.dropped]
    if dropped:
        first, cell = dropped[0]
        warnings.append(
            f"{len(dropped)} cell(s) of house number or suffix were left out, because they hold"
            f" neither or have no number before them, first {quote(cell)}"
            f" ({sheet.place(row=first)}). Write the number as text."
        )
    unsure = [(i, row.unsure[0]) for i, row in enumerate(addresses, start=1) if row.unsure]
    if unsure:
        warnings.append(
            f"{len(unsure)} row(s) have more in the house number or its suffix than these, and are"
            f" not exact: {_list_first(unsure)} ({sheet.place()})."
        )
    districts = [
        (i, row.unread_district) for i, row in enumerate(addresses, start=1) if row.unread_district
    ]
    if districts:
        warnings.append(
            f"{len(districts)} cell(s) of the district hold no number and were not read:"
            f" {_list_first(districts)} ({sheet.place()})."
        )
    return tuple(map(CellReadingWarning, warnings))


def _list_first(cells: Sequence[tuple[int, str]]) -> str:
    more = ", …" if len(cells) > MAX_TOLD else ""
    return ", ".join(f"{quote(cell)} (row {i})" for i, cell in cells[:MAX_TOLD]) + more
