"""Which columns of a table hold the address, and what address does a row give?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from welcomemap.errors import MissingColumnError, quote
from welcomemap.geocoding.cells import HOUSE_ROLES, is_nothing, is_wholly_read, read_cell
from welcomemap.geocoding.column_names import find_loose_role, find_role
from welcomemap.geocoding.joined_cells import find_other_places, join_cells, read_districts
from welcomemap.geocoding.settled_columns import list_columns, settle
from welcomemap.sheets import Sheet

PLACE_ROLES = frozenset({"town", "country", "postcode", "postcode_town"})
NAMED_ROLES = {
    "counter": "number", "number_suffix": "number", "from": "number_from", "to": "number_to",
    "vague": "full",
}  # fmt: skip
DROPPED_ROLES = HOUSE_ROLES | {"supplement"}


@dataclass(frozen=True)
class OtherPlace:
    """What a cell says about the place besides the text; ``is_read``: its column is the address's.

    Another place is certainly meant where such a column says so; where one that was not read does,
    a person must look. ``is_thing``: its heading names something that is no place, such as an
    operator, so that it is told and not held against the address.
    """

    column: str
    text: str
    is_read: bool
    is_thing: bool = False


@dataclass(frozen=True)
class RowAddress:
    """The address of a row.

    Attributes
    ----------
    stated_districts
        The districts its table states for it (empty: none).
    dropped
        A cell of house number or suffix that is none, such as a date a spreadsheet made of it.
    unsure
        Cells of house number or suffix that say more than that: joined, but the house is not sure.
    others
        What columns say about the place that is not in the text.
    unread_district
        A cell of the district that holds none.
    """

    text: str
    stated_districts: tuple[int, ...]
    dropped: str = ""
    unsure: tuple[str, ...] = ()
    others: tuple[OtherPlace, ...] = ()
    unread_district: str = ""

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
    number_from: str | None = None
    suffix_from: str | None = None
    number_to: str | None = None
    suffix_to: str | None = None
    supplement: str | None = None
    postcode: str | None = None
    postcode_town: str | None = None
    town: str | None = None
    quarter: str | None = None
    country: str | None = None
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
    "suffix_from": "house_number_suffix_from", "suffix_to": "house_number_suffix_to",
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
    filled_first = sorted(names, key=lambda name: _is_empty(sheet, name))
    for column in filled_first:
        by_role.setdefault(find_role(column), column)
    if not by_role.keys() & {"full", "street"}:
        for column in filled_first:
            if (role := find_loose_role(column)) in {"full", "street"}:
                by_role.setdefault(role, column)
    if named:
        chosen = tuple(_find_named(sheet, name) for name in named)
        by_role = {"district": by_role["district"]} if "district" in by_role else {}
    else:
        chosen = ()
        by_role = settle(sheet, by_role)
    taken = {*chosen, *by_role.values()}
    ignored = tuple(name for name in names if name not in taken)
    return AddressColumns(**by_role, named=chosen, ignored=ignored)


def _is_empty(sheet: Sheet, column: str) -> bool:
    return not (sheet.frame[column].str.strip() != "").any()


def read_addresses(frame: pd.DataFrame, columns: AddressColumns) -> Iterator[RowAddress]:
    """Yield the address of each row, in order; empty text where a row has none."""
    names = columns.used
    used = [frame[column].str.strip().tolist() for column in names]
    stated = frame[columns.district].tolist() if columns.district else [""] * len(frame)
    roles = list(columns.roles) if not columns.named else [_role_named(c) for c in columns.named]
    for *cells, districts in zip(*used, stated, strict=True):
        parts: list[str] = []
        unread, unsure, others = "", [], []
        for cell, role, name in zip(cells, roles, names, strict=True):
            part = read_cell(cell, role)
            parts.append(part)
            if not cell:
                continue
            if role in PLACE_ROLES:
                others += [OtherPlace(name, o, is_read=True) for o in find_other_places(cell, role)]
            elif role in DROPPED_ROLES and not part:
                unread = unread or ("" if is_nothing(cell) else cell)
            elif role in HOUSE_ROLES and not is_wholly_read(cell, role):
                unsure.append(cell)
        text, loose = join_cells(parts, roles)
        numbers, unread_district = read_districts(districts)
        if unread_district:
            others.append(OtherPlace(columns.district or "", unread_district, is_read=False))
        yield RowAddress(
            text, numbers, unread or loose, tuple(unsure), tuple(others), unread_district
        )


def _role_named(column: str) -> str:
    role = find_role(column)
    return NAMED_ROLES.get(role, role)


def _find_named(sheet: Sheet, name: str) -> str:
    wanted = name.strip().casefold()
    for column in sheet.frame.columns:
        if str(column).strip().casefold() == wanted:
            return str(column)
    raise MissingColumnError(
        f"there is no column {quote(name)}",
        where=sheet.place(column=name),
        how=f"The table has {list_columns(sheet)}.",
    )
