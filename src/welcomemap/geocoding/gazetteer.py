"""The embedded address list: streets, their houses, and what lies where. Offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.errors import MissingColumnError
from welcomemap.geocoding.house_number import NumberPart, parse_house_number
from welcomemap.geocoding.places import PlaceIndex
from welcomemap.geocoding.region import Region, quarter_index
from welcomemap.geocoding.spelling import plain_key
from welcomemap.geocoding.street_match import StreetMatcher
from welcomemap.pack.load import RegionPack

GOOD, ON_STREET, SUSPECT, NOWHERE = "point", "street", "suspect", "none"
HOMONYM_DISTANCE_M = 400.0
"""Two houses of one street and number further apart than this lie in two streets of one name."""
NEEDED = ("street", "house_number", "location_quality")
WayReader = Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Streets and houses of a region, ready to be asked. Build it with the two constructors.

    Houses are ordered by street; ``x``, ``y`` in metres in ``crs``, NaN where unknown.

    Attributes
    ----------
    streets
        Name of each street.
    houses
        For each street the house's row by normalised number (``""`` for a row without one).
    """

    crs: str
    region: Region
    streets: tuple[str, ...]
    houses: tuple[dict[str, int], ...]
    number: list[str]
    x: list[float]
    y: list[float]
    quality: list[str]
    district: list[int | None]
    quarter: list[str | None]
    postcode: list[str | None]
    is_postcode_inferred: list[bool]
    matcher: StreetMatcher
    places: PlaceIndex
    quarter_names: Mapping[str, str] = field(default_factory=dict)
    areas: Any = None
    read_ways: WayReader | None = None

    @classmethod
    def from_pack(cls, pack: RegionPack) -> Gazetteer:
        """Build the gazetteer of a region pack.

        Optional settings in the manifest's ``region``: ``town_aliases`` and ``neighbour_towns``
        (lists of names), ``street_aliases`` (street by other name), ``extra_postcodes``.
        """
        settings = pack.region
        return cls.from_tables(
            pack.addresses, town=pack.name, crs=pack.crs, quarters=pack.quarters,
            facilities=pack.advice_offices if pack.has_layer("advice_offices") else None,
            town_aliases=tuple(settings.get("town_aliases", ())),
            neighbours=tuple(settings.get("neighbour_towns", ())),
            street_aliases=dict(settings.get("street_aliases", {})),
            extra_postcodes=tuple(settings.get("extra_postcodes", ())),
            read_ways=(lambda: pack.street_edges) if pack.has_layer("street_edges") else None,
        )  # fmt: skip

    @classmethod
    def from_tables(
        cls,
        addresses: pd.DataFrame,
        *,
        town: str,
        crs: str,
        quarters: pd.DataFrame | None = None,
        facilities: pd.DataFrame | None = None,
        town_aliases: Sequence[str] = (),
        neighbours: Sequence[str] = (),
        street_aliases: Mapping[str, str] | None = None,
        extra_postcodes: Sequence[str] = (),
        read_ways: WayReader | None = None,
    ) -> Gazetteer:
        """Build a gazetteer from tables.

        Parameters
        ----------
        addresses
            See :data:`welcomemap.tables.ADDRESS_COLUMNS`; ``x`` and ``y`` may stand for
            ``geometry``, and all but street, house_number and location_quality may be absent.
        quarters
            See :data:`welcomemap.tables.QUARTER_COLUMNS`.
        facilities
            See :data:`welcomemap.tables.ADVICE_OFFICE_COLUMNS`: found by name.
        read_ways
            Returns named lines of streets (columns name, geometry), asked for only where a
            street has no located house.

        Raises
        ------
        MissingColumnError
            If the addresses lack a needed column.
        """
        table = _order(_with_coordinates(addresses))
        names, row_street = _number_streets(table)
        number = [_normalised_number(text) for text in table["house_number"].tolist()]
        houses: list[dict[str, int]] = [{} for _ in names]
        for row, (street, text) in enumerate(zip(row_street, number, strict=True)):
            houses[street].setdefault(text, row)
        postcode = _texts(table, "postcode")
        codes = quarters["quarter"].astype(str).tolist() if quarters is not None else []
        labels = quarters["name"].astype(str).tolist() if quarters is not None else []
        by_name = {name: i for i, name in reversed(list(enumerate(names)))}
        aliases = {a: by_name[s] for a, s in (street_aliases or {}).items() if s in by_name}
        return cls(
            crs=crs,
            region=Region(
                town, tuple(town_aliases), quarter_index(codes, labels),
                frozenset(p for p in set(postcode) if p) | frozenset(extra_postcodes),
                frozenset(plain_key(n) for n in neighbours),
            ),
            streets=tuple(names),
            houses=tuple(houses),
            number=number,
            x=table["x"].tolist(),
            y=table["y"].tolist(),
            quality=table["location_quality"].astype(str).tolist(),
            district=_integers(table, "district"),
            quarter=_texts(table, "quarter"),
            postcode=postcode,
            is_postcode_inferred=_flags(table, "is_postcode_inferred"),
            matcher=StreetMatcher(names, aliases),
            places=PlaceIndex.from_table(facilities, crs),
            quarter_names=dict(zip(codes, labels, strict=True)),
            areas=quarters,
            read_ways=read_ways,
        )  # fmt: skip

    def label(self, row: int) -> str:
        """Write a house as ``street number, postcode town``."""
        return self.write(self.streets[self.row_street[row]], self.number[row], self.postcode[row])

    def write(self, street: str, number: str | None, postcode: str | None) -> str:
        """Write an address as ``street number, postcode town``; what is not known is left out."""
        house = f"{street} {number}" if number else street
        return (
            f"{house}, {postcode} {self.region.town}"
            if postcode
            else f"{house}, {self.region.town}"
        )

    @cached_property
    def row_street(self) -> list[int]:
        """Number of the street of each row."""
        found = [0] * len(self.number)
        for street, rows in enumerate(self.houses):
            for row in rows.values():
                found[row] = street
        return found

    @cached_property
    def quarter_postcodes(self) -> dict[str, frozenset[str]]:
        """Postcodes of the houses of each quarter."""
        found: dict[str, set[str]] = {}
        for quarter, postcode in set(zip(self.quarter, self.postcode, strict=True)):
            if quarter and postcode:
                found.setdefault(quarter, set()).add(postcode)
        return {quarter: frozenset(codes) for quarter, codes in found.items()}

    @cached_property
    def parts(self) -> list[NumberPart | None]:
        """House number of each row, ``None`` where it is no single number."""
        single: dict[str, NumberPart | None] = {}
        for text in set(self.number):
            parsed = parse_house_number(text)
            single[text] = parsed.first if parsed is not None and parsed.is_single else None
        return [single[text] for text in self.number]

    @cached_property
    def _area_tree(self) -> shapely.STRtree | None:
        return None if self.areas is None else shapely.STRtree(self.areas.geometry.to_numpy())

    def find_area(self, x: float, y: float) -> tuple[int | None, str | None]:
        """Return district and quarter at a place; ``None`` outside all quarters."""
        if self._area_tree is None:
            return None, None
        hits = self._area_tree.query(shapely.Point(x, y), predicate="intersects")
        if len(hits) == 0:
            return None, None
        row = self.areas.iloc[int(hits.min())]
        return int(row["district"]), str(row["quarter"])


def _with_coordinates(addresses: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in NEEDED if name not in addresses.columns]
    if missing:
        raise MissingColumnError(
            f"the address table lacks {', '.join(missing)}",
            how="Add the columns of an address layer.",
        )
    if "x" in addresses.columns:
        return addresses
    points = addresses["geometry"].to_numpy()
    columns = {name: addresses[name].array for name in addresses.columns if name != "geometry"}
    return pd.DataFrame({**columns, "x": shapely.get_x(points), "y": shapely.get_y(points)})


def _order(table: pd.DataFrame) -> pd.DataFrame:
    """Order rows by street; within it good points first, so that they win over doubles."""
    rank = table["location_quality"].astype(str).map({GOOD: 0, ON_STREET: 1, SUSPECT: 2}).fillna(3)
    codes = pd.factorize(table["street"].astype(str), sort=True)[0]
    return table.iloc[np.lexsort((rank.to_numpy(), codes))].reset_index(drop=True)


def _number_streets(table: pd.DataFrame) -> tuple[list[str], list[int]]:
    """Number the streets; a name used in several places is split by quarter."""
    codes, uniques = pd.factorize(table["street"].astype(str))
    names = [str(name) for name in uniques]
    split = _homonyms(table, codes)
    if not split:
        return names, codes.tolist()
    quarters = _texts(table, "quarter")
    numbers: dict[tuple[int, str | None], int] = {}
    row_street: list[int] = []
    result: list[str] = []
    for code, quarter in zip(codes.tolist(), quarters, strict=True):
        key = (code, quarter if code in split else None)
        if key not in numbers:
            numbers[key] = len(result)
            result.append(names[code])
        row_street.append(numbers[key])
    return result, row_street


def _homonyms(table: pd.DataFrame, codes: NDArray[np.intp]) -> set[int]:
    good = (table["location_quality"].astype(str) == GOOD).to_numpy()
    frame = pd.DataFrame(
        {"code": codes[good], "number": table["house_number"].astype(str).to_numpy()[good],
         "x": table["x"].to_numpy()[good], "y": table["y"].to_numpy()[good]}
    )  # fmt: skip
    doubled = frame[frame.duplicated(["code", "number"], keep=False)]
    if doubled.empty:
        return set()
    grouped = doubled.groupby(["code", "number"])[["x", "y"]]
    spread = grouped.max() - grouped.min()
    far = spread[np.hypot(spread["x"].to_numpy(), spread["y"].to_numpy()) > HOMONYM_DISTANCE_M]
    counts = far.groupby(level="code").size()
    return {int(code) for code in counts[counts >= 2].index}


def _normalised_number(text: object) -> str:
    raw = str(text)
    parsed = parse_house_number(raw)
    return raw.strip().lower() if parsed is None else str(parsed)


def _texts(table: pd.DataFrame, name: str) -> list[str | None]:
    if name not in table.columns:
        return [None] * len(table)
    values = table[name].tolist()
    return [str(v) if isinstance(v, str) and v else None for v in values]


def _integers(table: pd.DataFrame, name: str) -> list[int | None]:
    if name not in table.columns:
        return [None] * len(table)
    values = pd.to_numeric(table[name], errors="coerce").fillna(0).astype(int).tolist()
    return [value or None for value in values]


def _flags(table: pd.DataFrame, name: str) -> list[bool]:
    return table[name].astype(bool).tolist() if name in table.columns else [False] * len(table)
