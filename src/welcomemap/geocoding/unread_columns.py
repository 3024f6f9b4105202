"""What do the cells say that no column of the address holds? Other places, other addresses.

Names of columns can never all be known, so that what a column holds is asked too: a column that
was not read and names places (towns, quarters, codes, countries) is held against each row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol, runtime_checkable

from welcomemap.errors import (
    CellReadingWarning,
    Fault,
    OtherAddressWarning,
    OtherPlaceWarning,
    UnreadableAddressError,
    WelcomemapWarning,
    fault,
)
from welcomemap.geocoding import reasons
from welcomemap.geocoding.columns import (
    HOUSE_ROLES,
    MUNICIPAL_KEY,
    POSTCODE,
    AddressColumns,
    OtherPlace,
    RowAddress,
    find_postcodes,
    find_role,
    is_elsewhere,
    is_identifier,
    is_nothing,
    is_thing,
    read_cell,
)
from welcomemap.geocoding.municipality import (
    LocalityKind,
    Region,
    is_foreign,
    is_own,
    read_list,
)
from welcomemap.geocoding.outcome import AddressGeocoder, GeocodeResult, Outcome
from welcomemap.reasons import Reason
from welcomemap.tabular import Sheet

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
    return {column: said for column in left if (said := _compare(sheet, column, addresses))}


def part_of(column: str) -> str:
    """Return the role of a column's name without a number at its end (``Adresse 2``)."""
    return find_role(column.rstrip(" _.0123456789"))


def warn_of_other(
    sheet: Sheet, column: str, said: Sequence[tuple[int, str]]
) -> OtherAddressWarning:
    """Tell of a column with a second address (``officeStreet``), or with a part of one."""
    row, text = said[0]
    return OtherAddressWarning(
        "the column {column} was not read, and {n_rows} row(s) of it say something else "
        "than the address that was, first {text}",
        column=column,
        n_rows=len(said),
        text=text,
        where=sheet.place(row=row + 1),
        how="If that address is meant, name its columns (--columns on the command line).",
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


SAMPLE = 200
"""So many different values of a column are asked whether they name places."""
MAX_CODES = 50
"""No list of a town has more postcodes and nearly as many rows: those are numbers of something."""
MAX_LENGTH = 60
MAX_WORDS = 4
LONGEST_COUNTRY_CODE = 3
LONGEST_KEY = 8
PLACE_ROLES = frozenset({"postcode", "postcode_town", "town", "quarter", "country"})
_PARTS = re.compile(r"[/,;()]+|\s-\s|(?<=\w)-(?=\w)")
_CODE = re.compile(r"(?:D-?\s?)?([0-9]{5})")


@runtime_checkable
class KnowsRegion(Protocol):
    """A geocoder that says which names and postcodes it knows as its own."""

    @property
    def region(self) -> Region:
        """Return the names and postcodes of the region."""


def region_of(geocoder: object) -> Region:
    """Return the region of a geocoder; one without names where it does not say it."""
    return geocoder.region if isinstance(geocoder, KnowsRegion) else Region("")


def hold_against(
    sheet: Sheet, columns: AddressColumns, addresses: Sequence[RowAddress], region: Region
) -> tuple[list[RowAddress], tuple[WelcomemapWarning, ...]]:
    """Add to each address what columns that were not read say about it, and tell of them.

    Where a person named the columns, no other is asked. What belongs to a second address
    (``officeCity`` beside ``officeStreet``) is told, and not held against the first.
    """
    if columns.named:
        return list(addresses), ()
    rows = list(addresses)
    found = find_others(sheet, columns, addresses)
    warnings: list[WelcomemapWarning] = [warn_of_other(sheet, c, said) for c, said in found.items()]
    has_second = any(part_of(column) in {"full", "street"} for column in found)
    for column, said in {} if has_second else found.items():
        for i, cell in said:
            if part_of(column) in HOUSE_ROLES and read_cell(cell, part_of(column)):
                rows[i] = replace(rows[i], unsure=(*rows[i].unsure, cell))
    for column in columns.ignored:
        if is_elsewhere(column) or (has_second and part_of(column) in PLACE_ROLES):
            continue
        cells = [cell.strip() for cell in sheet.frame[column].tolist()]
        if not _names_places(cells, column, region):
            continue
        places = [(i, c) for i, c in enumerate(cells) if c and not _is_own(c, region)]
        for i, cell in places:
            other = OtherPlace(column, cell, is_read=False, is_thing=is_thing(column))
            rows[i] = replace(rows[i], others=(*rows[i].others, other))
        if places and column not in found:
            warnings.append(_warn(sheet, column, places))
    return rows, tuple(warnings)


def judge_others(
    result: GeocodeResult, address: RowAddress, geocoder: AddressGeocoder
) -> GeocodeResult:
    """Return an answer that is not sure where a cell beside the address says another place."""
    told = [reasons.NotHeldAgainst(o.column, o.text) for o in address.others if o.is_thing]
    result = replace(result, notes=(*result.notes, *told))
    others = [other for other in address.others if not other.is_thing]
    if not others or result.outcome in {
        Outcome.NOT_FOUND, Outcome.OUTSIDE, Outcome.AMBIGUOUS
    }:  # fmt: skip
        return result
    for other in others:
        said = _contradict(other, result, address, geocoder)
        if said is None:
            continue
        if other.is_read and not POSTCODE.fullmatch(other.text):
            return GeocodeResult(Outcome.OUTSIDE, (said,), notes=result.notes)
        return GeocodeResult(
            Outcome.AMBIGUOUS,
            (reasons.ColumnSays(result.matched or "", other.column, other.text),),
            alternatives=result.alternatives,
            contradictions=tuple(dict.fromkeys((*result.contradictions, said))),
            notes=result.notes,
        )
    return result


def _contradict(
    other: OtherPlace, result: GeocodeResult, address: RowAddress, geocoder: AddressGeocoder
) -> Reason | None:
    """Say what contradicts the answer; ``None`` where nothing does."""
    text, region = other.text, region_of(geocoder)
    if MUNICIPAL_KEY.fullmatch(text):
        is_other = _read_key(text, region) is LocalityKind.OTHER
        return reasons.OtherMunicipalKey(text, region.town) if is_other else None
    if is_foreign(text):
        return reasons.OtherCountry(text)
    kind = _read_place(text, region)
    if kind is LocalityKind.OTHER:
        return reasons.OtherTown(text, region.town)
    if kind is LocalityKind.UNKNOWN and not find_postcodes(text):
        return None
    return _compare_reading(text, result, address, geocoder)


def _compare_reading(
    text: str, result: GeocodeResult, address: RowAddress, geocoder: AddressGeocoder
) -> Reason | None:
    """Read the address with the other place in it: what does that say which it did not before?"""
    code = _CODE.fullmatch(text)
    is_replaced = code is not None and POSTCODE.search(address.text) is not None
    whole = POSTCODE.sub(text, address.text) if is_replaced else f"{address.text}, {text}"
    try:
        again = geocoder.geocode(whole, stated_district=address.stated_district)
    except UnreadableAddressError:
        return None
    if again.outcome is Outcome.OUTSIDE:
        return again.explanation[0]
    added = [said for said in again.contradictions if said not in result.contradictions]
    if added:
        return added[0]
    is_same = (again.x, again.y) == (result.x, result.y)
    return None if is_same else again.explanation[0]


def _names_places(cells: Sequence[str], column: str, region: Region) -> bool:
    """Tell whether most of the different values of a column name places, or are codes of such."""
    filled = [cell for cell in cells if cell and not is_nothing(cell)]
    values = list(dict.fromkeys(filled))
    sample = values[:SAMPLE]
    if not sample or sum(len(value) > MAX_LENGTH for value in sample) * 2 > len(sample):
        return False
    role = find_role(column)
    if all(_CODE.fullmatch(value) for value in sample):
        is_count = len(values) > MAX_CODES and 2 * len(values) > len(filled)
        return role == "postcode" or not (is_count or is_identifier(column))
    if all(MUNICIPAL_KEY.fullmatch(value) for value in sample):
        is_own = any(_read_key(value, region) is LocalityKind.OWN for value in sample)
        return is_own or role == "town" or not is_identifier(column)
    known = sum(_read_place(value, region) is not LocalityKind.UNKNOWN for value in sample)
    is_named = role in PLACE_ROLES - {"country"} and known > 0
    return is_named or 2 * known >= len(sample) or _names_countries(sample, role)


def _names_countries(sample: Sequence[str], role: str) -> bool:
    """Tell whether most values are countries; those of people, who came from there, are not.

    A column under an unknown name is the address's where Germany is among them.
    """
    if role == "country":
        return any(map(is_foreign, sample))
    named = [value for value in sample if len(value) > LONGEST_COUNTRY_CODE]
    if not any(map(is_own, named)):
        return False
    return 2 * sum(is_own(v) or is_foreign(v) for v in named) >= len(sample)


def _read_place(text: str, region: Region) -> LocalityKind:
    """Say what a text means that is the name of a place and nothing else, or several such names."""
    bare = _CODE.sub(" ", text).strip()
    if not bare or len(bare) > MAX_LENGTH or any(map(str.isdigit, bare)):
        return LocalityKind.UNKNOWN
    whole = _read_name(bare, region)
    if whole is not LocalityKind.UNKNOWN:
        return whole
    kinds = {_read_name(part.strip(), region) for part in _PARTS.split(bare) if part.strip()}
    order = (LocalityKind.UNKNOWN, LocalityKind.OWN, LocalityKind.OTHER, LocalityKind.QUARTER)
    return next((kind for kind in order if kind in kinds), LocalityKind.UNKNOWN)


def _read_name(text: str, region: Region) -> LocalityKind:
    words = [word for word in text.split() if word.casefold().strip(".") not in _TITLES]
    if len(words) > MAX_WORDS or is_foreign(text):
        return LocalityKind.UNKNOWN  # Countries may be where people came from: asked apart.
    return region.name_kind(" ".join(words))


_TITLES = frozenset({"stadt", "gemeinde", "landeshauptstadt", "ot", "stadtteil", "ortsteil"})


def _is_own(text: str, region: Region) -> bool:
    if MUNICIPAL_KEY.fullmatch(text):
        return _read_key(text, region) is LocalityKind.OWN
    if find_postcodes(text):
        return False
    return is_nothing(text) or is_own(text) or (
        _read_place(text, region) is LocalityKind.OWN and not _PARTS.search(text)
    )  # fmt: skip


def _read_key(text: str, region: Region) -> LocalityKind:
    key = f"{text[:5]}{text[9:]}" if len(text) > LONGEST_KEY else text.zfill(LONGEST_KEY)
    names = _municipalities()
    own = {k for k, name in names.items() if region.name_kind(name) is LocalityKind.OWN}
    if key in own:
        return LocalityKind.OWN
    return LocalityKind.OTHER if own or key in names else LocalityKind.UNKNOWN


@cache
def _municipalities() -> dict[str, str]:
    lines = (line.partition(" ") for line in read_list("municipal_keys.txt"))
    return {key: name for key, _, name in lines}


def _warn(sheet: Sheet, column: str, said: Sequence[tuple[int, str]]) -> OtherPlaceWarning:
    first = said[0][0] + 1
    held = (
        fault("By its heading it is no place, so that it was not held against any row.")
        if is_thing(column)
        else fault("No row that it contradicts has a sure answer.")
    )
    return OtherPlaceWarning(
        "the column {column} was not read, but names places: {examples}, first",
        column=column,
        examples=list(dict.fromkeys(text for _, text in said))[:3],
        held=held,
        where=sheet.place(row=first),
        how="{held} If it belongs to the address, name the columns (--columns on the command "
        "line).",
    )


MAX_TOLD = 3
"""So many cells are named in a warning."""


def warn_of_cells(sheet: Sheet, addresses: Sequence[RowAddress]) -> tuple[CellReadingWarning, ...]:
    """Tell of cells that are no house number, suffix or district, or say more than that."""
    warnings = []
    dropped = [(i, row.dropped) for i, row in enumerate(addresses, start=1) if row.dropped]
    if dropped:
        first, cell = dropped[0]
        warnings.append(
            CellReadingWarning(
                "{n_cells} cell(s) of house number or suffix were left out, because they hold "
                "neither or have no number before them, first {cell}",
                n_cells=len(dropped),
                cell=cell,
                where=sheet.place(row=first),
                how="Write the number as text.",
            )
        )
    unsure = [(i, row.unsure[0]) for i, row in enumerate(addresses, start=1) if row.unsure]
    if unsure:
        warnings.append(
            CellReadingWarning(
                "{n_rows} row(s) have more in the house number or its suffix than these, and are "
                "not exact: {cells}",
                n_rows=len(unsure),
                cells=_list_first(unsure),
                where=sheet.place(),
            )
        )
    districts = [
        (i, row.unread_district) for i, row in enumerate(addresses, start=1) if row.unread_district
    ]
    if districts:
        warnings.append(
            CellReadingWarning(
                "{n_cells} cell(s) of the district hold no number and were not read: {cells}",
                n_cells=len(districts),
                cells=_list_first(districts),
                where=sheet.place(),
            )
        )
    return tuple(warnings)


def _list_first(cells: Sequence[tuple[int, str]]) -> list[Fault | str]:
    told = [fault("{cell} (row {row})", cell=cell, row=i) for i, cell in cells[:MAX_TOLD]]
    return [*told, "…"] if len(cells) > MAX_TOLD else [*told]
